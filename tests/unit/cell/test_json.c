/* test_json.c: Lua values to JSON and back. */
#include "fixture.h"

#include "cell/json.h"

#include <lauxlib.h>

static int dump(const char *expr, char **out, struct err *e) {
    lua_State *L = cell_lua(cell);
    char code[512];
    snprintf(code, sizeof code, "return %s", expr);
    lua_settop(L, 0);
    assert_int_equal(luaL_dostring(L, code), LUA_OK);
    return cell_json_dump(L, 1, out, NULL, e);
}

static void gives(const char *expr, const char *json) {
    struct err e = {0};
    char *out;
    assert_int_equal(dump(expr, &out, &e), 0);
    assert_string_equal(out, json);
    free(out);
}

static void test_dump(void **state) {
    (void)state;
    gives("1", "1");
    gives("1.5", "1.5");
    gives("0/0", "null");
    gives("1/0", "null");
    gives("nil", "null");
    gives("true", "true");
    gives("'ñ'", "\"ñ\"");
    gives("'a\\xff'", "\"a\xEF\xBF\xBD\"");
    gives("{}", "{}");
    gives("{1, 2, {a = 3}}", "[1,2,{\"a\":3}]");
    gives("{1, nil, 3}", "[1,null,3]");
    gives("{b = 1, a = 2, [5] = 3}", "{\"5\":3,\"a\":2,\"b\":1}");
    gives("setmetatable({1}, {__index = error, __len = error})", "[1]");
}

static void test_refused(void **state) {
    (void)state;
    struct err e = {0};
    char *out;
    assert_int_equal(dump("print", &out, &e), ERR_ARG);
    assert_null(out);
    assert_int_equal(dump("{{print}}", &out, &e), ERR_ARG);
    assert_int_equal(dump("{[true] = 1}", &out, &e), ERR_ARG);
    assert_int_equal(dump("(function() local t = {} t[1] = t return t end)()", &out, &e),
                     ERR_ARG);
    assert_int_equal(lua_gettop(cell_lua(cell)), 1);
}

static void test_load(void **state) {
    (void)state;
    lua_State *L = cell_lua(cell);
    struct err e = {0};
    const char *text = "{\"a\": [1, 2.5, null, true], \"b\": \"x\\u0000y\", \"c\": null}";
    assert_int_equal(cell_json_load(L, text, strlen(text), &e), 0);
    lua_setglobal(L, "j");
    want("j", "{a = {1, 2.5, false, true}, b = \"x\\0y\"}");
    lua_settop(L, 0);
    assert_int_equal(cell_json_load(L, "{", 1, &e), ERR_FORMAT);
    assert_int_equal(lua_gettop(L), 0);
    char deep[5000];
    memset(deep, '[', sizeof deep);
    assert_int_equal(cell_json_load(L, deep, sizeof deep, &e), ERR_FORMAT);
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(test_dump), TEST(test_refused),
                                       TEST(test_load)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
