/* session.h: a cell with all commands and a recorder host, for the tests of commands. */
#ifndef TESTS_COMMAND_SESSION_H
#define TESTS_COMMAND_SESSION_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../cell/recorder.h"
#include "command/command.h"

struct session {
    struct recorder r;
    struct cell *cell;
};

static inline int session_open(void **state) {
    static struct session s;
    struct err e = {0};
    recorder_init(&s.r);
    struct cell_config cfg = {.host = &s.r.host, .open = cmd_open};
    if (cell_new(&s.cell, &cfg, &e) < 0) {
        print_error("%s\n", e.msg);
        return -1;
    }
    *state = &s;
    return 0;
}

static inline int session_close(void **state) {
    struct session *s = *state;
    cell_free(s->cell);
    recorder_release(&s->r);
    return 0;
}

/* Runs a cell that has to work; its value, if any, as text/plain in out->value. */
static inline void session_run(struct session *s, const char *code,
                               struct interp_result *out) {
    *out = recorder_run(s->cell, code);
    if (!out->ok)
        print_error("%s\n  %s: %s\n", code, out->error.ename, out->error.evalue);
    assert_true(out->ok);
}

static inline void session_do(struct session *s, const char *code) {
    struct interp_result out;
    session_run(s, code, &out);
    interp_result_release(&out);
}

/* The value's text/plain is exactly text. */
static inline void session_shows(struct session *s, const char *code, const char *text) {
    struct interp_result out;
    session_run(s, code, &out);
    const struct mime_item *got = mime_get(&out.value, "text/plain");
    assert_non_null(got);
    assert_string_equal(got->data, text);
    interp_result_release(&out);
}

/* The cell fails with that name, and the sentence holds the fragment. */
static inline void session_fails(struct session *s, const char *code, const char *ename,
                                 const char *fragment) {
    struct interp_result out = recorder_run(s->cell, code);
    assert_false(out.ok);
    if (!strstr(out.error.evalue, fragment) || strcmp(out.error.ename, ename) != 0)
        print_error("%s\n  %s: %s\n", code, out.error.ename, out.error.evalue);
    assert_string_equal(out.error.ename, ename);
    assert_non_null(strstr(out.error.evalue, fragment));
    interp_result_release(&out);
}

#endif
