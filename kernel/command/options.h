/* options.h: the engine's option rows (nn/option.h) as commands: help rows made from
 * them, and their values filled from arguments. A layer or optimizer that the engine
 * gains is a command without a line here. */
#ifndef COMMAND_OPTIONS_H
#define COMMAND_OPTIONS_H

#include "args.h"

#include "nn/option.h"

/* How one kind of object becomes a command. */
struct cmd_option_rows {
    const char *name; /* "nn.Dense"; copied */
    const char *doc, *returns, *example, *shapes, *formula, *see_also;
    const struct nn_option_row *row;
    int n_rows, n_positional;            /* options beyond it are given by name alone */
    const struct cell_help_param *first; /* NULL, or a parameter before them */
    const struct cell_help_param *more;  /* further parameters behind them, by name */
    size_t n_more;
};

/* Registers a command whose row is made from r; the row lives as long as L. */
void cmd_options_register(lua_State *L, const struct cmd_option_rows *r,
                          lua_CFunction run);
/* Copies what the user gave into o. Raises. */
void cmd_options_fill(const struct cmd_args *a, struct nn_options *o);

#endif
