/* tape.h: values that remember how they were made, and backpropagation over them.
 *
 *     struct nn_var *x, *w, *y;
 *     nn_var_new(&w, w_tensor, e);  nn_var_set_requires_grad(w, true);
 *     nn_apply(&y, "matmul", NULL, e, x, w);           runs now, remembers x and w
 *     nn_var_backward(y, NULL, false, e);              w->grad is a tensor like w's
 *     nn_var_release(y);
 *
 * There is no list on the side: the graph is held by references from each result to its
 * inputs, so that whoever drops the last result frees the graph. A var whose value is
 * NULL is deferred: ops on it infer shapes alone; a plan (plan.h) turns such a graph into
 * a list of steps with fixed buffers. Gradients accumulate until nn_var_zero_grad, as in
 * PyTorch. A second backward through the same results without a new forward is ERR_STATE,
 * unless the first was told to keep. Ownership: reference-counted; **out gives one
 * reference. Threads: a graph belongs to one thread; grad mode and the pass counters are
 * per thread. */
#ifndef NN_TAPE_H
#define NN_TAPE_H

#include "nn/op.h"

struct nn_var {
    atomic_int refs;
    enum nn_dtype dtype;
    int ndim;
    size_t shape[NN_MAX_DIMS];
    struct nn_tensor *value; /* NULL while deferred */
    struct nn_tensor *grad;  /* NULL until a backward reached it */
    bool requires_grad;      /* a leaf that asked, or made from one that did */
    bool spent;              /* a backward went through and released what it needed */
    char *name;              /* NULL or the student's: "w" */

    const struct nn_op *op; /* NULL for a leaf */
    struct nn_attrs attrs;
    int n_in;
    struct nn_var *in[NN_OP_MAX_IN];
    void *saved; /* the op's memory from forward to backward */
    size_t saved_bytes;

    uint64_t mark; /* scratch of walks over the graph and of the planner */
    struct nn_var *link;
    size_t slot;
};

/* A leaf on t, which is shared, not copied. */
int nn_var_new(struct nn_var **out, struct nn_tensor *t, struct err *e);
/* A leaf that holds one number, float64. */
int nn_var_scalar(struct nn_var **out, double v, struct err *e);
/* A leaf without a value: shape and dtype alone, for plans. */
int nn_var_deferred(struct nn_var **out, enum nn_dtype d, int ndim, const size_t *shape,
                    struct err *e);
struct nn_var *nn_var_retain(struct nn_var *v);
void nn_var_release(struct nn_var *v); /* any depth of graph, without recursion */
int nn_var_set_name(struct nn_var *v, const char *name, struct err *e);
/* ERR_STATE on a result; ERR_DTYPE on integers. */
int nn_var_set_requires_grad(struct nn_var *v, bool on, struct err *e);

/* Runs op on in[0..n_in-1]; attrs may be NULL. In no_grad mode, or when no input requires
 * a gradient, the result forgets its inputs. ERR_SHAPE, ERR_DTYPE, ERR_ARG, ERR_NOMEM.
 * f32 meets f64: a scalar leaf follows the other's dtype; two tensors do not mix. */
int nn_var_apply(struct nn_var **out, const struct nn_op *op,
                 const struct nn_attrs *attrs, int n_in, struct nn_var *const in[],
                 struct err *e);
/* The same by name with one or two inputs (b NULL for one). */
int nn_apply(struct nn_var **out, const char *op, const struct nn_attrs *attrs,
             struct nn_var *a, struct nn_var *b, struct err *e);

/* Adds dy/dv into the grad of every var below y that requires it; with keep the graph can
 * be walked again. seed: dL/dy of y's shape, or NULL for 1, which asks for a scalar y
 * (ERR_SHAPE names the shape and suggests :sum() or :mean()). Results keep their grad as
 * well, for drawings and chain(). ERR_STATE: second time, or nothing requires a gradient.
 */
int nn_var_backward(struct nn_var *y, struct nn_tensor *seed, bool keep, struct err *e);
/* out[i] = dy/dx[i] as new tensors, without touching any grad field. ERR_ARG when y does
 * not depend on x[i]. */
int nn_var_gradients(struct nn_tensor *out[], struct nn_var *y, int n,
                     struct nn_var *const x[], bool keep, struct err *e);
void nn_var_zero_grad(struct nn_var *v); /* drops it: the next backward starts at 0 */
/* The same value as a leaf without history. */
int nn_var_detach(struct nn_var **out, struct nn_var *v, struct err *e);

/* The vars below y, inputs before results, y last; yours to free (the array alone, the
 * vars are borrowed). */
int nn_var_order(struct nn_var ***out, size_t *n, struct nn_var *y, struct err *e);
/* The same below several roots; a var appears once. */
int nn_var_order_many(struct nn_var ***out, size_t *n, int n_roots,
                      struct nn_var *const roots[], struct err *e);

/* Grad mode of this thread: on at start. Returns what it was, for nesting. */
bool nn_grad_set_enabled(bool on);
bool nn_grad_enabled(void);

/* Passes of this thread since the last reset. A loss op, an evaluation of a numeric
 * gradient, a batch of a model: one forward pass each; a backward call: one backward. */
struct nn_passes {
    uint64_t forward, backward;
};
struct nn_passes nn_passes_get(void);
void nn_passes_set(struct nn_passes p);

#endif
