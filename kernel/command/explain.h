/* explain.h: the computation below a result, replayed and named, for what explains it:
 * chain, graph and backprop.
 *
 *     struct cmd_explain *x = cmd_explain_push(L, y);       a box on the stack owns it
 *     x->node[x->n - 1]                                     the result; inputs come first
 *
 * The graph is run again on copies of its leaves: local derivatives can be taken however
 * often y:backward() was called, and no .grad of the student changes. Names come from
 * var{name=}, t.name, and the variables (local or global) that hold a tensor of the graph;
 * what has none and is worth a name of its own (what goes into or comes out of a function)
 * is called u_1, u_2, ... Everything else is a part of its result's formula.
 * Ownership: the box; vars of the original graph are borrowed from y. */
#ifndef COMMAND_EXPLAIN_H
#define COMMAND_EXPLAIN_H

#include "box.h"

struct cmd_node {
    struct nn_var *var;  /* the student's */
    struct nn_var *twin; /* its replay: value, and grad = dy/dthis */
    char *tex;           /* symbol; NULL: absorbed into its result's formula */
    bool own_name;       /* the student gave it */
    bool number;         /* a constant shown as its value */
    int n_in, in[NN_OP_MAX_IN];
    double local[NN_OP_MAX_IN]; /* dthis/din when all are single numbers, else NAN */
};

struct cmd_explain {
    size_t n;
    struct cmd_node *node;
    bool single;     /* every value is one number */
    bool stale;      /* the leaves changed since y was computed */
    bool as_numbers; /* formulas are written with the values in place of symbols */
};

enum { CMD_EXPLAIN_MAX = 2000 }; /* nodes */

/* Raises: y has no history, is no single number, or its graph is too large. what names the
 * command. */
struct cmd_explain *cmd_explain_push(lua_State *L, struct nn_var *y, const char *what);
/* Index of the node of v, or -1. */
int cmd_explain_find(const struct cmd_explain *x, const struct nn_var *v);
/* The formula of node i with its absorbed inputs written out: "w\,a+b". */
void cmd_explain_formula(struct buf *b, const struct cmd_explain *x, int i);
/* The local derivative of node i to its k-th input, "" when its op has no formula. */
void cmd_explain_local(struct buf *b, const struct cmd_explain *x, int i, int k);
/* Symbol, number or formula: what stands for node i in a formula. */
void cmd_explain_symbol(struct buf *b, const struct cmd_explain *x, int i);

void cmd_explain_open(lua_State *L);
void cmd_chain_open(lua_State *L);
void cmd_graph_open(lua_State *L);
void cmd_backprop_open(lua_State *L);
void cmd_trace_open(lua_State *L);

#endif
