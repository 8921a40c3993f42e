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

/* Text of a tensor: one line when it is short, else rows with "..." in the middle. */
void cmd_tensor_text(struct buf *b, const struct nn_var *v, bool header);

/* Parts of the metatable, each in its file. */
int cmd_tensor_index(lua_State *L);    /* t[i], t[{a, b}], t[{..}, ..] */
int cmd_tensor_newindex(lua_State *L); /* t[i] = v */
int cmd_tensor_slice(lua_State *L);

void cmd_tensor_open(lua_State *L);

#endif
