/* test_op.c: the op table: every row against finite differences in float64, float32
 * against float64, shapes and their sentences, formulas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "nn/gradcheck.h"

static struct err e;

static void every_row_agrees_with_finite_differences(void **state) {
    (void)state;
    const struct nn_op *op;
    for (int i = 0; (op = nn_op_row(i)); i++) {
        struct nn_gradcheck_row rows[NN_OP_MAX_IN];
        int n, samples = 0, rc;
        if (op->flags & NN_OP_NO_GRAD)
            continue;
        while ((rc = nn_gradcheck_op(rows, &n, op, samples, 11, &e)) == 0) {
            for (int k = 0; k < n; k++)
                if (rows[k].error > 1e-7 || rows[k].checked == 0)
                    fail_msg("%s, muestra %d, %s: error %g (%g y %g)", op->name, samples,
                             rows[k].name, rows[k].error, rows[k].analytic,
                             rows[k].numeric);
            samples++;
        }
        if (rc != ERR_NOTFOUND)
            fail_msg("%s, muestra %d: %s", op->name, samples, e.msg);
        assert_true(samples > 0);
    }
}

/* Largest difference between two tensors of different dtype, relative to their size. */
static double apart(const struct nn_tensor *a, const struct nn_tensor *b) {
    double worst = 0;
    for (size_t i = 0; i < a->n; i++)
        worst = fmax(worst,
                     nn_relative_error(nn_tensor_get(a, i), nn_tensor_get(b, i), 1e-2));
    return worst;
}

static struct nn_var *run(struct nn_var *in[], int *n, const struct nn_op *op, int sample,
                          enum nn_dtype d) {
    struct nn_var *y, *total;
    const struct nn_op_sample *s = &op->sample[sample];
    assert_int_equal(nn_op_sample_inputs(in, n, op, sample, d, 5, &e), 0);
    assert_int_equal(nn_var_apply(&y, op, &s->attrs, *n, in, &e), 0);
    if (op->flags & NN_OP_NO_GRAD)
        return y;
    assert_int_equal(nn_apply(&total, "sum", NULL, y, NULL, &e), 0);
    assert_int_equal(nn_var_backward(total, NULL, false, &e), 0);
    nn_var_release(total);
    return y;
}

static void float32_agrees_with_float64(void **state) {
    (void)state;
    const struct nn_op *op;
    for (int i = 0; (op = nn_op_row(i)); i++)
        for (int s = 0; op->sample[s].n_in; s++) {
            struct nn_var *a[NN_OP_MAX_IN], *b[NN_OP_MAX_IN];
            int n;
            struct nn_var *ya = run(a, &n, op, s, NN_F32);
            struct nn_var *yb = run(b, &n, op, s, NN_F64);
            if (apart(ya->value, yb->value) > 2e-5)
                fail_msg("%s, muestra %d: valor", op->name, s);
            for (int k = 0; k < n; k++) {
                if (a[k]->grad && apart(a[k]->grad, b[k]->grad) > 2e-5)
                    fail_msg("%s, muestra %d: gradiente %d", op->name, s, k);
                nn_var_release(a[k]);
                nn_var_release(b[k]);
            }
            nn_var_release(ya);
            nn_var_release(yb);
        }
}

/* What in[] has after one use of the op, then after two. */
static void use(const struct nn_op *op, struct nn_var *in[], int n, int times) {
    struct nn_var *y[2] = {NULL}, *t[2] = {NULL}, *total = NULL;
    for (int k = 0; k < times; k++) {
        assert_int_equal(nn_var_apply(&y[k], op, &op->sample->attrs, n, in, &e), 0);
        assert_int_equal(nn_apply(&t[k], "sum", NULL, y[k], NULL, &e), 0);
    }
    if (times == 2)
        assert_int_equal(nn_apply(&total, "add", NULL, t[0], t[1], &e), 0);
    assert_int_equal(nn_var_backward(total ? total : t[0], NULL, false, &e), 0);
    for (int k = 0; k < times; k++) {
        nn_var_release(y[k]);
        nn_var_release(t[k]);
    }
    nn_var_release(total);
}

/* A second use of the same inputs has to add to the gradients, in every op. */
static void gradients_add_up_over_uses(void **state) {
    (void)state;
    const struct nn_op *op;
    for (int i = 0; (op = nn_op_row(i)); i++) {
        struct nn_var *once[NN_OP_MAX_IN], *twice[NN_OP_MAX_IN];
        int n;
        if (op->flags & NN_OP_NO_GRAD)
            continue;
        assert_int_equal(nn_op_sample_inputs(once, &n, op, 0, NN_F64, 5, &e), 0);
        assert_int_equal(nn_op_sample_inputs(twice, &n, op, 0, NN_F64, 5, &e), 0);
        use(op, once, n, 1);
        use(op, twice, n, 2);
        for (int k = 0; k < n; k++) {
            for (size_t j = 0; once[k]->grad && j < once[k]->grad->n; j++)
                if (fabs(2 * nn_tensor_get(once[k]->grad, j) -
                         nn_tensor_get(twice[k]->grad, j)) > 1e-12)
                    fail_msg("%s: gradiente %d", op->name, k);
            nn_var_release(once[k]);
            nn_var_release(twice[k]);
        }
    }
}

