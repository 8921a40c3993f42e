/* iopub.c: publishing (messaging, "Messages on the IOPub channel"; JEP 65, welcome). */
#include "iopub.h"

#include "frames.h"

#include <errno.h>
#include <math.h>
#include <sys/eventfd.h>
#include <zmq.h>

/* GREET_EVERY: messages of an unbroken run after which new subscribers are looked for: each
 * look is a system call. */
enum { TOPIC_MAX = 256, GREET_EVERY = 16 };

static void send(struct jup_iopub *p, const struct jup_outgoing *m) {
    struct err e = {0};
    if (jup_frames_send(&p->wire, p->sockets->socket[JUP_IOPUB], m, &e))
        jup_log(p->log, JUP_LOG_WARN, "iopub: %s: %s", m->type, e.msg);
}

/* m without its topic. */
static void send_as(struct jup_iopub *p, struct jup_outgoing *m, const char *topic,
                    size_t topic_len, const struct jup_origin *origin) {
    struct jup_frame id = {NULL, topic_len};
    char name[TOPIC_MAX];
    memcpy(name, topic, topic_len);
    id.data = name;
    m->id = &id;
    m->n_id = 1;
    if (origin)
        m->parent = (struct jup_span){origin->header, origin->header_len};
    send(p, m);
}

/* The welcome's topic is the subscription, so that it reaches a named subscriber. */
static void welcome(struct jup_iopub *p, const char *topic, size_t len) {
    json_t *content = json_pack("{s:s%}", "subscription", topic, len);
    char *json = content ? json_dumps(content, JSON_COMPACT) : NULL;
    struct jup_outgoing m = {.type = "iopub_welcome",
                             .content = {json, json ? strlen(json) : 0}};
    if (json && len <= TOPIC_MAX)
        send_as(p, &m, topic, len, NULL);
    else
        jup_log(p->log, JUP_LOG_WARN, "iopub: a subscription without a welcome");
    free(json);
    json_decref(content);
}

/* Reads what subscribers asked for. Nothing reaches them before ZMQ_SUBSCRIBE here, so
 * that the first message they see is the welcome. */
static void greet(struct jup_iopub *p) {
    void *socket = p->sockets->socket[JUP_IOPUB];
    for (;;) {
        zmq_msg_t event;
        zmq_msg_init(&event);
        int n = zmq_msg_recv(&event, socket, ZMQ_DONTWAIT);
        if (n < 0) {
            zmq_msg_close(&event);
            return;
        }
        const char *data = zmq_msg_data(&event);
        size_t len = n > 0 ? (size_t)n - 1 : 0;
        if (n > 0 && data[0] == 1 &&
            zmq_setsockopt(socket, ZMQ_SUBSCRIBE, data + 1, len) == 0)
            welcome(p, data + 1, len);
        else if (n > 0 && data[0] == 0)
            zmq_setsockopt(socket, ZMQ_UNSUBSCRIBE, data + 1, len);
        zmq_msg_close(&event);
    }
}

static char *stream_json(const struct jup_pub *item) {
    json_t *o = json_pack("{s:s, s:s%}", "name",
                          item->stream == HOST_STDERR ? "stderr" : "stdout", "text",
                          item->text.data ? item->text.data : "", item->text.len);
    char *json = o ? json_dumps(o, JSON_COMPACT) : NULL;
    json_decref(o);
    return json;
}

static void publish(struct jup_iopub *p, const struct jup_pub *item) {
    if (item->kind == JUP_PUB_STREAM && item->text.len == 0)
        return;
    char topic[TOPIC_MAX];
    if (item->kind == JUP_PUB_STREAM)
        snprintf(topic, sizeof topic, "stream.%s",
                 item->stream == HOST_STDERR ? "stderr" : "stdout");
    else
        snprintf(topic, sizeof topic, "kernel.%s.%s", p->wire.self->session, item->type);
    char *stream = item->kind == JUP_PUB_STREAM ? stream_json(item) : NULL;
    const char *json = stream ? stream : item->literal ? item->literal : item->content;
    struct jup_outgoing m = {.type = item->type,
                             .content = {json, json ? strlen(json) : 0},
                             .buffer = item->buffer,
                             .n_buffers = item->n_buffers};
    if (item->metadata)
        m.metadata = (struct jup_span){item->metadata, strlen(item->metadata)};
    if (json)
        send_as(p, &m, topic, strlen(topic), item->origin);
    else
        jup_log(p->log, JUP_LOG_WARN, "iopub: no memory for %s", item->type);
    free(stream);
}

static void *run(void *arg) {
    struct jup_iopub *p = arg;
    zmq_pollitem_t items[2] = {
        {.socket = p->sockets->socket[JUP_IOPUB], .events = ZMQ_POLLIN},
        {.fd = p->queue->wake_fd, .events = ZMQ_POLLIN}};
    for (unsigned run = 0;;) {
        double wait = -1;
        struct jup_pub *item = jup_pubqueue_take(p->queue, clock_seconds(), &wait);
        if (item) {
            publish(p, item);
            jup_pub_free(item);
            if (++run % GREET_EVERY == 0)
                greet(p);
            continue;
        }
        if (wait == JUP_QUEUE_END)
            break;
        long ms = wait < 0 ? -1 : (long)ceil(wait * 1000);
        if (zmq_poll(items, 2, ms) < 0 && errno != EINTR)
            break;
        if (items[0].revents)
            greet(p);
        eventfd_t count;
        eventfd_read(p->queue->wake_fd, &count);
    }
    jup_socket_close(p->sockets, JUP_IOPUB);
    return NULL;
}

int jup_iopub_start(struct jup_iopub *p, struct err *e) {
    return jup_thread_start(&p->thread, "nabla-iopub", run, p, e);
}
