/* symbol_text.c: the LaTeX that this project writes as a line of Unicode text: the twin of
 * a typeset formula for terminals and plain reports. */
#include "symbol.h"

#include "base/util.h"

#include <ctype.h>

/* Commands that are one sign. */
static const char *const signs[][2] = {
    {"alpha", "α"},  {"beta", "β"},   {"gamma", "γ"},  {"delta", "δ"},   {"epsilon", "ε"},
    {"zeta", "ζ"},   {"eta", "η"},    {"theta", "θ"},  {"iota", "ι"},    {"kappa", "κ"},
    {"lambda", "λ"}, {"mu", "μ"},     {"nu", "ν"},     {"xi", "ξ"},      {"pi", "π"},
    {"rho", "ρ"},    {"sigma", "σ"},  {"tau", "τ"},    {"phi", "φ"},     {"varphi", "φ"},
    {"chi", "χ"},    {"psi", "ψ"},    {"omega", "ω"},  {"Gamma", "Γ"},   {"Delta", "Δ"},
    {"Theta", "Θ"},  {"Lambda", "Λ"}, {"Xi", "Ξ"},     {"Pi", "Π"},      {"Sigma", "Σ"},
    {"Phi", "Φ"},    {"Psi", "Ψ"},    {"Omega", "Ω"},  {"partial", "∂"}, {"cdot", "· "},
    {"times", "×"},  {"sum", "Σ"},    {"le", "≤"},     {"ge", "≥"},      {"ne", "≠"},
    {"top", "ᵀ"},    {"infty", "∞"},  {"odot", "⊙"},   {"ast", "*"},     {"left", ""},
    {"right", ""},   {"qquad", "  "}, {"quad", " "},   {"lVert", "‖"},   {"rVert", "‖"},
    {"to", "→"},     {"ldots", "…"},  {"approx", "≈"}, {"in", " ∈ "},    {"mathbb", ""}};

static void put_run(struct buf *b, const char **p, const char *end);

/* One argument: {...} or a single character; its inside in *s, *n. */
static void read_argument(const char **p, const char *end, const char **s, size_t *n) {
    while (*p < end && **p == ' ')
        ++*p;
    *s = *p;
    *n = *p < end ? 1 : 0;
    if (*p < end && **p == '{') {
        int depth = 0;
        const char *q = *p;
        do {
            depth += *q == '{' ? 1 : *q == '}' ? -1 : 0;
            q++;
        } while (q < end && depth > 0);
        *s = *p + 1;
        *n = (size_t)(q - *p) - 1 - (depth == 0);
        *p = q;
        return;
    }
    *p += *n;
}

static void text_of(struct buf *b, const char *s, size_t n) {
    const char *p = s;
    put_run(b, &p, s + n);
}

/* An operator outside of parentheses. */
static bool is_loose(const char *s) {
    int depth = 0;
    for (; *s; s++) {
        depth += *s == '(' ? 1 : *s == ')' ? -1 : 0;
        if (depth == 0 &&
            (*s == ' ' || *s == '+' || *s == '-' || *s == '/' || strncmp(s, "·", 2) == 0))
            return true;
    }
    return false;
}

/* An argument as text, with parentheses when operators stand in it; without blanks when
 * tight. */
static void put_tight(struct buf *b, const char *s, size_t n, bool tight) {
    struct buf t;
    buf_init(&t, 1 << 16);
    text_of(&t, s, n);
    bool wrap = t.data && is_loose(t.data);
    buf_puts(b, wrap ? "(" : "");
    for (size_t i = 0; i < t.len; i++)
        if (!tight || t.data[i] != ' ')
            buf_putc(b, t.data[i]);
    buf_puts(b, wrap ? ")" : "");
    b->failed = b->failed || t.failed;
    buf_release(&t);
}

