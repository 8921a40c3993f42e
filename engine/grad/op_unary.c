/* op_unary.c: functions of one operand: exp, log, relu, sigmoid and their kin. */
#include "ops.h"

#include "nn/vec.h"

#include <tgmath.h>

#define REAL     float
#define FN(name) name##_f32
#include "op_unary_loops.h"
#undef REAL
#undef FN
#define REAL     double
#define FN(name) name##_f64
#include "op_unary_loops.h"
#undef REAL
#undef FN

static int same_shape(struct nn_call *c, struct err *e) {
    (void)e;
    nn_call_same_shape(c, 0);
    return 0;
}

#define BACKWARD(op)                                                                     \
    static void op##_backward(struct nn_call *c) {                                       \
        double v = c->attrs->value;                                                      \
        bool add = c->add & 1;                                                           \
        if (!c->d_in[0])                                                                 \
            return;                                                                      \
        if (c->out_dtype == NN_F32)                                                      \
            op##_run_back_f32(c->d_in[0]->data, c->d_out->data, c->in[0]->data,          \
                              c->out->data, (float)v, add, c->out->n);                   \
        else                                                                             \
            op##_run_back_f64(c->d_in[0]->data, c->d_out->data, c->in[0]->data,          \
                              c->out->data, v, add, c->out->n);                          \
    }

/* By a vector kernel. */
#define KERNEL(op, kernel)                                                               \
    static void op##_forward(struct nn_call *c) {                                        \
        nn_vec_unary(kernel, c->out_dtype, c->out->data, c->in[0]->data, c->out->n);     \
    }                                                                                    \
    BACKWARD(op)

/* By the loops above. */
#define LOOP(op)                                                                         \
    static void op##_forward(struct nn_call *c) {                                        \
        double v = c->attrs->value;                                                      \
        if (c->out_dtype == NN_F32)                                                      \
            op##_run_f32(c->out->data, c->in[0]->data, (float)v, c->out->n);             \
        else                                                                             \
            op##_run_f64(c->out->data, c->in[0]->data, v, c->out->n);                    \
    }                                                                                    \
    BACKWARD(op)

/* Both ways by vector kernels; adding falls back to the loop. */
#define KERNELS(op, kernel, back)                                                        \
    KERNEL(op, kernel)                                                                   \
    static void op##_fast_backward(struct nn_call *c) {                                  \
        if (c->d_in[0] && !(c->add & 1))                                                 \
            nn_vec_binary(back, c->out_dtype, c->d_in[0]->data, c->out->data,            \
                          c->d_out->data, c->out->n);                                    \
        else                                                                             \
            op##_backward(c);                                                            \
    }

KERNEL(neg, NN_NEG)
KERNEL(exp, NN_EXP)
KERNEL(log, NN_LOG)
KERNEL(sqrt, NN_SQRT)
KERNEL(abs, NN_ABS)
KERNEL(square, NN_SQUARE)
KERNELS(relu, NN_RELU, NN_RELU_BACKWARD)
KERNELS(sigmoid, NN_SIGMOID, NN_SIGMOID_BACKWARD)
KERNELS(tanh, NN_TANH, NN_TANH_BACKWARD)
LOOP(sin)
LOOP(cos)
LOOP(leaky_relu)
LOOP(softplus)

static const struct nn_op_sample any[] = {
    {.n_in = 1, .ndim = {2}, .shape = {{3, 5}}, .lo = -2, .hi = 2},
    {.n_in = 1, .ndim = {0}, .lo = -2, .hi = 2},
    {0}};
static const struct nn_op_sample positive[] = {
    {.n_in = 1, .ndim = {2}, .shape = {{3, 5}}, .lo = 0.3, .hi = 3}, {0}};
static const struct nn_op_sample kink[] = {
    {.n_in = 1, .ndim = {2}, .shape = {{3, 5}}, .lo = -2, .hi = 2, .gap = 1e-2}, {0}};
static const struct nn_op_sample slope[] = {{.n_in = 1,
                                             .ndim = {2},
                                             .shape = {{3, 5}},
                                             .lo = -2,
                                             .hi = 2,
                                             .gap = 1e-2,
                                             .attrs = {.value = 0.1}},
                                            {0}};

#define IN                            NN_OP_USES_IN
#define OUT                           NN_OP_USES_OUT
#define ROW(op, more, formula, d, s)  ROW2(op, op##_backward, more, formula, d, s)
#define FAST(op, more, formula, d, s) ROW2(op, op##_fast_backward, more, formula, d, s)
#define ROW2(op, back, more, formula, d, s)                                              \
    {                                                                                    \
        .name = #op, .min_in = 1, .max_in = 1, .flags = (more), .shape = same_shape,     \
        .forward = op##_forward, .backward = back, .latex = formula,                     \
        .d_latex = {d, NULL}, .sample = s                                                \
    }

const struct nn_op nn_ops_unary[] = {
    ROW(neg, 0, "-@0", "-1", any),
    ROW(exp, OUT, "e^{@0}", "@y", any),
    ROW(log, IN, "\\ln @0", "\\frac{1}{@0}", positive),
    ROW(sqrt, OUT, "\\sqrt{@0}", "\\frac{1}{2\\,@y}", positive),
    ROW(abs, IN, "\\left|@0\\right|", "\\operatorname{sgn}(@0)", kink),
    ROW(square, IN, "@0^2", "2\\,@0", any),
    ROW(sin, IN, "\\sin @0", "\\cos @0", any),
    ROW(cos, IN, "\\cos @0", "-\\sin @0", any),
    FAST(relu, OUT, "\\max(0,@0)", "[@0>0]", kink),
    ROW(leaky_relu, IN, "\\max(@v\\,@0,@0)", "[@0>0]+@v\\,[@0\\le 0]", slope),
    FAST(sigmoid, OUT, "\\sigma(@0)", "@y\\,(1-@y)", any),
    FAST(tanh, OUT, "\\tanh @0", "1-@y^2", any),
    ROW(softplus, IN, "\\ln(1+e^{@0})", "\\sigma(@0)", any),
    {0}};