/* A comparison has no derivative, so that its result asks for none. */
static void comparisons_end_the_tape(void **state) {
    (void)state;
    static const struct {
        const char *op;
        double at[3];
    } rows[] = {{"greater", {0, 0, 1}}, {"greater_equal", {0, 1, 1}},
                {"less", {1, 0, 0}},    {"less_equal", {1, 1, 0}},
                {"equal", {0, 1, 0}},   {"not_equal", {1, 0, 1}}};
    size_t three = 3;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct nn_tensor *t;
        struct nn_var *x, *zero, *y;
        assert_int_equal(nn_tensor_new(&t, NN_F64, 1, &three, &e), 0);
        for (size_t k = 0; k < 3; k++)
            nn_tensor_set(t, k, (double)k - 1);
        assert_int_equal(nn_var_new(&x, t, &e), 0);
        assert_int_equal(nn_var_set_requires_grad(x, true, &e), 0);
        assert_int_equal(nn_var_scalar(&zero, 0, &e), 0);
        assert_int_equal(nn_apply(&y, rows[i].op, NULL, x, zero, &e), 0);
        assert_false(y->requires_grad);
        for (size_t k = 0; k < 3; k++)
            assert_true(nn_tensor_get(y->value, k) == rows[i].at[k]);
        nn_tensor_release(t);
        nn_var_release(x);
        nn_var_release(zero);
        nn_var_release(y);
    }
}

static struct nn_var *leaf(enum nn_dtype d, int ndim, const size_t *shape) {
    struct nn_tensor *t;
    struct nn_var *v;
    assert_int_equal(nn_tensor_new(&t, d, ndim, shape, &e), 0);
    assert_int_equal(nn_var_new(&v, t, &e), 0);
    nn_tensor_release(t);
    return v;
}

static void refuse(const char *op, const struct nn_attrs *attrs, struct nn_var *a,
                   struct nn_var *b, int code, const char *part) {
    struct nn_var *y;
    err_clear(&e);
    assert_int_equal(nn_apply(&y, op, attrs, a, b, &e), code);
    assert_null(y);
    assert_non_null(strstr(e.msg, part));
    nn_var_release(a);
    nn_var_release(b);
}

#define S(...) ((size_t[]){__VA_ARGS__})

static void misfits_are_sentences_with_both_shapes(void **state) {
    (void)state;
    refuse("matmul", NULL, leaf(NN_F32, 2, S(64, 784)), leaf(NN_F32, 2, S(128, 10)),
           ERR_SHAPE, "(64, 784) no se puede multiplicar por (128, 10)");
    refuse("matmul", NULL, leaf(NN_F32, 3, S(2, 3, 4)), leaf(NN_F32, 3, S(5, 4, 2)),
           ERR_SHAPE, "(2, 3, 4) y (5, 4, 2)");
    refuse("matmul", NULL, leaf(NN_F32, 0, NULL), leaf(NN_F32, 1, S(4)), ERR_SHAPE, "()");
    refuse("stack", NULL, leaf(NN_F32, 1, S(3)), leaf(NN_F32, 1, S(4)), ERR_SHAPE,
           "(3,) y (4,)");
    refuse("stack", &(struct nn_attrs){.n_axes = 1, .axis = {2}}, leaf(NN_F32, 1, S(3)),
           leaf(NN_F32, 1, S(3)), ERR_RANGE, "el eje 3");
    refuse("pad", &(struct nn_attrs){.ndim = 2}, leaf(NN_F32, 1, S(3)), NULL, ERR_SHAPE,
           "2 ejes");
    refuse("pad", &(struct nn_attrs){.ndim = 1, .start = {SIZE_MAX}},
           leaf(NN_F32, 1, S(3)), NULL, ERR_RANGE, "demasiado grande");
    refuse("clip", &(struct nn_attrs){.value = 1, .upper = 0}, leaf(NN_F32, 1, S(3)),
           NULL, ERR_RANGE, "1 supera al superior 0");
    refuse("huber", NULL, leaf(NN_F32, 1, S(3)), leaf(NN_F32, 1, S(3)), ERR_RANGE,
           "delta es 0");
    refuse("softmax_cross_entropy", &(struct nn_attrs){.value = 1},
           leaf(NN_F32, 2, S(3, 4)), leaf(NN_I32, 1, S(3)), ERR_RANGE,
           "label_smoothing es 1");
    refuse("sigmoid_cross_entropy", &(struct nn_attrs){.value = -0.1},
           leaf(NN_F32, 1, S(3)), leaf(NN_F32, 1, S(3)), ERR_RANGE, "-0.1");
    refuse("add", NULL, leaf(NN_F32, 2, S(3, 4)), leaf(NN_F32, 1, S(3)), ERR_SHAPE,
           "(3, 4) y (3,)");
    refuse("mse", NULL, leaf(NN_F32, 2, S(3, 2)), leaf(NN_F32, 1, S(3)), ERR_SHAPE,
           "(3, 2)");
    refuse("softmax_cross_entropy", NULL, leaf(NN_F32, 2, S(3, 4)), leaf(NN_I32, 1, S(2)),
           ERR_SHAPE, "(2,)");
    refuse("sum", &(struct nn_attrs){.n_axes = 1, .axis = {2}}, leaf(NN_F32, 2, S(3, 2)),
           NULL, ERR_RANGE, "el eje 3 no existe");
    refuse("reshape", &(struct nn_attrs){.ndim = 1, .shape = {5}},
           leaf(NN_F32, 2, S(3, 2)), NULL, ERR_SHAPE, "6 elementos");
    refuse("slice", &(struct nn_attrs){.ndim = 1, .start = {2}, .count = {2}},
           leaf(NN_F32, 1, S(3)), NULL, ERR_RANGE, "3..4");
    refuse("concat", NULL, leaf(NN_F32, 2, S(3, 2)), leaf(NN_F32, 2, S(4, 2)), ERR_SHAPE,
           "(4, 2)");
    refuse("transpose", &(struct nn_attrs){.n_axes = 2, .axis = {0, 0}},
           leaf(NN_F32, 2, S(3, 2)), NULL, ERR_RANGE, "permutación");
    refuse("dropout", &(struct nn_attrs){.value = 1}, leaf(NN_F32, 1, S(3)), NULL,
           ERR_RANGE, "tasa");
    refuse("max", NULL, leaf(NN_F32, 1, S(0)), NULL, ERR_SHAPE, "no hay elementos");
    refuse("mse", NULL, leaf(NN_F32, 1, S(0)), leaf(NN_F32, 1, S(0)), ERR_SHAPE,
           "no hay ejemplos");
}

