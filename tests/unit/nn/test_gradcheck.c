/* test_gradcheck.c: right gradients are called right, wrong ones wrong, kinks are left
 * out, passes are counted as the activity of the course counts them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "nn/gradcheck.h"

static struct err e;

static struct nn_var *leaf(enum nn_dtype d, size_t n, const double *v, const char *name) {
    struct nn_tensor *t;
    struct nn_var *x;
    assert_int_equal(nn_tensor_new(&t, d, 1, &n, &e), 0);
    for (size_t i = 0; i < n; i++)
        nn_tensor_set(t, i, v[i]);
    assert_int_equal(nn_var_new(&x, t, &e), 0);
    assert_int_equal(nn_var_set_name(x, name, &e), 0);
    assert_int_equal(nn_var_set_requires_grad(x, true, &e), 0);
    nn_tensor_release(t);
    return x;
}

struct pair {
    struct nn_var *w, *b;
    const char *activation;
};

/* mean(activation(w + b)) */
static int loss(struct nn_var **out, void *ctx, struct err *err) {
    struct pair *p = ctx;
    struct nn_var *z = NULL, *a = NULL;
    int rc = nn_apply(&z, "add", NULL, p->w, p->b, err);
    if (rc == 0)
        rc = nn_apply(&a, p->activation, NULL, z, NULL, err);
    if (rc == 0)
        rc = nn_apply(out, "mean", NULL, a, NULL, err);
    nn_var_release(z);
    nn_var_release(a);
    return rc;
}

static const double w_values[] = {0.3, -0.7, 1.1}, b_value[] = {0.2};

static void right_gradients(void **state) {
    (void)state;
    struct pair p = {leaf(NN_F64, 3, w_values, "w"), leaf(NN_F64, 1, b_value, "b"),
                     "sigmoid"};
    struct nn_var *params[] = {p.w, p.b};
    struct nn_gradcheck_row rows[2];
    nn_passes_set((struct nn_passes){0});
    assert_int_equal(nn_gradcheck(rows, 2, params, loss, &p, NULL, &e), 0);
    assert_string_equal(rows[0].name, "w");
    assert_int_equal(rows[0].checked, 3);
    assert_int_equal(rows[1].checked, 1);
    for (int i = 0; i < 2; i++)
        assert_int_equal(rows[i].verdict, NN_GRAD_RIGHT);
    assert_null(p.w->grad);
    /* one for backward, one in the middle, two for each of 4 numbers */
    assert_int_equal(nn_passes_get().forward, 2 + 2 * 4);
    assert_int_equal(nn_passes_get().backward, 1);
    assert_true(nn_tensor_get(p.w->value, 1) == -0.7);
    nn_var_release(p.w);
    nn_var_release(p.b);
}

static void wrong_gradients_are_found(void **state) {
    (void)state;
    struct pair p = {leaf(NN_F64, 3, w_values, "w"), leaf(NN_F64, 1, b_value, "b"),
                     "tanh"};
    struct nn_tensor *g;
    struct nn_gradcheck_row row;
    assert_int_equal(nn_numeric_gradient(&g, p.w, loss, &p, 0, &e), 0);
    assert_int_equal(nn_gradcheck_given(&row, 1, &p.w, &g, loss, &p, NULL, &e), 0);
    assert_int_equal(row.verdict, NN_GRAD_RIGHT);
    nn_tensor_set(g, 1, -nn_tensor_get(g, 1));
    assert_int_equal(nn_gradcheck_given(&row, 1, &p.w, &g, loss, &p, NULL, &e), 0);
    assert_int_equal(row.verdict, NN_GRAD_WRONG);
    assert_int_equal(row.worst, 1);
    assert_true(row.error > 0.99);
    nn_tensor_release(g);
    nn_var_release(p.w);
    nn_var_release(p.b);
}

static void kinks_are_left_out(void **state) {
    (void)state;
    static const double at_kink[] = {-0.2, 0.5, -0.9};
    struct pair p = {leaf(NN_F64, 3, at_kink, "w"), leaf(NN_F64, 1, b_value, "b"),
                     "relu"};
    struct nn_gradcheck_row row;
    assert_int_equal(nn_gradcheck(&row, 1, &p.w, loss, &p, NULL, &e), 0);
    assert_int_equal(row.kinks, 1);
    assert_int_equal(row.checked, 2);
    assert_int_equal(row.verdict, NN_GRAD_RIGHT);
    nn_var_release(p.w);
    p.w = leaf(NN_F64, 1, at_kink, "w"); /* nothing but a kink */
    assert_int_equal(nn_gradcheck(&row, 1, &p.w, loss, &p, NULL, &e), 0);
    assert_int_equal(row.checked, 0);
    assert_int_equal(row.verdict, NN_GRAD_SUSPICIOUS);
    nn_var_release(p.w);
    nn_var_release(p.b);
}

static void float32_is_refused_unless_allowed(void **state) {
    (void)state;
    struct pair p = {leaf(NN_F32, 3, w_values, "w"), leaf(NN_F32, 1, b_value, "b"),
                     "tanh"};
    struct nn_gradcheck_row row;
    assert_int_equal(nn_gradcheck(&row, 1, &p.w, loss, &p, NULL, &e), ERR_DTYPE);
    assert_non_null(strstr(e.msg, "float64"));
    struct nn_gradcheck_options o = {.allow_f32 = true, .h = 1e-3};
    assert_int_equal(nn_gradcheck(&row, 1, &p.w, loss, &p, &o, &e), 0);
    assert_true(row.error > 1e-7 && row.error < 1e-2);
    nn_var_release(p.w);
    nn_var_release(p.b);
}

static int not_a_number(struct nn_var **out, void *ctx, struct err *err) {
    struct pair *p = ctx;
    return nn_apply(out, "square", NULL, p->w, NULL, err);
}

static void misuse_is_a_sentence(void **state) {
    (void)state;
    struct pair p = {.w = leaf(NN_F64, 3, w_values, "w")};
    struct nn_gradcheck_row row;
    struct nn_tensor *g, *bad;
    assert_int_equal(nn_numeric_gradient(&g, p.w, not_a_number, &p, 0, &e), ERR_SHAPE);
    assert_null(g);
    assert_non_null(strstr(e.msg, "(3,)"));
    assert_int_equal(nn_tensor_new(&bad, NN_F64, 1, (size_t[]){2}, &e), 0);
    assert_int_equal(nn_gradcheck_given(&row, 1, &p.w, &bad, not_a_number, &p, NULL, &e),
                     ERR_SHAPE);
    nn_tensor_release(bad);
    nn_var_release(p.w);
}

static void verdicts(void **state) {
    (void)state;
    assert_int_equal(nn_grad_verdict_of(1e-8), NN_GRAD_RIGHT);
    assert_int_equal(nn_grad_verdict_of(1e-5), NN_GRAD_FAIR);
    assert_int_equal(nn_grad_verdict_of(1e-3), NN_GRAD_SUSPICIOUS);
    assert_int_equal(nn_grad_verdict_of(0.5), NN_GRAD_WRONG);
    assert_int_equal(nn_grad_verdict_of(NAN), NN_GRAD_WRONG);
    assert_string_equal(nn_grad_verdict_text(NN_GRAD_RIGHT), "correcto");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_gradients),
        cmocka_unit_test(wrong_gradients_are_found),
        cmocka_unit_test(kinks_are_left_out),
        cmocka_unit_test(float32_is_refused_unless_allowed),
        cmocka_unit_test(misuse_is_a_sentence),
        cmocka_unit_test(verdicts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
