/* report_run.c: a program started with posix_spawn in a process group of its own, so that
 * an interrupted cell ends all of it. */
#include "report_run.h"

#include "base/i18n.h"
#include "base/oserr.h"
#include "base/util.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { EXTRA = 3, TEXT_KEPT = 1 << 20 };

/* This process's environment with TEXINPUTS and a log whose lines TeX does not fold. The
 * array is yours to free; its strings live as long as extra. */
static char **environment(const char *tex_folder, char extra[PATH_MAX + 32]) {
    static char lines[] = "max_print_line=1000";
    size_t n = 0;
    while (environ[n])
        n++;
    char **env = malloc((n + EXTRA) * sizeof *env);
    if (!env)
        return NULL;
    size_t k = 0;
    env[k++] = lines;
    if (tex_folder) {
        (void)snprintf(extra, PATH_MAX + 32, "TEXINPUTS=.:%s:", tex_folder);
        env[k++] = extra;
    }
    for (size_t i = 0; i < n; i++)
        if (!tex_folder || strncmp(environ[i], "TEXINPUTS=", 10) != 0)
            env[k++] = environ[i];
    env[k] = NULL;
    return env;
}

static int spawn(const struct cmd_run *r, int out, pid_t *pid) {
    char extra[PATH_MAX + 32];
    char **env = environment(r->tex_folder, extra);
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none;
    if (!env)
        return ENOMEM;
    (void)sigemptyset(&none);
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawnattr_init(&how);
    (void)posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    (void)posix_spawnattr_setsigmask(&how, &none);
    (void)posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&files, out, 1);
    (void)posix_spawn_file_actions_adddup2(&files, out, 2);
    int rc = 0;
    if (r->folder)
        rc = posix_spawn_file_actions_addchdir_np(&files, r->folder);
    /* POSIX: the strings of argv are not changed */
    union {
        const char *const *constant;
        char *const *plain;
    } argv = {.constant = r->argv};
    if (rc == 0)
        rc = posix_spawnp(pid, r->argv[0], &files, &how, argv.plain, env);
    (void)posix_spawnattr_destroy(&how);
    (void)posix_spawn_file_actions_destroy(&files);
    free(env);
    return rc;
}

/* Reads until the program closes its end. */
static int read_all(const struct cmd_run *r, int fd, struct buf *out, struct err *e) {
    char part[4096];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    for (;;) {
        if (r->stop && r->stop(r->arg))
            return err_set(e, ERR_INTERRUPT, _("%s: interrumpido"), r->argv[0]);
        if (poll(&p, 1, 100) <= 0)
            continue;
        ssize_t n = read(fd, part, sizeof part);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return ERR_OK;
        if (out->len + (size_t)n > TEXT_KEPT)
            buf_clear(out);
        buf_add(out, part, (size_t)n);
    }
}

static int wait_for(pid_t pid) {
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int cmd_run(const struct cmd_run *r, struct buf *out, int *status, struct err *e) {
    int ends[2];
    pid_t pid;
    *status = 127;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_set(e, ERR_IO, "%s: %s", r->argv[0], os_reason(errno));
    int reason = spawn(r, ends[1], &pid);
    (void)close(ends[1]);
    if (reason != 0) {
        (void)close(ends[0]);
        return err_set(e, reason == ENOENT ? ERR_NOTFOUND : ERR_IO,
                       _("no se puede ejecutar %s: %s"), r->argv[0], os_reason(reason));
    }
    int rc = read_all(r, ends[0], out, e);
    if (rc < 0)
        (void)kill(-pid, SIGKILL);
    (void)close(ends[0]);
    *status = wait_for(pid);
    if (rc == ERR_OK && out->failed)
        rc = err_set(e, ERR_NOMEM, _("no hay memoria para lo que dice %s"), r->argv[0]);
    return rc;
}

bool cmd_run_has(const char *program) {
    const char *at = getenv("PATH");
    char path[PATH_MAX];
    while (at && *at) {
        int n = (int)strcspn(at, ":");
        (void)snprintf(path, sizeof path, "%.*s/%s", n, at, program);
        if (n > 0 && access(path, X_OK) == 0)
            return true;
        at += n + (at[n] == ':');
    }
    return false;
}
