/* box.h: engine objects inside Lua values, and failures as Lua errors.
 *
 *     struct nn_var **slot = cmd_var_push(L);              the box is on the stack, empty
 *     if (nn_apply(slot, "relu", NULL, x, NULL, &e) < 0) cmd_raise(L, &e);   raise last
 *
 * The rule at this boundary: check arguments, push the box, call the engine, raise last.
 * A Lua error is a longjmp: whatever is only held by a C variable leaks. So every object
 * lies in a userdata with __gc and __close before anything may raise.
 *
 * A tensor of the cell language is a struct nn_var: plain data is a leaf that asks for no
 * gradient, var(x) one that does, and results remember how they were made. Memory: Lua
 * sees a box of a few bytes, so cmd_pressure collects when the engine's memory grew. */
#ifndef COMMAND_BOX_H
#define COMMAND_BOX_H

#include "base/buf.h"
#include "base/err.h"
#include "base/mime.h"
#include "nn/tape.h"

#include <lauxlib.h>
#include <lua.h>

#define CMD_TENSOR "Tensor"

/* Raises e's sentence as a Lua error with the position of the caller. Never returns. */
_Noreturn void cmd_raise(lua_State *L, const struct err *e);
_Noreturn void cmd_raise_nomem(lua_State *L);

/* Makes the metatable `name` whose __gc and __close give the object to `release` and
 * whose __name is `name`; leaves it on the stack. Boxes are one pointer wide. */
typedef void cmd_release_fn(void *object);
void cmd_box_type(lua_State *L, const char *name, cmd_release_fn *release);

/* Pushes an empty box of that type and returns where its pointer goes. */
void **cmd_box_push(lua_State *L, const char *name);
/* The object in a box at idx, or NULL when the value is something else (or closed). */
void *cmd_box_test(lua_State *L, int idx, const char *name);

/* Pushes an empty tensor box (after having looked at memory pressure). */
struct nn_var **cmd_var_push(lua_State *L);
/* The var in a tensor box, or NULL. */
struct nn_var *cmd_var_test(lua_State *L, int idx);
/* Pushes a box with a leaf on t. The caller's reference to t is consumed in any case. */
void cmd_tensor_push(lua_State *L, struct nn_tensor *t);

/* A tensor box without content, for code that fills it by nn_tensor functions: the tensor
 * goes to *slot of a hidden holder on the stack; cmd_hold_finish replaces the holder by
 * the finished box. */
struct nn_tensor **cmd_hold(lua_State *L);
void cmd_hold_finish(lua_State *L);

/* Bytes that live until the garbage collector finds them unused; zeroed. Raises. */
void *cmd_scratch(lua_State *L, size_t count, size_t size);
/* A growing buffer and a bundle that are released with their userdata. */
struct buf *cmd_buf(lua_State *L);
struct mime_bundle *cmd_bundle(lua_State *L);

/* Collects garbage when engine memory doubled since the last time. */
void cmd_pressure(lua_State *L);
/* Collects at once: after ERR_NOMEM, before the second attempt. */
void cmd_collect(lua_State *L);

void cmd_box_open(lua_State *L); /* registers the types above */

#endif
