/* args.h: the one argument reader. Every command says what it takes in its row
 * (struct cell_help_row of cell/help.h); the reader enforces the row, and the command
 * then asks by name.
 *
 *     static int dense(lua_State *L) {
 *         struct cmd_args a;
 *         cmd_args_read(&a, L, 1);                 from stack index 1 on; 2 in a method
 *         double units = cmd_number(&a, "units");
 *
 * What is accepted, for a row f(a, b, c = 1):
 *     f(1, 2)    f(1, 2, {c = 3})    f{1, 2, c = 3}    f{a = 1, b = 2}
 * A list of numbers for a first parameter that takes one is that value: relu{-1, 2}.
 * A name that the row does not have is refused with the nearest one and the list; a value
 * of the wrong type, outside its range or not among its choices is refused with the
 * parameter, what was expected and what came. Defaults are read from the row as well, so
 * that help and behaviour cannot differ.
 *
 * Ownership: values stay on the Lua stack while the command runs. */
#ifndef COMMAND_ARGS_H
#define COMMAND_ARGS_H

#include "box.h"

#include "cell/help.h"

struct cmd_args {
    lua_State *L;
    const struct cell_help_row *row;
    int base;       /* stack index of the first parameter's slot; one per parameter */
    uint64_t given; /* bit i: the user gave parameter i */
};

enum { CMD_PARAMS_MAX = 64 };

/* Puts one slot per parameter on top of the stack, from the values at first and above.
 * The row is the running C function's first upvalue. Raises on what the row forbids. */
void cmd_args_read(struct cmd_args *a, lua_State *L, int first);

/* Stack index of a parameter; its name must be in the row. */
int cmd_slot(const struct cmd_args *a, const char *name);
bool cmd_given(const struct cmd_args *a, const char *name); /* by the user, not nil */
double cmd_number(const struct cmd_args *a, const char *name);
lua_Integer cmd_integer(const struct cmd_args *a, const char *name);
bool cmd_boolean(const struct cmd_args *a, const char *name);
const char *cmd_text(const struct cmd_args *a, const char *name); /* NULL for nil */
/* The value as a tensor; a number or list becomes float64. NULL for nil. */
struct nn_var *cmd_tensor(const struct cmd_args *a, const char *name);

/* Raises "fit: epochs: <sentence>", for checks that a row cannot say. */
__attribute__((format(printf, 3, 4))) int
cmd_refuse(const struct cmd_args *a, const char *name, const char *fmt, ...);

/* A short picture of the value at idx for messages: "relu", -3, Tensor (2, 3); pushed on
 * the stack and returned. */
const char *cmd_value_text(lua_State *L, int idx);

#endif
