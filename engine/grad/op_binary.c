/* op_binary.c: add, sub, mul, div, pow, maximum, minimum, with NumPy's broadcasting. */
#include "ops.h"

#include "nn/vec.h"

#include <tgmath.h>

#define REAL     float
#define FN(name) name##_f32
#include "op_binary_loops.h"
#undef REAL
#undef FN
#define REAL     double
#define FN(name) name##_f64
#include "op_binary_loops.h"
#undef REAL
#undef FN

/* Walks the runs of a broadcast and calls the op's loop on each. */
#define BACKWARD(op, REAL, SUFFIX)                                                       \
    for (size_t r = 0, n = 0; r < p.rows; r++, n += p.run) {                             \
        size_t ia, ib;                                                                   \
        nn_broadcast_row(&p, r, &ia, &ib);                                               \
        REAL *da = c->d_in[0] ? (REAL *)c->d_in[0]->data + ia : NULL;                    \
        REAL *db = c->d_in[1] ? (REAL *)c->d_in[1]->data + ib : NULL;                    \
        op##_run_back##SUFFIX(da, db, (const REAL *)c->d_out->data + n,                  \
                              (const REAL *)c->in[0]->data + ia, p.step_a,               \
                              (const REAL *)c->in[1]->data + ib, p.step_b, p.run);       \
    }

/* The runs add into the gradients, so those that start now start at zero. */
static void clear_gradients(struct nn_call *c) {
    for (int i = 0; i < 2; i++)
        if (c->d_in[i] && !(c->add & (1u << i)))
            memset(c->d_in[i]->data, 0, c->d_in[i]->n * nn_dtype_size(c->d_in[i]->dtype));
}

static void forward(struct nn_call *c, enum nn_binary op) {
    struct nn_operand a = {c->in[0]->data, c->in_ndim[0], c->in_shape[0]};
    struct nn_operand b = {c->in[1]->data, c->in_ndim[1], c->in_shape[1]};
    nn_vec_broadcast(op, c->out_dtype, c->out->data, c->out_ndim, c->out_shape, &a, &b);
}

#define DEFINE(op, kernel)                                                               \
    static void op##_forward(struct nn_call *c) {                                        \
        forward(c, kernel);                                                              \
    }                                                                                    \
    static void op##_backward(struct nn_call *c) {                                       \
        struct nn_broadcast p;                                                           \
        nn_broadcast_init(&p, c);                                                        \
        clear_gradients(c);                                                              \
        if (c->out->n == 0)                                                              \
            return;                                                                      \
        if (c->out_dtype == NN_F32)                                                      \
            BACKWARD(op, float, _f32)                                                    \
        else                                                                             \
            BACKWARD(op, double, _f64)                                                   \
    }

DEFINE(sub, NN_SUB)
DEFINE(mul, NN_MUL)
DEFINE(div, NN_DIV)
DEFINE(pow, NN_POW)
DEFINE(maximum, NN_MAX)
DEFINE(minimum, NN_MIN)

static void add_forward(struct nn_call *c) {
    forward(c, NN_ADD);
}

/* The gradient itself, summed over the axes along which an operand was repeated. */
static void add_backward(struct nn_call *c) {
    for (int i = 0; i < 2; i++)
        if (c->d_in[i])
            nn_vec_sum_to(c->out_dtype, c->d_in[i]->data, c->in_ndim[i], c->in_shape[i],
                          (c->add >> i) & 1, c->d_out->data, c->out_ndim, c->out_shape);
}

#define SHAPES                                                                           \
    {.n_in = 2, .ndim = {2, 2}, .shape = {{3, 4}, {3, 4}}, LIMITS},                      \
        {.n_in = 2, .ndim = {2, 1}, .shape = {{3, 4}, {4}}, LIMITS},                     \
        {.n_in = 2, .ndim = {2, 2}, .shape = {{3, 1}, {1, 5}}, LIMITS},                  \
        {.n_in = 2, .ndim = {0, 3}, .shape = {{0}, {2, 3, 2}}, LIMITS},                  \
        {.n_in = 2, .ndim = {3, 3}, .shape = {{2, 1, 3}, {2, 4, 3}}, LIMITS}, {          \
        0                                                                                \
    }

#define LIMITS .lo = -2, .hi = 2
static const struct nn_op_sample any[] = {SHAPES};
#undef LIMITS
#define LIMITS .lo = 0.5, .hi = 2.5
static const struct nn_op_sample positive[] = {SHAPES};
#undef LIMITS
#define LIMITS .lo = -2, .hi = 2, .gap = 1e-3
static const struct nn_op_sample apart[] = {SHAPES};
#undef LIMITS

#define ROW(op, more, formula, dx, dy, s)                                                \
    {                                                                                    \
        .name = #op, .min_in = 2, .max_in = 2, .flags = (more),                          \
        .shape = nn_broadcast_shape, .forward = op##_forward, .backward = op##_backward, \
        .latex = formula, .d_latex = {dx, dy}, .sample = s                               \
    }

const struct nn_op nn_ops_binary[] = {
    ROW(add, 0, "@0+@1", "1", "1", any),
    ROW(sub, 0, "@0-@1", "1", "-1", any),
    ROW(mul, NN_OP_USES_IN, "@0\\,@1", "@1", "@0", any),
    ROW(div, NN_OP_USES_IN, "\\frac{@0}{@1}", "\\frac{1}{@1}", "-\\frac{@0}{@1^2}",
        positive),
    ROW(pow, NN_OP_USES_IN, "@0^{@1}", "@1\\,@0^{@1-1}", "@y\\,\\ln @0", positive),
    ROW(maximum, NN_OP_USES_IN, "\\max(@0,@1)", "[@0\\ge @1]", "[@1>@0]", apart),
    ROW(minimum, NN_OP_USES_IN, "\\min(@0,@1)", "[@0\\le @1]", "[@1<@0]", apart),
    {0}};
