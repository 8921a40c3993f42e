/* test_style.c: the palette reads on paper and in the cells of a matrix. */
#include "viz/style.h"

#include <math.h>

#include "check.h"

static double luminance(viz_color c) {
    double sum = 0;
    static const double weight[] = {0.2126, 0.7152, 0.0722};
    for (int i = 0; i < 3; i++) {
        double v = (c >> (16 - 8 * i) & 255) / 255.0;
        sum += weight[i] * (v <= 0.03928 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static double contrast(viz_color a, viz_color b) {
    double x = luminance(a) + 0.05, y = luminance(b) + 0.05;
    return x > y ? x / y : y / x;
}

/* WCAG 2.1 asks for 4.5 between text and what is behind it. */
static void test_text_contrast(void **state) {
    (void)state;
    static const viz_color text[] = {VIZ_INK, VIZ_MUTED, VIZ_GOOD, VIZ_BAD};
    for (size_t i = 0; i < ARRAY_LEN(text); i++)
        assert_true(contrast(text[i], VIZ_PAPER) >= 4.5);
    for (int i = 0; i <= 1000; i++) {
        viz_color cell = viz_style_sequential(i / 1000.0);
        assert_true(contrast(viz_style_text_on(cell), cell) >= 4.5);
    }
}

static void test_sequential(void **state) {
    (void)state;
    assert_int_equal(viz_style_sequential(0), VIZ_PAPER);
    assert_int_equal(viz_style_sequential(-1), VIZ_PAPER);
    assert_int_equal(viz_style_sequential(NAN), VIZ_PAPER);
    assert_int_equal(viz_style_sequential(7), viz_style_sequential(1));
    double last = 2;
    for (int i = 0; i <= 100; i++) { /* darker all the way: it reads in grey */
        double l = luminance(viz_style_sequential(i / 100.0));
        assert_true(l < last);
        last = l;
    }
}

static void test_series(void **state) {
    (void)state;
    char hex[8];
    viz_style_hex(hex, viz_style_series(VIZ_BLUE));
    assert_string_equal(hex, "#0072b2");
    for (int i = 0; i < VIZ_COLORS; i++)
        for (int k = 0; k < i; k++)
            assert_int_not_equal(viz_style_series(i), viz_style_series(k));
    assert_int_equal(viz_style_series(VIZ_COLORS), viz_style_series(0));
    assert_int_equal(viz_style_series(-1) >> 24, 255); /* any number is a colour */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_contrast),
        cmocka_unit_test(test_sequential),
        cmocka_unit_test(test_series),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
