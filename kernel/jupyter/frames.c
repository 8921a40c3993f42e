/* frames.c: multi-part receive with ceilings, multi-part send. */
#include "frames.h"

#include "base/i18n.h"
#include "base/util.h"

#include <errno.h>
#include <zmq.h>

static int receive_failed(struct err *e) {
    if (errno == EAGAIN)
        return 0;
    if (errno == ETERM)
        return err_set(e, ERR_STATE, _("el núcleo se está cerrando"));
    return err_set(e, ERR_IO, _("no se pudo recibir: %s"), zmq_strerror(errno));
}

/* Appends a copy of the part. */
static int keep(struct jup_frames *f, size_t *cap, zmq_msg_t *part, struct err *e) {
    size_t len = zmq_msg_size(part);
    if (f->n >= JUP_FRAMES_MAX)
        return err_set(e, ERR_FORMAT, _("mensaje de más de %d tramas"), JUP_FRAMES_MAX);
    if (len > JUP_MESSAGE_MAX - f->bytes)
        return err_set(e, ERR_FORMAT, _("mensaje de más de %d bytes"), JUP_MESSAGE_MAX);
    if (f->n == *cap) {
        size_t more = *cap ? 2 * *cap : 8; /* <= 2 * JUP_FRAMES_MAX */
        struct jup_frame *grown = realloc(f->frame, more * sizeof *grown);
        if (!grown)
            return err_set(e, ERR_NOMEM, _("no queda memoria para un mensaje"));
        f->frame = grown;
        *cap = more;
    }
    char *data = copy_bytes(zmq_msg_data(part), len);
    if (!data)
        return err_set(e, ERR_NOMEM, _("no queda memoria para %zu bytes"), len);
    f->frame[f->n++] = (struct jup_frame){data, len};
    f->bytes += len;
    return 0;
}

int jup_frames_receive(void *socket, struct jup_frames *out, struct err *e) {
    *out = (struct jup_frames){0};
    size_t cap = 0;
    int rc = 0;
    bool more = true, first = true;
    while (more) {
        zmq_msg_t part;
        zmq_msg_init(&part);
        int got;
        do
            got = zmq_msg_recv(&part, socket, ZMQ_DONTWAIT);
        while (got < 0 && errno == EINTR);
        if (got < 0) {
            rc = receive_failed(e);
            zmq_msg_close(&part);
            break;
        }
        more = zmq_msg_more(&part) != 0;
        if (rc == 0) /* a message that is refused is read to its end */
            rc = keep(out, &cap, &part, e);
        zmq_msg_close(&part);
        first = false;
    }
    if (rc || first)
        jup_frames_release(out);
    return rc ? rc : !first;
}

static int send_part(void *socket, const void *data, size_t len, int flags,
                     struct err *e) {
    int rc;
    do
        rc = zmq_send(socket, data, len, flags | ZMQ_DONTWAIT);
    while (rc < 0 && errno == EINTR);
    if (rc >= 0)
        return 0;
    return err_set(e, ERR_IO, _("no se pudo enviar: %s"), zmq_strerror(errno));
}

int jup_frames_send_encoded(void *socket, const struct jup_outgoing *m,
                            const struct jup_encoded *x, struct err *e) {
    int rc = 0;
    for (size_t i = 0; i < m->n_id && !rc; i++)
        rc = send_part(socket, m->id[i].data, m->id[i].len, ZMQ_SNDMORE, e);
    if (!rc)
        rc = send_part(socket, JUP_DELIMITER, sizeof JUP_DELIMITER, ZMQ_SNDMORE, e);
    if (!rc)
        rc = send_part(socket, x->signature, strlen(x->signature), ZMQ_SNDMORE, e);
    for (int i = 0; i < JUP_SIGNED_PARTS && !rc; i++)
        rc = send_part(socket, x->part[i].data, x->part[i].len,
                       i + 1 < JUP_SIGNED_PARTS || m->n_buffers ? ZMQ_SNDMORE : 0, e);
    for (size_t i = 0; i < m->n_buffers && !rc; i++)
        rc = send_part(socket, m->buffer[i].data, m->buffer[i].len,
                       i + 1 < m->n_buffers ? ZMQ_SNDMORE : 0, e);
    return rc;
}

int jup_frames_send(struct jup_wire *w, void *socket, const struct jup_outgoing *m,
                    struct err *e) {
    struct jup_encoded x;
    int rc = jup_wire_encode(w, m, &x, e);
    return rc ? rc : jup_frames_send_encoded(socket, m, &x, e);
}
