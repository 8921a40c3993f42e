/* test_help.c: the registry, texts and types of the help rows, and help(). */
#include "fixture.h"

#include "commands.h"

static void test_registry(void **state) {
    (void)state;
    lua_State *L = cell_lua(cell);
    const struct cell_help_row *row = cell_help_find(L, "nn.Dense", 8);
    assert_non_null(row);
    assert_null(cell_help_find(L, "nn.Dens", 7));
    assert_null(cell_help_find(L, "nn.Dense\0x", 10));
    assert_ptr_equal(cell_help_member(L, "Model", "fit"), &command_rows[4]);
    assert_ptr_equal(cell_help_member(L, "Model", "loss"), &command_rows[5]);
    assert_null(cell_help_member(L, "Model", "nada"));
    assert_non_null(cell_help_param_find(row, "units", 5));
    assert_null(cell_help_param_find(row, "unit", 4));
    size_t n;
    const struct cell_help_row *const *all = cell_help_all(L, &n);
    for (size_t i = 1; i < n; i++)
        assert_true(strcmp(all[i - 1]->name, all[i]->name) < 0);
    static const struct cell_help_row again[] = {{.name = "nn.Dense", .doc = "Otra."}};
    cell_help_register(L, again, 1);
    assert_ptr_equal(cell_help_find(L, "nn.Dense", 8), again);
}

static void test_every_row_is_whole(void **state) {
    (void)state;
    size_t n;
    const struct cell_help_row *const *all = cell_help_all(cell_lua(cell), &n);
    assert_true(n > 100);
    for (size_t i = 0; i < n; i++) {
        struct mime_bundle b = {0};
        assert_true(all[i]->doc && *all[i]->doc);
        assert_true(cell_help_bundle(all[i], &b));
        assert_non_null(mime_get(&b, "text/plain"));
        mime_release(&b);
    }
}

/* Every function of Lua's library has its row, and every row its value. */
static void test_library_is_covered(void **state) {
    (void)state;
    want_out(
        "for _, lib in ipairs{'string', 'table', 'math', 'utf8', 'os', 'io', "
        "'coroutine'} do for name, f in pairs(_G[lib]) do local row = lib .. '.' .. "
        "name if not pcall(help, row) and name ~= 'setlocale' and name ~= 'input' and "
        "name ~= 'output' and name ~= 'popen' and name ~= 'tmpfile' and name ~= "
        "'flush' and name ~= 'type' then print(row) end end end",
        "");
}

static void test_text(void **state) {
    (void)state;
    struct mime_bundle b = {0};
    assert_true(cell_help_bundle(cell_help_find(cell_lua(cell), "nn.Dense", 8), &b));
    const char *text = mime_get(&b, "text/plain")->data;
    static const char *const parts[] = {
        "nn.Dense{units, activation = \"linear\"}",
        "cada neurona",
        "units (entero, ≥ 1; obligatorio): número de neuronas",
        "activation (\"linear\", \"relu\", \"tanh\"; por defecto \"linear\")",
        "Devuelve: una capa",
        "Formas: (n, d)",
        "Ejemplo: nn.Dense{128",
        "Véase también: nn.Sequential"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        assert_non_null(strstr(text, parts[i]));
    assert_non_null(strstr(mime_get(&b, "text/markdown")->data, "$$y = \\sigma"));
    mime_release(&b);
    assert_true(cell_help_bundle(&command_rows[4], &b));
    text = mime_get(&b, "text/plain")->data;
    assert_null(strstr(text, "nb_epoch"));
    assert_non_null(strstr(text, "d (tensor o conjunto de datos; obligatorio)"));
    assert_non_null(strstr(text, "(número, ≥ 0, < 1; por defecto 0)"));
    mime_release(&b);
}

static void test_types(void **state) {
    (void)state;
    lua_State *L = cell_lua(cell);
    luaL_dostring(
        L, "return 3, 3.0, 3.5, 'x', true, nil, {1, 2}, {'a'}, {1, 'a'}, print, m");
    static const unsigned want_bits[] = {CELL_NUMBER | CELL_INTEGER,
                                         CELL_NUMBER | CELL_INTEGER,
                                         CELL_NUMBER,
                                         CELL_STRING,
                                         CELL_BOOLEAN,
                                         CELL_NIL,
                                         CELL_TABLE | CELL_LIST_NUMBER,
                                         CELL_TABLE | CELL_LIST_STRING,
                                         CELL_TABLE,
                                         CELL_FUNCTION_VALUE,
                                         CELL_MODEL};
    for (int i = 0; i < (int)ARRAY_LEN(want_bits); i++)
        assert_int_equal(cell_type_of(L, i + 1) & ~(unsigned)CELL_ANY, want_bits[i]);
    assert_string_equal(cell_type_name(L, 1), "número");
    assert_string_equal(cell_type_name(L, 11), "Model");
    struct buf b;
    buf_init(&b, 200);
    cell_type_words(CELL_NUMBER | CELL_STRING | CELL_TENSOR, &b);
    assert_string_equal(b.data, "número, texto o tensor");
    buf_release(&b);
    lua_settop(L, 0);
}

static void test_command(void **state) {
    (void)state;
    want("help()", "");
    assert_non_null(strstr(recorder_shown(&rec, 0, "text/markdown"), "Guía"));
    assert_non_null(strstr(recorder_shown(&rec, 0, "text/plain"), "`nn`"));
    recorder_reset(&rec);
    want("help 'nn.Dense'", "");
    want("help(nn.Dense)", "");
    want("help(m)", "");
    want("help(string)", "");
    want("help({1, 2})", "");
    want("help(nil)", "");
    want("help(nn)", "");
    assert_string_equal(recorder_shown(&rec, 0, "text/plain"),
                        recorder_shown(&rec, 1, "text/plain"));
    assert_non_null(strstr(recorder_shown(&rec, 2, "text/plain"), "Un modelo."));
    assert_non_null(strstr(recorder_shown(&rec, 4, "text/plain"), "{1, 2}"));
    assert_non_null(strstr(recorder_shown(&rec, 6, "text/plain"), "nn.Dense"));
    want_error("help 'nn.Dens'", "NotFoundError", "no existe");
}

int main(void) {
    fixture_open = open_commands;
    const struct CMUnitTest tests[] = {TEST(test_registry),
                                       TEST(test_every_row_is_whole),
                                       TEST(test_library_is_covered),
                                       TEST(test_text),
                                       TEST(test_types),
                                       TEST(test_command)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
