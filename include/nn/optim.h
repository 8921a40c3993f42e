/* optim.h: optimizers. One row per kind: its options and its step.
 *
 *     struct nn_optim *o;
 *     nn_optim_new(&o, "Adam", e);                    also "adam", as Keras' strings
 *     nn_options_set_number(&o->options, "learning_rate", 1e-3, e);
 *     nn_optim_attach(o, n, params, e);               once; state like the parameters
 *     nn_optim_step(o, e);                            reads var->grad, changes var->value
 *
 * The step is one vectorised pass over parameter, gradient and state. A parameter without
 * a grad is left alone. Ownership: holds references to its parameters; the model or the
 * student owns the optimizer. Threads: one at a time; the step uses the pool. */
#ifndef NN_OPTIM_H
#define NN_OPTIM_H

#include "nn/option.h"
#include "nn/tape.h"

struct nn_optim;

struct nn_optim_type {
    const char *name; /* "SGD", "Adam" */
    const char *help;
    const struct nn_option_row *row;
    int n_rows;
    int n_state; /* tensors per parameter */
    const char *state_name[2];
    /* One step for one parameter; s: its state. */
    void (*step)(const struct nn_optim *o, struct nn_tensor *value,
                 const struct nn_tensor *grad, struct nn_tensor *const s[]);
};

struct nn_optim_slot {
    struct nn_var *var;
    struct nn_tensor *state[2];
};

struct nn_optim {
    const struct nn_optim_type *type;
    struct nn_options options;
    double learning_rate; /* of the next step; starts as the option */
    uint64_t steps;       /* done so far */
    int n;
    struct nn_optim_slot *slot;
    /* Called before each step when set: the rate for this step. */
    double (*schedule)(void *ctx, uint64_t step, double base);
    void *schedule_ctx;
};

const struct nn_optim_type *nn_optim_type_find(const char *name); /* any case */
const struct nn_optim_type *nn_optim_type_row(int i);

int nn_optim_new(struct nn_optim **out, const char *type, struct err *e);
void nn_optim_free(struct nn_optim *o);
/* Takes references; a second attach forgets state and earlier parameters. ERR_ARG when a
 * var is not a leaf that requires a gradient. */
int nn_optim_attach(struct nn_optim *o, int n, struct nn_var *const params[],
                    struct err *e);
/* ERR_STATE before attach, ERR_ARG for bad options. Allocates nothing. */
int nn_optim_step(struct nn_optim *o, struct err *e);
void nn_optim_zero_grad(struct nn_optim *o);

#endif
