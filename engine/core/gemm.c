/* gemm.c: a matrix product cut into items for the pool, and each item into runs of k and
 * tiles for the kernels.
 *
 * An item is a panel of C, one or two vectors wide, over a block of its rows. For each run
 * of k it brings the panel of op(B) into a small buffer on its own stack, in the order in
 * which the kernel reads it, and multiplies the rows of op(A), read where they lie, tile by
 * tile. Items know nothing of each other, so that there is nothing to wait for; the runs of
 * k depend on k alone, so that every element is one sum in one order. */
#include "nn/gemm.h"

#include "kernels.h"
#include "nn/pool.h"

#define ITEM_FLOP    1.5e6 /* about what an item should cost: some microseconds */
#define ITEM_ROWS    64    /* fewer rows would not pay for bringing a panel of op(B) */
#define ENOUGH_ITEMS 16
#define PANEL        (32 * NN_KC) /* floats, or half as many doubles, of op(B) at a time */

struct plan {
    const struct nn_gemm *g;
    const struct nn_gemm_kernels *kernels;
    size_t size;                                     /* of an element */
    size_t width;                                    /* columns of a panel */
    size_t panels;                                   /* the last one may be narrower */
    size_t blocks;                                   /* of rows, of nearly equal height */
    size_t runs;                                     /* of k, likewise */
    void (*act)(void *out, const void *x, size_t n); /* sigmoid, tanh, or NULL */
};

/* Part i of n nearly equal parts of total: *first and its length. */
static size_t part(size_t total, size_t n, size_t i, size_t *first) {
    size_t small = total / n, larger = total % n;
    *first = i * small + MIN_OF(i, larger);
    return small + (i < larger);
}

static const char *at(const void *p, size_t i, size_t size) {
    return (const char *)p + i * size;
}

/* One panel over one run of k: op(B) is in t->b, the rest of t is set but for the rows. */
static void multiply_rows(const struct plan *p, struct nn_tile *t, size_t vecs,
                          size_t row, size_t rows, size_t column) {
    const struct nn_gemm *g = p->g;
    size_t tiles = (rows + p->kernels->rows - 1) / p->kernels->rows;
    const void *a = t->a;
    for (size_t i = 0; i < tiles; i++) {
        size_t first, n = part(rows, tiles, i, &first);
        first += row;
        t->a = at(a, first * (size_t)t->a_row, p->size);
        t->c = (char *)g->c + (first * g->ldc + column) * p->size;
        if (t->ldmask)
            t->mask = at(g->mask, first * g->ldmask + column, p->size);
        p->kernels->tile[vecs - 1][n - 1](t);
        if (t->keep) { /* the first tile has packed it */
            t->b = t->keep;
            t->b_row = (ptrdiff_t)p->width;
            t->keep = NULL;
        }
    }
    t->a = a;
}

/* The panel of op(B) from k = first on, n long, packed into room: now, or by the first tile
 * as it reads it. */
static void bring_b(const struct plan *p, struct nn_tile *t, size_t width, size_t column,
                    size_t first, size_t n, void *room) {
    const struct nn_gemm *g = p->g;
    t->b = room;
    t->b_row = (ptrdiff_t)width;
    if (g->packed)
        t->b = at(g->packed, column * g->k + first * width, p->size);
    else if (!g->trans_b && t->cols == p->width) {
        t->b = at(g->b, first * g->ldb + column, p->size);
        t->b_row = (ptrdiff_t)g->ldb;
        t->keep = room;
    } else if (g->trans_b)
        p->kernels->pack_trans(room, width, at(g->b, column * g->ldb + first, p->size),
                               g->ldb, t->cols, n);
    else
        p->kernels->pack(room, width, at(g->b, first * g->ldb + column, p->size), g->ldb,
                         t->cols, n);
}

static void activate(const struct plan *p, size_t row, size_t rows, size_t column,
                     size_t cols) {
    const struct nn_gemm *g = p->g;
    for (size_t i = row; i < row + rows; i++) {
        void *c = (char *)g->c + (i * g->ldc + column) * p->size;
        p->act(c, c, cols);
    }
}

static void run_item(const struct plan *p, size_t panel, size_t block, void *room) {
    const struct nn_gemm *g = p->g;
    size_t column = panel * p->width, cols = MIN_OF(p->width, g->n - column), row;
    size_t rows = part(g->m, p->blocks, block, &row);
    size_t vecs = cols > p->kernels->lanes ? 2 : 1;
    struct nn_tile t = {.runs = 1, .ldc = g->ldc, .cols = cols};
    t.a_row = g->trans_a ? 1 : (ptrdiff_t)g->lda;
    t.a_col = g->trans_a ? (ptrdiff_t)g->lda : 1;
    for (size_t r = 0; r < p->runs; r++) {
        size_t first;
        t.k = part(g->k, p->runs, r, &first);
        t.a = at(g->a, first * (size_t)t.a_col, p->size);
        t.add = g->accumulate || r > 0;
        if (r + 1 == p->runs) {
            t.bias = g->bias ? at(g->bias, column, p->size) : NULL;
            t.relu = g->act == NN_ACT_RELU;
            t.ldmask = g->mask ? g->ldmask : 0;
        }
        bring_b(p, &t, vecs * p->kernels->lanes, column, first, t.k, room);
        multiply_rows(p, &t, vecs, row, rows, column);
    }
    if (p->act)
        activate(p, row, rows, column, cols);
}

static void run_items(void *ctx, size_t first, size_t last) {
    const struct plan *p = ctx;
    float room[PANEL] __attribute__((aligned(NN_ALIGN)));
    for (size_t i = first; i < last; i++)
        run_item(p, i / p->blocks, i % p->blocks, room);
}

/* Blocks of rows: one if the panels alone make enough items, else as many as may be worth
 * a thread's while. */
static size_t count_blocks(const struct nn_gemm *g, size_t width, size_t panels) {
    double flop = 2.0 * (double)g->m * (double)width * (double)g->k;
    size_t by_rows = g->m / ITEM_ROWS, by_work = (size_t)(flop / ITEM_FLOP);
    size_t wanted = MIN_OF(by_work, by_rows);
    if (panels >= ENOUGH_ITEMS)
        wanted = 1;
    return MAX_OF(wanted, (size_t)1);
}

static void make_plan(struct plan *p, const struct nn_gemm *g,
                      const struct nn_kernels *k) {
    *p = (struct plan){.g = g, .kernels = k->gemm[g->dtype]};
    p->size = nn_dtype_size(g->dtype);
    p->width = NN_TILE_VECS * p->kernels->lanes;
    p->panels = (g->n + p->width - 1) / p->width;
    p->runs = MAX_OF((g->k + NN_KC - 1) / NN_KC, (size_t)1);
    p->blocks = count_blocks(g, p->width, p->panels);
    if (g->act == NN_ACT_SIGMOID || g->act == NN_ACT_TANH)
        p->act = k->vec[g->dtype]->unary[g->act == NN_ACT_TANH ? NN_TANH : NN_SIGMOID];
}

void nn_gemm(const struct nn_gemm *g) {
    const struct nn_kernels *k = nn_kernels_get();
    if (g->m == 0 || g->n == 0)
        return;
    if (!k->gemm) {
        nn_gemm_naive(g);
        return;
    }
    struct plan p;
    make_plan(&p, g, k);
    nn_pool_run(run_items, &p, p.panels * p.blocks, 1);
}
