/* test_metric.c: the metrics of compile on outputs that are known. */
#include "train.h"

/* A model whose output is its input: evaluate then scores the rows of x. */
static struct nn_model *mirror(size_t cols, const char *loss, int n,
                               const char *const *metrics) {
    struct nn_model *m;
    struct nn_optim *o;
    must(nn_model_new(&m, &e));
    add_layer(m, "Dense", "units", (double)cols, NULL);
    must(nn_optim_new(&o, "SGD", &e));
    must(nn_model_compile(m, o, loss, n, metrics, &e));
    must(nn_model_build(m, 1, S(cols), &e));
    struct nn_tensor *w = nn_model_param(m, 0, NULL)->value;
    for (size_t i = 0; i < w->n; i++)
        nn_tensor_set(w, i, i / cols == i % cols ? 1 : 0);
    return m;
}

static struct nn_tensor *numbers(int ndim, const size_t *shape, const double *v,
                                 enum nn_dtype d) {
    struct nn_tensor *t;
    must(nn_tensor_new(&t, d, ndim, shape, &e));
    for (size_t i = 0; i < t->n; i++)
        nn_tensor_set(t, i, v[i]);
    return t;
}

/* Seven classes; the label is the largest, the fifth, the sixth, the last, and tied with
 * two others for the third place. */
static void the_label_is_among_five(void **state) {
    (void)state;
    static const double v[5 * 7] = {7, 1, 2, 3, 4, 5, 6, /* label 0: first */
                                    7, 6, 5, 4, 3, 2, 1, /* label 4: fifth */
                                    7, 6, 5, 4, 3, 2, 1, /* label 5: sixth */
                                    7, 6, 5, 4, 3, 2, 1, /* label 6: seventh */
                                    9, 8, 5, 5, 5, 2, 1 /* label 4: third, tied */};
    static const double label[] = {0, 4, 5, 6, 4};
    static const char *const names[] = {"sparse_top_k_categorical_accuracy", "acc"};
    struct nn_model *m = mirror(7, "sparse_categorical_crossentropy", 2, names);
    struct nn_tensor *x = numbers(2, S(5, 7), v, NN_F32);
    struct nn_tensor *y = numbers(1, S(5), label, NN_I32);
    struct nn_scores s;
    must(nn_model_evaluate(&s, m, x, y, 0, &e));
    assert_true(fabs(s.metric[0] - 3.0 / 5) < 1e-12);
    assert_true(fabs(s.metric[1] - 1.0 / 5) < 1e-12);
    must(fit(m, x, y, &(struct nn_fit_options){.epochs = 1}));
    assert_non_null(nn_history_column(m->history, "sparse_top_k_categorical_accuracy"));
    nn_tensor_release(x);
    nn_tensor_release(y);
    nn_model_free(m);
}

static void distances_and_sides(void **state) {
    (void)state;
    static const double v[] = {0.2, 0.9, 0.6, 0.4, 0.1, 0.7};
    static const double t[] = {0, 1, 0, 1, 0, 1};
    static const char *const names[] = {"binary_accuracy", "mae", "mean_squared_error"};
    struct nn_model *m = mirror(2, "mse", 3, names);
    struct nn_tensor *x = numbers(2, S(3, 2), v, NN_F32);
    struct nn_tensor *y = numbers(2, S(3, 2), t, NN_F32);
    struct nn_scores s;
    must(nn_model_evaluate(&s, m, x, y, 2, &e)); /* a whole batch and a short one */
    assert_true(fabs(s.metric[0] - 4.0 / 6) < 1e-7);
    assert_true(fabs(s.metric[1] - (0.2 + 0.1 + 0.6 + 0.6 + 0.1 + 0.3) / 6) < 1e-7);
    assert_true(fabs(s.metric[2] - (0.04 + 0.01 + 0.36 + 0.36 + 0.01 + 0.09) / 6) < 1e-7);
    assert_string_equal(m->metric[2], "mse");
    nn_tensor_release(x);
    nn_tensor_release(y);
    nn_model_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_label_is_among_five),
        cmocka_unit_test(distances_and_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
