/* op_norm.c: batch_norm and layer_norm, channels last.
 *
 * batch_norm(x, mean, variance [, gamma] [, beta]): gamma follows when attrs.scale, beta
 * when attrs.center. While training, x is normalised by the mean and variance of its own
 * batch, and the moving ones (inputs 1 and 2) move towards them, as in Keras:
 *     moving = momentum moving + (1 - momentum) batch
 * Otherwise the moving ones are used and stay.
 *
 * layer_norm(x [, gamma] [, beta]): each row of the last axis by its own mean and variance.
 */
#include "ops.h"

#include "nn/gemm.h"
#include "nn/norm.h"
#include "nn/pool.h"
#include "nn/vec.h"

#include <math.h>

/* Rows and channels of x. */
static size_t cols_of(const struct nn_call *c) {
    return c->in_shape[0][c->in_ndim[0] - 1];
}

static size_t rows_of(const struct nn_call *c) {
    return nn_shape_count(c->in_ndim[0] - 1, c->in_shape[0]);
}

/* Which input gamma and beta are; -1: left out. first: the inputs before them. */
static int gamma_of(const struct nn_call *c, int first) {
    return c->attrs->scale ? first : -1;
}

static int beta_of(const struct nn_call *c, int first) {
    return c->attrs->center ? first + c->attrs->scale : -1;
}

/* Everything but x has one number per channel. */
static int norm_shape(struct nn_call *c, int first, struct err *e) {
    char sx[NN_SHAPE_TEXT], sk[NN_SHAPE_TEXT];
    int want = first + c->attrs->scale + c->attrs->center;
    if (c->n_in != want)
        return err_set(e, ERR_ARG, _("%s: recibió %d entradas y espera %d"), c->op->name,
                       c->n_in, want);
    nn_shape_text(sx, c->in_ndim[0], c->in_shape[0]);
    if (c->in_ndim[0] < 1 || nn_shape_count(c->in_ndim[0], c->in_shape[0]) == 0)
        return err_set(e, ERR_SHAPE, _("%s: la entrada %s está vacía"), c->op->name, sx);
    for (int i = 1; i < c->n_in; i++)
        if (c->in_ndim[i] != 1 || c->in_shape[i][0] != cols_of(c))
            return err_set(e, ERR_SHAPE,
                           _("%s: la entrada %s tiene %zu canales y el parámetro %d es "
                             "%s"),
                           c->op->name, sx, cols_of(c), i,
                           nn_shape_text(sk, c->in_ndim[i], c->in_shape[i]));
    if (!(c->attrs->epsilon > 0))
        return err_set(e, ERR_RANGE, _("%s: epsilon es %g y debe ser mayor que 0"),
                       c->op->name, c->attrs->epsilon);
    nn_call_same_shape(c, 0);
    return 0;
}

/* Saved: doubles, two per channel or per row: mean and 1 / sqrt(variance + epsilon). */
static int save_pairs(struct nn_call *c, size_t n, struct err *e) {
    if (mul_size(&c->saved_bytes, n, 2 * sizeof(double)))
        return 0;
    return err_set(e, ERR_NOMEM, _("%s: la entrada no cabe en memoria"), c->op->name);
}

static double get(const struct nn_call *c, int input, size_t k, double otherwise) {
    return input < 0 ? otherwise : nn_tensor_get(c->in[input], k);
}

/* ---- batch_norm */

static int batch_shape(struct nn_call *c, struct err *e) {
    int rc = norm_shape(c, 3, e);
    return rc < 0 ? rc : save_pairs(c, cols_of(c), e);
}

struct batch_areas {
    void *pieces;               /* of the sums */
    double *sum, *product;      /* per channel */
    void *mean, *scale, *shift; /* per channel, of the dtype */
    void *slope, *offset;
};

static size_t batch_carve(struct batch_areas *a, const struct nn_call *c, void *work) {
    struct nn_carve r = {.base = work};
    size_t cols = cols_of(c), pieces = nn_norm_work(rows_of(c), cols);
    enum nn_dtype d = c->in_dtype[0];
    a->pieces = nn_carve_take(&r, pieces, NN_U8);
    a->sum = nn_carve_take(&r, cols, NN_F64);
    a->product = nn_carve_take(&r, cols, NN_F64);
    a->mean = nn_carve_take(&r, cols, d);
    a->scale = nn_carve_take(&r, cols, d);
    a->shift = nn_carve_take(&r, cols, d);
    a->slope = nn_carve_take(&r, cols, d);
    a->offset = nn_carve_take(&r, cols, d);
    return r.used;
}

static size_t batch_work(const struct nn_call *c) {
    struct batch_areas a;
    return batch_carve(&a, c, NULL);
}

static void put(enum nn_dtype d, void *to, size_t k, double v) {
    if (d == NN_F32)
        ((float *)to)[k] = (float)v;
    else
        ((double *)to)[k] = v;
}

/* What the mean loses when it is rounded to the dtype: the passes subtract the rounded one
 * and get the rest back in their constant. */
