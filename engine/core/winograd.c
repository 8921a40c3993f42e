/* winograd.c: Winograd's convolution forward and to the data. An item of work is a block of
 * squares, taken from all images in order: their inputs at the 36 points lie in the
 * thread's scratch memory, where they meet one panel of the kernel after the other. */
#include "winograd.h"

#include "nn/pool.h"

#include <stdatomic.h>

#define POINTS    36
#define MAX_C     512
#define MIN_C     8
#define MAX_BLOCK 28 /* squares; more were no faster */

const float nn_winograd_zeros[6 * MAX_C + 16];

size_t nn_winograd_across(const struct nn_conv_walk *s) {
    return (s->ow + 3) / 4;
}

size_t nn_winograd_down(const struct nn_conv_walk *s) {
    return (s->oh + 3) / 4;
}

struct nn_place nn_winograd_place(const struct nn_conv_walk *s, size_t at) {
    size_t across = nn_winograd_across(s), down = nn_winograd_down(s);
    return (struct nn_place){.image = at / across / down,
                             .top = at / across % down * 4,
                             .left = at % across * 4};
}

void nn_winograd_inputs(struct nn_square *q, const struct nn_conv_walk *s, const float *x,
                        const struct nn_place *p) {
    ptrdiff_t left = (ptrdiff_t)p->left - s->pad_left;
    ptrdiff_t top = (ptrdiff_t)p->top - s->pad_top;
    ptrdiff_t first = left < 0 ? -left : 0;
    ptrdiff_t last = MIN_OF((ptrdiff_t)s->w - left, (ptrdiff_t)6);
    bool any = first < last;
    q->pixel = q->channels = s->c;
    q->first = any ? (size_t)first : 0;
    q->last = any ? (size_t)last : 0;
    x += p->image * s->h * s->w * s->c;
    for (ptrdiff_t i = 0; i < 6; i++) {
        bool inside = any && top + i >= 0 && top + i < (ptrdiff_t)s->h;
        size_t pixel = (size_t)((top + i) * (ptrdiff_t)s->w + left + first);
        q->row[i] = inside ? x + pixel * s->c : nn_winograd_zeros;
    }
}

void nn_winograd_multiply(const struct nn_gemm_kernels *k, struct nn_tile *t,
                          size_t rows) {
    size_t vecs = t->cols / k->lanes, tiles = (rows + k->rows - 1) / k->rows, first = 0;
    const float *a = t->a;
    float *c = t->c;
    for (size_t i = 0; i < tiles; i++) {
        size_t n = rows / tiles + (i < rows % tiles);
        t->a = a + first * (size_t)t->a_row;
        t->c = c + first * t->ldc;
        k->tile[vecs - 1][n - 1](t);
        first += n;
    }
}

/* ---- how many squares at a time */

static size_t panel_width(const struct nn_gemm_kernels *k, size_t left) {
    return left > k->lanes ? NN_TILE_VECS * k->lanes : k->lanes;
}

/* Floats of scratch memory for n squares. */
static size_t block_room(const struct nn_conv_walk *s, size_t n) {
    size_t width = panel_width(s->k, s->oc);
    return POINTS *
           (nn_winograd_step(n * nn_winograd_pad(s->c)) + nn_winograd_step(n * width));
}

/* Whole tiles of squares, as many as there is room for, or half a tile; 0: not even that. */
static size_t block_squares(const struct nn_conv_walk *s) {
    size_t rows = s->k->rows, n = rows;
    while (n + rows <= MAX_BLOCK && block_room(s, n + rows) <= NN_WINOGRAD_ROOM)
        n += rows;
    if (block_room(s, n) > NN_WINOGRAD_ROOM)
        n = rows / 2;
    return block_room(s, n) <= NN_WINOGRAD_ROOM ? n : 0;
}

static atomic_int winograd; /* 1 on, -1 off, 0 not asked for yet */

