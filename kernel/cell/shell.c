/* shell.c: os.execute as a cell needs it: what the command writes appears in the cell while it
 * runs, and an interrupt ends the command and whatever it started.
 *
 * The command leads its own process group, so that one kill reaches all of it. A script of
 * `nabla run` keeps its terminal: there the command inherits streams and group. */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    WAIT_MS = 20,  /* between two looks at the command when it is silent */
    GRACE_MS = 300 /* from SIGINT to SIGKILL */
};

extern char **environ;

struct shell {
    pid_t pid;
    bool grouped;         /* leads its own process group */
    struct pollfd out[2]; /* the reading ends of its stdout and stderr; fd -1: none */
    int status;           /* of waitpid, once it has ended */
};

static void close_pipe(int fd[2]) {
    for (int i = 0; i < 2; i++)
        if (fd[i] >= 0)
            close(fd[i]);
}

/* The signals that the kernel handles or ignores mean the usual again. */
static int set_attributes(posix_spawnattr_t *attr, bool grouped) {
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGINT);
    sigaddset(&usual, SIGTERM);
    sigaddset(&usual, SIGPIPE);
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    int rc = posix_spawnattr_setsigmask(attr, &none);
    if (rc == 0)
        rc = posix_spawnattr_setsigdefault(attr, &usual);
    if (rc == 0 && grouped) {
        flags |= POSIX_SPAWN_SETPGROUP;
        rc = posix_spawnattr_setpgroup(attr, 0);
    }
    return rc ? rc : posix_spawnattr_setflags(attr, (short)flags);
}

/* Starts /bin/sh -c command; 0 or an errno. */
static int spawn(struct shell *s, const char *command, int out[2], int err[2]) {
    char *const argv[] = {(char[]){"sh"}, (char[]){"-c"}, copy_text(command), NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    if (!argv[2])
        return ENOMEM;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attr);
    int rc = set_attributes(&attr, s->grouped);
    if (rc == 0 && s->grouped)
        rc = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    if (rc == 0 && s->grouped)
        rc = posix_spawn_file_actions_adddup2(&files, out[1], 1);
    if (rc == 0 && s->grouped)
        rc = posix_spawn_file_actions_adddup2(&files, err[1], 2);
    if (rc == 0)
        rc = posix_spawn(&s->pid, "/bin/sh", &files, &attr, argv, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    free(argv[2]);
    return rc;
}

static int start(struct shell *s, const char *command, bool grouped) {
    int out[2] = {-1, -1}, err[2] = {-1, -1};
    *s = (struct shell){.grouped = grouped, .out = {{.fd = -1}, {.fd = -1}}};
    if (grouped && (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)) {
        int rc = errno;
        close_pipe(out);
        return rc;
    }
    int rc = spawn(s, command, out, err);
    if (rc == 0 && grouped) {
        s->out[0] = (struct pollfd){.fd = out[0], .events = POLLIN};
        s->out[1] = (struct pollfd){.fd = err[0], .events = POLLIN};
        (void)fcntl(out[0], F_SETFL, O_NONBLOCK);
        (void)fcntl(err[0], F_SETFL, O_NONBLOCK);
        out[0] = err[0] = -1;
    }
    close_pipe(out);
    close_pipe(err);
    return rc;
}

/* Passes on what the command has written; a stream at its end is closed. */
static void forward(lua_State *L, struct shell *s) {
    static const enum host_stream to[] = {HOST_STDOUT, HOST_STDERR};
    const struct host *h = cell_host(L);
    for (int i = 0; i < 2; i++) {
        char part[8192];
        ssize_t n = 0;
        if (s->out[i].fd < 0)
            continue;
        while ((n = read(s->out[i].fd, part, sizeof part)) > 0) {
            h->stream(h->self, ORIGIN_CURRENT, to[i], part, (size_t)n);
            if (cell_stop_poll(cell_stop_of(L)) == CELL_UNWIND)
                return;
        }
        if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            close(s->out[i].fd);
            s->out[i].fd = -1;
        }
    }
}

static bool ended(struct shell *s) {
    return waitpid(s->pid, &s->status, WNOHANG) != 0;
}

/* SIGINT, as the keyboard sends it; who ignores it is killed. */
static void end(struct shell *s) {
    pid_t whom = s->grouped ? -s->pid : s->pid;
    (void)kill(whom, SIGINT);
    for (int waited = 0; waited < GRACE_MS; waited += WAIT_MS) {
        if (ended(s))
            return;
        (void)poll(NULL, 0, WAIT_MS);
    }
    (void)kill(whom, SIGKILL);
    while (waitpid(s->pid, &s->status, 0) < 0 && errno == EINTR) {
    }
}

/* False when an interrupt ended it. */
static bool run(lua_State *L, struct shell *s) {
    int pause =
        1; /* ms; a command that writes nothing is looked at less and less often */
    for (;;) {
        (void)poll(s->out, 2, pause);
        forward(L, s);
        cell_stop_visit(L);
        if (cell_stop_poll(cell_stop_of(L)) == CELL_UNWIND) {
            end(s);
            return false;
        }
        if (ended(s)) {
            forward(L, s);
            return true;
        }
        pause = MIN_OF(2 * pause, (int)WAIT_MS);
    }
}

static int push_status(lua_State *L, int status) {
    bool by_signal = WIFSIGNALED(status);
    int code = by_signal ? WTERMSIG(status) : WEXITSTATUS(status);
    if (!by_signal && code == 0)
        lua_pushboolean(L, 1);
    else
        luaL_pushfail(L);
    lua_pushstring(L, by_signal ? "signal" : "exit");
    lua_pushinteger(L, code);
    return 3;
}

static int l_execute(lua_State *L) {
    const char *command = luaL_optstring(L, 1, NULL);
    struct shell s;
    if (!command) {
        lua_pushboolean(L, access("/bin/sh", X_OK) == 0);
        return 1;
    }
    int rc = start(&s, command, !cell_of(L)->cfg.script);
    if (rc)
        return luaL_fileresult(L, (errno = rc, 0), NULL);
    bool whole = run(L, &s);
    for (int i = 0; i < 2; i++)
        if (s.out[i].fd >= 0)
            close(s.out[i].fd);
    if (!whole)
        return cell_raise_interrupt(L);
    return push_status(L, s.status);
}

void cell_shell_open(lua_State *L) {
    lua_getglobal(L, "os");
    lua_pushcfunction(L, l_execute);
    lua_setfield(L, -2, "execute");
    lua_pop(L, 1);
}
