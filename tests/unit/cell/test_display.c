/* test_display.c: values as text and as MIME bundles. */
#include "fixture.h"

#include "cell/display.h"
#include "cell/error.h"

#include <lauxlib.h>

static void test_pretty(void **state) {
    (void)state;
    want("{}", "{}");
    want("{1, 2, {3, a = 4}, ['b c'] = 5}", "{1, 2, {3, a = 4}, [\"b c\"] = 5}");
    want("{b = 1, a = 2, [10] = 3, [-1] = 4, [true] = 5, ['end'] = 6}",
         "{[-1] = 4, [10] = 3, a = 2, b = 1, [\"end\"] = 6, [true] = 5}");
    want("{'a\"b\\n\\t\\0\\xff'}", "{\"a\\\"b\\n\\t\\0\xEF\xBF\xBD\"}");
    want("t = {} t.yo = t t", "{yo = <ciclo>}");
    want("{{{{{{{{}}}}}}}}", "{{{{{{{…}}}}}}}");
    want("print", "función print");
    want("function() end", "función (celda 1, línea 1)");
    want("coroutine.create(print)", "corrutina");
    want("setmetatable({}, {__tostring = function() return 'mío' end})", "mío");
    want("{setmetatable({}, {__tostring = function() return 'mío' end})}", "{mío}");
    want("io.stdout == io.stdout", "true");
    want("'hola\\nadiós'", "hola\nadiós");
    want("'a\\27[31mb'", "a\\27[31mb");
}

static void test_long(void **state) {
    (void)state;
    struct interp_result out =
        recorder_run(cell, "local t = {} for i = 1, 1000 do t[i] = i end t");
    assert_non_null(strstr(recorder_value(&out), "… (1000 en total)"));
    interp_result_release(&out);
    out = recorder_run(cell, "{nombre = ('x'):rep(60), otro = {1, 2, 3}, más = nil, "
                             "tercero = ('y'):rep(30)}");
    interp_result_release(&out);
    out = recorder_run(cell, "{nombre = ('x'):rep(60), otro = {1, 2, 3}}");
    assert_string_equal(
        recorder_value(&out),
        "{\n  nombre = "
        "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\","
        "\n  otro = {1, 2, 3}\n}");
    interp_result_release(&out);
    out = recorder_run(cell, "('ñ'):rep(3000000)");
    assert_true(out.ok);
    assert_true(strlen(recorder_value(&out)) < (1 << 20));
    assert_non_null(strstr(recorder_value(&out), "bytes en total"));
    interp_result_release(&out);
    out = recorder_run(cell, "local t = {} for i = 1, 20000 do t['k' .. i] = {} end t");
    assert_non_null(strstr(recorder_value(&out), "(20000 en total)"));
    interp_result_release(&out);
}

static void test_protocol(void **state) {
    (void)state;
    struct interp_result out = recorder_run(
        cell, "x = setmetatable({}, {__display = function(v) return {['text/html'] = "
              "'<b>x</b>', ['application/json'] = {1, 2}, metadata = {caption = 'Pie'}} "
              "end, __tostring = function() return 'X' end}) x");
    assert_true(out.ok);
    assert_string_equal(mime_get(&out.value, "text/html")->data, "<b>x</b>");
    assert_string_equal(mime_get(&out.value, "application/json")->data, "[1,2]");
    assert_string_equal(mime_get(&out.value, "text/plain")->data, "X");
    assert_string_equal(out.value.metadata, "{\"caption\":\"Pie\"}");
    interp_result_release(&out);
    want("setmetatable({}, {__display = function() return 'texto' end})", "texto");
    want("setmetatable({}, {__display = function() end})", "");
    want_error("setmetatable({}, {__display = function() return 5 end})", "TypeError",
               "__display");
    want_error("setmetatable({}, {__display = function() return {a = 1} end})",
               "ValueError", "MIME");
    want_error("setmetatable({}, {__display = function() return {['a/b'] = {}} end})",
               "TypeError", "a/b");
    want_error("setmetatable({}, {__display = function() error('ay') end})",
               "RuntimeError", "ay");
    want_error("setmetatable({}, {__tostring = function() return {} end})", "TypeError",
               "");
}

static int l_show(lua_State *L) {
    struct mime_bundle *b = cell_bundle_push(L);
    mime_add_text(b, "image/svg+xml", "<svg/>");
    return 1;
}

static int l_fail(lua_State *L) {
    mime_add_text(cell_bundle_push(L), "text/plain", "a medias");
    return cell_raisef(L, ERR_SHAPE, "no cabe: %d", 3);
}

static void test_box(void **state) {
    (void)state;
    lua_State *L = cell_lua(cell);
    lua_register(L, "show", l_show);
    lua_register(L, "fail", l_fail);
    struct interp_result out = recorder_run(cell, "setmetatable({}, {__display = show})");
    assert_true(out.ok);
    assert_string_equal(mime_get(&out.value, "image/svg+xml")->data, "<svg/>");
    assert_non_null(mime_get(&out.value, "text/plain"));
    interp_result_release(&out);
    want_error("setmetatable({}, {__display = fail})", "ShapeError", "no cabe: 3");
}

static void test_several(void **state) {
    (void)state;
    lua_register(cell_lua(cell), "show", l_show);
    struct interp_result out =
        recorder_run(cell, "local v = setmetatable({}, {__display = show}) v, 7");
    assert_true(out.ok);
    assert_int_equal(rec.n_shown, 1);
    assert_string_equal(recorder_shown(&rec, 0, "image/svg+xml"), "<svg/>");
    assert_string_equal(recorder_value(&out), "7");
    interp_result_release(&out);
}

static void test_clean(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    cell_text_clean(&b, "a\r\nb\x01\x7f\xC2\x85\xff\xC3\xB1\t", 12);
    assert_string_equal(b.data, "a\nb\\1\\127\\133\xEF\xBF\xBDñ\t");
    buf_release(&b);
    char one[33], two[33];
    cell_display_id(one);
    cell_display_id(two);
    assert_int_equal(strlen(one), 32);
    assert_string_not_equal(one, two);
}

static void test_brief(void **state) {
    (void)state;
    lua_State *L = cell_lua(cell);
    struct buf b;
    buf_init(&b, 1000);
    luaL_dostring(L, "return setmetatable({1, 2}, {__tostring = function() corrio = true "
                     "return 'no' end})");
    cell_brief(L, -1, &b);
    assert_string_equal(b.data, "{1, 2}"); /* the student's code did not run */
    buf_clear(&b);
    lua_settop(L, 0);
    luaL_dostring(L, "local t = {} for i = 1, 1000 do t[i] = i end return t");
    cell_brief(L, -1, &b);
    assert_true(b.len < 200);
    lua_settop(L, 0);
    buf_release(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_pretty),  TEST(test_long),  TEST(test_protocol), TEST(test_box),
        TEST(test_several), TEST(test_clean), TEST(test_brief)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
