/* graph_dot.c: places from Graphviz: the graph goes to `dot -Tplain` through a pipe, its
 * plain text comes back (the format of "plain" in dot's manual: inches, y upwards). */
#include "graph_layout.h"

#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define PER_INCH 72.0
#define TIME_MAX 3.0 /* seconds */

enum { ANSWER_MAX = 1 << 20 };

extern char **environ;

static void write_graph(struct buf *b, const struct graph_layout *l,
                        const struct viz_graph *g) {
    buf_puts(b, "digraph { rankdir=LR; nodesep=0.16; ranksep=0.36; node [shape=box, "
                "fixedsize=true, label=\"\"]; edge [dir=none];\n");
    for (size_t i = 0; i < g->n; i++)
        buf_printf(b, "n%zu [width=%.3f, height=%.3f];\n", i, l->box[i].w / PER_INCH,
                   l->box[i].h / PER_INCH);
    for (size_t i = 0; i < g->n_edges; i++)
        buf_printf(b, "n%zu:e -> n%zu:w;\n", g->edges[i].from, g->edges[i].to);
    buf_puts(b, "}\n");
}

static bool start_dot(pid_t *pid, int *to, int *from) {
    int in[2], out[2];
    char name[] = "dot", format[] = "-Tplain", *argv[] = {name, format, NULL};
    if (pipe2(in, O_CLOEXEC) < 0)
        return false;
    if (pipe2(out, O_CLOEXEC) < 0) {
        close(in[0]);
        close(in[1]);
        return false;
    }
    posix_spawn_file_actions_t a;
    int rc = posix_spawn_file_actions_init(&a);
    if (rc == 0) {
        (void)posix_spawn_file_actions_adddup2(&a, in[0], 0);
        (void)posix_spawn_file_actions_adddup2(&a, out[1], 1);
        (void)posix_spawn_file_actions_addopen(&a, 2, "/dev/null", O_WRONLY, 0);
        rc = posix_spawnp(pid, "dot", &a, NULL, argv, environ);
        posix_spawn_file_actions_destroy(&a);
    }
    close(in[0]);
    close(out[1]);
    *to = in[1];
    *from = out[0];
    if (rc == 0)
        return true;
    close(*to);
    close(*from);
    return false;
}

/* The kernel ignores SIGPIPE; a script may not: a dot that ended early is no reason to. */
static bool send_all(int fd, const char *s, size_t n) {
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    (void)sigaction(SIGPIPE, &ignore, &before);
    while (n > 0) {
        ssize_t k = write(fd, s, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            break;
        s += k;
        n -= (size_t)k;
    }
    (void)sigaction(SIGPIPE, &before, NULL);
    return n == 0;
}

static bool receive(int fd, struct buf *b, double until) {
    char part[4096];
    for (;;) {
        double left = until - clock_seconds();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int k = left > 0 ? poll(&p, 1, (int)(left * 1000) + 1) : 0;
        if (k < 0 && errno == EINTR)
            continue;
        ssize_t n = k > 0 ? read(fd, part, sizeof part) : -1;
        if (n == 0)
            return !b->failed;
        if (n < 0)
            return false;
        buf_add(b, part, (size_t)n);
    }
}

static bool ask_dot(struct buf *answer, const struct buf *graph) {
    pid_t pid;
    int to, from, status;
    if (!start_dot(&pid, &to, &from))
        return false;
    bool ok = send_all(to, graph->data, graph->len);
    close(to);
    ok = ok && receive(from, answer, clock_seconds() + TIME_MAX);
    close(from);
    if (!ok)
        (void)kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return ok && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* ------------------------------------------------------------------- reading */

static bool next_number(char **p, double *v) {
    char *end;
    *v = strtod(*p, &end);
    bool ok = end != *p;
    *p = end;
    return ok && *v > -1e6 && *v < 1e6;
}

static bool next_node(char **p, const struct viz_graph *g, size_t *i) {
    while (**p == ' ')
        ++*p;
    if (**p != 'n')
        return false;
    char *end;
    unsigned long v = strtoul(*p + 1, &end, 10);
    *i = v;
    *p = end;
    return v < g->n;
}

static bool read_edge(char *p, struct graph_layout *l, const struct viz_graph *g,
                      double height) {
    size_t from, to, e = 0;
    double count;
    if (!next_node(&p, g, &from) || !next_node(&p, g, &to) || !next_number(&p, &count) ||
        count < 4 || count > 1000)
        return false;
    while (e < g->n_edges &&
           (g->edges[e].from != from || g->edges[e].to != to || l->path[e].p))
        e++;
    if (e == g->n_edges ||
        !(l->path[e].p = calloc((size_t)count, sizeof(struct graph_point))))
        return false;
    for (; l->path[e].n < (size_t)count; l->path[e].n++) {
        double x, y;
        if (!next_number(&p, &x) || !next_number(&p, &y))
            return false;
        l->path[e].p[l->path[e].n] =
            (struct graph_point){x * PER_INCH, (height - y) * PER_INCH};
    }
    return true;
}

static bool read_node(char *p, struct graph_layout *l, const struct viz_graph *g,
                      double height, size_t *seen) {
    size_t i;
    double x, y;
    if (!next_node(&p, g, &i) || !next_number(&p, &x) || !next_number(&p, &y))
        return false;
    l->box[i].x = x * PER_INCH - l->box[i].w / 2;
    l->box[i].y = (height - y) * PER_INCH - l->box[i].h / 2;
    ++*seen;
    return true;
}

static bool read_answer(char *s, struct graph_layout *l, const struct viz_graph *g) {
    double scale = 1, w = 0, h = 0;
    size_t nodes = 0, edges = 0;
    bool ok = true;
    for (char *line = s, *next; ok && line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        char *p = strchr(line, ' ');
        if (p && strncmp(line, "graph ", 6) == 0)
            ok = next_number(&p, &scale) && next_number(&p, &w) && next_number(&p, &h);
        else if (p && strncmp(line, "node ", 5) == 0)
            ok = read_node(p, l, g, h, &nodes);
        else if (p && strncmp(line, "edge ", 5) == 0)
            ok = read_edge(p, l, g, h) && ++edges;
    }
    l->width = w * PER_INCH;
    l->height = h * PER_INCH;
    return ok && nodes == g->n && edges == g->n_edges;
}

bool graph_layout_dot(struct graph_layout *l, const struct viz_graph *g) {
    struct buf graph, answer;
    buf_init(&graph, ANSWER_MAX);
    buf_init(&answer, ANSWER_MAX);
    write_graph(&graph, l, g);
    bool ok = !graph.failed && ask_dot(&answer, &graph) && answer.data &&
              read_answer(answer.data, l, g);
    for (size_t i = 0; !ok && i < g->n_edges; i++) {
        free(l->path[i].p);
        l->path[i] = (struct graph_path){0};
    }
    buf_release(&graph);
    buf_release(&answer);
    return ok;
}
