/* op_conv.c: conv2d(x, kernel [, bias]): images channels last, x (n, h, w, c), kernel
 * (kh, kw, c / groups, oc) as in Keras, y (n, oh, ow, oc).
 *
 * With groups, channel block g of the result sees channel block g of the input alone. Each
 * block is copied out, so that it is an image of its own, convolved, and copied back; one
 * filter per channel has kernels of its own (nn/depthwise.h). */
#include "op_conv.h"

#include "nn/depthwise.h"
#include "nn/gemm.h"
#include "nn/pool.h"
#include "nn/vec.h"

static size_t groups_of(const struct nn_call *c) {
    return MAX_OF(c->attrs->groups, (size_t)1);
}

struct nn_conv nn_conv_of(const struct nn_call *c) {
    const size_t *x = c->in_shape[0], *k = c->in_shape[1];
    const struct nn_attrs *a = c->attrs;
    struct nn_conv v = {.dtype = c->in_dtype[0],
                        .n = x[0],
                        .h = x[1],
                        .w = x[2],
                        .c = k[2],
                        .kh = k[0],
                        .kw = k[1],
                        .oc = k[3] / groups_of(c),
                        .stride_h = a->stride[0],
                        .stride_w = a->stride[1],
                        .dilation_h = a->dilation[0],
                        .dilation_w = a->dilation[1]};
    (void)nn_conv_fit(&v, a->same); /* the shape rule has checked it */
    return v;
}

/* Strides and dilations whose reach a size_t holds: no image is larger. */
static bool moderate(const struct nn_attrs *a, const size_t *kernel) {
    size_t reach;
    for (int i = 0; i < 2; i++)
        if (a->stride[i] > UINT32_MAX || !mul_size(&reach, a->dilation[i], kernel[i]) ||
            reach > UINT32_MAX)
            return false;
    return true;
}

static int check_channels(const struct nn_call *c, const char *sx, const char *sk,
                          struct err *e) {
    size_t groups = groups_of(c), channels = c->in_shape[0][3];
    size_t filters = c->in_shape[1][3];
    if (channels % groups != 0 || filters % groups != 0)
        return err_set(e, ERR_SHAPE,
                       _("conv2d: %zu grupos no reparten por igual %zu canales y %zu "
                         "filtros"),
                       groups, channels, filters);
    if (c->in_shape[1][2] != channels / groups)
        return err_set(e, ERR_SHAPE,
                       _("conv2d: la entrada %s tiene %zu canales por grupo y el núcleo "
                         "%s es para %zu"),
                       sx, channels / groups, sk, c->in_shape[1][2]);
    if (c->n_in == 3 && (c->in_ndim[2] != 1 || c->in_shape[2][0] != filters)) {
        char sb[NN_SHAPE_TEXT];
        return err_set(
            e, ERR_SHAPE,
            _("conv2d: el sesgo %s no corresponde a los %zu filtros del núcleo "
              "%s"),
            nn_shape_text(sb, c->in_ndim[2], c->in_shape[2]), filters, sk);
    }
    return 0;
}

int nn_conv_shape(struct nn_call *c, struct err *e) {
    char sx[NN_SHAPE_TEXT], sk[NN_SHAPE_TEXT];
    nn_shape_text(sx, c->in_ndim[0], c->in_shape[0]);
    nn_shape_text(sk, c->in_ndim[1], c->in_shape[1]);
    if (c->in_ndim[0] != 4)
        return err_set(e, ERR_SHAPE,
                       _("conv2d: las imágenes tienen 4 ejes (n, alto, ancho, canales) y "
                         "la entrada es %s"),
                       sx);
    if (c->in_ndim[1] != 4)
        return err_set(e, ERR_SHAPE,
                       _("conv2d: el núcleo tiene 4 ejes (alto, ancho, canales, filtros) "
                         "y se dio %s"),
                       sk);
    if (nn_shape_count(4, c->in_shape[0]) == 0 || nn_shape_count(4, c->in_shape[1]) == 0)
        return err_set(e, ERR_SHAPE,
                       _("conv2d: la entrada %s o el núcleo %s están vacíos"), sx, sk);
    int rc = check_channels(c, sx, sk, e);
    if (rc < 0)
        return rc;
    if (!moderate(c->attrs, c->in_shape[1]))
        return err_set(e, ERR_RANGE,
                       _("conv2d: el paso o la dilatación es demasiado "
                         "grande"));
    struct nn_conv v = nn_conv_of(c);
    if (!nn_conv_fit(&v, c->attrs->same))
        return err_set(e, ERR_SHAPE,
                       _("conv2d: el núcleo abarca %zu×%zu y la imagen mide %zu×%zu; usa "
                         "un núcleo menor o padding = \"same\""),
                       (v.kh - 1) * v.dilation_h + 1, (v.kw - 1) * v.dilation_w + 1, v.h,
                       v.w);
    c->out_ndim = 4;
    memcpy(c->out_shape, (size_t[]){v.n, v.oh, v.ow, c->in_shape[1][3]},
           4 * sizeof(size_t));
    return 0;
}

