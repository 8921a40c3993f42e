/* op_pool.c: maxpool2d and avgpool2d (attrs.window, stride, same) of images channels last,
 * and global_maxpool2d and global_avgpool2d, one number per image and channel. */
#include "ops.h"

#include "nn/pool.h"
#include "nn/pooling.h"
#include "nn/vec.h"

static int check_images(const struct nn_call *c, struct err *e) {
    char text[NN_SHAPE_TEXT];
    nn_shape_text(text, c->in_ndim[0], c->in_shape[0]);
    if (c->in_ndim[0] != 4)
        return err_set(e, ERR_SHAPE,
                       _("%s: las imágenes tienen 4 ejes (n, alto, ancho, canales) y la "
                         "entrada es %s"),
                       c->op->name, text);
    if (nn_shape_count(4, c->in_shape[0]) == 0)
        return err_set(e, ERR_SHAPE, _("%s: la entrada %s está vacía"), c->op->name,
                       text);
    return 0;
}

static struct nn_pooling pooling_of(const struct nn_call *c) {
    const size_t *x = c->in_shape[0];
    const struct nn_attrs *a = c->attrs;
    struct nn_pooling p = {.dtype = c->in_dtype[0],
                           .n = x[0],
                           .h = x[1],
                           .w = x[2],
                           .c = x[3],
                           .kh = MAX_OF(a->window[0], (size_t)1),
                           .kw = MAX_OF(a->window[1], (size_t)1),
                           .stride_h = a->stride[0],
                           .stride_w = a->stride[1],
                           .masked = c->mask_in};
    (void)nn_pooling_fit(&p, a->same); /* the shape rule has checked it */
    return p;
}

static int window_shape(struct nn_call *c, struct err *e) {
    int rc = check_images(c, e);
    if (rc < 0)
        return rc;
    for (int i = 0; i < 2; i++)
        if (c->attrs->window[i] > UINT32_MAX || c->attrs->stride[i] > UINT32_MAX)
            return err_set(e, ERR_RANGE,
                           _("%s: la ventana o el paso es demasiado grande"),
                           c->op->name);
    struct nn_pooling p = pooling_of(c);
    if (!nn_pooling_fit(&p, c->attrs->same))
        return err_set(e, ERR_SHAPE,
                       _("%s: la ventana de %zu×%zu no cabe en una imagen de %zu×%zu; "
                         "usa una menor o padding = \"same\""),
                       c->op->name, p.kh, p.kw, p.h, p.w);
    c->out_ndim = 4;
    memcpy(c->out_shape, (size_t[]){p.n, p.oh, p.ow, p.c}, 4 * sizeof(size_t));
    return 0;
}

/* ---- maxpool2d: saved holds the place of each maximum, one byte */

static int maxpool_shape(struct nn_call *c, struct err *e) {
    int rc = window_shape(c, e);
    if (rc < 0)
        return rc;
    struct nn_pooling p = pooling_of(c);
    if (p.kh > NN_MAXPOOL_PLACES / p.kw)
        return err_set(e, ERR_RANGE,
                       _("%s: la ventana de %zu×%zu es demasiado grande; el máximo es de "
                         "%d lugares"),
                       c->op->name, p.kh, p.kw, NN_MAXPOOL_PLACES);
    c->saved_bytes = nn_shape_count(4, c->out_shape);
    return 0;
}

static void maxpool_forward(struct nn_call *c) {
    struct nn_pooling p = pooling_of(c);
    nn_maxpool_forward(&p, c->out->data, c->saved, c->in[0]->data);
}

static void maxpool_backward(struct nn_call *c) {
    struct nn_pooling p = pooling_of(c);
    if (c->d_in[0])
        nn_maxpool_backward(&p, c->d_in[0]->data, c->add & 1, c->d_out->data, c->saved);
}

static void avgpool_forward(struct nn_call *c) {
    struct nn_pooling p = pooling_of(c);
    nn_avgpool_forward(&p, c->out->data, c->in[0]->data);
}

static void avgpool_backward(struct nn_call *c) {
    struct nn_pooling p = pooling_of(c);
    if (c->d_in[0])
        nn_avgpool_backward(&p, c->d_in[0]->data, c->add & 1, c->d_out->data);
}

/* ---- global: (n, h, w, c) to (n, c) */

