/* socket.c: socket options, binding, and the choice of ports. */
#include "socket.h"

#include "base/i18n.h"
#include "base/oserr.h"
#include "base/util.h"
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <nss.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

/* LINGER_MS: what the front end has not fetched at the end waits so long. QUEUE: messages
 * that wait for a slow reader before they are dropped; more than any cell's output has at
 * the rates of pubqueue.c. */
enum { LINGER_MS = 1000, QUEUE = 10000, CONNECTIONS = 100 };

/* A client chooses ports that are free and lets them go for the kernel to take: until then any
 * connection of any program may be given one, and on a restart the kernel before may not be
 * gone. So long is a port that is in use asked for again. */
#define PORT_PATIENCE 5.0 /* seconds */
#define PORT_AGAIN    0.02

static const int kind[JUP_SOCKETS] = {ZMQ_ROUTER, ZMQ_ROUTER, ZMQ_ROUTER, ZMQ_XPUB,
                                      ZMQ_ROUTER};

static bool set_int(void *s, int option, int value) {
    return zmq_setsockopt(s, option, &value, sizeof value) == 0;
}

static bool set_curve(void *s, const struct jup_connection *c) {
    if (!c->curve_public || !c->curve_secret)
        return true;
    return set_int(s, ZMQ_CURVE_SERVER, 1) &&
           !zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, c->curve_public,
                           strlen(c->curve_public) + 1) &&
           !zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, c->curve_secret,
                           strlen(c->curve_secret) + 1);
}

/* A reconnecting front end keeps its identity: handover lets it in at once. A subscriber
 * gets nothing before its subscription has been read and welcomed (iopub.c): manual. */
static bool set_options(void *s, enum jup_socket which, const struct jup_connection *c) {
    int64_t frame_max = JUP_FRAME_MAX;
    bool ok = set_int(s, ZMQ_LINGER, LINGER_MS) && set_int(s, ZMQ_SNDHWM, QUEUE) &&
              !zmq_setsockopt(s, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max);
    if (strchr(c->ip, ':'))
        ok = ok && set_int(s, ZMQ_IPV6, 1);
    if (which == JUP_IOPUB)
        ok = ok && set_int(s, ZMQ_XPUB_VERBOSE, 1) && set_int(s, ZMQ_XPUB_MANUAL, 1);
    else if (which != JUP_HEARTBEAT)
        ok = ok && set_int(s, ZMQ_ROUTER_HANDOVER, 1);
    return ok && set_curve(s, c);
}

static int chosen_tcp_port(void *s) {
    char url[256];
    size_t len = sizeof url;
    if (zmq_getsockopt(s, ZMQ_LAST_ENDPOINT, url, &len))
        return 0;
    const char *colon = strrchr(url, ':');
    return colon ? atoi(colon + 1) : 0;
}

/* On ipc the port is the suffix of a path: the first one that is free. */
static int free_ipc_port(const struct jup_connection *c) {
    struct buf path;
    buf_init(&path, 4096);
    int port = 0;
    for (int i = 1; i <= 65535 && port == 0; i++) {
        bool taken = false;
        for (int k = 0; k < JUP_SOCKETS; k++)
            taken = taken || c->port[k] == i;
        buf_clear(&path);
        buf_printf(&path, "%s-%d", c->ip, i);
        if (!taken && path.data && access(path.data, F_OK))
            port = i;
    }
    buf_release(&path);
    return port;
}

/* Why is left in errno. */
static int refuse(const char *url, int error, struct err *e) {
    const char *why = error < ZMQ_HAUSNUMERO ? os_reason(error) : zmq_strerror(error);
    int rc = err_set(e, ERR_IO, _("no se pudo abrir %s: %s"), url, why);
    errno = error;
    return rc;
}

/* *fd: a listening socket at c's address, made here: given a name, ZeroMQ asks the system for
 * all of its interfaces first, once for each socket. -1: not an IPv4 address in numbers. */
