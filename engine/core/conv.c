/* conv.c: convolution forward, and backward to the data, which is a convolution of the
 * gradient with the kernel turned round and its channels exchanged. An item of work is a
 * strip of one image. */
#include "nn/conv.h"

#include "conv_strip.h"
#include "nn/pool.h"
#include "winograd.h"

struct job {
    struct nn_conv_walk s;
    size_t strips; /* of one image */
    const void *x, *kernel, *bias, *mask;
    void *y;
    bool relu;
};

/* Tiles over `pixels` outputs that follow one another, a_row apart in t->a, starting at
 * output `at` (of all images), for every panel of output channels. */
static void run_tiles(const struct job *j, struct nn_tile *t, size_t at, size_t pixels,
                      const void *kernel) {
    const struct nn_conv_walk *s = &j->s;
    size_t lanes = s->k->lanes, tiles = (pixels + s->k->rows - 1) / s->k->rows;
    const void *a = t->a;
    size_t first = 0;
    for (size_t i = 0; i < tiles; i++) {
        size_t rows = pixels / tiles + (i < pixels % tiles);
        t->a = nn_conv_at(a, first * (size_t)t->a_row, s->size);
        for (size_t o = 0; o < s->oc; o += NN_TILE_VECS * lanes) {
            size_t vecs = s->oc - o > lanes ? NN_TILE_VECS : 1;
            size_t to = (at + first) * s->oc + o;
            t->cols = MIN_OF(s->oc - o, vecs * lanes);
            t->b = nn_conv_at(kernel, o, s->size);
            t->c = (char *)j->y + to * s->size;
            if (t->ldmask)
                t->mask = nn_conv_at(j->mask, to, s->size);
            if (t->relu || t->bias)
                t->bias = j->bias ? nn_conv_at(j->bias, o, s->size) : NULL;
            s->k->tile[vecs - 1][rows - 1](t);
        }
        first += rows;
    }
    t->a = a;
}

static void set_epilogue(const struct job *j, struct nn_tile *t) {
    t->relu = j->relu;
    t->bias = j->bias;
    t->ldmask = j->mask ? j->s.oc : 0;
}

/* Row i of a strip from channels channel.. on, which are all that the buffer holds. */
static void convolve_row(const struct job *j, const void *room, size_t i, size_t at,
                         size_t channel, size_t channels) {
    const struct nn_conv_walk *s = &j->s;
    size_t pitch = s->pitch / s->channels * channels;
    struct nn_tile t = {.a_row = (ptrdiff_t)(s->stride_w * channels),
                        .a_col = 1,
                        .b_row = (ptrdiff_t)s->oc,
                        .ldc = s->oc};
    const void *row = nn_conv_at(room, i * s->stride_h * pitch, s->size);
    if (s->dilation_w == 1 && channels == s->c) { /* a kernel row is one run */
        t.k = s->kw * s->c;
        t.runs = s->kh;
        t.a_skip = (ptrdiff_t)(s->dilation_h * pitch - t.k);
        t.a = row;
        set_epilogue(j, &t);
        run_tiles(j, &t, at, s->ow, j->kernel);
        return;
    }
    for (size_t u = 0; u < s->kh; u++) {
        t.k = channels;
        t.runs = s->kw;
        t.a_skip = (ptrdiff_t)(s->dilation_w * channels - channels);
        t.b_skip = (ptrdiff_t)((s->c - channels) * s->oc);
        t.a = nn_conv_at(row, u * s->dilation_h * pitch, s->size);
        t.add = channel > 0 || u > 0;
        if (channel + channels == s->c && u + 1 == s->kh)
            set_epilogue(j, &t);
        size_t tap = (u * s->kw * s->c + channel) * s->oc;
        run_tiles(j, &t, at, s->ow, nn_conv_at(j->kernel, tap, s->size));
    }
}

static void convolve_strip(const struct job *j, size_t image, size_t strip, void *room) {
    const struct nn_conv_walk *s = &j->s;
    size_t first = strip * s->rows, rows = MIN_OF(s->rows, s->oh - first);
    size_t at = (image * s->oh + first) * s->ow;
    for (size_t channel = 0; channel < s->c; channel += s->channels) {
        size_t channels = MIN_OF(s->channels, s->c - channel);
        nn_conv_strip_fill(s, room, j->x, image, first, rows, channel, channels);
        for (size_t i = 0; i < rows; i++)
            convolve_row(j, room, i, at + i * s->ow, channel, channels);
    }
}

