/* op_penalty.c: a loss with the size of a parameter added to it, what a regularizer does:
 * y = loss + l1 sum |w| + l2 sum w^2. It takes the loss as an input so that a plan, in
 * which parameters have values and losses do not, computes it anew at every step. */
#include "ops.h"

#include "nn/vec.h"

#include <math.h>

static int penalty_shape(struct nn_call *c, struct err *e) {
    char text[NN_SHAPE_TEXT];
    if (c->in_ndim[0] != 0)
        return err_set(e, ERR_SHAPE,
                       _("penalty: la pérdida debe ser un número y tiene forma %s"),
                       nn_shape_text(text, c->in_ndim[0], c->in_shape[0]));
    c->out_ndim = 0;
    return 0;
}

enum { LANES = 8 }; /* sums side by side: the same ones on every machine */

#define ABSOLUTE_SUM(real, suffix)                                                       \
    static double absolute_sum_##suffix(const real *x, size_t n) {                       \
        double lane[LANES] = {0}, sum = 0;                                               \
        size_t i = 0;                                                                    \
        for (; i + LANES <= n; i += LANES)                                               \
            for (size_t k = 0; k < LANES; k++)                                           \
                lane[k] += fabs((double)x[i + k]);                                       \
        for (; i < n; i++)                                                               \
            lane[i % LANES] += fabs((double)x[i]);                                       \
        for (size_t k = 0; k < LANES; k++)                                               \
            sum += lane[k];                                                              \
        return sum;                                                                      \
    }
ABSOLUTE_SUM(float, f32)
ABSOLUTE_SUM(double, f64)

double nn_penalty_value(const struct nn_tensor *w, double l1, double l2) {
    double v = 0;
    if (l1 != 0)
        v += l1 * (w->dtype == NN_F32 ? absolute_sum_f32(w->data, w->n)
                                      : absolute_sum_f64(w->data, w->n));
    if (l2 != 0)
        v += l2 * nn_vec_dot(w->dtype, w->data, w->data, w->n);
    return v;
}

static void penalty_forward(struct nn_call *c) {
    nn_tensor_set(c->out, 0,
                  nn_tensor_get(c->in[0], 0) +
                      nn_penalty_value(c->in[1], c->attrs->value, c->attrs->upper));
}

/* dL/dw = l1 sgn(w) + 2 l2 w */
#define SLOPE(real, suffix)                                                              \
    static void slope_##suffix(real *d, const real *w, real l1, real l2, bool add,       \
                               size_t n) {                                               \
        for (size_t i = 0; i < n; i++) {                                                 \
            real sign = (real)((w[i] > 0) - (w[i] < 0));                                 \
            real g = l1 * sign + 2 * l2 * w[i];                                          \
            d[i] = add ? d[i] + g : g;                                                   \
        }                                                                                \
    }
SLOPE(float, f32)
SLOPE(double, f64)

static void penalty_backward(struct nn_call *c) {
    double d = nn_tensor_get(c->d_out, 0);
    if (c->d_in[0])
        nn_tensor_set(c->d_in[0], 0, d + (c->add & 1 ? nn_tensor_get(c->d_in[0], 0) : 0));
    if (!c->d_in[1])
        return;
    double l1 = c->attrs->value * d, l2 = c->attrs->upper * d;
    bool add = c->add >> 1 & 1;
    if (c->out_dtype == NN_F32)
        slope_f32(c->d_in[1]->data, c->in[1]->data, (float)l1, (float)l2, add,
                  c->in[1]->n);
    else
        slope_f64(c->d_in[1]->data, c->in[1]->data, l1, l2, add, c->in[1]->n);
}

static const struct nn_op_sample samples[] = {{.n_in = 2,
                                               .ndim = {0, 2},
                                               .shape = {{0}, {3, 5}},
                                               .lo = -1,
                                               .hi = 1,
                                               .gap = 1e-3,
                                               .attrs = {.value = 0.3, .upper = 0.2}},
                                              {0}};

const struct nn_op nn_ops_penalty[] = {
    {.name = "penalty",
     .min_in = 2,
     .max_in = 2,
     .flags = NN_OP_USES_IN,
     .shape = penalty_shape,
     .forward = penalty_forward,
     .backward = penalty_backward,
     .latex = "@0+\\lambda_1\\sum|@1|+\\lambda_2\\sum @1^2",
     .d_latex = {"1", "\\lambda_1\\operatorname{sgn}(@1)+2\\lambda_2 @1"},
     .sample = samples},
    {0}};
