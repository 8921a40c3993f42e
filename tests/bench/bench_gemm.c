/* bench_gemm.c: speed of the matrix products that training needs, as a share of the
 * multiply-add peak measured between the samples. */
#include <stdio.h>

#include "fma_peak.h"
#include "nn/gemm.h"
#include "nn/rng.h"

#define SAMPLES        60
#define SAMPLE_SECONDS 1.5e-3

static const struct shape {
    const char *name;
    size_t m, n, k;
    bool trans_a, trans_b;
} shapes[] = {
    {"784-128-10 y1 = x w1", 64, 128, 784, false, false},
    {"784-128-10 dw1 = x' dy1", 784, 128, 64, true, false},
    {"784-128-10 dx1 = dy1 w1'", 64, 784, 128, false, true},
    {"784-128-10 y2", 64, 10, 128, false, false},
    {"784-128-10 dw2", 128, 10, 64, true, false},
    {"784-128-10 dx2", 64, 128, 10, false, true},
    {"784-512-256-10 y1", 128, 512, 784, false, false},
    {"784-512-256-10 dw1", 784, 512, 128, true, false},
    {"784-512-256-10 y2", 128, 256, 512, false, false},
    {"784-512-256-10 dw2", 512, 256, 128, true, false},
    {"784-512-256-10 dx2", 128, 512, 256, false, true},
    {"784-512-256-10 y3", 128, 10, 256, false, false},
    {"784-512-256-10 dw3", 256, 10, 128, true, false},
    {"784-512-256-10 dx3", 128, 256, 10, false, true},
    {"square 512", 512, 512, 512, false, false},
    {"cifar dense y", 64, 512, 4096, false, false},
    {"cifar dense dw", 4096, 512, 64, true, false},
    {"cifar dense dx", 64, 4096, 512, false, true},
};

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The value that a share q of the samples stays below. */
static double quantile(double *v, double q) {
    qsort(v, SAMPLES, sizeof *v, by_value);
    return v[(size_t)(q * (SAMPLES - 1))];
}

static void measure(const struct shape *s, const struct nn_gemm *g) {
    double gemm[SAMPLES], peak[SAMPLES];
    double flop = 2.0 * (double)s->m * (double)s->n * (double)s->k;
    double start = clock_seconds();
    nn_gemm(g);
    nn_gemm(g);
    size_t repeats =
        (size_t)(SAMPLE_SECONDS / ((clock_seconds() - start) / 2 + 1e-9)) + 1;
    for (int i = 0; i < SAMPLES; i++) {
        start = clock_seconds();
        double done = fma_peak_run(8);
        peak[i] = done / (clock_seconds() - start) * 1e-9;
        start = clock_seconds();
        for (size_t r = 0; r < repeats; r++)
            nn_gemm(g);
        gemm[i] = flop * (double)repeats / (clock_seconds() - start) * 1e-9;
    }
    double p = quantile(peak, 0.9), best = quantile(gemm, 0.9), mid = quantile(gemm, 0.5);
    printf("%-26s %5zu %5zu %5zu %8.1f %8.1f %8.1f %6.0f %%\n", s->name, s->m, s->n, s->k,
           best, mid, p, p > 0 ? 100 * best / p : 0);
}

static struct nn_tensor *random_matrix(size_t rows, size_t cols, uint64_t seed) {
    struct nn_tensor *t;
    struct nn_rng r;
    struct err e = {0};
    if (nn_tensor_new(&t, NN_F32, 2, (size_t[]){rows, cols}, &e) < 0) {
        fprintf(stderr, "%s\n", e.msg);
        exit(1);
    }
    nn_rng_seed(&r, seed);
    nn_rng_fill_uniform(&r, t, -1, 1);
    return t;
}

static void measure_shape(const struct shape *s) {
    struct nn_tensor *a =
        random_matrix(s->trans_a ? s->k : s->m, s->trans_a ? s->m : s->k, 1);
    struct nn_tensor *b =
        random_matrix(s->trans_b ? s->n : s->k, s->trans_b ? s->k : s->n, 2);
    struct nn_tensor *c = random_matrix(s->m, s->n, 3);
    struct nn_gemm g = {.dtype = NN_F32,
                        .m = s->m,
                        .n = s->n,
                        .k = s->k,
                        .trans_a = s->trans_a,
                        .trans_b = s->trans_b,
                        .a = a->data,
                        .lda = a->shape[1],
                        .b = b->data,
                        .ldb = b->shape[1],
                        .c = c->data,
                        .ldc = s->n};
    measure(s, &g);
    nn_tensor_release(a);
    nn_tensor_release(b);
    nn_tensor_release(c);
}

int main(int argc, char **argv) {
    int threads = argc > 1 ? atoi(argv[1]) : nn_pool_threads();
    nn_pool_set_threads(threads);
    printf(
        "%s, %d threads. GF/s: best decile, median; peak: best decile of the FMA loop\n",
        nn_cpu_name(), nn_pool_threads());
    printf("%-26s %5s %5s %5s %8s %8s %8s %8s\n", "product", "m", "n", "k", "best",
           "median", "peak", "share");
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
        measure_shape(&shapes[i]);
    return 0;
}
