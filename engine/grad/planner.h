/* planner.h: the inside of a plan, shared by plan.c (buffers, running) and fuse.c (which
 * steps become one). */
#ifndef ENGINE_GRAD_PLANNER_H
#define ENGINE_GRAD_PLANNER_H

#include "graph.h"

#include "nn/plan.h"

/* One value: a leaf, an input, or the result of a step. */
struct slot {
    struct nn_var *var; /* borrowed from the graph, which the plan keeps alive */
    struct nn_tensor *value, *grad;
    struct nn_tensor value_view, grad_view; /* headers on another slot's memory */
    size_t uses;                            /* steps that read it, roots included */
    int step;                               /* that makes it, or -1 */
    bool own_value, own_grad;
    bool below_root; /* the loss depends on it: kept values beside it get no gradient */
};

struct step {
    struct nn_call call;
    struct nn_attrs attrs;
    size_t in[NN_OP_MAX_IN], out;
    bool dead; /* fused into another one */
};

struct nn_plan {
    enum nn_plan_mode mode;
    struct nn_var **order; /* the graph, inputs first; slot i is order[i] */
    struct slot *slot;
    size_t n_slots;
    struct step *step;
    size_t n_steps, fused;
    int n_inputs, n_keep;
    size_t *input, *keep;
    size_t root;
    struct nn_var **roots; /* held: root and kept vars */
    void *work;            /* scratch memory that all steps use in turn */
    size_t buffers, bytes;
};

/* matmul + bias + activation become linear, conv2d + ReLU one step; marks the ReLU masks
 * that the next product or pooling can apply. Changes steps and slots, not buffers. */
void nn_plan_fuse(struct nn_plan *p);

#endif
