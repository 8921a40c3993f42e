/* test_shells.c: who exists and whose turn it may be. */
#include "../../../kernel/jupyter/shells.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void add_find_remove(void **state) {
    (void)state;
    struct jup_shells x = {0};
    const char *id;
    char first[37];
    assert_int_equal(jup_shells_find(&x, NULL), JUP_SHELL_PARENT);
    assert_int_equal(jup_shells_find(&x, "nobody"), JUP_SHELL_UNKNOWN);
    assert_int_equal(jup_shells_find(&x, ""), JUP_SHELL_UNKNOWN);
    assert_int_equal(jup_shells_add(&x, &id, NULL), 0);
    memcpy(first, id, sizeof first);
    assert_int_equal(jup_shells_find(&x, first), 1);
    assert_int_equal(jup_shells_add(&x, &id, NULL), 0);
    assert_int_equal(jup_shells_find(&x, id), 2);
    assert_true(jup_shells_remove(&x, first));
    assert_false(jup_shells_remove(&x, first));
    assert_null(jup_shells_get(&x, 1));
    assert_int_equal(jup_shells_get(&x, 2)->number, 2);
    assert_int_equal(jup_shells_get(&x, 0)->number, 0);
    assert_int_equal(jup_shells_add(&x, &id, NULL), 0); /* a number is not used twice */
    assert_int_equal(jup_shells_find(&x, id), 3);
}

static void the_parent_stays(void **state) {
    (void)state;
    struct jup_shells x = {0};
    assert_false(jup_shells_remove(&x, ""));
    assert_int_equal(jup_shells_find(&x, NULL), JUP_SHELL_PARENT);
}

static void a_limit(void **state) {
    (void)state;
    struct jup_shells x = {0};
    const char *id;
    struct err e = {0};
    for (int i = 0; i < JUP_SHELLS_MAX; i++)
        assert_int_equal(jup_shells_add(&x, &id, &e), 0);
    assert_int_equal(jup_shells_add(&x, &id, &e), ERR_RANGE);
    assert_null(id);
    assert_non_null(strstr(e.msg, "64"));
}

static void turns(void **state) {
    (void)state;
    struct jup_shells x = {0};
    assert_true(jup_shells_free(&x, 0) && jup_shells_free(&x, 1));
    jup_shells_begin(&x, 0);
    assert_false(jup_shells_free(&x, 0));
    assert_true(jup_shells_free(&x, 1) && jup_shells_free(&x, JUP_SHELL_UNKNOWN));
    jup_shells_begin(&x, 1);
    assert_false(jup_shells_free(&x, 0) || jup_shells_free(&x, 1));
    jup_shells_end(&x);
    assert_true(jup_shells_free(&x, 1));
    for (int i = 1; i <= JUP_VISITS_MAX; i++) {
        assert_true(jup_shells_free(&x, 99)); /* one more inside */
        jup_shells_begin(&x, i);
    }
    assert_false(jup_shells_free(&x, 99));
    for (int i = 0; i < JUP_VISITS_MAX + 5; i++)
        jup_shells_end(&x); /* more often than begun: harmless */
    assert_true(jup_shells_free(&x, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add_find_remove), cmocka_unit_test(the_parent_stays),
        cmocka_unit_test(a_limit), cmocka_unit_test(turns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
