/* test_raise.c: how C functions fail, and how callbacks of C are called. */
#include "fixture.h"

#include "cell/error.h"

#include <lauxlib.h>

static int l_fail(lua_State *L) {
    struct err e = {0};
    err_set(&e, (int)luaL_checkinteger(L, 1), "no cabe \x01");
    return cell_raise(L, &e);
}

/* call(f): through cell_pcall; the code and the sentence. */
static int l_call(lua_State *L) {
    struct err e = {0};
    int top = lua_gettop(L);
    int rc = cell_pcall(L, top - 1, 1, &e);
    lua_pushinteger(L, rc);
    if (rc == LUA_OK)
        return 2;
    lua_pushstring(L, e.msg);
    return 2;
}

static int l_call_and_raise(lua_State *L) {
    struct err e = {0};
    if (cell_pcall(L, 0, 0, &e) != LUA_OK)
        return cell_raise(L, &e);
    return 0;
}

static int open_test(lua_State *L) {
    lua_register(L, "fail", l_fail);
    lua_register(L, "call", l_call);
    lua_register(L, "relay", l_call_and_raise);
    return 0;
}

static void test_names(void **state) {
    (void)state;
    want_error("fail(-1)", "MemoryError", "no cabe \\1");
    want_error("fail(-2)", "ValueError", "no cabe");
    want_error("fail(-3)", "ShapeError", "");
    want_error("fail(-4)", "TypeError", "");
    want_error("fail(-5)", "IndexError", "");
    want_error("fail(-6)", "OSError", "");
    want_error("fail(-7)", "FormatError", "");
    want_error("fail(-8)", "NetworkError", "");
    want_error("fail(-9)", "ChecksumError", "");
    want_error("fail(-10)", "KeyboardInterrupt", "interrumpió");
    want_error("fail(-11)", "FloatingPointError", "");
    want_error("fail(-12)", "StateError", "");
    want_error("fail(-13)", "NotFoundError", "");
    want_error("fail(-14)", "AuthError", "");
    want_error("fail(-99)", "RuntimeError", "");
}

static void test_text(void **state) {
    (void)state;
    want("pcall(fail, -3)", "false\tcelda 1, línea 1: no cabe \\1");
    want("pcall(function() fail(-3) end)", "false\tcelda 1, línea 1: no cabe \\1");
    want_error("local ok, m = pcall(function() fail(-3) end) error(m, 0)", "ShapeError",
               "no cabe");
    want_error("pcall(fail, -3) error('otro')", "RuntimeError", "otro");
}

static void test_callbacks(void **state) {
    (void)state;
    want("call(function() return 5 end)", "5\t0");
    want("call(function() error('ay') end)", "-12\tcelda 1, línea 1: ay");
    want("call(function() local x; x.y = 1 end)",
         "-12\tcelda 1, línea 1: no se puede leer ni escribir un campo de la variable "
         "local "
         "«x»: es nil");
    want("call(function() error({}) end)",
         "-12\tla función falló con un valor de tipo table");
    want("call(string.rep, 'x', 1e9)", "-1\tno queda memoria");
    want_error("relay(function() fail(-10) end)", "KeyboardInterrupt", "");
    want_error("relay(function() error('ay') end)", "StateError", "ay");
}

static void test_pcall_lets_through(void **state) {
    (void)state;
    want_error("pcall(fail, -10)", "KeyboardInterrupt", "");
    want_error("xpcall(fail, print, -10)", "KeyboardInterrupt", "");
    want_error("coroutine.resume(coroutine.create(fail), -10)", "KeyboardInterrupt", "");
    want_error("coroutine.wrap(fail)(-10)", "KeyboardInterrupt", "");
    want_error("pcall(pcall, pcall, fail, -10)", "KeyboardInterrupt", "");
}

static void test_protected_functions(void **state) {
    (void)state;
    want("pcall(function(...) return ... end, 1, nil, 3)", "true\t1\tnil\t3");
    want("xpcall(function(a) return a end, print, 7)", "true\t7");
    want("coroutine.wrap(function() return pcall(coroutine.yield, 5) end)()", "5");
    want(
        "local co = coroutine.wrap(function() return pcall(coroutine.yield, 5) end) co() "
        "co('x')",
        "true\tx");
    want("local co = coroutine.wrap(function() return xpcall(function() "
         "coroutine.yield(1) "
         "error('z', 0) end, function(m) return m .. '!' end) end) co() co()",
         "false\tz!");
    want_error("pcall()", "ValueError", "argumento 1 de «pcall»");
    want_error("assert()", "ValueError", "argumento 1 de «assert»");
    want("assert(1, 2, 3) + 0", "1");
    want("load(function() return nil end) ~= nil", "true");
    want("load('return x', 'nombre', 't', {x = 9})()", "9");
    want("load('return x', 'nombre', 'b', {x = 9})()", "9");
    want("select('#', load('x ='))", "2");
    want("(load(string.dump(function() end)))", "nil");
}

int main(void) {
    fixture_open = open_test;
    const struct CMUnitTest tests[] = {
        TEST(test_names), TEST(test_text), TEST(test_callbacks),
        TEST(test_pcall_lets_through), TEST(test_protected_functions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
