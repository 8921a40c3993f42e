/* test_debug_step.c: how a stopped cell goes on: steps, conditions, pause, errors, interrupt;
 * and requests that nobody would send. */
#include "debugger.h"

#include "cell/watch.h"

#include "../fail_alloc.h"

static const char *command; /* what each stop is answered with */
static int lines[32];       /* where it stopped */

static void note_and_go(void) {
    if (stops <= 32)
        lines[stops - 1] = line_now();
    assert_true(ask(command, NULL));
}

static void check_lines(const int *wanted, int n) {
    for (int i = 0; i < n && i < stops; i++)
        if (lines[i] != wanted[i])
            fail_msg("stop %d: line %d, not %d", i + 1, lines[i], wanted[i]);
    assert_int_equal(stops, n);
}

static const char *const text_calls = "local function f(n)\n" /* 1 */
                                      "  local m = n + 1\n"   /* 2 */
                                      "  return m\n"          /* 3 */
                                      "end\n"                 /* 4 */
                                      "local a = f(1)\n"      /* 5 */
                                      "local b = f(2)\n"      /* 6 */
                                      "return a + b";         /* 7 */

static void over(void **state) {
    (void)state;
    begin(text_calls, 5);
    script = note_and_go;
    command = "next";
    want(text_calls, "5");
    check_lines((int[]){5, 6, 7}, 3);
    want("local q = 1\nlocal r = 2\nq = 3", ""); /* the step is not for the next cell */
    assert_int_equal(stops, 3);
}

static void in(void **state) {
    (void)state;
    begin(text_calls, 5);
    script = note_and_go;
    command = "stepIn";
    want(text_calls, "5");
    check_lines((int[]){5, 2, 3, 6, 2, 3, 7}, 7);
}

static void out(void **state) {
    (void)state;
    begin(text_calls, 3);
    script = note_and_go;
    command = "stepOut";
    want(text_calls, "5");
    check_lines((int[]){3, 6, 3, 7}, 4);
    stops = 0;
    set_points(text_calls, "{\"line\":2}");
    want(text_calls, "5");
    check_lines((int[]){2, 6, 2, 7}, 4);
}

/* An error that unwinds the level where the step began. */
static void over_an_error(void **state) {
    (void)state;
    static const char code[] = "local function g()\n error('x')\nend\n"
                               "local function f()\n  g()\nend\n"
                               "pcall(f)\nlocal z = 1\nreturn z";
    begin(code, 5);
    script = note_and_go;
    command = "next";
    want(code, "1");
    check_lines((int[]){5, 8, 9}, 3);
}

static const char *const text_coroutine = "local co = coroutine.wrap(function()\n" /* 1 */
                                          "  local k = 1\n"                        /* 2 */
                                          "  coroutine.yield(k)\n"                 /* 3 */
                                          "  k = 2\n"                              /* 4 */
                                          "  return k\n"                           /* 5 */
                                          "end)\n"                                 /* 6 */
                                          "local a = co()\n"                       /* 7 */
                                          "local b = co()\n"                       /* 8 */
                                          "return a + b";                          /* 9 */

static void in_a_coroutine(void **state) {
    (void)state;
    begin(text_coroutine, 3);
    script = note_and_go;
    command = "next";
    want(text_coroutine, "3");
    check_lines((int[]){3, 8, 9}, 3);
    stops = 0;
    set_points(text_coroutine, "{\"line\":7}");
    want(text_coroutine, "3");
    check_lines((int[]){7, 8, 9}, 3);
    stops = 0;
    command = "stepIn";
    want(text_coroutine, "3");
    check_lines((int[]){7, 2, 3, 8, 4, 5, 9}, 7);
}

static void see_both(void) {
    assert_int_equal(line_now(), 4);
    assert_int_equal(json_integer_value(json_object_get(frame(1), "line")), 8);
    assert_string_equal(eval(0, "k"), "1");
    assert_string_equal(eval(1, "a"), "1");
    assert_true(ask("continue", NULL));
}

