/* test_scripts.c: every script of tests/lua runs to its end: they assert what they mean. */
#include "session.h"

#include <glob.h>

static void scripts_run(void **state) {
    (void)state;
    glob_t g;
    bool failed = false;
    assert_int_equal(glob("tests/lua/*.lua", 0, NULL, &g), 0);
    for (size_t i = 0; i < g.gl_pathc; i++) {
        void *one;
        struct interp_result out = {0};
        struct err e = {0};
        int status = 0;
        assert_int_equal(session_open(&one), 0);
        struct session *s = one;
        assert_int_equal(
            cell_run_file(s->cell, g.gl_pathv[i], 0, NULL, &status, &out, &e), 0);
        if (!out.ok) {
            print_error("%s: %s: %s\n", g.gl_pathv[i], out.error.ename, out.error.evalue);
            for (size_t k = 0; k < out.error.lines; k++)
                print_error("    %s\n", out.error.traceback[k]);
        }
        failed = failed || !out.ok;
        interp_result_release(&out);
        session_close(&one);
    }
    globfree(&g);
    assert_false(failed);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(scripts_run)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