bool nn_conv_winograd(void) {
    int on = atomic_load_explicit(&winograd, memory_order_relaxed);
    if (on == 0) {
        const char *wanted = getenv("NABLA_WINOGRAD");
        on = wanted && strcmp(wanted, "0") == 0 ? -1 : 1;
        atomic_store_explicit(&winograd, on, memory_order_relaxed);
    }
    return on > 0;
}

void nn_conv_set_winograd(bool on) {
    atomic_store(&winograd, on ? 1 : -1);
}

bool nn_winograd_suits(const struct nn_conv_walk *s) {
    bool unit = s->stride_h == 1 && s->stride_w == 1 && s->dilation_h == 1 &&
                s->dilation_w == 1 && s->expand_h == 1 && s->expand_w == 1;
    if (!nn_conv_winograd() || s->size != sizeof(float) || s->kh != 3 || s->kw != 3 ||
        !unit)
        return false;
    if (s->c < MIN_C || s->oc < MIN_C || s->c > MAX_C || s->oc > MAX_C ||
        block_squares(s) == 0)
        return false;
    double outputs = (double)s->oh * (double)s->ow;
    double squares = (double)nn_winograd_across(s) * (double)nn_winograd_down(s);
    return outputs * 9 >= 1.5 * POINTS * squares; /* less would not pay the transforms */
}

size_t nn_winograd_forward_room(size_t c, size_t oc) {
    size_t n;
    if (oc > SIZE_MAX - 16 || !mul_size(&n, c, nn_winograd_pad(oc)) ||
        !mul_size(&n, n, POINTS))
        return 0;
    return n;
}

/* ---- the kernel at the points: panel after panel, point after point, (c, width) */

struct run {
    const struct nn_winograd_job *job;
    const struct nn_winograd_kernels *k;
    size_t squares, block;
};

static void transform_taps(void *ctx, size_t first, size_t last) {
    const struct run *r = ctx;
    const struct nn_conv_walk *s = &r->job->s;
    for (size_t i = first; i < last; i++) {
        size_t o = i / s->c * NN_TILE_VECS * s->k->lanes, c = i % s->c;
        size_t width = panel_width(s->k, s->oc - o);
        r->k->taps(r->job->points + POINTS * o * s->c + c * width, s->c * width, width,
                   r->job->kernel + c * s->oc + o, s->c * s->oc, s->oc - o);
    }
}

/* ---- one block of squares */

/* Inputs v times the panel of outputs from o on give m, (square, width) at each point. */
static void multiply_panel(const struct run *r, float *m, size_t m_step, const float *v,
                           size_t v_step, size_t count, size_t o) {
    const struct nn_conv_walk *s = &r->job->s;
    size_t width = panel_width(s->k, s->oc - o);
    const float *u = r->job->points + POINTS * o * s->c;
    struct nn_tile t = {.a_row = (ptrdiff_t)nn_winograd_pad(s->c),
                        .a_col = 1,
                        .b_row = (ptrdiff_t)width,
                        .k = s->c,
                        .runs = 1,
                        .ldc = width,
                        .cols = width};
    for (size_t i = 0; i < POINTS; i++) {
        t.a = v + i * v_step;
        t.b = u + i * s->c * width;
        t.c = m + i * m_step;
        nn_winograd_multiply(s->k, &t, count);
    }
}

/* Asks for the outputs of the square at p, and their mask. */
static void fetch_outputs(const struct run *r, const struct nn_place *p, size_t o,
                          size_t channels) {
    const struct nn_conv_walk *s = &r->job->s;
    size_t at = o + nn_winograd_output(s, p);
    for (size_t i = 0; i < 4 && p->top + i < s->oh; i++, at += s->ow * s->oc)
        for (size_t j = 0; j < 4 && p->left + j < s->ow; j++)
            for (size_t c = 0; c < channels; c += NN_ALIGN / sizeof(float)) {
                __builtin_prefetch(r->job->y + at + j * s->oc + c, 1);
                if (r->job->mask)
                    __builtin_prefetch(r->job->mask + at + j * s->oc + c);
            }
}

