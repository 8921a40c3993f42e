/* conv_kernel.c: the gradient of a convolution's kernel: for each tap and input channel the
 * sum over all output pixels of input times dy, a matrix product whose inner axis is the
 * pixels. The images are cut into a fixed number of groups, each with a sum of its own in
 * the workspace; the sums are added in order, so that the number of threads changes
 * nothing. */
#include "conv_strip.h"
#include "nn/conv.h"
#include "nn/pool.h"
#include "winograd.h"

#define GROUPS 8

struct job {
    struct nn_conv_walk s;
    const struct nn_vec_kernels *vec;
    size_t groups, elements; /* of one group's sum: the kernel, then the bias */
    const void *x, *dy;
    char *sums;
    char *dkernel, *dbias;
    bool accumulate;
};

static size_t kernel_elements(const struct nn_conv *v) {
    size_t n;
    if (!mul_size(&n, v->kh, v->kw) || !mul_size(&n, n, v->c) || !mul_size(&n, n, v->oc))
        return 0;
    return n;
}

/* Floats that Winograd's method may take: the turned kernel and its points, or sums. */
static size_t winograd_room(const struct nn_conv *v) {
    size_t kernel = kernel_elements(v), forward = nn_winograd_forward_room(v->c, v->oc);
    size_t data = nn_winograd_forward_room(v->oc, v->c);
    size_t sums = nn_winograd_kernel_room(v->c, v->oc);
    if (forward == 0 || data == 0 || sums == 0 || !add_size(&data, data, kernel) ||
        !add_size(&data, data, NN_ALIGN))
        return 0;
    return MAX_OF(MAX_OF(forward, data), sums);
}

/* Larger than what the instruction set or the size of the images asks for: the same
 * workspace serves after a change of either. */
size_t nn_conv_workspace(const struct nn_conv *v) {
    size_t n = kernel_elements(v), more = 0;
    if (n == 0 || !add_size(&n, n, v->oc) ||
        !mul_size(&n, n, MIN_OF(v->n, (size_t)GROUPS)))
        return 0;
    if (v->dtype == NN_F32 && v->kh == 3 && v->kw == 3) {
        more = winograd_room(v);
        if (more == 0)
            return 0;
    }
    n = MAX_OF(n, more);
    return mul_size(&n, n, nn_dtype_size(v->dtype)) ? n : 0;
}

/* rows of the kernel's matrix, which are next to each other in the buffer at t->a. */
static void run_tiles(const struct job *j, struct nn_tile *t, char *sum, size_t rows,
                      const void *dy) {
    const struct nn_conv_walk *s = &j->s;
    size_t lanes = s->k->lanes, tiles = (rows + s->k->rows - 1) / s->k->rows, first = 0;
    const void *a = t->a;
    for (size_t i = 0; i < tiles; i++) {
        size_t n = rows / tiles + (i < rows % tiles);
        t->a = nn_conv_at(a, first, s->size);
        for (size_t o = 0; o < s->oc; o += NN_TILE_VECS * lanes) {
            size_t vecs = s->oc - o > lanes ? NN_TILE_VECS : 1;
            t->cols = MIN_OF(s->oc - o, vecs * lanes);
            t->b = nn_conv_at(dy, o, s->size);
            t->c = sum + (first * s->oc + o) * s->size;
            s->k->tile[vecs - 1][n - 1](t);
        }
        first += n;
    }
}

/* What one strip adds: channels channel.. are in the buffer. */
static void add_strip(const struct job *j, char *sum, const void *room, const void *dy,
                      size_t rows, size_t channel, size_t channels) {
    const struct nn_conv_walk *s = &j->s;
    struct nn_tile t = {.a_row = 1,
                        .b_row = (ptrdiff_t)s->oc,
                        .ldc = s->oc,
                        .add = true,
                        .k = s->ow,
                        .runs = rows};
    size_t pitch = s->pitch / s->channels * channels;
    bool whole = s->dilation_w == 1 && channels == s->c; /* kernel rows are contiguous */
    t.a_col = (ptrdiff_t)(s->stride_w * channels);
    t.a_skip = (ptrdiff_t)(s->stride_h * pitch) - (ptrdiff_t)s->ow * t.a_col;
    /* Kernel rows of three elements go into a tile together, on one way through dy. */
    size_t several = 1, n;
    if (whole && s->kw * channels == 3) {
        several = MAX_OF(s->k->rows / 3, (size_t)1);
        t.a_group = (ptrdiff_t)(s->dilation_h * pitch);
    }
    for (size_t u = 0; u < s->kh; u += n) {
        n = MIN_OF(several, s->kh - u);
        for (size_t v = 0; v < (whole ? 1 : s->kw); v++) {
            size_t from = u * s->dilation_h * pitch + v * s->dilation_w * channels;
            size_t to = ((u * s->kw + v) * s->c + channel) * s->oc;
            t.a = nn_conv_at(room, from, s->size);
            run_tiles(j, &t, sum + to * s->size, (whole ? n * s->kw : 1) * channels, dy);
        }
    }
}