static void frames_of_a_coroutine(void **state) {
    (void)state;
    begin(text_coroutine, 4);
    script = see_both;
    want(text_coroutine, "3");
    assert_int_equal(stops, 1);
}

/* A coroutine made before there was any breakpoint, and functions of an earlier cell. */
static void older_code(void **state) {
    (void)state;
    static const char code[] = "function suma(a)\n  local t = a + 1\n  return t\nend\n"
                               "vieja = coroutine.wrap(function() while true do\n"
                               "coroutine.yield(suma(1)) end end)\nvieja()";
    want(code, "2");
    begin(code, 3);
    script = note_and_go;
    command = "continue";
    struct interp_result r = recorder_run_n(cell, "suma(4)", 7, 2);
    assert_string_equal(recorder_value(&r), "5");
    interp_result_release(&r);
    r = recorder_run_n(cell, "vieja()", 7, 3);
    interp_result_release(&r);
    check_lines((int[]){3, 3}, 2);
    assert_true(ask("disconnect", NULL));
    r = recorder_run_n(cell, "vieja()", 7, 4);
    interp_result_release(&r);
    assert_int_equal(stops, 2);
}

static void pause_then_next(void) {
    if (stops == 1) {
        assert_true(ask("pause", NULL));
        return;
    }
    lines[stops - 2] = line_now();
    assert_true(ask("next", NULL));
}

/* The hook is turned on in the innermost of three; those that wait have it when they go on. */
static void out_of_nested_coroutines(void **state) {
    (void)state;
    static const char code[] = "local function inner()\n"      /* 1 */
                               "  knock()\n"                   /* 2 */
                               "  for i = 1, 3 do i = i end\n" /* 3 */
                               "end\n"                         /* 4 */
                               "local function outer()\n"      /* 5 */
                               "  coroutine.wrap(inner)()\n"   /* 6 */
                               "  local z = 1\n"               /* 7 */
                               "end\n"                         /* 8 */
                               "coroutine.wrap(outer)()\n"     /* 9 */
                               "return 5";                     /* 10 */
    start();
    script = pause_then_next;
    want(code, "5");
    int seven = 0, ten = 0;
    for (int i = 0; i < stops - 1; i++) {
        seven += lines[i] == 7;
        ten += lines[i] == 10;
    }
    assert_int_equal(seven, 1);
    assert_int_equal(ten, 1);
}

static const char *const text_loop =
    "local s = 0\nfor i = 1, 10 do\n  s = s + i\nend\nreturn s";

static void see_seven(void) {
    assert_string_equal(eval(0, "i"), "7");
    assert_true(ask("continue", NULL));
}

static void conditions(void **state) {
    (void)state;
    start();
    script = see_seven;
    set_points(text_loop, "{\"line\":3,\"condition\":\"i == 7\"}");
    want(text_loop, "55");
    assert_int_equal(stops, 1);
    set_points(text_loop, "{\"line\":3,\"hitCondition\":\"7\"}");
    want(text_loop, "55");
    assert_int_equal(stops, 2);
    want(text_loop, "55"); /* each run counts for itself */
    assert_int_equal(stops, 3);
    stops = 2;
    set_points(text_loop, "{\"line\":3,\"hitCondition\":\"> 8\"}");
    script = NULL;
    want(text_loop, "55");
    assert_int_equal(stops, 4);
    set_points(text_loop,
               "{\"line\":3,\"condition\":\"i > 8\",\"hitCondition\":\"% 2\"}");
    want(text_loop, "55");
    assert_int_equal(stops, 5);
    set_points(text_loop, "{\"line\":3,\"logMessage\":\"i vale {i}, s {s}\","
                          "\"condition\":\"i < 3\"}");
    want_out(text_loop, "i vale 1, s 0\ni vale 2, s 1\n");
    assert_int_equal(stops, 5);
    set_points(text_loop, "{\"line\":3,\"condition\":\"i > \",\"hitCondition\":\"1\"}");
    want_out("return 1", "");
    set_points(text_calls, "{\"line\":2},{\"line\":6,\"condition\":\"f(1) == 2\"}");
    script = NULL;
    want(text_calls, "5"); /* nothing stops inside of a condition */
    assert_int_equal(stops, 8);
    stops = 5;
    set_points(text_calls, "");
    set_points(text_loop, "{\"line\":5,\"condition\":\"nada.x\"}");
    recorder_reset(&rec);
    want(text_loop, "55");
    assert_non_null(strstr(recorder_stdout(&rec), "«nada»"));
    assert_int_equal(stops, 6);
}

