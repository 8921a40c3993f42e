/* optim.h: optimizers. One row per kind: its options and its step.
 *
 *     struct nn_optim *o;
 *     nn_optim_new(&o, "Adam", e);                    also "adam", as Keras' strings
 *     nn_options_set_number(&o->options, "learning_rate", 1e-3, e);
 *     nn_optim_attach(o, n, params, e);               once; state like the parameters
 *     nn_optim_step(o, e);                            reads var->grad, changes var->value
 *
 * Names, defaults and formulas are those of Keras 3; nn/vec.h has the formulas and says
 * where PyTorch's differ. The step is one vectorised pass over parameter, gradient and
 * state; denormals are flushed. A parameter without a grad is left alone.
 *
 * Clipping, as in Keras one of three: clipnorm bounds the norm of each gradient,
 * global_clipnorm that of all together, clipvalue every number. The gradient is clipped
 * where it lies: var->grad afterwards holds what the step used.
 *
 * Ownership: counted; holds references to its parameters. The model and the student may
 * share one. Threads: one at a time; the step uses the pool. */
#ifndef NN_OPTIM_H
#define NN_OPTIM_H

#include "nn/option.h"
#include "nn/schedule.h"
#include "nn/tape.h"

#define NN_OPTIM_STATES 3

struct nn_optim;

struct nn_optim_type {
    const char *name; /* "SGD", "Adam" */
    const char *help;
    const struct nn_option_row *row;
    int n_rows;
    int n_state; /* tensors per parameter at most */
    const char *state_name[NN_OPTIM_STATES];
    /* With these options, is state k in use? NULL: all are. */
    bool (*uses)(const struct nn_options *options, int k);
    double (*start)(const struct nn_options *options); /* of the state; NULL: 0 */
    /* Is one step with these options w -= learning_rate grad? NULL: never. */
    bool (*plain)(const struct nn_options *options);
    /* One step for one parameter; s: its state, NULL where not in use. */
    void (*step)(const struct nn_optim *o, struct nn_tensor *value,
                 const struct nn_tensor *grad, struct nn_tensor *const s[]);
};

struct nn_optim_slot {
    struct nn_var *var;
    struct nn_tensor *state[NN_OPTIM_STATES];
};

struct nn_optim {
    const struct nn_optim_type *type;
    struct nn_options options;
    double learning_rate; /* of the next step; starts as the option or the schedule's */
    uint64_t steps;       /* done so far */
    int n;
    struct nn_optim_slot *slot;
    struct nn_schedule schedule; /* type NULL: the rate stays until it is set */
    int refs;
};

const struct nn_optim_type *nn_optim_type_find(const char *name); /* any case */
const struct nn_optim_type *nn_optim_type_row(int i);

int nn_optim_new(struct nn_optim **out, const char *type, struct err *e);
/* A new one with the options and the schedule of another, without its state. */
int nn_optim_new_like(struct nn_optim **out, const struct nn_optim *o, struct err *e);
struct nn_optim *nn_optim_retain(struct nn_optim *o);
void nn_optim_free(struct nn_optim *o); /* one reference */

/* ERR_ARG: an option is missing, or more than one kind of clipping is asked for. */
int nn_optim_check(const struct nn_optim *o, struct err *e);
/* Takes references; a second attach forgets state and earlier parameters. ERR_ARG when a
 * var is not a leaf that requires a gradient. */
int nn_optim_attach(struct nn_optim *o, int n, struct nn_var *const params[],
                    struct err *e);
/* ERR_STATE before attach. Allocates nothing. */
int nn_optim_step(struct nn_optim *o, struct err *e);

/* The rate of the next step when that is no more than w -= rate grad (SGD without
 * momentum, decay and clipping), else 0: see nn_plan_descend. */
double nn_optim_plain_rate(const struct nn_optim *o);
void nn_optim_zero_grad(struct nn_optim *o);
/* State as after attach; steps done go back to 0. */
void nn_optim_reset(struct nn_optim *o);

/* The rate from the next step on; also the option, so that it survives a new attach.
 * ERR_RANGE outside the option's limits; ERR_STATE when a schedule sets it. */
int nn_optim_set_learning_rate(struct nn_optim *o, double rate, struct err *e);
/* Copies s, which nn_schedule_check has to accept; NULL: none. */
int nn_optim_set_schedule(struct nn_optim *o, const struct nn_schedule *s, struct err *e);

/* ---- state, for the store. Slot i belongs to parameter i of attach; state k has the
 * shape of its value. NULL where the options leave state k unused. */
struct nn_tensor *nn_optim_state(const struct nn_optim *o, int i, int k);
const char *nn_optim_state_name(const struct nn_optim *o, int k); /* NULL past the end */
/* After state has been filled from a file: steps done and the rate that held then. */
void nn_optim_resume(struct nn_optim *o, uint64_t steps, double learning_rate);

#endif
