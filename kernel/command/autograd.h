/* autograd.h: var, backward, grad, gradcheck and the differentiable functions. */
#ifndef COMMAND_AUTOGRAD_H
#define COMMAND_AUTOGRAD_H

#include "args.h"

#include "nn/fault.h"

#define CMD_VARS_MAX NN_FAULT_PARAMS

/* The vars of a parameter: one tensor, or a table of them (a list, or by name). Of a table
 * pushes the list of its keys, and above it the vars' boxes in that order, so that they
 * live; of one tensor nothing. Returns how many. Raises. */
int cmd_read_vars(const struct cmd_args *a, const char *name,
                  struct nn_var *v[CMD_VARS_MAX]);

/* What a diagnosis says to a student, one or two sentences; nothing for a right gradient.
 * fault: its name for programs, "sign", "slope". */
void cmd_fault_text(struct buf *b, const struct nn_finding *d,
                    const struct nn_tensor *given, const struct nn_var *param);
const char *cmd_fault_name(enum nn_fault f);

void cmd_autograd_open(lua_State *L);
void cmd_gradcheck_open(lua_State *L);
void cmd_functions_open(lua_State *L);

#endif
