/* ways.h: ways of a descent over a curve or a surface, as a student has them: what trace
 * returned, or a list of points. */
#ifndef COMMAND_WAYS_H
#define COMMAND_WAYS_H

#include "args.h"

#include "viz/chart.h"

enum { CMD_WAYS_MAX = 8 };

struct cmd_way {
    double *x, *y; /* y: NULL with one number a point */
    size_t n;
    const char *name; /* or NULL */
};

/* Reads parameter "ways": a Trace, {0, 0.6, 1.08}, {{x, y}, ...}, or a list of such; dims
 * numbers a point. Names are taken from parameter "names", from its item first_name + 1
 * on. Points are on the stack's memory. Returns how many ways. Raises. */
size_t cmd_read_ways(const struct cmd_args *a, int dims, size_t first_name,
                     struct cmd_way way[CMD_WAYS_MAX]);

/* Cuts off what comes after the first point outside of x0..x1 (and y0..y1). */
void cmd_clip_way(struct cmd_way *way, const double x[2], const double y[2]);

/* The i-th text of a parameter that takes a text or a list of texts, from 0; or NULL. */
const char *cmd_name_at(const struct cmd_args *a, const char *param, size_t i);

#endif
