/* args_check.h: one value against its parameter's row. For args.c. */
#ifndef COMMAND_ARGS_CHECK_H
#define COMMAND_ARGS_CHECK_H

#include "args.h"

/* Puts the default into an empty slot, or refuses a missing or unfit value. */
void cmd_check_slot(struct cmd_args *a, const struct cell_help_param *p, int slot);

#endif
