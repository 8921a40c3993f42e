/* args.c: positions and names to one stack slot per parameter. */
#include "args.h"

#include "args_check.h"
#include "base/i18n.h"
#include "cell/error.h"
#include "cell/suggest.h"
#include "tensor.h"

/* Where the values of a call lie before they are in slots. */
struct call {
    int first;         /* stack index of position 1, in a plain call */
    lua_Integer count; /* positions */
    int list;          /* stack index of the table that holds the positions, or 0 */
    int names;         /* stack index of the table that holds the names, or 0 */
};

static const struct cell_help_param *first_param(const struct cell_help_row *row) {
    return row->n_params && !(row->params[0].flags & CELL_NAMED) ? &row->params[0] : NULL;
}

static size_t count_flag(const struct cell_help_row *row, unsigned flag) {
    size_t n = 0;
    for (size_t i = 0; i < row->n_params; i++)
        n += (row->params[i].flags & flag) != 0;
    return n;
}

static bool plain_table(lua_State *L, int idx) {
    if (lua_type(L, idx) != LUA_TTABLE)
        return false;
    if (!lua_getmetatable(L, idx))
        return true;
    lua_pop(L, 1);
    return false;
}

/* Are there keys that are strings? *known: one of them names a parameter. */
static bool has_names(lua_State *L, int idx, const struct cell_help_row *row,
                      bool *known) {
    bool found = false;
    *known = false;
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            continue;
        size_t len;
        const char *key = lua_tolstring(L, -1, &len);
        found = true;
        *known = *known || cell_help_param_find(row, key, len) != NULL;
    }
    return found;
}

/* predict{{1, 2}, {3, 4}}: the second row cannot be the second parameter. */
static bool second_is_nested(lua_State *L, int idx, const struct cell_help_row *row) {
    const unsigned tables = CELL_TABLE | CELL_LIST_NUMBER | CELL_LIST_STRING | CELL_ANY;
    lua_rawgeti(L, idx, 2);
    bool table = lua_istable(L, -1);
    lua_pop(L, 1);
    if (!table || row->n_params < 2)
        return table;
    const struct cell_help_param *q = &row->params[1];
    return (q->flags & CELL_NAMED) || !((q->flags & CELL_AUTO) || (q->types & tables));
}

/* One table is the only argument: is it the value of the first parameter? */
static bool is_value(lua_State *L, int idx, const struct cell_help_row *row) {
    const struct cell_help_param *p = first_param(row);
    bool known;
    if (!p || (p->flags & CELL_REST))
        return false;
    if (has_names(L, idx, row, &known))
        return (p->types & CELL_TABLE) && !known && row->n_params == 1;
    size_t n = lua_rawlen(L, idx),
           positions = row->n_params - count_flag(row, CELL_NAMED);
    lua_rawgeti(L, idx, 1);
    int item = lua_type(L, -1);
    lua_pop(L, 1);
    if ((p->flags & CELL_AUTO) && n > positions)
        return true;
    if ((p->flags & CELL_AUTO) && item == LUA_TNUMBER && n > 1)
        return count_flag(row, CELL_REQUIRED) <= 1;
    if ((p->flags & CELL_AUTO) && item == LUA_TTABLE && n > 1 &&
        second_is_nested(L, idx, row))
        return true;
    if ((p->types & CELL_LIST_NUMBER) && item == LUA_TNUMBER)
        return true;
    if ((p->types & CELL_LIST_STRING) && item == LUA_TSTRING)
        return !(p->types & CELL_STRING);
    return (p->types & (CELL_TABLE | CELL_ANY)) && row->n_params == 1 && n != 1;
}

/* f(1, 2, {c = 3}): the last argument holds names alone. */
static bool is_options(lua_State *L, int idx, const struct cell_help_row *row, int at) {
    bool known;
    if (!plain_table(L, idx) || lua_rawlen(L, idx) != 0)
        return false;
    if (!has_names(L, idx, row, &known)) /* f(1, {}) where no position is left */
        return (size_t)at >= row->n_params - count_flag(row, CELL_NAMED);
    unsigned types = (size_t)at < row->n_params ? row->params[at].types : 0;
    return known || !(types & (CELL_TABLE | CELL_ANY));
}

