/* redirect.h: what a function shows, in places of its own that it can be called for again
 * and again: interact's output. The first time each output appears in the cell that began
 * it; later the first output takes the place of the first, and so on, by display_id. Lines
 * printed one after the other are one output. What remains of an earlier, longer call is
 * emptied.
 *
 *     struct cmd_redirect *r = cmd_redirect_push(L);             once, in the cell
 *     cmd_redirect_begin(L, r);
 *     ... the function runs, protected or not: see cmd_redirect_guard ...
 *     cmd_redirect_end(L, r);
 *
 * Threads: the cell's. */
#ifndef COMMAND_REDIRECT_H
#define COMMAND_REDIRECT_H

#include <lua.h>
#include <stdbool.h>

struct cmd_redirect;

struct cmd_redirect *cmd_redirect_push(lua_State *L);
void cmd_redirect_begin(lua_State *L, struct cmd_redirect *r);
/* Between begin and end? */
bool cmd_redirect_active(const struct cmd_redirect *r);
void cmd_redirect_end(lua_State *L, struct cmd_redirect *r);
/* Pushes a value to be closed that calls cmd_redirect_end when an error passes by. */
void cmd_redirect_guard(lua_State *L, struct cmd_redirect *r);
/* A line of text among the outputs. */
void cmd_redirect_text(struct cmd_redirect *r, const char *text);

#endif
