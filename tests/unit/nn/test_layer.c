/* test_layer.c: options with their sentences, initialisers, layers and models: names,
 * shapes, counts, summary, misuse, short memory; the optimizers of the low road. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "../fail_alloc.h"
#include "nn/model.h"
#include "nn/rng.h"
#include "nn/seed.h"

static struct err e;

#define S(...) ((size_t[]){__VA_ARGS__})

static void must(int rc) {
    if (rc < 0)
        fail_msg("%s", e.msg);
}

static void says(int rc, int code, const char *part) {
    assert_int_equal(rc, code);
    if (!strstr(e.msg, part))
        fail_msg("«%s» sin «%s»", e.msg, part);
}

static void options_are_checked(void **state) {
    (void)state;
    struct nn_layer *l;
    says(nn_layer_new(&l, "Desne", &e), ERR_NOTFOUND, "«Dense»");
    assert_null(l);
    must(nn_layer_new(&l, "Dense", &e));
    struct nn_options *o = &l->options;
    says(nn_options_check(o, &e), ERR_ARG, "falta «units»");
    says(nn_options_set_number(o, "unit", 3, &e), ERR_NOTFOUND,
         "¿querías decir «units»?");
    says(nn_options_set_number(o, "zzzzzzzzz", 3, &e), ERR_NOTFOUND,
         "no tiene la opción");
    says(nn_options_set_number(o, "units", 0, &e), ERR_RANGE,
         "es 0 y debe estar entre 1");
    says(nn_options_set_number(o, "units", 2.5, &e), ERR_ARG, "un entero");
    says(nn_options_set_number(o, "units", NAN, &e), ERR_ARG, "un entero");
    says(nn_options_set_text(o, "units", "tres", &e), ERR_ARG, "recibió «tres»");
    says(nn_options_set_text(o, "activation", "relut", &e), ERR_NOTFOUND, "«relu»");
    says(nn_options_set_text(o, "activation", "zzzzzzzz", &e), ERR_NOTFOUND,
         "linear|relu");
    says(nn_options_set_bool(o, "units", true, &e), ERR_ARG, "true");
    says(nn_options_set_shape(o, "units", 1, S(3), &e), ERR_ARG, "(3,)");
    must(nn_options_set_number(o, "units", 3, &e));
    must(nn_options_set_bool(o, "use_bias", false, &e));
    assert_int_equal(nn_option_number(o, "units"), 3);
    assert_false(nn_option_bool(o, "use_bias"));
    assert_string_equal(nn_option_text(o, "kernel_initializer"), "glorot_uniform");
    assert_true(nn_option_get(o, "units")->set);
    assert_false(nn_option_get(o, "activation")->set);
    must(nn_options_check(o, &e));
    nn_layer_free(l);
    must(nn_layer_new(&l, "Input", &e));
    must(nn_options_set_number(&l->options, "shape", 784, &e));
    assert_int_equal(nn_option_get(&l->options, "shape")->shape[0], 784);
    must(nn_options_set_shape(&l->options, "shape", 3, S(28, 28, 1), &e));
    says(nn_options_set_shape(&l->options, "shape", 2, S(28, 0), &e), ERR_RANGE,
         "(28, 0)");
    nn_layer_free(l);
}

static double deviation(const char *name, size_t in, size_t out, double *largest) {
    struct nn_tensor *t;
    struct nn_rng r;
    double square = 0;
    nn_rng_seed(&r, 3);
    must(nn_tensor_new(&t, NN_F32, 2, S(200, 300), &e));
    must(nn_initialize(t, name, in, out, &r, &e));
    *largest = 0;
    for (size_t i = 0; i < t->n; i++) {
        double v = nn_tensor_get(t, i);
        square += v * v;
        *largest = fmax(*largest, fabs(v));
    }
    nn_tensor_release(t);
    return sqrt(square / (200 * 300));
}

static void initialisers_have_their_variance(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double variance, limit; /* limit in deviations */
    } rows[] = {{"glorot_uniform", 2.0 / 500, 1.7321},
                {"glorot_normal", 2.0 / 500, 2.2738},
                {"he_uniform", 2.0 / 200, 1.7321},
                {"he_normal", 2.0 / 200, 2.2738},
                {"lecun_uniform", 1.0 / 200, 1.7321},
                {"lecun_normal", 1.0 / 200, 2.2738},
                {"normal", 0.0025, 6},
                {"uniform", 0.0025 / 3, 1.7321},
                {"truncated_normal", 0.0025 * 0.7737413, 2.2738}};
    double largest;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double sd = deviation(rows[i].name, 200, 300, &largest);
        double want = sqrt(rows[i].variance);
        if (fabs(sd / want - 1) > 0.01 || largest > want * rows[i].limit)
            fail_msg("%s: %g y %g, máximo %g", rows[i].name, sd, want, largest);
    }
    assert_true(deviation("zeros", 1, 1, &largest) == 0);
    assert_true(deviation("ones", 1, 1, &largest) == 1);
    struct nn_tensor *t;
    must(nn_tensor_scalar(&t, NN_F32, 0, &e));
    says(nn_initialize(t, "he_norma", 1, 1, NULL, &e), ERR_NOTFOUND, "«he_normal»");
    nn_tensor_release(t);
}

