/* norm.c: normalisation per channel. Rows are cut into pieces by the sizes alone; each
 * piece has sums of its own, which are put together in order. */
#include "nn/norm.h"

#include "kernels.h"
#include "nn/pool.h"

#define PIECES 64    /* the most */
#define WORK   16384 /* elements of a piece, at least */

static size_t piece_rows(size_t rows, size_t cols) {
    return MAX_OF(MAX_OF(WORK / cols, (size_t)1), (rows + PIECES - 1) / PIECES);
}

static size_t count_pieces(size_t rows, size_t cols) {
    size_t each = piece_rows(rows, cols);
    return (rows + each - 1) / each;
}

size_t nn_norm_work(size_t rows, size_t cols) {
    size_t n;
    if (!mul_size(&n, count_pieces(rows, cols), cols) ||
        !mul_size(&n, n, 2 * sizeof(double)))
        return SIZE_MAX;
    return n;
}

struct job {
    const struct nn_norm *o;
    const struct nn_vec_kernels *k;
    size_t size;
    double *first, *second; /* of piece 0; the others follow, cols apart */
    char *out;
    const char *x, *dy;
    const struct nn_norm_back *back;
};

/* Rows that piece i has, and the element it starts with. */
static size_t piece(const struct nn_norm *o, size_t i, size_t *at) {
    size_t each = piece_rows(o->rows, o->cols), first = i * each;
    *at = first * o->cols;
    return MIN_OF(each, o->rows - first);
}

static struct job new_job(const struct nn_norm *o, const void *x, const void *dy,
                          void *work) {
    size_t pieces = count_pieces(o->rows, o->cols);
    double *sums = work;
    return (struct job){.o = o,
                        .k = nn_kernels_get()->vec[o->dtype],
                        .size = nn_dtype_size(o->dtype),
                        .first = sums,
                        .second = sums ? sums + pieces * o->cols : NULL,
                        .x = x,
                        .dy = dy};
}

static void moments_pieces(void *ctx, size_t first, size_t last) {
    const struct job *j = ctx;
    for (size_t i = first; i < last; i++) {
        size_t at, rows = piece(j->o, i, &at), cols = j->o->cols;
        j->k->moments(j->first + i * cols, j->second + i * cols, j->x + at * j->size,
                      rows, cols);
    }
}

/* The sums of squares around each piece's mean become that around the mean of all (Chan,
 * Golub and LeVeque 1979). */
void nn_norm_moments(enum nn_dtype d, double *mean, double *variance, const void *x,
                     size_t rows, size_t cols, void *work) {
    struct nn_norm o = {.dtype = d, .rows = rows, .cols = cols};
    struct job j = new_job(&o, x, NULL, work);
    size_t pieces = count_pieces(rows, cols), at;
    nn_pool_run(moments_pieces, &j, pieces, 1);
    for (size_t k = 0; k < cols; k++) {
        double sum = 0, square = 0;
        for (size_t i = 0; i < pieces; i++)
            sum += j.first[i * cols + k] * (double)piece(&o, i, &at);
        mean[k] = sum / (double)rows;
        for (size_t i = 0; i < pieces; i++) {
            double off = j.first[i * cols + k] - mean[k];
            square += j.second[i * cols + k] + off * off * (double)piece(&o, i, &at);
        }
        variance[k] = square / (double)rows;
    }
}

static void forward_pieces(void *ctx, size_t first, size_t last) {
    const struct job *j = ctx;
    for (size_t i = first; i < last; i++) {
        size_t at, rows = piece(j->o, i, &at);
        struct nn_norm part = *j->o;
        part.rows = rows;
        j->k->normalise(&part, j->out + at * j->size, j->x + at * j->size);
    }
}

void nn_norm_forward(const struct nn_norm *o, void *y, const void *x) {
    struct job j = new_job(o, x, NULL, NULL);
    j.out = y;
    nn_pool_run(forward_pieces, &j, count_pieces(o->rows, o->cols), 1);
}

static void sums_pieces(void *ctx, size_t first, size_t last) {
    const struct job *j = ctx;
    for (size_t i = first; i < last; i++) {
        size_t at, rows = piece(j->o, i, &at), cols = j->o->cols;
        struct nn_norm part = *j->o;
        part.rows = rows;
        j->k->products(&part, j->first + i * cols, j->second + i * cols,
                       j->dy + at * j->size, j->x + at * j->size);
    }
}

void nn_norm_sums(const struct nn_norm *o, double *sum, double *product, const void *dy,
                  const void *x, void *work) {
    struct job j = new_job(o, x, dy, work);
    size_t pieces = count_pieces(o->rows, o->cols);
    nn_pool_run(sums_pieces, &j, pieces, 1);
    for (size_t k = 0; k < o->cols; k++) {
        sum[k] = product[k] = 0;
        for (size_t i = 0; i < pieces; i++) {
            sum[k] += j.first[i * o->cols + k];
            product[k] += j.second[i * o->cols + k];
        }
    }
}

static void backward_pieces(void *ctx, size_t first, size_t last) {
    const struct job *j = ctx;
    for (size_t i = first; i < last; i++) {
        size_t at, rows = piece(j->o, i, &at);
        struct nn_norm part = *j->o;
        struct nn_norm_back b = *j->back;
        part.rows = rows;
        b.dx = (char *)b.dx + at * j->size;
        b.dy = j->dy + at * j->size;
        b.x = j->x + at * j->size;
        j->k->norm_back(&part, &b);
    }
}

void nn_norm_backward(const struct nn_norm *o, const struct nn_norm_back *b) {
    struct job j = new_job(o, b->x, b->dy, NULL);
    j.back = b;
    nn_pool_run(backward_pieces, &j, count_pieces(o->rows, o->cols), 1);
}