/* One filter for each channel, which sees it alone: all groups at once. */
static bool is_depthwise(const struct nn_call *c) {
    size_t groups = groups_of(c);
    return groups > 1 && c->in_shape[1][2] == 1 && c->in_shape[1][3] == groups;
}

static struct nn_conv depthwise_of(const struct nn_call *c) {
    struct nn_conv v = nn_conv_of(c);
    v.c = v.oc = groups_of(c);
    return v;
}

/* ---- scratch memory */

struct areas {
    void *conv;      /* of the convolution itself */
    void *dz;        /* dL/dz, before the activation */
    void *dx;        /* to be added to d_in[0] */
    void *x, *k, *y; /* one group's part of the input, kernel and result */
};

static size_t carve(struct areas *a, const struct nn_call *c, void *work) {
    struct nn_carve r = {.base = work};
    struct nn_conv v = nn_conv_of(c), all = depthwise_of(c);
    size_t outputs = v.n * v.oh * v.ow * c->in_shape[1][3];
    *a = (struct areas){0};
    if (c->d_out && c->attrs->activation && !c->masked)
        a->dz = nn_carve_take(&r, outputs, v.dtype);
    if (is_depthwise(c)) {
        if (c->d_out && c->d_in[1])
            a->conv = nn_carve_take(&r, nn_depthwise_work(&all), v.dtype);
        return r.used;
    }
    a->conv = nn_carve_take(&r, nn_conv_workspace(&v), NN_U8);
    if (groups_of(c) > 1) {
        a->x = nn_carve_take(&r, v.n * v.h * v.w * v.c, v.dtype);
        a->k = nn_carve_take(&r, v.kh * v.kw * v.c * v.oc, v.dtype);
        a->y = nn_carve_take(&r, v.n * v.oh * v.ow * v.oc, v.dtype);
    } else if (c->d_out && c->d_in[0] && (c->add & 1)) {
        a->dx = nn_carve_take(&r, v.n * v.h * v.w * v.c, v.dtype);
    }
    return r.used;
}

static size_t conv2d_work(const struct nn_call *c) {
    struct areas a;
    return carve(&a, c, NULL);
}

/* ---- columns of a matrix: the channels of one group */

struct columns {
    char *to;
    const char *from;
    size_t to_row, from_row, cols; /* elements */
    enum nn_dtype dtype;
    bool add;
};

static void copy_rows(void *ctx, size_t first, size_t last) {
    const struct columns *m = ctx;
    size_t size = nn_dtype_size(m->dtype);
    for (size_t i = first; i < last; i++) {
        char *to = m->to + i * m->to_row * size;
        const char *from = m->from + i * m->from_row * size;
        if (!m->add)
            memcpy(to, from, m->cols * size);
        else if (m->dtype == NN_F32)
            for (size_t k = 0; k < m->cols; k++)
                ((float *)(void *)to)[k] += ((const float *)(const void *)from)[k];
        else
            for (size_t k = 0; k < m->cols; k++)
                ((double *)(void *)to)[k] += ((const double *)(const void *)from)[k];
    }
}

