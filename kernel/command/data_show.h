/* data_show.h: how a data set shows itself. */
#ifndef COMMAND_DATA_SHOW_H
#define COMMAND_DATA_SHOW_H

#include <lua.h>

int cmd_data_display(lua_State *L);  /* __display */
int cmd_data_tostring(lua_State *L); /* one line */

#endif