static void dtypes_are_checked(void **state) {
    (void)state;
    refuse("relu", NULL, leaf(NN_U8, 1, S(3)), NULL, ERR_DTYPE, "uint8");
    refuse("add", NULL, leaf(NN_F32, 1, S(3)), leaf(NN_F64, 1, S(3)), ERR_DTYPE,
           "float32 y float64");
    refuse("add", NULL, leaf(NN_F32, 1, S(3)), NULL, ERR_ARG, "add");
    refuse("no_such", NULL, leaf(NN_F32, 1, S(3)), NULL, ERR_NOTFOUND, "no_such");
}

static void labels_outside_are_refused(void **state) {
    (void)state;
    struct nn_var *labels = leaf(NN_I32, 1, S(3));
    nn_tensor_set(labels->value, 1, 4);
    refuse("softmax_cross_entropy", NULL, leaf(NN_F64, 2, S(3, 4)), labels, ERR_RANGE,
           "la etiqueta 4 de la fila 2 está fuera de 0..3");
}

static void formulas_are_filled(void **state) {
    (void)state;
    static const char *const name[] = {"w", "a", "b"};
    struct buf b;
    buf_init(&b, 1 << 12);
    assert_true(nn_op_latex(&b, nn_op_find("div"), NULL, -1, name, "y"));
    buf_putc(&b, ' ');
    assert_true(nn_op_latex(&b, nn_op_find("div"), NULL, 0, name, "y"));
    buf_putc(&b, ' ');
    assert_true(nn_op_latex(&b, nn_op_find("sigmoid"), NULL, 0, name, "y"));
    assert_string_equal(b.data, "\\frac{w}{a} \\frac{1}{a} y\\,(1-y)");
    assert_false(nn_op_latex(&b, nn_op_find("sigmoid"), NULL, 1, name, "y"));
    buf_release(&b);
    const struct nn_op *op;
    for (int i = 0; (op = nn_op_row(i)); i++)
        assert_true(op->latex && op->d_latex[0]);
}

static void names_and_aliases_are_found(void **state) {
    (void)state;
    assert_ptr_equal(nn_op_find("cross_entropy"), nn_op_find("softmax_cross_entropy"));
    assert_null(nn_op_find("nada"));
    const struct nn_op *op;
    for (int i = 0; (op = nn_op_row(i)); i++)
        assert_ptr_equal(nn_op_find(op->name), op);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_agrees_with_finite_differences),
        cmocka_unit_test(float32_agrees_with_float64),
        cmocka_unit_test(gradients_add_up_over_uses),
        cmocka_unit_test(comparisons_end_the_tape),
        cmocka_unit_test(misfits_are_sentences_with_both_shapes),
        cmocka_unit_test(dtypes_are_checked),
        cmocka_unit_test(labels_outside_are_refused),
        cmocka_unit_test(formulas_are_filled),
        cmocka_unit_test(names_and_aliases_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
