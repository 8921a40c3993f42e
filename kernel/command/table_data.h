/* table_data.h: Lua data seen as rows and columns. What a student has may be a list of
 * lists, a list of records, a record of columns, a tensor, a list of values, or mixed:
 * cmd_data_read finds the columns, cmd_data_push gives the value of a cell.
 *
 *     {{1, 2}, {3, 4}}                  lists: columns by position
 *     {{a = 1, b = 2}, {a = 3}}         records: columns by key, in alphabetical order
 *     {a = {1, 3}, b = {2}}             columns by key: row i has the items i
 *     tensor of 1 or 2 axes             rows of numbers
 *
 * Ownership: keys and titles are Lua strings that the caller keeps on its stack. */
#ifndef COMMAND_TABLE_DATA_H
#define COMMAND_TABLE_DATA_H

#include "args.h"

enum { DATA_COLUMNS_MAX = 1000 };

struct data_column {
    const char *key;   /* of a record; NULL: by position */
    lua_Integer at;    /* the position in a list */
    const char *title; /* NULL: none */
};

struct data_table {
    lua_State *L;
    int rows;    /* stack index: a table, or a tensor */
    bool by_key; /* the table's fields are the columns */
    lua_Integer n_rows;
    size_t n_columns;
    struct data_column *column; /* n_columns, on the stack */
};

/* Before cmd_args_read: the rows may be the positions of the only argument, f{{1, 2}, {3,
 * 4}, columns = ...}, or a record of columns be the argument, f(h.history); makes of both
 * f{rows, columns = ...}. */
void cmd_data_call(lua_State *L);

/* Reads the parameters "rows" and "columns" of a. Leaves on the stack what
 * it needs. Raises on columns that no row has. */
void cmd_data_read(struct data_table *d, const struct cmd_args *a);

/* Pushes the value of a cell, row and column from 0; nil where there is none. */
void cmd_data_push(const struct data_table *d, lua_Integer row, size_t column);

#endif
