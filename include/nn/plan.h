/* plan.h: a deferred graph turned into a list of steps with fixed buffers. Running it
 * allocates nothing.
 *
 *     nn_plan_new(&p, root, n_inputs, inputs, NN_PLAN_TRAIN, e);
 *     nn_plan_bind(p, 0, batch_x);  nn_plan_bind(p, 1, batch_y);
 *     nn_plan_forward(p);  nn_plan_backward(p);       grads land in the leaves' grad
 *
 * While it is built, chains of matmul, bias and activation that nobody else reads become
 * one linear step (bias and activation in the product's epilogue), a convolution takes
 * its ReLU and the pooling behind it along, views share memory,
 * and gradients that nobody asked for (the network's input) are left out. The same op
 * rows run as in eager mode. Ownership: the plan keeps the leaves (parameters) and their
 * grad tensors, and its own buffers; a bound tensor is borrowed until the next bind.
 * Threads: one at a time; the ops use the pool. */
#ifndef NN_PLAN_H
#define NN_PLAN_H

#include "nn/tape.h"

struct nn_plan;

enum nn_plan_mode { NN_PLAN_FORWARD, NN_PLAN_TRAIN };

/* root: the var to compute (a scalar when training); keep: further deferred vars whose
 * value is wanted afterwards. */
int nn_plan_new(struct nn_plan **out, struct nn_var *root, int n_inputs,
                struct nn_var *const inputs[], int n_keep, struct nn_var *const keep[],
                enum nn_plan_mode mode, struct err *e);
void nn_plan_free(struct nn_plan *p);

/* ERR_SHAPE, ERR_DTYPE when t does not look like inputs[i]. Cheap. */
int nn_plan_bind(struct nn_plan *p, int i, struct nn_tensor *t, struct err *e);
void nn_plan_forward(struct nn_plan *p);
/* Gradients of this batch replace the leaves' grad (they do not accumulate). */
void nn_plan_backward(struct nn_plan *p);
/* The same, and the weights that can be are moved by -rate times their gradient while that
 * is still in the processor: they have no grad afterwards (NULL). The other leaves have
 * theirs as ever and wait for the optimizer, with whose plain step (w -= rate grad) the
 * moved ones agree bit for bit. Worth it for the weights of dense layers, which one
 * product reads and nothing else. */
void nn_plan_descend(struct nn_plan *p, double rate);

struct nn_tensor *nn_plan_root(struct nn_plan *p);        /* borrowed */
struct nn_tensor *nn_plan_kept(struct nn_plan *p, int i); /* borrowed */

/* What the planner made of the graph, for tests and diagnostics. */
struct nn_plan_info {
    size_t steps, fused, buffers, bytes;
};
struct nn_plan_info nn_plan_get_info(const struct nn_plan *p);
const char *nn_plan_step_name(const struct nn_plan *p, size_t i);

#endif
