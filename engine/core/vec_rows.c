/* vec_rows.c: reductions and what is done row by row. */
#include "kernels.h"
#include "nn/pool.h"
#include "nn/vec.h"

#define WORK  16384 /* elements of a chunk */
#define PARTS 64    /* the most partial sums of one array */
#define BLOCK 256   /* columns of an item when several rows are folded into one */

struct rows {
    const struct nn_vec_kernels *k;
    size_t size, cols;
    char *out, *out2;
    const char *x, *y;
    const int32_t *labels;
    int32_t *index;
    double scale;
    nn_unary_fn *each; /* one row to one row */
};

static struct rows new_rows(enum nn_dtype d, void *out, const void *x, size_t cols) {
    return (struct rows){.k = nn_kernels_get()->vec[d],
                         .size = nn_dtype_size(d),
                         .cols = cols,
                         .out = out,
                         .x = x};
}

static void run_rows(nn_pool_fn *fn, struct rows *r, size_t rows) {
    if (r->cols > 0)
        nn_pool_run(fn, r, rows, MAX_OF(WORK / r->cols, (size_t)1));
}

static void set(enum nn_dtype d, void *p, size_t i, double v) {
    if (d == NN_F32)
        ((float *)p)[i] = (float)v;
    else
        ((double *)p)[i] = v;
}

/* ---- sums of a whole array: partial sums of pieces, added in order */

struct pieces {
    const struct nn_vec_kernels *k;
    const char *x, *y;
    size_t n, piece, size;
    double sum[PARTS];
};

static void sum_pieces(void *ctx, size_t first, size_t last) {
    struct pieces *p = ctx;
    for (size_t i = first; i < last; i++) {
        size_t from = i * p->piece, n = MIN_OF(p->piece, p->n - from);
        const char *x = p->x + from * p->size;
        p->sum[i] = p->y ? p->k->dot(x, p->y + from * p->size, n) : p->k->sum(x, n);
    }
}

static double sum_array(enum nn_dtype d, const void *x, const void *y, size_t n) {
    struct pieces p = {
        .k = nn_kernels_get()->vec[d], .x = x, .y = y, .n = n, .size = nn_dtype_size(d)};
    p.piece = MAX_OF((size_t)4096, n / PARTS + 1);
    size_t count = (n + p.piece - 1) / p.piece;
    nn_pool_run(sum_pieces, &p, count, 4);
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += p.sum[i];
    return sum;
}

double nn_vec_sum(enum nn_dtype d, const void *x, size_t n) {
    return sum_array(d, x, NULL, n);
}

double nn_vec_dot(enum nn_dtype d, const void *x, const void *y, size_t n) {
    return sum_array(d, x, y, n);
}

/* ---- one axis of (outer, axis, inner) */

struct reduction {
    const struct nn_vec_kernels *k;
    enum nn_reduce op;
    enum nn_dtype d;
    size_t size, axis, inner, blocks;
    char *out;
    const char *x;
};

static double reduce_run(const struct reduction *r, const void *x) {
    switch (r->op) {
    case NN_REDUCE_MAX:
        return r->k->max(x, r->axis);
    case NN_REDUCE_MIN:
        return r->k->min(x, r->axis);
    case NN_MEAN:
        return r->k->sum(x, r->axis) / (double)r->axis;
    default:
        return r->k->sum(x, r->axis);
    }
}

static void reduce_runs(void *ctx, size_t first, size_t last) {
    const struct reduction *r = ctx;
    for (size_t i = first; i < last; i++)
        set(r->d, r->out, i, reduce_run(r, r->x + i * r->axis * r->size));
}

/* One block of columns of one (axis, inner) slice, row after row. */
static void reduce_block(const struct reduction *r, size_t slice, size_t block) {
    size_t column = block * BLOCK, cols = MIN_OF((size_t)BLOCK, r->inner - column);
    size_t row = r->inner * r->size;
    char *out = r->out + slice * row + column * r->size;
    const char *x = r->x + slice * r->axis * row + column * r->size;
    if (r->op == NN_SUM || r->op == NN_MEAN) {
        r->k->sum_rows(out, false, x, r->axis, cols, r->inner);
        if (r->op == NN_MEAN)
            r->k->binary_as[NN_DIV](out, out, (double)r->axis, cols);
        return;
    }
    r->k->unary[NN_COPY](out, x, cols);
    for (size_t i = 1; i < r->axis; i++)
        r->k->binary[r->op == NN_REDUCE_MAX ? NN_MAX : NN_MIN](out, out, x + i * row,
                                                               cols);
}

static void reduce_blocks(void *ctx, size_t first, size_t last) {
    const struct reduction *r = ctx;
    for (size_t i = first; i < last; i++)
        reduce_block(r, i / r->blocks, i % r->blocks);
}

void nn_vec_reduce(enum nn_reduce op, enum nn_dtype d, void *out, const void *x,
                   size_t outer, size_t axis, size_t inner) {
    struct reduction r = {.k = nn_kernels_get()->vec[d],
                          .op = op,
                          .d = d,
                          .size = nn_dtype_size(d),
                          .axis = axis,
                          .inner = inner,
                          .blocks = (inner + BLOCK - 1) / BLOCK,
                          .out = out,
                          .x = x};
    if (inner == 1 && outer == 1 && (op == NN_SUM || op == NN_MEAN))
        set(d, out, 0, nn_vec_sum(d, x, axis) / (op == NN_MEAN ? (double)axis : 1));
    else if (inner == 1)
        nn_pool_run(reduce_runs, &r, outer,
                    MAX_OF(WORK / MAX_OF(axis, (size_t)1), (size_t)1));
    else
        nn_pool_run(reduce_blocks, &r, outer * r.blocks,
                    MAX_OF(WORK / BLOCK / MAX_OF(axis, (size_t)1), (size_t)1));
}

