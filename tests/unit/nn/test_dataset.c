/* test_dataset.c: describing, proving, splitting a data set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fail_alloc.h"
#include "nn/dataset.h"

#include <math.h>

static struct err e;

/* n_train examples of (2, 1, 1) bytes that hold their own number; class i % 3 for all but
 * every tenth, which is class 3. Test part: half as many. */
static struct nn_dataset *small_set(size_t n) {
    struct nn_dataset *d;
    const char *es[] = {"uno", "dos", "tres", "cuatro"};
    assert_int_equal(nn_dataset_new(&d, "prueba", &e), 0);
    assert_int_equal(nn_dataset_set_classes(d, 4, es, NULL, &e), 0);
    for (int part = 0; part < 2; part++) {
        struct nn_tensor **x = part ? &d->x_test : &d->x_train;
        struct nn_tensor **y = part ? &d->y_test : &d->y_train;
        size_t m = part ? n / 2 : n;
        assert_int_equal(nn_tensor_new(x, NN_U8, 4, (size_t[]){m, 2, 1, 1}, &e), 0);
        assert_int_equal(nn_tensor_new(y, NN_I32, 1, &m, &e), 0);
        for (size_t i = 0; i < m; i++) {
            nn_tensor_u8(*x)[2 * i] = (unsigned char)(i % 256);
            nn_tensor_u8(*x)[2 * i + 1] = (unsigned char)(i / 256);
            nn_tensor_i32(*y)[i] = i % 10 == 9 ? 3 : (int32_t)(i % 3);
        }
    }
    d->input.scale = 1.0f / 255.0f;
    return d;
}

static size_t number_of(const struct nn_tensor *x, size_t i) {
    return nn_tensor_u8(x)[2 * i] + 256u * nn_tensor_u8(x)[2 * i + 1];
}

static void describes_itself(void **state) {
    (void)state;
    struct nn_dataset *d = small_set(100);
    assert_string_equal(d->name, "prueba");
    assert_string_equal(d->classes[3], "cuatro");
    assert_string_equal(d->classes_en[0], "uno");
    assert_int_equal(nn_dataset_note(d, "Una.", &e), 0);
    assert_int_equal(nn_dataset_note(d, "Dos.", &e), 0);
    assert_string_equal(d->notes, "Una.\nDos.");
    size_t counts[4];
    assert_int_equal(nn_dataset_class_counts(counts, 4, d->y_train, &e), 0);
    assert_int_equal(counts[3], 10);
    assert_int_equal(counts[0] + counts[1] + counts[2], 90);
    assert_int_equal(nn_dataset_class_counts(counts, 3, d->y_train, &e), ERR_RANGE);
    assert_string_equal(e.msg, "la etiqueta 3 en la posición 10 está fuera de 0..2");
    assert_int_equal(nn_dataset_class_counts(counts, 4, d->x_train, &e), ERR_DTYPE);
    assert_ptr_equal(nn_dataset_retain(d), d);
    nn_dataset_release(d);
    nn_dataset_release(d);
    nn_dataset_release(NULL);
}

static void measures_mean_and_deviation(void **state) {
    (void)state;
    struct nn_tensor *x, *f;
    double mean, std;
    assert_int_equal(nn_tensor_new(&x, NN_U8, 1, (size_t[]){4}, &e), 0);
    memcpy(x->data, (unsigned char[]){0, 0, 10, 30}, 4);
    nn_dataset_mean_std(&mean, &std, x, 0.1f, 1.0f);
    assert_true(fabs(mean - 2.0) < 1e-7);
    assert_true(fabs(std - 1.224744871) < 1e-7); /* sqrt(150) / 10 */
    assert_int_equal(nn_tensor_cast(&f, x, NN_F32, &e), 0);
    nn_dataset_mean_std(&mean, &std, f, 0.1f, 1.0f);
    assert_true(fabs(mean - 2.0) < 1e-7 && fabs(std - 1.224744871) < 1e-7);
    nn_tensor_release(x);
    nn_tensor_release(f);
}

