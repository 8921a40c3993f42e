/* watch.h: tells the cell what the engine is at (cell/watch.h, cell/rescue.h). */
#ifndef COMMAND_WATCH_H
#define COMMAND_WATCH_H

#include <lua.h>

void cmd_watch_open(lua_State *L);

#endif
