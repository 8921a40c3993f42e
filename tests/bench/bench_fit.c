/* bench_fit.c: training speed of 784-128-10, batch 64, in the whole training loop: from
 * the data set in memory to updated weights. Prints samples per second and the share of
 * the peak: of the multiply-add loop and of a square matrix product, both measured
 * between groups of steps of the same run.
 *
 *     bench_fit [THREADS]            NABLA_DATA names the folder that holds mnist/ */
#include <stdio.h>

#include "fma_peak.h"
#include "nn/fit.h"
#include "nn/gemm.h"
#include "nn/mnist.h"
#include "nn/rng.h"

#define BATCH  64
#define GROUP  10 /* steps timed together: about as long as a yardstick */
#define GROUPS 1000
#define SQUARE 512

/* Per step: three products of the second layer, two of the first (no gradient of x). */
#define STEP_FLOP (4.0 * BATCH * (784.0 * 128 + 128 * 10) + 2.0 * BATCH * 128 * 10)

struct times {
    double group[GROUPS], fma[GROUPS], gemm[GROUPS]; /* seconds; flop/s; flop/s */
    int n;
    size_t batches;
    double started;
    struct nn_tensor *a, *b, *c;
};

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(double *v, int n, double q) {
    qsort(v, (size_t)n, sizeof *v, by_value);
    return v[(size_t)(q * (n - 1))];
}

static void die(const struct err *e) {
    fprintf(stderr, "%s\n", e->msg);
    exit(1);
}

static void yardsticks(struct times *t) {
    double start = clock_seconds();
    double done = fma_peak_run(16);
    t->fma[t->n] = done / (clock_seconds() - start);
    struct nn_gemm g = {.dtype = NN_F32,
                        .m = SQUARE,
                        .n = SQUARE,
                        .k = SQUARE,
                        .a = t->a->data,
                        .lda = SQUARE,
                        .b = t->b->data,
                        .ldb = SQUARE,
                        .c = t->c->data,
                        .ldc = SQUARE};
    start = clock_seconds();
    nn_gemm(&g);
    t->gemm[t->n] = 2.0 * SQUARE * SQUARE * SQUARE / (clock_seconds() - start);
}

static int on_event(void *ctx, const struct nn_fit_event *ev) {
    struct times *t = ctx;
    if (ev->kind != NN_FIT_BATCH) {
        t->batches = 0;
        return 0;
    }
    if (t->batches == 0)
        t->started = clock_seconds();
    else if (t->batches % GROUP == 0) {
        t->group[t->n] = clock_seconds() - t->started;
        yardsticks(t);
        t->n++;
        t->started = clock_seconds();
    }
    t->batches++;
    return t->n == GROUPS;
}

static struct nn_model *network(const char *optim, struct err *e) {
    struct nn_model *m;
    struct nn_optim *o;
    struct nn_layer *l[3];
    static const char *const accuracy[] = {"accuracy"};
    if (nn_model_new(&m, e) < 0 || nn_layer_new(&l[0], "Flatten", e) < 0 ||
        nn_layer_new(&l[1], "Dense", e) < 0 || nn_layer_new(&l[2], "Dense", e) < 0 ||
        nn_options_set_number(&l[1]->options, "units", 128, e) < 0 ||
        nn_options_set_text(&l[1]->options, "activation", "relu", e) < 0 ||
        nn_options_set_number(&l[2]->options, "units", 10, e) < 0)
        die(e);
    for (int i = 0; i < 3; i++)
        if (nn_model_add(m, l[i], e) < 0)
            die(e);
    if (nn_optim_new(&o, optim, e) < 0 ||
        nn_model_compile(m, o, "sparse_categorical_crossentropy", 1, accuracy, e) < 0)
        die(e);
    nn_model_set_seed(m, 1);
    return m;
}

