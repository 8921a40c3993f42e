/* test_fit.c: the training loop: it learns, stops, repeats itself bit for bit, refuses
 * what does not fit and survives NaN. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "nn/fit.h"
#include "nn/pool.h"
#include "nn/rng.h"

/* Counts what the engine takes from the heap while counting is on. */
static _Thread_local bool counting;
static _Thread_local long taken;
#include "count_alloc.h"

static struct err e;

#define S(...) ((size_t[]){__VA_ARGS__})

/* n points of three classes around three centres, 4 columns. */
static void points(struct nn_tensor **x, struct nn_tensor **y, size_t n) {
    struct nn_rng r;
    nn_rng_seed(&r, 3);
    assert_int_equal(nn_tensor_new(x, NN_F32, 2, S(n, 4), &e), 0);
    assert_int_equal(nn_tensor_new(y, NN_I32, 1, S(n), &e), 0);
    for (size_t i = 0; i < n; i++) {
        size_t c = nn_rng_below(&r, 3);
        nn_tensor_set(*y, i, (double)c);
        for (size_t k = 0; k < 4; k++)
            nn_tensor_set(*x, 4 * i + k, (k == c ? 2.0 : 0.0) + 0.5 * nn_rng_normal(&r));
    }
}

static struct nn_layer *layer(const char *type) {
    struct nn_layer *l;
    assert_int_equal(nn_layer_new(&l, type, &e), 0);
    return l;
}

static void dense(struct nn_model *m, double units, const char *activation) {
    struct nn_layer *l = layer("Dense");
    assert_int_equal(nn_options_set_number(&l->options, "units", units, &e), 0);
    if (activation)
        assert_int_equal(nn_options_set_text(&l->options, "activation", activation, &e),
                         0);
    assert_int_equal(nn_model_add(m, l, &e), 0);
}

static void compile(struct nn_model *m, const char *optim, double rate,
                    const char *loss) {
    struct nn_optim *o;
    static const char *const metrics[] = {"accuracy"};
    assert_int_equal(nn_optim_new(&o, optim, &e), 0);
    assert_int_equal(nn_options_set_number(&o->options, "learning_rate", rate, &e), 0);
    assert_int_equal(nn_model_compile(m, o, loss, 1, metrics, &e), 0);
}

static struct nn_model *network(const char *last, const char *loss) {
    struct nn_model *m;
    assert_int_equal(nn_model_new(&m, &e), 0);
    nn_model_set_seed(m, 5);
    dense(m, 16, "relu");
    struct nn_layer *l = layer("Dropout");
    assert_int_equal(nn_options_set_number(&l->options, "rate", 0.1, &e), 0);
    assert_int_equal(nn_model_add(m, l, &e), 0);
    dense(m, 3, last);
    compile(m, "Adam", 0.01, loss);
    return m;
}

static void fits(struct nn_model *m, struct nn_tensor *x, struct nn_tensor *y,
                 const struct nn_fit_options *o) {
    struct nn_fit_data d = {.x = x, .y = y};
    int rc = nn_fit(m, &d, o, &e);
    if (rc < 0)
        fail_msg("%s", e.msg);
}

static void it_learns(void **state) {
    (void)state;
    struct nn_tensor *x, *y, *p, *c;
    struct nn_scores s;
    points(&x, &y, 500);
    struct nn_model *m = network("softmax", "sparse_categorical_crossentropy");
    fits(
        m, x, y,
        &(struct nn_fit_options){.epochs = 8, .batch_size = 32, .validation_split = 0.2});
    const struct nn_history *h = m->history;
    assert_int_equal(h->n, 8);
    assert_true(h->loss[7] < h->loss[0]);
    assert_true(nn_history_column(h, "val_accuracy")[7] > 0.95);
    assert_int_equal(nn_model_evaluate(&s, m, x, y, 0, &e), 0);
    assert_true(s.metric[0] > 0.95);
    assert_int_equal(nn_model_predict(&p, m, x, 64, &e), 0);
    assert_int_equal(nn_model_classify(&c, m, x, 0, &e), 0);
    size_t right = 0;
    for (size_t i = 0; i < 500; i++) {
        double sum = 0;
        for (size_t k = 0; k < 3; k++)
            sum += nn_tensor_get(p, 3 * i + k);
        assert_true(fabs(sum - 1) < 1e-5); /* softmax */
        right += nn_tensor_get(c, i) == nn_tensor_get(y, i);
    }
    assert_true(fabs((double)right / 500 - s.metric[0]) < 1e-12);
    nn_tensor_release(p);
    nn_tensor_release(c);
    nn_tensor_release(x);
    nn_tensor_release(y);
    nn_model_free(m);
}

