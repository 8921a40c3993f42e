/* frames.h: whole messages in and out of a ZeroMQ socket, in the socket's own thread. */
#ifndef JUP_FRAMES_H
#define JUP_FRAMES_H

#include "wire.h"

/* One message, without waiting. 1: got one; 0: nothing there; ERR_FORMAT or ERR_NOMEM: one
 * was there and is gone (too many frames, too large, no memory); ERR_STATE: the context is
 * being closed; ERR_IO: anything else. */
int jup_frames_receive(void *socket, struct jup_frames *out, struct err *e);

/* Encodes, signs and sends. */
int jup_frames_send(struct jup_wire *w, void *socket, const struct jup_outgoing *m,
                    struct err *e);

/* The same, for a message already encoded. */
int jup_frames_send_encoded(void *socket, const struct jup_outgoing *m,
                            const struct jup_encoded *x, struct err *e);

#endif
