/* op_xent.c: softmax and cross-entropy in one, the loss of classification: the mean over
 * rows. */
#include "ops.h"

#include "nn/vec.h"

#include <math.h>

#define REAL     float
#define FN(name) name##_f32
#include "op_xent_loops.h"
#undef REAL
#undef FN
#define REAL     double
#define FN(name) name##_f64
#include "op_xent_loops.h"
#undef REAL
#undef FN

/* softmax_cross_entropy(logits (..., C), labels): labels are class numbers of shape (...)
 * or (..., 1), int32, or weights of shape (..., C); attrs.value is the label smoothing.
 * saved: the softmax, then one loss per row. */
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
    int n = c->in_ndim[0], rc = nn_loss_smoothing(c, e);
    if (rc < 0)
        return rc;
    if (n < 1)
        return nn_loss_misfit(c, e);
    size_t rows = nn_shape_count(n - 1, c->in_shape[0]);
    if (is_sparse(c)) {
        int labels = c->in_ndim[1];
        if (labels == n && c->in_shape[1][n - 1] == 1)
            labels--;
        if (labels != n - 1 || (labels > 0 && memcmp(c->in_shape[0], c->in_shape[1],
                                                     (size_t)labels * sizeof(size_t))))
            return nn_loss_misfit(c, e);
    } else if (c->in_ndim[1] != n ||
               memcmp(c->in_shape[0], c->in_shape[1], (size_t)n * sizeof(size_t)) != 0) {
        return nn_loss_misfit(c, e);
    }
    if (rows == 0 || classes(c) == 0)
        return nn_loss_no_elements(c, e);
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
    double loss, v = c->attrs->value;
    bool f32 = c->out_dtype == NN_F32;
    if (is_sparse(c)) {
        nn_vec_softmax_xent(c->out_dtype, c->saved, row_loss, x, t, rows, cols);
        loss = nn_vec_sum(c->out_dtype, row_loss, rows);
        if (v > 0)
            loss += f32 ? xent_spread_f32(x, t, v, rows, cols)
                        : xent_spread_f64(x, t, v, rows, cols);
        loss /= (double)rows;
    } else {
        loss = f32 ? xent_dense_f32(c->saved, x, t, v, rows, cols)
                   : xent_dense_f64(c->saved, x, t, v, rows, cols);
    }
    nn_loss_set(c, loss);
}

static void xent_backward(struct nn_call *c) {
    size_t cols = classes(c), rows = c->in[0]->n / cols;
    double k = nn_loss_gradient(c) / (double)rows, v = c->attrs->value;
    bool add = c->add & 1;
    if (!c->d_in[0])
        return;
    if (!is_sparse(c))
        NN_REAL(c->out_dtype, xent_dense_back, c->d_in[0]->data, c->saved, c->in[1]->data,
                v, k, add, rows, cols);
    else if (add || v > 0)
        NN_REAL(c->out_dtype, xent_sparse_back, c->d_in[0]->data, c->saved,
                c->in[1]->data, v, k, add, rows, cols);
    else
        nn_vec_softmax_xent_backward(c->out_dtype, c->d_in[0]->data, c->saved,
                                     c->in[1]->data, k, rows, cols);
}

#define LIMITS .lo = -2, .hi = 2
static const struct nn_op_sample rows[] = {
    {.n_in = 2, .ndim = {2, 2}, .shape = {{3, 4}, {3, 4}}, LIMITS},
    {.n_in = 2, .ndim = {2, 1}, .shape = {{3, 4}, {3}}, LIMITS},
    {.n_in = 2,
     .ndim = {2, 2},
     .shape = {{3, 4}, {3, 4}},
     LIMITS,
     .attrs = {.value = 0.1}},
    {.n_in = 2, .ndim = {2, 1}, .shape = {{3, 4}, {3}}, LIMITS, .attrs = {.value = 0.1}},
    {0}};

const struct nn_op nn_ops_xent[] = {
    {.name = "softmax_cross_entropy",
     .min_in = 2,
     .max_in = 2,
     .flags = NN_OP_LOSS | NN_OP_USES_IN | NN_OP_LABELS,
     .shape = xent_shape,
     .check = xent_check,
     .forward = xent_forward,
     .backward = xent_backward,
     .latex = "-\\frac{1}{n}\\sum @1\\,\\ln\\operatorname{softmax}(@0)",
     .d_latex = {"\\frac{1}{n}(\\operatorname{softmax}(@0)-@1)", NULL},
     .sample = rows},
    {0}};
