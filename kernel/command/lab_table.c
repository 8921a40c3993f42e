/* lab_table.c: the command lab.table: Lua data as HTML, booktabs LaTeX and text. */
#include "objects.h"
#include "register.h"
#include "show.h"
#include "table_data.h"

#include "base/i18n.h"
#include "cell/display.h"
#include "cell/error.h"
#include "viz/escape.h"

#include <math.h>

enum {
    TEXT_MAX = 400,
    WRAP = 48,
    TENSOR_MAX = 6,
    SIGNIFICANT = 4,
    EXACT_MAX = 4,
    DECIMALS_MAX = 6
};

/* A column as it is shown: which of the data's, and how its numbers are written. */
struct shown_column {
    size_t from;
    int decimals; /* -1: each number as it is, %.4g */
    bool numbers; /* nothing but numbers and holes */
};

/* Rows and columns in the middle are left out: `head` first ones and `tail` last ones. */
struct cut {
    lua_Integer head, tail, all;
};

struct listing {
    struct cmd_args a;
    struct data_table d;
    struct cut rows, columns;
    struct shown_column column[CMD_TABLE_COLUMNS];
};

static struct cut cut_of(lua_Integer all, lua_Integer most) {
    if (all <= most)
        return (struct cut){all, 0, all};
    return (struct cut){most - most / 2, most / 2, all};
}

static lua_Integer cut_count(const struct cut *c) {
    return c->head + c->tail;
}

static lua_Integer cut_at(const struct cut *c, lua_Integer i) {
    return i < c->head ? i : c->all - c->tail + (i - c->head);
}

/* ------------------------------------------------------------------------ numbers */

/* A number, or a tensor of one: *x. */
static bool number_at(lua_State *L, int idx, double *x) {
    const struct nn_var *v = cmd_var_test(L, idx);
    if (v && v->value->n == 1)
        *x = nn_tensor_get(v->value, 0);
    else if (lua_type(L, idx) == LUA_TNUMBER)
        *x = lua_tonumber(L, idx);
    else
        return false;
    return true;
}

/* The fewest decimals, to EXACT_MAX, that say x to nine figures; above: more. */
static int decimals_of(double x) {
    int d = 0;
    while (d <= EXACT_MAX && fabs(x - round(x)) > 1e-9 * fmax(1, fabs(x))) {
        x *= 10;
        d++;
    }
    return d;
}

/* What the numbers of a column have in common. */
struct survey {
    int decimals;           /* the most that any needs */
    double greatest, least; /* magnitudes, of those that are not 0 */
};

static void survey_add(struct survey *s, double x) {
    double m = fabs(x);
    if (!isfinite(x))
        return;
    s->decimals = MAX_OF(s->decimals, m < 1e15 ? decimals_of(x) : 0);
    s->greatest = fmax(s->greatest, m);
    if (m > 0)
        s->least = s->least > 0 ? fmin(s->least, m) : m;
}

/* One number of decimals for the whole column, so that the points stand in line: enough
 * for SIGNIFICANT figures of the greatest number and one less of the least. */
static int choose_decimals(const struct survey *s) {
    if (s->decimals <= EXACT_MAX && s->greatest < 1e15)
        return s->decimals;
    int before = (int)floor(log10(s->greatest)) + 1;
    int behind = SIGNIFICANT - 2 - (int)floor(log10(s->least));
    int decimals = MAX_OF(SIGNIFICANT - before, behind);
    return before > 6 || decimals > DECIMALS_MAX ? -1 : MAX_OF(decimals, 0);
}

/* Pushes the option format of a column: one for all, or a table by title, field or
 * position. "" and nil: the usual way. */
static const char *push_format(const struct listing *t, size_t column) {
    lua_State *L = t->a.L;
    const struct data_column *c = &t->d.column[column];
    int slot = cmd_slot(&t->a, "format"), top = lua_gettop(L);
    lua_pushvalue(L, slot);
    if (lua_istable(L, slot)) {
        lua_pushstring(L, c->title ? c->title : "");
        if (lua_rawget(L, slot) == LUA_TNIL && c->key)
            lua_getfield(L, slot, c->key);
        if (lua_isnil(L, -1))
            lua_rawgeti(L, slot, (lua_Integer)column + 1);
    }
    lua_copy(L, -1, top + 1);
    lua_settop(L, top + 1);
    const char *format = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    if (!lua_isnil(L, -1) && lua_type(L, -1) != LUA_TSTRING)
        cmd_refuse(&t->a, "format", _("va un texto como \"%%.3f\", no %s"),
                   cmd_value_text(L, -1));
    return format;
}

