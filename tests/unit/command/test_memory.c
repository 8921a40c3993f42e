/* test_memory.c: what the boxes hold is given back: at the end, after errors, in loops,
 * and when every allocation in turn fails. */
#include "../fail_alloc.h"
#include "session.h"

#include "nn/tensor.h"

#include <dlfcn.h>
#include <lauxlib.h>

static void nothing_is_left_behind(void **state) {
    (void)state;
    void *one;
    size_t before = nn_memory_in_use();
    assert_int_equal(session_open(&one), 0);
    session_do(one, "t = tensor.zeros(1000, 100) u = t + 1 v = var(u) s = v:sum() "
                    "d = data.digits{n_train = 100} s:backward()");
    assert_true(nn_memory_in_use() > before);
    session_close(&one);
    assert_int_equal(nn_memory_in_use(), before);
}

static void errors_leave_nothing_behind(void **state) {
    struct session *s = *state;
    static const char *const bad[] = {"tensor{{1, 2}, {3}}",
                                      "tensor{1, \"a\"}",
                                      "tensor.ones(4, 4) + tensor.ones(3)",
                                      "tensor.ones(4):reshape(3)",
                                      "tensor.full{4, value = 300, dtype = \"uint8\"}",
                                      "tensor.ones(4)[9]",
                                      "nn.Dense{4, activation = \"no\"}",
                                      "nn.Sequential{nn.Dense(3), 4}",
                                      "metrics.confusion_matrix({0, 1}, {0})",
                                      "gradcheck(function() error(\"x\") end, {var(1)})",
                                      "data.csv(\"/no_existe\")",
                                      "concat{tensor.ones(3), tensor.ones{2, 2}}",
                                      "optim.SGD{{1}}",
                                      "plot.line({1, 2}, {1})",
                                      "chain(var(1) * 2, var(3))",
                                      "graph(tensor.ones(3))",
                                      "backprop(var{1, 2} * 2)"};
    session_do(s, "collectgarbage()");
    size_t before = nn_memory_in_use();
    for (int round = 0; round < 20; round++)
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            struct interp_result out = recorder_run(s->cell, bad[i]);
            if (out.ok)
                fail_msg("%s no falló", bad[i]);
            interp_result_release(&out);
        }
    session_do(s, "collectgarbage() collectgarbage()");
    assert_int_equal(nn_memory_in_use(), before);
}

/* 8 MB each, 400 of them: the collector is told in time. */
static void loops_do_not_exhaust_memory(void **state) {
    struct session *s = *state;
    size_t limit = nn_memory_limit();
    nn_memory_set_limit(nn_memory_in_use() + (size_t)400 * 1000 * 1000);
    session_do(s, "local t for i = 1, 400 do t = tensor.zeros(1000, 1000) + i end");
    session_do(s, "local w = var(2) for i = 1, 20000 do local y = w * i + 1 end");
    nn_memory_set_limit(limit);
}

static void too_big_is_an_ordinary_error(void **state) {
    struct session *s = *state;
    session_fails(s, "tensor.zeros(100000, 100000, 100)", "MemoryError", "");
    session_fails(s, "tensor.zeros(1 << 60, 1 << 60)", "IndexError", "");
    session_shows(s, "1 + 1", "2");
}

/* Cairo 1.16 jumps to nowhere when its scan converter is short of memory: what it and its
 * own libraries ask for is always there. */
static bool draws(const void *caller) {
    static const char *const names[] = {"libcairo", "libpixman", "libfreetype",
                                        "libfontconfig"};
    Dl_info info;
    if (!dladdr(caller, &info) || !info.dli_fname)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strstr(info.dli_fname, names[i]))
            return true;
    return false;
}

/* Walks each allocation of a cell: it ends with an error or works, and nothing stays. */
static void walk_allocations(struct session *s, const char *code, long step) {
    if (!fail_alloc_supported())
        return;
    session_do(s, code); /* warm: what is made once */
    fail_alloc_spares = draws;
    for (long n = 0; n < 4000; n += step) {
        fail_alloc_after(n);
        struct interp_result out = recorder_run(s->cell, code);
        bool hit = fail_alloc_stop();
        bool ok = out.ok;
        interp_result_release(&out);
        recorder_reset(&s->r);
        if (!hit && ok)
            break;
    }
    session_shows(s, "1 + 1", "2");
}

static void short_memory_is_survived(void **state) {
    struct session *s = *state;
    walk_allocations(
        s, "local t = tensor{{1, 2}, {3, 4}} return (t * 2 + 1):sum{axis = 1}", 1);
    walk_allocations(
        s, "local w = var(2) local y = square(w * 3) y:backward() return w.grad", 1);
    walk_allocations(s,
                     "local w = var(2) local z = w * 3 local y = square(tanh(z) - 1) "
                     "chain(y, w) return backprop(y)",
                     1);
    walk_allocations(s, "return metrics.classification_report({0, 1, 1}, {0, 1, 0})", 1);
    walk_allocations(
        s,
        "return lab.table{{{1, 2.5}, {0}}, columns = {\"y\", \"ŷ\"}, format = "
        "\"%.2f\", caption = \"c\"}",
        1);
    walk_allocations(
        s,
        "plot.curve{function(w) return (w - 1)^2 end, x = {0, 2}, n = 8, minimum "
        "= true, tangents = {0.5}, ways = {{0, 1}, {2, 1}}, points = {{1, 1}}}",
        3);
    walk_allocations(s,
                     "return lab.table{{{a = 1, b = {2}}, {a = 0.5, c = \"x\"}}, "
                     "columns = {\"a\", {\"c\", \"C\"}}, caption = \"t\", note = \"n\"}",
                     1);
    walk_allocations(s,
                     "local m = nn.Sequential{nn.Dense(2)} m:compile{loss = \"mse\"} "
                     "m:fit{{{1, 2}, {3, 4}}, {{1, 2}, {3, 4}}, epochs = 2, verbose = 0}",
                     3);
    session_do(s, "collectgarbage() collectgarbage()");
}

#define T(f) cmocka_unit_test_setup_teardown(f, session_open, session_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_left_behind), T(errors_leave_nothing_behind),
        T(loops_do_not_exhaust_memory), T(too_big_is_an_ordinary_error),
        T(short_memory_is_survived)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
