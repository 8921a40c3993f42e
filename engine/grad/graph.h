/* graph.h: what var, backward and plan share inside engine/grad. */
#ifndef ENGINE_GRAD_GRAPH_H
#define ENGINE_GRAD_GRAPH_H

#include "nn/tape.h"

/* The call that made v, with values where there are any; no gradients yet. */
void nn_var_call(struct nn_call *c, const struct nn_var *v);
/* Scratch memory of an op, aligned like a tensor; *out NULL for 0 bytes. */
int nn_saved_new(void **out, size_t bytes, struct err *e);
/* What the op of c asks for; 0 without a rule. */
size_t nn_call_work(const struct nn_call *c);
/* Input i of v gets a gradient. */
bool nn_var_wants(const struct nn_var *v, int i);
/* Scratch memory for the step of a walk back that wants most, whoever may have to add. */
int nn_work_new(void **out, size_t n, struct nn_var *const order[], struct err *e);
void nn_count_forward(void);
void nn_count_backward(void);

#endif