static void proves_that_parts_fit(void **state) {
    (void)state;
    struct nn_dataset *d = small_set(20);
    assert_int_equal(nn_dataset_check(d, &e), 0);
    struct nn_dataset *s;
    assert_int_equal(nn_dataset_split(&s, d, 0.5, 1, &e), 0);
    nn_tensor_i32(s->y_valid)[2] = -1;
    assert_int_equal(nn_dataset_check(s, &e), ERR_RANGE);
    assert_non_null(strstr(e.msg, "la etiqueta -1 en la posición 3 de y_valid"));
    nn_dataset_release(s);
    nn_tensor_i32(d->y_test)[4] = 4;
    assert_int_equal(nn_dataset_check(d, &e), ERR_RANGE);
    assert_string_equal(
        e.msg, "prueba: la etiqueta 4 en la posición 5 de y_test está fuera de 0..3");
    nn_tensor_release(d->y_test);
    assert_int_equal(nn_tensor_new(&d->y_test, NN_I32, 1, (size_t[]){9}, &e), 0);
    assert_int_equal(nn_dataset_check(d, &e), ERR_SHAPE);
    assert_non_null(strstr(e.msg, "x_test tiene 10 ejemplos e y_test tiene 9 etiquetas"));
    nn_tensor_release(d->x_test);
    assert_int_equal(nn_tensor_new(&d->x_test, NN_U8, 2, (size_t[]){9, 2}, &e), 0);
    assert_int_equal(nn_dataset_check(d, &e), ERR_SHAPE);
    assert_non_null(strstr(e.msg, "x_test tiene forma (9, 2) y x_train (20, 2, 1, 1)"));
    nn_tensor_release(d->y_test);
    d->y_test = NULL;
    assert_int_equal(nn_dataset_check(d, &e), ERR_SHAPE);
    nn_tensor_release(d->x_test);
    d->x_test = NULL;
    assert_int_equal(nn_dataset_check(d, &e), 0);
    nn_tensor_release(d->y_train);
    assert_int_equal(nn_tensor_new(&d->y_train, NN_F32, 1, (size_t[]){20}, &e), 0);
    assert_int_equal(nn_dataset_check(d, &e), ERR_DTYPE);
    nn_tensor_release(d->x_train);
    d->x_train = NULL;
    assert_int_equal(nn_dataset_check(d, &e), ERR_SHAPE);
    nn_dataset_release(d);
    assert_int_equal(nn_dataset_new(&d, "x", &e), 0);
    assert_int_equal(nn_dataset_set_classes(d, 10001, NULL, NULL, &e), ERR_RANGE);
    nn_dataset_release(d);
}

/* Every example lands in exactly one part, each class in proportion, in original order. */
static void splits_class_by_class(void **state) {
    (void)state;
    struct nn_dataset *d = small_set(1000), *s, *again, *other;
    assert_int_equal(nn_dataset_split(&s, d, 0.2, 5, &e), 0);
    assert_int_equal(s->y_train->n, 800);
    assert_int_equal(s->y_valid->n, 200);
    assert_ptr_equal(s->x_test, d->x_test);
    assert_int_equal(nn_dataset_check(s, &e), 0);
    size_t counts[4], all[4];
    assert_int_equal(nn_dataset_class_counts(counts, 4, s->y_valid, &e), 0);
    assert_int_equal(nn_dataset_class_counts(all, 4, d->y_train, &e), 0);
    for (int k = 0; k < 4; k++)
        assert_int_equal(counts[k], all[k] / 5);
    bool seen[1000] = {false};
    for (size_t part = 0; part < 2; part++) {
        const struct nn_tensor *x = part ? s->x_valid : s->x_train;
        const struct nn_tensor *y = part ? s->y_valid : s->y_train;
        for (size_t i = 0; i < y->n; i++) {
            size_t k = number_of(x, i);
            assert_false(seen[k]);
            seen[k] = true;
            assert_int_equal(nn_tensor_i32(y)[i], nn_tensor_i32(d->y_train)[k]);
            assert_true(i == 0 || number_of(x, i - 1) < k);
        }
    }
    assert_int_equal(nn_dataset_split(&again, d, 0.2, 5, &e), 0);
    assert_int_equal(nn_dataset_split(&other, d, 0.2, 6, &e), 0);
    assert_memory_equal(again->x_valid->data, s->x_valid->data, 400);
    assert_memory_not_equal(other->x_valid->data, s->x_valid->data, 400);
    nn_dataset_release(again);
    nn_dataset_release(other);
    nn_dataset_release(s);
    nn_dataset_release(d);
}

