/* control.c: the control thread. */
#include "control.h"

#include "base/i18n.h"
#include "frames.h"
#include "parent.h"
#include "state.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

enum { AGAIN_MS = 100 }; /* between interrupts of a cell that has to end */

json_t *jup_answer_interrupt(struct jup_kernel *k, struct jup_message *m) {
    (void)m;
    jup_interrupt_now(&k->interrupt);
    return json_pack("{s:s}", "status", "ok");
}

/* A DAP response: no debugger. The front end goes on without. */
static json_t *no_debugger(const struct jup_message *m) {
    const char *command = jup_string(m->content, "command");
    json_t *seq = json_object_get(m->content, "seq");
    return json_pack("{s:s, s:I, s:I, s:b, s:o, s:s}", "type", "response", "seq",
                     json_integer_value(seq), "request_seq", json_integer_value(seq),
                     "success", 0, "command",
                     jup_text(command ? command : "", command ? strlen(command) : 0),
                     "message", _("este núcleo no tiene depurador"));
}

json_t *jup_answer_debug(struct jup_kernel *k, struct jup_message *m) {
    if (!k->interp->debug)
        return no_debugger(m);
    char *request = json_dumps(m->content, JSON_COMPACT);
    char *text =
        request ? k->interp->debug(k->interp->self, request, strlen(request)) : NULL;
    json_t *response = text ? json_loads(text, 0, NULL) : NULL;
    free(text);
    free(request);
    return response;
}

void jup_control_init(struct jup_control *c) {
    pthread_mutex_init(&c->lock, NULL);
    c->parent_fd = -1;
}

void jup_control_release(struct jup_control *c) {
    while (c->done) {
        struct jup_message *m = c->done;
        c->done = m->next;
        jup_message_free(m);
    }
    if (c->parent_fd >= 0)
        close(c->parent_fd);
    pthread_mutex_destroy(&c->lock);
}

void jup_control_done(struct jup_control *c, struct jup_message *m) {
    m->next = NULL;
    pthread_mutex_lock(&c->lock);
    if (c->last_done)
        c->last_done->next = m;
    else
        c->done = m;
    c->last_done = m;
    pthread_mutex_unlock(&c->lock);
    eventfd_write(c->kernel->interrupt.done_fd, 1);
}

static struct jup_message *take_done(struct jup_control *c) {
    pthread_mutex_lock(&c->lock);
    struct jup_message *m = c->done;
    if (m) {
        c->done = m->next;
        if (!c->done)
            c->last_done = NULL;
    }
    pthread_mutex_unlock(&c->lock);
    return m;
}

static void send_done(struct jup_control *c) {
    struct jup_message *m;
    while ((m = take_done(c))) {
        jup_send_here(c->kernel, m, &c->wire, JUP_CONTROL);
        jup_pubqueue_status(&c->kernel->pub, m->origin, &m->origin->idle);
        jup_message_free(m);
    }
}

static void serve(struct jup_control *c) {
    struct jup_kernel *k = c->kernel;
    void *socket = k->sockets.socket[JUP_CONTROL];
    for (;;) {
        struct jup_frames f;
        struct jup_message *m = NULL;
        struct err e = {0};
        int got = jup_frames_receive(socket, &f, &e);
        if (got == 0 || got == ERR_STATE || got == ERR_IO)
            return;
        int rc = got < 0 ? got : jup_wire_decode(&c->wire, &f, &m, &e);
        jup_frames_release(&f);
        if (rc) {
            jup_log(&k->log, JUP_LOG_WARN, "control: dropped: %s", e.msg);
            continue;
        }
        jup_log(&k->log, JUP_LOG_DEBUG, "control: %s", m->type);
        if (strcmp(m->type, "debug_request") == 0) {
            jup_router_post(&k->router, m);
            continue;
        }
        if (!jup_answer_shutdown(k, m, &c->wire, JUP_CONTROL))
            jup_serve_control(k, m, &c->wire);
        jup_message_free(m);
    }
}

/* The end was asked for and the cell still runs. */
static void hurry(struct jup_kernel *k, double *asked) {
    double now = clock_seconds();
    if (*asked < 0)
        *asked = now;
    jup_interrupt_now(&k->interrupt);
    if (now - *asked < JUP_CLOSE_SECONDS)
        return;
    jup_log(&k->log, JUP_LOG_WARN, "the cell does not stop: leaving without it");
    if (jup_kernel_close(k, true))
        _exit(0);
}

/* The thread that runs cells is held by a fatal signal (crash.h). */
static void end_by_crash(struct jup_control *c) {
    struct jup_kernel *k = c->kernel;
    jup_log(&k->log, JUP_LOG_WARN, "fatal signal %d", atomic_load(&k->crash.number));
    jup_crash_answer(k);
    send_done(c);
    jup_kernel_close(k, true);
    jup_crash_die(&k->crash);
}

static void *run(void *arg) {
    struct jup_control *c = arg;
    struct jup_kernel *k = c->kernel;
    zmq_pollitem_t items[5] = {
        {.socket = k->sockets.socket[JUP_CONTROL], .events = ZMQ_POLLIN},
        {.fd = k->interrupt.term_fd, .events = ZMQ_POLLIN},
        {.fd = k->interrupt.done_fd, .events = ZMQ_POLLIN},
        {.fd = k->crash.fd, .events = ZMQ_POLLIN},
        {.fd = c->parent_fd, .events = ZMQ_POLLIN}};
    double asked = -1;
    while (!atomic_load(&c->stopped)) {
        bool closing = atomic_load(&k->closing);
        int n = c->parent_fd >= 0 && !closing ? 5 : 4;
        if (zmq_poll(items, n, closing ? AGAIN_MS : -1) < 0 && errno != EINTR)
            break;
        eventfd_t count;
        bool term = eventfd_read(k->interrupt.term_fd, &count) == 0;
        if (eventfd_read(k->crash.fd, &count) == 0)
            end_by_crash(c);
        if (atomic_load(&c->stopped))
            break;
        if (!closing && (term || (n == 5 && items[4].revents)))
            jup_kernel_shutdown(k);
        eventfd_read(k->interrupt.done_fd, &count);
        send_done(c);
        serve(c);
        if (atomic_load(&k->closing))
            hurry(k, &asked);
    }
    jup_socket_close(&k->sockets, JUP_CONTROL);
    return NULL;
}

int jup_control_start(struct jup_control *c, struct err *e) {
    c->parent_fd = jup_parent_open(&c->kernel->log);
    return jup_thread_start(&c->thread, "nabla-control", run, c, e);
}