static double rounded_off(enum nn_dtype d, double mean) {
    return d == NN_F32 ? (double)(float)mean - mean : 0;
}

/* (x - mean) scale + shift, from the saved mean and deviation. */
static struct nn_norm batch_norm_of(const struct nn_call *c,
                                    const struct batch_areas *a) {
    struct nn_norm o = {.dtype = c->out_dtype,
                        .rows = rows_of(c),
                        .cols = cols_of(c),
                        .mean = a->mean,
                        .scale = a->scale,
                        .shift = a->shift,
                        .relu = c->attrs->activation == (int)NN_ACT_RELU && !c->masked};
    const double *saved = c->saved;
    for (size_t k = 0; k < o.cols; k++) {
        double scale = saved[o.cols + k] * get(c, gamma_of(c, 3), k, 1);
        double shift = get(c, beta_of(c, 3), k, 0);
        put(o.dtype, a->mean, k, saved[k]);
        put(o.dtype, a->scale, k, scale);
        put(o.dtype, a->shift, k, shift + scale * rounded_off(o.dtype, saved[k]));
    }
    return o;
}

/* The moving statistics follow those of the batch. */
static void follow(struct nn_tensor *moving, const double *batch, double momentum) {
    for (size_t k = 0; k < moving->n; k++)
        nn_tensor_set(moving, k,
                      momentum * nn_tensor_get(moving, k) + (1 - momentum) * batch[k]);
}

static void batch_forward(struct nn_call *c) {
    struct batch_areas a;
    size_t cols = cols_of(c);
    double *mean = c->saved, *scale = mean + cols;
    (void)batch_carve(&a, c, c->work);
    if (c->attrs->training) {
        nn_norm_moments(c->out_dtype, mean, scale, c->in[0]->data, rows_of(c), cols,
                        a.pieces);
        follow(c->in[1], mean, c->attrs->momentum);
        follow(c->in[2], scale, c->attrs->momentum);
    } else {
        for (size_t k = 0; k < cols; k++) {
            mean[k] = nn_tensor_get(c->in[1], k);
            scale[k] = nn_tensor_get(c->in[2], k);
        }
    }
    for (size_t k = 0; k < cols; k++)
        scale[k] = 1 / sqrt(scale[k] + c->attrs->epsilon);
    struct nn_norm o = batch_norm_of(c, &a);
    o.relu = c->attrs->activation == (int)NN_ACT_RELU;
    nn_norm_forward(&o, c->out->data, c->in[0]->data);
}

/* d = or += v */
static void give(const struct nn_call *c, int input, size_t k, double v) {
    if (input < 0 || !c->d_in[input])
        return;
    struct nn_tensor *d = c->d_in[input];
    nn_tensor_set(d, k, c->add & (1u << input) ? nn_tensor_get(d, k) + v : v);
}

/* With xn = (x - mean) s, s = 1 / sqrt(variance + epsilon), g = dL/dy:
 *     dgamma = sum g xn, dbeta = sum g, and while training
 *     dx = gamma s (g - mean(g) - xn mean(g xn));   otherwise dx = gamma s g. */
static void batch_backward(struct nn_call *c) {
    struct batch_areas a;
    (void)batch_carve(&a, c, c->work);
    struct nn_norm o = batch_norm_of(c, &a);
    const double *mean = c->saved, *s = mean + o.cols;
    bool training = c->attrs->training;
    nn_norm_sums(&o, a.sum, a.product, c->d_out->data, c->in[0]->data, a.pieces);
    for (size_t k = 0; k < o.cols; k++) {
        double scale = s[k] * get(c, gamma_of(c, 3), k, 1), n = (double)o.rows;
        double off = rounded_off(o.dtype, mean[k]);
        double product = a.product[k] + off * a.sum[k];
        double slope = training ? -scale * s[k] * s[k] * product / n : 0;
        give(c, gamma_of(c, 3), k, product * s[k]);
        give(c, beta_of(c, 3), k, a.sum[k]);
        give(c, 1, k, training ? 0 : -scale * a.sum[k]);
        give(c, 2, k, training ? 0 : -0.5 * scale * s[k] * s[k] * product);
        put(o.dtype, a.slope, k, slope);
        put(o.dtype, a.offset, k, training ? off * slope - scale * a.sum[k] / n : 0);
    }
    if (c->d_in[0])
        nn_norm_backward(&o, &(struct nn_norm_back){.dx = c->d_in[0]->data,
                                                    .dy = c->d_out->data,
                                                    .x = c->in[0]->data,
                                                    .slope = a.slope,
                                                    .offset = a.offset,
                                                    .accumulate = c->add & 1,
                                                    .mask = c->mask_in});
}

/* ---- layer_norm */

static int layer_shape(struct nn_call *c, struct err *e) {
    int rc = norm_shape(c, 1, e);
    return rc < 0 ? rc : save_pairs(c, rows_of(c), e);
}

/* Room for g xn, whose column sums are the gradient of gamma. */
static size_t layer_work(const struct nn_call *c) {
    struct nn_carve r = {0};
    int gamma = gamma_of(c, 1);
    if (c->d_out && gamma > 0 && c->d_in[gamma])
        (void)nn_carve_take(&r, rows_of(c) * cols_of(c), c->in_dtype[0]);
    return r.used;
}

