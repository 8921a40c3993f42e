/* autograd.h: var, backward, grad, gradcheck and the differentiable functions. */
#ifndef COMMAND_AUTOGRAD_H
#define COMMAND_AUTOGRAD_H

#include <lua.h>

void cmd_autograd_open(lua_State *L);
void cmd_functions_open(lua_State *L);

#endif