static int listen_at(int *fd, const struct jup_connection *c, int port, const char *url,
                     struct err *e) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int one = 1;
    *fd = -1;
    if (strcmp(c->transport, "tcp") != 0 || inet_pton(AF_INET, c->ip, &at.sin_addr) != 1)
        return 0;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s < 0 || setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) ||
        bind(s, (const struct sockaddr *)&at, sizeof at) || listen(s, CONNECTIONS)) {
        int why = errno;
        if (s >= 0)
            close(s);
        return refuse(url, why, e);
    }
    *fd = s;
    return 0;
}

/* From zmq_bind on the descriptor is ZeroMQ's. */
static int bind_url(void *s, const struct jup_connection *c, int port, const char *url,
                    struct err *e) {
    int fd, rc = listen_at(&fd, c, port, url, e);
    if (rc)
        return rc;
    if (fd >= 0 && !set_int(s, ZMQ_USE_FD, fd)) {
        int why = errno;
        close(fd);
        return refuse(url, why, e);
    }
    return zmq_bind(s, url) ? refuse(url, errno, e) : 0;
}

static int bind_patiently(void *s, const struct jup_connection *c, int port,
                          const char *url, struct err *e) {
    static const struct timespec again = {.tv_nsec = (long)(PORT_AGAIN * 1e9)};
    double end = clock_seconds() + PORT_PATIENCE;
    int rc;
    while ((rc = bind_url(s, c, port, url, e)) && errno == EADDRINUSE && port != 0 &&
           clock_seconds() < end) {
        if (e)
            *e = (struct err){0};
        nanosleep(&again, NULL);
    }
    return rc;
}

static int bind_one(void *s, struct jup_connection *c, enum jup_socket which,
                    struct err *e) {
    struct buf url;
    buf_init(&url, 4096);
    int rc = 0;
    bool ipc = strcmp(c->transport, "ipc") == 0, choose = c->port[which] == 0;
    if (ipc && choose)
        c->port[which] = free_ipc_port(c);
    jup_connection_url(c, c->port[which], &url);
    if (url.failed)
        rc = err_set(e, ERR_NOMEM, _("no queda memoria"));
    else
        rc = bind_patiently(s, c, c->port[which], url.data, e);
    if (!rc && !ipc && choose)
        c->port[which] = chosen_tcp_port(s);
    buf_release(&url);
    return rc;
}

int jup_sockets_open(struct jup_sockets *s, struct jup_connection *c, bool *chosen,
                     struct err *e) {
    *s = (struct jup_sockets){0};
    *chosen = false;
    int rc = 0;
    /* zmq_ctx_new looks up a protocol by its name: in /etc/protocols, not through modules that
     * are searched for in a hundred folders first */
    __nss_configure_lookup("protocols", "files");
    s->context = zmq_ctx_new();
    if (!s->context)
        return err_set(e, ERR_IO, _("ZeroMQ no arranca: %s"), zmq_strerror(errno));
    for (int i = 0; i < JUP_SOCKETS && !rc; i++) {
        s->socket[i] = zmq_socket(s->context, kind[i]);
        if (!s->socket[i] || !set_options(s->socket[i], (enum jup_socket)i, c)) {
            rc = err_set(e, ERR_IO, _("ZeroMQ no abre el socket: %s"),
                         zmq_strerror(errno));
            break;
        }
        *chosen = *chosen || c->port[i] == 0;
        rc = bind_one(s->socket[i], c, (enum jup_socket)i, e);
    }
    c->bound = !rc;
    if (rc)
        jup_sockets_close(s);
    return rc;
}

void jup_socket_close(struct jup_sockets *s, enum jup_socket which) {
    if (s->socket[which])
        zmq_close(s->socket[which]);
    s->socket[which] = NULL;
}

void jup_sockets_close(struct jup_sockets *s) {
    for (int i = 0; i < JUP_SOCKETS; i++)
        jup_socket_close(s, (enum jup_socket)i);
    if (s->context)
        while (zmq_ctx_term(s->context) && errno == EINTR)
            ;
    s->context = NULL;
}
