/* report.h: the command lab.report. */
#ifndef COMMAND_LAB_REPORT_H
#define COMMAND_LAB_REPORT_H

#include <lua.h>

void cmd_report_open(lua_State *L);

#endif
