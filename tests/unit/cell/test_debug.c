/* test_debug.c: the debugger's session, its names for cells, breakpoints and what a stop
 * shows. */
#include "debugger.h"

#include "../../../kernel/cell/state.h"

/* Computed with an implementation in Python, over the bytes of UTF-8. */
static void hashes(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t hash;
    } known[] = {{"", 3990065800U},    {"a", 2167009006U},
                 {"ab", 2805137849U},  {"abc", 3350977461U},
                 {"abcd", 804720481U}, {"x = 1\n-- ñandú €", 1074401241U}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_int_equal(cell_debug_hash(known[i].text, strlen(known[i].text)),
                         known[i].hash);
    start();
    assert_non_null(strstr(path_of("abcd"), "/804720481.lua"));
}

static void info_before_anything(void **state) {
    (void)state;
    assert_true(ask("debugInfo", NULL));
    assert_true(json_is_false(body("isStarted")));
    assert_string_equal(json_string_value(body("hashMethod")), "Murmur2");
    assert_true(json_integer_value(body("hashSeed")) == 0xC70F6907LL);
    assert_true(json_is_true(body("copyToGlobals")));
    assert_true(json_is_array(body("breakpoints")));
    assert_true(ask("modules", NULL));
    assert_int_equal(json_array_size(body("modules")), 0);
    assert_false(ask("stackTrace", "{\"threadId\":1}"));
    assert_non_null(strstr(member(latest, "message"), "no está en marcha"));
    assert_false(ask("ninguno", NULL));
    assert_non_null(strstr(member(latest, "message"), "ninguno"));
    start();
    assert_false(ask("continue", NULL));
    assert_false(ask("pause", NULL));
    assert_true(ask("debugInfo", NULL));
    assert_true(json_is_true(body("isStarted")));
    assert_true(ask("disconnect", NULL));
    assert_false(ask("threads", NULL));
}

static const char *const cell_text = "local function doble(a)\n"
                                     "  local b = a * 2\n"
                                     "\n"
                                     "  return b\n"
                                     "end\n"
                                     "local x = 20\n"
                                     "-- nada\n"
                                     "x = x + 1\n"
                                     "doble(x)";

static int verified_line(int asked) {
    char point[64];
    snprintf(point, sizeof point, "{\"line\":%d}", asked);
    set_points(cell_text, point);
    const json_t *b = json_array_get(body("breakpoints"), 0);
    return json_is_true(json_object_get(b, "verified"))
               ? (int)json_integer_value(json_object_get(b, "line"))
               : 0;
}

static void lines_with_code(void **state) {
    (void)state;
    static const int wanted[][2] = {{2, 2}, {3, 4}, {4, 4},  {6, 6},
                                    {7, 8}, {9, 9}, {10, 0}, {0, 2}};
    start();
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (verified_line(wanted[i][0]) != wanted[i][1] && i != 7)
            fail_msg("line %d: %d", wanted[i][0], verified_line(wanted[i][0]));
    set_points("x = = 2", "{\"line\":1}");
    const json_t *b = json_array_get(body("breakpoints"), 0);
    assert_true(json_is_false(json_object_get(b, "verified")));
}

/* Log points on the lines wanted (NULL: on all), and which lines they were given. */
static void log_lines(const char *code, const bool *wanted, bool found[64]) {
    struct buf points;
    buf_init(&points, 1 << 16);
    for (int line = 1; line < 64; line++)
        if (!wanted || wanted[line])
            buf_printf(&points, "%s{\"line\":%d,\"logMessage\":\"%d\"}",
                       points.len ? "," : "", line, line);
    set_points(code, points.data);
    buf_release(&points);
    size_t k;
    json_t *b;
    json_array_foreach(body("breakpoints"), k,
                       b) if (json_is_true(json_object_get(b, "verified")))
        found[json_integer_value(json_object_get(b, "line"))] = true;
}

static const char text_statements[] =
    "x = 1\n\n\nlocal t = {\n1,\n2,\nx\n}\nfor i = 1, 2 do\n  x = i\nend\n"
    "while x < 5 do\n x = x +\n 1\nend\nrepeat\n x = x - 1\nuntil x < 0\n"
    "goto fin\n::fin::\nlocal f <close> = nil\nif x then\n x = 2\nend";
static const char text_functions[] =
    "local a\nlocal b\n\nlocal function f(...)\n local c = ...\n\n"
    " local function g(z)\n  b = z\n end\n g(c)\nend\nf(\n1)\nf(2)\n\n";
