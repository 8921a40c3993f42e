/* heartbeat.c: an echo, part by part (messaging, "Heartbeat for kernels"). */
#include "heartbeat.h"

#include <errno.h>
#include <zmq.h>

static void *run(void *arg) {
    struct jup_heartbeat *h = arg;
    void *socket = h->sockets->socket[JUP_HEARTBEAT];
    bool open = true;
    while (open) {
        zmq_msg_t part;
        zmq_msg_init(&part);
        int rc = zmq_msg_recv(&part, socket, 0);
        if (rc >= 0)
            rc = zmq_msg_send(&part, socket, zmq_msg_more(&part) ? ZMQ_SNDMORE : 0);
        open = rc >= 0 || errno != ETERM;
        zmq_msg_close(&part);
    }
    jup_socket_close(h->sockets, JUP_HEARTBEAT);
    return NULL;
}

int jup_heartbeat_start(struct jup_heartbeat *h, struct err *e) {
    return jup_thread_start(&h->thread, "nabla-heart", run, h, e);
}