static void see_error(void) {
    assert_string_equal(reason, "exception");
    assert_non_null(strstr(text, "suma"));
    assert_int_equal(line_now(), 3);
    assert_string_equal(variable(0, 0, "t"), "{}");
    assert_true(ask("continue", NULL));
}

static void errors(void **state) {
    (void)state;
    static const char code[] =
        "local function f()\n  local t = {}\n  return t.suma()\nend\n"
        "pcall(f)\nreturn f() + 1";
    start();
    assert_true(ask("setExceptionBreakpoints", "{\"filters\":[\"error\"]}"));
    script = see_error;
    want_error(code, "TypeError", "suma");
    assert_int_equal(stops, 1);
    assert_true(ask("setExceptionBreakpoints", "{\"filters\":[\"nan\"]}"));
    want_error(code, "TypeError", "suma");
    assert_int_equal(stops, 1);
}

static void interrupt_it(void) {
    const struct interp *in = cell_interp(cell);
    in->interrupt(in->self);
}

/* found(text, first): a command that looks at its results. */
static bool watching;

static void watch(void *ctx, bool on) {
    *(bool *)ctx = on;
}

static int l_found(lua_State *L) {
    if (watching)
        cell_watch_found(L, lua_tostring(L, 1), lua_toboolean(L, 2));
    return 0;
}

static void see_result(void) {
    assert_string_equal(reason, "exception");
    assert_non_null(strstr(text, "NaN en"));
    assert_string_equal(variable(0, 0, "x"), "3");
    assert_true(ask("continue", NULL));
}

static void results_that_are_no_numbers(void **state) {
    (void)state;
    lua_State *L = cell_lua(cell);
    lua_register(L, "found", l_found);
    cell_watch_register(L, watch, &watching);
    start();
    script = see_result;
    want("local x = 3 found('NaN en suma', true) return x", "3");
    assert_int_equal(stops, 0);
    assert_true(ask("setExceptionBreakpoints", "{\"filters\":[\"nan\"]}"));
    assert_true(watching);
    /* the first one stops wherever it began, later ones where they begin, a line once */
    want("local x = 3\nfound('NaN en a', false)\nfound('NaN en b', false)\n"
         "for i = 1, 3 do\nfound('NaN en c', true)\nend return x",
         "3");
    assert_int_equal(stops, 2);
    want("local x = 3 coroutine.wrap(function() local x = 3 found('NaN en d', true) "
         "end)() "
         "return x",
         "3");
    assert_int_equal(stops, 3);
    script = interrupt_it;
    want_error("local x = 3 found('NaN en e', true) while true do end",
               "KeyboardInterrupt", "nterrump");
    script = see_result;
    assert_true(ask("disconnect", NULL));
    assert_false(watching);
    want("local x = 3 found('NaN en f', true) return x", "3");
    assert_int_equal(stops, 4);
}

static void see_pause(void) {
    if (stops == 1) { /* the cell runs: nothing is stopped yet */
        assert_true(ask("pause", NULL));
        return;
    }
    assert_string_equal(reason, "pause");
    assert_string_equal(eval(0, "listo = true"), "nil");
    assert_true(ask("continue", NULL));
}

/* knock(): somebody wants a visit. */
static int l_knock(lua_State *L) {
    (void)L;
    const struct interp *in = cell_interp(cell);
    in->attend(in->self);
    return 0;
}

