/* gemm.c: a matrix product cut into items for the pool, and each item into runs of k and
 * tiles for the kernels.
 *
 * An item is a block of rows of C by some panels, one or two vectors wide. For each run of
 * k it brings one panel of op(B) after the other into a small buffer on its own stack, in
 * the order in which the kernel reads it, and multiplies the rows of op(A), read where
 * they lie, tile by tile. Where rows lie so far apart that they would share a few sets of
 * the cache, or where each k is a row of its own (A stored transposed), they are brought
 * near first. Items know nothing of each other, so that there is nothing to wait for; the
 * runs of k depend on k alone, so that every element is one sum in one order. */
#include "nn/gemm.h"

#include "kernels.h"
#include "nn/pool.h"

#define ITEM_FLOP    1.5e6 /* about what an item should cost: some microseconds */
#define ITEM_ROWS    64    /* fewer rows would not pay for bringing a panel of op(B) */
#define BLOCK_ROWS   128
#define ENOUGH_ITEMS 16
#define ROOM         (32 * 1024) /* floats, or half as many doubles, of op(B) at a time */
#define MOST_PANELS  64
#define LARGE        (4 << 20) /* bytes of C that the cache will not hold */
#define FAR          4096      /* bytes: rows at a multiple of it share one cache set */
#define NEAR_ROW     (NN_KC + 16) /* elements of a row of op(A) brought near */
#define BLOCK        (BLOCK_ROWS * NEAR_ROW)

