/* bench_feed.c: what batches cost. The pipeline alone, with and without augmentation; how
 * long a training waits for its batches; and the cost of an example as the data grows.
 *
 *     bench_feed            pixels at random, of the shapes of MNIST and CIFAR-10
 *
 * One thread is measured in processor time, which other programs disturb less; several in
 * seconds of the clock. */
#include "nn/augment.h"
#include "nn/feed.h"
#include "nn/fit.h"
#include "nn/pool.h"
#include "nn/rng.h"

#include <stdio.h>
#include <time.h>

#define ROUNDS 5

static struct err e;

static void need(int rc) {
    if (rc < 0) {
        fprintf(stderr, "%s\n", e.msg);
        exit(1);
    }
}

static double now(void) {
    struct timespec t;
    if (nn_pool_threads() > 1)
        return clock_seconds();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* n pictures of a side and channels, and labels below 10. */
struct pictures {
    struct nn_tensor *x, *y;
};

static struct pictures pictures(size_t n, size_t side, size_t channels) {
    struct pictures p;
    struct nn_rng r;
    need(nn_tensor_new(&p.x, NN_U8, 4, (size_t[]){n, side, side, channels}, &e));
    need(nn_tensor_new(&p.y, NN_I32, 1, &n, &e));
    nn_rng_seed(&r, 1);
    uint64_t *word = p.x->data;
    for (size_t i = 0; i < p.x->n / sizeof *word; i++)
        word[i] = nn_rng_next(&r);
    for (size_t i = 0; i < n; i++)
        nn_tensor_i32(p.y)[i] = (int32_t)nn_rng_below(&r, 10);
    return p;
}

static void pictures_release(struct pictures *p) {
    nn_tensor_release(p->x);
    nn_tensor_release(p->y);
}

/* ---- the pipeline alone */

/* Seconds of the fastest epoch. */
static double epoch_seconds(const struct pictures *p, struct nn_feed_options *o) {
    struct nn_feed *f;
    struct nn_tensor *x, *y;
    double best = 1e9;
    need(nn_feed_new(&f, p->x, p->y, o, &e));
    for (uint64_t epoch = 0; epoch < ROUNDS; epoch++) {
        double before = now();
        nn_feed_start(f, epoch);
        while (nn_feed_next(f, &x, &y))
            ;
        best = MIN_OF(best, now() - before);
    }
    nn_feed_free(f);
    return best;
}

static void pipeline(const char *name, const struct pictures *p, struct nn_augment *a) {
    struct nn_feed_options o = {.batch = 128, .shuffle = true, .seed = 1};
    if (a && nn_augment_any(a)) {
        need(nn_augment_prepare(a, p->x, &e));
        o.augment = nn_augment_bytes;
        o.augment_ctx = a;
    }
    printf("%-34s", name);
    for (int threads = 1; threads <= 2; threads++) {
        nn_pool_set_threads(threads);
        double s = epoch_seconds(p, &o), n = (double)p->x->shape[0];
        printf(" %9.0f %6.2f", n / s, 5.0 * (double)p->x->n / s / 1e9);
    }
    printf("\n");
}

static void pipelines(void) {
    struct pictures mnist = pictures(60000, 28, 1), cifar = pictures(50000, 32, 3);
    printf("pipeline alone, batch 128           1 thread         2 threads\n"
           "                                   samples/s   GB/s samples/s   GB/s\n");
    pipeline("28x28x1", &mnist, NULL);
    pipeline("28x28x1 shift 2", &mnist, &(struct nn_augment){.shift = 2});
    pipeline("28x28x1 shift 2, rotate 10", &mnist,
             &(struct nn_augment){.shift = 2, .rotate = 10});
    pipeline("32x32x3", &cifar, NULL);
    pipeline("32x32x3 flip, shift 4", &cifar,
             &(struct nn_augment){.flip = true, .shift = 4});
    pipeline("32x32x3 flip, shift 4, cutout 8", &cifar,
             &(struct nn_augment){.flip = true, .shift = 4, .cutout = 8});
    pipeline("32x32x3 all of them", &cifar,
             &(struct nn_augment){.flip = true,
                                  .shift = 4,
                                  .reflect = true,
                                  .rotate = 10,
                                  .cutout = 8,
                                  .brightness = 0.2,
                                  .contrast = 0.2});
    pictures_release(&mnist);
    pictures_release(&cifar);
}

/* ---- training */

static void add(struct nn_model *m, const char *type, const char *option, double v,
                const char *activation) {
    struct nn_layer *l;
    need(nn_layer_new(&l, type, &e));
    if (option)
        need(nn_options_set_number(&l->options, option, v, &e));
    if (strcmp(type, "Conv2D") == 0) {
        need(nn_options_set_number(&l->options, "kernel_size", 3, &e));
        need(nn_options_set_text(&l->options, "padding", "same", &e));
    }
    if (activation)
        need(nn_options_set_text(&l->options, "activation", activation, &e));
    need(nn_model_add(m, l, &e));
}

static struct nn_model *network(bool convolution) {
    struct nn_model *m;
    struct nn_optim *o;
    need(nn_model_new(&m, &e));
    for (int i = 0; convolution && i < 2; i++) {
        add(m, "Conv2D", "filters", 32 << i, "relu");
        add(m, "MaxPooling2D", NULL, 0, NULL);
    }
    add(m, "Flatten", NULL, 0, NULL);
    add(m, "Dense", "units", 128, "relu");
    add(m, "Dense", "units", 10, NULL);
    need(nn_optim_new(&o, "SGD", &e));
    need(nn_model_compile(m, o, "sparse_categorical_crossentropy", 0, NULL, &e));
    nn_model_set_seed(m, 1);
    return m;
}

struct epochs {
    double began, best;
};

static int on_event(void *ctx, const struct nn_fit_event *ev) {
    struct epochs *t = ctx;
    if (ev->kind == NN_FIT_EPOCH_BEGIN)
        t->began = now();
    if (ev->kind == NN_FIT_EPOCH_END)
        t->best = MIN_OF(t->best, now() - t->began);
    return 0;
}

/* Seconds of the fastest epoch; *waited: the share of all that was spent on batches. */
static double train(const struct pictures *p, bool convolution, size_t n, int epochs,
                    struct nn_augment *a, double *waited) {
    struct nn_model *m = network(convolution);
    struct nn_fit_data d = {0};
    struct epochs t = {.best = 1e9};
    double all = 0;
    need(nn_tensor_rows(&d.x, p->x, 0, n, &e));
    need(nn_tensor_rows(&d.y, p->y, 0, n, &e));
    if (a) {
        need(nn_augment_prepare(a, d.x, &e));
        d.augment = nn_augment_bytes;
        d.augment_ctx = a;
    }
    struct nn_fit_options o = {
        .epochs = epochs, .batch_size = 64, .on_event = on_event, .ctx = &t};
    need(nn_fit(m, &d, &o, &e));
    for (int i = 0; i < m->history->n; i++)
        all += m->history->seconds[i];
    *waited = m->history->feed.seconds / all;
    nn_tensor_release(d.x);
    nn_tensor_release(d.y);
    nn_model_free(m);
    return t.best;
}

static void waiting(void) {
    struct pictures mnist = pictures(60000, 28, 1), cifar = pictures(1920, 32, 3);
    struct nn_augment a = {.flip = true, .shift = 4, .cutout = 8};
    printf("\ntraining, batch 64: share of the time spent on batches\n");
    for (int threads = 1; threads <= 2; threads++) {
        double w;
        nn_pool_set_threads(threads);
        double s = train(&mnist, false, 60000, 3, NULL, &w);
        printf("784-128-10               %d  %8.0f samples/s  %5.2f %%\n", threads,
               60000 / s, 100 * w);
        s = train(&cifar, true, 1920, 2, NULL, &w);
        printf("32x32x3 convolutions     %d  %8.0f samples/s  %5.2f %%\n", threads,
               1920 / s, 100 * w);
        s = train(&cifar, true, 1920, 2, &a, &w);
        printf("the same, augmented      %d  %8.0f samples/s  %5.2f %%\n", threads,
               1920 / s, 100 * w);
    }
    pictures_release(&mnist);
    pictures_release(&cifar);
}

/* The sizes take turns, so that all meet the same noise. */
static void growth(void) {
    static const size_t size[] = {1000, 2000, 5000, 10000, 20000, 40000, 60000};
    double best[ARRAY_LEN(size)], waited;
    struct pictures mnist = pictures(60000, 28, 1);
    nn_pool_set_threads(1);
    for (size_t i = 0; i < ARRAY_LEN(size); i++)
        best[i] = 1e9;
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < ARRAY_LEN(size); i++) {
            int epochs = (int)(60000 / size[i]); /* as many steps for all */
            double s = train(&mnist, false, size[i], epochs, NULL, &waited);
            best[i] = MIN_OF(best[i], s);
        }
    printf("\n784-128-10, batch 64: cost of an example as the data grows\n"
           "examples   ns each   against 1000\n");
    for (size_t i = 0; i < ARRAY_LEN(size); i++)
        printf("%8zu  %8.0f   %6.2f\n", size[i], best[i] / (double)size[i] * 1e9,
               best[i] / (double)size[i] / (best[0] / (double)size[0]));
    pictures_release(&mnist);
}

int main(void) {
    pipelines();
    waiting();
    growth();
    return 0;
}
