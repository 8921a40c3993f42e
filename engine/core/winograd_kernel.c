/* winograd_kernel.c: the gradient of the kernel by Winograd's method. An item of work is
 * one group of squares and one or all pairs of rows of points. Block after block of squares
 * passes by; each pair of rows is transformed and multiplied on its own, while the block
 * is near, so that little memory is needed between the two. The number of groups depends
 * on the sizes alone; their sums are added in order. */
#include "nn/pool.h"
#include "winograd.h"

#define POINTS    36
#define PAIRS     3
#define PAIR      12           /* points of a pair of rows */
#define NEAR      (600 * 1024) /* bytes that a block's images and points should take */
#define NEAR_SUMS (200 * 1024) /* the same for the sums of an item */
#define MAX_BLOCK 128          /* squares */
#define MIN_BLOCK 24
#define ITEMS     6

struct run {
    const struct nn_winograd_gradient *job;
    const struct nn_winograd_kernels *k;
    size_t squares, groups, block;
    size_t parts;    /* 1 or 3: each group is so many items */
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

static size_t count_parts(size_t elements) {
    return elements * sizeof(float) > NEAR_SUMS ? PAIRS : 1;
}

static size_t count_groups(size_t elements) {
    size_t parts = count_parts(elements);
    return (ITEMS + parts - 1) / parts;
}

/* Floats of scratch memory for n squares. */
static size_t block_room(size_t c, size_t oc, size_t n) {
    return PAIR * (nn_winograd_step(n * nn_winograd_pad(c)) +
                   nn_winograd_step(n * nn_winograd_pad(oc)));
}

/* 0: not even the fewest worth while. */
static size_t block_squares(size_t c, size_t oc) {
    if (c > NN_WINOGRAD_ROOM || oc > NN_WINOGRAD_ROOM)
        return 0;
    size_t each = (16 + PAIR) * (c + oc) * sizeof(float);
    size_t n = MIN_OF(MAX_OF(NEAR / each, (size_t)MIN_BLOCK), (size_t)MAX_BLOCK);
    return block_room(c, oc, n) <= NN_WINOGRAD_ROOM ? n : 0;
}

size_t nn_winograd_kernel_room(size_t c, size_t oc) {
    size_t n = block_squares(c, oc) ? group_elements(c, oc) : 1;
    return n && mul_size(&n, n, count_groups(n)) ? n : 0;
}

bool nn_winograd_suits_kernel(const struct nn_conv_walk *s) {
    return nn_winograd_suits(s) && block_squares(s->c, s->oc) > 0;
}

static void find_gradients(struct nn_square *q, const struct nn_conv_walk *s,
                           const float *dy, const struct nn_place *p) {
    q->first = 0;
    q->last = MIN_OF(s->ow - p->left, (size_t)4);
    q->pixel = q->channels = s->oc;
    dy += nn_winograd_output(s, p);
    for (size_t i = 0; i < 4; i++)
        q->row[i] = p->top + i < s->oh ? dy + i * s->ow * s->oc : nn_winograd_zeros;
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

/* A pair of rows of points over count squares from first on. */
static void add_pair(const struct run *r, float *sums, float *bias, int pair,
                     size_t first, size_t count, bool add, float *room) {
    const struct nn_conv_walk *s = &r->job->s;
    size_t v_step = nn_winograd_step(r->block * r->c);
    size_t d_step = nn_winograd_step(r->block * r->oc);
    float *v = room, *d = room + PAIR * v_step;
    struct nn_place p = nn_winograd_place(s, first);
    for (size_t n = 0; n < count; n++, nn_winograd_next(s, &p)) {
        struct nn_square q;
        nn_winograd_inputs(&q, s, r->job->x, &p);
        r->k->input(v + n * r->c, v_step, &q, pair);
        find_gradients(&q, s, r->job->dy, &p);
        r->k->gradient(d + n * r->oc, d_step, &q, pair, bias);
    }
    for (size_t j = 0; j < PAIR; j++)
        multiply_point(r, sums + j * r->c * r->oc, v + j * v_step, d + j * d_step, count,
                       add);
}

static void run_item(const struct run *r, size_t group, size_t part, float *room) {
    float *sums = r->job->sums + group * r->elements;
    float *bias = r->job->dbias ? sums + r->elements - r->oc : NULL;
    size_t first = group * r->squares / r->groups;
    size_t last = (group + 1) * r->squares / r->groups;
    int from = (int)part, to = r->parts == 1 ? PAIRS : from + 1;
    if (bias && from <= 1 && to > 1) /* pair 1 sums it */
        memset(bias, 0, r->oc * sizeof *bias);
    for (size_t at = first; at < last; at += r->block)
        for (int pair = from; pair < to; pair++)
            add_pair(r, sums + (size_t)pair * PAIR * r->c * r->oc, bias, pair, at,
                     MIN_OF(r->block, last - at), at > first, room);
}

static void run_items(void *ctx, size_t first, size_t last) {
    const struct run *r = ctx;
    float room[NN_WINOGRAD_ROOM] __attribute__((aligned(NN_ALIGN)));
    for (size_t i = first; i < last; i++)
        run_item(r, i / r->parts, i % r->parts, room);
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
                    .block = block_squares(s->c, s->oc),
                    .parts = count_parts(elements),
                    .elements = elements,
                    .c = nn_winograd_pad(s->c),
                    .oc = nn_winograd_pad(s->oc)};
    nn_pool_run(run_items, &r, r.groups * r.parts, 1);
    nn_pool_run(transform_sums, &r, s->c, 8);
    if (job->dbias)
        sum_bias(&r);
}
