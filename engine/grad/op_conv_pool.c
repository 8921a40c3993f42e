/* op_conv_pool.c: conv2d, ReLU and maxpool2d in one step of a plan: attrs of conv2d, and
 * window, which tiles its result. A few images at a time go all the way, so that what the
 * pooling reads, and what it gives back, stays in the cache; and no buffer of its own
 * holds the result of the convolution. */
#include "op_conv.h"

#include "nn/gemm.h"
#include "nn/pooling.h"
#include "nn/vec.h"

#define CACHE (512 << 10) /* bytes of a convolution's result in flight */

/* The convolution of `images` images of the call, and the pooling of its result. */
struct stage {
    struct nn_conv v;
    struct nn_pooling p;
    size_t x, y, out; /* elements of one image: input, before and after pooling */
};

static struct stage stage_of(const struct nn_call *c) {
    struct stage s = {.v = nn_conv_of(c)};
    s.x = s.v.h * s.v.w * s.v.c;
    s.y = s.v.oh * s.v.ow * s.v.oc;
    s.p = (struct nn_pooling){.dtype = s.v.dtype,
                              .h = s.v.oh,
                              .w = s.v.ow,
                              .c = s.v.oc,
                              .kh = c->attrs->window[0],
                              .kw = c->attrs->window[1],
                              .masked = c->attrs->activation == (int)NN_ACT_RELU};
    (void)nn_pooling_fit(&s.p, false); /* the shape rule has checked it */
    s.out = s.p.oh * s.p.ow * s.p.c;
    return s;
}

/* Every call of a convolution turns or sums up its kernel anew, backward much more than
 * forward: for that, too, the part of the batch that goes together has to be large. */
#define KERNELS_FORWARD  16
#define KERNELS_BACKWARD 256

static size_t images_at_once(const struct stage *s, size_t kernels) {
    size_t kernel = s->v.kh * s->v.kw * s->v.c * s->v.oc;
    size_t fit = CACHE / (s->y * nn_dtype_size(s->v.dtype)), least = s->v.n;
    if (kernel < SIZE_MAX / kernels)
        least = MAX_OF(kernels * kernel / s->y, (size_t)4);
    return MIN_OF(MAX_OF(fit, least), s->v.n);
}

static int conv_pool_shape(struct nn_call *c, struct err *e) {
    int rc = nn_conv_shape(c, e);
    if (rc < 0)
        return rc;
    struct stage s = stage_of(c);
    if (!nn_pooling_fit(&s.p, false) || s.p.kh > NN_MAXPOOL_PLACES / s.p.kw)
        return err_set(e, ERR_SHAPE,
                       _("%s: la ventana de %zu×%zu no cabe en una imagen de %zu×%zu; "
                         "usa una menor o padding = \"same\""),
                       c->op->name, s.p.kh, s.p.kw, s.p.h, s.p.w);
    c->out_shape[1] = s.p.oh;
    c->out_shape[2] = s.p.ow;
    c->saved_bytes = s.v.n * s.out; /* places of the maxima */
    return 0;
}

struct areas {
    void *conv, *y, *dx;
};

static size_t carve(struct areas *a, const struct nn_call *c, const struct stage *s,
                    void *work) {
    struct nn_carve r = {.base = work};
    struct nn_conv v = s->v;
    v.n = images_at_once(s, c->d_out ? KERNELS_BACKWARD : KERNELS_FORWARD);
    *a = (struct areas){0};
    a->conv = nn_carve_take(&r, nn_conv_workspace(&v), NN_U8);
    a->y = nn_carve_take(&r, v.n * s->y, v.dtype);
    if (c->d_out && c->d_in[0] && (c->add & 1))
        a->dx = nn_carve_take(&r, v.n * s->x, v.dtype);
    return r.used;
}

static size_t conv_pool_work(const struct nn_call *c) {
    struct stage s = stage_of(c);
    struct areas a;
    return carve(&a, c, &s, NULL);
}

static void *at(const struct nn_tensor *t, size_t element) {
    return (char *)t->data + element * nn_dtype_size(t->dtype);
}

