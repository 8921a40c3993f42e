/* iopub.h: the thread that owns the XPUB socket: welcomes subscribers, sends the publish
 * queue. */
#ifndef JUP_IOPUB_H
#define JUP_IOPUB_H

#include "log.h"
#include "pubqueue.h"
#include "socket.h"
#include "thread.h"
#include "wire.h"

struct jup_iopub {
    struct jup_wire wire;
    struct jup_pubqueue *queue;
    struct jup_sockets *sockets;
    const struct jup_log *log;
    struct jup_thread thread;
};

/* The thread ends, and closes the socket, when the queue is closed and empty. */
int jup_iopub_start(struct jup_iopub *p, struct err *e);

#endif
