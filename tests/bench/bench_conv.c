/* bench_conv.c: the convolutions of the course's networks, batch 64, forward (with bias and
 * ReLU) and both gradients, as a share of the multiply-add peak measured between the
 * samples. */
#include <stdio.h>

#include "fma_peak.h"
#include "nn/conv.h"
#include "nn/rng.h"

#define SAMPLES 15

static const struct {
    size_t c, oc, side;
} layers[] = {{1, 32, 28},  {32, 64, 14}, {3, 32, 32}, {32, 32, 32},
              {32, 64, 16}, {64, 64, 16}, {64, 128, 8}};

static void *array(size_t n, uint64_t seed) {
    struct nn_tensor *t;
    struct nn_rng r;
    struct err e = {0};
    if (nn_tensor_new(&t, NN_F32, 1, &n, &e) < 0) {
        fprintf(stderr, "%s\n", e.msg);
        exit(1);
    }
    nn_rng_seed(&r, seed);
    nn_rng_fill_uniform(&r, t, -1, 1);
    return t->data; /* kept until the program ends */
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(size_t c, size_t oc, size_t side) {
    struct nn_conv v = {
        .n = 64, .h = side, .w = side, .c = c, .kh = 3, .kw = 3, .oc = oc};
    (void)nn_conv_fit(&v, true);
    size_t pixels = 64 * side * side;
    float *x = array(pixels * c, 1), *y = array(pixels * oc, 2),
          *k = array(9 * c * oc, 3);
    float *dx = array(pixels * c, 4), *dk = array(9 * c * oc, 5), *b = array(oc, 6);
    void *work = array(nn_conv_workspace(&v) / sizeof(float), 7);
    double flop = 2.0 * (double)pixels * 9 * (double)c * (double)oc;
    double rate[4][SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
        double t[5];
        t[0] = clock_seconds();
        nn_conv_forward(&v, y, x, k, b, true, work);
        t[1] = clock_seconds();
        nn_conv_backward_data(&v, dx, y, k, x, work);
        t[2] = clock_seconds();
        nn_conv_backward_kernel(&v, dk, b, false, x, y, work);
        t[3] = clock_seconds();
        double peak = fma_peak_run(64);
        t[4] = clock_seconds();
        for (int p = 0; p < 4; p++)
            rate[p][i] = (p < 3 ? flop : peak) / (t[p + 1] - t[p]) * 1e-9;
    }
    printf("%3zu -> %3zu at %2zu  ", c, oc, side);
    for (int p = 0; p < 4; p++)
        qsort(rate[p], SAMPLES, sizeof(double), by_value);
    double top = rate[3][SAMPLES - 2];
    for (int p = 0; p < 3; p++)
        printf("%8.1f %4.0f %%", rate[p][SAMPLES - 2],
               top > 0 ? 100 * rate[p][SAMPLES - 2] / top : 0);
    printf("%9.1f\n", top);
}

int main(int argc, char **argv) {
    nn_pool_set_threads(argc > 1 ? atoi(argv[1]) : nn_pool_threads());
    printf(
        "%s, %d threads, 3 x 3, GF/s and share of the FMA peak (second best samples)\n",
        nn_cpu_name(), nn_pool_threads());
    printf("%-16s%15s%15s%15s%9s\n", "layer", "forward", "to data", "to kernel", "peak");
    for (size_t i = 0; i < ARRAY_LEN(layers); i++)
        measure(layers[i].c, layers[i].oc, layers[i].side);
    return 0;
}
