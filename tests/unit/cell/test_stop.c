/* test_stop.c: the graded interrupt: what it breaks, what it spares, and how fast. */
#include "fixture.h"

#include "cell/error.h"
#include "cell/stop.h"

#include <lauxlib.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_bool running, training;
static atomic_int steps;

/* go(): tells the test that the cell has begun. */
static int l_go(lua_State *L) {
    (void)L;
    atomic_store(&running, true);
    return 0;
}

/* train(): polls until it is stopped; the kind of stop as its result. */
static int l_train(lua_State *L) {
    struct cell_stop *s = cell_stop_of(L);
    bool deaf = lua_toboolean(L, 1); /* ends only when unwound */
    cell_stop_begin(s);
    atomic_store(&training, true);
    while (cell_stop_poll(s) == CELL_GO || (deaf && cell_stop_poll(s) != CELL_UNWIND))
        atomic_fetch_add(&steps, 1);
    enum cell_stop_kind how = cell_stop_end(s);
    atomic_store(&training, false);
    if (how == CELL_UNWIND)
        return cell_raise_interrupt(L);
    lua_pushinteger(L, how);
    return 1;
}

static int open_test(lua_State *L) {
    lua_register(L, "go", l_go);
    lua_register(L, "train", l_train);
    return 0;
}

static bool wait_for(atomic_bool *flag) {
    double end = clock_seconds() + 20;
    while (!atomic_load(flag) && clock_seconds() < end)
        sched_yield();
    return atomic_load(flag);
}

struct kick {
    int times;
    bool in_training;
    double at; /* when the last request was made */
};

static void *kicker(void *arg) {
    struct kick *k = arg;
    const struct interp *in = cell_interp(cell);
    for (int i = 0; i < k->times; i++) {
        if (!wait_for(k->in_training ? &training : &running))
            return NULL;
        k->at = clock_seconds();
        in->interrupt(in->self);
    }
    return NULL;
}

static struct interp_result run_kicked(const char *code, struct kick *k) {
    pthread_t t;
    atomic_store(&running, false);
    atomic_store(&training, false);
    assert_int_equal(pthread_create(&t, NULL, kicker, k), 0);
    struct interp_result out = recorder_run(cell, code);
    double done = clock_seconds();
    pthread_join(t, NULL);
    assert_true(done - k->at < 5); /* generous: other work shares the machine */
    return out;
}

static void want_broken(const char *code) {
    struct kick k = {.times = 1};
    struct interp_result out = run_kicked(code, &k);
    if (out.ok)
        print_message("went on: %s\n", code);
    assert_false(out.ok);
    assert_string_equal(out.error.ename, "KeyboardInterrupt");
    interp_result_release(&out);
    want("1 + 1", "2"); /* and the next cell is not touched */
}

static void test_loops(void **state) {
    (void)state;
    want_broken("go() while true do end");
    want_broken("local function f() go() while true do end end f()");
    want_broken("go() while true do pcall(function() while true do end end) end");
    want_broken("xpcall(function() go() while true do end end, function() while true do "
                "end end)");
    want_broken("go() while true do pcall(error, 'x') end");
    want_broken("coroutine.wrap(function() go() while true do end end)()");
    want_broken("while true do local co = coroutine.create(function() go() while true do "
                "end end) coroutine.resume(co) end");
    want_broken(
        "local co = coroutine.wrap(function() while true do coroutine.yield() end "
        "end) go() while true do co() end");
    want_broken("table.sort({3, 2, 1}, function() go() while true do end end)");
    want_broken("('x'):gsub('x', function() go() while true do end end)");
    want_broken("load('go() while true do end')()");
    want_broken("go() while true do print(1) end");
    want_broken("local t <close> = setmetatable({}, {__close = function() while true do "
                "end end}) go() while true do end");
    want_broken("go() while true do load('local x = 1') end");
}

