/* gemm_tile.inc.h: the innermost loops of the matrix product, for one element type. ROWS is
 * the most rows of a tile, the other macros are those of simd.inc.h. A tile of rows x vectors accumulators stays in registers over the
 * whole run of k; op(A) is read in place, one element at a time, and spread over a
 * vector. */

#include "simd.inc.h"

#include "transpose.inc.h"

#ifndef AHEAD
#define AHEAD 16 /* rows of op(B) to be fetched early */
#endif

/* Two k's a turn: less counting beside the multiplications. */
#ifdef __clang__
#define TWO_A_TURN _Pragma("clang loop unroll_count(2)")
#else
#define TWO_A_TURN _Pragma("GCC unroll 2")
#endif

/* Rows are reached from one pointer per three rows: base, base + row, base + 2 row are
 * addressing modes of the processor, fourteen pointers would not fit its registers. */
#define GROUPS ((ROWS + 2) / 3)

#define CLEAR_ROW(i)                                                                     \
    if (i < rows)                                                                        \
        acc[i][0] = acc[i][1] = (V){0};
#define START_GROUP(i)                                                                   \
    if (i % 3 == 0)                                                                      \
        a[i / 3] = (const T *)t->a + i / 3 * group;
#define STEP_GROUP(i)                                                                    \
    if (i % 3 == 0)                                                                      \
        a[i / 3] += col;
#define SKIP_GROUP(i)                                                                    \
    if (i % 3 == 0)                                                                      \
        a[i / 3] += t->a_skip;
#define MULTIPLY_ROW(i)                                                                  \
    if (i < rows) {                                                                      \
        V av = NAME(spread)(a[i / 3][i % 3 * row]);                                      \
        acc[i][0] += av * b0;                                                            \
        if (vecs > 1)                                                                    \
            acc[i][1] += av * b1;                                                        \
    }

/* With keep, the rows of op(B) are also put there side by side, for the tiles below. */
INLINE void NAME(multiply)(V acc[ROWS][2], const struct nn_tile *t, T *keep,
                           const int rows, const int vecs) {
    const T *a[GROUPS], *b = t->b;
    ptrdiff_t row = t->a_row, col = t->a_col, b_row = t->b_row;
    ptrdiff_t group = t->a_group ? t->a_group : 3 * row;
    EACH(ROWS, CLEAR_ROW)
    EACH(ROWS, START_GROUP)
    for (size_t run = t->runs; run > 0; run--) {
        TWO_A_TURN
        for (size_t p = t->k; p > 0; p--) {
            V b0 = NAME(load)(b), b1 = vecs > 1 ? NAME(load)(b + LANES) : (V){0};
            EACH(ROWS, MULTIPLY_ROW)
            EACH(ROWS, STEP_GROUP)
            b += b_row;
            if (keep) { /* the processor does not guess that rows far apart follow */
                __builtin_prefetch(b + AHEAD * b_row);
                __builtin_prefetch(b + AHEAD * b_row + LANES);
                NAME(store)(keep, b0);
                NAME(store)(keep + LANES, b1);
                keep += 2 * LANES;
            }
        }
        EACH(ROWS, SKIP_GROUP)
        b += t->b_skip;
    }
}

/* What becomes of one vector of C: the sum so far, bias, ReLU, mask, store. */
INLINE void NAME(finish)(V sum, const struct nn_tile *t, size_t i, size_t first) {
    size_t left = t->cols - first;
    bool full = left >= LANES;
    T *c = (T *)t->c + i * t->ldc + first;
    if (t->rate !=
        0) /* without a branch, which would keep the two from rounding as one */
        sum = NAME(load_part)(c, full ? LANES : left) - NAME(spread)((T)t->rate) * sum;
    if (t->add)
        sum += full ? NAME(load)(c) : NAME(load_part)(c, left);
    if (t->bias) {
        const T *bias = (const T *)t->bias + first;
        sum += full ? NAME(load)(bias) : NAME(load_part)(bias, left);
    }
    if (t->relu)
        sum = NAME(select)(sum < 0, (V){0}, sum);
    if (t->mask) {
        const T *mask = (const T *)t->mask + i * t->ldmask + first;
        V m = full ? NAME(load)(mask) : NAME(load_part)(mask, left);
        sum = NAME(select)(m > 0, sum, (V){0});
    }
    if (full)
        NAME(store)(c, sum);
    else
        NAME(store_part)(c, sum, left);
}

