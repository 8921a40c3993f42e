/* naive_conv.c: convolution and its gradients in plain loops: the twin that the tests
 * compare with. Each visits every (output, tap, channels) once; sums in double. */
#include "conv_strip.h"

static double get(const struct nn_conv *v, const void *p, size_t i) {
    return v->dtype == NN_F32 ? (double)((const float *)p)[i] : ((const double *)p)[i];
}

static void put(const struct nn_conv *v, void *p, size_t i, double x) {
    if (v->dtype == NN_F32)
        ((float *)p)[i] = (float)x;
    else
        ((double *)p)[i] = x;
}

/* The input pixel that output row or column i sees through tap u; false: a zero. */
static bool seen(size_t i, size_t u, size_t stride, size_t dilation, size_t pad, size_t n,
                 size_t *at) {
    size_t place = i * MAX_OF(stride, (size_t)1) + u * MAX_OF(dilation, (size_t)1);
    *at = place - pad;
    return place >= pad && *at < n;
}

/* Calls for output pixel (image, i, j) and every tap that lies inside: body sees the
 * element of x (without channel) and the tap's number. */
#define EACH_TAP(v, image, i, j)                                                         \
    for (size_t u = 0, r; u < (v)->kh; u++)                                              \
        if (seen(i, u, (v)->stride_h, (v)->dilation_h, (v)->pad_top, (v)->h, &r))        \
            for (size_t t = 0, q; t < (v)->kw; t++)                                      \
                if (seen(j, t, (v)->stride_w, (v)->dilation_w, (v)->pad_left, (v)->w,    \
                         &q))                                                            \
                    for (size_t pixel = (((image) * (v)->h + r) * (v)->w + q) * (v)->c,  \
                                tap = (u * (v)->kw + t) * (v)->c, once = 1;              \
                         once; once = 0)
#define EACH_OUTPUT(v)                                                                   \
    for (size_t image = 0; image < (v)->n; image++)                                      \
        for (size_t i = 0; i < (v)->oh; i++)                                             \
            for (size_t j = 0; j < (v)->ow; j++)                                         \
                for (size_t o = 0; o < (v)->oc; o++)
#define OUTPUT(v) (((image * (v)->oh + i) * (v)->ow + j) * (v)->oc + o)

void nn_conv_naive_forward(const struct nn_conv *v, void *y, const void *x,
                           const void *kernel, const void *bias, bool relu) {
    EACH_OUTPUT(v) {
        double sum = bias ? get(v, bias, o) : 0;
        EACH_TAP(v, image, i, j) {
            for (size_t k = 0; k < v->c; k++)
                sum += get(v, x, pixel + k) * get(v, kernel, (tap + k) * v->oc + o);
        }
        put(v, y, OUTPUT(v), relu && sum < 0 ? 0 : sum);
    }
}

void nn_conv_naive_data(const struct nn_conv *v, void *dx, const void *dy,
                        const void *kernel, const void *mask) {
    size_t n = v->n * v->h * v->w * v->c;
    for (size_t i = 0; i < n; i++)
        put(v, dx, i, 0);
    EACH_OUTPUT(v) {
        double d = get(v, dy, OUTPUT(v));
        EACH_TAP(v, image, i, j) {
            for (size_t k = 0; k < v->c; k++)
                put(v, dx, pixel + k,
                    get(v, dx, pixel + k) + d * get(v, kernel, (tap + k) * v->oc + o));
        }
    }
    for (size_t i = 0; mask && i < n; i++)
        if (!(get(v, mask, i) > 0))
            put(v, dx, i, 0);
}

void nn_conv_naive_kernel(const struct nn_conv *v, void *dkernel, void *dbias,
                          bool accumulate, const void *x, const void *dy) {
    for (size_t i = 0; !accumulate && i < v->kh * v->kw * v->c * v->oc; i++)
        put(v, dkernel, i, 0);
    for (size_t i = 0; !accumulate && dbias && i < v->oc; i++)
        put(v, dbias, i, 0);
    EACH_OUTPUT(v) {
        double d = get(v, dy, OUTPUT(v));
        if (dbias)
            put(v, dbias, o, get(v, dbias, o) + d);
        EACH_TAP(v, image, i, j) {
            for (size_t k = 0; k < v->c; k++) {
                size_t at = (tap + k) * v->oc + o;
                put(v, dkernel, at, get(v, dkernel, at) + d * get(v, x, pixel + k));
            }
        }
    }
}