static int global_shape(struct nn_call *c, struct err *e) {
    int rc = check_images(c, e);
    c->out_ndim = 2;
    c->out_shape[0] = c->in_shape[0][0];
    c->out_shape[1] = c->in_shape[0][3];
    return rc;
}

static int global_max_shape(struct nn_call *c, struct err *e) {
    int rc = global_shape(c, e);
    if (rc == 0 &&
        !mul_size(&c->saved_bytes, c->out_shape[0] * c->out_shape[1], sizeof(uint32_t)))
        rc = err_set(e, ERR_NOMEM, _("%s: la entrada no cabe en memoria"), c->op->name);
    return rc;
}

#define REAL     float
#define FN(name) name##_f32
#include "op_pool_loops.h"
#undef REAL
#undef FN
#define REAL     double
#define FN(name) name##_f64
#include "op_pool_loops.h"
#undef REAL
#undef FN

/* The images shared out over the pool. */
static void each_image(struct nn_call *c, nn_pool_fn *f32, nn_pool_fn *f64) {
    nn_pool_run(c->out_dtype == NN_F32 ? f32 : f64, c, c->in_shape[0][0], 1);
}

static void global_max_forward(struct nn_call *c) {
    each_image(c, max_images_f32, max_images_f64);
}

static void global_max_backward(struct nn_call *c) {
    if (c->d_in[0])
        each_image(c, max_images_back_f32, max_images_back_f64);
}

static void global_avg_forward(struct nn_call *c) {
    const size_t *x = c->in_shape[0];
    nn_vec_reduce(NN_MEAN, c->out_dtype, c->out->data, c->in[0]->data, x[0], x[1] * x[2],
                  x[3]);
}

static void global_avg_backward(struct nn_call *c) {
    if (c->d_in[0])
        each_image(c, mean_images_back_f32, mean_images_back_f64);
}

#define IMAGES(n, h, w, c) .n_in = 1, .ndim = {4}, .shape = {{n, h, w, c}}
#define WINDOWS(g)                                                                       \
    {IMAGES(2, 4, 4, 3), .lo = -1, .hi = 1, .gap = g, .attrs = {.window = {2, 2}}},      \
        {IMAGES(1, 5, 7, 2), .lo = -1, .hi = 1, .gap = g,                                \
         .attrs = {.window = {2, 3}, .same = true}},                                     \
        {IMAGES(1, 6, 5, 1), .lo = -1, .hi = 1, .gap = g,                                \
         .attrs = {.window = {3, 3}, .stride = {2, 1}, .same = true}},                   \
        {IMAGES(1, 6, 5, 2), .lo = -1, .hi = 1, .gap = g,                                \
         .attrs = {.window = {3, 2}, .stride = {1, 3}}},                                 \
    {                                                                                    \
        0                                                                                \
    }
#define WHOLE(g)                                                                         \
    {IMAGES(2, 3, 4, 3), .lo = -1, .hi = 1, .gap = g},                                   \
        {IMAGES(1, 1, 1, 5), .lo = -1, .hi = 1, .gap = g}, {                             \
        0                                                                                \
    }
static const struct nn_op_sample windows[] = {WINDOWS(0)},
                                 windows_apart[] = {WINDOWS(1e-3)};
static const struct nn_op_sample whole[] = {WHOLE(0)}, whole_apart[] = {WHOLE(1e-3)};

#define ROW(op, rule, fn, formula, d, s)                                                 \
    {                                                                                    \
        .name = op, .min_in = 1, .max_in = 1, .shape = rule, .forward = fn##_forward,    \
        .backward = fn##_backward, .latex = formula, .d_latex = {d, NULL}, .sample = s   \
    }
const struct nn_op nn_ops_pool[] = {
    ROW("maxpool2d", maxpool_shape, maxpool, "\\operatorname{maxpool}(@0)",
        "[@0=\\max @0]", windows_apart),
    ROW("avgpool2d", window_shape, avgpool, "\\operatorname{avgpool}(@0)", "\\frac{1}{n}",
        windows),
    ROW("global_maxpool2d", global_max_shape, global_max, "\\max @0", "[@0=\\max @0]",
        whole_apart),
    ROW("global_avgpool2d", global_shape, global_avg, "\\frac{1}{n}\\sum @0",
        "\\frac{1}{n}", whole),
    {0}};
