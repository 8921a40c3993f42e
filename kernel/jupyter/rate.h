/* rate.h: a token bucket: so much per second on average, with a burst.
 *
 * The server drops silently what exceeds 1000 messages/s or 1 MB/s of streams, averaged
 * over 3 s (jupyter_server, services/kernels/connection/channels.py); waiting here loses
 * nothing. Units: seconds of clock_seconds(). */
#ifndef JUP_RATE_H
#define JUP_RATE_H

#include "base/util.h"

struct jup_rate {
    double per_second, burst;
    double tokens, last;
};

static inline void jup_rate_reset(struct jup_rate *r, double now) {
    r->tokens = r->burst;
    r->last = now;
}

/* Seconds until cost tokens are there; 0: now. A cost above the burst counts as the
 * burst. */
static inline double jup_rate_wait(struct jup_rate *r, double now, double cost) {
    if (now > r->last) {
        r->tokens = MIN_OF(r->burst, r->tokens + (now - r->last) * r->per_second);
        r->last = now;
    }
    double missing = MIN_OF(cost, r->burst) - r->tokens;
    return missing > 0 ? missing / r->per_second : 0;
}

/* Never leaves a debt: what was sent in a hurry is not paid for by what comes later. */
static inline void jup_rate_take(struct jup_rate *r, double cost) {
    r->tokens = MAX_OF(0, r->tokens - MIN_OF(cost, r->burst));
}

#endif
