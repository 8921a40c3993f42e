/* lex.c: Lua's lexical rules (reference manual, 3.1), over any bytes. */
#include "lex.h"

#include "base/util.h"

#include <ctype.h>

const char *const cell_lex_keywords[] = {
    "and",      "break",  "do",   "else", "elseif", "end",   "false", "for",
    "function", "goto",   "if",   "in",   "local",  "nil",   "not",   "or",
    "repeat",   "return", "then", "true", "until",  "while", NULL};

bool cell_lex_keyword(const char *s, size_t n) {
    for (const char *const *k = cell_lex_keywords; *k; k++)
        if (strlen(*k) == n && memcmp(*k, s, n) == 0)
            return true;
    return false;
}

struct lexer {
    const char *s;
    size_t len, pos;
    uint32_t line;
};

static int at(const struct lexer *x, size_t i) {
    return i < x->len ? (unsigned char)x->s[i] : -1;
}

static bool is_name(int c) {
    return c == '_' || (c >= 0 && c < 128 && isalnum(c));
}

/* The level of a long bracket at i ("[==["), or -1. */
static int long_level(const struct lexer *x, size_t i) {
    if (at(x, i) != '[')
        return -1;
    int level = 0;
    while (at(x, ++i) == '=')
        level++;
    return at(x, i) == '[' ? level : -1;
}

/* Leaves pos behind the closing bracket; false at the end of the text. */
static bool skip_long(struct lexer *x, int level) {
    x->pos += (size_t)level + 2;
    while (x->pos < x->len) {
        int c = at(x, x->pos++);
        if (c == '\n')
            x->line++;
        if (c != ']')
            continue;
        size_t i = x->pos;
        int seen = 0;
        while (seen < level && at(x, i) == '=') {
            seen++;
            i++;
        }
        if (seen == level && at(x, i) == ']') {
            x->pos = i + 1;
            return true;
        }
    }
    return false;
}

static void skip_string(struct lexer *x, struct lex_token *t) {
    int quote = at(x, x->pos++);
    t->kind = LEX_STRING;
    while (x->pos < x->len) {
        int c = at(x, x->pos);
        if (c == '\n')
            break; /* not finished on its line: the token ends here */
        x->pos++;
        if (c == quote)
            return;
        if (c != '\\' || x->pos >= x->len)
            continue;
        int next = at(x, x->pos++);
        if (next == '\n')
            x->line++;
        while (next == 'z' && x->pos < x->len && isspace(at(x, x->pos)))
            if (at(x, x->pos++) == '\n')
                x->line++;
    }
    t->open = true;
}

static void skip_comment(struct lexer *x, struct lex_token *t) {
    t->kind = LEX_COMMENT;
    int level = long_level(x, x->pos + 2);
    x->pos += 2;
    if (level >= 0) {
        t->is_long = true;
        t->open = !skip_long(x, level);
        return;
    }
    while (x->pos < x->len && at(x, x->pos) != '\n')
        x->pos++;
    t->open = x->pos >= x->len;
}

static void skip_number(struct lexer *x, struct lex_token *t) {
    t->kind = LEX_NUMBER;
    bool hex = at(x, x->pos) == '0' && (at(x, x->pos + 1) | 32) == 'x';
    x->pos += hex ? 2 : 0;
    for (;; x->pos++) {
        int c = at(x, x->pos);
        if ((c | 32) == (hex ? 'p' : 'e') && c >= 0) {
            int sign = at(x, x->pos + 1);
            if (sign == '+' || sign == '-')
                x->pos++;
        } else if (c != '.' && !is_name(c)) {
            return;
        }
    }
}

/* The longest operator here: its length, 0 when there is none. */
static size_t operator_len(const struct lexer *x) {
    static const char *const ops[] = {
        "...", "<<", ">>", "//", "==", "~=", "<=", ">=", "::", ".."};
    size_t left = x->len - x->pos;
    for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
        size_t n = strlen(ops[i]);
        if (n <= left && memcmp(ops[i], x->s + x->pos, n) == 0)
            return n;
    }
    int c = at(x, x->pos);
    return c > 0 && strchr("+-*/%^#&~|<>=(){}[];:,.", c) ? 1 : 0;
}

