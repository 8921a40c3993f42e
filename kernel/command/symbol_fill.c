/* symbol_fill.c: a formula of the op table with its parts in place, with parentheses where
 * the formula would otherwise read differently. */
#include "symbol.h"

#include "base/util.h"

/* The loosest operator outside of braces and parentheses. */
enum cmd_binding cmd_latex_binding(const char *s) {
    int depth = 0;
    size_t letters = 0;
    enum cmd_binding found = CMD_ATOM;
    for (size_t i = 0; s[i]; i++) {
        char c = s[i];
        if (c == '{' || c == '(' || c == '[')
            depth++;
        else if (c == '}' || c == ')' || c == ']')
            depth--;
        if (depth > 0)
            continue;
        if (c == '+' || c == '-')
            return CMD_SUM;
        if (c == '\\' &&
            (s[i + 1] == ',' || strncmp(s + i, "\\cdot", 5) == 0 ||
             strncmp(s + i, "\\ast", 4) == 0 || strncmp(s + i, "\\odot", 5) == 0 ||
             strncmp(s + i, "\\sum", 4) == 0 || strncmp(s + i, "\\ln ", 4) == 0))
            found = CMD_PRODUCT;
        else if (c == '^' && found < CMD_POWER)
            found = CMD_POWER;
        letters++;
    }
    return letters ? found : CMD_ATOM;
}

/* How tightly the place of a placeholder binds, from the characters around it. */
static enum cmd_binding loosest_at(char before, char after) {
    bool opened = before == '\0' || strchr("({[,=", before) != NULL;
    bool closed = after == '\0' || strchr(")}],=", after) != NULL;
    if (after == '^')
        return CMD_ATOM;
    if ((opened || before == '+') && (closed || after == '+' || after == '-'))
        return CMD_SUM;
    if (before == '-' && (closed || after == '+' || after == '-'))
        return CMD_PRODUCT;
    return before == ' ' ? CMD_POWER : CMD_PRODUCT;
}

static void put_part(struct buf *b, const char *part, enum cmd_binding loosest) {
    bool wrap = cmd_latex_binding(part) > loosest;
    buf_puts(b, wrap ? "(" : "");
    buf_puts(b, part);
    buf_puts(b, wrap ? ")" : "");
}

/* The character before a placeholder, when "\," stands there a comma is no bracket. */
static char before_of(const char *formula, const char *p) {
    if (p == formula)
        return '\0';
    return p[-1] == ',' && p - formula > 1 && p[-2] == '\\' ? '.' : p[-1];
}

void cmd_formula_fill(struct buf *b, const char *formula, const char *const part[],
                      const char *result, double value, double upper) {
    for (const char *p = formula; *p; p++) {
        if (*p != '@' || !p[1]) {
            buf_putc(b, *p);
            continue;
        }
        enum cmd_binding loosest = loosest_at(before_of(formula, p), p[2]);
        char c = p[1];
        if (c >= '0' && c <= '2')
            put_part(b, part[c - '0'] ? part[c - '0'] : "?", loosest);
        else if (c == 'y')
            put_part(b, result, loosest);
        else if (c == 'v' || c == 'u')
            buf_printf(b, "%g", c == 'v' ? value : upper);
        p++;
    }
}
