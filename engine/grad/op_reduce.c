/* op_reduce.c: sum, mean, max, min, variance and norm over any set of axes. Sums run in
 * double whatever the dtype; the result loses the axes, or keeps them with length 1. */
#include "ops.h"

#include <math.h>

/* Strides of the result over the axes of the input: 0 along what is reduced. */
struct reduction {
    size_t stride[NN_MAX_DIMS];
    size_t count; /* elements that fall into one of the result */
};

static void reduction_init(struct reduction *r, const struct nn_call *c) {
    bool mask[NN_MAX_DIMS];
    (void)nn_axes_mask(c, mask, NULL); /* the shape rule has checked them */
    size_t step = 1;
    r->count = 1;
    for (int k = c->in_ndim[0] - 1; k >= 0; k--) {
        r->stride[k] = mask[k] ? 0 : step;
        if (mask[k])
            r->count *= c->in_shape[0][k];
        else
            step *= c->in_shape[0][k];
    }
}

static int reduce_shape(struct nn_call *c, struct err *e) {
    bool mask[NN_MAX_DIMS];
    int rc = nn_axes_mask(c, mask, e);
    if (rc < 0)
        return rc;
    c->out_ndim = 0;
    for (int k = 0; k < c->in_ndim[0]; k++) {
        if (!mask[k])
            c->out_shape[c->out_ndim++] = c->in_shape[0][k];
        else if (c->attrs->keepdims)
            c->out_shape[c->out_ndim++] = 1;
    }
    /* one double, or the place of the maximum, per element of the result */
    if (!mul_size(&c->saved_bytes, nn_shape_count(c->out_ndim, c->out_shape), 8))
        return err_set(e, ERR_NOMEM, _("%s: no hay memoria"), c->op->name);
    return 0;
}

/* An empty set has neither a largest element nor a mean. */
static int filled_shape(struct nn_call *c, struct err *e) {
    char text[NN_SHAPE_TEXT];
    if (nn_shape_count(c->in_ndim[0], c->in_shape[0]) == 0)
        return err_set(e, ERR_SHAPE, _("%s: no hay elementos en un tensor de forma %s"),
                       c->op->name, nn_shape_text(text, c->in_ndim[0], c->in_shape[0]));
    return reduce_shape(c, e);
}

/* Beside a mean for each element of the result, a sum. */
static int var_shape(struct nn_call *c, struct err *e) {
    int rc = filled_shape(c, e);
    if (rc == 0 && !mul_size(&c->saved_bytes, c->saved_bytes, 2))
        return err_set(e, ERR_NOMEM, _("%s: no hay memoria"), c->op->name);
    return rc;
}

/* Where element i of the input lands in the result. */
static size_t target(const struct nn_call *c, const struct reduction *r, size_t i) {
    size_t o = 0;
    for (int k = c->in_ndim[0] - 1; k >= 0; k--) {
        size_t len = c->in_shape[0][k];
        o += i % len * r->stride[k];
        i /= len;
    }
    return o;
}

/* Runs along the last axis share their outer coordinates. */
struct run {
    size_t len, step; /* step in the result: 0 or 1 */
};

static struct run run_of(const struct nn_call *c, const struct reduction *r) {
    int last = c->in_ndim[0] - 1;
    if (last < 0)
        return (struct run){1, 0};
    return (struct run){c->in_shape[0][last], r->stride[last]};
}

#define REAL     float
#define FN(name) name##_f32
#include "op_reduce_loops.h"
#undef REAL
#undef FN
#define REAL     double
#define FN(name) name##_f64
#include "op_reduce_loops.h"
#undef REAL
#undef FN

static void sum_forward(struct nn_call *c) {
    NN_REAL(c->out_dtype, sum, c, false);
}

static void mean_forward(struct nn_call *c) {
    NN_REAL(c->out_dtype, sum, c, true);
}

static void max_forward(struct nn_call *c) {
    NN_REAL(c->out_dtype, extreme, c, false);
}

static void min_forward(struct nn_call *c) {
    NN_REAL(c->out_dtype, extreme, c, true);
}

static void var_forward(struct nn_call *c) {
    NN_REAL(c->out_dtype, var, c);
}

static void norm_forward(struct nn_call *c) {
    NN_REAL(c->out_dtype, norm, c);
}

static void sum_backward(struct nn_call *c) {
    if (c->d_in[0])
        NN_REAL(c->out_dtype, sum_back, c, false);
}

static void mean_backward(struct nn_call *c) {
    if (c->d_in[0])
        NN_REAL(c->out_dtype, sum_back, c, true);
}

static void extreme_backward(struct nn_call *c) {
    if (c->d_in[0])
        NN_REAL(c->out_dtype, extreme_back, c);
}

static void var_backward(struct nn_call *c) {
    if (c->d_in[0])
        NN_REAL(c->out_dtype, var_back, c);
}

static void norm_backward(struct nn_call *c) {
    if (c->d_in[0])
        NN_REAL(c->out_dtype, norm_back, c);
}

#define SAMPLES(g)                                                                       \
    {.n_in = 1, .ndim = {2}, .shape = {{3, 4}}, .lo = -1, .hi = 1, .gap = g},            \
        {.n_in = 1,                                                                      \
         .ndim = {3},                                                                    \
         .shape = {{2, 3, 4}},                                                           \
         .lo = -1,                                                                       \
         .hi = 1,                                                                        \
         .gap = g,                                                                       \
         .attrs = {.n_axes = 1, .axis = {1}, .keepdims = true}},                         \
        {.n_in = 1,                                                                      \
         .ndim = {3},                                                                    \
         .shape = {{2, 3, 4}},                                                           \
         .lo = -1,                                                                       \
         .hi = 1,                                                                        \
         .gap = g,                                                                       \
         .attrs = {.n_axes = 2, .axis = {0, -1}}},                                       \
        {.n_in = 1, .ndim = {0}, .lo = -1, .hi = 1, .gap = g}, {                         \
        0                                                                                \
    }
static const struct nn_op_sample sums[] = {SAMPLES(0)};
static const struct nn_op_sample apart[] = {SAMPLES(1e-3)};

#define ROW(op, rule, back, more, formula, d, s)                                         \
    {                                                                                    \
        .name = #op, .min_in = 1, .max_in = 1, .flags = (more), .shape = rule,           \
        .forward = op##_forward, .backward = back##_backward, .latex = formula,          \
        .d_latex = {d, NULL}, .sample = s                                                \
    }

const struct nn_op nn_ops_reduce[] = {
    ROW(sum, reduce_shape, sum, 0, "\\sum @0", "1", sums),
    ROW(mean, reduce_shape, mean, 0, "\\frac{1}{n}\\sum @0", "\\frac{1}{n}", sums),
    ROW(max, filled_shape, extreme, 0, "\\max @0", "[@0=\\max @0]", apart),
    ROW(min, filled_shape, extreme, 0, "\\min @0", "[@0=\\min @0]", apart),
    ROW(var, var_shape, var, NN_OP_USES_IN, "\\frac{1}{n}\\sum(@0-\\overline{@0})^2",
        "\\frac{2}{n}(@0-\\overline{@0})", sums),
    ROW(norm, reduce_shape, norm, NN_OP_USES_IN | NN_OP_USES_OUT,
        "\\left\\|@0\\right\\|_2", "\\frac{@0}{@y}", apart),
    {0}};
