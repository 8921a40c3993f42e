/* vec_batch.c: moving elements about: batches out of a data set, the transpose; and
 * the question whether all is finite. */
#include "kernels.h"
#include "nn/pool.h"
#include "nn/vec.h"

#define WORK  16384 /* elements of a chunk */
#define STRIP 16    /* rows of x that an item of the transpose takes */

struct gather {
    const struct nn_vec_kernels *k;
    char *out;
    const unsigned char *src;
    const size_t *index;
    size_t size, cols, channels; /* of gather_rows: cols in bytes */
    const double *mean, *scale;
};

#define PREFETCH_MAX 4096 /* longer rows keep the hardware's own prefetcher busy */

/* The rows of a shuffled batch lie anywhere in a large data set: asking for all cache lines
 * of a chunk at once waits for memory once instead of row after row. (Inline: a compiler
 * takes a function that only prefetches for one without effect.) */
__attribute__((always_inline)) static inline void
prefetch_rows(const struct gather *g, size_t first, size_t last) {
    for (size_t i = first; g->cols <= PREFETCH_MAX && i < last; i++)
        for (size_t at = 0; at < g->cols; at += NN_ALIGN)
            __builtin_prefetch(g->src + g->index[i] * g->cols + at, 0, 2);
}

static void gather_bytes(void *ctx, size_t first, size_t last) {
    const struct gather *g = ctx;
    prefetch_rows(g, first, last);
    for (size_t i = first; i < last; i++)
        g->k->bytes(g->out + i * g->cols * g->size, g->src + g->index[i] * g->cols,
                    g->cols, g->mean, g->scale, g->channels);
}

void nn_vec_gather_u8(enum nn_dtype d, void *out, const unsigned char *src,
                      const size_t *index, size_t rows, size_t cols, const double *mean,
                      const double *scale, size_t channels) {
    struct gather g = {.k = nn_kernels_get()->vec[d],
                       .out = out,
                       .src = src,
                       .index = index,
                       .size = nn_dtype_size(d),
                       .cols = cols,
                       .channels = channels,
                       .mean = mean,
                       .scale = scale};
    if (cols > 0)
        nn_pool_run(gather_bytes, &g, rows, MAX_OF(WORK / cols, (size_t)1));
}

static void gather_rows(void *ctx, size_t first, size_t last) {
    const struct gather *g = ctx;
    prefetch_rows(g, first, last);
    for (size_t i = first; i < last; i++)
        memcpy(g->out + i * g->cols, g->src + g->index[i] * g->cols, g->cols);
}

void nn_vec_gather(void *out, const void *src, const size_t *index, size_t rows,
                   size_t row_bytes) {
    struct gather g = {.out = out, .src = src, .index = index, .cols = row_bytes};
    if (row_bytes > 0)
        nn_pool_run(gather_rows, &g, rows, MAX_OF(4 * WORK / row_bytes, (size_t)1));
}

struct turn {
    const struct nn_vec_kernels *k;
    char *out;
    const char *x;
    size_t size, rows, cols;
};

static void turn_strips(void *ctx, size_t first, size_t last) {
    const struct turn *t = ctx;
    for (size_t i = first; i < last; i++) {
        size_t row = i * STRIP;
        t->k->transpose(t->out + row * t->size, t->rows, t->x + row * t->cols * t->size,
                        t->cols, MIN_OF((size_t)STRIP, t->rows - row), t->cols);
    }
}

void nn_vec_transpose(enum nn_dtype d, void *out, const void *x, size_t rows,
                      size_t cols) {
    struct turn t = {.k = nn_kernels_get()->vec[d],
                     .out = out,
                     .x = x,
                     .size = nn_dtype_size(d),
                     .rows = rows,
                     .cols = cols};
    size_t strip = STRIP * MAX_OF(cols, (size_t)1);
    nn_pool_run(turn_strips, &t, (rows + STRIP - 1) / STRIP,
                MAX_OF(WORK / strip, (size_t)1));
}

struct check {
    const struct nn_vec_kernels *k;
    const char *x;
    size_t size;
    atomic_bool bad;
};

static void check_chunk(void *ctx, size_t first, size_t last) {
    struct check *c = ctx;
    if (!atomic_load_explicit(&c->bad, memory_order_relaxed) &&
        !c->k->all_finite(c->x + first * c->size, last - first))
        atomic_store_explicit(&c->bad, true, memory_order_relaxed);
}

bool nn_vec_all_finite(enum nn_dtype d, const void *x, size_t n) {
    struct check c = {.k = nn_kernels_get()->vec[d], .x = x, .size = nn_dtype_size(d)};
    nn_pool_run(check_chunk, &c, n, WORK);
    return !atomic_load(&c.bad);
}
