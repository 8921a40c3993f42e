/* socket.h: the five sockets, bound as the connection file says. */
#ifndef JUP_SOCKET_H
#define JUP_SOCKET_H

#include "connection.h"

struct jup_sockets {
    void *context;
    void *socket[JUP_SOCKETS]; /* NULL once its thread has closed it */
};

/* Opens and binds all five. Ports that were 0 are chosen and stored in c->port; *chosen
 * says whether there were any. ERR_IO when the system refuses; then nothing is open. */
int jup_sockets_open(struct jup_sockets *s, struct jup_connection *c, bool *chosen,
                     struct err *e);

/* Closes one, in the thread that owns it. */
void jup_socket_close(struct jup_sockets *s, enum jup_socket which);

/* Closes what is left and waits, at most the linger time, for what is still to be sent. */
void jup_sockets_close(struct jup_sockets *s);

#endif
