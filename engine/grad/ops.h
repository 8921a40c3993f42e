/* ops.h: what the families of ops share inside engine/grad. Not for other parts. */
#ifndef ENGINE_GRAD_OPS_H
#define ENGINE_GRAD_OPS_H

#include "base/i18n.h"
#include "nn/op.h"

/* The loops over elements are written once, in *_loops.h, and included twice: REAL is
 * float, then double, FN(name) name_f32, then name_f64. This chooses at run time. */
#define NN_REAL(dtype, fn, ...)                                                          \
    do {                                                                                 \
        if ((dtype) == NN_F32)                                                           \
            fn##_f32(__VA_ARGS__);                                                       \
        else                                                                             \
            fn##_f64(__VA_ARGS__);                                                       \
    } while (0)

/* Each family's rows, ended by a row without a name. */
extern const struct nn_op nn_ops_binary[], nn_ops_unary[], nn_ops_matmul[],
    nn_ops_reduce[], nn_ops_shape[], nn_ops_softmax[], nn_ops_loss[], nn_ops_random[],
    nn_ops_choose[], nn_ops_join[], nn_ops_xent[], nn_ops_conv[], nn_ops_pool[],
    nn_ops_norm[], nn_ops_penalty[], nn_ops_conv_pool[];

/* Cuts c->work into aligned pieces, or only counts them while base is NULL. */
struct nn_carve {
    char *base;
    size_t used; /* SIZE_MAX: does not fit */
};

/* A piece of n elements, followed by NN_ALIGN bytes that may be read. */
static inline void *nn_carve_take(struct nn_carve *c, size_t n, enum nn_dtype d) {
    size_t bytes, end;
    if (n == 0)
        return NULL;
    if (!mul_size(&bytes, n, nn_dtype_size(d)) ||
        !add_size(&bytes, bytes, 2 * NN_ALIGN - 1) ||
        !add_size(&end, c->used, bytes / NN_ALIGN * NN_ALIGN)) {
        c->used = SIZE_MAX;
        return NULL;
    }
    char *piece = c->base ? c->base + c->used : NULL;
    c->used = end;
    return piece;
}

/* out = the shape of input i. */
static inline void nn_call_same_shape(struct nn_call *c, int i) {
    c->out_ndim = c->in_ndim[i];
    memcpy(c->out_shape, c->in_shape[i], sizeof c->out_shape);
}

static inline size_t nn_shape_count(int ndim, const size_t *shape) {
    size_t n = 1;
    for (int i = 0; i < ndim; i++)
        n *= shape[i];
    return n;
}

/* attrs.axis as axes from 0; ERR_RANGE names axis and ndim. No axes: all. */
int nn_axes_mask(const struct nn_call *c, bool mask[NN_MAX_DIMS], struct err *e);
/* One axis, default the last. */
int nn_axis_one(const struct nn_call *c, int *axis, struct err *e);

/* What the losses share: the sentences of shapes that do not fit and of no examples at
 * all, the check of attrs.value as label smoothing, the result and what arrives for it. */
int nn_loss_misfit(const struct nn_call *c, struct err *e);
int nn_loss_no_elements(const struct nn_call *c, struct err *e);
int nn_loss_smoothing(const struct nn_call *c, struct err *e);
void nn_loss_set(struct nn_call *c, double v);
double nn_loss_gradient(const struct nn_call *c);

/* Two shapes aligned at their last axes, as NumPy does it: a pair of strides per axis of
 * the result, 0 where an operand repeats. Axes are merged as far as both run on, so that
 * the last one is the longest run. */
struct nn_broadcast {
    int ndim; /* outer axes, without the run */
    size_t shape[NN_MAX_DIMS];
    size_t stride_a[NN_MAX_DIMS], stride_b[NN_MAX_DIMS];
    size_t rows, run;      /* product of shape; length of the innermost run */
    size_t step_a, step_b; /* within the run: 0 or 1 */
};

/* The rule of shapes for two inputs; ERR_SHAPE with both. */
int nn_broadcast_shape(struct nn_call *c, struct err *e);
void nn_broadcast_init(struct nn_broadcast *b, const struct nn_call *c);
/* Offsets of row r in a and b. */
void nn_broadcast_row(const struct nn_broadcast *b, size_t r, size_t *ia, size_t *ib);

#endif
