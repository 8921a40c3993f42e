/* fixture.h: one interpreter with a recorder per test, and the checks that most tests make. */
#ifndef TESTS_CELL_FIXTURE_H
#define TESTS_CELL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "recorder.h"

static struct recorder rec;
static struct cell *cell;
static lua_CFunction fixture_open; /* set before the group runs, or NULL */

static int fixture_setup(void **state) {
    (void)state;
    struct err e = {0};
    recorder_init(&rec);
    struct cell_config cfg = {
        .host = &rec.host, .memory_max = (size_t)256 << 20, .open = fixture_open};
    int rc = cell_new(&cell, &cfg, &e);
    if (rc < 0)
        print_message("%s\n", e.msg);
    return rc;
}

static int fixture_teardown(void **state) {
    (void)state;
    cell_free(cell);
    recorder_release(&rec);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

/* Runs and wants this text/plain as the value ("" for none). */
static inline void want(const char *code, const char *value) {
    struct interp_result out = recorder_run(cell, code);
    if (!out.ok)
        print_message("%s: %s\n", code, out.error.evalue);
    assert_true(out.ok);
    assert_string_equal(recorder_value(&out), value);
    interp_result_release(&out);
}

/* Runs and wants an error of that name whose sentence holds the text. */
static inline void want_error(const char *code, const char *ename, const char *text) {
    struct interp_result out = recorder_run(cell, code);
    assert_false(out.ok);
    assert_int_equal(out.value.n, 0);
    if (!strstr(out.error.evalue, text))
        print_message("%s: %s\n", code, out.error.evalue);
    assert_non_null(strstr(out.error.evalue, text));
    assert_string_equal(out.error.ename, ename);
    assert_true(out.error.lines > 0);
    interp_result_release(&out);
}

/* Runs and wants exactly this on stdout. */
static inline void want_out(const char *code, const char *text) {
    recorder_reset(&rec);
    struct interp_result out = recorder_run(cell, code);
    if (!out.ok)
        print_message("%s: %s\n", code, out.error.evalue);
    assert_true(out.ok);
    assert_string_equal(recorder_stdout(&rec), text);
    interp_result_release(&out);
}

#endif
