/* op_loss.c: mse, mae, huber, hinge, binary cross-entropy. Each is one number, the mean
 * over elements. The first input is the prediction, the second the target. */
#include "ops.h"

#include <math.h>

#define BCE_EDGE 1e-7 /* as in Keras */

#define REAL     float
#define FN(name) name##_f32
#include "op_loss_loops.h"
#undef REAL
#undef FN
#define REAL     double
#define FN(name) name##_f64
#include "op_loss_loops.h"
#undef REAL
#undef FN

int nn_loss_no_elements(const struct nn_call *c, struct err *e) {
    char text[NN_SHAPE_TEXT];
    return err_set(e, ERR_SHAPE, _("%s: no hay ejemplos (forma %s)"), c->op->name,
                   nn_shape_text(text, c->in_ndim[0], c->in_shape[0]));
}

int nn_loss_misfit(const struct nn_call *c, struct err *e) {
    char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];
    return err_set(
        e, ERR_SHAPE,
        _("%s: la predicción tiene forma %s y el objetivo %s; deben coincidir"),
        c->op->name, nn_shape_text(a, c->in_ndim[0], c->in_shape[0]),
        nn_shape_text(b, c->in_ndim[1], c->in_shape[1]));
}

/* Axes without those of length 1 at the end: (n, 1) and (n,) are the same column. */
static int trimmed(int ndim, const size_t *shape) {
    while (ndim > 0 && shape[ndim - 1] == 1)
        ndim--;
    return ndim;
}

static bool same_column(const struct nn_call *c) {
    int a = trimmed(c->in_ndim[0], c->in_shape[0]);
    if (a != trimmed(c->in_ndim[1], c->in_shape[1]))
        return false;
    return a == 0 ||
           memcmp(c->in_shape[0], c->in_shape[1], (size_t)a * sizeof(size_t)) == 0;
}

static int pair_shape(struct nn_call *c, struct err *e) {
    if (!same_column(c))
        return nn_loss_misfit(c, e);
    if (nn_shape_count(c->in_ndim[0], c->in_shape[0]) == 0)
        return nn_loss_no_elements(c, e);
    c->out_ndim = 0;
    return 0;
}

int nn_loss_smoothing(const struct nn_call *c, struct err *e) {
    double v = c->attrs->value;
    if (v >= 0 && v < 1)
        return 0;
    return err_set(e, ERR_RANGE,
                   _("%s: label_smoothing es %g y debe estar en 0 <= valor < 1"),
                   c->op->name, v);
}

static int smoothed_shape(struct nn_call *c, struct err *e) {
    int rc = nn_loss_smoothing(c, e);
    return rc < 0 ? rc : pair_shape(c, e);
}

static int huber_shape(struct nn_call *c, struct err *e) {
    if (!(c->attrs->value > 0))
        return err_set(e, ERR_RANGE, _("huber: delta es %g y debe ser mayor que 0"),
                       c->attrs->value);
    return pair_shape(c, e);
}

void nn_loss_set(struct nn_call *c, double v) {
    if (c->out_dtype == NN_F32)
        *nn_tensor_f32(c->out) = (float)v;
    else
        *nn_tensor_f64(c->out) = v;
}

double nn_loss_gradient(const struct nn_call *c) {
    const struct nn_tensor *t = c->d_out;
    return t->dtype == NN_F32 ? (double)*nn_tensor_f32(t) : *nn_tensor_f64(t);
}

#define PAIR_FORWARD(op)                                                                 \
    static void op##_forward(struct nn_call *c) {                                        \
        const void *p = c->in[0]->data, *t = c->in[1]->data;                             \
        size_t n = c->in[0]->n;                                                          \
        double v = c->attrs->value;                                                      \
        nn_loss_set(c, c->out_dtype == NN_F32 ? op##_f32(p, t, v, n)                     \
                                              : op##_f64(p, t, v, n));                   \
    }

/* Losses that only the distance enters: the target's gradient is the opposite one. */
#define DISTANCE(op)                                                                     \
    PAIR_FORWARD(op)                                                                     \
    static void op##_backward(struct nn_call *c) {                                       \
        size_t n = c->in[0]->n;                                                          \
        double k = nn_loss_gradient(c) / (double)n;                                      \
        for (int i = 0; i < 2; i++)                                                      \
            if (c->d_in[i])                                                              \
                NN_REAL(c->out_dtype, op##_back, c->d_in[i]->data, c->in[i]->data,       \
                        c->in[1 - i]->data, c->attrs->value, k, (c->add >> i) & 1, n);   \
    }

