/* schedule.h: learning rates that depend on the step. One row per kind.
 *
 *     struct nn_schedule s;
 *     nn_schedule_init(&s, "CosineDecay", e);
 *     nn_options_set_number(&s.options, "initial_learning_rate", 0.1, e);
 *     nn_options_set_number(&s.options, "decay_steps", 1000, e);
 *     nn_optim_set_schedule(o, &s, e);                copies it
 *
 * Units: steps are batches, counted over all epochs from 0, as in Keras. With initial rate
 * a, d = decay_steps and r = decay_rate:
 *     StepDecay          a r^floor(t / d)
 *     ExponentialDecay   a r^(t / d), floor(t / d) with staircase
 *     CosineDecay        a ((1 - alpha) (1 + cos(pi min(t, d) / d)) / 2 + alpha); with
 *                        warmup_target b, first a straight line from a to b over
 *                        warmup_steps and then the cosine from b, as in Keras
 *     PiecewiseConstant  value i up to boundary i inclusive, then the next, as in Keras
 *     OneCycle           cosine from m / div_factor up to m = max_learning_rate over
 *                        pct_start of total_steps, then down to m / (div_factor
 *                        final_div_factor); Smith 2018 in PyTorch's form
 * Ownership: a plain struct, nothing to free. */
#ifndef NN_SCHEDULE_H
#define NN_SCHEDULE_H

#include "nn/option.h"

#define NN_SCHEDULE_PIECES 16

struct nn_schedule;

struct nn_schedule_type {
    const char *name, *help;
    const char *formula; /* LaTeX */
    const struct nn_option_row *row;
    int n_rows;
    bool pieces; /* takes boundaries and values */
    double (*rate)(const struct nn_schedule *s, double step);
};

struct nn_schedule {
    const struct nn_schedule_type *type; /* NULL: none */
    struct nn_options options;
    int n; /* boundaries of PiecewiseConstant; n + 1 values */
    double boundary[NN_SCHEDULE_PIECES], value[NN_SCHEDULE_PIECES + 1];
};

const struct nn_schedule_type *nn_schedule_type_find(const char *name);
const struct nn_schedule_type *nn_schedule_type_row(int i); /* NULL past the end */

/* ERR_NOTFOUND: no such schedule. */
int nn_schedule_init(struct nn_schedule *s, const char *type, struct err *e);
/* Copies n boundaries, which have to rise from above 0, and n + 1 values above 0. */
int nn_schedule_set_pieces(struct nn_schedule *s, int n, const double *boundary,
                           const double *value, struct err *e);
/* ERR_ARG when something required is missing. */
int nn_schedule_check(const struct nn_schedule *s, struct err *e);
/* The rate of the step after `done` steps. */
double nn_schedule_rate(const struct nn_schedule *s, uint64_t done);

#endif
