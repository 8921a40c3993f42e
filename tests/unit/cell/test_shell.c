/* test_shell.c: os.execute: what it shows, what it returns, and how it is interrupted. */
#include "fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

static void shows_both_streams(void **state) {
    (void)state;
    want_out("os.execute('echo hola; echo mal >&2; printf fin')", "hola\nfin");
    assert_memory_equal(rec.err.data, "mal\n", 4);
}

static void returns_what_lua_says(void **state) {
    (void)state;
    want("os.execute()", "true");
    want("local a, b, c = os.execute('true'); tostring(a) .. b .. c", "trueexit0");
    want("local a, b, c = os.execute('exit 3'); tostring(a) .. b .. c", "nilexit3");
    want("local a, b, c = os.execute('kill -9 $$'); tostring(a) .. b .. c", "nilsignal9");
}

static void reads_no_terminal(void **state) {
    (void)state;
    want_out("os.execute('cat')", "");
}

static void long_output_comes_whole(void **state) {
    (void)state;
    recorder_reset(&rec);
    want("os.execute('head -c 1000000 /dev/zero | tr \"\\\\0\" x') and 1", "1");
    assert_int_equal(rec.out.len, 1000000);
}

static void background_work_does_not_hold_the_cell(void **state) {
    (void)state;
    double began = clock_seconds();
    want_out("os.execute('sleep 3 & echo ya')", "ya\n");
    assert_true(clock_seconds() - began < 2);
}

/* Interrupts as soon as the command has told its process number. */
static void *interrupter(void *arg) {
    double end = clock_seconds() + 20;
    size_t len = 0;
    while (len == 0 && clock_seconds() < end) {
        pthread_mutex_lock(&rec.lock);
        len = rec.out.len;
        pthread_mutex_unlock(&rec.lock);
        sched_yield();
    }
    const struct interp *in = cell_interp(cell);
    in->interrupt(in->self);
    return arg;
}

static void interrupt_ends(const char *code) {
    pthread_t thread;
    recorder_reset(&rec);
    assert_int_equal(pthread_create(&thread, NULL, interrupter, NULL), 0);
    double began = clock_seconds();
    struct interp_result out = recorder_run(cell, code);
    assert_false(out.ok);
    assert_string_equal(out.error.ename, "KeyboardInterrupt");
    interp_result_release(&out);
    assert_true(clock_seconds() - began < 5);
    pthread_join(thread, NULL);
    long pid = strtol(recorder_stdout(&rec), NULL, 10);
    assert_true(pid > 1);
    double end = clock_seconds() + 5; /* a grandchild is reaped by init */
    while (kill((pid_t)pid, 0) == 0 && clock_seconds() < end)
        sched_yield();
    assert_int_equal(kill((pid_t)pid, 0), -1);
    assert_int_equal(errno, ESRCH);
}

static void interrupt_ends_the_command(void **state) {
    (void)state;
    interrupt_ends("os.execute('echo $$; exec sleep 60')");
    want("1 + 1", "2");
}

static void interrupt_ends_who_ignores_it(void **state) {
    (void)state;
    interrupt_ends("os.execute(\"trap '' INT; echo $$; while :; do sleep 0.1; done\")");
    want("1 + 1", "2");
}

static void flood_is_interrupted(void **state) {
    (void)state;
    interrupt_ends("os.execute('echo $$; exec yes')");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(shows_both_streams),
        TEST(returns_what_lua_says),
        TEST(reads_no_terminal),
        TEST(long_output_comes_whole),
        TEST(background_work_does_not_hold_the_cell),
        TEST(interrupt_ends_the_command),
        TEST(interrupt_ends_who_ignores_it),
        TEST(flood_is_interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
