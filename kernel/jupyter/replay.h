/* replay.h: the signatures seen lately, so that a recorded message does not act twice.
 *
 * Keeps between JUP_REPLAY_KEEP and twice as many. Only signatures that were verified are
 * remembered: forged ones cannot push real ones out. A signature is known by its first 16
 * hexadecimal digits, 64 bits of a keyed hash. Threads: any. */
#ifndef JUP_REPLAY_H
#define JUP_REPLAY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JUP_REPLAY_KEEP = 32768 };

/* Open addressing, no deletion: a full set becomes the old one. 0 marks an empty slot. */
struct jup_replay_set {
    uint64_t *slot;
    size_t cap, n;
};

struct jup_replay {
    pthread_mutex_t lock;
    struct jup_replay_set recent, old;
};

void jup_replay_init(struct jup_replay *r);
void jup_replay_release(struct jup_replay *r);

/* true: new, and remembered from now on. false: seen before, or no memory to remember it
 * with. hex: at least 16 hexadecimal digits. */
bool jup_replay_accept(struct jup_replay *r, const char *hex);

#endif
