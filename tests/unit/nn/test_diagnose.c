/* test_diagnose.c: what training records of the layers, what it says when a number breaks,
 * weighted losses, and that a training that was cut in two equals the whole one. */
#include "train.h"

#include "nn/pool.h"

static struct nn_tensor *x, *y;

static const struct nn_layer_record *record(const struct nn_model *m, const char *name) {
    for (int i = 0; i < m->history->n_layers; i++)
        if (strcmp(m->history->layer[i].name, name) == 0)
            return &m->history->layer[i];
    fail_msg("no record of %s", name);
    return NULL;
}

/* One batch an epoch and plain SGD: the step is rate times gradient, so the recorded
 * numbers follow from the weights before and after. */
static void norms_are_those_of_the_step(void **state) {
    (void)state;
    struct nn_model *m;
    must(nn_model_new(&m, &e));
    add_layer(m, "Dense", "units", 3, NULL);
    compile(m, "SGD", 0.1, "sparse_categorical_crossentropy");
    struct nn_tensor *old[2];
    must(nn_model_build(m, 1, S(4), &e));
    for (int i = 0; i < 2; i++)
        must(nn_tensor_copy(&old[i], nn_model_param(m, i, NULL)->value, &e));
    must(fit(m, x, y, &(struct nn_fit_options){.epochs = 1, .batch_size = 60}));
    double change = 0, weight = 0;
    for (int i = 0; i < 2; i++) {
        const struct nn_tensor *now = nn_model_param(m, i, NULL)->value;
        for (size_t k = 0; k < now->n; k++) {
            change += pow(nn_tensor_get(now, k) - nn_tensor_get(old[i], k), 2);
            weight += pow(nn_tensor_get(now, k), 2);
        }
        nn_tensor_release(old[i]);
    }
    const struct nn_layer_record *r = record(m, "dense");
    assert_true(fabs(r->weight_norm[0] - sqrt(weight)) < 1e-5);
    assert_true(fabs(r->gradient_norm[0] - sqrt(change) / 0.1) < 1e-5);
    assert_true(fabs(r->update_ratio[0] - log10(sqrt(change / weight))) < 1e-5);
    assert_true(isnan(r->dead[0]) && isnan(r->saturated[0]));
    nn_model_free(m);
}

static size_t total(const struct nn_histogram *h) {
    size_t n = h->zeros;
    for (int i = 0; i < NN_HISTOGRAM_BINS; i++)
        n += h->count[i];
    return n;
}

/* Every number is in one bin; the bins begin and end with the least and greatest. */
static void histograms_hold_every_number(void **state) {
    (void)state;
    struct nn_model *m = network("relu", "SGD", 0.1);
    must(fit(m, x, y, &(struct nn_fit_options){.epochs = 2, .batch_size = 60}));
    const struct nn_layer_record *r = record(m, "dense");
    double low = INFINITY, high = -INFINITY;
    size_t n = 0, expected[NN_HISTOGRAM_BINS] = {0};
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < 2; i++) {
            const struct nn_tensor *t = nn_model_param(m, i, NULL)->value;
            n += pass ? 0 : t->n;
            for (size_t k = 0; k < t->n; k++) {
                double v = nn_tensor_get(t, k), w = (high - low) / NN_HISTOGRAM_BINS;
                if (pass)
                    expected[MIN_OF((size_t)((v - low) / w), NN_HISTOGRAM_BINS - 1)]++;
                else {
                    low = fmin(low, v);
                    high = fmax(high, v);
                }
            }
        }
    assert_true(r->weights.low == low && r->weights.high == high);
    assert_int_equal(r->weights.n, n);
    assert_memory_equal(r->weights.count, expected, sizeof expected);
    assert_int_equal(r->gradients.n, n);
    assert_int_equal(total(&r->gradients), n);
    assert_true(r->activations.low == 0 && r->activations.n > 0);
    assert_int_equal(total(&r->activations), r->activations.n);
    nn_model_free(m);
}

static struct nn_model *two_layers(const char *activation) {
    struct nn_model *m;
    must(nn_model_new(&m, &e));
    nn_model_set_seed(m, 5);
    add_layer(m, "Dense", "units", 8, activation);
    add_layer(m, "Dense", "units", 3, "softmax");
    compile(m, "SGD", 1e-9, "sparse_categorical_crossentropy");
    must(nn_model_build(m, 1, S(4), &e));
    return m;
}

