/* ticks.h: where an axis is marked and what stands there. */
#ifndef VIZ_TICKS_H
#define VIZ_TICKS_H

#include <stdbool.h>
#include <stddef.h>

enum { TICKS_MAX = 24, TICK_LABEL = 24 };

struct ticks {
    double at[TICKS_MAX];
    char label[TICKS_MAX][TICK_LABEL]; /* UTF-8, with U+2212 as the minus sign */
    size_t n;
    double min, max; /* the range of the axis */
};

/* At most about `target` ticks at multiples of 1, 2 or 5 times a power of ten inside
 * lo..hi. widen moves lo and hi outwards to the next multiple. integer: whole numbers. */
void viz_ticks_linear(struct ticks *t, double lo, double hi, int target, bool integer,
                      bool widen);

/* Powers of ten (and 2 and 5 times them when there are few) inside lo..hi, 0 < lo < hi. */
void viz_ticks_log(struct ticks *t, double lo, double hi, int target, bool widen);

/* Writes v for an axis whose ticks are step apart: 0.05, 12000, 2.5e6, −3. */
void viz_tick_format(char *out, size_t size, double v, double step);

#endif
