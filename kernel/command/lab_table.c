/* lab_table.c: the command lab.table{rows, columns = ...}: the student's own rows as a table
 * that shows itself as HTML, booktabs LaTeX and aligned text. */
#include "objects.h"
#include "register.h"
#include "show.h"
#include "tensor.h"

#include "base/i18n.h"

enum { COLUMNS = 16, SHOWN = 6 /* elements of a tensor in a cell */ };

struct list {
    struct cmd_args a;
    int rows, columns, format; /* stack indices */
    int keys; /* of the list of keys of rows with named fields; 0: none */
    int n_rows, n_columns;
    char align[COLUMNS + 1];
};

/* Pushes rows[i], a Lua table or a tensor. */
static void push_row(const struct list *t, int i) {
    lua_State *L = t->a.L;
    if (lua_geti(L, t->rows, i) != LUA_TTABLE && !cmd_var_test(L, -1))
        cmd_refuse(&t->a, "rows", _("la fila %d no es una lista: %s"), i,
                   cmd_value_text(L, -1));
}

/* Pushes cell (row on top, column k); a field that is missing is nil. */
static void push_value(const struct list *t, int k) {
    lua_State *L = t->a.L;
    if (cmd_var_test(L, -1)) {
        lua_geti(L, -1, k);
        return;
    }
    if (lua_rawgeti(L, -1, k) != LUA_TNIL || !t->keys)
        return;
    lua_pop(L, 1);
    lua_geti(L, t->keys, k);
    lua_rawget(L, -2);
}

/* ------------------------------------------------------------------------ the columns */