static struct call read_call(lua_State *L, int first, const struct cell_help_row *row) {
    int top = lua_gettop(L);
    struct call c = {.first = first, .count = top - first + 1};
    if (c.count == 1 && plain_table(L, first) && !is_value(L, first, row)) {
        c.list = c.names = first;
        c.count = (lua_Integer)lua_rawlen(L, first);
    } else if (c.count >= 1 && is_options(L, top, row, (int)c.count - 1)) {
        c.names = top;
        c.count--;
    }
    return c;
}

static void push_position(lua_State *L, const struct call *c, lua_Integer k) {
    if (k >= c->count)
        lua_pushnil(L);
    else if (c->list)
        lua_rawgeti(L, c->list, k + 1);
    else
        lua_pushvalue(L, c->first + (int)k);
}

static void push_rest(lua_State *L, const struct call *c, lua_Integer from) {
    if (from >= c->count) {
        lua_pushnil(L);
        return;
    }
    lua_createtable(L, (int)(c->count - from), 0);
    for (lua_Integer k = from; k < c->count; k++) {
        push_position(L, c, k);
        lua_rawseti(L, -2, k - from + 1);
    }
}

/* Slot i gets its position or its name; *k counts the positions used. */
static void push_slot(struct cmd_args *a, const struct call *c, size_t i,
                      lua_Integer *k) {
    lua_State *L = a->L;
    const struct cell_help_param *p = &a->row->params[i];
    if (p->flags & CELL_REST) {
        push_rest(L, c, *k);
        *k = MAX_OF(*k, c->count);
    } else if (p->flags & CELL_NAMED) {
        lua_pushnil(L);
    } else {
        push_position(L, c, (*k)++);
    }
    if (c->names) {
        lua_pushstring(L, p->name);
        if (lua_rawget(L, c->names) != LUA_TNIL) {
            if (!lua_isnil(L, -2))
                cmd_refuse(a, p->name, "%s",
                           _("llegó dos veces: por posición y por "
                             "nombre"));
            lua_replace(L, -2);
        } else {
            lua_pop(L, 1);
        }
    }
    if (!lua_isnil(L, -1))
        a->given |= (uint64_t)1 << i;
}

static void push_names(lua_State *L, const struct cell_help_row *row) {
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    bool first = true;
    for (size_t i = 0; i < row->n_params; i++) {
        if (row->params[i].flags & (CELL_HIDDEN | CELL_REST))
            continue;
        if (!first)
            luaL_addstring(&b, ", ");
        luaL_addstring(&b, row->params[i].name);
        first = false;
    }
    luaL_pushresult(&b);
}

/* "valid" was meant as "validation": a name that begins like that. */
static const char *longer_name(const struct cell_help_row *row, const char *key) {
    size_t n = strlen(key);
    for (size_t i = 0; n >= 3 && i < row->n_params; i++)
        if (strncmp(row->params[i].name, key, n) == 0)
            return row->params[i].name;
    return NULL;
}

/* What an option is called elsewhere, when this command has it under another name. */
static const char *other_name(const struct cell_help_row *row, const char *key) {
    static const char *const names[][2] = {{"lr", "learning_rate"},
                                           {"eta", "learning_rate"},
                                           {"wd", "weight_decay"},
                                           {"bs", "batch_size"},
                                           {"n_epochs", "epochs"},
                                           {"opt", "optimizer"},
                                           {"criterion", "loss"},
                                           {"bias", "use_bias"},
                                           {"kernel", "kernel_size"},
                                           {"stride", "strides"},
                                           {"p", "rate"},
                                           {"out_features", "units"},
                                           {"out_channels", "filters"}};
    for (size_t k = 0; k < ARRAY_LEN(names); k++)
        for (size_t i = 0; strcmp(names[k][0], key) == 0 && i < row->n_params; i++)
            if (strcmp(row->params[i].name, names[k][1]) == 0)
                return names[k][1];
    return NULL;
}