/* Biases far off make units that are never, or always, on. */
static void dead_and_saturated_units_are_counted(void **state) {
    (void)state;
    static const char *const activation[] = {"relu", "sigmoid", "tanh"};
    for (int k = 0; k < 3; k++) {
        struct nn_model *m = two_layers(activation[k]);
        struct nn_tensor *bias = nn_model_param(m, 1, NULL)->value;
        for (size_t i = 0; i < 8; i++)
            nn_tensor_set(bias, i, i < 2 ? -1e3 : 0);
        nn_tensor_fill(nn_model_param(m, 0, NULL)->value, 0.01);
        must(fit(m, x, y, &(struct nn_fit_options){.epochs = 2, .batch_size = 16}));
        const struct nn_layer_record *r = record(m, "dense");
        for (int i = 0; i < 2; i++) {
            if (k == 0)
                assert_true(r->dead[i] >= 0.25 && isnan(r->saturated[i]));
            else
                assert_true(r->saturated[i] == 0.25 && isnan(r->dead[i]));
        }
        nn_model_free(m);
    }
}

/* Looking at the layers changes nothing, one step an epoch or all of them: not even where
 * weights that nobody looks at are moved in place. */
static void tracking_changes_no_bit(void **state) {
    (void)state;
    static const char *const optimizers[] = {"Adam", "SGD"};
    for (int k = 0; k < 2; k++) {
        struct nn_model *a = network("relu", optimizers[k], 0.01),
                        *b = network("relu", optimizers[k], 0.01);
        must(fit(a, x, y, &(struct nn_fit_options){.epochs = 3, .batch_size = 16}));
        must(fit(b, x, y,
                 &(struct nn_fit_options){.epochs = 3, .batch_size = 16, .track = true}));
        same_weights(a, b, true);
        assert_true(record(a, "dense")->gradient_norm[1] !=
                    record(b, "dense")->gradient_norm[1]);
        assert_true(record(b, "dense_1")->update_ratio[2] < 0);
        for (int i = 0; i < nn_model_count(a); i++)
            assert_non_null(nn_model_param(a, i, NULL)->grad);
        nn_model_free(a);
        nn_model_free(b);
    }
}

/* Norms for clipping and diagnostics are sums whose order threads do not change. */
static void same_bits_on_any_threads(void **state) {
    (void)state;
    int before = nn_pool_threads();
    struct nn_model *first = NULL;
    for (int threads = 1; threads <= 8; threads *= 2) {
        nn_pool_set_threads(threads);
        struct nn_model *m = network("relu", "RMSprop", 0.01);
        double weight[] = {1, 3};
        must(nn_options_set_number(&m->optim->options, "global_clipnorm", 0.1, &e));
        struct nn_fit_options o = {.epochs = 3,
                                   .batch_size = 16,
                                   .track = true,
                                   .class_weight = weight,
                                   .n_class_weight = 2};
        must(fit(m, x, y, &o));
        if (!first) {
            first = m;
            continue;
        }
        same_weights(first, m, true);
        for (int i = 0; i < 3; i++) {
            assert_true(record(first, "dense")->gradient_norm[i] ==
                        record(m, "dense")->gradient_norm[i]);
            assert_true(record(first, "dense")->dead[i] == record(m, "dense")->dead[i]);
        }
        nn_model_free(m);
    }
    nn_model_free(first);
    nn_pool_set_threads(before);
}

static void breaks(struct nn_model *m, const char *part) {
    err_clear(&e);
    assert_int_equal(
        fit(m, x, y, &(struct nn_fit_options){.epochs = 3, .batch_size = 16}), ERR_NAN);
    if (!strstr(e.msg, part))
        fail_msg("no «%s» in: %s", part, e.msg);
}

static void the_layer_that_breaks_is_named(void **state) {
    (void)state;
    struct nn_model *m = two_layers("relu");
    struct nn_tensor *w = nn_model_param(m, 2, NULL)->value;
    nn_tensor_set(w, 0, NAN);
    breaks(m, "el primer parámetro que no es finito es dense_1/kernel");
    nn_model_free(m);
    m = two_layers("relu"); /* 3e38 twice over is more than a float holds */
    nn_tensor_fill(nn_model_param(m, 0, NULL)->value, 3e38);
    breaks(m, "la primera salida no finita es la de dense.");
    nn_model_free(m);
    m = two_layers("relu");
    nn_tensor_fill(nn_model_param(m, 2, NULL)->value, 3e38);
    nn_tensor_fill(nn_model_param(m, 1, NULL)->value, 10);
    breaks(m, "la primera salida no finita es la de dense_1.");
    nn_model_free(m);
    double was = nn_tensor_get(x, 200);
    nn_tensor_set(x, 200, NAN);
    m = two_layers("relu");
    breaks(m, "ya los datos del lote traen NaN o infinito");
    nn_tensor_set(x, 200, was);
    nn_model_free(m);
}

