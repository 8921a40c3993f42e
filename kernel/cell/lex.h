/* lex.h: Lua's tokens with their places, for everything that looks at a cell without running
 * it. Takes any bytes: what is no token comes out as LEX_BAD, one byte each.
 *
 *     struct lex_list list;
 *     if (!cell_lex(&list, src, len)) ... short of memory ...
 *     list.tok[list.n] is always LEX_EOF
 *     cell_lex_release(&list); */
#ifndef CELL_LEX_H
#define CELL_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lex_kind {
    LEX_EOF,
    LEX_NAME,
    LEX_KEYWORD,
    LEX_NUMBER,
    LEX_STRING,
    LEX_OP,
    LEX_COMMENT,
    LEX_BAD
};

struct lex_token {
    size_t start, end; /* bytes, end is one past */
    uint32_t line;     /* of the first byte, from 1 */
    enum lex_kind kind;
    bool open; /* a string or comment that the text's end cut, or a line comment there */
    bool is_long; /* [[...]] */
};

struct lex_list {
    const char *src; /* borrowed */
    size_t len;
    struct lex_token *tok;
    size_t n, cap;
};

/* The tokens of the text; comments are left out unless cell_lex_comments is used. */
bool cell_lex(struct lex_list *list, const char *src, size_t len);
bool cell_lex_comments(struct lex_list *list, const char *src, size_t len);
void cell_lex_release(struct lex_list *list);

/* Whether token i is exactly this text (an operator or keyword, not a string). */
bool cell_lex_is(const struct lex_list *list, size_t i, const char *text);

bool cell_lex_keyword(const char *s, size_t n);
extern const char *const cell_lex_keywords[]; /* NULL-terminated */

/* Code points <-> bytes. A byte that starts no valid sequence counts as one code point. */
size_t cell_lex_byte_of(const char *s, size_t len, size_t code_points);
size_t cell_lex_points_of(const char *s, size_t len, size_t bytes);

/* Length of the valid UTF-8 sequence at s (at most n bytes), 0 when it is not valid. */
size_t cell_utf8_len(const char *s, size_t n);

#endif
