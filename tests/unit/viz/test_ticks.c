/* test_ticks.c: where axes are marked, and how numbers are written there. */
#include "../../../kernel/display/ticks.h"

#include <math.h>

#include "check.h"

/* The labels, separated by blanks. */
static void assert_labels(const struct ticks *t, const char *want) {
    struct buf b;
    buf_init(&b, 4096);
    buf_puts(&b, "");
    for (size_t i = 0; i < t->n; i++)
        buf_printf(&b, "%s%s", i ? " " : "", t->label[i]);
    assert_string_equal(b.data, want);
    buf_release(&b);
}

static void test_linear(void **state) {
    (void)state;
    static const struct {
        double lo, hi;
        int target;
        bool integer, widen;
        const char *labels;
    } row[] = {
        {0, 1, 5, false, false, "0.0 0.2 0.4 0.6 0.8 1.0"},
        {0.087, 1.04, 6, false, true, "0.0 0.2 0.4 0.6 0.8 1.0 1.2"},
        {1, 30, 7, true, false, "1 5 10 15 20 25 30"},
        {1, 10, 7, true, false, "2 4 6 8 10"},
        {1, 3, 7, true, false, "1 2 3"},
        {1, 1000, 7, true, false, "1 200 400 600 800 1000"},
        {-2, 2, 4, false, false, "−2 −1 0 1 2"},
        {0, 60000, 6, false, false, "0 10000 20000 30000 40000 50000 60000"},
        {0, 5e6, 5, false, false, "0 1e6 2e6 3e6 4e6 5e6"},
        {0, 3e-6, 3, false, false, "0 1e−6 2e−6 3e−6"},
        {-1e300, 1e300, 4, false, false, "−1.0e300 −5e299 0 5e299 1.0e300"},
        {0.9991, 0.9999, 4, false, false, "0.9992 0.9994 0.9996 0.9998"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct ticks t;
        viz_ticks_linear(&t, row[i].lo, row[i].hi, row[i].target, row[i].integer,
                         row[i].widen);
        assert_labels(&t, row[i].labels);
        assert_true(t.min <= row[i].lo && t.max >= row[i].hi);
    }
}

static void test_nothing_to_mark(void **state) {
    (void)state;
    struct ticks t;
    viz_ticks_linear(&t, 1, 1, 5, false, true);
    assert_int_equal(t.n, 0);
    viz_ticks_linear(&t, NAN, 1, 5, false, true);
    assert_int_equal(t.n, 0);
    viz_ticks_log(&t, 0, 1, 5, true);
    assert_int_equal(t.n, 0);
    viz_ticks_log(&t, 2, 1, 5, true);
    assert_int_equal(t.n, 0);
}

static void test_log(void **state) {
    (void)state;
    struct ticks t;
    viz_ticks_log(&t, 0.02, 0.5, 5, true);
    assert_labels(&t, "0.01 0.02 0.05 0.1 0.2 0.5 1");
    viz_ticks_log(&t, 3e-4, 700, 8, true);
    assert_labels(&t, "0.0001 0.001 0.01 0.1 1 10 100 1000");
    viz_ticks_log(&t, 1e-12, 1, 4, true);
    assert_labels(&t, "10⁻¹² 10⁻⁸ 10⁻⁴ 1");
    viz_ticks_log(&t, 0.21, 0.24, 4, true);
    assert_true(t.n >= 1); /* a narrow range is marked too */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear),
        cmocka_unit_test(test_nothing_to_mark),
        cmocka_unit_test(test_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
