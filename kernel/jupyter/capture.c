/* capture.c: descriptors 1 and 2 through pipes. */
#include "capture.h"

#include "base/i18n.h"
#include "base/oserr.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void close_fd(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void jup_capture_init(struct jup_capture *c) {
    *c = (struct jup_capture){.real = {-1, -1}, .pipe = {-1, -1}, .stop_fd = -1};
    pthread_mutex_init(&c->lock, NULL);
}

/* A reader that went away or does not read must not hold up the kernel. */
static void echo(int fd, const char *text, size_t n) {
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    if (fd < 0 || poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT))
        return;
    ssize_t unused = write(fd, text, MIN_OF(n, (size_t)PIPE_BUF));
    (void)unused;
}

static void drain(struct jup_capture *c) {
    pthread_mutex_lock(&c->lock);
    for (int i = 0; i < 2; i++) {
        char part[PIPE_BUF];
        ssize_t n;
        while ((n = read(c->pipe[i], part, sizeof part)) > 0) {
            struct jup_origin *o = jup_origins_find(c->origins, ORIGIN_CURRENT);
            jup_pubqueue_stream(c->pub, o, i == 0 ? HOST_STDOUT : HOST_STDERR, part,
                                (size_t)n);
            jup_origin_unref(o);
            echo(c->real[i], part, (size_t)n);
        }
    }
    pthread_mutex_unlock(&c->lock);
}

void jup_capture_drain(struct jup_capture *c) {
    if (!c->running)
        return;
    (void)fflush(NULL);
    drain(c);
}

void jup_capture_pipes(struct jup_capture *c) {
    if (c->running)
        drain(c);
}

static void *run(void *arg) {
    struct jup_capture *c = arg;
    struct pollfd p[3] = {{.fd = c->pipe[0], .events = POLLIN},
                          {.fd = c->pipe[1], .events = POLLIN},
                          {.fd = c->stop_fd, .events = POLLIN}};
    for (;;) {
        if (poll(p, 3, -1) < 0 && errno != EINTR)
            break;
        if (p[2].revents)
            break;
        if (p[0].revents || p[1].revents)
            drain(c);
    }
    return NULL;
}

/* Descriptor number becomes a pipe; the former one is kept. */
static bool redirect(struct jup_capture *c, int i, int number) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    c->pipe[i] = ends[0];
    c->real[i] = fcntl(number, F_DUPFD_CLOEXEC, 3);
    bool ok = fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 && dup2(ends[1], number) >= 0;
    close(ends[1]);
    return ok;
}

static void restore(struct jup_capture *c) {
    for (int i = 0; i < 2; i++) {
        if (c->real[i] >= 0)
            (void)dup2(c->real[i], i + 1);
        close_fd(&c->real[i]);
        close_fd(&c->pipe[i]);
    }
    close_fd(&c->stop_fd);
}

int jup_capture_start(struct jup_capture *c, struct err *e) {
    (void)fflush(NULL);
    c->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int rc = 0;
    if (c->stop_fd < 0 || !redirect(c, 0, STDOUT_FILENO) ||
        !redirect(c, 1, STDERR_FILENO))
        rc = err_set(e, ERR_IO, _("no se pudo recoger la salida del proceso: %s"),
                     os_reason(errno));
    if (!rc)
        rc = jup_thread_start(&c->thread, "nabla-capture", run, c, e);
    if (rc)
        restore(c);
    else
        c->running = true;
    return rc;
}

void jup_capture_stop(struct jup_capture *c) {
    if (!c->running)
        return;
    jup_capture_drain(c);
    c->running = false;
    eventfd_write(c->stop_fd, 1);
    jup_thread_join(&c->thread);
    restore(c);
}

void jup_capture_release(struct jup_capture *c) {
    jup_capture_stop(c);
    pthread_mutex_destroy(&c->lock);
}