static void conv_pool_forward(struct nn_call *c) {
    struct stage s = stage_of(c);
    struct areas a;
    size_t n = s.v.n, step = images_at_once(&s, KERNELS_FORWARD);
    (void)carve(&a, c, &s, c->work);
    for (size_t i = 0; i < n; i += step) {
        s.v.n = s.p.n = MIN_OF(step, n - i);
        nn_conv_forward(&s.v, a.y, at(c->in[0], i * s.x), c->in[1]->data,
                        c->n_in == 3 ? c->in[2]->data : NULL, s.p.masked, a.conv);
        nn_maxpool_forward(&s.p, at(c->out, i * s.out),
                           (unsigned char *)c->saved + i * s.out, a.y);
    }
}

static void kernel_backward(struct nn_call *c, const struct stage *s,
                            const struct areas *a, size_t i) {
    struct nn_tensor *bias = c->n_in == 3 ? c->d_in[2] : NULL;
    bool add = i > 0 || (c->add & 2), add_bias = i > 0 || (c->add & 4);
    bool together = c->d_in[1] && bias && add == add_bias;
    if (c->d_in[1])
        nn_conv_backward_kernel(&s->v, c->d_in[1]->data, together ? bias->data : NULL,
                                add, at(c->in[0], i * s->x), a->y, a->conv);
    if (bias && !together)
        nn_vec_sum_rows(s->v.dtype, bias->data, add_bias, a->y,
                        s->v.n * s->v.oh * s->v.ow, s->v.oc);
}

static void data_backward(struct nn_call *c, const struct stage *s, const struct areas *a,
                          size_t i) {
    void *dx = at(c->d_in[0], i * s->x);
    bool add = c->add & 1;
    nn_conv_backward_data(&s->v, add ? a->dx : dx, a->y, c->in[1]->data,
                          c->mask_in ? at(c->in[0], i * s->x) : NULL, a->conv);
    if (add)
        nn_vec_binary(NN_ADD, s->v.dtype, dx, dx, a->dx, s->v.n * s->x);
}

static void conv_pool_backward(struct nn_call *c) {
    struct stage s = stage_of(c);
    struct areas a;
    size_t n = s.v.n, step = images_at_once(&s, KERNELS_BACKWARD);
    (void)carve(&a, c, &s, c->work);
    for (size_t i = 0; i < n; i += step) {
        s.v.n = s.p.n = MIN_OF(step, n - i);
        nn_maxpool_backward(&s.p, a.y, false, at(c->d_out, i * s.out),
                            (const unsigned char *)c->saved + i * s.out);
        kernel_backward(c, &s, &a, i);
        if (c->d_in[0])
            data_backward(c, &s, &a, i);
    }
}

#define IMAGES(n, h, w, c, kh, kw, k, oc)                                                \
    .ndim = {4, 4, 1}, .shape = {{n, h, w, c}, {kh, kw, k, oc}, {oc}}, .lo = -1, .hi = 1
static const struct nn_op_sample samples[] = {
    {.n_in = 3,
     IMAGES(5, 6, 5, 2, 3, 2, 2, 3),
     .attrs = {.window = {2, 2}, .activation = NN_ACT_RELU}},
    {.n_in = 2,
     IMAGES(2, 5, 7, 1, 3, 3, 1, 3),
     .attrs = {.window = {2, 3}, .same = true}},
    {0}};

const struct nn_op nn_ops_conv_pool[] = {{.name = "conv2d_maxpool2d",
                                          .min_in = 2,
                                          .max_in = 3,
                                          .flags = NN_OP_USES_IN | NN_OP_INTERNAL,
                                          .shape = conv_pool_shape,
                                          .work = conv_pool_work,
                                          .forward = conv_pool_forward,
                                          .backward = conv_pool_backward,
                                          .latex = "\\operatorname{maxpool}(@0\\ast @1)",
                                          .d_latex = {"\\operatorname{rot}(@1)", "@0"},
                                          .sample = samples},
                                         {0}};
