/* test_run.c: what a cell shows and keeps; files. */
#include "fixture.h"

#include <unistd.h>

static void test_values(void **state) {
    (void)state;
    want("1+2+3", "6");
    want("('ab'):rep(2)", "abab");
    want("x = 5", "");
    want("x", "5");
    want("local a = 1\na +\n 41", "42");
    want("1;", "");
    want("1, 2, 'x'", "1\t2\tx");
    want("nil", "nil");
    want("({}).campo", "nil");
    want("(function() end)()", "");
    want("(function() return nil, 3 end)()", "nil\t3");
    want("return 7", "7");
    want("assert(1 == 1)", "");
    want("io.write('a')", "");
    want("-- nada", "");
    want("", "");
    want("1e15 / 3, 2.0, -0.0, 1 // 1", "3.3333333333333e+14\t2.0\t-0.0\t1");
}

static void test_globals(void **state) {
    (void)state;
    want("a = 1 local b = 2", "");
    want("a", "1");
    want_error("b", "NameError", "«local»");
    want("b = 3", "");
    want("b", "3");
}

static void test_silent(void **state) {
    (void)state;
    struct interp_result out = {0};
    struct interp_request req = {.code = "x = 9 x", .len = 7, .silent = true};
    const struct interp *in = cell_interp(cell);
    in->execute(in->self, &req, &out);
    assert_true(out.ok);
    assert_int_equal(out.value.n, 0);
    want("x", "9");
}

static void test_no_code_runs_at_compile(void **state) {
    (void)state;
    want_error("end x = 1 function g()", "SyntaxError", "sobra");
    want("rawget(_G, 'x')", "");
}

static void test_evaluate(void **state) {
    (void)state;
    const struct interp *in = cell_interp(cell);
    struct interp_result out = {0};
    want("x = 20", "");
    in->evaluate(in->self, "x + 1", 5, &out);
    assert_true(out.ok);
    assert_string_equal(recorder_value(&out), "21");
    interp_result_release(&out);
    in->evaluate(in->self, "nil", 3, &out);
    assert_true(out.ok);
    assert_string_equal(recorder_value(&out), "nil");
    interp_result_release(&out);
    in->evaluate(in->self, "x +", 3, &out);
    assert_false(out.ok);
    assert_string_equal(out.error.ename, "SyntaxError");
    interp_result_release(&out);
}

static void test_query(void **state) {
    (void)state;
    want("?tostring", "");
    assert_int_equal(rec.pages, 1);
    assert_non_null(strstr(mime_get(&rec.page, "text/plain")->data, "tostring(x)"));
    want(" print? ", "");
    assert_int_equal(rec.pages, 2);
    want("?prnt", "");
    assert_non_null(strstr(mime_get(&rec.page, "text/plain")->data, "«print»"));
    want_error("? x = 1", "SyntaxError", "");
}

static void test_strange_bytes(void **state) {
    (void)state;
    struct interp_result out = recorder_run_n(cell, "x = 'a\0b' #x", 12, 1);
    assert_true(out.ok);
    assert_string_equal(recorder_value(&out), "3");
    interp_result_release(&out);
    out = recorder_run_n(cell, "\x1bLua", 4, 1); /* the mark of bytecode */
    assert_false(out.ok);
    assert_string_equal(out.error.ename, "SyntaxError");
    interp_result_release(&out);
    out = recorder_run_n(cell, "\xff\xfe = 1", 6, 1);
    assert_false(out.ok);
    assert_null(strchr(out.error.evalue, '\xff'));
    interp_result_release(&out);
}

static void script(const char *text, char path[64]) {
    snprintf(path, 64, "/tmp/nabla_test_%ld.lua", (long)getpid());
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void test_file(void **state) {
    (void)state;
    char path[64];
    struct err e = {0};
    struct interp_result out = {0};
    int status = -1;
    const char *args[] = {"uno", "dos"};
    script("#!/usr/bin/env nabla\nprint(arg[1], arg[2], ...)\n", path);
    assert_int_equal(cell_run_file(cell, path, 2, args, &status, &out, &e), 0);
    assert_true(out.ok);
    assert_int_equal(status, 0);
    assert_string_equal(recorder_stdout(&rec), "uno\tdos\tuno\tdos\n");
    interp_result_release(&out);
    script("local x = 1\nprnt(x)\n", path);
    assert_int_equal(cell_run_file(cell, path, 0, NULL, &status, &out, &e), 0);
    assert_false(out.ok);
    assert_int_equal(status, 1);
    assert_non_null(strstr(out.error.traceback[1], "línea 2"));
    interp_result_release(&out);
    unlink(path);
    assert_int_equal(cell_run_file(cell, path, 0, NULL, &status, &out, &e), ERR_IO);
    assert_non_null(strstr(e.msg, path));
}

static void test_exit(void **state) {
    (void)state;
    want_error("os.exit(3)", "StateError", "cuaderno");
    struct cell_config cfg = {.host = &rec.host, .script = true};
    struct err e = {0};
    struct cell *c;
    assert_int_equal(cell_new(&c, &cfg, &e), 0);
    char path[64];
    int status = -1;
    struct interp_result out = {0};
    script("pcall(os.exit, 3) print('no')", path);
    assert_int_equal(cell_run_file(c, path, 0, NULL, &status, &out, &e), 0);
    assert_true(out.ok);
    assert_int_equal(status, 3);
    assert_string_equal(recorder_stdout(&rec), "");
    interp_result_release(&out);
    unlink(path);
    cell_free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_values),        TEST(test_globals),
        TEST(test_silent),        TEST(test_no_code_runs_at_compile),
        TEST(test_evaluate),      TEST(test_query),
        TEST(test_strange_bytes), TEST(test_file),
        TEST(test_exit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
