/* test_formula.c: formulas as one output. */
#include "viz/formula.h"

#include "check.h"

static void test_bundle(void **state) {
    (void)state;
    struct mime_bundle b;
    assert_int_equal(
        viz_formula_bundle(&b, "\\hat y = \\sigma(z)", "y_hat", NULL, NULL, NULL), 0);
    assert_int_equal(b.n, 2);
    assert_string_equal(mime_get(&b, "text/latex")->data, "$$\\hat y = \\sigma(z)$$");
    assert_string_equal(mime_get(&b, "text/plain")->data, "y_hat");
    assert_string_equal(b.metadata, "{}");
    mime_release(&b);
    assert_int_equal(viz_formula_bundle(&b, "a % b\nc\x01", NULL, NULL, NULL, NULL), 0);
    assert_string_equal(mime_get(&b, "text/latex")->data, "$$a % b\nc $$");
    mime_release(&b);
}

static void test_refused(void **state) {
    (void)state;
    struct mime_bundle b;
    struct err e = {0};
    assert_int_equal(viz_formula_bundle(&b, "", NULL, NULL, NULL, &e), ERR_ARG);
    assert_int_equal(viz_formula_bundle(&b, NULL, NULL, NULL, NULL, &e), ERR_ARG);
    assert_int_equal(viz_formula_bundle(&b, "$$x$$", NULL, NULL, NULL, &e), ERR_ARG);
    assert_has(e.msg, "$$x$$");
    assert_int_equal(b.n, 0);
}

static int make(struct mime_bundle *out, struct err *e) {
    return viz_formula_bundle(out, "x^2", NULL, NULL, NULL, e);
}

static void test_short_memory(void **state) {
    (void)state;
    check_short_memory(make, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bundle),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