/* Logits with the loss's own softmax and a softmax layer are the same network. */
static void softmax_layer_or_logits_is_the_same(void **state) {
    (void)state;
    struct nn_tensor *x, *y;
    points(&x, &y, 100);
    struct nn_model *a = network("softmax", "sparse_categorical_crossentropy");
    struct nn_model *b = network(NULL, "sparse_categorical_crossentropy");
    struct nn_fit_options o = {.epochs = 2};
    fits(a, x, y, &o);
    fits(b, x, y, &o);
    assert_true(a->history->loss[1] == b->history->loss[1]);
    assert_int_equal(a->history->batches, 4);
    nn_model_free(a);
    nn_model_free(b);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

static void same_seed_same_bits_on_any_threads(void **state) {
    (void)state;
    struct nn_tensor *x, *y;
    double first[3] = {0};
    int before = nn_pool_threads();
    points(&x, &y, 3000);
    for (int k = 0; k < 4; k++) {
        nn_pool_set_threads((int[]){1, 2, 4, 8}[k]);
        struct nn_model *m = network("softmax", "sparse_categorical_crossentropy");
        fits(m, x, y, &(struct nn_fit_options){.epochs = 3, .batch_size = 512});
        for (int i = 0; i < 3; i++)
            if (k == 0)
                first[i] = m->history->loss[i];
            else
                assert_true(first[i] == m->history->loss[i]);
        nn_model_free(m);
    }
    nn_pool_set_threads(before);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

struct watch {
    int kinds[6];
    size_t stop_at; /* batch of the second epoch */
    long taken;
    size_t batches;
};

static int watch(void *ctx, const struct nn_fit_event *ev) {
    struct watch *w = ctx;
    w->kinds[ev->kind]++;
    if (ev->kind == NN_FIT_BATCH) {
        assert_true(isfinite(ev->loss) && ev->accuracy >= 0 && ev->accuracy <= 1);
        assert_int_equal(ev->batches, 7);
        w->batches++;
        if (w->batches == 1) { /* from the end of the first step on */
            taken = 0;
            counting = true;
        }
        if (w->batches == 20)
            counting = false;
    }
    return ev->epoch == 2 && w->stop_at && ev->batch == w->stop_at;
}

static void events_come_in_order_and_stop(void **state) {
    (void)state;
    struct nn_tensor *x, *y;
    struct watch w = {.stop_at = 3};
    points(&x, &y, 200);
    struct nn_model *m = network("softmax", "sparse_categorical_crossentropy");
    fits(m, x, y,
         &(struct nn_fit_options){.epochs = 5,
                                  .batch_size = 30,
                                  .validation_split = 0.01,
                                  .on_event = watch,
                                  .ctx = &w});
    counting = false;
    assert_int_equal(w.kinds[NN_FIT_BEGIN], 1);
    assert_int_equal(w.kinds[NN_FIT_EPOCH_BEGIN], 2);
    assert_int_equal(w.kinds[NN_FIT_BATCH], 7 + 3);
    assert_int_equal(w.kinds[NN_FIT_EPOCH_END], 2);
    assert_int_equal(w.kinds[NN_FIT_END], 1);
    assert_true(m->history->stopped);
    assert_int_equal(m->history->n, 2);
    assert_true(isnan(m->history->val_loss[1]));
    /* and it goes on from there */
    fits(m, x, y, &(struct nn_fit_options){.epochs = 1});
    assert_false(m->history->stopped);
    nn_model_free(m);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

static void no_allocation_after_the_first_step(void **state) {
    (void)state;
    if (!count_alloc_supported())
        skip();
    struct nn_tensor *x, *y;
    struct watch w = {0};
    points(&x, &y, 200); /* 6 whole batches and a short one */
    struct nn_model *m = network("softmax", "sparse_categorical_crossentropy");
    fits(m, x, y,
         &(struct nn_fit_options){
             .epochs = 3, .batch_size = 30, .on_event = watch, .ctx = &w});
    assert_int_equal(w.batches, 21);
    assert_int_equal(taken, 0);
    nn_model_free(m);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

static void nan_stops_and_keeps_the_last_good_weights(void **state) {
    (void)state;
    struct nn_tensor *x, *y;
    points(&x, &y, 100);
    struct nn_model *m;
    assert_int_equal(nn_model_new(&m, &e), 0);
    dense(m, 3, NULL);
    compile(m, "SGD", 0.1, "sparse_categorical_crossentropy");
    struct nn_fit_data d = {.x = x, .y = y};
    assert_int_equal(nn_fit(m, &d, &(struct nn_fit_options){.epochs = 2}, &e), 0);
    struct nn_tensor *before;
    struct nn_var *w = nn_model_param(m, 0, NULL);
    assert_int_equal(nn_tensor_copy(&before, w->value, &e), 0);
    nn_tensor_set(x, 200, INFINITY);
    assert_int_equal(nn_fit(m, &d, &(struct nn_fit_options){.epochs = 2}, &e), ERR_NAN);
    assert_non_null(strstr(e.msg, "época 1"));
    assert_non_null(strstr(e.msg, "learning_rate"));
    for (size_t i = 0; i < before->n; i++)
        assert_true(nn_tensor_get(before, i) == nn_tensor_get(w->value, i));
    nn_tensor_set(x, 200, 0);
    assert_int_equal(nn_fit(m, &d, &(struct nn_fit_options){.epochs = 1}, &e), 0);
    nn_tensor_release(before);
    nn_model_free(m);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

static void refused(struct nn_model *m, struct nn_tensor *x, struct nn_tensor *y,
                    const struct nn_fit_options *o, int code, const char *part) {
    struct nn_fit_data d = {.x = x, .y = y};
    err_clear(&e);
    assert_int_equal(nn_fit(m, &d, o, &e), code);
    if (!strstr(e.msg, part))
        fail_msg("«%s» sin «%s»", e.msg, part);
}

static void what_does_not_fit_is_a_sentence(void **state) {
    (void)state;
    struct nn_tensor *x, *y, *half, *wide;
    struct nn_fit_options o = {0};
    points(&x, &y, 100);
    struct nn_model *m = network("softmax", "sparse_categorical_crossentropy");
    nn_tensor_set(y, 41, 3);
    refused(m, x, y, &o, ERR_RANGE,
            "la etiqueta de la fila 42 es 3 y debe estar en 0..2");
    nn_tensor_set(y, 41, -1);
    refused(m, x, y, &o, ERR_RANGE, "fila 42 es -1");
    nn_tensor_set(y, 41, 0);
    assert_int_equal(nn_tensor_rows(&half, y, 0, 50, &e), 0);
    refused(m, x, half, &o, ERR_SHAPE, "100 ejemplos y 50 etiquetas");
    assert_int_equal(nn_tensor_reshape(&wide, x, 2, S(50, 8), &e), 0);
    refused(m, wide, half, &o, ERR_SHAPE, "ejemplos de forma (4,) y recibió (8,)");
    refused(m, y, y, &o, ERR_SHAPE, "(100,)");
    o.validation_split = 1;
    refused(m, x, y, &o, ERR_RANGE, "validation_split");
    o = (struct nn_fit_options){.epochs = -1};
    refused(m, x, y, &o, ERR_RANGE, "epochs");
    struct nn_model *bare;
    assert_int_equal(nn_model_new(&bare, &e), 0);
    refused(bare, x, y, &o, ERR_STATE, "compile");
    compile(bare, "sgd", 0.1, "mse");
    o.epochs = 1;
    refused(bare, x, y, &o, ERR_STATE, "no tiene capas");
    nn_model_free(bare);
    nn_model_free(m);
    nn_tensor_release(wide);
    nn_tensor_release(half);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

static void bytes_and_one_hot_are_taken(void **state) {
    (void)state;
    struct nn_tensor *x, *y, *hot;
    struct nn_scores s;
    assert_int_equal(nn_tensor_new(&x, NN_U8, 3, S(90, 2, 2), &e), 0);
    assert_int_equal(nn_tensor_new(&y, NN_U8, 1, S(90), &e), 0);
    assert_int_equal(nn_tensor_new(&hot, NN_F32, 2, S(90, 3), &e), 0);
    for (size_t i = 0; i < 90; i++) {
        nn_tensor_set(x, 4 * i + i % 3, 255);
        nn_tensor_set(y, i, (double)(i % 3));
        nn_tensor_set(hot, 3 * i + i % 3, 1);
    }
    struct nn_model *m;
    assert_int_equal(nn_model_new(&m, &e), 0);
    nn_model_set_seed(m, 1);
    assert_int_equal(nn_model_add(m, layer("Flatten"), &e), 0);
    dense(m, 3, "softmax");
    compile(m, "adam", 0.1, "categorical_crossentropy");
    fits(m, x, hot, &(struct nn_fit_options){.epochs = 20, .batch_size = 9});
    assert_int_equal(nn_model_evaluate(&s, m, x, hot, 0, &e), 0);
    assert_true(s.metric[0] == 1);
    assert_int_equal(nn_model_evaluate(&s, m, x, y, 40, &e), 0);
    assert_true(s.metric[0] == 1);
    nn_model_free(m);
    nn_tensor_release(x);
    nn_tensor_release(y);
    nn_tensor_release(hot);
}

/* The threads of the pool call it. */
static struct {
    atomic_size_t rows;
    atomic_uint_fast64_t seeds;
} shaken;

static void shake(const void *ctx, void *to, const void *from, uint64_t seed) {
    float *out = to;
    const float *in = from;
    (void)ctx;
    atomic_fetch_add(&shaken.rows, 1);
    atomic_fetch_xor(&shaken.seeds, seed);
    for (size_t i = 0; i < 4; i++)
        out[i] = in[i] + (float)((seed >> i) & 1) * 0.01f;
}

static void augmentation_repeats_on_any_threads(void **state) {
    (void)state;
    struct nn_tensor *x, *y;
    double loss[2];
    points(&x, &y, 100);
    for (int k = 0; k < 2; k++) {
        struct nn_fit_data d = {.x = x, .y = y, .augment = shake};
        atomic_store(&shaken.rows, 0);
        atomic_store(&shaken.seeds, 0);
        nn_pool_set_threads(k ? 4 : 1);
        struct nn_model *m = network("softmax", "sparse_categorical_crossentropy");
        assert_int_equal(
            nn_fit(m, &d, &(struct nn_fit_options){.epochs = 3, .batch_size = 30}, &e),
            0);
        assert_int_equal(shaken.rows, 3 * 100);
        assert_true(shaken.seeds != 0);
        assert_int_equal(m->history->feed.batches, 3 * 4);
        assert_int_equal(m->history->feed.rows, 3 * 100);
        assert_true(m->history->feed.seconds > 0);
        loss[k] = m->history->loss[2];
        nn_model_free(m);
    }
    assert_true(loss[0] == loss[1]);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

/* The scale and offset of a data set: x * scale + offset. */
static void input_is_normalised(void **state) {
    (void)state;
    struct nn_tensor *x[2], *y;
    double loss[2];
    points(&x[0], &y, 60);
    assert_int_equal(nn_tensor_copy(&x[1], x[0], &e), 0);
    for (size_t i = 0; i < x[1]->n; i++)
        nn_tensor_set(x[1], i, nn_tensor_get(x[1], i) * 0.5 - 2);
    for (int k = 0; k < 2; k++) {
        struct nn_fit_data d = {.x = x[k], .y = y};
        if (k == 0)
            d.input = (struct nn_normalise){.scale = 0.5f, .offset = -2};
        struct nn_model *m = network("softmax", "sparse_categorical_crossentropy");
        assert_int_equal(nn_fit(m, &d, &(struct nn_fit_options){.epochs = 1}, &e), 0);
        loss[k] = m->history->loss[0];
        nn_model_free(m);
    }
    assert_true(fabs(loss[0] - loss[1]) < 1e-5);
    nn_tensor_release(x[0]);
    nn_tensor_release(x[1]);
    nn_tensor_release(y);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_learns),
        cmocka_unit_test(softmax_layer_or_logits_is_the_same),
        cmocka_unit_test(same_seed_same_bits_on_any_threads),
        cmocka_unit_test(events_come_in_order_and_stop),
        cmocka_unit_test(no_allocation_after_the_first_step),
        cmocka_unit_test(nan_stops_and_keeps_the_last_good_weights),
        cmocka_unit_test(what_does_not_fit_is_a_sentence),
        cmocka_unit_test(bytes_and_one_hot_are_taken),
        cmocka_unit_test(augmentation_repeats_on_any_threads),
        cmocka_unit_test(input_is_normalised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