static void convolve_strips(void *ctx, size_t first, size_t last) {
    const struct job *j = ctx;
    float room[NN_STRIP] __attribute__((aligned(NN_ALIGN)));
    for (size_t i = first; i < last; i++)
        convolve_strip(j, i / j->strips, i % j->strips, room);
}

/* false: not possible in strips. */
static bool convolve(struct job *j) {
    if (!nn_conv_walk_plan(&j->s))
        return false;
    j->strips = (j->s.oh + j->s.rows - 1) / j->s.rows;
    nn_pool_run(convolve_strips, j, j->s.n * j->strips, 1);
    return true;
}

static void run_winograd(const struct job *j, void *work) {
    struct nn_winograd_job w = {.s = j->s,
                                .x = j->x,
                                .kernel = j->kernel,
                                .bias = j->bias,
                                .mask = j->mask,
                                .y = j->y,
                                .relu = j->relu,
                                .points = work};
    nn_winograd_forward(&w);
}

void nn_conv_forward(const struct nn_conv *v, void *y, const void *x, const void *kernel,
                     const void *bias, bool relu, void *work) {
    const struct nn_kernels *k = nn_kernels_get();
    if (!k->gemm) {
        nn_conv_naive_forward(v, y, x, kernel, bias, relu);
        return;
    }
    struct job j = {.s = nn_conv_walk_of(v, k->gemm[v->dtype]),
                    .x = x,
                    .kernel = kernel,
                    .bias = bias,
                    .relu = relu,
                    .y = y};
    if (work && nn_winograd_suits(&j.s))
        run_winograd(&j, work);
    else if (!convolve(&j))
        nn_conv_naive_forward(v, y, x, kernel, bias, relu);
}

/* ---- backward to the data */

struct turning {
    const struct nn_vec_kernels *k;
    size_t size, taps, c, oc;
    const void *from;
    void *to;
};

/* (kh kw, c, oc) to (kh kw, oc, c), the last tap first. */
static void turn_taps(void *ctx, size_t first, size_t last) {
    const struct turning *t = ctx;
    size_t n = t->c * t->oc;
    for (size_t i = first; i < last; i++)
        t->k->transpose((char *)t->to + (t->taps - 1 - i) * n * t->size, t->c,
                        nn_conv_at(t->from, i * n, t->size), t->oc, t->c, t->oc);
}

/* What the turned kernel takes of the workspace. */
static size_t turned_bytes(const struct nn_conv *v) {
    size_t n = v->kh * v->kw * v->c * v->oc * nn_dtype_size(v->dtype);
    return (n + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN;
}

void nn_conv_backward_data(const struct nn_conv *v, void *dx, const void *dy,
                           const void *kernel, const void *mask, void *work) {
    const struct nn_kernels *k = nn_kernels_get();
    if (!k->gemm) {
        nn_conv_naive_data(v, dx, dy, kernel, mask);
        return;
    }
    struct turning t = {.k = k->vec[v->dtype],
                        .size = nn_dtype_size(v->dtype),
                        .taps = v->kh * v->kw,
                        .c = v->c,
                        .oc = v->oc,
                        .from = kernel,
                        .to = work};
    nn_pool_run(turn_taps, &t, t.taps, 2);
    struct job j = {.s = nn_conv_walk_of(v, k->gemm[v->dtype]),
                    .x = dy,
                    .kernel = work,
                    .mask = mask,
                    .y = dx};
    struct nn_conv_walk *s = &j.s;
    s->expand_h = s->stride_h;
    s->expand_w = s->stride_w;
    s->stride_h = s->stride_w = 1;
    s->pad_top = (ptrdiff_t)((v->kh - 1) * s->dilation_h) - (ptrdiff_t)v->pad_top;
    s->pad_left = (ptrdiff_t)((v->kw - 1) * s->dilation_w) - (ptrdiff_t)v->pad_left;
    s->h = v->oh;
    s->w = v->ow;
    s->c = v->oc;
    s->oh = v->h;
    s->ow = v->w;
    s->oc = v->c;
    if (nn_winograd_suits(s))
        run_winograd(&j, (char *)work + turned_bytes(v));
    else if (!convolve(&j))
        nn_conv_naive_data(v, dx, dy, kernel, mask);
}
