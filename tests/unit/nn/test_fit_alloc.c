/* test_fit_alloc.c: after its first step a training takes nothing from the heap: every
 * optimizer, clipping, a schedule, callbacks and measured layers, dense and convolutional. */
#include "train.h"

#include "nn/callback.h"

static _Thread_local bool counting;
static _Thread_local long taken;
#include "count_alloc.h"

static size_t steps;

static int count(void *ctx, const struct nn_fit_event *ev) {
    (void)ctx;
    if (ev->kind == NN_FIT_BATCH && steps++ == 0) {
        taken = 0;
        counting = true;
    }
    if (ev->kind == NN_FIT_END)
        counting = false;
    return 0;
}

/* Three epochs of seven batches, the last one short, counted from the end of step 1. */
static void takes_nothing(struct nn_model *m, struct nn_tensor *x, struct nn_tensor *y) {
    struct nn_callback *c[2];
    double weight[] = {1, 2};
    must(nn_callback_new(&c[0], "EarlyStopping", &e));
    must(nn_options_set_text(&c[0]->options, "monitor", "loss", &e));
    must(nn_options_set_bool(&c[0]->options, "restore_best_weights", true, &e));
    must(nn_options_set_number(&c[0]->options, "patience", 9, &e));
    must(nn_callback_new(&c[1], "ReduceLROnPlateau", &e));
    must(nn_options_set_text(&c[1]->options, "monitor", "loss", &e));
    must(nn_options_set_number(&c[1]->options, "min_delta", 100, &e));
    must(nn_options_set_number(&c[1]->options, "patience", 1, &e));
    steps = 0;
    struct nn_fit_options o = {.epochs = 3,
                               .batch_size = 16,
                               .track = true,
                               .class_weight = weight,
                               .n_class_weight = 2,
                               .callback = c,
                               .n_callbacks = m->optim->schedule.type ? 1 : 2,
                               .on_event = count};
    int rc = fit(m, x, y, &o);
    counting = false;
    must(rc);
    assert_int_equal(steps, 3 * 7);
    assert_int_equal(taken, 0);
    nn_callback_free(c[0]);
    nn_callback_free(c[1]);
    nn_model_free(m);
}

static void dense_networks(void **state) {
    (void)state;
    struct nn_tensor *x, *y;
    if (!count_alloc_supported())
        skip();
    points(&x, &y, 100);
    for (int i = 0; nn_optim_type_row(i); i++) {
        struct nn_model *m = network("relu", nn_optim_type_row(i)->name, 0.01);
        static const char *const clips[] = {"clipnorm", "global_clipnorm", "clipvalue"};
        must(nn_options_set_number(&m->optim->options, clips[i % 3], 0.5, &e));
        takes_nothing(m, x, y);
    }
    struct nn_model *m = network("tanh", "SGD", 0.01);
    struct nn_schedule s;
    must(nn_schedule_init(&s, "PiecewiseConstant", &e));
    must(nn_schedule_set_pieces(&s, 1, (double[]){5}, (double[]){0.1, 0.01}, &e));
    must(nn_optim_set_schedule(m->optim, &s, &e));
    takes_nothing(m, x, y);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

static void add_conv(struct nn_model *m, double filters) {
    struct nn_layer *l;
    must(nn_layer_new(&l, "Conv2D", &e));
    must(nn_options_set_number(&l->options, "filters", filters, &e));
    must(nn_options_set_number(&l->options, "kernel_size", 3, &e));
    must(nn_options_set_text(&l->options, "activation", "relu", &e));
    must(nn_model_add(m, l, &e));
}

static void convolutional_network(void **state) {
    (void)state;
    struct nn_tensor *x, *y, *flat;
    struct nn_model *m;
    if (!count_alloc_supported())
        skip();
    points(&flat, &y, 100);
    must(nn_tensor_new(&x, NN_F32, 4, S(100, 8, 8, 1), &e));
    for (size_t i = 0; i < x->n; i++)
        nn_tensor_set(x, i, nn_tensor_get(flat, i / 64 * 4 + i % 4));
    must(nn_model_new(&m, &e));
    add_conv(m, 4);
    add_layer(m, "BatchNormalization", NULL, 0, NULL);
    add_layer(m, "MaxPooling2D", NULL, 0, NULL);
    add_conv(m, 3);
    add_layer(m, "Flatten", NULL, 0, NULL);
    add_layer(m, "Dropout", "rate", 0.2, NULL);
    add_layer(m, "Dense", "units", 3, "softmax");
    compile(m, "Adam", 0.01, "sparse_categorical_crossentropy");
    takes_nothing(m, x, y);
    nn_tensor_release(x);
    nn_tensor_release(y);
    nn_tensor_release(flat);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dense_networks),
        cmocka_unit_test(convolutional_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
