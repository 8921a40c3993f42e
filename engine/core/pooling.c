/* pooling.c: pooling shared out by rows of the output forward, and by images backward,
 * where windows may overlap. */
#include "nn/pooling.h"

#include "kernels.h"
#include "nn/pool.h"

#define WORK 16384 /* elements of x that a chunk should see */

struct job {
    const struct nn_pooling *p;
    const struct nn_vec_kernels *k;
    struct nn_window window;
    size_t size;
    bool add; /* to what dx holds */
    char *out;
    const char *in;
    unsigned char *where;
    const unsigned char *from;
};

/* One axis: output size and the places before the image. */
static bool fit(size_t in, size_t k, bool same, size_t *stride, size_t *pad,
                size_t *out) {
    *pad = 0;
    if (k == 0 || in == 0 || (!same && k > in))
        return false;
    if (*stride == 0)
        *stride = k;
    if (!same) {
        *out = (in - k) / *stride + 1;
        return true;
    }
    *out = (in - 1) / *stride + 1;
    size_t need = (*out - 1) * *stride;
    *pad = need + k > in ? (need + k - in) / 2 : 0;
    return true;
}

bool nn_pooling_fit(struct nn_pooling *p, bool same) {
    return fit(p->h, p->kh, same, &p->stride_h, &p->pad_top, &p->oh) &&
           fit(p->w, p->kw, same, &p->stride_w, &p->pad_left, &p->ow);
}

static struct job new_job(const struct nn_pooling *p) {
    return (struct job){.p = p,
                        .k = nn_kernels_get()->vec[p->dtype],
                        .size = nn_dtype_size(p->dtype),
                        .window = {.kh = p->kh,
                                   .kw = p->kw,
                                   .stride = p->stride_w,
                                   .pad = p->pad_left,
                                   .w = p->w,
                                   .ow = p->ow,
                                   .c = p->c,
                                   .masked = p->masked}};
}

/* The windows of output row i (over all images): how much of them lies inside. Returns
 * the first element of x in the first row that they see. */
static size_t see_row(const struct job *j, size_t i, struct nn_window *w) {
    const struct nn_pooling *p = j->p;
    size_t first = i % p->oh * p->stride_h; /* counted from the padding's edge */
    *w = j->window;
    w->top = first < p->pad_top ? p->pad_top - first : 0;
    w->seen = MIN_OF(p->kh, p->h + p->pad_top - first) - w->top;
    return (i / p->oh * p->h + first + w->top - p->pad_top) * p->w * p->c;
}

static size_t rows_per_chunk(const struct nn_pooling *p) {
    size_t seen = p->stride_h * p->w * p->c;
    return MAX_OF(WORK / MAX_OF(seen, (size_t)1), (size_t)1);
}

static void max_rows(void *ctx, size_t first, size_t last) {
    const struct job *j = ctx;
    size_t row = j->p->ow * j->p->c;
    for (size_t i = first; i < last; i++) {
        struct nn_window w;
        size_t from = see_row(j, i, &w);
        j->k->maxpool(j->out + i * row * j->size, j->where + i * row,
                      j->in + from * j->size, &w);
    }
}

void nn_maxpool_forward(const struct nn_pooling *p, void *y, unsigned char *where,
                        const void *x) {
    struct job j = new_job(p);
    j.out = y;
    j.where = where;
    j.in = x;
    nn_pool_run(max_rows, &j, p->n * p->oh, rows_per_chunk(p));
}

static void mean_rows(void *ctx, size_t first, size_t last) {
    const struct job *j = ctx;
    size_t row = j->p->ow * j->p->c;
    for (size_t i = first; i < last; i++) {
        struct nn_window w;
        size_t from = see_row(j, i, &w);
        j->k->avgpool(j->out + i * row * j->size, j->in + from * j->size, &w);
    }
}

void nn_avgpool_forward(const struct nn_pooling *p, void *y, const void *x) {
    struct job j = new_job(p);
    j.out = y;
    j.in = x;
    nn_pool_run(mean_rows, &j, p->n * p->oh, rows_per_chunk(p));
}

/* Every element of x lies under exactly one window. */
static bool tiles(const struct nn_pooling *p) {
    return p->stride_h == p->kh && p->stride_w == p->kw && p->h == p->oh * p->kh &&
           p->w == p->ow * p->kw;
}

static void backward_images(void *ctx, size_t first, size_t last) {
    const struct job *j = ctx;
    const struct nn_pooling *p = j->p;
    size_t image = p->h * p->w * p->c, row = p->ow * p->c;
    if (!j->add && !j->window.whole)
        memset(j->out + first * image * j->size, 0, (last - first) * image * j->size);
    for (size_t i = first * p->oh; i < last * p->oh; i++) {
        struct nn_window w;
        char *dx = j->out + see_row(j, i, &w) * j->size;
        const char *dy = j->in + i * row * j->size;
        if (j->from)
            j->k->maxpool_backward(dx, dy, j->from + i * row, &w);
        else
            j->k->avgpool_backward(dx, dy, &w);
    }
}

static void backward(const struct nn_pooling *p, void *dx, bool accumulate,
                     const void *dy, const unsigned char *where) {
    struct job j = new_job(p);
    j.out = dx;
    j.in = dy;
    j.from = where;
    j.add = accumulate;
    j.window.whole = !accumulate && tiles(p);
    nn_pool_run(backward_images, &j, p->n, 1);
}

void nn_maxpool_backward(const struct nn_pooling *p, void *dx, bool accumulate,
                         const void *dy, const unsigned char *where) {
    backward(p, dx, accumulate, dy, where);
}

void nn_avgpool_backward(const struct nn_pooling *p, void *dx, bool accumulate,
                         const void *dy) {
    backward(p, dx, accumulate, dy, NULL);
}
