/* test_symbol.c: names, numbers and formulas as LaTeX and as text. */
#include "../fail_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../kernel/command/symbol.h"
#include "base/util.h"

#include <math.h>

static void is_symbol(const char *name, const char *latex, const char *text) {
    struct buf b, t;
    buf_init(&b, 1000);
    buf_init(&t, 1000);
    cmd_symbol_latex(&b, name);
    assert_string_equal(b.data, latex);
    cmd_latex_text(&t, b.data);
    assert_string_equal(t.data, text);
    buf_release(&b);
    buf_release(&t);
}

static void test_names(void **state) {
    (void)state;
    is_symbol("w", "w", "w");
    is_symbol("w_L", "w^{L}", "wᴸ");
    is_symbol("a_Lm1", "a^{L-1}", "aᴸ⁻¹");
    is_symbol("a_L1", "a^{L-1}", "aᴸ⁻¹");
    is_symbol("delta_Lp1", "\\delta^{L+1}", "δᴸ⁺¹");
    is_symbol("y_hat", "\\hat{y}", "ŷ");
    is_symbol("w_1_L", "w_{1}^{L}", "w₁ᴸ");
    is_symbol("W1", "W_{1}", "W₁");
    is_symbol("x12", "x_{12}", "x₁₂");
    is_symbol("theta", "\\theta", "θ");
    is_symbol("theta_0", "\\theta_{0}", "θ₀");
    is_symbol("Ci", "C_{i}", "Cᵢ");
    is_symbol("x_i_j", "x_{i,j}", "x_i,j");
    is_symbol("loss", "\\mathrm{loss}", "loss");
    is_symbol("tasa_inicial", "\\mathrm{tasa}_{\\mathrm{inicial}}", "tasa_inicial");
    is_symbol("_x", "\\mathrm{\\_x}", "_x");
}

static void is_number(double v, const char *latex) {
    struct buf b;
    buf_init(&b, 100);
    cmd_number_latex(&b, v);
    assert_string_equal(b.data, latex);
    buf_release(&b);
}

static void test_numbers(void **state) {
    (void)state;
    is_number(0.5, "0.5");
    is_number(-0.0, "0");
    is_number(-0.08107123, "-0.08107");
    is_number(1.25e-7, "1.25\\times 10^{-7}");
    is_number((double)INFINITY, "\\infty");
    is_number((double)NAN, "\\mathrm{nan}");
}

static void is_filled(const char *formula, const char *a, const char *b,
                      const char *want) {
    struct buf out;
    buf_init(&out, 1000);
    const char *part[3] = {a, b, NULL};
    cmd_formula_fill(&out, formula, part, "y", 0.1, 2);
    assert_string_equal(out.data, want);
    buf_release(&out);
}

static void test_parentheses(void **state) {
    (void)state;
    is_filled("@0\\,@1", "w", "a", "w\\,a");
    is_filled("@0\\,@1", "a+b", "c", "(a+b)\\,c");
    is_filled("@0+@1", "a+b", "w\\,a", "a+b+w\\,a");
    is_filled("@0-@1", "a-b", "c-d", "a-b-(c-d)");
    is_filled("@0^2", "w\\,a", NULL, "(w\\,a)^2");
    is_filled("@0^2", "w", NULL, "w^2");
    is_filled("@0^2", "w^{L}", NULL, "(w^{L})^2");
    is_filled("\\sigma(@0)", "w\\,a+b", NULL, "\\sigma(w\\,a+b)");
    is_filled("\\frac{@0}{@1}", "a+b", "c", "\\frac{a+b}{c}");
    is_filled("\\tanh @0", "a\\,b", NULL, "\\tanh (a\\,b)");
    is_filled("-@0", "a+b", NULL, "-(a+b)");
    is_filled("2\\,@0", "-0.5", NULL, "2\\,(-0.5)");
    is_filled("@y\\,(1-@y)", "x", NULL, "y\\,(1-y)");
    is_filled("[@v\\le @0\\le @u]", "x", NULL, "[0.1\\le x\\le 2]");
}

static void is_text(const char *latex, const char *want) {
    struct buf b;
    buf_init(&b, 1000);
    cmd_latex_text(&b, latex);
    assert_string_equal(b.data, want);
    buf_release(&b);
}

static void test_text(void **state) {
    (void)state;
    is_text("\\frac{\\partial C}{\\partial \\hat{y}}&=2\\,(\\hat{y}-1)",
            "∂C/∂ŷ = 2·(ŷ - 1)");
    is_text("\\frac{1}{1+e^{-z}}", "1/(1 + e^(-z))");
    is_text("\\sqrt{x^2}", "√(x²)");
    is_text("W^{\\top}", "Wᵀ");
    is_text("\\left|x\\right|\\\\\ny", "|x|\ny");
    is_text("\\frac{1}{n}\\sum(y-1)^2", "1/n Σ(y - 1)²");
    is_text("1.2\\times 10^{-5}", "1.2×10⁻⁵");
    is_text("\\frac{a", "a/");
    is_text("x^", "x^");
}

static void test_short_memory(void **state) {
    (void)state;
    for (long n = 0; fail_alloc_supported(); n++) {
        struct buf b;
        buf_init(&b, 1000);
        fail_alloc_after(n);
        cmd_latex_text(&b, "\\frac{a+b}{c}^{L-1}");
        cmd_symbol_latex(&b, "w_1_L");
        bool hit = fail_alloc_stop(), failed = b.failed;
        buf_release(&b);
        assert_int_equal(hit, failed);
        if (!hit)
            break;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_parentheses), cmocka_unit_test(test_text),
        cmocka_unit_test(test_short_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
