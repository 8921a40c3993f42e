/* test_confusion.c: counting, refusals, most confused pairs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fail_alloc.h"
#include "nn/confusion.h"

static const int32_t truth[] = {0, 0, 1, 1, 1, 2, 2, 2, 2};
static const int32_t guess[] = {0, 1, 1, 2, 2, 2, 0, 2, 1};

static void counts_rows_true_columns_predicted(void **state) {
    (void)state;
    struct nn_confusion *c;
    assert_int_equal(nn_confusion_new(&c, truth, guess, 9, 3, NULL), 0);
    const size_t want[9] = {1, 1, 0, 0, 1, 2, 1, 1, 2};
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(c->count[i], want[i]);
    assert_int_equal(nn_confusion_get(c, 1, 2), 2);
    assert_int_equal(c->total, 9);
    assert_int_equal(c->correct, 4);
    assert_true(nn_confusion_accuracy(c) == 4.0 / 9.0);
    assert_true(nn_confusion_accuracy_score(truth, guess, 9) == 4.0 / 9.0);
    nn_confusion_free(c);
}

static void finds_the_number_of_classes(void **state) {
    (void)state;
    struct nn_confusion *c;
    assert_int_equal(
        nn_confusion_new(&c, (int32_t[]){0, 1}, (int32_t[]){6, 1}, 2, 0, NULL), 0);
    assert_int_equal(c->n_classes, 7);
    assert_int_equal(nn_confusion_get(c, 0, 6), 1);
    nn_confusion_free(c);
}

static void refuses_labels_outside(void **state) {
    (void)state;
    struct nn_confusion *c;
    struct err e;
    int rc =
        nn_confusion_new(&c, truth, (int32_t[]){0, 1, 3, 0, 0, 0, 0, 0, 0}, 9, 3, &e);
    assert_int_equal(rc, ERR_RANGE);
    assert_null(c);
    assert_string_equal(e.msg, "confusion_matrix: la etiqueta 3 en la posición 3 de "
                               "y_pred está fuera de 0..2");
    rc = nn_confusion_new(&c, (int32_t[]){-1}, (int32_t[]){0}, 1, 0, &e);
    assert_int_equal(rc, ERR_RANGE);
    assert_non_null(strstr(e.msg, "-1 en la posición 1 de y_true"));
    assert_int_equal(nn_confusion_new(&c, truth, guess, 0, 3, &e), ERR_ARG);
    assert_int_equal(nn_confusion_new(&c, truth, guess, 9, 10001, &e), ERR_RANGE);
    assert_true(nn_confusion_accuracy_score(truth, guess, 0) == 0.0);
}

static void names_the_most_confused_pairs(void **state) {
    (void)state;
    struct nn_confusion *c;
    assert_int_equal(nn_confusion_new(&c, truth, guess, 9, 3, NULL), 0);
    struct nn_confused p[9];
    assert_int_equal(nn_confusion_top(c, p, 9), 4);
    assert_int_equal(p[0].truth, 1);
    assert_int_equal(p[0].predicted, 2);
    assert_int_equal(p[0].count, 2);
    const size_t order[3][2] = {{0, 1}, {2, 0}, {2, 1}}; /* equal counts: row order */
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(p[i + 1].truth, order[i][0]);
        assert_int_equal(p[i + 1].predicted, order[i][1]);
        assert_int_equal(p[i + 1].count, 1);
    }
    assert_int_equal(nn_confusion_top(c, p, 2), 2);
    assert_int_equal(p[0].count, 2);
    assert_int_equal(p[1].truth, 0);
    assert_int_equal(nn_confusion_top(c, p, 0), 0);
    nn_confusion_free(c);
}

static void survives_short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        return;
    for (long n = 0;; n++) {
        struct nn_confusion *c;
        struct err e;
        fail_alloc_after(n);
        int rc = nn_confusion_new(&c, truth, guess, 9, 3, &e);
        if (!fail_alloc_stop()) {
            assert_int_equal(rc, 0);
            nn_confusion_free(c);
            break;
        }
        assert_int_equal(rc, ERR_NOMEM);
        assert_null(c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_rows_true_columns_predicted),
        cmocka_unit_test(finds_the_number_of_classes),
        cmocka_unit_test(refuses_labels_outside),
        cmocka_unit_test(names_the_most_confused_pairs),
        cmocka_unit_test(survives_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
