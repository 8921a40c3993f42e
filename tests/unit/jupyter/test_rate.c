/* test_rate.c: the token bucket, on a clock of our own. */
#include "../../../kernel/jupyter/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void bucket(void **state) {
    (void)state;
    struct jup_rate r = {.per_second = 10, .burst = 5};
    jup_rate_reset(&r, 100);
    for (int i = 0; i < 5; i++) {
        assert_true(jup_rate_wait(&r, 100, 1) == 0);
        jup_rate_take(&r, 1);
    }
    assert_float_equal(jup_rate_wait(&r, 100, 1), 0.1, 1e-9);
    assert_float_equal(jup_rate_wait(&r, 100.05, 1), 0.05, 1e-9);
    assert_float_equal(jup_rate_wait(&r, 100.1, 1), 0, 1e-9);
    jup_rate_wait(&r, 1000, 1);
    assert_true(r.tokens == 5); /* never above the burst */
    assert_true(jup_rate_wait(&r, 1000, 1e9) == 0);
    jup_rate_take(&r, 1e9);
    assert_true(r.tokens == 0); /* never a debt */
    jup_rate_take(&r, 1);
    assert_true(r.tokens == 0);
}

/* At most burst + seconds * per_second, whatever the asking. */
static void over_time(void **state) {
    (void)state;
    struct jup_rate r = {.per_second = 500, .burst = 600};
    double now = 0;
    int sent = 0;
    jup_rate_reset(&r, now);
    for (; now < 3; now += 0.0001) {
        if (jup_rate_wait(&r, now, 1) == 0) {
            jup_rate_take(&r, 1);
            sent++;
        }
    }
    assert_in_range(sent, 2050, 2100);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(bucket),
                                       cmocka_unit_test(over_time)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
