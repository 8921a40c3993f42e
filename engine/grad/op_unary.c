/* op_unary.c: functions of one operand: exp, log, relu, sigmoid and their kin. */
#include "ops.h"

#include "nn/pool.h"
#include "nn/vec.h"

#include <tgmath.h>

#define CHUNK 8192 /* elements of a piece for one thread */

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

/* clip keeps x within value..upper */
static int clip_shape(struct nn_call *c, struct err *e) {
    double lo = c->attrs->value, hi = c->attrs->upper;
    if (!(lo <= hi))
        return err_set(e, ERR_RANGE,
                       _("clip: el límite inferior %g supera al superior %g"), lo, hi);
    return same_shape(c, e);
}

/* One of the loops above over the whole tensor, shared out over the pool. */
typedef void value_fn(void *out, const void *in, const struct nn_attrs *v, size_t n);
typedef void slope_fn(void *d, const void *g, const void *in, const void *out,
                      const struct nn_attrs *v, bool add, size_t n);
struct sweep {
    const struct nn_call *c;
    value_fn *value;
    slope_fn *slope;
};

static void sweep_value(void *ctx, size_t first, size_t last) {
    const struct sweep *s = ctx;
    size_t at = first * nn_dtype_size(s->c->out_dtype);
    s->value((char *)s->c->out->data + at, (const char *)s->c->in[0]->data + at,
             s->c->attrs, last - first);
}

static void sweep_slope(void *ctx, size_t first, size_t last) {
    const struct sweep *s = ctx;
    const struct nn_call *c = s->c;
    size_t at = first * nn_dtype_size(c->out_dtype);
    s->slope((char *)c->d_in[0]->data + at, (const char *)c->d_out->data + at,
             (const char *)c->in[0]->data + at, (const char *)c->out->data + at, c->attrs,
             c->add & 1, last - first);
}

#define OF_DTYPE(c, fn) ((c)->out_dtype == NN_F32 ? fn##_f32 : fn##_f64)

#define BACKWARD(op)                                                                     \
    static void op##_backward(struct nn_call *c) {                                       \
        struct sweep s = {.c = c, .slope = OF_DTYPE(c, op##_run_back)};                  \
        if (c->d_in[0])                                                                  \
            nn_pool_run(sweep_slope, &s, c->out->n, CHUNK);                              \
    }

/* By a vector kernel. */
#define KERNEL(op, kernel)                                                               \
    static void op##_forward(struct nn_call *c) {                                        \
        nn_vec_unary(kernel, c->out_dtype, c->out->data, c->in[0]->data, c->out->n);     \
    }                                                                                    \
    BACKWARD(op)

/* By a vector kernel of x and the attribute value. */
#define KERNEL_OF_VALUE(op, kernel)                                                      \
    static void op##_forward(struct nn_call *c) {                                        \
        nn_vec_binary_scalar(kernel, c->out_dtype, c->out->data, c->in[0]->data,         \
                             c->attrs->value, c->out->n);                                \
    }                                                                                    \
    BACKWARD(op)

/* By the loops above. */
#define LOOP(op)                                                                         \
    static void op##_forward(struct nn_call *c) {                                        \
        struct sweep s = {.c = c, .value = OF_DTYPE(c, op##_run)};                       \
        nn_pool_run(sweep_value, &s, c->out->n, CHUNK);                                  \
    }                                                                                    \
    BACKWARD(op)

/* Both ways by vector kernels, back from the output or from the input (source); adding
 * falls back to the loop. */
#define KERNELS(op, kernel, back, source)                                                \
    KERNEL(op, kernel)                                                                   \
    static void op##_fast_backward(struct nn_call *c) {                                  \
        if (c->d_in[0] && !(c->add & 1))                                                 \
            nn_vec_binary(back, c->out_dtype, c->d_in[0]->data, c->source->data,         \
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
KERNELS(relu, NN_RELU, NN_RELU_BACKWARD, out)
KERNELS(sigmoid, NN_SIGMOID, NN_SIGMOID_BACKWARD, out)
KERNELS(tanh, NN_TANH, NN_TANH_BACKWARD, out)
KERNELS(softplus, NN_SOFTPLUS, NN_SOFTPLUS_BACKWARD, in[0])
KERNELS(gelu, NN_GELU, NN_GELU_BACKWARD, in[0])
KERNELS(silu, NN_SILU, NN_SILU_BACKWARD, in[0])
KERNEL_OF_VALUE(leaky_relu, NN_LEAKY_RELU)
KERNEL_OF_VALUE(elu, NN_ELU)
LOOP(sin)
LOOP(cos)
LOOP(selu)
LOOP(softsign)
LOOP(clip)

#define SAMPLE .n_in = 1, .ndim = {2}, .shape = {{3, 5}}
static const struct nn_op_sample any[] = {
    {SAMPLE, .lo = -2, .hi = 2}, {.n_in = 1, .ndim = {0}, .lo = -2, .hi = 2}, {0}};
static const struct nn_op_sample positive[] = {{SAMPLE, .lo = 0.3, .hi = 3}, {0}};
static const struct nn_op_sample kink[] = {{SAMPLE, .lo = -2, .hi = 2, .gap = 1e-2}, {0}};
static const struct nn_op_sample slope[] = {
    {SAMPLE, .lo = -2, .hi = 2, .gap = 1e-2, .attrs = {.value = 0.1}},
    {SAMPLE, .lo = -2, .hi = 2, .gap = 1e-2, .attrs = {.value = 1}},
    {0}};
static const struct nn_op_sample clipped[] = {
    {SAMPLE, .lo = -2, .hi = 2, .attrs = {.value = -0.9, .upper = 0.7}}, {0}};

#define IN  NN_OP_USES_IN
#define OUT NN_OP_USES_OUT
#define ROW(op, more, formula, d, s)                                                     \
    ROW3(op, same_shape, op##_backward, more, formula, d, s)
#define FAST(op, more, formula, d, s)                                                    \
    ROW3(op, same_shape, op##_fast_backward, more, formula, d, s)
#define ROW3(op, rule, back, more, formula, d, s)                                        \
    {                                                                                    \
        .name = #op, .min_in = 1, .max_in = 1, .flags = (more), .shape = rule,           \
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
    ROW(elu, IN | OUT, "\\max(0,@0)+@v\\,(e^{\\min(0,@0)}-1)",
        "[@0>0]+@v\\,e^{@0}\\,[@0\\le 0]", slope),
    ROW(selu, IN | OUT, "\\operatorname{selu}(@0)",
        "1.0507\\,([@0>0]+1.6733\\,e^{@0}\\,[@0\\le 0])", kink),
    FAST(gelu, IN, "@0\\,\\Phi(@0)", "\\Phi(@0)+@0\\,\\varphi(@0)", any),
    FAST(silu, IN, "@0\\,\\sigma(@0)", "\\sigma(@0)\\,(1+@0\\,(1-\\sigma(@0)))", any),
    FAST(sigmoid, OUT, "\\sigma(@0)", "@y\\,(1-@y)", any),
    FAST(tanh, OUT, "\\tanh @0", "1-@y^2", any),
    FAST(softplus, IN, "\\ln(1+e^{@0})", "\\sigma(@0)", any),
    ROW(softsign, OUT, "\\frac{@0}{1+\\left|@0\\right|}",
        "\\frac{1}{(1+\\left|@0\\right|)^2}", kink),
    ROW3(clip, clip_shape, clip_backward, IN, "\\min(\\max(@0,@v),@u)",
         "[@v\\le @0\\le @u]", clipped),
    {0}};
