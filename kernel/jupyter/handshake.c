/* handshake.c: the ports to the launcher, its acknowledgement back. */
#include "handshake.h"

#include "frames.h"

#include "base/i18n.h"
#include "base/util.h"

#include <errno.h>
#include <zmq.h>

/* The signer takes the frames of a whole message one after the other: a content alone
 * signs like one with three empty ones behind it. */
static void parts_of(struct jup_span *part, const char *content, size_t len) {
    part[0] = (struct jup_span){content, len};
    for (int i = 1; i < JUP_SIGNED_PARTS; i++)
        part[i] = (struct jup_span){"", 0};
}

/* Ports are texts here. */
static char *ports_json(const struct jup_connection *c) {
    static const char *const name[JUP_SOCKETS] = {
        [JUP_SHELL] = "shell_port",  [JUP_CONTROL] = "control_port",
        [JUP_STDIN] = "stdin_port",  [JUP_IOPUB] = "iopub_port",
        [JUP_HEARTBEAT] = "hb_port",
    };
    json_t *o = json_pack("{s:s}", "kernel_id", c->kernel_id);
    for (int i = 0; i < JUP_SOCKETS; i++) {
        char port[16];
        snprintf(port, sizeof port, "%d", c->port[i]);
        if (json_object_set_new(o, name[i], json_string(port))) {
            json_decref(o);
            return NULL;
        }
    }
    char *text = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    return text;
}

static int send_ports(void *socket, const struct jup_connection *c,
                      struct jup_signer *signer, struct err *e) {
    char *content = ports_json(c), hex[JUP_HEX_MAX];
    if (!content)
        return err_set(e, ERR_NOMEM, _("no queda memoria"));
    struct jup_span part[JUP_SIGNED_PARTS];
    parts_of(part, content, strlen(content));
    int rc = jup_signer_hex(signer, part, hex, e);
    if (!rc && (zmq_send(socket, JUP_DELIMITER, sizeof JUP_DELIMITER, ZMQ_SNDMORE) < 0 ||
                zmq_send(socket, hex, strlen(hex), ZMQ_SNDMORE) < 0 ||
                zmq_send(socket, content, strlen(content), 0) < 0))
        rc = err_set(e, ERR_IO, _("registro: no se pudieron enviar los puertos: %s"),
                     zmq_strerror(errno));
    free(content);
    return rc;
}

static bool acknowledges(struct jup_frames *f, struct jup_signer *signer) {
    size_t d = 0;
    while (d < f->n && (f->frame[d].len != sizeof JUP_DELIMITER ||
                        memcmp(f->frame[d].data, JUP_DELIMITER, sizeof JUP_DELIMITER)))
        d++;
    if (f->n - d != 3)
        return false;
    struct jup_span part[JUP_SIGNED_PARTS];
    parts_of(part, f->frame[d + 2].data, f->frame[d + 2].len);
    return jup_signer_check(signer, part, &f->frame[d + 1]);
}

static int wait_answer(void *socket, struct jup_signer *signer, double seconds,
                       const char *url, struct err *e) {
    double end = clock_seconds() + seconds, left;
    int wrong = 0;
    while ((left = end - clock_seconds()) > 0) {
        zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN};
        if (zmq_poll(&item, 1, (long)(left * 1000) + 1) < 0 && errno != EINTR)
            return err_set(e, ERR_IO, _("registro: %s: %s"), url, zmq_strerror(errno));
        struct jup_frames f;
        int got = jup_frames_receive(socket, &f, e);
        bool ok = got == 1 && acknowledges(&f, signer);
        wrong += got != 0 && !ok;
        if (got == 1)
            jup_frames_release(&f);
        if (ok)
            return 0;
    }
    if (wrong)
        return err_set(e, ERR_AUTH, _("registro: %s respondió con una firma incorrecta"),
                       url);
    return err_set(e, ERR_IO, _("registro: %s no respondió en %g s"), url, seconds);
}

int jup_handshake(const struct jup_connection *c, struct jup_signer *signer,
                  void *context, double seconds, struct err *e) {
    int rc = 0, none = 0;
    struct buf url;
    buf_init(&url, 4096);
    void *socket = zmq_socket(context, ZMQ_DEALER);
    jup_connection_registrar_url(c, &url);
    if (!socket || url.failed) {
        rc = err_set(e, ERR_NOMEM, _("no queda memoria"));
        goto done;
    }
    zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none);
    if (strchr(url.data, '[')) {
        int yes = 1;
        zmq_setsockopt(socket, ZMQ_IPV6, &yes, sizeof yes);
    }
    if (zmq_connect(socket, url.data))
        rc = err_set(e, ERR_IO, _("registro: %s: %s"), url.data, zmq_strerror(errno));
    if (!rc)
        rc = send_ports(socket, c, signer, e);
    if (!rc)
        rc = wait_answer(socket, signer, seconds, url.data, e);
done:
    if (socket)
        zmq_close(socket);
    buf_release(&url);
    return rc;
}
