/* test_inspect.c: Shift-Tab, and whether a cell is complete. */
#include "fixture.h"

#include "commands.h"

/* The text/plain at the | must hold the words; "" for nothing found. */
static void tells(const char *text, int detail, const char *words) {
    const struct interp *in = cell_interp(cell);
    char code[512];
    const char *bar = strchr(text, '|');
    size_t at = (size_t)(bar - text), points = 0;
    snprintf(code, sizeof code, "%.*s%s", (int)at, text, bar + 1);
    for (size_t i = 0; i < at; i++)
        points += ((unsigned char)text[i] & 0xC0) != 0x80;
    struct mime_bundle b = {0};
    in->inspect(in->self, code, strlen(code), points, detail, &b);
    const struct mime_item *m = mime_get(&b, "text/plain");
    if (!*words) {
        assert_int_equal(b.n, 0);
    } else {
        assert_non_null(m);
        if (!strstr(m->data, words))
            print_message("%s: %s\n", text, m->data);
        assert_non_null(strstr(m->data, words));
    }
    mime_release(&b);
}

static void test_inspect(void **state) {
    (void)state;
    tells("string.format|", 0, "string.format(formato, ...)");
    tells("string.for|mat('x')", 0, "string.format(formato, ...)");
    tells("|print(1)", 0, "print(...)");
    tells("print(|", 0, "print(...)");
    tells("print(x, 1|, 2)", 0, "print(...)");
    tells("nn.Dense{12|8}", 0, "(n, d) → (n, units)");
    tells("nn.Dense{128, activ|ation = 'relu'}", 0, "\"linear\", \"relu\", \"tanh\"");
    tells("m:fit|", 0, "Entrena");
    tells("f():fit|{}", 0, "Entrena");
    tells("('x'):rep|(2)", 0, "string.rep");
    tells("m|", 0, "Un modelo.");
    tells("nn|", 0, "nn.Dense");
    tells("zzz|", 0, "");
    tells("1 + 2|", 0, "");
    tells("|", 0, "");
}

static void test_live(void **state) {
    (void)state;
    want("-- suma dos cosas\nfunction suma(a, b, ...)\n  return a + b\nend\n"
         "datos = {1, {2}} s = 'hola'",
         "");
    tells("suma|", 0, "suma(a, b, ...)");
    tells("suma|", 0, "suma dos cosas");
    tells("suma|", 0, "celda 1, línea 2");
    tells("suma|", 1, "return a + b");
    tells("datos|", 0, "{1, {2}}");
    tells("s|", 0, "hola");
    want("print = function(mi) end", "");
    tells("print|", 0, "print(mi)");
}

static void complete(const char *code, enum interp_completeness answer,
                     const char *indent) {
    char got[64] = "x";
    const struct interp *in = cell_interp(cell);
    enum interp_completeness is =
        in->is_complete(in->self, code, strlen(code), got, sizeof got);
    if (is != answer)
        print_message("%s: %d\n", code, (int)is);
    assert_int_equal(is, answer);
    assert_string_equal(got, indent);
}

static void test_is_complete(void **state) {
    (void)state;
    static const char *const good[] = {"1",   "x = 1",    "for i=1,3 do print(i) end",
                                       "",    "a = 1\nb", "?print",
                                       "f{}", "return"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        complete(good[i], INTERP_COMPLETE, "");
    complete("for i=1,3 do", INTERP_INCOMPLETE, "    ");
    complete("f(", INTERP_INCOMPLETE, "    ");
    complete("s = [[abc", INTERP_INCOMPLETE, "");
    complete("--[[ abc", INTERP_INCOMPLETE, "");
    complete("x =", INTERP_INCOMPLETE, "");
    complete("f{a = 1,\n  g = function()", INTERP_INCOMPLETE, "        ");
    complete("if x then\n  foo", INTERP_INCOMPLETE, "    ");
    complete("x = = 1", INTERP_INVALID, "");
    complete("end", INTERP_INVALID, "");
    complete("x = 'abc", INTERP_INVALID, "");
    complete("end os.exit() function g()", INTERP_INVALID, "");
    char tiny[2];
    const struct interp *in = cell_interp(cell);
    in->is_complete(in->self, "f(", 2, tiny, sizeof tiny);
    assert_string_equal(tiny, " ");
    in->is_complete(in->self, "f(", 2, NULL, 0);
}

int main(void) {
    fixture_open = open_commands;
    const struct CMUnitTest tests[] = {TEST(test_inspect), TEST(test_live),
                                       TEST(test_is_complete)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
