/* table_data.c: lists, records, columns and tensors as rows and columns. */
#include "table_data.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "cell/suggest.h"

#include <stdlib.h>

enum { ROWS_MAX = 10000000 };

/* A table that is data: what shows itself is a value. */
static bool is_data(lua_State *L, int idx) {
    if (!lua_istable(L, idx))
        return false;
    if (luaL_getmetafield(L, idx, "__display") == LUA_TNIL)
        return true;
    lua_pop(L, 1);
    return false;
}

/* The greatest position of a list, holes or not; *names: it has names as well. */
static lua_Integer list_length(lua_State *L, int idx, bool *names) {
    lua_Integer n = 0;
    idx = lua_absindex(L, idx);
    *names = false;
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
        if (lua_isinteger(L, -2) && lua_tointeger(L, -2) > n)
            n = lua_tointeger(L, -2);
        *names = *names || lua_type(L, -2) == LUA_TSTRING;
    }
    return MIN_OF(n, (lua_Integer)ROWS_MAX);
}

/* All items are data: a list of rows, or a record of columns. */
static bool holds_rows(lua_State *L, int idx) {
    bool some = false;
    idx = lua_absindex(L, idx);
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
        const struct nn_var *v = cmd_var_test(L, -1);
        if (!is_data(L, -1) && !(v && v->value->ndim > 0)) {
            lua_pop(L, 2);
            return false;
        }
        some = true;
    }
    return some;
}

/* ------------------------------------------------------------------------ the call */

/* {"a", "b"} or {{"a", "A"}, ...}: a list of columns. */
static bool is_titles(lua_State *L, int idx) {
    int top = lua_gettop(L);
    bool titles = lua_istable(L, idx);
    if (titles && lua_rawgeti(L, idx, 1) == LUA_TTABLE)
        lua_rawgeti(L, -1, 2);
    titles = titles && lua_type(L, -1) == LUA_TSTRING;
    lua_settop(L, top);
    return titles;
}

/* Are the positions of the only argument the rows themselves? */
static bool gives_rows(lua_State *L, const struct cell_help_row *row) {
    bool names, holds = false;
    lua_Integer n = list_length(L, 1, &names);
    if (n == 0) { /* a record of columns, when no name of it is an option */
        holds = names && holds_rows(L, 1);
        for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
            size_t len;
            const char *key = lua_tolstring(L, -2, &len);
            holds = holds && !cell_help_param_find(row, key, len);
        }
        return holds;
    }
    lua_rawgeti(L, 1, 1);
    const struct nn_var *v = cmd_var_test(L, -1);
    bool tensor = v && v->value->ndim > 0;
    if (is_data(L, -1)) { /* rows, or none */
        bool fields = false;
        lua_Integer k = list_length(L, -1, &fields);
        holds = holds_rows(L, -1) || (k == 0 && !fields);
    }
    lua_rawgeti(L, 1, 2);
    bool one = n == 1 || (n == 2 && is_titles(L, -1));
    lua_pop(L, 2);
    return !(one && (holds || tensor));
}

void cmd_data_call(lua_State *L) {
    const struct cell_help_row *row = lua_touserdata(L, lua_upvalueindex(1));
    bool names;
    luaL_checkstack(L, 12, row->name);
    if (lua_gettop(L) != 1 || !is_data(L, 1) || !gives_rows(L, row))
        return;
    lua_Integer n = list_length(L, 1, &names);
    lua_newtable(L); /* the call */
    lua_newtable(L); /* its rows */
    lua_pushnil(L);
    while (n > 0 && lua_next(L, 1)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2); /* key, key, value */
        lua_rawset(L, lua_isinteger(L, -2) ? 3 : 2);
    }
    lua_settop(L, 3);
    if (n == 0) { /* the record itself */
        lua_pushvalue(L, 1);
        lua_replace(L, 3);
    }
    lua_rawseti(L, 2, 1);
    lua_replace(L, 1);
}

/* ------------------------------------------------------------------------ the rows */

