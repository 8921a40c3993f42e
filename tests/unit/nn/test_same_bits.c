/* test_same_bits.c: a whole training gives the same losses and the same weights, bit for
 * bit, on 1, 2, 4 and 8 threads: a network of dense layers and a convolutional one, both
 * large enough that every pass is cut into several pieces of work. */
#include "nn/pool.h"
#include "train.h"

struct row {
    const char *type, *option, *activation;
    double value;
};

#define DENSE(n, act)                                                                    \
    { .type = "Dense", .option = "units", .value = n, .activation = act }
#define CONV(n)                                                                          \
    { .type = "Conv2D", .option = "filters", .value = n, .activation = "relu" }
#define DROP                                                                             \
    { .type = "Dropout", .option = "rate", .value = 0.2 }

static const struct row dense[] = {
    {.type = "Flatten"}, DENSE(300, "relu"), DROP,
    DENSE(130, "tanh"),  DENSE(10, NULL),    {.type = NULL}};
static const struct row images[] = {CONV(8),
                                    CONV(24),
                                    {.type = "MaxPooling2D"},
                                    {.type = "BatchNormalization"},
                                    CONV(16),
                                    {.type = "AveragePooling2D"},
                                    {.type = "Flatten"},
                                    DROP,
                                    DENSE(70, "relu"),
                                    DENSE(10, "softmax"),
                                    {.type = NULL}};

static void add_convolution(struct nn_model *m, const struct row *r) {
    struct nn_layer *l;
    must(nn_layer_new(&l, r->type, &e));
    must(nn_options_set_number(&l->options, r->option, r->value, &e));
    must(nn_options_set_number(&l->options, "kernel_size", 3, &e));
    must(nn_options_set_text(&l->options, "padding", "same", &e));
    must(nn_options_set_text(&l->options, "activation", r->activation, &e));
    must(nn_model_add(m, l, &e));
}

static struct nn_model *stack(const struct row *r, const char *optim) {
    struct nn_model *m;
    must(nn_model_new(&m, &e));
    nn_model_set_seed(m, 11);
    for (; r->type; r++)
        if (strcmp(r->type, "Conv2D") == 0)
            add_convolution(m, r);
        else
            (void)add_layer(m, r->type, r->option, r->value, r->activation);
    compile(m, optim, 0.01, "sparse_categorical_crossentropy");
    return m;
}

enum { IMAGES = 200, SIDE = 18, BATCH = 64, EPOCHS = 2, MOST = 64 };

struct data {
    struct nn_tensor *x, *y;
};

static struct data examples(void) {
    struct data d;
    struct nn_rng r;
    size_t shape[] = {IMAGES, SIDE, SIDE, 3};
    must(nn_tensor_new(&d.x, NN_F32, 4, shape, &e));
    must(nn_tensor_new(&d.y, NN_I32, 1, shape, &e));
    nn_rng_seed(&r, 3);
    nn_rng_fill_uniform(&r, d.x, -1, 1);
    for (size_t i = 0; i < IMAGES; i++)
        nn_tensor_i32(d.y)[i] = (int32_t)nn_rng_below(&r, 10);
    return d;
}

struct losses {
    double value[MOST];
    int n;
};

static int on_event(void *ctx, const struct nn_fit_event *ev) {
    struct losses *l = ctx;
    if (ev->kind == NN_FIT_BATCH && l->n < MOST)
        l->value[l->n++] = ev->batch_loss;
    return 0;
}

static struct nn_model *train(const struct row *rows, const char *optim,
                              const struct data *d, struct losses *l) {
    struct nn_model *m = stack(rows, optim);
    struct nn_fit_options o = {
        .epochs = EPOCHS, .batch_size = BATCH, .on_event = on_event, .ctx = l};
    l->n = 0;
    must(fit(m, d->x, d->y, &o));
    return m;
}

static void compare(const struct nn_model *a, const struct nn_model *b, int threads) {
    for (int i = 0; i < nn_model_count(a); i++) {
        struct nn_tensor *p = nn_model_param(a, i, NULL)->value,
                         *q = nn_model_param(b, i, NULL)->value;
        for (size_t k = 0; k < p->n; k++)
            if (memcmp(&nn_tensor_f32(p)[k], &nn_tensor_f32(q)[k], sizeof(float)) != 0)
                fail_msg("%d threads: parameter %d differs at %zu: %.9g and %.9g",
                         threads, i, k, nn_tensor_get(p, k), nn_tensor_get(q, k));
    }
}

static void same_on_any_threads(const struct row *rows, const char *optim) {
    struct data d = examples();
    struct losses first, now;
    int before = nn_pool_threads();
    nn_pool_set_threads(1);
    struct nn_model *one = train(rows, optim, &d, &first);
    assert_int_equal(first.n, EPOCHS * ((IMAGES + BATCH - 1) / BATCH));
    for (int threads = 2; threads <= 8; threads *= 2) {
        nn_pool_set_threads(threads);
        struct nn_model *m = train(rows, optim, &d, &now);
        assert_int_equal(now.n, first.n);
        for (int i = 0; i < first.n; i++)
            if (memcmp(&first.value[i], &now.value[i], sizeof(double)) != 0)
                fail_msg("%d threads: the loss of step %d is %.17g and was %.17g on one",
                         threads, i + 1, now.value[i], first.value[i]);
        compare(one, m, threads);
        nn_model_free(m);
    }
    nn_pool_set_threads(before);
    nn_model_free(one);
    nn_tensor_release(d.x);
    nn_tensor_release(d.y);
}

static void dense_layers(void **state) {
    (void)state;
    same_on_any_threads(dense, "SGD");
}

static void convolutions(void **state) {
    (void)state;
    same_on_any_threads(images, "Adam");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(dense_layers),
                                       cmocka_unit_test(convolutions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
