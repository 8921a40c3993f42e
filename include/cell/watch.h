/* watch.h: results that are no numbers, for the debugger's "NaN or infinite".
 *
 * Whoever computes says once how it is told to look at its results; while the debugger wants
 * it, it looks at each and tells what it found, in the thread and at the place where it
 * happened. The cell stands there until the debugger lets it go on; that it was interrupted
 * meanwhile shows as every interrupt does, at the next safe point. */
#ifndef CELL_WATCH_H
#define CELL_WATCH_H

#include <lua.h>
#include <stdbool.h>

/* set: starts or ends looking; ctx: borrowed for the life of L. */
void cell_watch_register(lua_State *L, void (*set)(void *ctx, bool on), void *ctx);

/* text: one sentence; first: it began here, and did not come in. The first result of a cell
 * stops it, and after that those where it began, each place in the cell once. L: any
 * state of the interpreter. */
void cell_watch_found(lua_State *L, const char *text, bool first);

#endif