static void test_c_loops(void **state) {
    (void)state;
    want_broken("go() while true do string.rep('x', 1e8) collectgarbage() end");
    want_broken("local s, p = ('a'):rep(40), ('a?'):rep(40) .. ('a'):rep(40) go() "
                "s:find(p)");
    want_broken("local s = ('a'):rep(30000) go() s:find(('a*'):rep(20) .. 'b')");
    want_broken("local s = ('a'):rep(30000) go() s:gsub(('.-'):rep(20) .. 'b', '')");
    want_broken(
        "local s = ('a'):rep(30000) go() for x in s:gmatch(('.*'):rep(20) .. 'b') "
        "do end");
    want_broken("local s = ('a'):rep(30000) go() s:match(('a-'):rep(20) .. 'b')");
}

static void test_idle(void **state) {
    (void)state;
    const struct interp *in = cell_interp(cell);
    in->interrupt(in->self);
    in->interrupt(in->self);
    want("local s = 0 for i = 1, 100000 do s = s + 1 end s", "100000");
}

static void test_gentle(void **state) {
    (void)state;
    struct kick k = {.times = 1, .in_training = true};
    struct interp_result out = run_kicked("local how = train() how + 10", &k);
    assert_true(out.ok); /* the cell went on behind the training */
    assert_string_equal(recorder_value(&out), "11");
    interp_result_release(&out);
}

static void test_twice(void **state) {
    (void)state;
    struct kick k = {.times = 2, .in_training = true};
    struct interp_result out = run_kicked("train(true) return 'siguió'", &k);
    assert_false(out.ok);
    assert_string_equal(out.error.ename, "KeyboardInterrupt");
    interp_result_release(&out);
}

/* The second request comes when the training is over and the cell goes on. */
static void test_second_after_training(void **state) {
    (void)state;
    struct cell_stop *s = cell_stop_of(cell_lua(cell));
    struct kick k = {.times = 1, .in_training = true};
    pthread_t t;
    atomic_store(&running, false);
    atomic_store(&training, false);
    pthread_create(&t, NULL, kicker, &k);
    struct kick later = {.times = 1};
    pthread_t t2;
    pthread_create(&t2, NULL, kicker, &later);
    struct interp_result out = recorder_run(cell, "train() go() while true do end");
    pthread_join(t, NULL);
    pthread_join(t2, NULL);
    assert_false(out.ok);
    assert_string_equal(out.error.ename, "KeyboardInterrupt");
    assert_int_equal(cell_stop_poll(s), CELL_GO);
    interp_result_release(&out);
}

static void test_nested_and_stale(void **state) {
    (void)state;
    struct cell_stop *s = cell_stop_of(cell_lua(cell));
    cell_stop_request_gentle(s); /* no training: nothing */
    assert_int_equal(cell_stop_poll(s), CELL_GO);
    cell_stop_begin(s);
    cell_stop_begin(s);
    cell_stop_request_gentle(s);
    assert_int_equal(cell_stop_poll(s), CELL_GENTLE);
    assert_int_equal(cell_stop_end(s), CELL_GENTLE); /* the inner one took it */
    assert_int_equal(cell_stop_poll(s), CELL_GO);
    assert_int_equal(cell_stop_end(s), CELL_GO);
    assert_int_equal(cell_stop_end(s), CELL_GO); /* one too many does no harm */
}

static void on_usr1(int n) {
    (void)n;
    const struct interp *in = cell_interp(cell);
    in->interrupt(in->self);
}

static int l_signal(lua_State *L) {
    (void)L;
    raise(SIGUSR1);
    return 0;
}

static void test_from_signal_handler(void **state) {
    (void)state;
    signal(SIGUSR1, on_usr1);
    lua_register(cell_lua(cell), "signal_self", l_signal);
    struct interp_result out = recorder_run(cell, "signal_self() while true do end");
    assert_false(out.ok);
    assert_string_equal(out.error.ename, "KeyboardInterrupt");
    interp_result_release(&out);
}

int main(void) {
    fixture_open = open_test;
    const struct CMUnitTest tests[] = {TEST(test_loops),
                                       TEST(test_c_loops),
                                       TEST(test_idle),
                                       TEST(test_gentle),
                                       TEST(test_twice),
                                       TEST(test_second_after_training),
                                       TEST(test_nested_and_stale),
                                       TEST(test_from_signal_handler)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
