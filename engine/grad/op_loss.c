/* op_loss.c: mse, mae, binary and softmax cross-entropy. Each is one number, the mean
 * over elements (over rows for softmax_cross_entropy). The first input is the prediction,
 * the second the target. */
#include "ops.h"

#include "nn/vec.h"

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

static int no_elements(const struct nn_call *c, struct err *e) {
    char text[NN_SHAPE_TEXT];
    return err_set(e, ERR_SHAPE, _("%s: no hay ejemplos (forma %s)"), c->op->name,
                   nn_shape_text(text, c->in_ndim[0], c->in_shape[0]));
}

static int misfit(const struct nn_call *c, struct err *e) {
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
        return misfit(c, e);
    if (nn_shape_count(c->in_ndim[0], c->in_shape[0]) == 0)
        return no_elements(c, e);
    c->out_ndim = 0;
    return 0;
}

static void set_scalar(struct nn_call *c, double v) {
    if (c->out_dtype == NN_F32)
        *nn_tensor_f32(c->out) = (float)v;
    else
        *nn_tensor_f64(c->out) = v;
}

static double get_scalar(const struct nn_tensor *t) {
    return t->dtype == NN_F32 ? (double)*nn_tensor_f32(t) : *nn_tensor_f64(t);
}

#define PAIR_FORWARD(op)                                                                 \
    static void op##_forward(struct nn_call *c) {                                        \
        const void *p = c->in[0]->data, *t = c->in[1]->data;                             \
        size_t n = c->in[0]->n;                                                          \
        set_scalar(c, c->out_dtype == NN_F32 ? op##_f32(p, t, n) : op##_f64(p, t, n));   \
    }

/* Losses that only the distance enters: the target's gradient is the opposite one. */
#define DISTANCE(op)                                                                     \
    PAIR_FORWARD(op)                                                                     \
    static void op##_backward(struct nn_call *c) {                                       \
        size_t n = c->in[0]->n;                                                          \
        double k = get_scalar(c->d_out) / (double)n;                                     \
        for (int i = 0; i < 2; i++)                                                      \
            if (c->d_in[i])                                                              \
                NN_REAL(c->out_dtype, op##_back, c->d_in[i]->data, c->in[i]->data,       \
                        c->in[1 - i]->data, k, (c->add >> i) & 1, n);                    \
    }

/* Losses whose target is given. */
#define TARGET(op)                                                                       \
    PAIR_FORWARD(op)                                                                     \
    static void op##_backward(struct nn_call *c) {                                       \
        size_t n = c->in[0]->n;                                                          \
        double k = get_scalar(c->d_out) / (double)n;                                     \
        if (c->d_in[0])                                                                  \
            NN_REAL(c->out_dtype, op##_back, c->d_in[0]->data, c->in[0]->data,           \
                    c->in[1]->data, k, c->add & 1, n);                                   \
    }

DISTANCE(mse)
DISTANCE(mae)
TARGET(bce)
TARGET(logit_bce)

/* softmax_cross_entropy(logits (..., C), labels): labels are class numbers of shape (...)
 * or (..., 1), int32, or weights of shape (..., C). saved: the softmax, then one loss per
 * row. */
static size_t classes(const struct nn_call *c) {
    return c->in_shape[0][c->in_ndim[0] - 1];
}

