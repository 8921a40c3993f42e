/* heartbeat.h: the thread that sends back what arrives on the heartbeat socket. */
#ifndef JUP_HEARTBEAT_H
#define JUP_HEARTBEAT_H

#include "socket.h"
#include "thread.h"

struct jup_heartbeat {
    struct jup_sockets *sockets;
    struct jup_thread thread;
};

/* The thread ends, and closes the socket, when the context is shut down. */
int jup_heartbeat_start(struct jup_heartbeat *h, struct err *e);

#endif