static void plan_column(struct listing *t, struct shown_column *c) {
    lua_State *L = t->a.L;
    struct survey s = {0};
    bool some = false;
    c->numbers = true;
    for (lua_Integer i = 0; i < cut_count(&t->rows); i++) {
        double x = 0;
        cmd_data_push(&t->d, cut_at(&t->rows, i), c->from);
        if (number_at(L, -1, &x)) {
            survey_add(&s, x);
            some = true;
        } else if (!lua_isnil(L, -1)) {
            c->numbers = false;
        }
        lua_pop(L, 1);
    }
    c->numbers = c->numbers && some;
    c->decimals = choose_decimals(&s);
}

/* -------------------------------------------------------------------------- cells */

/* The first columns of a long text and "…". */
static void put_text(lua_State *L, struct cmd_table *t, const char *text) {
    const char *end = text;
    for (int i = 0; i < TEXT_MAX && *end; i++)
        (void)viz_utf8_next(&end);
    cmd_table_cell(L, t, "%.*s%s", (int)(end - text), text, *end ? "…" : "");
}

/* Pushes x as text: string.format with the column's format, or its decimals. */
static const char *push_number_text(struct listing *t, const struct shown_column *c,
                                    double x) {
    lua_State *L = t->a.L;
    char text[400];
    if (*push_format(t, c->from)) {
        lua_getglobal(L, "string");
        lua_getfield(L, -1, "format");
        lua_pushvalue(L, -3);
        if (x == floor(x) && fabs(x) < 1e15)
            lua_pushinteger(L, (lua_Integer)x); /* %d takes it, %f as well */
        else
            lua_pushnumber(L, x);
        lua_call(L, 2, 1);
        return lua_tostring(L, -1);
    }
    if (!isfinite(x))
        return lua_pushstring(L, isnan(x) ? "nan" : x > 0 ? "∞" : "-∞");
    if (c->decimals < 0)
        (void)snprintf(text, sizeof text, "%.*g", SIGNIFICANT, x);
    else
        (void)snprintf(text, sizeof text, "%.*f", c->decimals, x + 0.0);
    return lua_pushstring(L, text);
}

/* A few elements as (1, 2, 3); others by their shape. */
static void put_tensor(struct listing *t, struct cmd_table *out,
                       const struct shown_column *c, const struct nn_tensor *v) {
    lua_State *L = t->a.L;
    struct survey s = {0};
    struct shown_column own = *c;
    struct buf *b = cmd_buf(L);
    if (v->n > TENSOR_MAX) {
        char shape[NN_SHAPE_TEXT];
        cmd_table_cell(L, out, "Tensor %s", nn_shape_text(shape, v->ndim, v->shape));
        return;
    }
    for (size_t i = 0; i < v->n; i++)
        survey_add(&s, nn_tensor_get(v, i));
    own.decimals = choose_decimals(&s);
    for (size_t i = 0; i < v->n; i++) {
        int top = lua_gettop(L);
        buf_printf(b, "%s%s", i ? ", " : "(",
                   push_number_text(t, &own, nn_tensor_get(v, i)));
        lua_settop(L, top);
    }
    buf_puts(b, v->n ? ")" : "()");
    if (b->failed)
        cmd_raise_nomem(L);
    put_text(L, out, b->data);
}

/* What is no number: text, truth, nothing, objects and tables in one line. */
static void put_other(lua_State *L, struct cmd_table *out) {
    int top = lua_gettop(L);
    if (lua_isnil(L, top)) {
        cmd_table_cell(L, out, "%s", "–");
    } else if (lua_type(L, top) == LUA_TSTRING) {
        put_text(L, out, lua_tostring(L, top));
    } else if (lua_isboolean(L, top)) {
        cmd_table_cell(L, out, "%s", lua_toboolean(L, top) ? _("sí") : _("no"));
    } else if (luaL_getmetafield(L, top, "__tostring") != LUA_TNIL) {
        put_text(L, out, luaL_tolstring(L, top, NULL));
    } else {
        struct buf *b = cmd_buf(L);
        cell_brief(L, top, b);
        if (b->failed)
            cmd_raise_nomem(L);
        put_text(L, out, b->data ? b->data : "");
    }
}