struct column_sums {
    const struct nn_vec_kernels *k;
    size_t size, rows, cols;
    bool accumulate;
    char *out;
    const char *x;
};

static void sum_columns(void *ctx, size_t first, size_t last) {
    const struct column_sums *s = ctx;
    s->k->sum_rows(s->out + first * s->size, s->accumulate, s->x + first * s->size,
                   s->rows, last - first, s->cols);
}

void nn_vec_sum_rows(enum nn_dtype d, void *out, bool accumulate, const void *x,
                     size_t rows, size_t cols) {
    struct column_sums s = {.k = nn_kernels_get()->vec[d],
                            .size = nn_dtype_size(d),
                            .rows = rows,
                            .cols = cols,
                            .accumulate = accumulate,
                            .out = out,
                            .x = x};
    nn_pool_run(sum_columns, &s, cols, BLOCK);
}

static void add_bias_rows(void *ctx, size_t first, size_t last) {
    const struct rows *r = ctx;
    size_t row = r->cols * r->size;
    for (size_t i = first; i < last; i++)
        r->k->binary[NN_ADD](r->out + i * row, r->x + i * row, r->y, r->cols);
}

void nn_vec_add_bias(enum nn_dtype d, void *out, const void *x, const void *bias,
                     size_t rows, size_t cols) {
    struct rows r = new_rows(d, out, x, cols);
    r.y = bias;
    run_rows(add_bias_rows, &r, rows);
}

static void argmax_rows(void *ctx, size_t first, size_t last) {
    const struct rows *r = ctx;
    for (size_t i = first; i < last; i++)
        r->index[i] = (int32_t)r->k->argmax(r->x + i * r->cols * r->size, r->cols);
}

void nn_vec_argmax_rows(enum nn_dtype d, int32_t *out, const void *x, size_t rows,
                        size_t cols) {
    struct rows r = new_rows(d, NULL, x, cols);
    r.index = out;
    run_rows(argmax_rows, &r, rows);
}

/* ---- softmax and its family */

static void each_row(void *ctx, size_t first, size_t last) {
    const struct rows *r = ctx;
    size_t row = r->cols * r->size;
    for (size_t i = first; i < last; i++)
        r->each(r->out + i * row, r->x + i * row, r->cols);
}

void nn_vec_softmax_rows(enum nn_dtype d, void *out, const void *x, size_t rows,
                         size_t cols) {
    struct rows r = new_rows(d, out, x, cols);
    r.each = r.k->softmax;
    run_rows(each_row, &r, rows);
}

void nn_vec_log_softmax_rows(enum nn_dtype d, void *out, const void *x, size_t rows,
                             size_t cols) {
    struct rows r = new_rows(d, out, x, cols);
    r.each = r.k->log_softmax;
    run_rows(each_row, &r, rows);
}

static void softmax_backward_rows(void *ctx, size_t first, size_t last) {
    const struct rows *r = ctx;
    size_t row = r->cols * r->size;
    for (size_t i = first; i < last; i++)
        r->k->softmax_backward(r->out + i * row, r->x + i * row, r->y + i * row, r->cols);
}

void nn_vec_softmax_backward(enum nn_dtype d, void *dx, const void *p, const void *dp,
                             size_t rows, size_t cols) {
    struct rows r = new_rows(d, dx, p, cols);
    r.y = dp;
    run_rows(softmax_backward_rows, &r, rows);
}

static void xent_rows(void *ctx, size_t first, size_t last) {
    const struct rows *r = ctx;
    size_t row = r->cols * r->size;
    enum nn_dtype d = r->size == sizeof(float) ? NN_F32 : NN_F64;
    for (size_t i = first; i < last; i++)
        set(d, r->out2, i,
            r->k->xent(r->out + i * row, r->x + i * row, (size_t)r->labels[i], r->cols));
}

void nn_vec_softmax_xent(enum nn_dtype d, void *probs, void *loss, const void *x,
                         const int32_t *labels, size_t rows, size_t cols) {
    struct rows r = new_rows(d, probs, x, cols);
    r.out2 = loss;
    r.labels = labels;
    run_rows(xent_rows, &r, rows);
}

static void xent_backward_rows(void *ctx, size_t first, size_t last) {
    const struct rows *r = ctx;
    size_t row = r->cols * r->size, n = (last - first) * r->cols;
    r->k->binary_as[NN_MUL](r->out + first * row, r->x + first * row, r->scale, n);
    for (size_t i = first; i < last; i++) {
        size_t at = i * r->cols + (size_t)r->labels[i];
        if (r->size == sizeof(float))
            ((float *)r->out)[at] -= (float)r->scale;
        else
            ((double *)r->out)[at] -= r->scale;
    }
}

void nn_vec_softmax_xent_backward(enum nn_dtype d, void *dx, const void *probs,
                                  const int32_t *labels, double k, size_t rows,
                                  size_t cols) {
    struct rows r = new_rows(d, dx, probs, cols);
    r.labels = labels;
    r.scale = k;
    run_rows(xent_backward_rows, &r, rows);
}