/* Losses whose target is given. */
#define TARGET(op)                                                                       \
    PAIR_FORWARD(op)                                                                     \
    static void op##_backward(struct nn_call *c) {                                       \
        size_t n = c->in[0]->n;                                                          \
        double k = nn_loss_gradient(c) / (double)n;                                      \
        if (c->d_in[0])                                                                  \
            NN_REAL(c->out_dtype, op##_back, c->d_in[0]->data, c->in[0]->data,           \
                    c->in[1]->data, c->attrs->value, k, c->add & 1, n);                  \
    }

DISTANCE(mse)
DISTANCE(mae)
DISTANCE(huber)
TARGET(hinge)
TARGET(bce)
TARGET(logit_bce)

#define PAIRS .n_in = 2, .ndim = {2, 2}, .shape = {{3, 4}, {3, 4}}
static const struct nn_op_sample distances[] = {
    {PAIRS, .lo = -1, .hi = 1, .gap = 1e-2},
    {.n_in = 2, .ndim = {2, 1}, .shape = {{4, 1}, {4}}, .lo = -1, .hi = 1, .gap = 1e-2},
    {0}};
static const struct nn_op_sample corners[] = {
    {PAIRS, .lo = -2, .hi = 2, .gap = 1e-2, .attrs = {.value = 1}},
    {PAIRS, .lo = -2, .hi = 2, .gap = 1e-2, .attrs = {.value = 0.3}},
    {0}};
static const struct nn_op_sample margins[] = {{PAIRS, .lo = -3, .hi = 3}, {0}};
static const struct nn_op_sample chances[] = {
    {PAIRS, .lo = 0.1, .hi = 0.9},
    {PAIRS, .lo = 0.1, .hi = 0.9, .attrs = {.value = 0.2}},
    {0}};
static const struct nn_op_sample logits[] = {
    {PAIRS, .lo = -2, .hi = 2}, {PAIRS, .lo = -2, .hi = 2, .attrs = {.value = 0.2}}, {0}};

#define ROW(op_name, op, rule, more, formula, d0, d1, s)                                 \
    {                                                                                    \
        .name = op_name, .min_in = 2, .max_in = 2,                                       \
        .flags = NN_OP_LOSS | NN_OP_USES_IN | (more), .shape = rule,                     \
        .forward = op##_forward, .backward = op##_backward, .latex = formula,            \
        .d_latex = {d0, d1}, .sample = s                                                 \
    }

const struct nn_op nn_ops_loss[] = {
    ROW("mse", mse, pair_shape, 0, "\\frac{1}{n}\\sum(@0-@1)^2", "\\frac{2}{n}(@0-@1)",
        "-\\frac{2}{n}(@0-@1)", distances),
    ROW("mae", mae, pair_shape, 0, "\\frac{1}{n}\\sum\\left|@0-@1\\right|",
        "\\frac{1}{n}\\operatorname{sgn}(@0-@1)",
        "-\\frac{1}{n}\\operatorname{sgn}(@0-@1)", distances),
    ROW("huber", huber, huber_shape, 0, "\\frac{1}{n}\\sum H_{@v}(@0-@1)",
        "\\frac{1}{n}\\min(\\max(@0-@1,-@v),@v)",
        "-\\frac{1}{n}\\min(\\max(@0-@1,-@v),@v)", corners),
    ROW("hinge", hinge, pair_shape, NN_OP_LABELS, "\\frac{1}{n}\\sum\\max(0,1-@1\\,@0)",
        "-\\frac{1}{n}@1\\,[@1\\,@0<1]", NULL, margins),
    ROW("binary_cross_entropy", bce, smoothed_shape, NN_OP_LABELS,
        "-\\frac{1}{n}\\sum @1\\ln @0+(1-@1)\\ln(1-@0)",
        "\\frac{1}{n}\\frac{@0-@1}{@0(1-@0)}", NULL, chances),
    ROW("sigmoid_cross_entropy", logit_bce, smoothed_shape, NN_OP_LABELS,
        "\\frac{1}{n}\\sum \\ln(1+e^{@0})-@1\\,@0", "\\frac{1}{n}(\\sigma(@0)-@1)", NULL,
        logits),
    {0}};
