/* test_trace.c: what a student reads when a cell fails. */
#include "fixture.h"

static void test_sentences(void **state) {
    (void)state;
    want_error("error('boom')", "RuntimeError", "boom");
    want_error("x = = 1", "SyntaxError", "«=» no puede ir aquí");
    want_error("for i = 1, 3 do", "SyntaxError",
               "falta «end» antes del final de la celda");
    want_error("for i = 1, 3 do\n\nx()", "SyntaxError", "falta «end» para cerrar «for»");
    want_error("end", "SyntaxError", "«end» sobra");
    want_error("x = 'abc", "SyntaxError", "falta la comilla");
    want_error("x = [[abc", "SyntaxError", "falta ]]");
    want_error("x = 3x", "SyntaxError", "número mal escrito: «3x»");
    want_error("x = '\\q'", "SyntaxError", "escape");
    want_error("año = 3", "SyntaxError", "sin acento");
    want_error("x = año", "SyntaxError", "sin acento");
    want_error("break", "SyntaxError", "break fuera de un bucle");
    want_error("local a <const> = 1 a = 2", "SyntaxError", "«a» es constante");
    want_error("goto l", "SyntaxError", "«l»");
    want_error("local a; a.x = 1", "TypeError", "la variable local «a»: es nil");
    want_error("t = {} t.x.y = 1", "TypeError", "campo del campo «x»");
    want_error("t.x()", "TypeError", "no existe la función «x»");
    want_error("t:x()", "TypeError", "no existe el método «x»");
    want_error("t()", "TypeError", "no es una función: es una tabla");
    want_error("t + 1", "TypeError", "aritmética con la variable global «t»");
    want_error(
        "return 'no sé' / nil", "TypeError",
        "no se puede hacer aritmética entre un texto y nil: + - * / son para números; "
        "los textos se unen con ..");
    want_error("return 'ab' * 3", "TypeError", "string.rep(s, n)");
    want_error("'a' .. t", "TypeError", "unir con ..");
    want_error("#5", "TypeError", "longitud");
    want_error("t < t", "TypeError", "no se pueden comparar");
    want_error("1 < 'a'", "TypeError", "no se puede comparar un número con un texto");
    want_error("1 // 0", "ZeroDivisionError", "cero");
    want_error("1 % 0", "ZeroDivisionError", "cero");
    want_error("1.5 | 1", "ValueError", "decimales");
    want_error("for i = 1, 'x' do end", "TypeError", "límite del for");
    want_error("for i = 1, 2, 0 do end", "ValueError", "paso del for");
    want_error("t[nil] = 1", "IndexError", "nil como índice");
    want_error("t[0/0] = 1", "IndexError", "NaN como índice");
    want_error("math.sqrt('a')", "TypeError",
               "argumento 1 de «sqrt»: se esperaba un número y se recibió un texto");
    want_error("math.sqrt()", "TypeError", "se esperaba un número y falta");
    want_error("for k in pairs(nil) do end", "TypeError", "for … in");
    want_error("table.concat({{}})", "TypeError", "elemento 1");
    want_error("('x'):rep(1e18)", "MemoryError", "");
    want_error("('x'):bad()", "TypeError", "no existe el método «bad»");
    want_error("('x'):find('[')", "ValueError", "patrón está mal escrito");
    want_error("string.format('%d', 1.5)", "ValueError", "número entero");
    want_error("coroutine.yield()", "RuntimeError", "corrutina");
    want_error("local function g() g() end g()", "RecursionError", "sin fin");
    want_error("setmetatable({}, {__index = function(t, k) return t[k] end}).x",
               "RecursionError", "sin fin");
}

static void test_values_as_errors(void **state) {
    (void)state;
    want_error("error()", "RuntimeError", "error(nil)");
    want_error("error({1, 2})", "RuntimeError", "{1, 2}");
    want_error("error(setmetatable({}, {__tostring = function() return 'mío' end}))",
               "RuntimeError", "mío");
    want_error("error(setmetatable({}, {__tostring = function() error('x') end}))",
               "RuntimeError", "sin texto");
    want_error("error(true)", "RuntimeError", "true");
    want_error("error('a\\0b\\xff')", "RuntimeError", "a\\0b\xEF\xBF\xBD");
    want_error("assert(false)", "AssertionError", "assert");
    want_error("assert(nil, 'mal')", "AssertionError", "mal");
    want_error("assert(false, {1})", "RuntimeError", "{1}");
}

