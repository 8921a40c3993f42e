/* culprit.c: which part of a line an error is about: what goes under it as ^^^. The sentence
 * itself tells: it quotes a name, begins with the command that refused, or speaks of an
 * operation whose sign stands in the line once. */
#include "lex.h"
#include "state.h"

static bool is_word(char c) {
    return c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* The first name between quotes, those of Spanish or those of English. */
static const char *quoted(const char *text, size_t *len) {
    static const char *const marks[][2] = {{"«", "»"}, {"‘", "’"}};
    const char *first = NULL;
    *len = 0;
    for (size_t i = 0; text && i < ARRAY_LEN(marks); i++) {
        const char *open = strstr(text, marks[i][0]);
        const char *close = open ? strstr(open, marks[i][1]) : NULL;
        if (!close || (first && open > first))
            continue;
        first = open + strlen(marks[i][0]);
        *len = (size_t)(close - first);
    }
    return first;
}

/* Where word stands in the line as a word of its own: the first place where something is
 * read from it or called, else the only one. */
static bool find_word(const char *s, size_t n, const char *word, size_t len, size_t *at) {
    size_t seen = 0;
    if (len == 0)
        return false;
    for (size_t i = 0; i + len <= n; i++) {
        char before = i ? s[i - 1] : ' ', after = i + len < n ? s[i + len] : ' ';
        if (memcmp(s + i, word, len) != 0 || (is_word(*word) && is_word(before)) ||
            (is_word(word[len - 1]) && is_word(after)))
            continue;
        *at = i;
        seen++;
        if (after && strchr(".[:({", after))
            return true;
    }
    return seen == 1;
}

/* "nn.Dense: ..." and "Model:fit: ...": the command before the colon, or its last part. */
static bool find_command(const char *text, const char *s, size_t n, size_t *at,
                         size_t *len) {
    const char *end = strstr(text, ": ");
    size_t k = 0;
    while (end && text + k < end && (is_word(text[k]) || strchr(".:", text[k])))
        k++;
    if (!end || k == 0 || text + k != end)
        return false;
    *len = k;
    if (find_word(s, n, text, k, at))
        return true;
    const char *last = text;
    for (size_t i = 0; i < k; i++)
        if (strchr(".:", text[i]))
            last = text + i + 1;
    *len = (size_t)(end - last);
    return last != text && find_word(s, n, last, *len, at);
}

/* The operators of a sentence: by a word of it in either language, or by its beginning. */
static const struct {
    const char *word, *english, *operators;
} operations[] = {
    {"aritmética", "arithmetic", " + - * / ^ % // "},
    {"comparar", "compare", " < > <= >= "},
    {"unir con ..", "join", " .. "},
    {"división entera", "integer division", " // "},
    {"add: ", "add: ", " + "},
    {"sub: ", "sub: ", " - "},
    {"mul: ", "mul: ", " * "},
    {"div: ", "div: ", " / "},
    {"pow: ", "pow: ", " ^ "},
};

/* The operator, when the line has one of the sentence's kind and no other. */
static bool find_operator(const char *text, const char *s, size_t n, size_t *at,
                          size_t *len) {
    const char *operators = NULL;
    for (size_t i = 0; i < ARRAY_LEN(operations) && !operators; i++)
        if (strstr(text, operations[i].word) || strstr(text, operations[i].english))
            operators = operations[i].operators;
    struct lex_list list;
    size_t seen = 0;
    if (!operators || !cell_lex(&list, s, n))
        return false;
    for (size_t i = 0; i < list.n; i++) {
        const struct lex_token *t = &list.tok[i];
        char spaced[8];
        size_t k = t->end - t->start;
        if (t->kind != LEX_OP || k > 3)
            continue;
        (void)snprintf(spaced, sizeof spaced, " %.*s ", (int)k, s + t->start);
        if (!strstr(operators, spaced))
            continue;
        *at = t->start;
        *len = k;
        seen++;
    }
    cell_lex_release(&list);
    return seen == 1;
}

/* All of the line but the blanks around it. */
static bool find_statement(const char *s, size_t n, size_t *at, size_t *len) {
    size_t from = 0;
    while (from < n && (s[from] == ' ' || s[from] == '\t'))
        from++;
    while (n > from && strchr(" \t\r", s[n - 1]))
        n--;
    *at = from;
    *len = n - from;
    return n > from;
}

/* «falta «then» antes de «!»»: what is missing is not in the line, the other one is. */
static const char *behind_missing(const char *text) {
    static const char *const leads[] = {"falta «", "missing ‘"};
    for (size_t i = 0; i < ARRAY_LEN(leads); i++) {
        const char *close = strncmp(text, leads[i], strlen(leads[i])) == 0
                                ? strstr(text, i ? "’ " : "» ")
                                : NULL;
        const char *stop = close ? strstr(close, ". ") : NULL, *next;
        size_t len;
        next = close ? quoted(close + 1, &len) : NULL;
        if (next && (!stop || next < stop))
            return close + 1;
    }
    return text;
}

bool cell_culprit(const char *text, const char *s, size_t n, size_t *at, size_t *len) {
    if (!text)
        return false;
    const char *name = quoted(behind_missing(text), len);
    if (name && *len <= n && find_word(s, n, name, *len, at))
        return true;
    return find_command(text, s, n, at, len) || find_operator(text, s, n, at, len) ||
           find_statement(s, n, at, len);
}
