/* test_initializer.c: initializers with numbers: their mean and variance against the
 * closed forms, orthogonality, spellings, and what is refused. (Those with a fan are in
 * test_layer.c.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "../fail_alloc.h"
#include "nn/layer.h"
#include "nn/rng.h"

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

static struct nn_tensor *made(const char *name, int ndim, const size_t *shape) {
    struct nn_tensor *t;
    struct nn_rng r;
    nn_rng_seed(&r, 5);
    must(nn_tensor_new(&t, NN_F64, ndim, shape, &e));
    must(nn_initialize(t, name, 10, 20, &r, &e));
    return t;
}

/* The density of a normal cut off at two deviations has variance 1 - 4 f(2) / F, with
 * f(2) the normal density there and F the probability inside. */
static double truncated_variance(void) {
    double f = exp(-2) / sqrt(2 * acos(-1)), inside = erf(2 / sqrt(2));
    return 1 - 4 * f / inside;
}

static void moments_are_the_closed_ones(void **state) {
    (void)state;
    const struct {
        const char *name;
        double mean, variance, lowest, highest;
    } rows[] = {
        {"random_uniform(-1,3)", 1, 16 / 12.0, -1, 3},
        {"RandomUniform(0.5, 0.75)", 0.625, 0.0625 / 12, 0.5, 0.75},
        {"random_normal(2,0.5)", 2, 0.25, -1, 5},
        {"RandomNormal", 0, 0.0025, -1, 1},
        {"truncated_normal(1,0.1)", 1, 0.01 * truncated_variance(), 0.8, 1.2},
        {"TruncatedNormal", 0, 0.0025 * truncated_variance(), -0.1, 0.1},
        {"constant(0.3)", 0.3, 0, 0.3, 0.3},
        {"Constant", 0, 0, 0, 0},
        {"HeNormal", 0, 2 / 10.0, -2.2738 * sqrt(0.2), 2.2738 * sqrt(0.2)},
        {"GlorotUniform", 0, 2 / 30.0, -sqrt(0.2), sqrt(0.2)},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct nn_tensor *t = made(rows[i].name, 2, S(300, 200));
        double sum = 0, square = 0, n = (double)t->n;
        for (size_t k = 0; k < t->n; k++) {
            double v = nn_tensor_get(t, k);
            assert_true(v >= rows[i].lowest - 1e-12 && v <= rows[i].highest + 1e-12);
            sum += v;
            square += (v - rows[i].mean) * (v - rows[i].mean);
        }
        double sd = sqrt(rows[i].variance / n);
        if (fabs(sum / n - rows[i].mean) > 4 * sd + 1e-12 ||
            fabs(square / n - rows[i].variance) > 0.02 * rows[i].variance)
            fail_msg("%s: media %g, varianza %g", rows[i].name, sum / n, square / n);
        nn_tensor_release(t);
    }
}

/* w^T w, or w w^T when there are fewer rows, is gain^2 times the identity. */
static void orthogonal(const char *name, double gain, int ndim, const size_t *shape) {
    struct nn_tensor *t = made(name, ndim, shape);
    const double *w = nn_tensor_f64(t);
    size_t cols = shape[ndim - 1], rows = t->n / cols;
    bool tall = rows >= cols;
    size_t n = tall ? cols : rows, m = tall ? rows : cols;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            double dot = 0;
            for (size_t c = 0; c < m; c++)
                dot += tall ? w[c * cols + i] * w[c * cols + k]
                            : w[i * cols + c] * w[k * cols + c];
            assert_true(fabs(dot - (i == k ? gain * gain : 0)) < 1e-12 * gain * gain);
        }
    nn_tensor_release(t);
}

static void orthogonal_matrices_are(void **state) {
    (void)state;
    orthogonal("orthogonal", 1, 2, S(20, 20));
    orthogonal("Orthogonal(3)", 3, 2, S(30, 7));
    orthogonal("orthogonal(0.5)", 0.5, 2, S(7, 30));
    orthogonal("orthogonal", 1, 4, S(3, 3, 2, 5));
    orthogonal("orthogonal", 1, 1, S(4));
}

static void one_spelling_is_kept(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"HeNormal", "he_normal"},
        {"he_normal", "he_normal"},
        {"RandomNormal( 0 , 0.10 )", "random_normal(0,0.1)"},
        {"random_normal(1)", "random_normal(1,0.05)"},
        {"constant(1e-3)", "constant(0.001)"},
        {"truncated_normal(-1.23456789012345e-105,1.23456789012345e-105)",
         "truncated_normal(-1.23456789012345e-105,1.23456789012345e-105)"},
    };
    char text[NN_OPTION_TEXT];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        must(nn_initializer_check(text, rows[i][0], &e));
        assert_string_equal(text, rows[i][1]);
    }
    struct nn_layer *l;
    must(nn_layer_new(&l, "Dense", &e));
    must(nn_options_set_text(&l->options, "kernel_initializer", "Orthogonal(2)", &e));
    assert_string_equal(nn_option_text(&l->options, "kernel_initializer"),
                        "orthogonal(2)");
    nn_layer_free(l);
}

static void others_are_refused(void **state) {
    (void)state;
    char text[NN_OPTION_TEXT];
    says(nn_initializer_check(text, "he_norma", &e), ERR_NOTFOUND, "«he_normal»");
    says(nn_initializer_check(text, "HeNormla()", &e), ERR_NOTFOUND, "«he_normal»");
    says(nn_initializer_check(text, "", &e), ERR_NOTFOUND, "inicializador");
    says(nn_initializer_check(text, "random_normal(0,0.1", &e), ERR_NOTFOUND,
         "«random_normal»");
    says(nn_initializer_check(text, "random_normal(0,x)", &e), ERR_NOTFOUND, "x");
    says(nn_initializer_check(text, "random_normal(0,nan)", &e), ERR_NOTFOUND, "nan");
    says(nn_initializer_check(text, "random_normal(0 1)", &e), ERR_NOTFOUND, "0 1");
    says(nn_initializer_check(text, "random_normal(0,1)2", &e), ERR_NOTFOUND, "2");
    says(nn_initializer_check(text, "random_normal(0,1,2)", &e), ERR_NOTFOUND, "1,2");
    says(nn_initializer_check(text, "he_normal(2)", &e), ERR_ARG, "a lo más 0 números");
    says(nn_initializer_check(text, "random_normal(0,-1)", &e), ERR_RANGE, "-1");
    says(nn_initializer_check(text, "random_uniform(2,1)", &e), ERR_RANGE, "de 2 a 1");
    struct nn_tensor *t;
    struct nn_rng r;
    nn_rng_seed(&r, 1);
    must(nn_tensor_new(&t, NN_F32, 2, S(4000, 4000), &e));
    says(nn_initialize(t, "orthogonal", 1, 1, &r, &e), ERR_RANGE, "4000 × 4000");
    nn_tensor_release(t);
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    struct nn_tensor *t = made("zeros", 2, S(4, 4));
    struct nn_rng r;
    nn_rng_seed(&r, 1);
    for (long k = 0;; k++) {
        fail_alloc_after(k);
        int rc = nn_initialize(t, "orthogonal", 4, 4, &r, &e);
        if (!fail_alloc_stop()) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(rc, ERR_NOMEM);
    }
    nn_tensor_release(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_the_closed_ones),
        cmocka_unit_test(orthogonal_matrices_are),
        cmocka_unit_test(one_spelling_is_kept),
        cmocka_unit_test(others_are_refused),
        cmocka_unit_test(short_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
