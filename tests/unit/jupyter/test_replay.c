/* test_replay.c: what was seen is refused, for a long while; old ones are forgotten. */
#include "../../../kernel/jupyter/replay.h"

#include "../fail_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static bool accept_number(struct jup_replay *r, unsigned long n) {
    char hex[33];
    snprintf(hex, sizeof hex, "%016lx0123456789abcdef", n * 0x9E3779B97F4A7C15ul);
    return jup_replay_accept(r, hex);
}

static void remembers(void **state) {
    (void)state;
    struct jup_replay r;
    jup_replay_init(&r);
    for (unsigned long n = 0; n < 100000; n++) {
        assert_true(accept_number(&r, n));
        assert_false(accept_number(&r, n));
        if (n >= JUP_REPLAY_KEEP)
            assert_false(accept_number(&r, n - JUP_REPLAY_KEEP + 1));
        assert_true(r.recent.cap <= 4 * (size_t)JUP_REPLAY_KEEP);
    }
    assert_true(accept_number(&r, 0)); /* forgotten: memory has an end */
    jup_replay_release(&r);
}

static void zero_is_a_signature(void **state) {
    (void)state;
    struct jup_replay r;
    jup_replay_init(&r);
    assert_true(jup_replay_accept(&r, "0000000000000000"));
    assert_false(jup_replay_accept(&r, "0000000000000000"));
    jup_replay_release(&r);
}

static void short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    struct jup_replay r;
    jup_replay_init(&r);
    fail_alloc_after(0);
    assert_false(accept_number(&r, 7)); /* refused rather than open to a replay */
    assert_true(fail_alloc_stop());
    assert_true(accept_number(&r, 7));
    jup_replay_release(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(remembers),
                                       cmocka_unit_test(zero_is_a_signature),
                                       cmocka_unit_test(short_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