/* The small form of a character above or below the line; NULL: it has none. */
static const char *small_form(char c, bool upper) {
    static const char *const up[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    static const char *const low[] = {"₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"};
    static const char *const above[][2] = {
        {"L", "ᴸ"}, {"l", "ˡ"}, {"-", "⁻"}, {"+", "⁺"}, {"n", "ⁿ"}};
    static const char *const below[][2] = {
        {"i", "ᵢ"}, {"j", "ⱼ"}, {"k", "ₖ"}, {"n", "ₙ"}};
    if (isdigit((unsigned char)c))
        return upper ? up[c - '0'] : low[c - '0'];
    for (size_t i = 0; upper && i < ARRAY_LEN(above); i++)
        if (above[i][0][0] == c)
            return above[i][1];
    for (size_t i = 0; !upper && i < ARRAY_LEN(below); i++)
        if (below[i][0][0] == c)
            return below[i][1];
    return NULL;
}

/* x^2 as x², a^{L-1} as aᴸ⁻¹, anything else as ^(...). */
static void put_script(struct buf *b, const char **p, const char *end, bool upper) {
    const char *s;
    size_t n, small = 0;
    read_argument(p, end, &s, &n);
    while (small < n && small_form(s[small], upper))
        small++;
    if (n > 0 && small == n) {
        for (size_t i = 0; i < n; i++)
            buf_puts(b, small_form(s[i], upper));
        return;
    }
    if (n == 4 && memcmp(s, "\\top", 4) == 0) {
        buf_puts(b, "ᵀ");
        return;
    }
    buf_putc(b, upper ? '^' : '_');
    put_tight(b, s, n, true);
}

/* A letter with a combining accent. */
static void put_accent(struct buf *b, const char **p, const char *end, const char *mark) {
    const char *s;
    size_t n;
    read_argument(p, end, &s, &n);
    if (n == 1 && *s == 'y' && strcmp(mark, "\xCC\x82") == 0) {
        buf_puts(b, "ŷ");
        return;
    }
    text_of(b, s, n);
    buf_puts(b, mark);
}

static void put_fraction(struct buf *b, const char **p, const char *end) {
    const char *s;
    size_t n;
    read_argument(p, end, &s, &n);
    put_tight(b, s, n, false);
    buf_putc(b, '/');
    read_argument(p, end, &s, &n);
    put_tight(b, s, n, false);
}

static void put_command(struct buf *b, const char **p, const char *end) {
    const char *name = ++*p, *s;
    size_t n = 0, len;
    while (name + n < end && isalpha((unsigned char)name[n]))
        n++;
    *p = name + (n ? n : 1);
    if (n == 0) { /* \, \\ \_ */
        buf_puts(b, *name == ',' ? "·" : *name == '\\' ? "\n" : *name == '_' ? "_" : " ");
        return;
    }
    if (*p < end && **p == ' ')
        ++*p;
#define IS(word) (n == strlen(word) && memcmp(name, word, n) == 0)
    if (IS("frac")) {
        put_fraction(b, p, end);
    } else if (IS("hat")) {
        put_accent(b, p, end, "\xCC\x82");
    } else if (IS("bar") || IS("overline")) {
        put_accent(b, p, end, "\xCC\x84");
    } else if (IS("tilde")) {
        put_accent(b, p, end, "\xCC\x83");
    } else if (IS("sqrt")) {
        read_argument(p, end, &s, &len);
        buf_puts(b, "√(");
        text_of(b, s, len);
        buf_putc(b, ')');
    } else if (IS("mathrm") || IS("operatorname") || IS("text")) {
        read_argument(p, end, &s, &len);
        text_of(b, s, len);
    } else {
        if ((IS("left") || IS("right")) && *p < end && **p == '.')
            ++*p;
        for (size_t i = 0; i < ARRAY_LEN(signs); i++)
            if (IS(signs[i][0])) {
                if (IS("sum") && b->len > 0 &&
                    isalnum((unsigned char)b->data[b->len - 1]))
                    buf_putc(b, ' ');
                buf_puts(b, signs[i][1]);
                return;
            }
        buf_add(b, name, n); /* \ln, \tanh, \max */
        buf_puts(b, *p < end && **p != '(' ? " " : "");
    }
#undef IS
}

/* A minus sign after what is written stands between two things. */
static bool is_binary(const struct buf *b) {
    if (b->len == 0 || strchr("({[ ,^/", b->data[b->len - 1]))
        return false;
    return b->len < 2 || memcmp(b->data + b->len - 2, "·", 2) != 0;
}

static void put_run(struct buf *b, const char **p, const char *end) {
    while (*p < end && !b->failed) {
        char c = **p;
        if (c == '\\') {
            put_command(b, p, end);
            continue;
        }
        ++*p;
        if (c == '^' || c == '_')
            put_script(b, p, end, c == '^');
        else if (c == '+' || c == '=')
            buf_printf(b, " %c ", c);
        else if (c == '-' && is_binary(b))
            buf_puts(b, " - ");
        else if (c != '{' && c != '}' && c != '&' && c != '\n')
            buf_putc(b, c);
    }
}

void cmd_latex_text(struct buf *b, const char *latex) {
    text_of(b, latex, strlen(latex));
}
