/* explain_names.h: gives the nodes of an explanation their symbols. */
#ifndef COMMAND_EXPLAIN_NAMES_H
#define COMMAND_EXPLAIN_NAMES_H

#include "explain.h"

/* Names from the vars themselves, from the locals of the function that called the running
 * command, and from globals; then u_1, u_2, ... Raises. */
void cmd_explain_name(lua_State *L, struct cmd_explain *x);

#endif
