/* symbol.c: names, numbers and formulas as LaTeX. */
#include "symbol.h"

#include "base/util.h"

#include <ctype.h>
#include <math.h>

static const char *const greek[] = {
    "alpha", "beta",   "gamma",  "delta", "epsilon", "zeta",  "eta",   "theta",
    "iota",  "kappa",  "lambda", "mu",    "nu",      "xi",    "pi",    "rho",
    "sigma", "tau",    "phi",    "chi",   "psi",     "omega", "Gamma", "Delta",
    "Theta", "Lambda", "Xi",     "Pi",    "Sigma",   "Phi",   "Psi",   "Omega"};

static bool is_word(const char *s, size_t n, const char *word) {
    return strlen(word) == n && memcmp(s, word, n) == 0;
}

static bool is_greek(const char *s, size_t n) {
    for (size_t i = 0; i < ARRAY_LEN(greek); i++)
        if (is_word(s, n, greek[i]))
            return true;
    return false;
}

static void put_upright(struct buf *b, const char *s, size_t n) {
    buf_puts(b, "\\mathrm{");
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '_')
            buf_putc(b, '\\');
        if (isalnum((unsigned char)s[i]) || s[i] == '_' || (unsigned char)s[i] >= 0x80)
            buf_putc(b, s[i]);
        else
            buf_putc(b, ' ');
    }
    buf_putc(b, '}');
}

/* One word without digits or underscores. */
static void put_word(struct buf *b, const char *s, size_t n) {
    if (is_greek(s, n))
        buf_putc(b, '\\');
    else if (n != 1 || !isalpha((unsigned char)s[0])) {
        put_upright(b, s, n);
        return;
    }
    buf_add(b, s, n);
}

/* "L", "l", "L1" (L-1), "Lm1", "Lp1": a layer. */
static bool put_layer(struct buf *b, const char *s, size_t n) {
    if (n == 0 || (s[0] != 'L' && s[0] != 'l'))
        return false;
    if (n == 1) {
        buf_printf(b, "^{%c}", s[0]);
        return true;
    }
    size_t digits = n > 2 && (s[1] == 'm' || s[1] == 'p') ? 2 : 1;
    for (size_t i = digits; i < n; i++)
        if (!isdigit((unsigned char)s[i]))
            return false;
    buf_printf(b, "^{%c%c%.*s}", s[0], digits == 2 && s[1] == 'p' ? '+' : '-',
               (int)(n - digits), s + digits);
    return true;
}

static const char *accent(const char *s, size_t n) {
    static const char *const table[][2] = {{"hat", "\\hat"},     {"bar", "\\bar"},
                                           {"tilde", "\\tilde"}, {"gorro", "\\hat"},
                                           {"barra", "\\bar"},   {"prime", "'"}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (is_word(s, n, table[i][0]))
            return table[i][1];
    return NULL;
}

/* Calls back for each part between underscores. */
struct parts {
    const char *rest;
    const char *s;
    size_t n;
};

static bool next_part(struct parts *p) {
    while (*p->rest) {
        p->s = p->rest;
        p->n = strcspn(p->rest, "_");
        p->rest += p->n + (p->rest[p->n] == '_');
        if (p->n > 0)
            return true;
    }
    return false;
}

static void put_index(struct buf *b, const char *s, size_t n, bool *open) {
    buf_puts(b, *open ? "," : "_{");
    *open = true;
    if (isdigit((unsigned char)s[0]))
        buf_add(b, s, n);
    else
        put_word(b, s, n);
}

void cmd_symbol_latex(struct buf *b, const char *name) {
    size_t whole = strcspn(name, "_"), word = whole;
    while (word > 1 && isdigit((unsigned char)name[word - 1]))
        word--;
    if (word == 0 || !isalpha((unsigned char)name[0])) {
        put_upright(b, name, strlen(name));
        return;
    }
    const char *rest = name + whole, *worn = NULL;
    struct buf upper;
    bool open = false;
    buf_init(&upper, 4096);
    for (struct parts p = {.rest = rest}; !worn && next_part(&p);)
        worn = accent(p.s, p.n);
    bool over = worn && worn[0] == '\\';
    if (over)
        buf_printf(b, "%s{", worn);
    /* Ci: C with the index i */
    bool sample = word == 2 && strchr("ijkn", name[1]) && !is_greek(name, 2);
    put_word(b, name, sample ? 1 : word);
    buf_puts(b, over ? "}" : worn ? worn : "");
    if (sample)
        put_index(b, name + 1, 1, &open);
    if (word < whole)
        put_index(b, name + word, whole - word, &open);
    for (struct parts p = {.rest = rest}; next_part(&p);)
        if (!accent(p.s, p.n) && !put_layer(&upper, p.s, p.n))
            put_index(b, p.s, p.n, &open);
    buf_puts(b, open ? "}" : "");
    if (upper.data)
        buf_puts(b, upper.data);
    b->failed = b->failed || upper.failed;
    buf_release(&upper);
}

void cmd_number_text(struct buf *b, double v) {
    buf_printf(b, "%.4g", v == 0 ? 0.0 : v);
}

void cmd_number_latex(struct buf *b, double v) {
    char text[48];
    if (!isfinite(v)) {
        buf_puts(b, isnan(v) ? "\\mathrm{nan}" : v > 0 ? "\\infty" : "-\\infty");
        return;
    }
    (void)snprintf(text, sizeof text, "%.4g", v == 0 ? 0.0 : v);
    char *e = strchr(text, 'e');
    if (!e) {
        buf_puts(b, text);
        return;
    }
    buf_printf(b, "%.*s\\times 10^{%d}", (int)(e - text), text, atoi(e + 1));
}
