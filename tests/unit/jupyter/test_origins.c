/* test_origins.c: output finds the request that it belongs to, and no other. */
#include "../../../kernel/jupyter/origins.h"

#include "base/util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct jup_origin *begin(struct jup_origins *x) {
    struct jup_origin *o = jup_origin_new(copy_text("{}"), 2, NULL, 0);
    jup_origins_begin(x, o);
    return o;
}

static bool finds(struct jup_origins *x, uint64_t number, const struct jup_origin *want) {
    struct jup_origin *o = jup_origins_find(x, number);
    bool same = o == want;
    jup_origin_unref(o);
    return same;
}

static void current_late_and_none(void **state) {
    (void)state;
    struct jup_origins x;
    assert_int_equal(jup_origins_init(&x, NULL), 0);
    assert_true(finds(&x, 0, x.none)); /* nothing runs: not the latest cell */
    struct jup_origin *a = begin(&x);
    uint64_t late = jup_origins_number(&x);
    assert_true(finds(&x, 0, a) && finds(&x, late, a));
    jup_origins_end(&x, NULL);
    assert_true(finds(&x, 0, x.none) && finds(&x, late, a));
    assert_true(finds(&x, jup_origins_number(&x), x.none));
    struct jup_origin *b = begin(&x);
    assert_true(finds(&x, 0, b) && finds(&x, late, a) && finds(&x, late + 99, x.none));
    jup_origins_end(&x, NULL);
    jup_origin_unref(a);
    jup_origin_unref(b);
    jup_origins_release(&x);
}

/* A visit: the outer request speaks again when the inner one is done. */
static void one_inside_of_another(void **state) {
    (void)state;
    struct jup_origins x;
    assert_int_equal(jup_origins_init(&x, NULL), 0);
    struct jup_origin *a = begin(&x);
    struct jup_origin *b = jup_origin_new(copy_text("{}"), 2, NULL, 0);
    assert_ptr_equal(jup_origins_begin(&x, b), a);
    assert_true(finds(&x, 0, b));
    jup_origins_end(&x, a);
    assert_true(finds(&x, 0, a));
    jup_origins_end(&x, NULL);
    assert_true(finds(&x, 0, x.none));
    jup_origin_unref(a);
    jup_origin_unref(b);
    jup_origins_release(&x);
}

static void memory_has_an_end(void **state) {
    (void)state;
    struct jup_origins x;
    assert_int_equal(jup_origins_init(&x, NULL), 0);
    uint64_t first = 0, last = 0;
    for (int i = 0; i < JUP_ORIGINS_KEPT + 1; i++) {
        jup_origin_unref(begin(&x));
        last = jup_origins_number(&x);
        assert_int_equal(jup_origins_number(&x), last); /* asked twice, kept once */
        if (i == 0)
            first = last;
        jup_origins_end(&x, NULL);
    }
    assert_true(finds(&x, first, x.none));
    assert_false(finds(&x, first + 1, x.none));
    assert_false(finds(&x, last, x.none));
    jup_origins_release(&x);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(current_late_and_none),
                                       cmocka_unit_test(one_inside_of_another),
                                       cmocka_unit_test(memory_has_an_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
