/* history.h: what m:fit returns: a Lua table {history = {loss = {...}, ...}, epochs,
 * seconds, stopped} that shows itself as one line, since the figure was already shown. */
#ifndef COMMAND_HISTORY_H
#define COMMAND_HISTORY_H

#include "nn/fit.h"

#include <lua.h>

void cmd_history_push(lua_State *L, const struct nn_history *h, double seconds);
void cmd_history_open(lua_State *L);

#endif