static const char text_short[] = "return\n\n1\n + 2";

/* Every line found runs, and no other line does. */
static void lines_are_those_that_run(void **state) {
    (void)state;
    static const char *const texts[] = {text_statements, text_functions, text_short};
    start();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        bool found[64] = {false}, same[64] = {false}, ran[64] = {false};
        log_lines(texts[i], NULL, found);
        log_lines(texts[i], found, same);
        recorder_reset(&rec);
        struct interp_result out = recorder_run(cell, texts[i]);
        assert_true(out.ok);
        interp_result_release(&out);
        char *save = NULL;
        for (char *s = strtok_r(rec.out.data, "\n", &save); s;
             s = strtok_r(NULL, "\n", &save))
            ran[strtol(s, NULL, 10)] = true;
        for (int line = 1; line < 64; line++)
            if (found[line] != ran[line] || found[line] != same[line])
                fail_msg("text %zu line %d: found %d ran %d", i, line, found[line],
                         ran[line]);
    }
}

static void see_inside(void) {
    assert_string_equal(reason, "breakpoint");
    assert_int_equal(line_now(), 4);
    assert_string_equal(member(frame(0), "name"), "doble");
    assert_string_equal(member(frame(1), "name"), "celda 1");
    assert_int_equal(json_integer_value(json_object_get(frame(1), "line")), 9);
    assert_string_equal(member(json_object_get(frame(0), "source"), "path"),
                        path_of(cell_text));
    assert_string_equal(variable(0, 0, "a"), "21");
    assert_string_equal(variable(0, 0, "b"), "42");
    assert_string_equal(variable(1, 0, "x"), "21");
    assert_string_equal(variable(1, 0, "__fin"), "");
    assert_string_equal(eval(0, "a + b"), "63");
    assert_string_equal(eval(1, "x"), "21");
    assert_string_equal(eval(0, "b = b + 1"), "nil");
    assert_string_equal(variable(0, 0, "b"), "43");
    assert_non_null(strstr(eval(0, "no_existe"), "no_existe"));
    assert_non_null(strstr(eval(0, "import sys"), "sobra algo"));
    assert_true(askf("source", "{\"source\":{\"path\":\"%s\"}}", path_of(cell_text)));
    assert_string_equal(json_string_value(body("content")), cell_text);
    assert_true(ask("threads", NULL));
    assert_true(ask("continue", NULL));
}

static void a_stop(void **state) {
    (void)state;
    begin(cell_text, 4);
    script = see_inside;
    want(cell_text, "43");
    assert_int_equal(stops, 1);
    assert_int_equal(continued, 1);
    assert_true(ask("debugInfo", NULL));
    assert_int_equal(json_array_size(body("breakpoints")), 1);
    assert_int_equal(json_array_size(body("stoppedThreads")), 0);
    set_points(cell_text, "");
    want(cell_text, "42");
    assert_int_equal(stops, 1);
    set_points(cell_text, "{\"line\":4}");
    assert_true(ask("disconnect", NULL));
    want(cell_text, "42");
    assert_int_equal(stops, 1);
}

static void see_scopes(void) {
    assert_string_equal(variable(0, 1, "fuera"), "7");
    assert_string_equal(variable(0, 1, "_ENV"), "");
    assert_string_equal(variable(0, 2, "mia"), "{1, 2, z = {9}}");
    assert_string_equal(variable(0, 0, "i"), "2");
    assert_string_equal(variable(0, 0, "(for state)"), "");
    assert_string_equal(variable(0, 0, "... [1]"), "\"arg\"");
    assert_string_equal(variable(0, 2, "print"), "");
    assert_string_equal(eval(0, "fuera = 8"), "nil");
    assert_string_equal(eval(0, "nueva = i"), "nil");
    assert_string_equal(eval(0, "vacia"), "nil");
    assert_true(askf("copyToGlobals",
                     "{\"srcVariableName\":\"i\",\"dstVariableName\":\"copia\","
                     "\"srcFrameId\":%lld}",
                     frame_id(0)));
    assert_true(askf("scopes", "{\"frameId\":%lld}", frame_id(0)));
    long long locals = json_integer_value(
        json_object_get(json_array_get(body("scopes"), 0), "variablesReference"));
    assert_true(askf("setVariable",
                     "{\"variablesReference\":%lld,\"name\":\"i\",\"value\":\"i * 100\"}",
                     locals));
    assert_string_equal(variable(0, 0, "i"), "200");
    assert_true(ask("continue", NULL));
}