/* A rate that is far too high: the loss grows until it breaks, and the last good weights
 * are there. */
static void a_rate_too_high_keeps_the_last_good_weights(void **state) {
    (void)state;
    struct nn_model *m;
    must(nn_model_new(&m, &e));
    nn_model_set_seed(m, 5);
    add_layer(m, "Dense", "units", 3, NULL);
    compile(m, "SGD", 1e4, "mse");
    struct nn_tensor *t;
    must(nn_tensor_new(&t, NN_F32, 2, S(60, 3), &e));
    int rc = fit(m, x, t, &(struct nn_fit_options){.epochs = 50, .batch_size = 60});
    assert_int_equal(rc, ERR_NAN);
    assert_non_null(strstr(e.msg, "conserva los pesos del final de la época"));
    assert_non_null(strstr(e.msg, "learning_rate menor que 10000"));
    for (int i = 0; i < 2; i++)
        for (size_t k = 0; k < nn_model_param(m, i, NULL)->value->n; k++)
            assert_true(isfinite(nn_tensor_get(nn_model_param(m, i, NULL)->value, k)));
    nn_tensor_release(t);
    nn_model_free(m);
}

static int stop_after_two(void *ctx, const struct nn_fit_event *ev) {
    (void)ctx;
    return ev->kind == NN_FIT_EPOCH_END && ev->epoch == 2;
}

/* Five epochs are two, an interrupt, and three: weights and curve, bit for bit. */
static void a_cut_training_goes_on_where_it_was(void **state) {
    (void)state;
    static const char *const kinds[] = {"SGD", "Adam", "RMSprop"};
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        struct nn_model *a = network("relu", kinds[k], 0.01);
        struct nn_model *b = network("relu", kinds[k], 0.01);
        struct nn_fit_options o = {
            .epochs = 5, .batch_size = 16, .validation_split = 0.2};
        must(fit(a, x, y, &o));
        o.on_event = stop_after_two;
        must(fit(b, x, y, &o));
        assert_true(b->history->stopped);
        assert_int_equal(b->history->n, 2);
        o.on_event = NULL;
        o.initial_epoch = 2;
        must(fit(b, x, y, &o));
        same_weights(a, b, true);
        for (int i = 0; i < 3; i++) {
            assert_true(a->history->loss[2 + i] == b->history->loss[i]);
            assert_true(a->history->val_loss[2 + i] == b->history->val_loss[i]);
        }
        nn_model_free(a);
        nn_model_free(b);
    }
}

/* Weight 2 for a class is the same as each of its examples twice, up to the mean. */
static void a_class_weighs_as_often_as_it_is_there(void **state) {
    (void)state;
    struct nn_model *a = two_layers("relu"), *b = two_layers("relu");
    compile(a, "SGD", 0.1, "sparse_categorical_crossentropy");
    compile(b, "SGD", 0.1, "sparse_categorical_crossentropy");
    double weight[] = {1, 2};
    struct nn_tensor *ones;
    must(nn_tensor_new(&ones, NN_F32, 1, S(60), &e));
    for (size_t i = 0; i < 60; i++)
        nn_tensor_set(ones, i, nn_tensor_get(y, i) == 1 ? 2 : 1);
    struct nn_fit_options o = {.epochs = 3,
                               .batch_size = 16,
                               .validation_split = 0.2,
                               .class_weight = weight,
                               .n_class_weight = 2};
    must(fit(a, x, y, &o));
    must(fit(b, x, y,
             &(struct nn_fit_options){.epochs = 3,
                                      .batch_size = 16,
                                      .validation_split = 0.2,
                                      .sample_weight = ones}));
    same_weights(a, b, true);
    /* by hand: the first loss of one batch is the weighted sum over the rows' number */
    struct nn_model *c = two_layers("relu");
    struct nn_tensor *p;
    must(nn_model_predict(&p, c, x, 0, &e));
    double sum = 0, right = 0;
    for (size_t i = 0; i < 60; i++) {
        size_t label = (size_t)nn_tensor_get(y, i), best = 0;
        sum -= (label == 1 ? 2 : 1) * log(nn_tensor_get(p, 3 * i + label));
        for (size_t k = 1; k < 3; k++)
            best =
                nn_tensor_get(p, 3 * i + k) > nn_tensor_get(p, 3 * i + best) ? k : best;
        right += best == label;
    }
    o.epochs = 1;
    o.batch_size = 60;
    o.validation_split = 0;
    must(fit(c, x, y, &o));
    assert_true(fabs(c->history->loss[0] - sum / 60) < 1e-5);
    assert_true(fabs(c->history->value[0][0] - right / 60) < 1e-12); /* not weighted */
    nn_tensor_release(p);
    nn_tensor_release(ones);
    nn_model_free(a);
    nn_model_free(b);
    nn_model_free(c);
}