static int compare(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Pushes the names of the row on top in alphabetical order; pops the row. */
static void push_names(struct list *t) {
    lua_State *L = t->a.L;
    const char *name[COLUMNS];
    int n = 0;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING && n < COLUMNS)
            name[n++] = lua_tostring(L, -1); /* alive in the row */
    }
    qsort(name, (size_t)n, sizeof *name, compare);
    lua_createtable(L, n, 0);
    for (int i = 0; i < n; i++) {
        lua_pushstring(L, name[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_remove(L, -2);
    t->n_columns = n;
}

/* How many columns, and by which names rows with named fields are read. */
static void find_columns(struct list *t) {
    lua_State *L = t->a.L;
    bool named = cmd_given(&t->a, "columns");
    t->n_columns = named ? (int)lua_rawlen(L, t->columns) : 0;
    t->keys = named ? t->columns : 0;
    push_row(t, 1);
    const struct nn_var *v = cmd_var_test(L, -1);
    size_t wide = v ? (v->ndim ? v->shape[0] : 0) : lua_rawlen(L, -1);
    if (!named && wide == 0 && !v) {
        push_names(t);
        t->keys = lua_gettop(L);
    } else {
        lua_pop(L, 1);
    }
    if (!named && wide > 0)
        t->n_columns = (int)MIN_OF(wide, (size_t)COLUMNS + 1);
    if (t->n_columns < 1 || t->n_columns > COLUMNS)
        cmd_refuse(&t->a, "columns", _("una tabla tiene de 1 a %d columnas"), COLUMNS);
}

/* A column of numbers stands to the right. */
static void find_align(struct list *t) {
    lua_State *L = t->a.L;
    memset(t->align, 'r', (size_t)t->n_columns);
    for (int i = 1; i <= t->n_rows; i++) {
        push_row(t, i);
        for (int k = 1; k <= t->n_columns; k++) {
            push_value(t, k);
            int type = lua_type(L, -1);
            const struct nn_var *v = cmd_var_test(L, -1);
            if (type != LUA_TNUMBER && type != LUA_TNIL && !(v && v->value->n == 1))
                t->align[k - 1] = 'l';
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
}

/* -------------------------------------------------------------------------- the cells */

/* Pushes the format of column k, "" for the usual way. */
static const char *push_format(const struct list *t, int k) {
    lua_State *L = t->a.L;
    if (lua_type(L, t->format) == LUA_TTABLE)
        lua_geti(L, t->format, k);
    else
        lua_pushvalue(L, t->format);
    const char *s = lua_tostring(L, -1);
    return s ? s : "";
}

/* Pushes the number on top as text in its place: string.format with the column's format,
 * an integer whole, four significant digits. */
static void number_text(const struct list *t, int k) {
    lua_State *L = t->a.L;
    if (*push_format(t, k)) {
        lua_getglobal(L, "string");
        lua_getfield(L, -1, "format");
        lua_insert(L, -3); /* number, f, format, string */
        lua_pop(L, 1);
        lua_pushvalue(L, -3);
        lua_call(L, 2, 1);
    } else {
        lua_pop(L, 1);
        if (lua_isinteger(L, -1))
            lua_pushfstring(L, "%I", lua_tointeger(L, -1));
        else {
            char s[40];
            (void)snprintf(s, sizeof s, "%.4g", lua_tonumber(L, -1));
            lua_pushstring(L, s);
        }
    }
    lua_remove(L, -2);
}

/* A few elements as (1, 2, 3); others by their shape. */
static void tensor_text(const struct list *t, int k, struct nn_tensor *v) {
    lua_State *L = t->a.L;
    if (v->n > SHOWN) {
        char shape[NN_SHAPE_TEXT];
        lua_pushfstring(L, "Tensor %s", nn_shape_text(shape, v->ndim, v->shape));
        return;
    }
    struct buf *b = cmd_buf(L);
    for (size_t i = 0; i < v->n; i++) {
        lua_pushnumber(L, nn_tensor_get(v, i));
        number_text(t, k);
        buf_printf(b, "%s%s", i ? ", " : v->n > 1 ? "(" : "", lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    if (v->n > 1)
        buf_putc(b, ')');
    if (b->failed)
        cmd_raise_nomem(L);
    lua_pushlstring(L, b->data ? b->data : "", b->len);
    lua_remove(L, -2);
}

/* Adds the value on top as the next cell and pops it. */
static void add_cell(const struct list *t, struct cmd_table *out, int k) {
    lua_State *L = t->a.L;
    int at = lua_gettop(L);
    const struct nn_var *v = cmd_var_test(L, at);
    if (v)
        tensor_text(t, k, v->value);
    else if (lua_type(L, at) == LUA_TNUMBER)
        number_text(t, k);
    else if (lua_type(L, at) == LUA_TBOOLEAN)
        lua_pushstring(L, lua_toboolean(L, at) ? _("sí") : _("no"));
    else if (lua_isnil(L, at))
        lua_pushstring(L, "–");
    else
        luaL_tolstring(L, at, NULL);
    cmd_table_cell(L, out, "%s", lua_tostring(L, -1));
    lua_settop(L, at - 1);
}

/* The headers, kept alive on the stack. */
static void find_headers(const struct list *t, const char *header[]) {
    lua_State *L = t->a.L;
    luaL_checkstack(L, t->n_columns, "lab.table");
    for (int k = 1; k <= t->n_columns; k++) {
        header[k - 1] = "";
        if (!t->keys)
            continue;
        lua_geti(L, t->keys, k);
        header[k - 1] = luaL_tolstring(L, -1, NULL);
        lua_remove(L, -2);
    }
}

static int lab_table(lua_State *L) {
    struct list t = {0};
    cmd_args_read(&t.a, L, 1);
    t.rows = cmd_slot(&t.a, "rows");
    t.columns = cmd_slot(&t.a, "columns");
    t.format = cmd_slot(&t.a, "format");
    const struct nn_var *v = cmd_var_test(L, t.rows);
    size_t n = v ? (v->ndim ? v->shape[0] : 0) : lua_rawlen(L, t.rows);
    if (n < 1 || n > CMD_TABLE_ROWS)
        cmd_refuse(&t.a, "rows", _("una tabla tiene de 1 a %d filas y llegaron %zu"),
                   CMD_TABLE_ROWS, n);
    t.n_rows = (int)n;
    find_columns(&t);
    find_align(&t);
    const char *header[COLUMNS];
    int top = lua_gettop(L);
    find_headers(&t, header);
    struct cmd_table *out =
        cmd_table_push(L, (size_t)t.n_columns, header, t.align, "LabTable");
    for (int k = 1; t.keys && k <= t.n_columns; k++)
        cmd_table_keep(L, top + k);
    for (int i = 1; i <= t.n_rows; i++) {
        push_row(&t, i);
        for (int k = 1; k <= t.n_columns; k++) {
            push_value(&t, k);
            add_cell(&t, out, k);
        }
        lua_rawseti(L, -2, i); /* the result is the list of rows as well */
    }
    if (cmd_text(&t.a, "note"))
        cmd_table_note(L, out, cmd_text(&t.a, "note"));
    cmd_table_caption(L, out, &t.a);
    return 1;
}

static const struct cell_help_param p_table[] = {
    {.name = "rows",
     .types = CELL_TABLE | CELL_TENSOR,
     .flags = CELL_REQUIRED,
     .doc = N_("las filas: cada una una lista de valores, o una tabla con los nombres de "
               "las columnas")},
    {.name = "columns",
     .types = CELL_LIST_STRING,
     .doc =
         N_("los encabezados; en filas con nombres, también qué campos y en qué orden")},
    {.name = "format",
     .types = CELL_STRING | CELL_LIST_STRING,
     .flags = CELL_NAMED,
     .doc =
         N_("cómo se escriben los números, como en string.format: \"%.3f\", o una lista "
            "con uno por columna (\"\": cuatro cifras)")},
    {.name = "note",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("una línea bajo la tabla")},
    CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "lab.table",
      .kind = CELL_FUNCTION,
      .params = p_table,
      .n_params = ARRAY_LEN(p_table),
      .returns = N_("la tabla, que se muestra; es también la lista de sus filas"),
      .doc = N_("Una tabla con tus datos: HTML en el cuaderno, booktabs en el informe y "
                "texto alineado en la terminal."),
      .example = "lab.table{{{\"σ\", 0.6457}, {\"z\", 0.6}}, columns = {\"nombre\", "
                 "\"valor\"}, format = \"%.3f\"}",
      .see_also = "display lab.experiments"},
     lab_table},
};

void cmd_lab_table_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
