/* tensor.h: tensors of the cell language: conversion from and to Lua, and the pieces of
 * the type that its files share.
 *
 * Indices are counted from 1 in Lua, also axes (negative from the end); C counts from 0.
 * float64 is what numbers and lists become; float32 meets it by promotion (cmd_apply). */
#ifndef COMMAND_TENSOR_H
#define COMMAND_TENSOR_H

#include "box.h"

/* The value at idx as a var: a tensor box as it is; a number or nested list of numbers is
 * converted to dtype d and replaces the value at idx. what stands in the messages.
 * Raises. */
struct nn_var *cmd_to_var(lua_State *L, int idx, enum nn_dtype d, const char *what);
/* true when cmd_to_var can take the value (a list is judged by its first element). */
bool cmd_is_tensorlike(lua_State *L, int idx);
/* Pushes the tensor as nested Lua tables (a number when it has no axes). */
void cmd_push_list(lua_State *L, const struct nn_tensor *t);
/* Pushes element i as Lua integer or float. */
void cmd_push_element(lua_State *L, const struct nn_tensor *t, size_t i);

/* Reads a shape from the value at idx: an integer, or a list. Returns ndim. Raises. */
int cmd_to_shape(lua_State *L, int idx, size_t shape[NN_MAX_DIMS], const char *what);
/* The same; one axis may be -1: *hole (start with -1) is set to it, and it counts as 1. */
int cmd_to_shape_hole(lua_State *L, int idx, size_t shape[NN_MAX_DIMS], int *hole,
                      const char *what);
/* Axis from Lua (1.., negative from the end) to 0..ndim-1. Raises. */
int cmd_to_axis(lua_State *L, int idx, int ndim, const char *what);
void cmd_push_shape(lua_State *L, int ndim, const size_t *shape);
enum nn_dtype cmd_to_dtype(lua_State *L, const char *name);

/* Applies the op to vars, promoting dtypes so that they meet: integers become float32,
 * and float32 beside float64 becomes float64. Pushes the result. Raises. */
struct nn_var *cmd_apply(lua_State *L, const char *op, const struct nn_attrs *attrs,
                         int n, struct nn_var *const in[]);

/* The same for two values on the stack, which may be numbers or lists. */
struct nn_var *cmd_apply_values(lua_State *L, const char *op,
                                const struct nn_attrs *attrs, int a, int b);

/* Text of a tensor: kind, shape and dtype, then the values, shortened in the middle when
 * there are many. header: with the range, and the values however many (for display). */
void cmd_tensor_text(struct buf *b, const struct nn_var *v, bool header);
void cmd_tensor_head(struct buf *b, const struct nn_var *v);

/* Pushes t's single number when it has no axes, else a box that shares it. */
void cmd_push_value(lua_State *L, struct nn_tensor *t);

/* Parts of the type, each in its file. */
int cmd_tensor_select(lua_State *L, struct nn_var *v, int key);
int cmd_tensor_store(lua_State *L, struct nn_var *v, int key, int value);
int cmd_tensor_take(lua_State *L, struct nn_var *v, struct nn_var *index);

void cmd_tensor_open(lua_State *L);
void cmd_tensor_new_open(lua_State *L);
void cmd_tensor_methods_open(lua_State *L);

#endif