/* Yes or no from one unit, and distances: the weighted mean by hand. */
static void one_unit_and_distances_are_weighted(void **state) {
    (void)state;
    static const char *const losses[] = {"binary_crossentropy", "mse", "mae"};
    static const char *const metrics[] = {"mae"};
    struct nn_tensor *t, *w, *p;
    must(nn_tensor_new(&t, NN_F32, 1, S(60), &e));
    must(nn_tensor_new(&w, NN_F32, 1, S(60), &e));
    for (size_t i = 0; i < 60; i++) {
        nn_tensor_set(t, i, nn_tensor_get(y, i) == 1);
        nn_tensor_set(w, i, nn_tensor_get(t, i) == 1 ? 5 : 0.5);
    }
    for (int k = 0; k < 3; k++) {
        struct nn_model *m;
        struct nn_optim *o;
        double sum = 0, far = 0, weight[] = {0.5, 5};
        must(nn_model_new(&m, &e));
        nn_model_set_seed(m, 5);
        add_layer(m, "Dense", "units", 1, "sigmoid");
        must(nn_optim_new(&o, "SGD", &e));
        must(nn_model_compile(m, o, losses[k], 1, metrics, &e));
        must(nn_model_build(m, 1, S(4), &e));
        must(nn_model_predict(&p, m, x, 0, &e));
        for (size_t i = 0; i < 60; i++) {
            double a = nn_tensor_get(p, i), b = nn_tensor_get(t, i);
            double loss = b == 1 ? -log(a) : -log(1 - a);
            loss = k == 1 ? (a - b) * (a - b) : k == 2 ? fabs(a - b) : loss;
            sum += nn_tensor_get(w, i) * loss;
            far += fabs(a - b);
        }
        struct nn_fit_options f = {.batch_size = 60, .sample_weight = w};
        if (k == 0)
            f = (struct nn_fit_options){
                .batch_size = 60, .class_weight = weight, .n_class_weight = 2};
        must(fit(m, x, t, &f));
        assert_true(fabs(m->history->loss[0] - sum / 60) < 1e-5);
        assert_true(fabs(m->history->value[0][0] - far / 60) < 1e-6);
        must(fit(m, x, t, &(struct nn_fit_options){.batch_size = 60})); /* plain again */
        nn_tensor_release(p);
        nn_model_free(m);
    }
    nn_tensor_release(t);
    nn_tensor_release(w);
}

static void bad_weights_are_a_sentence(void **state) {
    (void)state;
    struct nn_model *m = two_layers("relu");
    double bad[] = {1, -2};
    struct nn_fit_options o = {.class_weight = bad, .n_class_weight = 2};
    assert_int_equal(fit(m, x, y, &o), ERR_RANGE);
    assert_non_null(strstr(e.msg, "la clase 1 es -2"));
    double many[4] = {1, 1, 1, 1};
    o = (struct nn_fit_options){.class_weight = many, .n_class_weight = 4};
    assert_int_equal(fit(m, x, y, &o), ERR_RANGE);
    assert_non_null(strstr(e.msg, "la clase 3 y las clases van de 0 a 2"));
    struct nn_tensor *few;
    must(nn_tensor_new(&few, NN_F32, 1, S(3), &e));
    assert_int_equal(fit(m, x, y, &(struct nn_fit_options){.sample_weight = few}),
                     ERR_SHAPE);
    nn_tensor_release(few);
    nn_model_free(m);
}

static int make_data(void **state) {
    (void)state;
    points(&x, &y, 60);
    return 0;
}

static int drop_data(void **state) {
    (void)state;
    nn_tensor_release(x);
    nn_tensor_release(y);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norms_are_those_of_the_step),
        cmocka_unit_test(histograms_hold_every_number),
        cmocka_unit_test(dead_and_saturated_units_are_counted),
        cmocka_unit_test(tracking_changes_no_bit),
        cmocka_unit_test(same_bits_on_any_threads),
        cmocka_unit_test(the_layer_that_breaks_is_named),
        cmocka_unit_test(a_rate_too_high_keeps_the_last_good_weights),
        cmocka_unit_test(a_cut_training_goes_on_where_it_was),
        cmocka_unit_test(a_class_weighs_as_often_as_it_is_there),
        cmocka_unit_test(one_unit_and_distances_are_weighted),
        cmocka_unit_test(bad_weights_are_a_sentence),
    };
    return cmocka_run_group_tests(tests, make_data, drop_data);
}
