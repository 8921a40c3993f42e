/* suggest.h: "did you mean": the nearest of some names, and modules and objects that
 * refuse a misspelt field with it.
 *
 *     struct cell_nearest n;
 *     cell_nearest_init(&n, "epoch", 5);
 *     for (...) cell_nearest_offer(&n, p->name, strlen(p->name));
 *     const char *best = cell_nearest_best(&n);             "epochs", or NULL
 *
 * Distance: Damerau-Levenshtein (optimal string alignment), differences of case and of _
 * count half; a name is near when that is at most a third of its length. */
#ifndef CELL_SUGGEST_H
#define CELL_SUGGEST_H

#include <lua.h>
#include <stddef.h>

struct cell_nearest {
    char want[64], best[64];
    size_t want_len;
    unsigned distance; /* of best, in halves */
};

void cell_nearest_init(struct cell_nearest *n, const char *want, size_t len);
void cell_nearest_offer(struct cell_nearest *n, const char *name, size_t len);
const char *cell_nearest_best(const struct cell_nearest *n); /* lives in n, or NULL */

/* Offers every string key of the table at idx (raw, its __index tables included). */
void cell_nearest_offer_table(lua_State *L, int idx, struct cell_nearest *n);

/* Makes the table at idx strict: reading a field that it does not have raises "«nn.Dens» no
 * existe. ¿Querías decir «nn.Dense»?", writing to it raises as well. name is copied. Any
 * metatable that it has keeps its other fields. */
void cell_strict_module(lua_State *L, int idx, const char *name);

/* For a C __index that found nothing: raises "«Model» no tiene «fitt». ¿Querías decir
 * «fit»?", the candidates being the rows "Model:..." and "Model." and the string keys of
 * the table at methods (0: none). key is at key_idx. Does not return. */
int cell_raise_no_member(lua_State *L, const char *type, int key_idx, int methods);

#endif
