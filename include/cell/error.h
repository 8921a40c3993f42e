/* error.h: how C functions bound into Lua fail.
 *
 *     static int l_open(lua_State *L) {
 *         struct err e = {0};
 *         ... int rc = nn_thing_new(&t, ..., &e);
 *         ... release whatever the C side holds ...
 *         if (rc < 0)
 *             return cell_raise(L, &e);                   last: it does not return
 *
 * The Lua error value is a plain string, "celda 3, línea 2: <sentence>", so that pcall,
 * .. and string functions work on it as on Lua's own errors. The name that front ends
 * show (ename) follows from the code: ERR_NOMEM MemoryError, ERR_ARG ValueError,
 * ERR_SHAPE ShapeError, ERR_DTYPE TypeError, ERR_RANGE IndexError, ERR_IO OSError,
 * ERR_FORMAT FormatError, ERR_NET NetworkError, ERR_CHECKSUM ChecksumError, ERR_NAN
 * FloatingPointError, ERR_STATE StateError, ERR_NOTFOUND NotFoundError, ERR_AUTH
 * AuthError, anything else RuntimeError; ERR_INTERRUPT becomes a real KeyboardInterrupt.
 */
#ifndef CELL_ERROR_H
#define CELL_ERROR_H

#include "base/err.h"

#include <lua.h>

/* Raise; they do not return (int only so that `return cell_raise(...)` reads well). */
int cell_raise(lua_State *L, const struct err *e);
__attribute__((format(printf, 3, 4))) int cell_raisef(lua_State *L, int code,
                                                      const char *fmt, ...);

/* Unwinds the cell with KeyboardInterrupt, which pcall does not catch. */
int cell_raise_interrupt(lua_State *L);

/* Calls like lua_pcall with a translating handler: LUA_OK, or not with e filled (code
 * ERR_INTERRUPT, ERR_NOMEM or ERR_STATE) and nothing left on the stack. For Lua callbacks
 * that run inside of engine calls, where a raise must not jump over C frames; hand e to
 * cell_raise once the engine has returned. */
int cell_pcall(lua_State *L, int nargs, int nresults, struct err *e);

#endif
