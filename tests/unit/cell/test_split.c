/* test_split.c: where the last expression of a cell begins, and the outermost locals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "../../../kernel/cell/split.h"

static void keep(void *arg, const char *s, size_t n) {
    strncat(arg, s, n);
    strcat(arg, " ");
}

static struct cell_split split(const char *src, char names[256]) {
    struct lex_list list;
    struct cell_split out;
    names[0] = '\0';
    assert_true(cell_lex(&list, src, strlen(src)));
    cell_split(&list, &out, keep, names);
    cell_lex_release(&list);
    return out;
}

static void tail(const char *src, const char *expected) {
    char names[256];
    struct cell_split s = split(src, names);
    if (!expected) {
        assert_false(s.tail);
        return;
    }
    if (!s.tail)
        print_message("no tail: %s\n", src);
    assert_true(s.tail);
    assert_string_equal(src + s.start, expected);
}

static void test_tail(void **state) {
    (void)state;
    tail("1 + 2", "1 + 2");
    tail("x = 5", NULL);
    tail("x = a - 1", NULL);
    tail("x = f 'a'", NULL);
    tail("x = f\n(a)", NULL);
    tail("x, y = 1, 2", NULL);
    tail("local a = 1\na +\n 41", "a +\n 41");
    tail("f() g(x).y", "g(x).y");
    tail("f()\n(g)()", "f()\n(g)()"); /* one statement, as Lua reads it */
    tail("for i = 1, 3 do print(i) end i", "i");
    tail("while (function() return x end)() do y() end z", "z");
    tail("if a then b() elseif c then d() else e() end 'x'", "'x'");
    tail("repeat a() until b == c d", "d");
    tail("function f() return 1 end f", "f");
    tail("local function f() if x then y() end end\n#f", "#f");
    tail("do local x = 1 end -2", "-2");
    tail("goto l ::l:: not x", "not x");
    tail("return 5", NULL);
    tail("local x <const> = 5 x", "x");
    tail("t[1].x = {a = 1} t", "t");
    tail("function() end", "function() end");
    tail("{1, 2}", "{1, 2}");
    tail("a, b", "a, b");
    tail("x = = 1", NULL);
    tail("f(", NULL);
    tail("", NULL);
    tail("; ;", NULL);
    tail("a.b:c{1}.d[2]'x'", "a.b:c{1}.d[2]'x'");
}

static void test_flags(void **state) {
    (void)state;
    char n[256];
    assert_true(split("f()", n).call);
    assert_true(split("a.b:c'x'", n).call);
    assert_false(split("f().x", n).call);
    assert_false(split("f() + 1", n).call);
    assert_false(split("-f()", n).call);
    assert_true(split("1;", n).hushed);
    assert_false(split("1", n).hushed);
    assert_false(split("1; 2", n).hushed);
    assert_true(split("assert(f())", n).is_assert);
    assert_true(split("x = 1 assert(f())", n).is_assert);
    assert_false(split("assert(f()).x", n).is_assert);
    assert_false(split("a.assert(f())", n).is_assert);
}

static void test_locals(void **state) {
    (void)state;
    char n[256];
    split(
        "local a, b <const> = 1, 2 local function f(x) local y end do local z end c = 1",
        n);
    assert_string_equal(n, "a b f ");
}

static void depth(const char *src, size_t expected) {
    struct lex_list list;
    assert_true(cell_lex(&list, src, strlen(src)));
    assert_int_equal(cell_split_depth(&list), expected);
    cell_lex_release(&list);
}

static void test_depth(void **state) {
    (void)state;
    depth("for i = 1, 3 do", 1);
    depth("f{a = function()", 2);
    depth("if x then y() else", 1);
    depth("end end", 0);
    depth("repeat until x", 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tail), cmocka_unit_test(test_flags),
        cmocka_unit_test(test_locals), cmocka_unit_test(test_depth)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
