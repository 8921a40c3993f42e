/* test_report.c: precision, recall and F1 against scikit-learn's numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fail_alloc.h"
#include "nn/report.h"

#include "../../numeric/reference/metric_report.h"

#include <math.h>

/* The generator of metric_report.py. */
static void make_labels(int32_t *truth, int32_t *guess) {
    uint64_t x = 42;
    for (int i = 0; i < REF_N; i++) {
        x = (1103515245u * x + 12345u) % (1ull << 31);
        int32_t t = (int32_t)((x >> 16) % 6);
        t = t == 5 ? 6 : t;
        x = (1103515245u * x + 12345u) % (1ull << 31);
        int32_t g = (x >> 16) % 10 < 6 ? t : (int32_t)((x >> 20) % 6);
        truth[i] = t;
        guess[i] = g == 6 ? 5 : g;
    }
}

static void assert_row(const struct nn_report_row *a, const struct nn_report_row *b) {
    assert_true(fabs(a->precision - b->precision) < 1e-14);
    assert_true(fabs(a->recall - b->recall) < 1e-14);
    assert_true(fabs(a->f1 - b->f1) < 1e-14);
    assert_int_equal(a->support, b->support);
}

static struct nn_confusion *reference_confusion(void) {
    int32_t truth[REF_N], guess[REF_N];
    struct nn_confusion *c;
    make_labels(truth, guess);
    assert_int_equal(nn_confusion_new(&c, truth, guess, REF_N, REF_CLASSES, NULL), 0);
    return c;
}

static void agrees_with_scikit_learn(void **state) {
    (void)state;
    struct nn_confusion *c = reference_confusion();
    struct nn_report *r;
    assert_memory_equal(c->count, ref_confusion, sizeof ref_confusion);
    assert_int_equal(nn_report_new(&r, c, NULL), 0);
    for (size_t k = 0; k < REF_CLASSES; k++)
        assert_row(&r->row[k], &ref_rows[k]);
    assert_row(&r->macro, &ref_macro);
    assert_row(&r->weighted, &ref_weighted);
    assert_true(fabs(r->accuracy - ref_accuracy) < 1e-14);
    assert_int_equal(r->n_absent, 0);
    nn_report_free(r);
    nn_confusion_free(c);
}

/* A class that neither occurs nor was predicted does not lower the macro mean. */
static void leaves_absent_classes_out(void **state) {
    (void)state;
    struct nn_confusion *c;
    struct nn_report *r;
    const int32_t y[] = {0, 2};
    assert_int_equal(nn_confusion_new(&c, y, y, 2, 4, NULL), 0);
    assert_int_equal(nn_report_new(&r, c, NULL), 0);
    assert_int_equal(r->n_absent, 2);
    assert_true(r->macro.f1 == 1.0);
    assert_true(r->weighted.recall == 1.0);
    assert_true(r->row[1].precision == 0.0 && r->row[1].support == 0);
    nn_report_free(r);
    nn_confusion_free(c);
}

static void survives_short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        return;
    struct nn_confusion *c = reference_confusion();
    struct nn_report *r;
    struct err e;
    fail_alloc_after(0);
    int rc = nn_report_new(&r, c, &e);
    assert_true(fail_alloc_stop());
    assert_int_equal(rc, ERR_NOMEM);
    assert_null(r);
    nn_confusion_free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_scikit_learn),
        cmocka_unit_test(leaves_absent_classes_out),
        cmocka_unit_test(survives_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
