/* pubqueue.h: everything on its way to iopub, in one line, from any thread.
 *
 *     jup_pubqueue_stream(&q, origin, HOST_STDOUT, text, n);    text is joined
 *     jup_pubqueue_message(&q, origin, "display_data", content, id, false);
 *     jup_pubqueue_status(&q, &origin->busy);
 *
 * Text waits up to JUP_STREAM_SECONDS for more of its kind, updates of a figure wait for
 * their turn and give way to a newer one, and whatever may not wait sends all that is
 * before it on its way. Rates are kept under the server's limits (rate.h) by waiting,
 * never by dropping. A producer that is ahead of the reader by JUP_QUEUE_ITEMS or
 * JUP_QUEUE_BYTES waits, except for statuses.
 *
 * Threads: one reader (jup_pubqueue_take), any number of writers. */
#ifndef JUP_PUBQUEUE_H
#define JUP_PUBQUEUE_H

#include "jupyter/host.h"
#include "message.h"
#include "rate.h"

#include <pthread.h>

enum {
    JUP_STREAM_FULL = 64 * 1024, /* bytes of text that go out without waiting for more */
    JUP_STREAM_RUN = 16,         /* alternations of stdout and stderr kept in order */
    JUP_QUEUE_ITEMS = 256,
    JUP_QUEUE_BYTES = 32 * 1024 * 1024
};
#define JUP_STREAM_SECONDS 0.1
#define JUP_QUEUE_END      (-2.0)

struct jup_pubqueue {
    pthread_mutex_t lock;
    pthread_cond_t room;
    struct jup_pub *head, *tail;
    size_t n, bytes;
    size_t firm; /* items that may not wait */
    struct jup_rate gentle, message, stream_bytes;
    size_t output_cap;
    int wake_fd;  /* eventfd: the reader has to look again */
    bool asleep;  /* the reader waits on wake_fd */
    bool reading; /* there is a reader: producers may wait for it */
    bool closed;
};

int jup_pubqueue_init(struct jup_pubqueue *q, size_t output_cap, struct err *e);
void jup_pubqueue_release(struct jup_pubqueue *q);

/* Text of a cell. Cleaned (clean.h) and capped; lost only when memory is short. */
void jup_pubqueue_stream(struct jup_pubqueue *q, struct jup_origin *origin,
                         enum host_stream to, const char *text, size_t n);

/* The end of the cell: what its streams still hold back (half a character) and flush. */
void jup_pubqueue_finish(struct jup_pubqueue *q, struct jup_origin *origin);

/* Text that is in the line waits for no more. */
void jup_pubqueue_flush(struct jup_pubqueue *q);

/* Any message; takes content (JSON text) also when it fails. display_id is copied; it
 * may be NULL. update: an update_display_data, which may be replaced by a newer one. */
bool jup_pubqueue_message(struct jup_pubqueue *q, struct jup_origin *origin,
                          const char *type, char *content, const char *display_id,
                          bool update);

/* A message of a comm, with metadata and buffers; takes them all, also when it fails. */
struct jup_comm_frames {
    char *content, *metadata;
    struct jup_frame *buffer;
    size_t n_buffers;
};
bool jup_pubqueue_comm(struct jup_pubqueue *q, struct jup_origin *origin,
                       const char *type, struct jup_comm_frames *f);
void jup_comm_frames_release(struct jup_comm_frames *f);

/* origin->busy or origin->idle. Never fails, never waits. */
void jup_pubqueue_status(struct jup_pubqueue *q, struct jup_origin *origin,
                         struct jup_pub *status);

/* For the reader. The next item that is due, to be freed with jup_pub_free, or NULL and
 * in *wait the seconds until the first may be due (-1: until wake_fd says so, JUP_QUEUE_END: never, it is
 * closed and empty). */
struct jup_pub *jup_pubqueue_take(struct jup_pubqueue *q, double now, double *wait);
void jup_pub_free(struct jup_pub *p);

/* Nothing more goes in; what is in may be taken at once. */
void jup_pubqueue_close(struct jup_pubqueue *q);

#endif