static __attribute__((noinline)) void
NAME(finish_tile)(const T *sums, const struct nn_tile *t, size_t rows, size_t vecs) {
    for (size_t i = 0; i < rows; i++)
        for (size_t v = 0; v < vecs && v * LANES < t->cols; v++)
            NAME(finish)(NAME(load)(sums + (i * vecs + v) * LANES), t, i, v * LANES);
}

#define ADD_ROW(i)                                                                       \
    if (i < rows) {                                                                      \
        acc[i][0] += NAME(load)(c + i * ldc);                                            \
        if (vecs > 1)                                                                    \
            acc[i][1] += NAME(load)(c + i * ldc + LANES);                                \
    }
#define DESCEND_ROW(i)                                                                   \
    if (i < rows) {                                                                      \
        acc[i][0] = NAME(load)(c + i * ldc) - rate * acc[i][0];                          \
        if (vecs > 1)                                                                    \
            acc[i][1] = NAME(load)(c + i * ldc + LANES) - rate * acc[i][1];              \
    }
#define FETCH_ROW(i)                                                                     \
    if (i < rows) {                                                                      \
        __builtin_prefetch(c + i * ldc, 1);                                              \
        if (vecs > 1)                                                                    \
            __builtin_prefetch(c + i * ldc + LANES, 1);                                  \
    }
#define STORE_ROW(i)                                                                     \
    if (i < rows) {                                                                      \
        NAME(store)(c + i * ldc, acc[i][0]);                                             \
        if (vecs > 1)                                                                    \
            NAME(store)(c + i * ldc + LANES, acc[i][1]);                                 \
    }

#define BIAS_ROW(i)                                                                      \
    if (i < rows) {                                                                      \
        acc[i][0] += b0;                                                                 \
        acc[i][1] += b1;                                                                 \
    }
#define RELU_ROW(i)                                                                      \
    if (i < rows) {                                                                      \
        acc[i][0] = NAME(select)(acc[i][0] < 0, (V){0}, acc[i][0]);                      \
        acc[i][1] = NAME(select)(acc[i][1] < 0, (V){0}, acc[i][1]);                      \
    }

/* A tile of whole vectors goes straight to C, any other, or one with a mask, through a
 * copy. */
INLINE void NAME(tile)(const struct nn_tile *t, const int rows, const int vecs) {
    V acc[ROWS][2];
    T sums[ROWS * 2 * LANES] __attribute__((aligned(BYTES)));
    bool whole = t->cols == (size_t)vecs * LANES && !t->mask;
    T *c = whole ? t->c : sums;
    ptrdiff_t ldc = whole ? (ptrdiff_t)t->ldc : vecs * LANES;
    if (t->rate != 0) { /* weights: by the time the sum is there they are, too */
        EACH(ROWS, FETCH_ROW)
    }
    if (vecs == 2 && t->keep)
        NAME(multiply)(acc, t, t->keep, rows, vecs);
    else
        NAME(multiply)(acc, t, NULL, rows, vecs);
    if (whole && t->rate != 0) {
        V rate = NAME(spread)((T)t->rate);
        EACH(ROWS, DESCEND_ROW)
    }
    if (whole && t->add) {
        EACH(ROWS, ADD_ROW)
    }
    if (whole && t->bias) {
        const T *bias = t->bias;
        V b0 = NAME(load)(bias), b1 = vecs > 1 ? NAME(load)(bias + LANES) : (V){0};
        EACH(ROWS, BIAS_ROW)
    }
    if (whole && t->relu) {
        EACH(ROWS, RELU_ROW)
    }
    EACH(ROWS, STORE_ROW)
    if (!whole)
        NAME(finish_tile)(sums, t, (size_t)rows, (size_t)vecs);
}