/* Columns at..at+cols of a matrix of `row` columns to a matrix of their own, or back. */
static void take_columns(enum nn_dtype d, void *to, const void *from, size_t at,
                         size_t row, size_t rows, size_t cols) {
    struct columns m = {.to = to,
                        .from = (const char *)from + at * nn_dtype_size(d),
                        .to_row = cols,
                        .from_row = row,
                        .cols = cols,
                        .dtype = d};
    nn_pool_run(copy_rows, &m, rows, 1024);
}

static void put_columns(enum nn_dtype d, void *to, const void *from, size_t at,
                        size_t row, size_t rows, size_t cols, bool add) {
    struct columns m = {.to = (char *)to + at * nn_dtype_size(d),
                        .from = from,
                        .to_row = row,
                        .from_row = cols,
                        .cols = cols,
                        .dtype = d,
                        .add = add};
    nn_pool_run(copy_rows, &m, rows, 1024);
}

/* ---- forward */

static const void *bias_at(const struct nn_call *c, size_t at) {
    if (c->n_in < 3)
        return NULL;
    return (const char *)c->in[2]->data + at * nn_dtype_size(c->out_dtype);
}

static void conv2d_forward(struct nn_call *c) {
    struct nn_conv v = nn_conv_of(c);
    struct areas a;
    size_t groups = groups_of(c);
    bool relu = c->attrs->activation == NN_ACT_RELU;
    (void)carve(&a, c, c->work);
    if (is_depthwise(c)) {
        v = depthwise_of(c);
        nn_depthwise_forward(&v, c->out->data, c->in[0]->data, c->in[1]->data,
                             bias_at(c, 0), relu);
        return;
    }
    if (groups == 1) {
        nn_conv_forward(&v, c->out->data, c->in[0]->data, c->in[1]->data, bias_at(c, 0),
                        relu, a.conv);
        return;
    }
    for (size_t g = 0; g < groups; g++) {
        take_columns(v.dtype, a.x, c->in[0]->data, g * v.c, groups * v.c, v.n * v.h * v.w,
                     v.c);
        take_columns(v.dtype, a.k, c->in[1]->data, g * v.oc, groups * v.oc,
                     v.kh * v.kw * v.c, v.oc);
        nn_conv_forward(&v, a.y, a.x, a.k, bias_at(c, g * v.oc), relu, a.conv);
        put_columns(v.dtype, c->out->data, a.y, g * v.oc, groups * v.oc,
                    v.n * v.oh * v.ow, v.oc, false);
    }
}

/* ---- backward */

static void bias_backward(struct nn_call *c, const void *dz) {
    if (c->n_in == 3 && c->d_in[2])
        nn_vec_sum_rows(c->out_dtype, c->d_in[2]->data, c->add & 4, dz,
                        nn_shape_count(3, c->out_shape), c->out_shape[3]);
}

static void kernel_backward(struct nn_call *c, const struct nn_conv *v, const void *dz,
                            const struct areas *a) {
    bool add = c->add & 2, bias = c->n_in == 3 && c->d_in[2];
    bool together = c->d_in[1] && bias && add == !!(c->add & 4);
    if (c->d_in[1])
        nn_conv_backward_kernel(v, c->d_in[1]->data, together ? c->d_in[2]->data : NULL,
                                add, c->in[0]->data, dz, a->conv);
    if (!together)
        bias_backward(c, dz);
}

static void data_backward(struct nn_call *c, const struct nn_conv *v, const void *dz,
                          const struct areas *a) {
    struct nn_tensor *d = c->d_in[0];
    if (!d)
        return;
    bool add = c->add & 1;
    nn_conv_backward_data(v, add ? a->dx : d->data, dz, c->in[1]->data,
                          c->mask_in ? c->in[0]->data : NULL, a->conv);
    if (add)
        nn_vec_binary(NN_ADD, v->dtype, d->data, d->data, a->dx, d->n);
}

static void depthwise_backward(struct nn_call *c, const void *dz, const struct areas *a) {
    struct nn_conv v = depthwise_of(c);
    if (c->d_in[1])
        nn_depthwise_backward_kernel(&v, c->d_in[1]->data, c->add & 2, c->in[0]->data, dz,
                                     a->conv);
    if (c->d_in[0])
        nn_depthwise_backward_data(&v, c->d_in[0]->data, c->add & 1, dz, c->in[1]->data);
}