static void pause_in_a_loop(void **state) {
    (void)state;
    start();
    script = see_pause;
    want("local listo = false knock() while not listo do end return listo", "true");
    assert_int_equal(stops, 2);
    stops = 0;
    want("local listo = false coroutine.wrap(function() knock() "
         "while not listo do end end)() return listo",
         "true");
    assert_int_equal(stops, 2);
}

static void interrupted(void **state) {
    (void)state;
    begin(text_loop, 3);
    script = interrupt_it;
    want_error(text_loop, "KeyboardInterrupt", "nterrump");
    assert_int_equal(continued, 1);
    script = NULL;
    want("1 + 1", "2");
}

static void disconnect_it(void) {
    assert_true(ask("disconnect", NULL));
}

static void disconnected(void **state) {
    (void)state;
    begin(text_loop, 3);
    script = disconnect_it;
    want(text_loop, "55");
    assert_int_equal(stops, 1);
}

/* Nothing stops inside of what a stop evaluates. */
static void see_no_deadlock(void) {
    assert_string_equal(eval(0, "suma(1)"), "2");
    assert_true(ask("continue", NULL));
}

static void breakpoints_in_a_visit(void **state) {
    (void)state;
    static const char code[] = "function suma(a)\n  return a + 1\nend\nsuma(3)";
    begin(code, 2);
    script = see_no_deadlock;
    want(code, "4");
    assert_int_equal(stops, 1);
}

static const char *const hostile[] = {
    "{}",
    "[]",
    "null",
    "3",
    "\"x\"",
    "{\"command\":3}",
    "{\"command\":\"\"}",
    "{\"command\":\"setBreakpoints\",\"arguments\":[]}",
    "{\"command\":\"setBreakpoints\",\"arguments\":{\"source\":{\"path\":7}}}",
    "{\"command\":\"setBreakpoints\",\"arguments\":{\"source\":{\"path\":\"/dev/null\"},"
    "\"breakpoints\":[3,{\"line\":-5},{\"line\":1e99},{\"line\":9223372036854775807},"
    "{\"line\":\"a\"},null,[]]}}",
    "{\"command\":\"setBreakpoints\",\"arguments\":{\"source\":{\"path\":\"/tmp/nabla_1/"
    "99999999999999999999.lua\"},\"breakpoints\":{}}}",
    "{\"command\":\"setExceptionBreakpoints\",\"arguments\":{\"filters\":[3,null,{}]}}",
    "{\"command\":\"setExceptionBreakpoints\",\"arguments\":{\"filters\":\"x\"}}",
    "{\"command\":\"variables\",\"arguments\":{\"variablesReference\":-1}}",
    "{\"command\":\"variables\",\"arguments\":{\"variablesReference\":"
    "9223372036854775807,"
    "\"start\":-3,\"count\":-9}}",
    "{\"command\":\"variables\",\"arguments\":{\"variablesReference\":-"
    "9223372036854775808}}",
    "{\"command\":\"variables\",\"arguments\":{\"variablesReference\":10000,"
    "\"start\":9223372036854775807,\"count\":9223372036854775807}}",
    "{\"command\":\"variables\",\"arguments\":{\"variablesReference\":1500}}",
    "{\"command\":\"variables\",\"arguments\":{\"variablesReference\":2500}}",
    "{\"command\":\"variables\",\"arguments\":{\"variablesReference\":5000}}",
    "{\"command\":\"scopes\",\"arguments\":{\"frameId\":-9223372036854775808}}",
    "{\"command\":\"stackTrace\",\"arguments\":{\"startFrame\":-4,\"levels\":-7}}",
    "{\"command\":\"stackTrace\",\"arguments\":{\"startFrame\":9223372036854775807}}",
    "{\"command\":\"evaluate\",\"arguments\":{\"expression\":\"\\u0000\"}}",
    "{\"command\":\"evaluate\",\"arguments\":{\"expression\":\"error(nil)\"}}",
    "{\"command\":\"evaluate\",\"arguments\":{\"expression\":\"error({})\",\"frameId\":"
    "99}}",
    "{\"command\":\"evaluate\",\"arguments\":{\"expression\":\"('x'):rep(1e10)\"}}",
    "{\"command\":\"evaluate\",\"arguments\":{\"expression\":\"f() function f() f() "
    "end\"}}",
    "{\"command\":\"evaluate\",\"arguments\":{\"expression\":\"'\\\\255\\\\0\\\\27'\"}}",
    "{\"command\":\"setVariable\",\"arguments\":{\"variablesReference\":-7,\"name\":\"["
    "\","
    "\"value\":\"1\"}}",
    "{\"command\":\"setVariable\",\"arguments\":{\"variablesReference\":-1001,"
    "\"name\":\"q\",\"value\":\"1\"}}",
    "{\"command\":\"setVariable\",\"arguments\":{\"variablesReference\":99999,"
    "\"name\":\"[1]\",\"value\":\"nil\"}}",
    "{\"command\":\"copyToGlobals\",\"arguments\":{\"srcVariableName\":\"\"}}",
    "{\"command\":\"copyToGlobals\",\"arguments\":{\"srcVariableName\":\"1\","
    "\"dstVariableName\":\"_ENV\",\"srcFrameId\":\"x\"}}",
    "{\"command\":\"richInspectVariables\",\"arguments\":{\"variableName\":\"nil\"}}",
    "{\"command\":\"dumpCell\",\"arguments\":{\"code\":[]}}",
    "{\"command\":\"dumpCell\",\"arguments\":{\"code\":\"\"}}",
    "{\"command\":\"source\",\"arguments\":{\"source\":{\"path\":\"/\"}}}",
    "{\"command\":\"source\",\"arguments\":{\"source\":{\"path\":\"/dev/null\"}}}",
    "{\"command\":\"pause\"}",
    "{\"command\":\"inspectVariables\",\"seq\":\"a\"}",
    "{\"command\":\"attach\",\"arguments\":null}",
    "{",
    "",
    "\xff\xfe"};

