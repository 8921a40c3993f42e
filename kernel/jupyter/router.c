/* router.c: the router's thread: receive, route, send. */
#include "router.h"

#include "frames.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <zmq.h>

/* One message of a socket: 1, 0 when there is none; what is bad is logged and 0 < rc. */
static int receive(struct jup_router *r, enum jup_socket which, struct jup_message **m) {
    struct jup_frames f;
    struct err e = {0};
    *m = NULL;
    int got = jup_frames_receive(r->sockets->socket[which], &f, &e);
    if (got == 0 || got == ERR_STATE || got == ERR_IO)
        return 0;
    int rc = got < 0 ? got : jup_wire_decode(&r->wire, &f, m, &e);
    jup_frames_release(&f);
    if (rc)
        jup_log(r->log, JUP_LOG_WARN, "%s: dropped: %s",
                which == JUP_SHELL ? "shell" : "stdin", e.msg);
    return 1;
}

/* With the lock held; true when the running cell has to be told. */
static bool append(struct jup_router *r, struct jup_message *m) {
    m->aborted = r->closed && strcmp(m->type, "execute_request") == 0;
    if (r->last)
        r->last->next = m;
    else
        r->first = m;
    r->last = m;
    r->full = ++r->waiting >= JUP_ROUTER_WAITING;
    pthread_cond_signal(&r->ready);
    return r->attend && r->shells.depth > 0 && jup_shells_free(&r->shells, m->shell);
}

static void add_request(struct jup_router *r, struct jup_message *m) {
    jup_log(r->log, JUP_LOG_DEBUG, "shell: %s", m->type);
    if (r->urgent(r->urgent_self, m)) {
        jup_message_free(m);
        return;
    }
    pthread_mutex_lock(&r->lock);
    m->shell = jup_shells_find(&r->shells, jup_string(m->header, "subshell_id"));
    bool visitor = append(r, m);
    pthread_mutex_unlock(&r->lock);
    if (visitor)
        r->attend(r->attend_self);
}

void jup_router_post(struct jup_router *r, struct jup_message *m) {
    pthread_mutex_lock(&r->lock);
    m->shell = JUP_SHELL_DEBUG;
    bool visitor = append(r, m);
    pthread_mutex_unlock(&r->lock);
    if (visitor)
        r->attend(r->attend_self);
}

static bool is_full(struct jup_router *r) {
    pthread_mutex_lock(&r->lock);
    bool full = r->full;
    pthread_mutex_unlock(&r->lock);
    return full;
}

static void receive_shell(struct jup_router *r, int at_most) {
    struct jup_message *m;
    for (int i = 0; i < at_most && !is_full(r) && receive(r, JUP_SHELL, &m); i++)
        if (m)
            add_request(r, m);
}

/* Is it the answer to what was asked, from the one who was asked? Front ends that name
 * the question they answer must name this one. */
static bool answers(const struct jup_ask *ask, const struct jup_message *m) {
    const struct jup_origin *to = ask->origin, *from = m->origin;
    const char *parent = jup_string(m->parent, "msg_id");
    const char *type = jup_string(m->parent, "msg_type");
    if (ask->state != JUP_ASK_SENT || strcmp(m->type, "input_reply") != 0)
        return false;
    if (to->n_id == 0 || from->n_id == 0 || to->id[0].len != from->id[0].len ||
        memcmp(to->id[0].data, from->id[0].data, to->id[0].len) != 0)
        return false;
    return !parent || !type || strcmp(type, "input_request") != 0 ||
           strcmp(parent, ask->msg_id) == 0;
}

static void receive_stdin(struct jup_router *r) {
    struct jup_message *m;
    while (receive(r, JUP_STDIN, &m)) {
        if (!m)
            continue;
        pthread_mutex_lock(&r->lock);
        const json_t *value = json_object_get(m->content, "value");
        if (answers(&r->ask, m)) {
            r->ask.len = json_string_length(value);
            r->ask.answer = copy_bytes(
                json_is_string(value) ? json_string_value(value) : "", r->ask.len);
            r->ask.state = JUP_ASK_ANSWERED;
            eventfd_write(r->interrupt->wake_fd, 1);
        }
        pthread_mutex_unlock(&r->lock);
        jup_message_free(m);
    }
}

