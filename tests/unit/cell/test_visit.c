/* test_visit.c: another shell's request inside of a running cell, and what is left as it
 * was. */
#include "fixture.h"

#include "cell/stop.h"

#include <lauxlib.h>

static const char *visitor; /* the code that a visit runs */
static bool interrupt_it;
static int visits;
static struct interp_result seen;

static void visit(struct recorder *r) {
    (void)r;
    const struct interp *in = cell_interp(cell);
    visits++;
    if (!in->begin_visit(in->self))
        return;
    struct interp_request req = {
        .code = visitor, .len = strlen(visitor), .execution_count = 1, .shell = 1};
    interp_result_release(&seen);
    in->execute(in->self, &req, &seen);
    if (interrupt_it)
        in->interrupt(in->self);
    in->end_visit(in->self);
}

/* knock(): somebody wants a visit. */
static int l_knock(lua_State *L) {
    (void)L;
    const struct interp *in = cell_interp(cell);
    in->attend(in->self);
    return 0;
}

/* point(): long work's safe point. */
static int l_point(lua_State *L) {
    cell_stop_visit(L);
    return 0;
}

static int open_test(lua_State *L) {
    lua_register(L, "knock", l_knock);
    lua_register(L, "point", l_point);
    return 0;
}

static int set_up(void **state) {
    int rc = fixture_setup(state);
    visits = 0;
    interrupt_it = false;
    rec.visit = visit;
    return rc;
}

static int tear_down(void **state) {
    interp_result_release(&seen);
    return fixture_teardown(state);
}

static void in_a_loop(void **state) {
    (void)state;
    visitor = "done = true return 'inside'";
    want("done = false knock() local n = 0 while not done do n = n + 1 end return n >= 0",
         "true");
    assert_true(seen.ok);
    assert_string_equal(recorder_value(&seen), "inside");
    assert_int_equal(visits, 1);
}

static void in_a_coroutine(void **state) {
    (void)state;
    visitor = "done = coroutine.wrap(function() coroutine.yield(5) end)()";
    want("done = false local co = coroutine.wrap(function() knock() "
         "while not done do end coroutine.yield(1) return 2 end) return co() + co()",
         "3");
    want("return done", "5");
}

static void at_a_point(void **state) {
    (void)state;
    visitor = "x = (x or 0) + 1";
    want("x = 0 point() knock() point() point() return x", "1");
    assert_int_equal(visits, 1);
}

static void asked_before_the_cell_began(void **state) {
    (void)state;
    visitor = "done = true";
    const struct interp *in = cell_interp(cell);
    want("done = false", "");
    in->attend(in->self);
    want("for i = 1, 10 do end return done", "true");
}

/* The visitor fails, the visited goes on; then the visited fails, with its own place. */
static void errors_stay_apart(void **state) {
    (void)state;
    visitor = "local z = nil\nreturn z.field";
    want("knock() local s = 0 for i = 1, 100 do s = s + i end return s", "5050");
    assert_false(seen.ok);
    bool named = false;
    for (size_t i = 0; i < seen.error.lines; i++)
        named = named || strstr(seen.error.traceback[i], "subshell 1");
    assert_true(named);
    visitor = "return 1";
    struct interp_result out =
        recorder_run(cell, "knock() for i = 1, 9 do end\nerror('mine')");
    assert_false(out.ok);
    assert_non_null(strstr(out.error.evalue, "mine"));
    for (size_t i = 0; i < out.error.lines; i++)
        assert_null(strstr(out.error.traceback[i], "subshell"));
    interp_result_release(&out);
}

static void inside_of_pcall(void **state) {
    (void)state;
    visitor = "error('visitor')";
    want("return pcall(function() knock() for i = 1, 9 do end return 7 end)", "true\t7");
    assert_false(seen.ok);
}

/* What the user wants to stop is what he sees running: the outer cell. */
static void an_interrupt_reaches_the_outer_cell(void **state) {
    (void)state;
    visitor = "return 1";
    interrupt_it = true;
    want_error("knock() while true do end", "KeyboardInterrupt", "nterrump");
    want("return 1", "1");
}

static void completion_and_inspection(void **state) {
    (void)state;
    visitor = "return 1";
    want("nombre_largo = 3", "");
    const struct interp *in = cell_interp(cell);
    assert_true(in->begin_visit(in->self));
    struct interp_completion c = {0};
    in->complete(in->self, "nombre_l", 8, 8, &c);
    assert_int_equal(c.n, 1);
    interp_completion_release(&c);
    struct mime_bundle b = {0};
    in->inspect(in->self, "nombre_largo", 12, 3, 0, &b);
    assert_true(b.n > 0);
    mime_release(&b);
    in->end_visit(in->self);
}

static void visits_inside_of_visits(void **state) {
    (void)state;
    visitor = "depth = depth + 1 if depth < 5 then knock() for i = 1, 99 do end end";
    want("depth = 0 knock() for i = 1, 99 do end return depth", "5");
}

static void many(void **state) {
    (void)state;
    visitor = "n = n + 1";
    want("n = 0 for i = 1, 2000 do knock() point() end return n", "2000");
    want("collectgarbage() collectgarbage() return collectgarbage('count') < 4000",
         "true");
}

#define VISIT(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    fixture_open = open_test;
    const struct CMUnitTest tests[] = {VISIT(in_a_loop),
                                       VISIT(in_a_coroutine),
                                       VISIT(at_a_point),
                                       VISIT(asked_before_the_cell_began),
                                       VISIT(errors_stay_apart),
                                       VISIT(inside_of_pcall),
                                       VISIT(an_interrupt_reaches_the_outer_cell),
                                       VISIT(completion_and_inspection),
                                       VISIT(visits_inside_of_visits),
                                       VISIT(many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