static void add(struct nn_model *m, const char *type, const char *option, double v) {
    struct nn_layer *l;
    must(nn_layer_new(&l, type, &e));
    if (option)
        must(nn_options_set_number(&l->options, option, v, &e));
    must(nn_model_add(m, l, &e));
}

/* 784-64-32-10 of the notebook. */
static struct nn_model *lab_network(void) {
    struct nn_model *m;
    must(nn_model_new(&m, &e));
    add(m, "Flatten", NULL, 0);
    add(m, "Dense", "units", 64);
    add(m, "Dropout", "rate", 0.2);
    add(m, "Dense", "units", 32);
    add(m, "Dense", "units", 10);
    return m;
}

static void a_model_counts_as_keras_does(void **state) {
    (void)state;
    struct nn_model *m = lab_network();
    struct nn_layer_info info;
    static const char *const names[] = {"flatten", "dense", "dropout", "dense_1",
                                        "dense_2"};
    static const size_t params[] = {0, 50240, 0, 2080, 330};
    must(nn_model_layer_info(m, 1, &info));
    assert_false(info.built);
    must(nn_model_build(m, 3, S(28, 28, 1), &e));
    for (int i = 0; i < 5; i++) {
        must(nn_model_layer_info(m, i, &info));
        assert_string_equal(info.name, names[i]);
        assert_int_equal(info.params, params[i]);
    }
    assert_int_equal(info.out_shape[0], 10);
    assert_int_equal(nn_model_layer_info(m, 5, &info), ERR_RANGE);
    assert_int_equal(nn_model_count_params(m, true), 52650);
    assert_int_equal(nn_model_count(m), 6);
    assert_string_equal(nn_model_param(m, 2, NULL)->name, "dense_1/kernel");
    assert_null(nn_model_param(m, 6, NULL));
    must(nn_model_build(m, 3, S(28, 28, 1), &e));
    says(nn_model_build(m, 3, S(32, 32, 3), &e), ERR_SHAPE,
         "(28, 28, 1) y recibió (32, 32, 3)");
    struct nn_layer *l;
    must(nn_layer_new(&l, "Flatten", &e));
    says(nn_model_add(m, l, &e), ERR_STATE, "ya está construido");
    nn_layer_free(l);
    nn_model_free(m);
}

static void the_declared_input_has_to_agree(void **state) {
    (void)state;
    struct nn_model *m;
    must(nn_model_new(&m, &e));
    add(m, "Input", "shape", 4);
    add(m, "Dense", "units", 2);
    says(nn_model_build(m, 1, S(5), &e), ERR_SHAPE, "(4,) y los datos traen (5,)");
    must(nn_model_build(m, 1, S(4), &e)); /* the failed attempt left nothing behind */
    nn_model_free(m);
}

static double first_weight(void) {
    struct nn_model *m;
    must(nn_model_new(&m, &e));
    add(m, "Dense", "units", 2);
    must(nn_model_build(m, 1, S(4), &e));
    double w = nn_tensor_get(nn_model_param(m, 0, NULL)->value, 0);
    nn_model_free(m);
    return w;
}

static void the_seed_decides(void **state) {
    (void)state;
    nn_seed_set(7);
    double a = first_weight(), b = first_weight();
    nn_seed_set(7);
    assert_true(a == first_weight());
    assert_true(b == first_weight());
    assert_true(a != b);
}

static void compile_knows_names(void **state) {
    (void)state;
    struct nn_model *m = lab_network();
    struct nn_optim *o;
    const char *metric = "acc";
    says(nn_optim_new(&o, "adan", &e), ERR_NOTFOUND, "«Adam»");
    must(nn_optim_new(&o, "ADAM", &e));
    says(nn_model_compile(m, o, "mean_square_error", 0, NULL, &e), ERR_NOTFOUND,
         "«mean_squared_error»");
    const char *wrong = "acuracy";
    says(nn_model_compile(m, o, "mse", 1, &wrong, &e), ERR_NOTFOUND, "«accuracy»");
    must(nn_model_compile(m, o, "mse", 1, &metric, &e));
    assert_string_equal(m->metric[0], "accuracy");
    /* the same optimizer again */
    must(nn_model_compile(m, nn_optim_retain(o), "mae", 0, NULL, &e));
    nn_model_free(m);
}