static void add_image(const struct job *j, char *sum, size_t image, void *room) {
    const struct nn_conv_walk *s = &j->s;
    for (size_t first = 0; first < s->oh; first += s->rows) {
        size_t rows = MIN_OF(s->rows, s->oh - first);
        const void *dy =
            nn_conv_at(j->dy, (image * s->oh + first) * s->ow * s->oc, s->size);
        for (size_t channel = 0; channel < s->c; channel += s->channels) {
            size_t channels = MIN_OF(s->channels, s->c - channel);
            nn_conv_strip_fill(s, room, j->x, image, first, rows, channel, channels);
            add_strip(j, sum, room, dy, rows, channel, channels);
        }
        if (j->dbias) /* now, while dy is near */
            j->vec->sum_rows(sum + (j->elements - s->oc) * s->size, true, dy,
                             rows * s->ow, s->oc, s->oc);
    }
}

static void sum_groups(void *ctx, size_t first, size_t last) {
    const struct job *j = ctx;
    const struct nn_conv_walk *s = &j->s;
    float room[NN_STRIP] __attribute__((aligned(NN_ALIGN)));
    for (size_t g = first; g < last; g++) {
        char *sum = j->sums + g * j->elements * s->size;
        size_t from = g * s->n / j->groups, to = (g + 1) * s->n / j->groups;
        memset(sum, 0, j->elements * s->size);
        for (size_t image = from; image < to; image++)
            add_image(j, sum, image, room);
    }
}

/* Elements first..last-1 of the result from those of the groups, in order. */
static void add_groups(const struct job *j, char *out, size_t offset, size_t first,
                       size_t last) {
    size_t size = j->s.size, n = last - first;
    out += first * size;
    for (size_t g = 0; g < j->groups; g++) {
        const char *sum = j->sums + (g * j->elements + offset + first) * size;
        if (g > 0 || j->accumulate)
            j->vec->binary[NN_ADD](out, out, sum, n);
        else
            j->vec->unary[NN_COPY](out, sum, n);
    }
}

static void add_kernels(void *ctx, size_t first, size_t last) {
    const struct job *j = ctx;
    add_groups(j, j->dkernel, 0, first, last);
}

void nn_conv_backward_kernel(const struct nn_conv *v, void *dkernel, void *dbias,
                             bool accumulate, const void *x, const void *dy, void *work) {
    const struct nn_kernels *k = nn_kernels_get();
    if (!k->gemm) {
        nn_conv_naive_kernel(v, dkernel, dbias, accumulate, x, dy);
        return;
    }
    size_t elements = kernel_elements(v);
    struct job j = {.s = nn_conv_walk_of(v, k->gemm[v->dtype]),
                    .vec = k->vec[v->dtype],
                    .groups = MIN_OF(v->n, (size_t)GROUPS),
                    .elements = elements + v->oc,
                    .x = x,
                    .dy = dy,
                    .sums = work,
                    .dkernel = dkernel,
                    .dbias = dbias,
                    .accumulate = accumulate};
    if (nn_winograd_suits_kernel(&j.s)) {
        nn_winograd_kernel(&(struct nn_winograd_gradient){.s = j.s,
                                                          .x = x,
                                                          .dy = dy,
                                                          .dkernel = dkernel,
                                                          .dbias = dbias,
                                                          .accumulate = accumulate,
                                                          .sums = work});
        return;
    }
    if (!nn_conv_walk_plan(&j.s)) {
        nn_conv_naive_kernel(v, dkernel, dbias, accumulate, x, dy);
        return;
    }
    nn_pool_run(sum_groups, &j, j.groups, 1);
    nn_pool_run(add_kernels, &j, elements, 4096);
    if (dbias)
        add_groups(&j, j.dbias, elements, 0, v->oc);
}
