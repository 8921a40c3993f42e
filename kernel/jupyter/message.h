/* message.h: a request as it came in, and its origin, which outlives it.
 *
 * The origin is what every reply and output of a request carries: the way back and the
 * request's own header, byte for byte. It is counted, because output may come after the
 * request is done. All that must be said about a request in any case (busy, idle, one
 * reply) has its place in here, so that short memory cannot leave a cell waiting.
 *
 * Threads: a message belongs to one thread at a time; an origin may be held by any,
 * its stream state is guarded by the publish queue's lock. */
#ifndef JUP_MESSAGE_H
#define JUP_MESSAGE_H

#include "base/err.h"
#include "clean.h"
#include "sign.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct jup_origin;

enum jup_pub_kind {
    JUP_PUB_STREAM,  /* text that may wait for more */
    JUP_PUB_UPDATE,  /* may wait, and give way to a newer one of the same display_id */
    JUP_PUB_MESSAGE, /* everything before it goes out first */
    JUP_PUB_STATUS   /* the same, and the server does not count it */
};

/* One message on its way to iopub. */
struct jup_pub {
    struct jup_pub *next, *prev;
    struct jup_origin *origin; /* a reference */
    enum jup_pub_kind kind;
    const char *type;         /* msg_type, static */
    const char *literal;      /* static JSON content, or NULL: */
    char *content;            /* JSON content, owned, or NULL for a stream: */
    char *metadata;           /* JSON, owned, or NULL for {} */
    struct jup_frame *buffer; /* binary frames of a comm, owned */
    size_t n_buffers;
    struct buf text;  /* the text of a stream, clean */
    int stream;       /* enum host_stream */
    size_t wire;      /* bytes that the text takes as JSON */
    char *display_id; /* of an update or a display, owned, or NULL */
    double since;     /* when its first text came, clock_seconds() */
    bool embedded;    /* lives in its origin */
};

/* One message on its way out of a ROUTER socket. */
struct jup_send {
    struct jup_send *next;
    struct jup_origin *origin; /* a reference */
    const char *literal;       /* static JSON content, or NULL: */
    char *content;             /* JSON content, owned */
    char *metadata;            /* JSON, owned, or NULL for {} */
    const char *type;          /* msg_type, static */
    bool question;             /* an input_request, on stdin */
    bool idle;                 /* publish idle when it is sent */
    bool abort;                /* and first abort what its shell has received */
    int shell;                 /* whose */
};

struct jup_origin {
    atomic_uint refs;
    uint64_t number;
    bool silent;
    char *header; /* the request's header frame */
    size_t header_len;
    struct jup_frame *id; /* routing identities */
    size_t n_id;
    struct jup_clean clean[2]; /* one per stream */
    size_t shown;              /* bytes of text so far, as JSON */
    bool capped;
    struct jup_pub busy, idle;
};

struct jup_message {
    struct jup_message *next;
    struct jup_message *within; /* that it is served inside of, or NULL */
    struct jup_origin *origin;
    json_t *header, *parent, *metadata, *content;
    const char *type;         /* in header */
    struct jup_frame *buffer; /* binary frames after the content */
    size_t n_buffer;
    size_t bytes;           /* of all frames */
    bool aborted;           /* an earlier cell failed */
    int shell;              /* shells.h */
    struct jup_send *reply; /* made with the message, so that answering cannot fail */
};

void jup_message_free(struct jup_message *m);
void jup_send_free(struct jup_send *s);

/* A new origin with one reference; takes the header and the identities. NULL when memory
 * is short (then they stay the caller's). */
struct jup_origin *jup_origin_new(char *header, size_t len, struct jup_frame *id,
                                  size_t n_id);
struct jup_origin *jup_origin_ref(struct jup_origin *o);
void jup_origin_unref(struct jup_origin *o);

/* A string of an object, or NULL when it is absent or not a string. */
const char *jup_string(const json_t *object, const char *key);

/* A boolean of an object; the default when it is absent or not a boolean. */
bool jup_bool(const json_t *object, const char *key, bool otherwise);

/* A JSON string of the text, cleaned (clean.h). NULL when memory is short. */
json_t *jup_text(const char *text, size_t n);

#endif
