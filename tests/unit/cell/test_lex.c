/* test_lex.c: tokens, their places, what is cut off, code points. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "../../../kernel/cell/lex.h"

static void kinds(const char *src, const char *expected) {
    static const char letters[] = "$nk0sopb"; /* by enum lex_kind; p: comment, b: bad */
    char got[128];
    struct lex_list list;
    assert_true(cell_lex_comments(&list, src, strlen(src)));
    assert_true(list.n < sizeof got);
    for (size_t i = 0; i < list.n; i++)
        got[i] = letters[list.tok[i].kind];
    got[list.n] = '\0';
    assert_string_equal(got, expected);
    assert_int_equal(list.tok[list.n].kind, LEX_EOF);
    cell_lex_release(&list);
}

static void test_kinds(void **state) {
    (void)state;
    kinds("", "");
    kinds("x = 1", "no0");
    kinds("local function f(...) return end", "kknoookk");
    kinds("a.b:c'x'[[y]]", "nononss");
    kinds("0x1p-3 1e+5 .5 3..2", "0000"); /* 3..2 is one malformed number */
    kinds("a..b ... // :: ~= <<", "nonooooo");
    kinds("-- c\nx --[[ d\n]] y", "pnpn");
    kinds("? @ \x80", "bbb");
}

static void one(const char *src, size_t i, size_t start, size_t end, unsigned line,
                bool open) {
    struct lex_list list;
    assert_true(cell_lex_comments(&list, src, strlen(src)));
    assert_true(i < list.n);
    assert_int_equal(list.tok[i].start, start);
    assert_int_equal(list.tok[i].end, end);
    assert_int_equal(list.tok[i].line, line);
    assert_int_equal(list.tok[i].open, open);
    cell_lex_release(&list);
}

static void test_places(void **state) {
    (void)state;
    one("a\n bc", 1, 3, 5, 2, false);
    one("'ab", 0, 0, 3, 1, true);
    one("'a\nb'", 0, 0, 2, 1, true); /* ends at its line */
    one("'a\\\nb' x", 1, 7, 8, 2, false);
    one("'a\\z\n  b' x", 1, 10, 11, 2, false);
    one("[==[ ]] ]=] ]==] x", 1, 17, 18, 1, false);
    one("[[ab\nc", 0, 0, 6, 1, true);
    one("-- ab", 0, 0, 5, 1, true);
    one("-- ab\n", 0, 0, 5, 1, false);
    one("--[[ ab", 0, 0, 7, 1, true);
    one("'\\", 0, 0, 2, 1, true);
}

static void test_any_bytes(void **state) {
    (void)state;
    char all[512];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (char)i;
    struct lex_list list;
    assert_true(cell_lex(&list, all, sizeof all));
    for (size_t i = 0; i < list.n; i++)
        assert_true(list.tok[i].end > list.tok[i].start);
    cell_lex_release(&list);
}

static void test_code_points(void **state) {
    (void)state;
    const char s[] = "a\xC3\xB1\xF0\x9F\x98\x80z\xFFz"; /* a ñ 😀 z (bad) z */
    assert_int_equal(cell_lex_byte_of(s, 10, 0), 0);
    assert_int_equal(cell_lex_byte_of(s, 10, 2), 3);
    assert_int_equal(cell_lex_byte_of(s, 10, 3), 7);
    assert_int_equal(cell_lex_byte_of(s, 10, 5), 9);
    assert_int_equal(cell_lex_byte_of(s, 10, 99), 10);
    assert_int_equal(cell_lex_points_of(s, 10, 7), 3);
    assert_int_equal(cell_lex_points_of(s, 10, 10), 6);
}

static void test_utf8(void **state) {
    (void)state;
    assert_int_equal(cell_utf8_len("a", 1), 1);
    assert_int_equal(cell_utf8_len("\xC3\xB1", 2), 2);
    assert_int_equal(cell_utf8_len("\xC3", 1), 0);
    assert_int_equal(cell_utf8_len("\xC0\x80", 2), 0);         /* overlong */
    assert_int_equal(cell_utf8_len("\xE0\x80\x80", 3), 0);     /* overlong */
    assert_int_equal(cell_utf8_len("\xED\xA0\x80", 3), 0);     /* surrogate */
    assert_int_equal(cell_utf8_len("\xF4\x90\x80\x80", 4), 0); /* past U+10FFFF */
    assert_int_equal(cell_utf8_len("\xE2\x82\xAC", 3), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds), cmocka_unit_test(test_places),
        cmocka_unit_test(test_any_bytes), cmocka_unit_test(test_code_points),
        cmocka_unit_test(test_utf8)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
