/* split.h: the statements of a cell at its outermost level, found from the tokens alone: the
 * last one, when it is an expression (its value is displayed), and the names that are local
 * to the cell. Nothing is compiled or run. */
#ifndef CELL_SPLIT_H
#define CELL_SPLIT_H

#include "lex.h"

struct cell_split {
    bool tail;      /* the last statement is an expression (a call counts) */
    size_t start;   /* its first byte */
    bool call;      /* it ends in a call */
    bool is_assert; /* it is exactly assert(...) */
    bool hushed;    /* a ; follows it */
};

/* name: called for each local name of the outermost level; may be NULL. */
void cell_split(const struct lex_list *list, struct cell_split *out,
                void (*name)(void *arg, const char *s, size_t n), void *arg);

/* How many blocks and brackets are open at the end of the text. */
size_t cell_split_depth(const struct lex_list *list);

#endif