struct plan {
    const struct nn_gemm *g;
    const struct nn_gemm_kernels *kernels;
    size_t size;   /* of an element */
    size_t width;  /* columns of a panel */
    size_t panels; /* the last one may be narrower */
    size_t groups; /* of panels, of nearly equal length */
    size_t blocks; /* of rows, of nearly equal height */
    size_t runs;   /* of k, likewise */
    bool near;     /* op(A) is brought near */
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

static size_t count_tiles(const struct plan *p, size_t rows) {
    return (rows + p->kernels->rows - 1) / p->kernels->rows;
}

/* Elements from one k to the next of a tile of transposed A that was brought near. */
static size_t tile_pitch(const struct plan *p) {
    size_t lanes = p->kernels->lanes;
    return (p->kernels->rows + lanes - 1) / lanes * lanes;
}

/* A block of rows of C, and the run of k that an item is at. */
struct block {
    size_t row, rows, tiles;
    const void *a; /* the first row of op(A) */
    size_t step;   /* elements from one tile's copy of op(A)' to the next, 0: no copies */
    size_t first;  /* of the run */
    bool last;     /* the run, after which come bias, mask and activation */
};

/* Tile i of the block in one panel; op(B) is in t->b. */
static void multiply_tile(const struct plan *p, const struct block *k, struct nn_tile *t,
                          size_t i, size_t column) {
    const struct nn_gemm *g = p->g;
    size_t first, n = part(k->rows, k->tiles, i, &first);
    size_t vecs = t->cols > p->kernels->lanes ? 2 : 1;
    t->a = at(k->a, k->step ? i * k->step : first * (size_t)t->a_row, p->size);
    first += k->row;
    t->c = (char *)g->c + (first * g->ldc + column) * p->size;
    if (t->ldmask)
        t->mask = at(g->mask, first * g->ldmask + column, p->size);
    p->kernels->tile[vecs - 1][n - 1](t);
}

/* Sets t for a panel, and returns its first column. */
static size_t enter_panel(const struct plan *p, const struct block *k, struct nn_tile *t,
                          size_t panel) {
    const struct nn_gemm *g = p->g;
    size_t column = panel * p->width;
    t->cols = MIN_OF(p->width, g->n - column);
    t->b_row = (ptrdiff_t)(t->cols > p->kernels->lanes ? p->width : p->kernels->lanes);
    if (k->last && g->bias)
        t->bias = at(g->bias, column, p->size);
    return column;
}

/* The panel of op(B) over the run, packed into room unless it is so already. */
static const void *pack_b(const struct plan *p, const struct block *k,
                          const struct nn_tile *t, size_t column, void *room) {
    const struct nn_gemm *g = p->g;
    size_t width = (size_t)t->b_row;
    if (g->packed)
        return at(g->packed, column * g->k + k->first * width, p->size);
    if (g->trans_b)
        p->kernels->pack_trans(room, width, at(g->b, column * g->ldb + k->first, p->size),
                               g->ldb, t->cols, t->k);
    else
        p->kernels->pack(room, width, at(g->b, k->first * g->ldb + column, p->size),
                         g->ldb, t->cols, t->k);
    return room;
}

/* All tiles of one panel. A panel of whole vectors is packed by the first tile as it reads
 * it. */
static void multiply_panel(const struct plan *p, const struct block *k, struct nn_tile *t,
                           size_t panel, void *room) {
    const struct nn_gemm *g = p->g;
    size_t column = enter_panel(p, k, t, panel), i = 0;
    if (!g->packed && !g->trans_b && t->cols == p->width) {
        t->keep = room;
        t->b = at(g->b, k->first * g->ldb + column, p->size);
        t->b_row = (ptrdiff_t)g->ldb;
        multiply_tile(p, k, t, i++, column);
        t->keep = NULL;
        t->b = room;
        t->b_row = (ptrdiff_t)p->width;
    } else {
        t->b = pack_b(p, k, t, column, room);
    }
    for (; i < k->tiles; i++)
        multiply_tile(p, k, t, i, column);
}

/* All panels at once: C is then written row after row. */
static void multiply_near(const struct plan *p, const struct block *k, struct nn_tile *t,
                          size_t first, size_t last, char *room) {
    const void *b[MOST_PANELS];
    for (size_t panel = first; panel < last; panel++) {
        size_t column = enter_panel(p, k, t, panel);
        b[panel - first] =
            pack_b(p, k, t, column, room + (panel - first) * p->width * t->k * p->size);
    }
    for (size_t i = 0; i < k->tiles; i++) {
        for (size_t panel = first; panel < last; panel++) {
            size_t column = enter_panel(p, k, t, panel);
            t->b = b[panel - first];
            multiply_tile(p, k, t, i, column);
        }
    }
}

static void activate(const struct plan *p, size_t row, size_t rows, size_t column,
                     size_t cols) {
    const struct nn_gemm *g = p->g;
    for (size_t i = row; i < row + rows; i++) {
        void *c = (char *)g->c + (i * g->ldc + column) * p->size;
        p->act(c, c, cols);
    }
}

/* The block's part of op(A) over the run, which t then reads: row after row, or when A is
 * stored transposed tile after tile with the rows of each side by side. */
static void bring_a(const struct plan *p, struct block *k, struct nn_tile *t,
                    char *room) {
    const struct nn_gemm *g = p->g;
    size_t pitch = g->trans_a ? tile_pitch(p) : NEAR_ROW;
    for (size_t i = 0; g->trans_a && i < k->tiles; i++) {
        size_t first, n = part(k->rows, k->tiles, i, &first);
        p->kernels->pack(room + i * t->k * pitch * p->size, pitch,
                         at(k->a, first, p->size), g->lda, n, t->k);
    }
    for (size_t i = 0; !g->trans_a && i < k->rows; i++)
        memcpy(room + i * pitch * p->size, at(k->a, i * g->lda, p->size), t->k * p->size);
    k->a = room;
    k->step = g->trans_a ? t->k * pitch : 0;
    t->a_row = g->trans_a ? 1 : (ptrdiff_t)pitch;
    t->a_col = g->trans_a ? (ptrdiff_t)pitch : 1;
}

struct room {
    float b[ROOM], a[BLOCK];
} __attribute__((aligned(NN_ALIGN)));

/* Whether the item's panels of op(B) fit beside each other, and C is so large that it is
 * better written row after row. */
static bool write_rows(const struct plan *p, const struct nn_tile *t, size_t panels) {
    return p->runs == 1 && panels > 1 && panels <= MOST_PANELS &&
           panels * p->width * t->k * p->size <= ROOM * sizeof(float) &&
           (double)p->g->m * (double)p->g->n * (double)p->size > LARGE;
}

/* One run of k for the panels first..last-1. */
static void run_panels(const struct plan *p, const struct block *k, struct nn_tile *t,
                       size_t first, size_t last, struct room *room) {
    if (write_rows(p, t, last - first))
        multiply_near(p, k, t, first, last, (char *)room->b);
    else
        for (size_t panel = first; panel < last; panel++)
            multiply_panel(p, k, t, panel, room->b);
    for (size_t panel = first; k->last && p->act && panel < last; panel++)
        activate(p, k->row, k->rows, panel * p->width,
                 MIN_OF(p->width, p->g->n - panel * p->width));
}

static void run_item(const struct plan *p, size_t group, size_t block,
                     struct room *room) {
    const struct nn_gemm *g = p->g;
    struct block k;
    size_t panel, panels = part(p->panels, p->groups, group, &panel);
    k.rows = part(g->m, p->blocks, block, &k.row);
    k.tiles = count_tiles(p, k.rows);
    for (size_t r = 0; r < p->runs; r++) {
        struct nn_tile t = {.runs = 1, .ldc = g->ldc};
        k.last = r + 1 == p->runs;
        t.k = part(g->k, p->runs, r, &k.first);
        t.a_row = g->trans_a ? 1 : (ptrdiff_t)g->lda;
        t.a_col = g->trans_a ? (ptrdiff_t)g->lda : 1;
        k.a = at(g->a, k.row * (size_t)t.a_row + k.first * (size_t)t.a_col, p->size);
        t.add = g->accumulate || r > 0;
        t.rate = g->rate;
        t.relu = k.last && g->act == NN_ACT_RELU;
        t.ldmask = k.last && g->mask ? g->ldmask : 0;
        k.step = 0;
        if (p->near)
            bring_a(p, &k, &t, (char *)room->a);
        run_panels(p, &k, &t, panel, panel + panels, room);
    }
}

static void run_items(void *ctx, size_t first, size_t last) {
    const struct plan *p = ctx;
    struct room room;
    for (size_t i = first; i < last; i++)
        run_item(p, i % p->groups, i / p->groups, &room);
}

/* Whether op(A) is brought near: worth it when several panels share it. */
static bool choose_near(const struct plan *p) {
    const struct nn_gemm *g = p->g;
    if (p->size != sizeof(float) || g->m < p->kernels->rows || g->lda == 0)
        return false;
    return g->trans_a ? p->panels > 1 : g->lda * p->size % FAR == 0;
}

/* The most rows of a block that there is room for when op(A) is brought near. */
static size_t near_rows(const struct plan *p) {
    size_t k = MAX_OF((p->g->k + p->runs - 1) / p->runs, (size_t)1);
    if (!p->g->trans_a)
        return BLOCK_ROWS;
    return BLOCK / (k * tile_pitch(p)) * p->kernels->rows;
}

/* Few rows to a block if there is work for many items, but enough of them; then as many
 * panels to an item as leave enough items. Bringing op(A) near is done once per group: a
 * block of rows then keeps its panels together. */
static void cut(struct plan *p) {
    const struct nn_gemm *g = p->g;
    double flop = 2.0 * (double)g->m * (double)g->n * (double)g->k;
    size_t enough = p->near ? ENOUGH_ITEMS / 2 : ENOUGH_ITEMS;
    size_t most = flop > (double)enough * ITEM_FLOP ? enough : (size_t)(flop / ITEM_FLOP);
    size_t wanted = MAX_OF(most, (size_t)1);
    size_t least = p->near ? (g->m + near_rows(p) - 1) / near_rows(p)
                           : MIN_OF((g->m + BLOCK_ROWS - 1) / BLOCK_ROWS, wanted);
    size_t spread = p->near && g->trans_a ? wanted : (wanted + p->panels - 1) / p->panels;
    p->blocks = MAX_OF(least, MIN_OF(spread, g->m / ITEM_ROWS));
    p->blocks = MAX_OF(p->blocks, (size_t)1);
    p->groups = MIN_OF((wanted + p->blocks - 1) / p->blocks, p->panels);
}

static void make_plan(struct plan *p, const struct nn_gemm *g,
                      const struct nn_kernels *k) {
    *p = (struct plan){.g = g, .kernels = k->gemm[g->dtype]};
    p->size = nn_dtype_size(g->dtype);
    p->width = NN_TILE_VECS * p->kernels->lanes;
    p->panels = (g->n + p->width - 1) / p->width;
    p->runs = MAX_OF((g->k + NN_KC - 1) / NN_KC, (size_t)1);
    p->near = choose_near(p);
    cut(p);
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
    nn_pool_run(run_items, &p, p.groups * p.blocks, 1);
}
