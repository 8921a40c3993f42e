/* command.h: the commands of the lab, bound into a cell interpreter: tensor, var and the
 * differentiable functions, data, nn, optim, metrics, plot, lab.
 *
 *     struct cell_config cfg = {.host = &host, .open = cmd_open};
 *     cell_new(&cell, &cfg, e);
 *
 * Every command has one row (struct cell_help_row) that the argument reader enforces and
 * that help, completion and the manual are made from. Ownership: what the commands hold
 * belongs to the interpreter and goes with it. Threads: as the cell: one at a time. */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include <lua.h>

/* A lua_CFunction for cell_config.open: installs every command. Raises on failure. */
int cmd_open(lua_State *L);

#endif
