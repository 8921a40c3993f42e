/* chain.h: the factors of the chain rule between the named steps of a computation. */
#ifndef COMMAND_CHAIN_H
#define COMMAND_CHAIN_H

#include "explain.h"

/* dv/du between two steps that have symbols; what lies between has none. */
struct cmd_factor {
    int v, u;
    char *formula, *numbers; /* LaTeX; the second with values in place; NULL: too long */
    double value;            /* NAN unless all are single numbers */
    int terms;
};

enum { CMD_TERMS_MAX = 8, CMD_DEPTH_MAX = 40 };

/* The factors from node y down to node w, in no special order: n of them. Release with
 * cmd_factors_free, also after a failure. */
int cmd_factors_find(struct cmd_factor **out, size_t *n, struct cmd_explain *x, int w,
                     struct err *e);
void cmd_factors_free(struct cmd_factor *f, size_t n);

#endif
