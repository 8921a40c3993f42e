/* replay.c: two generations of a small hash set. */
#include "replay.h"

#include <stdlib.h>

static uint64_t key_of(const char *hex) {
    uint64_t key = 0;
    for (int i = 0; i < 16; i++) {
        char c = hex[i];
        unsigned digit = c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a') + 10;
        key = key << 4 | (digit & 15);
    }
    return key ? key : 1;
}

/* The slot that holds the key, or the free one where it belongs. */
static uint64_t *find(const struct jup_replay_set *s, uint64_t key) {
    size_t i = (size_t)key & (s->cap - 1);
    while (s->slot[i] != 0 && s->slot[i] != key)
        i = (i + 1) & (s->cap - 1);
    return &s->slot[i];
}

static bool has(const struct jup_replay_set *s, uint64_t key) {
    return s->cap > 0 && *find(s, key) == key;
}

static bool grow(struct jup_replay_set *s) {
    struct jup_replay_set big = {.cap = s->cap ? 2 * s->cap : 64, .n = s->n};
    big.slot = calloc(big.cap, sizeof *big.slot);
    if (!big.slot)
        return false;
    for (size_t i = 0; i < s->cap; i++)
        if (s->slot[i] != 0)
            *find(&big, s->slot[i]) = s->slot[i];
    free(s->slot);
    *s = big;
    return true;
}

void jup_replay_init(struct jup_replay *r) {
    *r = (struct jup_replay){0};
    pthread_mutex_init(&r->lock, NULL);
}

void jup_replay_release(struct jup_replay *r) {
    free(r->recent.slot);
    free(r->old.slot);
    pthread_mutex_destroy(&r->lock);
}

bool jup_replay_accept(struct jup_replay *r, const char *hex) {
    uint64_t key = key_of(hex);
    pthread_mutex_lock(&r->lock);
    bool fresh = !has(&r->recent, key) && !has(&r->old, key);
    if (fresh && r->recent.n == JUP_REPLAY_KEEP) {
        free(r->old.slot);
        r->old = r->recent;
        r->recent = (struct jup_replay_set){0};
    }
    if (fresh && 2 * r->recent.n >= r->recent.cap)
        fresh = grow(&r->recent);
    if (fresh) {
        *find(&r->recent, key) = key;
        r->recent.n++;
    }
    pthread_mutex_unlock(&r->lock);
    return fresh;
}
