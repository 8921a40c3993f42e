/* origins.h: which request an output belongs to: the one in execution, or an earlier one
 * that went on in the background. */
#ifndef JUP_ORIGINS_H
#define JUP_ORIGINS_H

#include "base/err.h"
#include "message.h"

#include <pthread.h>

enum { JUP_ORIGINS_KEPT = 256 }; /* requests with late output that are remembered */

struct jup_origins {
    pthread_mutex_t lock;
    uint64_t last;
    struct jup_origin *current;
    struct jup_origin *kept[JUP_ORIGINS_KEPT]; /* those whose number was asked for */
    size_t next;
    struct jup_origin *none; /* output of no request: its parent_header is {} */
};

int jup_origins_init(struct jup_origins *x, struct err *e);
void jup_origins_release(struct jup_origins *x);

/* The request in execution, between begin and end, which takes what begin gave: the one it
 * began inside of, or NULL. */
struct jup_origin *jup_origins_begin(struct jup_origins *x, struct jup_origin *o);
void jup_origins_end(struct jup_origins *x, struct jup_origin *outer);

/* The number of the request in execution, which stays good after its end. */
uint64_t jup_origins_number(struct jup_origins *x);

/* A reference, never NULL: by number, the one in execution for 0, and x->none for what
 * is not known (any more). */
struct jup_origin *jup_origins_find(struct jup_origins *x, uint64_t number);

#endif
