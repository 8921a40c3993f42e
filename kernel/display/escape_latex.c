/* escape_latex.c: any text as LaTeX that prints it.
 *
 * Besides TeX's own specials: ligatures are broken (-- '' ,,), a bracket is wrapped
 * (after
 * \\ it would open an argument), shorthands of Spanish babel are avoided (" < >), and the
 * symbols that Latin Modern Roman lacks become mathematics. */
#include "viz/escape.h"

#include <stddef.h>

static const struct {
    uint32_t c;
    const char *tex;
} table[] = {
    {'\\', "\\textbackslash{}"},
    {'{', "\\{"},
    {'}', "\\}"},
    {'$', "\\$"},
    {'&', "\\&"},
    {'#', "\\#"},
    {'%', "\\%"},
    {'_', "\\_"},
    {'^', "\\textasciicircum{}"},
    {'~', "\\textasciitilde{}"},
    {'`', "\\textasciigrave{}"},
    {'"', "{\\char34}"},
    {'<', "$<$"},
    {'>', "$>$"},
    {'|', "$|$"},
    {'[', "{[}"},
    {']', "{]}"},
    {'*', "{*}"},
    {0xA0, "~"},
    {0xB0, "$^{\\circ}$"},
    {0xB1, "$\\pm$"},
    {0xB2, "$^{2}$"},
    {0xB3, "$^{3}$"},
    {0xD7, "$\\times$"},
    {0x2013, "--"},
    {0x2014, "---"},
    {0x2026, "\\ldots{}"},
    {0x202F, "\\,"},
    {0x2190, "$\\leftarrow$"},
    {0x2191, "$\\uparrow$"},
    {0x2192, "$\\rightarrow$"},
    {0x2193, "$\\downarrow$"},
    {0x2202, "$\\partial$"},
    {0x2207, "$\\nabla$"},
    {0x2208, "$\\in$"},
    {0x2211, "$\\sum$"},
    {0x2212, "$-$"},
    {0x221A, "$\\surd$"},
    {0x221E, "$\\infty$"},
    {0x2248, "$\\approx$"},
    {0x2260, "$\\neq$"},
    {0x2264, "$\\leq$"},
    {0x2265, "$\\geq$"},
    {0x22C5, "$\\cdot$"},
    {0x2070, "$^{0}$"},
    {0xB9, "$^{1}$"},
    {0x2074, "$^{4}$"},
    {0x2075, "$^{5}$"},
    {0x2076, "$^{6}$"},
    {0x2077, "$^{7}$"},
    {0x2078, "$^{8}$"},
    {0x2079, "$^{9}$"},
    {0x207A, "$^{+}$"},
    {0x207B, "$^{-}$"},
    {0x207F, "$^{n}$"},
    {0x1D38, "$^{L}$"},
    {0x2E1, "$^{l}$"},
    {0x1D40, "$^{\\top}$"},
    {0x2080, "$_{0}$"},
    {0x2081, "$_{1}$"},
    {0x2082, "$_{2}$"},
    {0x2083, "$_{3}$"},
    {0x2084, "$_{4}$"},
    {0x2085, "$_{5}$"},
    {0x2086, "$_{6}$"},
    {0x2087, "$_{7}$"},
    {0x2088, "$_{8}$"},
    {0x2089, "$_{9}$"},
    {0x1D62, "$_{i}$"},
    {0x2C7C, "$_{j}$"},
    {0x2096, "$_{k}$"},
    {0x2099, "$_{n}$"},
    {0xB7, "$\\cdot$"},
    {0x2016, "$\\Vert$"},
    {0x2299, "$\\odot$"},
    {0x2713, "$\\checkmark$"},
    {0x2717, "$\\times$"},
};

static const char *const greek_lower[] = {
    "alpha", "beta",   "gamma",   "delta", "epsilon", "zeta", "eta",  "theta", "iota",
    "kappa", "lambda", "mu",      "nu",    "xi",      NULL,   "pi",   "rho",   "varsigma",
    "sigma", "tau",    "upsilon", "phi",   "chi",     "psi",  "omega"};

/* Greek letters that do not look Latin. */
static const char *greek_upper(uint32_t c) {
    switch (c) {
    case 0x393:
        return "Gamma";
    case 0x394:
        return "Delta";
    case 0x398:
        return "Theta";
    case 0x39B:
        return "Lambda";
    case 0x3A0:
        return "Pi";
    case 0x3A3:
        return "Sigma";
    case 0x3A6:
        return "Phi";
    case 0x3A8:
        return "Psi";
    case 0x3A9:
        return "Omega";
    default:
        return NULL;
    }
}

static const char *greek(uint32_t c) {
    if (c >= 0x3B1 && c <= 0x3C9)
        return greek_lower[c - 0x3B1];
    return greek_upper(c);
}

static const char *symbol(uint32_t c) {
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].c == c)
            return table[i].tex;
    return NULL;
}

/* The characters that TeX joins when they stand twice, and a leading minus sign. */
static const char *ligature(uint32_t c, const char *next, bool first) {
    if (c == '-' && first && ((*next >= '0' && *next <= '9') || *next == '.'))
        return "$-$";
    if ((c == '-' || c == '\'' || c == ',') && (unsigned char)*next == c)
        return c == '-' ? "-{}" : c == ',' ? ",{}" : "'{}";
    return NULL;
}

void viz_escape_latex(struct buf *out, const char *s) {
    const char *start = s;
    for (uint32_t c; (c = viz_utf8_next(&s)) != 0;) {
        const char *tex = ligature(c, s, s == start + 1);
        if (!tex)
            tex = symbol(c);
        const char *letter = tex ? NULL : greek(c);
        if (tex)
            buf_puts(out, tex);
        else if (letter)
            buf_printf(out, "$\\%s$", letter);
        else
            viz_utf8_put(out, c < 0x20 || (c >= 0x7F && c < 0xA0) ? ' ' : c);
    }
}
