/* test_escape.c: text made safe for each output. */
#include "viz/escape.h"

#include "check.h"

typedef void escape(struct buf *, const char *);

static void assert_escape(escape *f, const char *text, const char *want) {
    struct buf b;
    buf_init(&b, 4096);
    buf_puts(&b, "");
    f(&b, text);
    assert_string_equal(b.data, want);
    buf_release(&b);
}

static void test_utf8(void **state) {
    (void)state;
    assert_escape(viz_escape_text, "Época ŷ → 😀", "Época ŷ → 😀");
    assert_escape(viz_escape_text, "a\tb\x1b[31m\x7f", "a b [31m ");
    assert_escape(viz_escape_text, "a\xC2\x85z", "a z"); /* C1 control */
    /* a lone lead, a lone tail, overlong, surrogate, above U+10FFFF, cut off */
    assert_escape(viz_escape_text, "\xC3(", "\xEF\xBF\xBD(");
    assert_escape(viz_escape_text, "\x80x", "\xEF\xBF\xBDx");
    assert_escape(viz_escape_text, "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_escape(viz_escape_text, "\xE0\x80\xAF",
                  "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_escape(viz_escape_text, "\xED\xA0\x80",
                  "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_escape(viz_escape_text, "\xF5\x80", "\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_escape(viz_escape_text, "\xE2\x86", "\xEF\xBF\xBD\xEF\xBF\xBD");
    const char *end = "";
    assert_int_equal(viz_utf8_next(&end), 0);
    assert_int_equal(viz_utf8_next(&end), 0);
}

static void test_indices(void **state) {
    (void)state;
    assert_escape(viz_escape_latex, "aᴸ⁻¹", "a$^{L}$$^{-}$$^{1}$");
    assert_escape(viz_escape_latex, "W₁ᵀ‖u₂‖",
                  "W$_{1}$$^{\\top}$$\\Vert$u$_{2}$$\\Vert$");
}

static void test_html(void **state) {
    (void)state;
    assert_escape(viz_escape_html, "<script>alert(\"a\" & 'b')</script>",
                  "&lt;script&gt;alert(&quot;a&quot; &amp; &#39;b&#39;)&lt;/script&gt;");
    assert_escape(viz_escape_html, "$x$", "<span>$</span>x<span>$</span>");
}

static void test_latex(void **state) {
    (void)state;
    assert_escape(viz_escape_latex, "&%$#_{}~^\\",
                  "\\&\\%\\$\\#\\_\\{\\}\\textasciitilde{}\\textasciicircum{}"
                  "\\textbackslash{}");
    assert_escape(viz_escape_latex, "[a]*", "{[}a{]}{*}");
    assert_escape(viz_escape_latex, "-0.5", "$-$0.5");
    assert_escape(viz_escape_latex, "a--b, -c", "a-{}-b, -c");
    assert_escape(viz_escape_latex, "f'' ,, ``",
                  "f'{}' ,{}, \\textasciigrave{}\\textasciigrave{}");
    assert_escape(viz_escape_latex, "a → b ± λ ≈ ∂Δ",
                  "a $\\rightarrow$ b $\\pm$ $\\lambda$ "
                  "$\\approx$ $\\partial$$\\Delta$");
    assert_escape(viz_escape_latex, "ñandú \"x\" <y>",
                  "ñandú {\\char34}x{\\char34} $<$y$>$");
    assert_escape(viz_escape_latex, "a\nb", "a b");
}

static void test_columns(void **state) {
    (void)state;
    assert_int_equal(viz_text_columns(""), 0);
    assert_int_equal(viz_text_columns("exactitud"), 9);
    assert_int_equal(viz_text_columns("validación"), 10);
    assert_int_equal(viz_text_columns("validacio\xCC\x81n"), 10); /* combining acute */
    assert_int_equal(viz_text_columns("日本"), 4);
    assert_int_equal(viz_text_columns("😀"), 2);
    assert_int_equal(viz_text_columns("→"), 1);
}

static void test_ceiling(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 4);
    viz_escape_html(&b, "<<<");
    assert_true(b.failed);
    buf_release(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),    cmocka_unit_test(test_indices),
        cmocka_unit_test(test_html),    cmocka_unit_test(test_latex),
        cmocka_unit_test(test_columns), cmocka_unit_test(test_ceiling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
