/* depthwise.c: depthwise convolution, shared out by rows of the output forward and by
 * images backward: taps overlap, and each image has sums of its own for the kernel. */
#include "nn/depthwise.h"

#include "kernels.h"
#include "nn/pool.h"

#define WORK 16384 /* multiplications that a chunk should have */

struct job {
    const struct nn_conv *v;
    const struct nn_vec_kernels *k;
    size_t size;
    const char *x, *dy, *kernel;
    const void *bias;
    char *out;
    bool relu, add;
};

static struct job new_job(const struct nn_conv *v) {
    return (struct job){
        .v = v, .k = nn_kernels_get()->vec[v->dtype], .size = nn_dtype_size(v->dtype)};
}

/* The kernel rows first.. that output row i sees, and the element of x (of all images) in
 * column 0 under the first of them. */
static struct nn_depth_row row_of(const struct nn_conv *v, size_t i, size_t *x) {
    size_t start = i % v->oh * v->stride_h, d = v->dilation_h;
    size_t above = start < v->pad_top ? v->pad_top - start : 0;
    size_t first = MIN_OF((above + d - 1) / d, v->kh);
    size_t end = v->h + v->pad_top > start ? (v->h + v->pad_top - start - 1) / d + 1 : 0;
    end = MIN_OF(end, v->kh);
    size_t rows = end > first ? end - first : 0;
    *x = rows ? (i / v->oh * v->h + start + first * d - v->pad_top) * v->w * v->c : 0;
    return (struct nn_depth_row){.first = first,
                                 .rows = rows,
                                 .row = d * v->w * v->c,
                                 .kw = v->kw,
                                 .dilation = v->dilation_w,
                                 .stride = v->stride_w,
                                 .pad = v->pad_left,
                                 .w = v->w,
                                 .ow = v->ow,
                                 .c = v->c};
}

static void forward_rows(void *ctx, size_t first, size_t last) {
    const struct job *j = ctx;
    for (size_t i = first; i < last; i++) {
        size_t x;
        struct nn_depth_row r = row_of(j->v, i, &x);
        j->k->depth_forward(&r, j->out + i * r.ow * r.c * j->size, j->x + x * j->size,
                            j->kernel, j->bias, j->relu);
    }
}

void nn_depthwise_forward(const struct nn_conv *v, void *y, const void *x,
                          const void *kernel, const void *bias, bool relu) {
    struct job j = new_job(v);
    j.out = y;
    j.x = x;
    j.kernel = kernel;
    j.bias = bias;
    j.relu = relu;
    size_t each = v->ow * v->c * v->kh * v->kw;
    nn_pool_run(forward_rows, &j, v->n * v->oh, MAX_OF(WORK / each, (size_t)1));
}

static void data_images(void *ctx, size_t first, size_t last) {
    const struct job *j = ctx;
    const struct nn_conv *v = j->v;
    size_t image = v->h * v->w * v->c;
    if (!j->add)
        memset(j->out + first * image * j->size, 0, (last - first) * image * j->size);
    for (size_t i = first * v->oh; i < last * v->oh; i++) {
        size_t x;
        struct nn_depth_row r = row_of(v, i, &x);
        j->k->depth_data(&r, j->out + x * j->size, j->dy + i * r.ow * r.c * j->size,
                         j->kernel);
    }
}

void nn_depthwise_backward_data(const struct nn_conv *v, void *dx, bool accumulate,
                                const void *dy, const void *kernel) {
    struct job j = new_job(v);
    j.out = dx;
    j.add = accumulate;
    j.dy = dy;
    j.kernel = kernel;
    nn_pool_run(data_images, &j, v->n, 1);
}

static size_t taps(const struct nn_conv *v) {
    return v->kh * v->kw * v->c;
}

size_t nn_depthwise_work(const struct nn_conv *v) {
    size_t n;
    return mul_size(&n, v->n, taps(v)) ? n : SIZE_MAX;
}

static void kernel_images(void *ctx, size_t first, size_t last) {
    const struct job *j = ctx;
    const struct nn_conv *v = j->v;
    for (size_t image = first; image < last; image++) {
        char *sum = j->out + image * taps(v) * j->size;
        memset(sum, 0, taps(v) * j->size);
        for (size_t i = image * v->oh; i < (image + 1) * v->oh; i++) {
            size_t x;
            struct nn_depth_row r = row_of(v, i, &x);
            j->k->depth_kernel(&r, sum, j->x + x * j->size,
                               j->dy + i * r.ow * r.c * j->size);
        }
    }
}

void nn_depthwise_backward_kernel(const struct nn_conv *v, void *dkernel, bool accumulate,
                                  const void *x, const void *dy, void *work) {
    struct job j = new_job(v);
    j.out = work;
    j.x = x;
    j.dy = dy;
    nn_pool_run(kernel_images, &j, v->n, 1);
    nn_vec_sum_rows(v->dtype, dkernel, accumulate, work, v->n, taps(v));
}