static void put_value(struct listing *t, struct cmd_table *out,
                      const struct shown_column *c) {
    lua_State *L = t->a.L;
    double x;
    int top = lua_gettop(L);
    const struct nn_var *v = cmd_var_test(L, top);
    if (number_at(L, top, &x))
        cmd_table_cell(L, out, "%s", push_number_text(t, c, x));
    else if (v)
        put_tensor(t, out, c, v->value);
    else
        put_other(L, out);
    lua_settop(L, top);
}

/* bold = 2 or bold = {1, 3}: row numbers of the data. */
static bool is_bold(const struct listing *t, lua_Integer row) {
    lua_State *L = t->a.L;
    int slot = cmd_slot(&t->a, "bold");
    bool bold = lua_type(L, slot) == LUA_TNUMBER && lua_tointeger(L, slot) == row + 1;
    size_t n = lua_istable(L, slot) ? lua_rawlen(L, slot) : 0;
    for (size_t i = 1; i <= n && !bold; i++) {
        lua_rawgeti(L, slot, (lua_Integer)i);
        bold = lua_tointeger(L, -1) == row + 1;
        lua_pop(L, 1);
    }
    return bold;
}

/* Row of the data, or the row of dots when row < 0. */
static void put_row(struct listing *t, struct cmd_table *out, lua_Integer row) {
    lua_State *L = t->a.L;
    for (lua_Integer i = 0; i < cut_count(&t->columns); i++) {
        const struct shown_column *c = &t->column[i];
        if (i == t->columns.head)
            cmd_table_cell(L, out, "%s", "…");
        if (row < 0) {
            cmd_table_cell(L, out, "%s", "…");
            continue;
        }
        cmd_data_push(&t->d, row, c->from);
        put_value(t, out, c);
        lua_pop(L, 1);
    }
    if (row >= 0 && is_bold(t, row))
        cmd_table_bold(out);
}

static void put_note(struct listing *t, struct cmd_table *out) {
    lua_State *L = t->a.L;
    struct buf *b = cmd_buf(L);
    const char *note = cmd_text(&t->a, "note");
    if (t->rows.tail)
        buf_printf(b, _("Se muestran %d de %lld filas."), (int)cut_count(&t->rows),
                   (long long)t->rows.all);
    if (t->columns.tail) {
        buf_puts(b, b->len ? " " : "");
        buf_printf(b, _("Se muestran %d de %lld columnas."), (int)cut_count(&t->columns),
                   (long long)t->columns.all);
    }
    if (note)
        buf_printf(b, "%s%s", b->len ? " " : "", note);
    if (b->failed)
        cmd_raise_nomem(L);
    if (b->len)
        cmd_table_note(L, out, b->data);
}

/* ------------------------------------------------------------------------ the table */

/* The letters of align for viz: the given one, or numbers on the right. */
static void choose_align(const struct listing *t, char *align) {
    const char *given = cmd_text(&t->a, "align");
    size_t n = given ? strlen(given) : 0;
    if (given && (n != t->d.n_columns || strspn(given, "lcr") != n))
        cmd_refuse(&t->a, "align",
                   _("va una letra l, c o r por columna: aquí son %zu columnas"),
                   t->d.n_columns);
    for (lua_Integer i = 0; i < cut_count(&t->columns); i++) {
        const struct shown_column *c = &t->column[i];
        if (i == t->columns.head)
            *align++ = 'c';
        *align++ = given ? given[c->from] : c->numbers ? 'r' : 'l';
    }
}

static void put_headers(struct listing *t, struct cmd_table *out) {
    size_t at = 0;
    for (lua_Integer i = 0; i < cut_count(&t->columns); i++, at++) {
        const char *title = t->d.column[t->column[i].from].title;
        if (i == t->columns.head)
            cmd_table_header(t->a.L, out, at++, "…");
        if (title)
            cmd_table_header(t->a.L, out, at, title);
    }
}

