/* test_memory.c: the ceiling, charged memory, and every allocation failing in turn. */
#include "fixture.h"

#include "../fail_alloc.h"
#include "cell/error.h"

static void test_ceiling(void **state) {
    (void)state;
    want("x = 42", "");
    want_error("local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end",
               "MemoryError", "256.0 MiB");
    want_error("('x'):rep(1e9)", "MemoryError", "límite");
    want_error("local s = 'x' while true do s = s .. s end", "MemoryError", "límite");
    want_error("local t = {} while true do t = {t} end", "MemoryError", "límite");
    want("x", "42");
    assert_true(cell_memory_used(cell_lua(cell)) < (size_t)8 << 20);
    want("pcall(string.rep, 'x', 1e9)", "false\tno queda memoria");
}

/* Neither its million call records nor its stack stay until some later error. */
static void test_endless_recursion_leaves_nothing(void **state) {
    (void)state;
    lua_State *L = cell_lua(cell);
    lua_gc(L, LUA_GCCOLLECT);
    lua_gc(L, LUA_GCSTOP);
    size_t before = cell_memory_used(L);
    struct interp_result out =
        recorder_run(cell, "local function f() return f() + 1 end f()");
    assert_false(out.ok);
    interp_result_release(&out);
    assert_true(cell_memory_used(L) < before + ((size_t)1 << 20));
    lua_gc(L, LUA_GCRESTART);
}

static void test_place(void **state) {
    (void)state;
    struct interp_result out =
        recorder_run(cell, "local a = 1\nlocal s = ('x'):rep(1e9)");
    assert_false(out.ok);
    assert_true(out.error.lines >= 2);
    assert_non_null(strstr(out.error.traceback[1], "línea 2"));
    interp_result_release(&out);
}

static void test_charge(void **state) {
    (void)state;
    lua_State *L = cell_lua(cell);
    struct err e = {0};
    size_t before = cell_memory_used(L);
    assert_int_equal(cell_memory_charge(L, (size_t)200 << 20, &e), 0);
    assert_true(cell_memory_used(L) >= ((size_t)200 << 20));
    assert_int_equal(cell_memory_charge(L, (size_t)100 << 20, &e), ERR_NOMEM);
    assert_non_null(strstr(e.msg, "100.0 MiB"));
    assert_int_equal(cell_memory_charge(L, SIZE_MAX, &e), ERR_NOMEM);
    cell_memory_release(L, (size_t)200 << 20);
    assert_true(cell_memory_used(L) <= before + 4096);
    cell_memory_release(L, SIZE_MAX); /* more than there is: down to nothing */
    assert_int_equal(cell_memory_max(L), (size_t)256 << 20);
}

/* A small box that holds much: the collector must run on its account. */
static int box_gc(lua_State *L) {
    cell_memory_release(L, (size_t)50 << 20);
    return 0;
}

static int l_box(lua_State *L) {
    struct err e = {0};
    if (cell_memory_charge(L, (size_t)50 << 20, &e) < 0)
        return cell_raise(L, &e);
    lua_newuserdatauv(L, 1, 0);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, box_gc);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    return 1;
}

static void test_boxes_are_collected(void **state) {
    (void)state;
    lua_register(cell_lua(cell), "box", l_box);
    want("for i = 1, 100 do local b = box() end", "");
    want_error("t = {} for i = 1, 100 do t[i] = box() end", "MemoryError", "50.0 MiB");
    want("t = nil for i = 1, 100 do local b = box() end", "");
}

static void test_environment(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t bytes;
    } sizes[] = {
        {"64M", (size_t)64 << 20}, {"2G", (size_t)2 << 30}, {"1000000", 1000000}};
    struct cell_config cfg = {.host = &rec.host};
    struct err e = {0};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct cell *c;
        setenv("NABLA_MEMORY", sizes[i].text, 1);
        assert_int_equal(cell_new(&c, &cfg, &e), 0);
        assert_int_equal(cell_memory_max(cell_lua(c)), sizes[i].bytes);
        cell_free(c);
    }
    setenv("NABLA_MEMORY", "mucha", 1);
    struct cell *c;
    assert_int_equal(cell_new(&c, &cfg, &e), 0);
    assert_true(cell_memory_max(cell_lua(c)) > (size_t)64 << 20);
    cell_free(c);
    unsetenv("NABLA_MEMORY");
}

static void test_new_without_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    struct cell_config cfg = {.host = &rec.host, .memory_max = (size_t)64 << 20};
    for (long n = 0;; n += n < 400 ? 1 : 37) {
        struct err e = {0};
        struct cell *c = (struct cell *)(uintptr_t)1;
        fail_alloc_after(n);
        int rc = cell_new(&c, &cfg, &e);
        bool failed = fail_alloc_stop();
        if (!failed) {
            assert_int_equal(rc, 0);
            cell_free(c);
            break;
        }
        if (rc == 0) { /* an emergency collection found room */
            cell_free(c);
            continue;
        }
        assert_int_equal(rc, ERR_NOMEM);
        assert_null(c);
        assert_true(e.msg[0]);
    }
}

/* Everything that the kernel can ask, with the nth allocation and all later ones failing. */
static void ask_all(void) {
    static const char code[] = "local t = {1, {2}, a = 'x'} display(t) print(t.a) "
                               "pcall(error, 'x') local s = t.b.c";
    const struct interp *in = cell_interp(cell);
    struct interp_result out = recorder_run(cell, code);
    interp_result_release(&out);
    out = recorder_run(cell, "?print");
    interp_result_release(&out);
    struct interp_completion m;
    in->complete(in->self, "string.f", 8, 8, &m);
    interp_completion_release(&m);
    in->complete(in->self, "display{1, c", 12, 12, &m);
    interp_completion_release(&m);
    struct mime_bundle b = {0};
    in->inspect(in->self, "string.format", 13, 13, 1, &b);
    mime_release(&b);
    char indent[32];
    in->is_complete(in->self, "for i=1,2 do", 12, indent, sizeof indent);
}

static void test_asking_without_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    for (long n = 0;; n++) {
        fail_alloc_after(n);
        ask_all();
        bool failed = fail_alloc_stop();
        recorder_reset(&rec);
        want("6 * 7", "42"); /* alive */
        if (!failed)
            break;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(test_ceiling),
                                       TEST(test_endless_recursion_leaves_nothing),
                                       TEST(test_place),
                                       TEST(test_charge),
                                       TEST(test_boxes_are_collected),
                                       TEST(test_environment),
                                       TEST(test_new_without_memory),
                                       TEST(test_asking_without_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