static void send_hostile(void) {
    const struct interp *in = cell_interp(cell);
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        char *s = in->debug(in->self, hostile[i], strlen(hostile[i]));
        assert_non_null(s);
        json_t *j = json_loads(s, 0, NULL);
        assert_string_equal(member(j, "type"), "response");
        json_decref(j);
        free(s);
    }
}

static void send_and_go(void) {
    send_hostile();
    assert_true(ask("continue", NULL));
}

static void hostile_requests(void **state) {
    (void)state;
    want("t = {} t.t = t", "");
    send_hostile();
    start();
    send_hostile();
    want("1 + 1", "2");
    set_points(text_coroutine, "{\"line\":4}");
    script = send_and_go;
    want(text_coroutine, "3");
    assert_int_equal(stops, 1);
}

/* -------------------------------------------------------------------------- short memory */

static const char *const some_text =
    "local t = {1, {2}, x = 'y'}\nlocal s = t.x\nreturn s";

/* Whatever a stop can be asked; %s is the cell's path. The first stop's frame is 1001. */
static const char *const all[][2] = {
    {"initialize", "{}"},
    {"attach", "{}"},
    {"debugInfo", "{}"},
    {"dumpCell", "{\"code\":\"x = 1\"}"},
    {"setBreakpoints",
     "{\"source\":{\"path\":\"%s\"},\"breakpoints\":[{\"line\":2,\"condition\":"
     "\"s == nil\"},{\"line\":3,\"hitCondition\":\"9\",\"logMessage\":\"{s}\"}]}"},
    {"source", "{\"source\":{\"path\":\"%s\"}}"},
    {"inspectVariables", "{}"},
    {"richInspectVariables", "{\"variableName\":\"t\",\"frameId\":1001}"},
    {"stackTrace", "{}"},
    {"scopes", "{\"frameId\":1001}"},
    {"variables", "{\"variablesReference\":1000}"},
    {"variables", "{\"variablesReference\":1}"},
    {"variables", "{\"variablesReference\":2000}"},
    {"evaluate", "{\"expression\":\"t.x .. t[1]\",\"frameId\":1001}"},
    {"evaluate", "{\"expression\":\"t.y.z\",\"frameId\":1001}"},
    {"setVariable",
     "{\"variablesReference\":1000,\"name\":\"t\",\"value\":\"{x = 'y'}\"}"},
    {"copyToGlobals", "{\"srcVariableName\":\"t\",\"dstVariableName\":\"copia\"}"},
};