static void put_panel(const struct run *r, const float *m, size_t m_step,
                      struct nn_place first, size_t count, size_t o) {
    const struct nn_winograd_job *j = r->job;
    const struct nn_conv_walk *s = &j->s;
    size_t width = panel_width(s->k, s->oc - o);
    struct nn_outputs out = {.bias = j->bias ? j->bias + o : NULL,
                             .row = s->ow * s->oc,
                             .pixel = s->oc,
                             .channels = MIN_OF(s->oc - o, width),
                             .relu = j->relu};
    struct nn_place p = first, ahead = first;
    nn_winograd_next(s, &ahead);
    for (size_t i = 0; i < count; i++, nn_winograd_next(s, &p)) {
        if (i + 1 < count)
            fetch_outputs(r, &ahead, o, out.channels);
        nn_winograd_next(s, &ahead);
        size_t at = o + nn_winograd_output(s, &p);
        out.rows = MIN_OF(s->oh - p.top, (size_t)4);
        out.columns = MIN_OF(s->ow - p.left, (size_t)4);
        out.y = j->y + at;
        out.mask = j->mask ? j->mask + at : NULL;
        r->k->output(&out, m + i * width, m_step);
    }
}

#define AHEAD 2 /* squares */

/* Asks for what the square at p will read: its new columns of the lower rows. */
static void fetch_inputs(const struct nn_conv_walk *s, const float *x,
                         const struct nn_place *p) {
    struct nn_square q;
    nn_winograd_inputs(&q, s, x, p);
    size_t skip = q.last == 6 && q.first == 0 ? 2 * s->c : 0;
    size_t n = (q.last - q.first) * s->c;
    for (size_t i = 2; i < 6; i++)
        for (size_t at = skip; at < n; at += NN_ALIGN / sizeof(float))
            __builtin_prefetch(q.row[i] + at);
}

static void run_block(const struct run *r, size_t first, size_t count, float *room) {
    const struct nn_conv_walk *s = &r->job->s;
    size_t pad = nn_winograd_pad(s->c), v_step = nn_winograd_step(r->block * pad);
    size_t width = panel_width(s->k, s->oc), m_step = nn_winograd_step(r->block * width);
    float *v = room, *m = room + POINTS * v_step;
    struct nn_place start = nn_winograd_place(s, first), p = start;
    struct nn_place ahead = nn_winograd_place(s, first + AHEAD);
    for (size_t i = 0; i < count; i++, nn_winograd_next(s, &p)) {
        struct nn_square q;
        if (i + AHEAD < count)
            fetch_inputs(s, r->job->x, &ahead);
        nn_winograd_next(s, &ahead);
        nn_winograd_inputs(&q, s, r->job->x, &p);
        for (int pair = 0; pair < 3; pair++)
            r->k->input(v + i * pad + (size_t)pair * 12 * v_step, v_step, &q, pair);
    }
    for (size_t o = 0; o < s->oc; o += NN_TILE_VECS * s->k->lanes) {
        multiply_panel(r, m, m_step, v, v_step, count, o);
        put_panel(r, m, m_step, start, count, o);
    }
}

static void run_blocks(void *ctx, size_t first, size_t last) {
    const struct run *r = ctx;
    float room[NN_WINOGRAD_ROOM] __attribute__((aligned(NN_ALIGN)));
    for (size_t i = first; i < last; i++) {
        size_t from = i * r->block;
        run_block(r, from, MIN_OF(r->block, r->squares - from), room);
    }
}

void nn_winograd_forward(struct nn_winograd_job *job) {
    const struct nn_conv_walk *s = &job->s;
    struct run r = {.job = job,
                    .k = nn_kernels_get()->winograd,
                    .squares = s->n * nn_winograd_across(s) * nn_winograd_down(s),
                    .block = block_squares(s)};
    size_t width = NN_TILE_VECS * s->k->lanes;
    nn_pool_run(transform_taps, &r, (s->oc + width - 1) / width * s->c, 16);
    nn_pool_run(run_blocks, &r, (r.squares + r.block - 1) / r.block, 1);
}
