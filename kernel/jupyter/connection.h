/* connection.h: the connection file (jupyter_client, docs/kernels.rst, "Connection
 * files").
 *
 *     jup_connection_load(&c, path, &e);       or jup_connection_create(&c, &e)
 *     ... bind; c.port[...] gets the ports that were chosen ...
 *     jup_connection_write(&c, &e);            when some were
 *     jup_connection_release(&c);              removes the file that create() made
 *
 * Ports may be numbers or strings; 0 or none means that the kernel chooses. Unknown
 * fields are kept. A file with a registration_port is a registration file: the kernel
 * chooses all ports and tells the launcher. The file is 0600: it holds the key. */
#ifndef JUP_CONNECTION_H
#define JUP_CONNECTION_H

#include "base/buf.h"
#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>

enum jup_socket {
    JUP_SHELL,
    JUP_CONTROL,
    JUP_STDIN,
    JUP_IOPUB,
    JUP_HEARTBEAT,
    JUP_SOCKETS
};

struct jup_connection {
    json_t *fields; /* the file's object; the strings below live in it */
    const char *transport, *ip, *key, *scheme;
    const char *curve_public, *curve_secret; /* Z85, or NULL */
    int port[JUP_SOCKETS];                   /* 0: to be chosen */
    /* Of a registration file (JEP 66): who is told the ports; port 0: nobody. */
    const char *registrar_ip, *kernel_id;
    int registrar_port;
    char *path;
    bool created; /* ours to remove */
    bool bound;   /* on ipc the sockets are files, and ours to remove */
};

/* Reads the text of a file. ERR_FORMAT: not a JSON object or a field of the wrong kind;
 * ERR_RANGE: a port; ERR_ARG: a transport other than tcp and ipc. */
int jup_connection_parse(struct jup_connection *c, const char *text, size_t len,
                         struct err *e);

/* Reads a file, at most 64 KiB. ERR_IO when it cannot be read. */
int jup_connection_load(struct jup_connection *c, const char *path, struct err *e);

/* A new connection on 127.0.0.1 with a random key and no ports yet, to be written as
 * kernel-<pid>.json into the Jupyter runtime folder. */
int jup_connection_create(struct jup_connection *c, struct err *e);

/* Writes the file anew with the ports as they are now. */
int jup_connection_write(struct jup_connection *c, struct err *e);

/* After a handshake (handshake.h): from here on the connection has a file of its own,
 * kernel-<kernel_id>.json in the Jupyter runtime folder, without what the registration
 * file said of the registrar. It is removed at the end. ERR_IO, ERR_NOMEM. */
int jup_connection_own(struct jup_connection *c, struct err *e);

/* "tcp://127.0.0.1:5555", "ipc:///path-1"; port 0 on tcp reads "*". */
void jup_connection_url(const struct jup_connection *c, int port, struct buf *out);

/* The same for the registrar. */
void jup_connection_registrar_url(const struct jup_connection *c, struct buf *out);

void jup_connection_release(struct jup_connection *c);

#endif
