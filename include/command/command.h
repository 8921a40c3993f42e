/* command.h: the commands of the lab, bound into a cell interpreter: tensor, var and the
 * differentiable functions, data, nn, optim, callbacks, metrics, plot, lab.
 *
 *     struct cell *cell;
 *     if (cell_new(&cell, ...) < 0) ...
 *     if (cmd_open(cell, e) < 0) ...       the names exist from the next cell on
 *
 * Every command has one row (struct cell_help_row) that the argument reader enforces and
 * that help, completion and the manual are made from. Ownership: what the commands hold
 * belongs to the interpreter and goes with it. Threads: as the cell: one at a time. */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include "base/err.h"

struct cell;

/* ERR_NOMEM, or what the cell answered when a name could not be set. */
int cmd_open(struct cell *cell, struct err *e);

#endif