static const char *const scopes_text = "local fuera = 7\n"
                                       "local function f(...)\n"
                                       "  for i = 2, 2 do\n"
                                       "    local vacia\n"
                                       "    fuera = fuera + i\n"
                                       "  end\n"
                                       "end\n"
                                       "f('arg')\n"
                                       "return fuera, copia, nueva";

static void scopes(void **state) {
    (void)state;
    want("mia = {1, 2, z = {9}} vacia = 5 copia = 0 nueva = 0", "");
    begin(scopes_text, 5);
    script = see_scopes;
    want(scopes_text, "208\t2\t2");
    assert_int_equal(stops, 1);
}

static void see_the_second(void) {
    assert_string_equal(variable(0, 0, "x"), "2");
    assert_int_equal(json_array_size(body("variables")), 1);
    assert_string_equal(eval(0, "x"), "2");
    assert_true(ask("continue", NULL));
}

static void a_name_given_twice(void **state) {
    (void)state;
    static const char code[] = "local x = 1\nlocal x = x + 1\nreturn x";
    begin(code, 3);
    script = see_the_second;
    want(code, "2");
    assert_int_equal(stops, 1);
}

static void types_that_the_tree_shows(void **state) {
    (void)state;
    static const char *const wanted[] = {"int", "float", "str", "bool", "", "", "", ""};
    want("a, b, c, d = 1, 0.5, 'x', true e, f, g, h = 1/0, 2^60, {}, (1 << 53) + 1", "");
    assert_true(ask("inspectVariables", NULL));
    for (size_t i = 0; i < 8; i++)
        assert_string_equal(member(json_array_get(body("variables"), i), "type"),
                            wanted[i]);
}

static void explorer(void **state) {
    (void)state;
    want("a = {1, {2}} b = 'texto' function mi_funcion() end", "");
    assert_true(ask("inspectVariables", NULL));
    const json_t *list = body("variables");
    assert_int_equal(json_array_size(list), 3);
    const json_t *v = json_array_get(list, 0);
    assert_string_equal(member(v, "name"), "a");
    assert_string_equal(member(v, "value"), "{1, {2}}");
    long long ref = json_integer_value(json_object_get(v, "variablesReference"));
    assert_true(ref > 0);
    assert_string_equal(member(json_array_get(list, 1), "value"), "\"texto\"");
    assert_true(askf("variables", "{\"variablesReference\":%lld}", ref));
    assert_int_equal(json_array_size(body("variables")), 2);
    assert_string_equal(member(json_array_get(body("variables"), 1), "name"), "[2]");
    assert_true(
        askf("variables", "{\"variablesReference\":%lld,\"start\":1,\"count\":1}", ref));
    assert_int_equal(json_array_size(body("variables")), 1);
    assert_true(ask("richInspectVariables", "{\"variableName\":\"b\"}"));
    assert_string_equal(member(body("data"), "text/plain"), "texto");
    assert_false(ask("richInspectVariables", "{\"variableName\":\"nadie\"}"));
    want("a = nil collectgarbage() collectgarbage();", "");
    assert_false(askf("variables", "{\"variablesReference\":%lld}", ref));
}

/* PNG bytes come as base64, all three lengths of the tail. */
static void rich_pictures(void **state) {
    (void)state;
    want("function foto(s) return setmetatable({}, {__display = function() return "
         "{['image/png'] = s, ['text/plain'] = 'f', ['application/json'] = '[1]'} end}) "
         "end "
         "f1, f2, f3 = foto('\\255'), foto('\\255\\1'), foto('\\255\\1\\2')",
         "");
    static const char *const wanted[] = {"/w==", "/wE=", "/wEC"};
    for (int i = 0; i < 3; i++) {
        assert_true(askf("richInspectVariables", "{\"variableName\":\"f%d\"}", i + 1));
        assert_string_equal(member(body("data"), "image/png"), wanted[i]);
        assert_true(json_is_array(json_object_get(body("data"), "application/json")));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {DEBUG(hashes),
                                       DEBUG(info_before_anything),
                                       DEBUG(lines_with_code),
                                       DEBUG(lines_are_those_that_run),
                                       DEBUG(a_stop),
                                       DEBUG(scopes),
                                       DEBUG(explorer),
                                       DEBUG(a_name_given_twice),
                                       DEBUG(types_that_the_tree_shows),
                                       DEBUG(rich_pictures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