static void find_rows(struct data_table *d, const struct cmd_args *a) {
    lua_State *L = a->L;
    bool names;
    d->rows = cmd_slot(a, "rows");
    const struct nn_var *v = cmd_var_test(L, d->rows);
    if (v) {
        if (v->value->ndim < 1 || v->value->ndim > 2)
            cmd_refuse(a, "rows", _("un tensor en una tabla tiene 1 o 2 ejes, no %d"),
                       v->value->ndim);
        d->n_rows = (lua_Integer)v->value->shape[0];
        return;
    }
    d->n_rows = list_length(L, d->rows, &names);
    d->by_key = d->n_rows == 0 && names;
    for (lua_pushnil(L); d->by_key && lua_next(L, d->rows); lua_pop(L, 1)) {
        const struct nn_var *column = cmd_var_test(L, -1);
        lua_Integer n = 1;
        if (column && column->value->ndim > 0)
            n = (lua_Integer)column->value->shape[0];
        else if (is_data(L, -1))
            n = list_length(L, -1, &names);
        d->n_rows = MAX_OF(d->n_rows, n);
    }
}

/* --------------------------------------------------------------------- the columns */

static int by_title(const void *a, const void *b) {
    return strcmp(((const struct data_column *)a)->key,
                  ((const struct data_column *)b)->key);
}

/* seen[key] = key for every name in the table at idx. */
static void collect_names(lua_State *L, int idx, int seen) {
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            continue;
        lua_pushvalue(L, -2);
        lua_pushboolean(L, true);
        lua_rawset(L, seen);
    }
}

/* The names of all records into seen; returns the length of the longest list. */
static lua_Integer survey(struct data_table *d, int seen) {
    lua_State *L = d->L;
    lua_Integer longest = 0;
    if (d->by_key) {
        collect_names(L, d->rows, seen);
        return 0;
    }
    for (lua_Integer i = 1; i <= d->n_rows; i++) {
        bool names = false;
        lua_Integer n = 1;
        lua_rawgeti(L, d->rows, i);
        const struct nn_var *v = cmd_var_test(L, -1);
        if (v && v->value->ndim == 1)
            n = (lua_Integer)v->value->n;
        else if (is_data(L, -1))
            n = list_length(L, -1, &names);
        longest = MAX_OF(longest, n);
        if (names)
            collect_names(L, lua_gettop(L), seen);
        lua_pop(L, 1);
    }
    return longest;
}

/* Columns as the data has them: names in alphabetical order, then positions that the names
 * do not cover. */
static void natural_columns(struct data_table *d, int seen, lua_Integer longest) {
    lua_State *L = d->L;
    size_t names = 0, n;
    for (lua_pushnil(L); lua_next(L, seen); lua_pop(L, 1))
        names++;
    n = MIN_OF(MAX_OF(names, (size_t)longest), (size_t)DATA_COLUMNS_MAX);
    d->column = cmd_scratch(L, MAX_OF(n, (size_t)1), sizeof *d->column);
    names = 0;
    for (lua_pushnil(L); lua_next(L, seen) && names < n; lua_pop(L, 1)) {
        const char *key = lua_tostring(L, -2);
        d->column[names++] = (struct data_column){.key = key, .title = key};
    }
    lua_settop(L, seen + 1); /* the scratch; a walk that ended early left its key */
    qsort(d->column, names, sizeof *d->column, by_title);
    for (size_t i = 0; i < n; i++)
        d->column[i].at = (lua_Integer)i + 1;
    d->n_columns = n;
}

static void check_key(const struct data_table *d, const struct cmd_args *a, int seen,
                      const char *key) {
    lua_State *L = d->L;
    struct cell_nearest near;
    lua_getfield(L, seen, key);
    bool known = lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (known)
        return;
    cell_nearest_init(&near, key, strlen(key));
    for (lua_pushnil(L); lua_next(L, seen); lua_pop(L, 1)) {
        size_t n;
        const char *name = lua_tolstring(L, -2, &n);
        cell_nearest_offer(&near, name, n);
    }
    const char *best = cell_nearest_best(&near);
    if (best)
        cmd_refuse(a, "columns",
                   _("ninguna fila tiene un campo «%s». ¿Querías decir «%s»?"), key,
                   best);
    cmd_refuse(a, "columns", _("ninguna fila tiene un campo «%s»"), key);
}

