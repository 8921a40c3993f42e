/* bench_step.c: one training step of 784-128-10 from the engine's primitives, part by part:
 * what a step can cost at best above them, and where it goes. */
#include <stdio.h>

#include "fma_peak.h"
#include "nn/gemm.h"
#include "nn/rng.h"
#include "nn/vec.h"

enum { BATCH = 64, IN = 784, HIDDEN = 128, OUT = 10, ROUNDS = 2000, IMAGES = 2000 };

static float *array(size_t n, double scale) {
    struct nn_tensor *t;
    struct nn_rng r;
    struct err e = {0};
    if (nn_tensor_new(&t, NN_F32, 1, &n, &e) < 0) {
        fprintf(stderr, "%s\n", e.msg);
        exit(1);
    }
    nn_rng_seed(&r, n);
    nn_rng_fill_uniform(&r, t, -scale, scale);
    return t->data; /* kept until the program ends */
}

struct layer {
    size_t in, out;
    float *w, *b, *dw, *db, *m[2], *v[2], *y, *dy;
};

static struct layer new_layer(size_t in, size_t out) {
    return (struct layer){in,
                          out,
                          array(in * out, 0.05),
                          array(out, 0),
                          array(in * out, 0),
                          array(out, 0),
                          {array(in * out, 0), array(out, 0)},
                          {array(in * out, 0), array(out, 0)},
                          array(BATCH * out, 0),
                          array(BATCH * out, 0)};
}

static void forward(const struct layer *l, const float *x, enum nn_act act) {
    nn_gemm(&(struct nn_gemm){.m = BATCH,
                              .n = l->out,
                              .k = l->in,
                              .a = x,
                              .lda = l->in,
                              .b = l->w,
                              .ldb = l->out,
                              .c = l->y,
                              .ldc = l->out,
                              .bias = l->b,
                              .act = act});
}

static void weight_gradient(const struct layer *l, const float *x) {
    nn_gemm(&(struct nn_gemm){.trans_a = true,
                              .m = l->in,
                              .n = l->out,
                              .k = BATCH,
                              .a = x,
                              .lda = l->in,
                              .b = l->dy,
                              .ldb = l->out,
                              .c = l->dw,
                              .ldc = l->out});
}

static void update(struct layer *l, bool adam, uint64_t step) {
    float *w[] = {l->w, l->b}, *g[] = {l->dw, l->db};
    size_t n[] = {l->in * l->out, l->out};
    for (int i = 0; i < 2; i++) {
        struct nn_adam a = {1e-3, 0.9, 0.999, 1e-7, 0, false, step};
        struct nn_sgd s = {0.1, 0, 0, false};
        if (adam)
            nn_vec_adam(NN_F32, w[i], g[i], l->m[i], l->v[i], &a, n[i]);
        else
            nn_vec_sgd(NN_F32, w[i], g[i], NULL, &s, n[i]);
    }
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v) {
    qsort(v, ROUNDS, sizeof *v, by_value);
    return v[ROUNDS / 2];
}

static const char *const names[] = {"gather", "y1",  "y2",  "loss",  "dw2, db2",
                                    "dx2",    "dw1", "db1", "update"};
#define PARTS ARRAY_LEN(names)

static void report(double spent[PARTS + 1][ROUNDS], double peak, bool adam) {
    double flop = 4.0 * BATCH * (IN * HIDDEN + HIDDEN * OUT) + 2.0 * BATCH * HIDDEN * OUT;
    double total = median(spent[PARTS]);
    printf("%s, %d threads, %s: %.1f us a step, %.0f samples/s, %.0f %% of %.0f GF/s\n",
           nn_cpu_name(), nn_pool_threads(), adam ? "Adam" : "SGD", total * 1e6,
           BATCH / total, 100 * flop / total / peak, peak * 1e-9);
    for (size_t i = 0; i < PARTS; i++)
        printf("  %-10s %6.2f us\n", names[i], median(spent[i]) * 1e6);
}

int main(int argc, char **argv) {
    nn_pool_set_threads(argc > 1 ? atoi(argv[1]) : nn_pool_threads());
    bool adam = argc > 2;
    struct layer l1 = new_layer(IN, HIDDEN), l2 = new_layer(HIDDEN, OUT);
    float *x = array(BATCH * IN, 1), *probs = array(BATCH * OUT, 0), loss[BATCH];
    unsigned char *images = calloc(IMAGES, IN);
    size_t index[BATCH];
    int32_t labels[BATCH];
    static double spent[PARTS + 1][ROUNDS];
    double mean = 33, scale = 1.0 / 78, peak = 0;
    if (!images)
        return 1;
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < BATCH; i++) {
            index[i] = (i * 977 + (size_t)round * 31) % IMAGES;
            labels[i] = (int32_t)(index[i] % OUT);
        }
        double t[PARTS + 1];
        t[0] = clock_seconds();
        nn_vec_gather_u8(NN_F32, x, images, index, BATCH, IN, &mean, &scale, 1);
        t[1] = clock_seconds();
        forward(&l1, x, NN_ACT_RELU);
        t[2] = clock_seconds();
        forward(&l2, l1.y, NN_ACT_NONE);
        t[3] = clock_seconds();
        nn_vec_softmax_xent(NN_F32, probs, loss, l2.y, labels, BATCH, OUT);
        nn_vec_softmax_xent_backward(NN_F32, l2.dy, probs, labels, 1.0 / BATCH, BATCH,
                                     OUT);
        t[4] = clock_seconds();
        weight_gradient(&l2, l1.y);
        nn_vec_sum_rows(NN_F32, l2.db, false, l2.dy, BATCH, OUT);
        t[5] = clock_seconds();
        nn_gemm(&(struct nn_gemm){.trans_b = true,
                                  .m = BATCH,
                                  .n = HIDDEN,
                                  .k = OUT,
                                  .a = l2.dy,
                                  .lda = OUT,
                                  .b = l2.w,
                                  .ldb = OUT,
                                  .c = l1.dy,
                                  .ldc = HIDDEN,
                                  .mask = l1.y,
                                  .ldmask = HIDDEN});
        t[6] = clock_seconds();
        weight_gradient(&l1, x);
        t[7] = clock_seconds();
        nn_vec_sum_rows(NN_F32, l1.db, false, l1.dy, BATCH, HIDDEN);
        t[8] = clock_seconds();
        update(&l1, adam, (uint64_t)round + 1);
        update(&l2, adam, (uint64_t)round + 1);
        t[9] = clock_seconds();
        for (size_t i = 0; i < PARTS; i++)
            spent[i][round] = t[i + 1] - t[i];
        spent[PARTS][round] = t[PARTS] - t[0];
        if (round % 20 == 0) {
            double done = fma_peak_run(8);
            double rate = done / (clock_seconds() - t[9]);
            peak = MAX_OF(peak, rate);
        }
    }
    report(spent, peak, adam);
    free(images);
    return 0;
}
