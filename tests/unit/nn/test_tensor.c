/* test_tensor.c: shapes, views, conversions, the ceiling, and short memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "../fail_alloc.h"
#include "nn/tensor.h"

#define SHAPE(...) (int)ARRAY_LEN(((size_t[]){__VA_ARGS__})), ((size_t[]){__VA_ARGS__})

static struct nn_tensor *make(enum nn_dtype d, int ndim, const size_t *shape) {
    struct nn_tensor *t;
    struct err e = {0};
    assert_int_equal(nn_tensor_new(&t, d, ndim, shape, &e), 0);
    return t;
}

static void new_is_zeroed_and_aligned(void **state) {
    (void)state;
    size_t before = nn_memory_in_use();
    static const size_t sides[] = {1, 3, 100, 1100};
    for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
        struct nn_tensor *t = make(NN_F64, SHAPE(sides[i], sides[i]));
        assert_int_equal(t->n, sides[i] * sides[i]);
        assert_int_equal((uintptr_t)t->data % NN_ALIGN, 0);
        for (size_t j = 0; j < t->n; j++)
            assert_true(nn_tensor_f64(t)[j] == 0);
        assert_true(nn_memory_in_use() >= before + t->n * sizeof(double));
        nn_tensor_release(t);
    }
    assert_int_equal(nn_memory_in_use(), before);
}

static void scalar_and_empty(void **state) {
    (void)state;
    struct nn_tensor *t;
    assert_int_equal(nn_tensor_scalar(&t, NN_F32, 2.5, NULL), 0);
    assert_int_equal(t->ndim, 0);
    assert_int_equal(t->n, 1);
    assert_true(nn_tensor_get(t, 0) == 2.5);
    nn_tensor_release(t);
    t = make(NN_I32, SHAPE(3, 0, SIZE_MAX));
    assert_int_equal(t->n, 0);
    assert_non_null(t->data);
    nn_tensor_release(t);
    nn_tensor_release(NULL);
    assert_null(nn_tensor_retain(NULL));
}

static void impossible_shapes(void **state) {
    (void)state;
    struct nn_tensor *t;
    struct err e = {0};
    assert_int_equal(nn_tensor_new(&t, NN_F32, 7, (size_t[7]){1}, &e), ERR_ARG);
    assert_null(t);
    assert_int_equal(nn_tensor_new(&t, NN_F32, -1, NULL, &e), ERR_ARG);
    assert_int_equal(nn_tensor_new(&t, NN_F32, SHAPE(SIZE_MAX, 2), &e), ERR_RANGE);
    assert_int_equal(nn_tensor_new(&t, NN_F64, SHAPE(SIZE_MAX / 8), &e), ERR_RANGE);
    assert_null(t);
    assert_non_null(strstr(e.msg, "(2305843009213693951,)"));
}

static void over_the_limit(void **state) {
    (void)state;
    struct nn_tensor *t, *half;
    struct err e = {0};
    size_t limit = nn_memory_limit();
    assert_true(limit > (64u << 20));
    nn_memory_set_limit(nn_memory_in_use() + 1000000);
    assert_int_equal(nn_tensor_new(&t, NN_F32, SHAPE(500, 501), &e), ERR_NOMEM);
    assert_null(t);
    assert_non_null(strstr(e.msg, "(500, 501)"));
    assert_non_null(strstr(e.msg, "1002000 bytes"));
    half = make(NN_F32, SHAPE(150000));
    assert_int_equal(nn_tensor_new(&t, NN_F32, SHAPE(150000), &e), ERR_NOMEM);
    nn_tensor_release(half);
    half = make(NN_F32, SHAPE(150000));
    nn_tensor_release(half);
    nn_memory_set_limit(limit);
}

static void views_keep_the_memory_alive(void **state) {
    (void)state;
    size_t before = nn_memory_in_use();
    struct nn_tensor *t = make(NN_F32, SHAPE(6, 4)), *flat, *rows, *none;
    struct err e = {0};
    for (size_t i = 0; i < t->n; i++)
        nn_tensor_set(t, i, (double)i);
    assert_int_equal(nn_tensor_reshape(&flat, t, SHAPE(2, 12), &e), 0);
    assert_int_equal(nn_tensor_rows(&rows, t, 2, 3, &e), 0);
    assert_int_equal(nn_tensor_rows(&none, rows, 3, 0, &e), 0);
    nn_tensor_release(t);
    nn_tensor_release(flat);
    assert_int_equal(rows->shape[0], 3);
    assert_int_equal(rows->n, 12);
    assert_true(nn_tensor_get(rows, 0) == 8 && nn_tensor_get(rows, 11) == 19);
    assert_int_equal(none->n, 0);
    nn_tensor_release(rows);
    assert_true(nn_memory_in_use() > before);
    nn_tensor_release(none);
    assert_int_equal(nn_memory_in_use(), before);
}

static void views_that_do_not_fit(void **state) {
    (void)state;
    struct nn_tensor *t = make(NN_F32, SHAPE(6, 4)), *v;
    struct err e = {0};
    assert_int_equal(nn_tensor_reshape(&v, t, SHAPE(5, 5), &e), ERR_SHAPE);
    assert_null(v);
    assert_non_null(strstr(e.msg, "(6, 4)"));
    assert_non_null(strstr(e.msg, "(5, 5)"));
    assert_int_equal(nn_tensor_rows(&v, t, 5, 2, &e), ERR_RANGE);
    assert_int_equal(nn_tensor_rows(&v, t, 7, 0, &e), ERR_RANGE);
    assert_int_equal(nn_tensor_rows(&v, t, 1, SIZE_MAX, &e), ERR_RANGE);
    assert_null(v);
    nn_tensor_release(t);
    assert_int_equal(nn_tensor_scalar(&t, NN_F32, 1, &e), 0);
    assert_int_equal(nn_tensor_rows(&v, t, 0, 1, &e), ERR_RANGE);
    nn_tensor_release(t);
}

static void copies_and_casts(void **state) {
    (void)state;
    struct err e = {0};
    struct nn_tensor *t = make(NN_F64, SHAPE(4)), *c;
    static const double v[] = {1.9, 0, 255.5, -0.5};
    for (size_t i = 0; i < 4; i++)
        nn_tensor_set(t, i, v[i]);
    assert_int_equal(nn_tensor_copy(&c, t, &e), 0);
    assert_memory_equal(c->data, t->data, sizeof v);
    assert_true(nn_tensor_same_shape(c, t));
    nn_tensor_release(c);
    assert_int_equal(nn_tensor_cast(&c, t, NN_U8, &e), 0);
    assert_memory_equal(c->data, ((unsigned char[]){1, 0, 255, 0}), 4);
    nn_tensor_release(c);
    nn_tensor_set(t, 2, 256);
    assert_int_equal(nn_tensor_cast(&c, t, NN_U8, &e), ERR_RANGE);
    assert_null(c);
    assert_non_null(strstr(e.msg, "256"));
    assert_int_equal(nn_tensor_cast(&c, t, NN_I32, &e), 0);
    assert_true(nn_tensor_get(c, 2) == 256);
    nn_tensor_release(c);
    nn_tensor_set(t, 2, NAN);
    assert_int_equal(nn_tensor_cast(&c, t, NN_I32, &e), ERR_RANGE);
    assert_int_equal(nn_tensor_cast(&c, t, NN_F32, &e), 0);
    assert_true(isnan(nn_tensor_get(c, 2)) && c->dtype == NN_F32);
    nn_tensor_release(c);
    nn_tensor_release(t);
}

static void fill_and_set(void **state) {
    (void)state;
    struct nn_tensor *t = make(NN_U8, SHAPE(3)), *f = make(NN_F32, SHAPE(3, 1));
    nn_tensor_fill(t, 300);
    assert_int_equal(nn_tensor_u8(t)[2], 255);
    nn_tensor_set(t, 0, NAN);
    assert_int_equal(nn_tensor_u8(t)[0], 0);
    nn_tensor_fill(f, -2);
    assert_true(nn_tensor_get(f, 2) == -2);
    assert_false(nn_tensor_same_shape(t, f));
    nn_tensor_release(t);
    nn_tensor_release(f);
}

static void shape_text(void **state) {
    (void)state;
    char text[NN_SHAPE_TEXT];
    assert_string_equal(nn_shape_text(text, 0, NULL), "()");
    assert_string_equal(nn_shape_text(text, SHAPE(3)), "(3,)");
    assert_string_equal(nn_shape_text(text, SHAPE(64, 784)), "(64, 784)");
    const size_t most = SIZE_MAX;
    nn_shape_text(text, SHAPE(most, most, most, most, most, most));
    assert_true(strlen(text) < NN_SHAPE_TEXT);
    assert_int_equal(text[strlen(text) - 1], ')');
}

static int everything(struct err *e) {
    struct nn_tensor *t = NULL, *copy = NULL, *cast = NULL, *view = NULL, *rows = NULL;
    int rc = nn_tensor_new(&t, NN_F32, SHAPE(4, 4), e);
    if (rc == 0)
        rc = nn_tensor_copy(&copy, t, e);
    if (rc == 0)
        rc = nn_tensor_cast(&cast, t, NN_F64, e);
    if (rc == 0)
        rc = nn_tensor_reshape(&view, t, SHAPE(16), e);
    if (rc == 0)
        rc = nn_tensor_rows(&rows, t, 0, 2, e);
    nn_tensor_release(t);
    nn_tensor_release(copy);
    nn_tensor_release(cast);
    nn_tensor_release(view);
    nn_tensor_release(rows);
    return rc;
}

static void every_allocation_fails_once(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    size_t before = nn_memory_in_use();
    for (long n = 0;; n++) {
        struct err e = {0};
        fail_alloc_after(n);
        int rc = everything(&e);
        bool failed = fail_alloc_stop();
        assert_int_equal(nn_memory_in_use(), before);
        if (!failed) {
            assert_int_equal(rc, 0);
            assert_true(n >= 10);
            break;
        }
        assert_int_equal(rc, ERR_NOMEM);
        assert_true(e.msg[0] != '\0');
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_is_zeroed_and_aligned),
        cmocka_unit_test(scalar_and_empty),
        cmocka_unit_test(impossible_shapes),
        cmocka_unit_test(over_the_limit),
        cmocka_unit_test(views_keep_the_memory_alive),
        cmocka_unit_test(views_that_do_not_fit),
        cmocka_unit_test(copies_and_casts),
        cmocka_unit_test(fill_and_set),
        cmocka_unit_test(shape_text),
        cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
