/* wire.h: messages as frames (messaging, "The Wire Protocol").
 *
 *     identities... | <IDS|MSG> | signature | header | parent_header | metadata | content
 *     | buffers...
 *
 * The signature covers the four JSON frames and is verified before anything is parsed.
 * No sockets here: frames.h moves them. Threads: one jup_wire per thread. */
#ifndef JUP_WIRE_H
#define JUP_WIRE_H

#include "message.h"
#include "replay.h"
#include "sign.h"

enum {
    JUP_FRAMES_MAX = 1024,              /* of one message */
    JUP_FRAME_MAX = 64 * 1024 * 1024,   /* bytes of one frame; the socket refuses more */
    JUP_MESSAGE_MAX = 256 * 1024 * 1024 /* bytes of one message */
};

/* What the kernel says of itself in every header. */
struct jup_identity {
    char session[37]; /* a UUID of this process, never the client's */
    char *username;   /* as JSON text, with its quotes */
    atomic_uint_fast64_t sent;
};

int jup_identity_init(struct jup_identity *self, struct err *e);
void jup_identity_release(struct jup_identity *self);

/* Version 4 UUID as text. ERR_IO when the system gives no random bytes. */
int jup_uuid(char out[37], struct err *e);

/* Now, UTC, ISO 8601 with six digits of microseconds and Z. */
void jup_date(char out[32]);

struct jup_wire {
    struct jup_signer signer;
    struct jup_replay *seen; /* NULL: not watched (fuzzing) */
    struct jup_identity *self;
};

/* Frames that were received: an owned array of owned bytes. */
struct jup_frames {
    struct jup_frame *frame;
    size_t n, bytes;
};
void jup_frames_release(struct jup_frames *f);

/* Reads a message; takes out of f what it keeps. ERR_FORMAT, ERR_AUTH, ERR_NOMEM. */
int jup_wire_decode(struct jup_wire *w, struct jup_frames *f, struct jup_message **out,
                    struct err *e);

/* A message to be sent; everything borrowed. */
struct jup_outgoing {
    const char *type;
    const struct jup_frame *id; /* identities, or the topic */
    size_t n_id;
    struct jup_span parent, metadata, content; /* JSON text; len 0: {} */
    const struct jup_frame *buffer;            /* binary frames, not signed */
    size_t n_buffers;
};

/* The frames between the identities and the buffers. */
struct jup_encoded {
    struct jup_span part[JUP_SIGNED_PARTS]; /* part[0] points into header */
    char signature[JUP_HEX_MAX];
    char msg_id[64];
    char header[512];
};

int jup_wire_encode(struct jup_wire *w, const struct jup_outgoing *m,
                    struct jup_encoded *out, struct err *e);

extern const char JUP_DELIMITER[9]; /* "<IDS|MSG>", no NUL */

#endif
