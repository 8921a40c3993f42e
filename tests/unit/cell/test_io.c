/* test_io.c: print, io and input through the host. */
#include "fixture.h"

#include <unistd.h>

static void test_print(void **state) {
    (void)state;
    want_out("print('hello, world')", "hello, world\n");
    assert_int_equal(rec.streams, 1);
    want_out("print(1, 2.5, nil, true, 'ñ')", "1\t2.5\tnil\ttrue\tñ\n");
    want_out("print()", "\n");
    want_out("print(setmetatable({}, {__tostring = function() return 'yo' end}))",
             "yo\n");
    recorder_reset(&rec);
    want("print('a\\0b')", "");
    assert_int_equal(rec.out.len, 4);
}

static void test_write(void **state) {
    (void)state;
    want_out("io.write('a', 1, 2.5):write('\\n')", "a12.5\n");
    want_out("io.stdout:write('x')", "x");
    want("io.stderr:write('oops\\n')", "");
    assert_string_equal(recorder_stderr(&rec), "oops\n");
    want_out("io.stdout:flush() io.flush() io.stdout:setvbuf('no')", "");
    want_error("io.write({})", "TypeError", "write");
    want_error("io.stdin:write('x')", "ValueError", "leer");
    want("io.type(io.stdout), io.type(5)", "file\tnil");
    want("tostring(io.stderr)", "io.stderr");
}

static void test_redirect(void **state) {
    (void)state;
    char code[512];
    snprintf(
        code, sizeof code,
        "local p = '/tmp/nabla_io_%ld' io.output(p) io.write('uno\\ndos\\n') io.close() "
        "io.output(io.stdout) io.write('fuera') "
        "for l in io.lines(p) do io.write('|', l) end "
        "io.input(p) io.write('+', io.read(), io.read('a')) io.input():close() "
        "io.input(io.stdin) os.remove(p)",
        (long)getpid());
    want_out(code, "fuera|uno|dos+unodos\n");
    want_error("io.output('/no/existe/x')", "OSError", "no existe");
}

static void test_read(void **state) {
    (void)state;
    static const char *const answers[] = {"una", "12 ", "abc", "dos", "tres", NULL};
    rec.answers = answers;
    want("io.read()", "una");
    want("io.read('n')", "12");
    want("io.read(2), io.read('L')", "ab\tc\n");
    want("io.read('a')", "dos\ntres\n");
    want("io.read() == nil", "true");
    want("io.read(0)", "");
    want("io.read(1) == nil", "true");
    want_error("io.read('q')", "ValueError", "read");
    static const char *const more[] = {"x", "y", NULL};
    rec.answers = more;
    want_out("for l in io.lines() do print(l) end", "x\ny\n");
}

static void test_input(void **state) {
    (void)state;
    static const char *const answers[] = {"Ana", "clave", NULL};
    rec.answers = answers;
    want("input('¿Nombre? ')", "Ana");
    assert_string_equal(rec.prompt, "¿Nombre? ");
    assert_false(rec.password);
    want("input{'Clave: ', password = true}", "clave");
    assert_true(rec.password);
    want("input()", "");
    rec.input_code = ERR_STATE;
    want_error("input()", "StateError", "sin entrada");
    rec.input_code = ERR_INTERRUPT;
    want_error("pcall(input)", "KeyboardInterrupt", "interrumpió");
}

static void test_locale(void **state) {
    (void)state;
    want("os.setlocale('es_ES.UTF-8')", "");
    want("os.setlocale()", "C");
    want("rawget(debug, 'debug')", "");
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(test_print),    TEST(test_write),
                                       TEST(test_redirect), TEST(test_read),
                                       TEST(test_input),    TEST(test_locale)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
