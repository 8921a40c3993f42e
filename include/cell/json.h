/* json.h: Lua values to JSON text and back.
 *
 * A table whose keys are 1..n becomes an array (holes are null), the empty table {} an object, other
 * tables objects with their string and number keys, sorted.
 * NaN and the infinities become null: JSON has no word for them. Cycles and nesting
 * deeper than 64 are refused. Text is cleaned to valid UTF-8. */
#ifndef CELL_JSON_H
#define CELL_JSON_H

#include "base/err.h"

#include <lua.h>
#include <stddef.h>

/* *out: yours to free, NUL-terminated; *len may be NULL. ERR_ARG for what JSON cannot say
 * (a function, a cycle), ERR_NOMEM. Runs no metamethod and raises nothing. */
int cell_json_dump(lua_State *L, int idx, char **out, size_t *len, struct err *e);

/* Pushes the value (null as nil; in arrays as false). ERR_FORMAT with the position;
 * ERR_NOMEM. Nothing is pushed on failure. */
int cell_json_load(lua_State *L, const char *text, size_t len, struct err *e);

#endif
