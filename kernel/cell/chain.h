/* chain.h: dotted names and calls in a list of tokens, for completion and inspection. */
#ifndef CELL_CHAIN_H
#define CELL_CHAIN_H

#include "lex.h"
#include "state.h"

/* Writes the chain that ends with token `last`: "a.b:c". first: its first token. false when
 * it begins with something else than a name (a call, an index): out holds what was read. */
bool cell_chain(const struct lex_list *list, size_t last, struct buf *out, size_t *first);

/* The bracket that encloses the place before token at: its index, or SIZE_MAX. */
size_t cell_chain_opener(const struct lex_list *list, size_t at);

/* The row of the command whose arguments the bracket at opener holds, or NULL. */
const struct cell_help_row *cell_chain_callee(lua_State *L, const struct lex_list *list,
                                              size_t opener);

/* The row of "m:fit", by the live m, or by any row of that method. */
const struct cell_help_row *cell_member_row(lua_State *L, const char *name, size_t n);

/* The row of the method that is token i, whose object is a value and no name: f():fit,
 * ("x"):rep. */
const struct cell_help_row *cell_chain_method(lua_State *L, const struct lex_list *list,
                                              size_t i);

/* "epochs (entero, ≥ 1; por defecto 10): ..." */
void cell_help_param_line(const struct cell_help_param *p, struct buf *out);

#endif