static void abort_received(struct jup_router *r, int shell) {
    receive_shell(r, JUP_ROUTER_WAITING);
    pthread_mutex_lock(&r->lock);
    for (struct jup_message *m = r->first; m; m = m->next)
        if (m->shell == shell && strcmp(m->type, "execute_request") == 0)
            m->aborted = true;
    pthread_mutex_unlock(&r->lock);
}

static struct jup_outgoing outgoing(const struct jup_send *s) {
    const char *content = s->literal ? s->literal : s->content;
    struct jup_outgoing m = {.type = s->type,
                             .id = s->origin->id,
                             .n_id = s->origin->n_id,
                             .parent = {s->origin->header, s->origin->header_len}};
    m.content = (struct jup_span){content, content ? strlen(content) : 0};
    if (s->metadata)
        m.metadata = (struct jup_span){s->metadata, strlen(s->metadata)};
    return m;
}

static void send_question(struct jup_router *r, const struct jup_send *s) {
    struct jup_outgoing m = outgoing(s);
    struct jup_encoded x;
    struct err e = {0};
    receive_stdin(r); /* an answer that is there already is to an older question */
    pthread_mutex_lock(&r->lock);
    bool wanted = r->ask.state == JUP_ASK_QUEUED;
    if (wanted && jup_wire_encode(&r->wire, &m, &x, &e) == 0) {
        memcpy(r->ask.msg_id, x.msg_id, sizeof r->ask.msg_id);
        r->ask.state = JUP_ASK_SENT;
    } else {
        wanted = false;
    }
    pthread_mutex_unlock(&r->lock);
    if (wanted)
        jup_frames_send_encoded(r->sockets->socket[JUP_STDIN], &m, &x, &e);
    if (e.code)
        jup_log(r->log, JUP_LOG_WARN, "stdin: %s", e.msg);
}

static void send_one(struct jup_router *r, struct jup_send *s) {
    struct err e = {0};
    if (s->abort)
        abort_received(r, s->shell);
    if (s->question) {
        send_question(r, s);
    } else if (s->type) {
        struct jup_outgoing m = outgoing(s);
        if (jup_frames_send(&r->wire, r->sockets->socket[JUP_SHELL], &m, &e))
            jup_log(r->log, JUP_LOG_WARN, "shell: %s: %s", s->type, e.msg);
    }
    if (s->idle)
        jup_pubqueue_status(r->pub, s->origin, &s->origin->idle);
    jup_send_free(s);
}

static void send_all(struct jup_router *r) {
    pthread_mutex_lock(&r->lock);
    while (r->out) {
        struct jup_send *s = r->out;
        r->out = s->next;
        if (!r->out)
            r->out_last = NULL;
        pthread_mutex_unlock(&r->lock);
        send_one(r, s);
        pthread_mutex_lock(&r->lock);
        r->unsent--;
        pthread_cond_signal(&r->ready);
    }
    pthread_mutex_unlock(&r->lock);
}

static void *run(void *arg) {
    struct jup_router *r = arg;
    void *shell = r->sockets->socket[JUP_SHELL], *in = r->sockets->socket[JUP_STDIN];
    bool stopped = false;
    while (!stopped) {
        zmq_pollitem_t items[3] = {{.fd = r->wake_fd, .events = ZMQ_POLLIN},
                                   {.socket = in, .events = ZMQ_POLLIN},
                                   {.socket = shell, .events = ZMQ_POLLIN}};
        if (zmq_poll(items, is_full(r) ? 2 : 3, -1) < 0 && errno != EINTR)
            break;
        eventfd_t count;
        eventfd_read(r->wake_fd, &count);
        if (items[2].revents) /* and look at what is to be sent before reading on */
            receive_shell(r, 64);
        if (items[1].revents)
            receive_stdin(r);
        send_all(r);
        pthread_mutex_lock(&r->lock);
        stopped = r->stopped && !r->out;
        pthread_mutex_unlock(&r->lock);
    }
    jup_socket_close(r->sockets, JUP_SHELL);
    jup_socket_close(r->sockets, JUP_STDIN);
    return NULL;
}

int jup_router_start(struct jup_router *r, struct err *e) {
    return jup_thread_start(&r->thread, "nabla-router", run, r, e);
}