/* m(x), loss:backward(), opt:step(): the low road trains too. */
static void the_low_road(void **state) {
    (void)state;
    struct nn_model *m;
    struct nn_optim *o;
    struct nn_tensor *tx, *ty;
    struct nn_var *x, *t, *params[2];
    double first = 0, last = 0;
    must(nn_model_new(&m, &e));
    add(m, "Dense", "units", 1);
    nn_model_set_seed(m, 3);
    must(nn_tensor_new(&tx, NN_F32, 2, S(4, 1), &e));
    must(nn_tensor_new(&ty, NN_F32, 2, S(4, 1), &e));
    for (size_t i = 0; i < 4; i++) {
        nn_tensor_set(tx, i, (double)i);
        nn_tensor_set(ty, i, 2 * (double)i + 1);
    }
    must(nn_var_new(&x, tx, &e));
    must(nn_var_new(&t, ty, &e));
    must(nn_model_build(m, 1, S(1), &e));
    for (int i = 0; i < 2; i++)
        params[i] = nn_model_param(m, i, NULL);
    must(nn_optim_new(&o, "sgd", &e));
    must(nn_options_set_number(&o->options, "learning_rate", 0.1, &e));
    says(nn_optim_step(o, &e), ERR_STATE, "parámetros");
    says(nn_optim_attach(o, 1, &x, &e), ERR_ARG, "1 no lo es");
    must(nn_optim_attach(o, 2, params, &e));
    for (int i = 0; i < 200; i++) {
        struct nn_var *y, *loss;
        must(nn_model_call(m, &y, x, true, &e));
        must(nn_apply(&loss, "mse", NULL, y, t, &e));
        nn_optim_zero_grad(o);
        must(nn_var_backward(loss, NULL, false, &e));
        must(nn_optim_step(o, &e));
        last = nn_tensor_get(loss->value, 0);
        first = i ? first : last;
        nn_var_release(y);
        nn_var_release(loss);
    }
    assert_true(last < 1e-4 * first);
    assert_true(fabs(nn_tensor_get(params[0]->value, 0) - 2) < 1e-2);
    assert_int_equal(o->steps, 200);
    nn_optim_free(o);
    nn_var_release(x);
    nn_var_release(t);
    nn_tensor_release(tx);
    nn_tensor_release(ty);
    nn_model_free(m);
}

static int build_one(struct nn_rng *r) {
    struct nn_model *m = NULL;
    struct nn_layer *l = NULL;
    (void)r;
    int rc = nn_model_new(&m, &e);
    if (rc == 0)
        rc = nn_layer_new(&l, "Dense", &e);
    if (rc == 0)
        rc = nn_options_set_number(&l->options, "units", 3, &e);
    if (rc == 0)
        rc = nn_model_add(m, l, &e);
    if (rc < 0)
        nn_layer_free(l);
    if (rc == 0)
        rc = nn_model_build(m, 1, S(4), &e);
    nn_model_free(m);
    return rc;
}

/* y = [x, x^2, products, sin x] of an x that stays; *y yours. */
static int call_features(struct nn_var **y, struct nn_var *x) {
    struct nn_layer *l = NULL;
    const struct nn_call_mode mode = {.training = true};
    struct nn_rng r;
    nn_rng_seed(&r, 1);
    *y = NULL;
    int rc = nn_layer_new(&l, "Features", &e);
    if (rc == 0)
        rc = nn_options_set_bool(&l->options, "squares", true, &e);
    if (rc == 0)
        rc = nn_options_set_bool(&l->options, "products", true, &e);
    if (rc == 0)
        rc = nn_options_set_bool(&l->options, "sines", true, &e);
    if (rc == 0)
        rc = nn_layer_build(l, 1, S(3), &r, &e);
    if (rc == 0)
        rc = nn_layer_call(l, y, x, &mode, &e);
    nn_layer_free(l);
    return rc;
}

static void features_in_short_memory(void **state) {
    (void)state;
    struct nn_tensor *t;
    struct nn_var *x, *y;
    must(nn_tensor_new(&t, NN_F32, 2, S(1, 3), &e));
    for (size_t i = 0; i < 3; i++)
        nn_tensor_set(t, i, (double)i + 2);
    must(nn_var_new(&x, t, &e));
    must(nn_var_set_requires_grad(x, true, &e));
    for (long k = 0; fail_alloc_supported(); k++) {
        fail_alloc_after(k);
        int rc = call_features(&y, x);
        if (!fail_alloc_stop()) {
            must(rc);
            assert_int_equal(y->value->n, 12);
            assert_float_equal(nn_tensor_get(y->value, 8), 12, 1e-6); /* 3 times 4 */
            nn_var_release(y);
            break;
        }
        assert_int_equal(rc, ERR_NOMEM);
        assert_null(y);
    }
    nn_var_release(x);
    nn_tensor_release(t);
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    struct nn_rng r;
    nn_rng_seed(&r, 1);
    if (!fail_alloc_supported())
        skip();
    for (long k = 0;; k++) {
        fail_alloc_after(k);
        int rc = build_one(&r);
        if (!fail_alloc_stop()) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(rc, ERR_NOMEM);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(initialisers_have_their_variance),
        cmocka_unit_test(a_model_counts_as_keras_does),
        cmocka_unit_test(the_declared_input_has_to_agree),
        cmocka_unit_test(the_seed_decides),
        cmocka_unit_test(compile_knows_names),
        cmocka_unit_test(the_low_road),
        cmocka_unit_test(short_memory_is_an_error),
        cmocka_unit_test(features_in_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