static void group_backward(struct nn_call *c, const struct nn_conv *v, const void *dz,
                           const struct areas *a, size_t g) {
    size_t groups = groups_of(c), pixels = v->n * v->h * v->w;
    size_t taps = v->kh * v->kw * v->c;
    take_columns(v->dtype, a->y, dz, g * v->oc, groups * v->oc, v->n * v->oh * v->ow,
                 v->oc);
    if (c->d_in[1]) {
        take_columns(v->dtype, a->x, c->in[0]->data, g * v->c, groups * v->c, pixels,
                     v->c);
        nn_conv_backward_kernel(v, a->k, NULL, false, a->x, a->y, a->conv);
        put_columns(v->dtype, c->d_in[1]->data, a->k, g * v->oc, groups * v->oc, taps,
                    v->oc, c->add & 2);
    }
    if (c->d_in[0]) {
        take_columns(v->dtype, a->k, c->in[1]->data, g * v->oc, groups * v->oc, taps,
                     v->oc);
        nn_conv_backward_data(v, a->x, a->y, a->k, NULL, a->conv);
        put_columns(v->dtype, c->d_in[0]->data, a->x, g * v->c, groups * v->c, pixels,
                    v->c, c->add & 1);
    }
}

static void conv2d_backward(struct nn_call *c) {
    struct nn_conv v = nn_conv_of(c);
    struct areas a;
    const void *dz = c->d_out->data;
    size_t groups = groups_of(c);
    (void)carve(&a, c, c->work);
    if (a.dz) {
        nn_vec_binary(NN_RELU_BACKWARD, v.dtype, a.dz, c->out->data, dz, c->out->n);
        dz = a.dz;
    }
    if (groups == 1) {
        kernel_backward(c, &v, dz, &a);
        data_backward(c, &v, dz, &a);
        return;
    }
    bias_backward(c, dz);
    if (is_depthwise(c)) {
        depthwise_backward(c, dz, &a);
        return;
    }
    for (size_t g = 0; g < groups; g++)
        group_backward(c, &v, dz, &a, g);
}

#define IMAGES(n, h, w, c, kh, kw, k, oc)                                                \
    .ndim = {4, 4, 1}, .shape = {{n, h, w, c}, {kh, kw, k, oc}, {oc}}, .lo = -1, .hi = 1
static const struct nn_op_sample convs[] = {
    {.n_in = 2, IMAGES(2, 5, 4, 3, 3, 3, 3, 4)},
    {.n_in = 3, IMAGES(1, 5, 4, 3, 3, 2, 3, 4), .attrs = {.same = true}},
    {.n_in = 3,
     IMAGES(2, 7, 6, 1, 3, 3, 1, 3),
     .attrs = {.same = true, .stride = {2, 3}, .activation = NN_ACT_RELU}},
    {.n_in = 3, IMAGES(1, 7, 7, 2, 2, 3, 2, 3), .attrs = {.dilation = {3, 2}}},
    {.n_in = 2, IMAGES(2, 3, 3, 2, 1, 1, 2, 5), .attrs = {.stride = {2, 2}}},
    {.n_in = 3,
     IMAGES(2, 4, 5, 6, 3, 3, 3, 4),
     .attrs = {.groups = 2, .same = true, .activation = NN_ACT_RELU}},
    {.n_in = 3,
     IMAGES(2, 4, 5, 3, 3, 3, 1, 3),
     .attrs = {.groups = 3, .same = true, .stride = {2, 1}}},
    {.n_in = 2, IMAGES(1, 4, 4, 2, 2, 3, 1, 6), .attrs = {.groups = 2}},
    {0}};

const struct nn_op nn_ops_conv[] = {{.name = "conv2d",
                                     .min_in = 2,
                                     .max_in = 3,
                                     .flags = NN_OP_USES_IN | NN_OP_USES_OUT,
                                     .shape = nn_conv_shape,
                                     .work = conv2d_work,
                                     .forward = conv2d_forward,
                                     .backward = conv2d_backward,
                                     .latex = "@0\\ast @1",
                                     .d_latex = {"\\operatorname{rot}(@1)", "@0"},
                                     .sample = convs},
                                    {0}};