/* The result holds what was given: list of rows, or record of columns. */
static void copy_rows(const struct listing *t, int object) {
    lua_State *L = t->a.L;
    if (lua_istable(L, t->d.rows))
        for (lua_pushnil(L); lua_next(L, t->d.rows);) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, object);
        }
    for (lua_Integer i = 1; !lua_istable(L, t->d.rows) && i <= t->d.n_rows; i++) {
        lua_geti(L, t->d.rows, i);
        lua_rawseti(L, object, i);
    }
}

static int lab_table(lua_State *L) {
    static const char *const none[CMD_TABLE_COLUMNS];
    struct listing *t = NULL;
    lua_Integer most = CMD_TABLE_COLUMNS - 1;
    char align[CMD_TABLE_COLUMNS] = "";
    struct cmd_args a;
    cmd_data_call(L);
    cmd_args_read(&a, L, 1);
    t = cmd_scratch(L, 1, sizeof *t);
    t->a = a;
    cmd_data_read(&t->d, &t->a);
    t->rows = cut_of(t->d.n_rows, cmd_integer(&t->a, "max_rows"));
    t->columns = cut_of((lua_Integer)t->d.n_columns, most);
    for (lua_Integer i = 0; i < cut_count(&t->columns); i++) {
        t->column[i].from = (size_t)cut_at(&t->columns, i);
        plan_column(t, &t->column[i]);
    }
    choose_align(t, align);
    size_t width = (size_t)cut_count(&t->columns) + (t->columns.tail > 0);
    struct cmd_table *out = cmd_table_push(L, width, none, align, "Table");
    int object = lua_gettop(L);
    put_headers(t, out);
    for (lua_Integer i = 0; i < cut_count(&t->rows); i++) {
        if (i == t->rows.head)
            put_row(t, out, -1);
        put_row(t, out, cut_at(&t->rows, i));
    }
    put_note(t, out);
    cmd_table_wrap(out, WRAP);
    cmd_table_caption(L, out, &t->a);
    copy_rows(t, object);
    lua_settop(L, object);
    return 1;
}

static const struct cell_help_param p_table[] = {
    {.name = "rows",
     .types = CELL_TABLE | CELL_TENSOR,
     .flags = CELL_REQUIRED,
     .doc = N_("las filas: una lista de listas, de registros {nombre = valor} o de "
               "valores; un registro de columnas como h.history; o un tensor de 1 o 2 "
               "ejes")},
    {.name = "columns",
     .types = CELL_TABLE,
     .doc = N_("títulos de las columnas, o los campos que se muestran, en orden; un par "
               "{campo, título} cambia el título")},
    {.name = "format",
     .types = CELL_STRING | CELL_TABLE,
     .flags = CELL_NAMED,
     .doc = N_("cómo se escriben los números, como en string.format: \"%.3f\", o una "
               "lista por columna o {columna = formato}; sin format, los decimales que "
               "hacen falta")},
    {.name = "align",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("una letra por columna: l izquierda, c centro, r derecha; sin align, los "
               "números a la derecha")},
    {.name = "bold",
     .types = CELL_INTEGER | CELL_LIST_NUMBER,
     .flags = CELL_NAMED,
     .doc = N_("la fila, o las filas, en negrita")},
    {.name = "max_rows",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED | CELL_MIN | CELL_MAX,
     .min = 2,
     .max = 2000,
     .fallback = "40",
     .doc = N_("con más filas se muestran las primeras y las últimas")},
    {.name = "note",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("una línea debajo de la tabla")},
    CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "lab.table",
      .kind = CELL_FUNCTION,
      .params = p_table,
      .n_params = ARRAY_LEN(p_table),
      .returns = N_("la tabla, que se muestra; es también la lista de sus filas"),
      .doc = N_("Una tabla con datos de Lua, con pie y etiqueta para el informe. Los "
                "números de una columna llevan los mismos decimales; donde no hay valor "
                "va «–»."),
      .example = "lab.table{{\"SGD\", 0.9142}, {\"Adam\", 0.93}, columns = "
                 "{\"optimizador\", \"exactitud\"}, bold = 2, caption = \"Dos "
                 "optimizadores\", label = \"tab:optimizadores\"}",
      .see_also = "display metrics.classification_report lab.experiments"},
     lab_table},
};

void cmd_lab_table_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