static void refuse_name(struct cmd_args *a, const char *key) {
    lua_State *L = a->L;
    struct cell_nearest near;
    cell_nearest_init(&near, key, strlen(key));
    for (size_t i = 0; i < a->row->n_params; i++)
        if (!(a->row->params[i].flags & CELL_REST))
            cell_nearest_offer(&near, a->row->params[i].name,
                               strlen(a->row->params[i].name));
    const char *best = other_name(a->row, key);
    if (!best)
        best = cell_nearest_best(&near);
    if (!best)
        best = longer_name(a->row, key);
    push_names(L, a->row);
    const char *all = lua_tostring(L, -1);
    if (!all[0])
        cell_raisef(L, ERR_ARG, _("%s: no tiene opciones con nombre y llegó «%s»"),
                    a->row->name, key);
    if (best)
        cell_raisef(L, ERR_ARG,
                    _("%s: no existe la opción «%s». ¿Querías decir «%s»? Opciones: %s"),
                    a->row->name, key, best, all);
    cell_raisef(L, ERR_ARG, _("%s: no existe la opción «%s». Opciones: %s"), a->row->name,
                key, all);
}

/* Every key of the table is a position or a parameter's name. */
static void check_names(struct cmd_args *a, const struct call *c) {
    lua_State *L = a->L;
    lua_pushnil(L);
    while (lua_next(L, c->names)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING) {
            size_t len;
            const char *key = lua_tolstring(L, -1, &len);
            const struct cell_help_param *p = cell_help_param_find(a->row, key, len);
            if (!p || (p->flags & CELL_REST))
                refuse_name(a, key);
            continue;
        }
        lua_Integer k = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
        if (k < 1 || k > c->count)
            cell_raisef(L, ERR_ARG, _("%s: la clave %s no es una posición ni una opción"),
                        a->row->name, cmd_value_text(L, -1));
    }
}

void cmd_args_read(struct cmd_args *a, lua_State *L, int first) {
    const struct cell_help_row *row = lua_touserdata(L, lua_upvalueindex(1));
    *a = (struct cmd_args){.L = L, .row = row};
    luaL_checkstack(L, (int)row->n_params + 12, row->name);
    struct call c = read_call(L, first, row);
    a->base = lua_gettop(L) + 1;
    if (c.names)
        check_names(a, &c);
    lua_Integer used = 0;
    for (size_t i = 0; i < row->n_params && i < CMD_PARAMS_MAX; i++)
        push_slot(a, &c, i, &used);
    if (c.count > used)
        cell_raisef(L, ERR_ARG,
                    ngettext_("%s: recibe a lo más %d argumento por posición y llegaron "
                              "%d",
                              "%s: recibe a lo más %d argumentos por posición y llegaron "
                              "%d",
                              used),
                    row->name, (int)used, (int)c.count);
    for (size_t i = 0; i < row->n_params; i++)
        cmd_check_slot(a, &row->params[i], a->base + (int)i);
}

int cmd_slot(const struct cmd_args *a, const char *name) {
    for (size_t i = 0; i < a->row->n_params; i++)
        if (strcmp(a->row->params[i].name, name) == 0)
            return a->base + (int)i;
    cell_raisef(a->L, ERR_STATE, _("%s: la fila de ayuda no tiene «%s»"), a->row->name,
                name);
    return 0;
}

bool cmd_given(const struct cmd_args *a, const char *name) {
    return (a->given >> (cmd_slot(a, name) - a->base)) & 1;
}

double cmd_number(const struct cmd_args *a, const char *name) {
    return lua_tonumber(a->L, cmd_slot(a, name));
}

lua_Integer cmd_integer(const struct cmd_args *a, const char *name) {
    return lua_tointeger(a->L, cmd_slot(a, name));
}

bool cmd_boolean(const struct cmd_args *a, const char *name) {
    return lua_toboolean(a->L, cmd_slot(a, name));
}

const char *cmd_text(const struct cmd_args *a, const char *name) {
    int slot = cmd_slot(a, name);
    return lua_type(a->L, slot) == LUA_TSTRING ? lua_tostring(a->L, slot) : NULL;
}

struct nn_var *cmd_tensor(const struct cmd_args *a, const char *name) {
    int slot = cmd_slot(a, name);
    return lua_isnil(a->L, slot) ? NULL : cmd_to_var(a->L, slot, NN_F64, name);
}

int cmd_refuse(const struct cmd_args *a, const char *name, const char *fmt, ...) {
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return cell_raisef(a->L, ERR_ARG, "%s: %s: %s", a->row->name, name, text);
}