static void next_token(struct lexer *x, struct lex_token *t) {
    while (x->pos < x->len && strchr(" \t\r\n\v\f", at(x, x->pos)) && at(x, x->pos))
        if (at(x, x->pos++) == '\n')
            x->line++;
    *t = (struct lex_token){.start = x->pos, .line = x->line, .kind = LEX_EOF};
    int c = at(x, x->pos), level = -1;
    if (c < 0) {
        /* the end */
    } else if (c == '-' && at(x, x->pos + 1) == '-') {
        skip_comment(x, t);
    } else if (isdigit(c) || (c == '.' && isdigit(MAX_OF(at(x, x->pos + 1), 0)))) {
        skip_number(x, t);
    } else if (is_name(c)) {
        while (is_name(at(x, x->pos)))
            x->pos++;
        bool kw = cell_lex_keyword(x->s + t->start, x->pos - t->start);
        t->kind = kw ? LEX_KEYWORD : LEX_NAME;
    } else if (c == '"' || c == '\'') {
        skip_string(x, t);
    } else if ((level = long_level(x, x->pos)) >= 0) {
        t->kind = LEX_STRING;
        t->is_long = true;
        t->open = !skip_long(x, level);
    } else {
        size_t n = operator_len(x);
        t->kind = n ? LEX_OP : LEX_BAD;
        x->pos += n ? n : 1;
    }
    t->end = x->pos;
}

static bool push(struct lex_list *list, const struct lex_token *t) {
    if (list->n == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 64, bytes;
        if (!mul_size(&bytes, cap, sizeof *list->tok))
            return false;
        struct lex_token *tok = realloc(list->tok, bytes);
        if (!tok)
            return false;
        list->tok = tok;
        list->cap = cap;
    }
    list->tok[list->n++] = *t;
    return true;
}

static bool lex_all(struct lex_list *list, const char *src, size_t len, bool comments) {
    struct lexer x = {.s = src, .len = len, .line = 1};
    *list = (struct lex_list){.src = src, .len = len};
    struct lex_token t;
    do {
        next_token(&x, &t);
        if (t.kind == LEX_COMMENT && !comments)
            continue;
        if (!push(list, &t)) {
            cell_lex_release(list);
            return false;
        }
    } while (t.kind != LEX_EOF);
    list->n--; /* the end is there, and not counted */
    return true;
}

bool cell_lex(struct lex_list *list, const char *src, size_t len) {
    return lex_all(list, src, len, false);
}

bool cell_lex_comments(struct lex_list *list, const char *src, size_t len) {
    return lex_all(list, src, len, true);
}

void cell_lex_release(struct lex_list *list) {
    free(list->tok);
    *list = (struct lex_list){0};
}

bool cell_lex_is(const struct lex_list *list, size_t i, const char *text) {
    if (i >= list->n)
        return false;
    const struct lex_token *t = &list->tok[i];
    size_t n = strlen(text);
    return (t->kind == LEX_OP || t->kind == LEX_KEYWORD || t->kind == LEX_NAME) &&
           t->end - t->start == n && memcmp(list->src + t->start, text, n) == 0;
}

size_t cell_utf8_len(const char *s, size_t n) {
    static const unsigned char low[] = {0, 0, 0x80, 0x80, 0x80};
    unsigned char c = (unsigned char)s[0];
    size_t want = c < 0x80   ? 1
                  : c < 0xC2 ? 0
                  : c < 0xE0 ? 2
                  : c < 0xF0 ? 3
                  : c < 0xF5 ? 4
                             : 0;
    if (want < 2 || want > n)
        return want == 1 && n ? 1 : 0;
    unsigned char second = (unsigned char)s[1], least = low[want], most = 0xBF;
    least = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : least; /* no overlong forms */
    most = c == 0xED   ? 0x9F
           : c == 0xF4 ? 0x8F
                       : most; /* no surrogates, no more than
                                                            U+10FFFF */
    if (second < least || second > most)
        return 0;
    for (size_t i = 2; i < want; i++)
        if (((unsigned char)s[i] & 0xC0) != 0x80)
            return 0;
    return want;
}

size_t cell_lex_byte_of(const char *s, size_t len, size_t code_points) {
    size_t i = 0;
    while (code_points-- && i < len) {
        size_t n = cell_utf8_len(s + i, len - i);
        i += n ? n : 1;
    }
    return i;
}

size_t cell_lex_points_of(const char *s, size_t len, size_t bytes) {
    size_t n = 0;
    for (size_t i = 0; i < len && i < bytes; n++) {
        size_t step = cell_utf8_len(s + i, len - i);
        i += step ? step : 1;
    }
    return n;
}