/* One item of columns: "key", or {"key", "title"}, or {3, "title"}. */
static void read_column(struct data_table *d, const struct cmd_args *a, int item,
                        struct data_column *c) {
    lua_State *L = d->L;
    if (lua_type(L, item) == LUA_TSTRING) {
        c->key = c->title = lua_tostring(L, item);
        return;
    }
    bool pair = lua_istable(L, item) && lua_rawgeti(L, item, 2) == LUA_TSTRING;
    int key = pair ? lua_rawgeti(L, item, 1) : LUA_TNIL;
    if (key == LUA_TNUMBER && lua_isinteger(L, -1))
        c->at = lua_tointeger(L, -1);
    else if (key == LUA_TSTRING)
        c->key = lua_tostring(L, -1);
    else
        cmd_refuse(a, "columns",
                   _("cada columna es un nombre o un par {campo, título}, no %s"),
                   cmd_value_text(L, item));
    c->title = lua_tostring(L, -2);
}

static void given_columns(struct data_table *d, const struct cmd_args *a, int seen,
                          bool records) {
    lua_State *L = d->L;
    int list = cmd_slot(a, "columns");
    size_t n = lua_rawlen(L, list);
    if (n < 1 || n > DATA_COLUMNS_MAX)
        cmd_refuse(a, "columns", _("va una lista de 1 a %d columnas"), DATA_COLUMNS_MAX);
    d->column = cmd_scratch(L, n, sizeof *d->column);
    d->n_columns = n;
    for (size_t i = 0; i < n; i++) {
        struct data_column *c = &d->column[i];
        int top = lua_gettop(L);
        c->at = (lua_Integer)i + 1;
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        read_column(d, a, top + 1, c);
        if (records && c->key)
            check_key(d, a, seen, c->key);
        lua_settop(L, top); /* the list keeps the strings */
    }
}

void cmd_data_read(struct data_table *d, const struct cmd_args *a) {
    lua_State *L = a->L;
    *d = (struct data_table){.L = L};
    luaL_checkstack(L, 30, "lab.table");
    find_rows(d, a);
    lua_newtable(L);
    int seen = lua_gettop(L);
    const struct nn_var *v = cmd_var_test(L, d->rows);
    lua_Integer longest = 1;
    if (!v)
        longest = survey(d, seen);
    else if (v->value->ndim == 2)
        longest = (lua_Integer)v->value->shape[1];
    lua_pushnil(L);
    bool records = lua_next(L, seen);
    lua_settop(L, seen);
    if (cmd_given(a, "columns"))
        given_columns(d, a, seen, records);
    else
        natural_columns(d, seen, longest);
    if (d->n_columns < 1 || d->n_rows < 1)
        cmd_refuse(a, "rows", "%s", _("las filas están vacías"));
}

/* --------------------------------------------------------------------- the values */

static void push_number(lua_State *L, const struct nn_var *v, lua_Integer at) {
    if (at >= 0 && (size_t)at < v->value->n)
        lua_pushnumber(L, nn_tensor_get(v->value, (size_t)at));
    else
        lua_pushnil(L);
}

/* Replaces the row on top by its item. */
static void take_item(lua_State *L, const struct data_column *c) {
    const struct nn_var *v = cmd_var_test(L, -1);
    bool names;
    if (v && v->value->ndim == 1) {
        push_number(L, v, c->at - 1);
    } else if (!is_data(L, -1)) {
        if (c->at == 1)
            return;
        lua_pushnil(L);
    } else if (c->key && list_length(L, -1, &names) == 0) {
        lua_pushstring(L, c->key);
        lua_rawget(L, -2);
    } else {
        lua_rawgeti(L, -1, c->at);
    }
    lua_remove(L, -2);
}

void cmd_data_push(const struct data_table *d, lua_Integer row, size_t column) {
    lua_State *L = d->L;
    const struct data_column *c = &d->column[column];
    const struct nn_var *v = cmd_var_test(L, d->rows);
    if (v) {
        lua_Integer width = v->value->ndim == 2 ? (lua_Integer)v->value->shape[1] : 1;
        push_number(L, v, c->at > width ? -1 : row * width + c->at - 1);
    } else if (d->by_key) {
        lua_pushstring(L, c->key ? c->key : "");
        lua_rawget(L, d->rows);
        take_item(L, &(struct data_column){.at = row + 1});
    } else {
        lua_rawgeti(L, d->rows, row + 1);
        take_item(L, c);
    }
}