static void ask_all(const char *path) {
    const struct interp *x = cell_interp(cell);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char request[1024];
        int n = snprintf(request, sizeof request,
                         "{\"command\":\"%s\",\"arguments\":", all[i][0]);
        const char *hole = strstr(all[i][1], "%s");
        if (hole)
            snprintf(request + n, sizeof request - (size_t)n, "%.*s%s%s}",
                     (int)(hole - all[i][1]), all[i][1], path, hole + 2);
        else
            snprintf(request + n, sizeof request - (size_t)n, "%s}", all[i][1]);
        free(x->debug(x->self, request, strlen(request)));
    }
}

static void ask_without_memory(void) {
    char path[256];
    snprintf(path, sizeof path, "%s", path_of(some_text));
    for (long n = 0;; n += n < 300 ? 1 : 23) {
        fail_alloc_after(n);
        ask_all(path);
        if (!fail_alloc_stop())
            break;
    }
    assert_string_equal(eval(0, "t.x"), "\"y\"");
    assert_true(ask("continue", NULL));
}

static void short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        return;
    begin(some_text, 2);
    script = ask_without_memory;
    want(some_text, "y");
    assert_true(stops >= 1);
    want("1 + 1", "2");
}

/* Real requests with some bytes changed, from a generator with a fixed seed. */
static void ask_mutants(void) {
    static const char bytes[] = "0123456789{}[],:\"abc-.\x01\xff";
    const struct interp *x = cell_interp(cell);
    uint32_t r = 12345;
    for (int round = 0; round < 6000; round++) {
        char request[1024];
        const char *const *one = all[(unsigned)round % (sizeof all / sizeof *all)];
        int n = snprintf(request, sizeof request, "{\"command\":\"%s\",\"arguments\":%s}",
                         one[0], one[1]);
        for (int k = 0; k < 1 + round % 4; k++) {
            r = r * 1664525U + 1013904223U;
            request[(r >> 8) % (unsigned)n] = bytes[(r >> 20) % (sizeof bytes - 1)];
        }
        free(x->debug(x->self, request, (size_t)n));
    }
    assert_true(ask("attach", NULL));
    assert_true(ask("continue", NULL));
}

static void mutated_requests(void **state) {
    (void)state;
    begin(some_text, 2);
    script = ask_mutants;
    struct interp_result out = recorder_run(cell, some_text);
    interp_result_release(&out);
    assert_true(stops >= 1);
    script = NULL;
    want("1 + 1", "2");
}

static int open_test(lua_State *L) {
    lua_register(L, "knock", l_knock);
    return 0;
}

int main(void) {
    fixture_open = open_test;
    const struct CMUnitTest tests[] = {DEBUG(over),
                                       DEBUG(in),
                                       DEBUG(out),
                                       DEBUG(over_an_error),
                                       DEBUG(in_a_coroutine),
                                       DEBUG(frames_of_a_coroutine),
                                       DEBUG(older_code),
                                       DEBUG(out_of_nested_coroutines),
                                       DEBUG(conditions),
                                       DEBUG(errors),
                                       DEBUG(results_that_are_no_numbers),
                                       DEBUG(pause_in_a_loop),
                                       DEBUG(interrupted),
                                       DEBUG(disconnected),
                                       DEBUG(breakpoints_in_a_visit),
                                       DEBUG(hostile_requests),
                                       DEBUG(short_memory),
                                       DEBUG(mutated_requests)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