static size_t probability_bytes(const struct nn_call *c) {
    size_t n =
        nn_shape_count(c->in_ndim[0], c->in_shape[0]) * nn_dtype_size(c->out_dtype);
    return (n + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN;
}

static bool is_sparse(const struct nn_call *c) {
    return c->in_dtype[1] == NN_I32;
}

static int xent_shape(struct nn_call *c, struct err *e) {
    int n = c->in_ndim[0];
    if (n < 1)
        return misfit(c, e);
    size_t rows = nn_shape_count(n - 1, c->in_shape[0]);
    if (is_sparse(c)) {
        int labels = c->in_ndim[1];
        if (labels == n && c->in_shape[1][n - 1] == 1)
            labels--;
        if (labels != n - 1 || (labels > 0 && memcmp(c->in_shape[0], c->in_shape[1],
                                                     (size_t)labels * sizeof(size_t))))
            return misfit(c, e);
    } else if (c->in_ndim[1] != n ||
               memcmp(c->in_shape[0], c->in_shape[1], (size_t)n * sizeof(size_t)) != 0) {
        return misfit(c, e);
    }
    if (rows == 0 || classes(c) == 0)
        return no_elements(c, e);
    c->saved_bytes = probability_bytes(c) + rows * nn_dtype_size(c->out_dtype);
    c->out_ndim = 0;
    return 0;
}

static int xent_check(const struct nn_call *c, struct err *e) {
    if (!is_sparse(c))
        return 0;
    const int32_t *label = nn_tensor_i32(c->in[1]);
    for (size_t r = 0; r < c->in[1]->n; r++)
        if (label[r] < 0 || (size_t)label[r] >= classes(c))
            return err_set(e, ERR_RANGE,
                           _("%s: la etiqueta %d de la fila %zu está fuera de 0..%zu"),
                           c->op->name, (int)label[r], r + 1, classes(c) - 1);
    return 0;
}

static void xent_forward(struct nn_call *c) {
    size_t cols = classes(c), rows = c->in[0]->n / cols;
    void *row_loss = (char *)c->saved + probability_bytes(c);
    const void *x = c->in[0]->data, *t = c->in[1]->data;
    double loss;
    if (is_sparse(c)) {
        nn_vec_softmax_xent(c->out_dtype, c->saved, row_loss, x, t, rows, cols);
        loss = nn_vec_sum(c->out_dtype, row_loss, rows) / (double)rows;
    } else if (c->out_dtype == NN_F32) {
        loss = xent_dense_f32(c->saved, x, t, rows, cols);
    } else {
        loss = xent_dense_f64(c->saved, x, t, rows, cols);
    }
    set_scalar(c, loss);
}

static void xent_backward(struct nn_call *c) {
    size_t cols = classes(c), rows = c->in[0]->n / cols;
    double k = get_scalar(c->d_out) / (double)rows;
    bool add = c->add & 1;
    if (!c->d_in[0])
        return;
    if (!is_sparse(c))
        NN_REAL(c->out_dtype, xent_dense_back, c->d_in[0]->data, c->saved, c->in[1]->data,
                k, add, rows, cols);
    else if (add)
        NN_REAL(c->out_dtype, xent_sparse_back, c->d_in[0]->data, c->saved,
                c->in[1]->data, k, rows, cols);
    else
        nn_vec_softmax_xent_backward(c->out_dtype, c->d_in[0]->data, c->saved,
                                     c->in[1]->data, k, rows, cols);
}

#define PAIRS .n_in = 2, .ndim = {2, 2}, .shape = {{3, 4}, {3, 4}}
static const struct nn_op_sample distances[] = {
    {PAIRS, .lo = -1, .hi = 1, .gap = 1e-2},
    {.n_in = 2, .ndim = {2, 1}, .shape = {{4, 1}, {4}}, .lo = -1, .hi = 1, .gap = 1e-2},
    {0}};
static const struct nn_op_sample chances[] = {{PAIRS, .lo = 0.1, .hi = 0.9}, {0}};
static const struct nn_op_sample logits[] = {{PAIRS, .lo = -2, .hi = 2}, {0}};
static const struct nn_op_sample rows[] = {
    {PAIRS, .lo = -2, .hi = 2},
    {.n_in = 2, .ndim = {2, 1}, .shape = {{3, 4}, {3}}, .lo = -2, .hi = 2},
    {0}};

#define ROW(op_name, op, rule, look, more, formula, d0, d1, s)                           \
    {                                                                                    \
        .name = op_name, .min_in = 2, .max_in = 2,                                       \
        .flags = NN_OP_LOSS | NN_OP_USES_IN | (more), .shape = rule, .check = look,      \
        .forward = op##_forward, .backward = op##_backward, .latex = formula,            \
        .d_latex = {d0, d1}, .sample = s                                                 \
    }

const struct nn_op nn_ops_loss[] = {
    ROW("mse", mse, pair_shape, NULL, 0, "\\frac{1}{n}\\sum(@0-@1)^2",
        "\\frac{2}{n}(@0-@1)", "-\\frac{2}{n}(@0-@1)", distances),
    ROW("mae", mae, pair_shape, NULL, 0, "\\frac{1}{n}\\sum\\left|@0-@1\\right|",
        "\\frac{1}{n}\\operatorname{sgn}(@0-@1)",
        "-\\frac{1}{n}\\operatorname{sgn}(@0-@1)", distances),
    ROW("binary_cross_entropy", bce, pair_shape, NULL, NN_OP_LABELS,
        "-\\frac{1}{n}\\sum @1\\ln @0+(1-@1)\\ln(1-@0)",
        "\\frac{1}{n}\\frac{@0-@1}{@0(1-@0)}", NULL, chances),
    ROW("sigmoid_cross_entropy", logit_bce, pair_shape, NULL, NN_OP_LABELS,
        "\\frac{1}{n}\\sum \\ln(1+e^{@0})-@1\\,@0", "\\frac{1}{n}(\\sigma(@0)-@1)", NULL,
        logits),
    ROW("softmax_cross_entropy", xent, xent_shape, xent_check, NN_OP_LABELS,
        "-\\frac{1}{n}\\sum @1\\,\\ln\\operatorname{softmax}(@0)",
        "\\frac{1}{n}(\\operatorname{softmax}(@0)-@1)", NULL, rows),
    {0}};
