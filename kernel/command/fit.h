/* fit.h: Model:fit and the History that it returns. */
#ifndef COMMAND_FIT_H
#define COMMAND_FIT_H

#include <lua.h>

void cmd_fit_open(lua_State *L);

#endif
