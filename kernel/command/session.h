/* session.h: what one interpreter's commands remember between cells: the seed and the
 * random stream that lab.seed sets. */
#ifndef COMMAND_SESSION_H
#define COMMAND_SESSION_H

#include "nn/rng.h"

#include <lua.h>

/* The stream of tensor.randn and tensor.uniform; borrowed. */
struct nn_rng *cmd_session_rng(lua_State *L);
/* The seed that lab.seed gave last, or the one of the start. */
uint64_t cmd_session_seed(lua_State *L);
void cmd_session_set_seed(lua_State *L, uint64_t seed);
void cmd_session_open(lua_State *L);

#endif
