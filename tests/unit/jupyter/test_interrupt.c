/* test_interrupt.c: an interrupt concerns the request in execution and nothing else. */
#include "../../../kernel/jupyter/interrupt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/eventfd.h>

#include <cmocka.h>

static int hits;

static void count(void *self) {
    (void)self;
    hits++;
}

static const struct interp interp = {.interrupt = count};

static int set_up(void **state) {
    static struct jup_interrupt x;
    *state = &x;
    hits = 0;
    int rc = jup_interrupt_init(&x, NULL);
    x.interp = &interp;
    jup_interrupt_install(&x);
    return rc;
}

static int tear_down(void **state) {
    jup_interrupt_uninstall(*state);
    jup_interrupt_release(*state);
    return 0;
}

static void by_message(struct jup_interrupt *x) {
    jup_interrupt_now(x);
}

static void by_signal(struct jup_interrupt *x) {
    (void)x;
    raise(SIGINT);
}

static void all_states(struct jup_interrupt *x,
                       void (*interrupt)(struct jup_interrupt *)) {
    interrupt(x); /* idle: nothing of it stays */
    int before = jup_interrupt_begin(x);
    assert_true(jup_interrupt_enter(x));
    assert_int_equal(hits, 0);
    interrupt(x); /* running */
    assert_int_equal(hits, 1);
    jup_interrupt_leave(x, before);
    interrupt(x);
    assert_int_equal(hits, 1);
    jup_interrupt_begin(x);
    interrupt(x); /* starting: the cell must not begin */
    assert_int_equal(hits, 1);
    assert_false(jup_interrupt_enter(x));
    jup_interrupt_leave(x, before);
    jup_interrupt_begin(x);
    assert_true(jup_interrupt_enter(x));
    jup_interrupt_leave(x, before);
    assert_int_equal(atomic_load(&x->count), 4);
    eventfd_t n = 0;
    assert_int_equal(eventfd_read(x->wake_fd, &n), 0);
    assert_int_equal(n, 4);
}

static void message(void **state) {
    all_states(*state, by_message);
}

static void signalled(void **state) {
    all_states(*state, by_signal);
}

static void term(void **state) {
    struct jup_interrupt *x = *state;
    eventfd_t n;
    assert_int_equal(eventfd_read(x->term_fd, &n), -1);
    raise(SIGTERM);
    assert_int_equal(eventfd_read(x->term_fd, &n), 0);
    assert_int_equal(hits, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {TEST(message), TEST(signalled), TEST(term)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
