/* vec.c: loops over arrays, cut into chunks for the pool. What an array is cut by depends
 * on its size alone. */
#include "nn/vec.h"

#include "kernels.h"
#include "nn/pool.h"

#include <math.h>

#define CHUNK 16384 /* elements: some microseconds of work, a multiple of every vector */

/* One elementwise call; the fields that its kernel does not use stay empty. */
struct map {
    const struct nn_vec_kernels *k;
    size_t size;
    char *out;
    const char *a, *b;
    double s;
    int op;
    const unsigned char *keep;
};

static const struct nn_vec_kernels *kernels(enum nn_dtype d) {
    return nn_kernels_get()->vec[d];
}

static struct map new_map(enum nn_dtype d, void *out, const void *a, const void *b) {
    return (struct map){
        .k = kernels(d), .size = nn_dtype_size(d), .out = out, .a = a, .b = b};
}

static void run_unary(void *ctx, size_t first, size_t last) {
    const struct map *m = ctx;
    size_t at = first * m->size;
    m->k->unary[m->op](m->out + at, m->a + at, last - first);
}

void nn_vec_unary(enum nn_unary op, enum nn_dtype d, void *out, const void *x, size_t n) {
    struct map m = new_map(d, out, x, NULL);
    m.op = (int)op;
    nn_pool_run(run_unary, &m, n, CHUNK);
}

static void run_binary(void *ctx, size_t first, size_t last) {
    const struct map *m = ctx;
    size_t at = first * m->size, n = last - first;
    if (m->a && m->b)
        m->k->binary[m->op](m->out + at, m->a + at, m->b + at, n);
    else if (m->a)
        m->k->binary_as[m->op](m->out + at, m->a + at, m->s, n);
    else
        m->k->binary_sb[m->op](m->out + at, m->s, m->b + at, n);
}

static void binary(enum nn_binary op, enum nn_dtype d, void *out, const void *a,
                   const void *b, double s, size_t n) {
    struct map m = new_map(d, out, a, b);
    m.op = (int)op;
    m.s = s;
    nn_pool_run(run_binary, &m, n, CHUNK);
}

void nn_vec_binary(enum nn_binary op, enum nn_dtype d, void *out, const void *a,
                   const void *b, size_t n) {
    binary(op, d, out, a, b, 0, n);
}

void nn_vec_binary_scalar(enum nn_binary op, enum nn_dtype d, void *out, const void *a,
                          double s, size_t n) {
    binary(op, d, out, a, NULL, s, n);
}

void nn_vec_scalar_binary(enum nn_binary op, enum nn_dtype d, void *out, double s,
                          const void *b, size_t n) {
    binary(op, d, out, NULL, b, s, n);
}

void nn_vec_scale(enum nn_dtype d, void *out, const void *x, double k, size_t n) {
    binary(NN_MUL, d, out, x, NULL, k, n);
}

static void run_fill(void *ctx, size_t first, size_t last) {
    const struct map *m = ctx;
    m->k->fill(m->out + first * m->size, m->s, last - first);
}

void nn_vec_fill(enum nn_dtype d, void *out, double v, size_t n) {
    struct map m = new_map(d, out, NULL, NULL);
    m.s = v;
    nn_pool_run(run_fill, &m, n, CHUNK);
}

static void run_axpy(void *ctx, size_t first, size_t last) {
    const struct map *m = ctx;
    size_t at = first * m->size;
    m->k->axpy(m->out + at, m->s, m->a + at, last - first);
}

void nn_vec_axpy(enum nn_dtype d, void *y, double k, const void *x, size_t n) {
    struct map m = new_map(d, y, x, NULL);
    m.s = k;
    nn_pool_run(run_axpy, &m, n, CHUNK);
}

static void run_add_mul(void *ctx, size_t first, size_t last) {
    const struct map *m = ctx;
    size_t at = first * m->size;
    m->k->add_mul(m->out + at, m->a + at, m->b + at, last - first);
}

void nn_vec_add_mul(enum nn_dtype d, void *out, const void *a, const void *b, size_t n) {
    struct map m = new_map(d, out, a, b);
    nn_pool_run(run_add_mul, &m, n, CHUNK);
}

static void run_mask(void *ctx, size_t first, size_t last) {
    const struct map *m = ctx;
    size_t at = first * m->size;
    const unsigned char *keep = m->keep;
    m->k->mask(m->out + at, m->a + at, keep + first, m->s, last - first);
}

void nn_vec_mask(enum nn_dtype d, void *out, const void *x, const unsigned char *keep,
                 double k, size_t n) {
    struct map m = new_map(d, out, x, NULL);
    m.s = k;
    m.keep = keep;
    nn_pool_run(run_mask, &m, n, CHUNK);
}
