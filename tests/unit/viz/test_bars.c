/* test_bars.c: bars with names and values. */
#include "viz/bars.h"
#include "viz/style.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"

static const char *const names[] = {"camiseta", "pantalón", "bota", NULL};
static const double values[] = {100, 50, 0, -3};
static const struct viz_bars sample = {
    .title = "Ejemplos por clase", .names = names, .values = values, .n = 4};

static void test_text(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 10000);
    assert_int_equal(viz_bars_text(&b, &sample, NULL), 0);
    assert_string_equal(b.data, "Ejemplos por clase\n"
                                "camiseta  100  ##############################\n"
                                "pantalón   50  ###############\n"
                                "bota        0\n"
                                "           -3\n");
    buf_release(&b);
}

static void test_scene(void **state) {
    (void)state;
    struct viz_scene *s = NULL;
    struct buf b;
    buf_init(&b, 100000);
    assert_int_equal(viz_bars_scene(&s, &sample, NULL), 0);
    assert_int_equal(viz_scene_dump(s, &b, NULL), 0);
    assert_int_equal(occurrences(b.data, "\nrect"), 2); /* none for 0 and -3 */
    assert_has(b.data, "\"100\"");
    assert_has(b.data, "\"-3\"");
    viz_scene_free(s);
    buf_release(&b);
}

static void test_odd_values(void **state) {
    (void)state;
    static const double odd[] = {NAN, INFINITY, 1e30, 0.12345};
    struct viz_bars bars = sample;
    struct mime_bundle b;
    bars.values = odd;
    bars.decimals = 3;
    bars.xlabel = "valor";
    assert_int_equal(viz_bars_bundle(&b, &bars, NULL), 0);
    assert_int_equal(b.n, 4);
    assert_has(mime_get(&b, "text/plain")->data, "nan");
    assert_has(mime_get(&b, "text/plain")->data, "0.123");
    mime_release(&b);
}

static void test_refused(void **state) {
    (void)state;
    struct mime_bundle b;
    struct err e = {0};
    struct viz_bars bars = sample;
    bars.n = 0;
    assert_int_equal(viz_bars_bundle(&b, &bars, &e), ERR_ARG);
    bars.n = VIZ_BARS_MAX + 1;
    assert_int_equal(viz_bars_bundle(&b, &bars, &e), ERR_ARG);
    assert_has(e.msg, "201");
    assert_int_equal(b.n, 0);
}

static int make(struct mime_bundle *out, struct err *e) {
    return viz_bars_bundle(out, &sample, e);
}

static void test_short_memory(void **state) {
    (void)state;
    check_short_memory(make, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),         cmocka_unit_test(test_scene),
        cmocka_unit_test(test_odd_values),   cmocka_unit_test(test_refused),
        cmocka_unit_test(test_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