#define REAL     float
#define FN(name) name##_f32
#include "op_norm_loops.h"
#undef REAL
#undef FN
#define REAL     double
#define FN(name) name##_f64
#include "op_norm_loops.h"
#undef REAL
#undef FN

static void each_row(struct nn_call *c, nn_pool_fn *f32, nn_pool_fn *f64) {
    nn_pool_run(c->out_dtype == NN_F32 ? f32 : f64, c, rows_of(c),
                MAX_OF(16384 / cols_of(c), (size_t)1));
}

static void layer_forward(struct nn_call *c) {
    each_row(c, layer_rows_f32, layer_rows_f64);
}

static void layer_backward(struct nn_call *c) {
    int gamma = gamma_of(c, 1), beta = beta_of(c, 1);
    size_t rows = rows_of(c), cols = cols_of(c);
    each_row(c, layer_rows_back_f32, layer_rows_back_f64);
    if (gamma > 0 && c->d_in[gamma])
        nn_vec_sum_rows(c->out_dtype, c->d_in[gamma]->data, c->add & (1u << gamma),
                        c->work, rows, cols);
    if (beta > 0 && c->d_in[beta])
        nn_vec_sum_rows(c->out_dtype, c->d_in[beta]->data, c->add & (1u << beta),
                        c->d_out->data, rows, cols);
}

#define PER_CHANNEL(k)                                                                   \
    {k}, {k}, {k}, {                                                                     \
        k                                                                                \
    }
#define BATCH(...) .attrs = {.momentum = 0.99, .epsilon = 1e-3, __VA_ARGS__}
static const struct nn_op_sample batches[] = {
    {.n_in = 5,
     .ndim = {2, 1, 1, 1, 1},
     .shape = {{5, 2}, PER_CHANNEL(2)},
     .lo = 0.2,
     .hi = 3,
     BATCH(.training = true, .scale = true, .center = true)},
    {.n_in = 5,
     .ndim = {4, 1, 1, 1, 1},
     .shape = {{2, 3, 2, 3}, PER_CHANNEL(3)},
     .lo = 0.2,
     .hi = 2,
     BATCH(.scale = true, .center = true)},
    {.n_in = 4,
     .ndim = {4, 1, 1, 1},
     .shape = {{2, 2, 3, 2}, PER_CHANNEL(2)},
     .lo = 0.2,
     .hi = 4,
     BATCH(.training = true, .center = true, .activation = NN_ACT_RELU)},
    {.n_in = 4,
     .ndim = {2, 1, 1, 1},
     .shape = {{6, 2}, PER_CHANNEL(2)},
     .lo = 0.2,
     .hi = 3,
     BATCH(.scale = true)},
    {.n_in = 3,
     .ndim = {3, 1, 1},
     .shape = {{2, 2, 3}, PER_CHANNEL(3)},
     .lo = 0.2,
     .hi = 5,
     BATCH(.training = true)},
    {0}};
static const struct nn_op_sample rows_samples[] = {
    {.n_in = 3,
     .ndim = {2, 1, 1},
     .shape = {{4, 5}, {5}, {5}},
     .lo = -1,
     .hi = 1,
     BATCH(.scale = true, .center = true)},
    {.n_in = 2,
     .ndim = {4, 1},
     .shape = {{2, 2, 3, 3}, {3}},
     .lo = -1,
     .hi = 1,
     BATCH(.center = true)},
    {.n_in = 1, .ndim = {2}, .shape = {{2, 5}}, .lo = -1, .hi = 1, BATCH(.scale = false)},
    {0}};

#define NORMAL "\\frac{@0-\\mu}{\\sqrt{\\sigma^2+\\varepsilon}}"
#define SLOPE                                                                            \
    "\\frac{\\gamma}{\\sqrt{\\sigma^2+\\varepsilon}}\\left(I-\\frac{1+\\hat x\\hat "     \
    "x^{\\top}}"                                                                         \
    "{n}\\right)"
const struct nn_op nn_ops_norm[] = {{.name = "batch_norm",
                                     .min_in = 3,
                                     .max_in = 5,
                                     .flags = NN_OP_USES_IN,
                                     .shape = batch_shape,
                                     .work = batch_work,
                                     .forward = batch_forward,
                                     .backward = batch_backward,
                                     .latex = "\\gamma" NORMAL "+\\beta",
                                     .d_latex = {SLOPE, NULL},
                                     .sample = batches},
                                    {.name = "layer_norm",
                                     .min_in = 1,
                                     .max_in = 3,
                                     .flags = NN_OP_USES_IN,
                                     .shape = layer_shape,
                                     .work = layer_work,
                                     .forward = layer_forward,
                                     .backward = layer_backward,
                                     .latex = "\\gamma" NORMAL "+\\beta",
                                     .d_latex = {SLOPE, NULL},
                                     .sample = rows_samples},
                                    {0}};
