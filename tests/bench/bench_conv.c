/* bench_conv.c: the convolutions of the course's networks, batch 64, forward (with bias and
 * ReLU) and both gradients, directly and by Winograd's method: speed as if every product
 * of the direct sum were computed, its share of the multiply-add peak measured between the
 * samples, and the largest error over the largest value against the same in double. */
#include <stdio.h>

#include <math.h>

#include "fma_peak.h"
#include "nn/conv.h"
#include "nn/rng.h"

#define SAMPLES 21
#define PASSES  3
#define BATCH   64

static const struct {
    size_t c, oc, side;
} layers[] = {{1, 32, 28},  {32, 64, 14}, {3, 32, 32}, {32, 32, 32},
              {32, 64, 16}, {64, 64, 16}, {64, 128, 8}};

static void *array(enum nn_dtype d, size_t n) {
    struct nn_tensor *t;
    struct err e = {0};
    if (nn_tensor_new(&t, d, 1, &n, &e) < 0) {
        fprintf(stderr, "%s\n", e.msg);
        exit(1);
    }
    return t->data; /* kept until the program ends */
}

/* One layer in one type; sizes in elements. */
struct layer {
    struct nn_conv v;
    size_t n_x, n_y, n_k;
    void *x, *dy, *k, *b, *work; /* dy: the incoming gradient */
    void *out[PASSES];           /* y, dx, dk */
};

static struct layer new_layer(enum nn_dtype d, size_t c, size_t oc, size_t side) {
    struct layer l = {.v = {.dtype = d,
                            .n = BATCH,
                            .h = side,
                            .w = side,
                            .c = c,
                            .kh = 3,
                            .kw = 3,
                            .oc = oc}};
    (void)nn_conv_fit(&l.v, true);
    l.n_x = BATCH * side * side * c;
    l.n_y = BATCH * side * side * oc;
    l.n_k = 9 * c * oc;
    l.x = array(d, l.n_x);
    l.dy = array(d, l.n_y);
    l.k = array(d, l.n_k);
    l.b = array(d, oc);
    l.out[0] = array(d, l.n_y);
    l.out[1] = array(d, l.n_x);
    l.out[2] = array(d, l.n_k);
    l.work = array(d, nn_conv_workspace(&l.v) / nn_dtype_size(d));
    return l;
}

static void run(const struct layer *l, int pass) {
    if (pass == 0)
        nn_conv_forward(&l->v, l->out[0], l->x, l->k, l->b, true, l->work);
    else if (pass == 1)
        nn_conv_backward_data(&l->v, l->out[1], l->dy, l->k, l->x, l->work);
    else
        nn_conv_backward_kernel(&l->v, l->out[2], l->b, false, l->x, l->dy, l->work);
}

/* The same random numbers in [0, 1) or [-1, 1) for both types. */
static void fill(float *f, double *d, size_t n, bool positive, uint64_t seed) {
    struct nn_rng r;
    nn_rng_seed(&r, seed);
    for (size_t i = 0; i < n; i++) {
        double u = nn_rng_uniform(&r);
        f[i] = (float)(positive ? u : 2 * u - 1);
        d[i] = (double)f[i];
    }
}

static double error(const float *got, const double *want, size_t n) {
    double most = 0, largest = 0;
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, fabs((double)got[i] - want[i]));
        largest = fmax(largest, fabs(want[i]));
    }
    return most / largest;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The second shortest of so many samples. */
static double typical(double *t) {
    qsort(t, SAMPLES, sizeof *t, by_value);
    return t[1];
}

static void measure_pass(const struct layer *f, const struct layer *d, int pass,
                         bool both) {
    static const char *const names[PASSES] = {"forward", "to data", "to kernel"};
    double t[2][SAMPLES], peak[SAMPLES], flop = 0, errors[2];
    size_t n = pass == 0 ? f->n_y : pass == 1 ? f->n_x : f->n_k;
    run(d, pass);
    for (int i = 0; i < SAMPLES; i++) {
        for (int w = 0; w < (both ? 2 : 1); w++) {
            nn_conv_set_winograd(w);
            double start = clock_seconds();
            run(f, pass);
            t[w][i] = clock_seconds() - start;
            if (i == 0)
                errors[w] = error(f->out[pass], d->out[pass], n);
        }
        double start = clock_seconds();
        flop = fma_peak_run(64);
        peak[i] = clock_seconds() - start;
    }
    double top = flop / typical(peak) * 1e-9;
    double work = 2.0 * (double)f->n_y * 9 * (double)f->v.c;
    printf("%-10s", names[pass]);
    for (int w = 0; w < (both ? 2 : 1); w++) {
        double rate = work / typical(t[w]) * 1e-9;
        printf("%9.1f %4.0f %% %9.1e", rate, top > 0 ? 100 * rate / top : 0, errors[w]);
    }
    printf("%*s%9.1f\n", both ? 0 : 26, "", top);
}

static void measure(size_t c, size_t oc, size_t side) {
    struct layer f = new_layer(NN_F32, c, oc, side), d = new_layer(NN_F64, c, oc, side);
    fill(f.x, d.x, f.n_x, true, 1);
    fill(f.dy, d.dy, f.n_y, false, 2);
    fill(f.k, d.k, f.n_k, false, 3);
    for (int pass = 0; pass < PASSES; pass++) {
        if (pass == 1 && c < 8)
            continue; /* no gradient of the network's input */
        printf("%3zu -> %3zu at %2zu  ", c, oc, side);
        measure_pass(&f, &d, pass, c >= 8);
    }
}

int main(int argc, char **argv) {
    nn_pool_set_threads(argc > 1 ? atoi(argv[1]) : nn_pool_threads());
    printf("%s, %d threads, 3 x 3, batch %d: GF/s of the direct sum, share of the FMA "
           "peak, largest error (second best of %d samples)\n",
           nn_cpu_name(), nn_pool_threads(), BATCH, SAMPLES);
    printf("%-16s%-10s%26s%26s%9s\n", "layer", "pass", "direct", "Winograd", "peak");
    for (size_t i = 0; i < ARRAY_LEN(layers); i++)
        measure(layers[i].c, layers[i].oc, layers[i].side);
    return 0;
}
