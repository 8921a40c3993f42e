/* winograd_kernel.c: the gradient of the kernel by Winograd's method. An item of work is
 * one row of six points over one group of squares: its sums stay close to the processor
 * while many squares pass by, each transformed for this row alone. The number of groups
 * depends on the sizes alone; their sums are added in order. */
#include "nn/pool.h"
#include "winograd.h"

#define POINTS     36
#define ROW        6   /* points of an item */
#define MAX_BLOCK  128 /* squares that pass by at a time */
#define MIN_BLOCK  16
#define GROUPS     8
#define GROUPS_MIN 2
#define SUMS       (300 * 1024) /* floats that all groups' sums may take, if more than two */

struct run {
    const struct nn_winograd_gradient *job;
    const struct nn_winograd_kernels *k;
    size_t squares, groups, block;
    size_t elements; /* of one group's sums: the points', then the bias' */
    size_t c, oc;    /* padded */
};

static size_t group_elements(size_t c, size_t oc) {
    size_t n;
    if (c > SIZE_MAX - 16 || oc > SIZE_MAX - 16 ||
        !mul_size(&n, nn_winograd_pad(c), nn_winograd_pad(oc)) ||
        !mul_size(&n, n, POINTS) || !add_size(&n, n, nn_winograd_pad(oc)))
        return 0;
    return n;
}

static size_t count_groups(size_t elements) {
    return MIN_OF(MAX_OF(SUMS / elements, (size_t)GROUPS_MIN), (size_t)GROUPS);
}

size_t nn_winograd_kernel_room(size_t c, size_t oc) {
    size_t n = group_elements(c, oc);
    return n && mul_size(&n, n, count_groups(n)) ? n : 0;
}

/* Floats of scratch memory for n squares. */
static size_t block_room(const struct nn_conv_walk *s, size_t n) {
    return ROW * (nn_winograd_step(n * nn_winograd_pad(s->c)) +
                  nn_winograd_step(n * nn_winograd_pad(s->oc)));
}

static size_t block_squares(const struct nn_conv_walk *s) {
    size_t n = MAX_BLOCK;
    while (n >= MIN_BLOCK && block_room(s, n) > NN_WINOGRAD_ROOM)
        n -= 8;
    return n >= MIN_BLOCK ? n : 0;
}

bool nn_winograd_suits_kernel(const struct nn_conv_walk *s) {
    return nn_winograd_suits(s) && block_squares(s) > 0;
}

/* Square number at of the gradients. */
static void find_gradients(struct nn_square *q, const struct nn_conv_walk *s,
                           const float *dy, size_t at) {
    size_t rows;
    q->first = 0;
    q->pixel = q->channels = s->oc;
    dy += nn_winograd_place(s, at, &rows, &q->last);
    for (size_t i = 0; i < 4; i++)
        q->row[i] = i < rows ? dy + i * s->ow * s->oc : nn_winograd_zeros;
}

/* sums (c, oc) of one point (+)= v' d for count squares. */
static void multiply_point(const struct run *r, float *sums, const float *v,
                           const float *d, size_t count, bool add) {
    const struct nn_conv_walk *s = &r->job->s;
    struct nn_tile t = {.a_row = 1,
                        .a_col = (ptrdiff_t)r->c,
                        .b_row = (ptrdiff_t)r->oc,
                        .k = count,
                        .runs = 1,
                        .ldc = r->oc,
                        .add = add};
    for (size_t o = 0; o < s->oc; o += NN_TILE_VECS * s->k->lanes) {
        t.cols = s->oc - o > s->k->lanes ? NN_TILE_VECS * s->k->lanes : s->k->lanes;
        t.a = v;
        t.b = d + o;
        t.c = sums + o;
        nn_winograd_multiply(s->k, &t, s->c);
    }
}

/* Row i of the points over squares first..last-1. */
static void sum_row(const struct run *r, float *sums, float *bias, size_t i, size_t first,
                    size_t last, float *room) {
    const struct nn_conv_walk *s = &r->job->s;
    size_t v_step = nn_winograd_step(r->block * r->c);
    size_t d_step = nn_winograd_step(r->block * r->oc);
    float *v = room, *d = room + ROW * v_step;
    for (size_t at = first; at < last; at += r->block) {
        size_t count = MIN_OF(r->block, last - at);
        for (size_t n = 0; n < count; n++) {
            struct nn_square q;
            nn_winograd_inputs(&q, s, r->job->x, at + n);
            r->k->input_row(v + n * r->c, v_step, &q, i);
            find_gradients(&q, s, r->job->dy, at + n);
            r->k->gradient_row(d + n * r->oc, d_step, &q, i, bias);
        }
        for (size_t j = 0; j < ROW; j++)
            multiply_point(r, sums + j * r->c * r->oc, v + j * v_step, d + j * d_step,
                           count, at > first);
    }
}

static void sum_rows(void *ctx, size_t first, size_t last) {
    const struct run *r = ctx;
    float room[NN_WINOGRAD_ROOM] __attribute__((aligned(NN_ALIGN)));
    for (size_t item = first; item < last; item++) {
        size_t g = item / ROW, i = item % ROW;
        float *sums = r->job->sums + g * r->elements, *bias = NULL;
        if (i == 0 && r->job->dbias) {
            bias = sums + r->elements - r->oc;
            memset(bias, 0, r->oc * sizeof *bias);
        }
        sum_row(r, sums + i * ROW * r->c * r->oc, bias, i, g * r->squares / r->groups,
                (g + 1) * r->squares / r->groups, room);
    }
}

static void transform_sums(void *ctx, size_t first, size_t last) {
    const struct run *r = ctx;
    const struct nn_winograd_gradient *j = r->job;
    size_t oc = j->s.oc;
    for (size_t c = first; c < last; c++)
        r->k->tap_gradients(j->dkernel + c * oc, j->s.c * oc, oc, j->accumulate,
                            j->sums + c * r->oc, r->c * r->oc, r->elements, r->groups);
}

static void sum_bias(const struct run *r) {
    const struct nn_winograd_gradient *j = r->job;
    const struct nn_vec_kernels *vec = nn_kernels_get()->vec[NN_F32];
    for (size_t g = 0; g < r->groups; g++) {
        const float *sum = j->sums + (g + 1) * r->elements - r->oc;
        if (g > 0 || j->accumulate)
            vec->binary[NN_ADD](j->dbias, j->dbias, sum, j->s.oc);
        else
            vec->unary[NN_COPY](j->dbias, sum, j->s.oc);
    }
}

void nn_winograd_kernel(struct nn_winograd_gradient *job) {
    const struct nn_conv_walk *s = &job->s;
    size_t squares = s->n * nn_winograd_across(s) * nn_winograd_down(s);
    size_t elements = group_elements(s->c, s->oc);
    struct run r = {.job = job,
                    .k = nn_kernels_get()->winograd,
                    .squares = squares,
                    .groups = MIN_OF(count_groups(elements), squares),
                    .block = block_squares(s),
                    .elements = elements,
                    .c = nn_winograd_pad(s->c),
                    .oc = nn_winograd_pad(s->oc)};
    nn_pool_run(sum_rows, &r, r.groups * ROW, 1);
    nn_pool_run(transform_sums, &r, s->c, 8);
    if (job->dbias)
        sum_bias(&r);
}