static bool has_line(const struct interp_error *e, const char *a, const char *b) {
    for (size_t i = 0; i < e->lines; i++)
        if (strstr(e->traceback[i], a) && strstr(e->traceback[i], b))
            return true;
    return false;
}

static void test_traceback(void **state) {
    (void)state;
    const char first[] = "function f(x)\n  return x.y.z\nend";
    struct interp_result out = recorder_run_n(cell, first, sizeof first - 1, 3);
    interp_result_release(&out);
    const char code[] = "local t = {}\nfor i = 1, 2 do\n  f(t)\nend";
    out = recorder_run_n(cell, code, sizeof code - 1, 4);
    assert_false(out.ok);
    assert_true(has_line(&out.error, "celda 3, línea 2", "en la función «f»"));
    assert_true(has_line(&out.error, "→", "return x.y.z"));
    assert_true(has_line(&out.error, "│            ", "^"));
    assert_true(has_line(&out.error, "celda 4, línea 3", ""));
    assert_true(has_line(&out.error, "→", "f(t)"));
    assert_false(has_line(&out.error, "[C]", ""));
    for (size_t i = 0; i < out.error.lines; i++)
        assert_null(strchr(out.error.traceback[i], '\n'));
    interp_result_release(&out);
}

static void test_last_call_is_in_the_traceback(void **state) {
    (void)state;
    const char first[] = "function f(x)\n  return x.y.z\nend";
    struct interp_result out = recorder_run_n(cell, first, sizeof first - 1, 3);
    interp_result_release(&out);
    const char code[] = "local t = {}\nf(t)";
    out = recorder_run_n(cell, code, sizeof code - 1, 4);
    assert_false(out.ok);
    assert_true(has_line(&out.error, "celda 3, línea 2", "en la función «f»"));
    assert_true(has_line(&out.error, "celda 4, línea 2", ""));
    interp_result_release(&out);
    want("(function() return 1, 2 end)()", "1\t2");
}

static void test_coroutine(void **state) {
    (void)state;
    const char code[] = "local function f()\n  error('dentro')\nend\n"
                        "local g = coroutine.wrap(f)\ng()";
    struct interp_result out = recorder_run(cell, code);
    assert_false(out.ok);
    assert_string_equal(out.error.evalue, "dentro");
    assert_true(has_line(&out.error, "celda 1, línea 2", ""));
    assert_true(has_line(&out.error, "celda 1, línea 5", ""));
    interp_result_release(&out);
}

static void test_method_suggestion(void **state) {
    (void)state;
    want_error("h = display{1, display_id = true} h:updaet(2)", "TypeError",
               "¿Querías decir «update»?");
}

static void test_long_recursion_is_short(void **state) {
    (void)state;
    struct interp_result out = recorder_run(cell, "local function g() g() end g()");
    assert_true(out.error.lines < 12);
    assert_true(has_line(&out.error, "y más de 49", "niveles más"));
    interp_result_release(&out);
}

/* As deep as can be counted: how many are left out, and where it began. */
static void test_deep_recursion_says_where_it_began(void **state) {
    (void)state;
    const char code[] =
        "local function g(n) if n == 0 then error('fondo') end g(n - 1) end\n"
        "g(1000)";
    struct interp_result out = recorder_run(cell, code);
    assert_string_equal(out.error.evalue, "fondo");
    assert_true(has_line(&out.error, "y 1000 niveles más", ""));
    assert_true(has_line(&out.error, "celda 1, línea 2", ""));
    interp_result_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(test_sentences),
                                       TEST(test_values_as_errors),
                                       TEST(test_traceback),
                                       TEST(test_last_call_is_in_the_traceback),
                                       TEST(test_coroutine),
                                       TEST(test_method_suggestion),
                                       TEST(test_long_recursion_is_short),
                                       TEST(test_deep_recursion_says_where_it_began)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