#define TILE(rows, vecs)                                                                 \
    static void NAME(tile_##rows##_##vecs)(const struct nn_tile *t) {                    \
        NAME(tile)(t, rows, vecs);                                                       \
    }
#define ROWS_6(f, v) f(1, v) f(2, v) f(3, v) f(4, v) f(5, v) f(6, v)
#define ROWS_14(f, v)                                                                    \
    ROWS_6(f, v) f(7, v) f(8, v) f(9, v) f(10, v) f(11, v) f(12, v) f(13, v) f(14, v)
#define ROWS_ALL_(n, f, v) ROWS_##n(f, v)
#define ROWS_ALL(n, f, v)  ROWS_ALL_(n, f, v)

ROWS_ALL(ROWS, TILE, 1)
ROWS_ALL(ROWS, TILE, 2)

/* One column of vectors, of which `left` elements exist. */
INLINE void NAME(pack_column)(T *out, size_t width, const T *in, size_t ldb, size_t left,
                              size_t k) {
    for (size_t p = 0; left >= LANES && p < k; p++)
        NAME(store)(out + p * width, NAME(load)(in + p * ldb));
    for (size_t p = 0; left < LANES && p < k; p++)
        NAME(store)(out + p * width, NAME(load_part)(in + p * ldb, left));
}

static void NAME(pack)(void *to, size_t width, const void *b, size_t ldb, size_t cols,
                       size_t k) {
    T *out = to;
    const T *in = b;
    for (size_t j = 0; j < width; j += LANES) {
        size_t left = cols > j ? cols - j : 0;
        NAME(pack_column)(out + j, width, in + j, ldb, left, k);
    }
}

/* LANES columns of op(B), which are rows of B: n of them exist, of p elements each. */
#define LOAD_LANE(j)                                                                     \
    r[j] = (V){0};                                                                       \
    if (j < n)                                                                           \
        r[j] = p >= LANES ? NAME(load)(in + j * ldb) : NAME(load_part)(in + j * ldb, p);
#define STORE_LANE(i)                                                                    \
    if (i < p)                                                                           \
        NAME(store)(out + i * width, r[i]);

INLINE void NAME(pack_square)(T *out, size_t width, const T *in, size_t ldb, size_t n,
                              size_t p) {
    V r[LANES];
    EACH(LANES, LOAD_LANE)
    NAME(transpose)(r);
    EACH(LANES, STORE_LANE)
}

static void NAME(pack_trans)(void *to, size_t width, const void *b, size_t ldb,
                             size_t cols, size_t k) {
    for (size_t j = 0; j < width; j += LANES) {
        size_t n = cols > j ? MIN_OF(cols - j, (size_t)LANES) : 0;
        T *out = (T *)to + j;
        const T *in = (const T *)b + j * ldb;
        for (size_t p = 0; p < k; p += LANES) {
            size_t left = k - p;
            if (n == LANES && left >= LANES)
                NAME(pack_square)(out + p * width, width, in + p, ldb, LANES, LANES);
            else
                NAME(pack_square)(out + p * width, width, in + p, ldb, n, left);
        }
    }
}

#define TILE_NAME(rows, vecs) NAME(tile_##rows##_##vecs),
#define GEMM_TABLE                                                                       \
    {                                                                                    \
        .lanes = LANES, .rows = ROWS, .pack = NAME(pack),                                \
        .pack_trans = NAME(pack_trans),                                                  \
        .tile = {{ROWS_ALL(ROWS, TILE_NAME, 1)}, {ROWS_ALL(ROWS, TILE_NAME, 2)}},        \
    }