static void refuses_impossible_splits(void **state) {
    (void)state;
    struct nn_dataset *d = small_set(20), *s;
    const double bad[] = {0, 1, -0.5, 1.5, NAN, 0.001, 0.999};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(nn_dataset_split(&s, d, bad[i], 1, &e), ERR_RANGE);
        assert_null(s);
    }
    assert_string_equal(e.msg, "la fracción 0.999 de 20 ejemplos deja una parte vacía");
    nn_tensor_i32(d->y_train)[3] = -2;
    assert_int_equal(nn_dataset_split(&s, d, 0.5, 1, &e), ERR_RANGE);
    nn_dataset_release(d);
}

/* Without classes the rows are drawn at random from the whole. */
static void splits_a_regression(void **state) {
    (void)state;
    struct nn_tensor *y;
    size_t rows[50], n_first;
    bool seen[50] = {false};
    assert_int_equal(nn_tensor_new(&y, NN_F32, 1, (size_t[]){50}, &e), 0);
    assert_int_equal(nn_dataset_split_rows(rows, &n_first, y, 0.3, 1, &e), 0);
    assert_int_equal(n_first, 35);
    for (size_t i = 0; i < 50; i++) {
        assert_false(seen[rows[i]]);
        seen[rows[i]] = true;
    }
    nn_tensor_release(y);
}

static void takes_a_subset(void **state) {
    (void)state;
    struct nn_dataset *d = small_set(1000), *s;
    size_t counts[4];
    assert_int_equal(nn_dataset_subset(&s, d, 100, 0, 1, &e), 0);
    assert_int_equal(s->y_train->n, 100);
    assert_ptr_equal(s->x_test, d->x_test);
    assert_true(s->input.scale == d->input.scale);
    assert_int_equal(nn_dataset_class_counts(counts, 4, s->y_train, &e), 0);
    assert_int_equal(counts[3], 10);
    for (int k = 0; k < 3; k++)
        assert_int_equal(counts[k], 30);
    nn_dataset_release(s);
    assert_int_equal(nn_dataset_subset(&s, d, 1000, 7, 1, &e), 0);
    assert_ptr_equal(s->x_train, d->x_train);
    assert_int_equal(s->y_test->n, 7);
    nn_dataset_release(s);
    assert_int_equal(nn_dataset_subset(&s, d, 1001, 0, 1, &e), ERR_RANGE);
    assert_string_equal(e.msg, "subset: se piden 1001 ejemplos y x_train tiene 1000");
    nn_tensor_release(d->x_test);
    nn_tensor_release(d->y_test);
    d->x_test = d->y_test = NULL;
    assert_int_equal(nn_dataset_subset(&s, d, 5, 5, 1, &e), ERR_RANGE);
    assert_null(s);
    nn_dataset_release(d);
}

static int split_and_cut(struct nn_dataset **out, const struct nn_dataset *d) {
    struct nn_dataset *s = NULL, *c = NULL;
    int rc = nn_dataset_split(&s, d, 0.25, 1, &e);
    if (rc == 0)
        rc = nn_dataset_cut_test(&c, s, 0.25, 1, &e);
    if (rc == 0)
        rc = nn_dataset_subset(out, c, 10, 2, 1, &e);
    nn_dataset_release(s);
    nn_dataset_release(c);
    return rc;
}

static void survives_short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        return;
    struct nn_dataset *d = small_set(40), *s = NULL;
    const char *names[] = {"a", "b"};
    assert_int_equal(nn_dataset_note(d, "Nota.", &e), 0);
    assert_int_equal(nn_dataset_set_features(d, 2, names, &e), 0);
    for (long k = 0;; k++) {
        fail_alloc_after(k);
        int rc = split_and_cut(&s, d);
        if (!fail_alloc_stop()) {
            assert_int_equal(rc, 0);
            assert_string_equal(s->notes, "Nota.");
            assert_string_equal(s->features[1], "b");
            break;
        }
        assert_int_equal(rc, ERR_NOMEM);
        assert_null(s);
    }
    nn_dataset_release(s);
    nn_dataset_release(d);
    assert_int_equal(nn_memory_in_use(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(describes_itself),
        cmocka_unit_test(measures_mean_and_deviation),
        cmocka_unit_test(proves_that_parts_fit),
        cmocka_unit_test(splits_class_by_class),
        cmocka_unit_test(refuses_impossible_splits),
        cmocka_unit_test(splits_a_regression),
        cmocka_unit_test(takes_a_subset),
        cmocka_unit_test(survives_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
