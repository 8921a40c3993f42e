/* comms.h: which comms are open, for comm_info and for messages that nobody waits for.
 *
 * Threads: any. */
#ifndef JUP_COMMS_H
#define JUP_COMMS_H

#include "base/err.h"

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>

enum { JUP_COMMS_MAX = 4096, JUP_COMM_ID_MAX = 128 };

struct jup_comms {
    pthread_mutex_t lock;
    json_t *open; /* comm_id -> target_name */
};

int jup_comms_init(struct jup_comms *c, struct err *e);
void jup_comms_release(struct jup_comms *c);

/* ERR_STATE when it is open already, ERR_RANGE (too many, id too long), ERR_NOMEM. */
int jup_comms_add(struct jup_comms *c, const char *id, const char *target, struct err *e);
bool jup_comms_remove(struct jup_comms *c, const char *id);
bool jup_comms_has(struct jup_comms *c, const char *id);

/* {id: {target_name}}; target NULL: all. NULL when memory is short. */
json_t *jup_comms_list(struct jup_comms *c, const char *target);

#endif