/* Pixels at random, shaped like MNIST. */
static void synthetic(struct nn_tensor **x, struct nn_tensor **y, struct err *e) {
    struct nn_rng r;
    if (nn_tensor_new(x, NN_U8, 4, (size_t[]){60000, 28, 28, 1}, e) < 0 ||
        nn_tensor_new(y, NN_I32, 1, (size_t[]){60000}, e) < 0)
        die(e);
    nn_rng_seed(&r, 1);
    for (size_t i = 0; i < (*x)->n; i++)
        nn_tensor_u8(*x)[i] = (unsigned char)(nn_rng_next(&r) & 255);
    for (size_t i = 0; i < (*y)->n; i++)
        nn_tensor_i32(*y)[i] = (int32_t)nn_rng_below(&r, 10);
}

static const char *load(struct nn_tensor **x, struct nn_tensor **y, struct err *e) {
    struct nn_dataset *d;
    const char *root = getenv("NABLA_DATA");
    char folder[4096];
    snprintf(folder, sizeof folder, "%s/mnist", root && *root ? root : "../shared/data");
    if (nn_mnist_load_folder(&d, folder, false, e) < 0) {
        synthetic(x, y, e);
        return "synthetic data of MNIST's shape";
    }
    *x = nn_tensor_retain(d->x_train);
    *y = nn_tensor_retain(d->y_train);
    nn_dataset_release(d);
    return "MNIST";
}

static void measure(const char *optim, int threads, struct nn_tensor *x,
                    struct nn_tensor *y, struct err *e) {
    struct times t = {0};
    struct nn_fit_data d = {.x = x, .y = y};
    struct nn_fit_options o = {
        .epochs = 100, .batch_size = BATCH, .on_event = on_event, .ctx = &t};
    size_t square[2] = {SQUARE, SQUARE};
    nn_pool_set_threads(threads);
    if (nn_tensor_new(&t.a, NN_F32, 2, square, e) < 0 ||
        nn_tensor_new(&t.b, NN_F32, 2, square, e) < 0 ||
        nn_tensor_new(&t.c, NN_F32, 2, square, e) < 0)
        die(e);
    nn_tensor_fill(t.a, 0.5);
    nn_tensor_fill(t.b, 0.25);
    struct nn_model *m = network(optim, e);
    if (nn_fit(m, &d, &o, e) < 0)
        die(e);
    double middle = quantile(t.group, t.n, 0.5) / GROUP,
           best = quantile(t.group, t.n, 0.1) / GROUP;
    double fma = quantile(t.fma, t.n, 0.9), gemm = quantile(t.gemm, t.n, 0.9);
    double rate = STEP_FLOP / best;
    printf("%-5s %d   %9.0f %9.0f   %6.1f us   %5.0f %5.0f %5.0f   %4.0f %%  %4.0f %%\n",
           optim, threads, BATCH / middle, BATCH / best, best * 1e6, rate * 1e-9,
           gemm * 1e-9, fma * 1e-9, 100 * rate / gemm, 100 * rate / fma);
    nn_model_free(m);
    nn_tensor_release(t.a);
    nn_tensor_release(t.b);
    nn_tensor_release(t.c);
}

int main(int argc, char **argv) {
    struct err e = {0};
    struct nn_tensor *x, *y;
    const char *source = load(&x, &y, &e);
    int most = nn_pool_threads(), only = argc > 1 ? atoi(argv[1]) : 0;
    printf("784-128-10, batch %d, %s, %s. GF/s and shares: best decile of each\n", BATCH,
           source, nn_cpu_name());
    printf("optim threads samples/s best       step      fit  gemm   fma   of gemm of "
           "fma\n");
    for (int threads = 1; threads <= most; threads *= 2) {
        if (only && threads != only)
            continue;
        measure("SGD", threads, x, y, &e);
        measure("Adam", threads, x, y, &e);
    }
    nn_tensor_release(x);
    nn_tensor_release(y);
    return 0;
}
