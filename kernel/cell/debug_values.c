/* debug_values.c: values as the protocol's variables. A table is given a number by which its
 * fields are asked for; both ways weak, so that the debugger keeps no value alive. */
#include "debug.h"

#include <math.h>

static const char *const values_key = "cell.debug.values"; /* number -> table */
static const char *const numbers_key = "cell.debug.numbers";

json_t *cell_debug_text_of(const char *s, size_t n) {
    json_t *j = json_stringn(s, n);
    if (j)
        return j;
    struct buf b;
    buf_init(&b, CELL_TEXT_MAX);
    cell_text_clean(&b, s, n);
    j = json_stringn(b.data ? b.data : "", b.len);
    buf_release(&b);
    return j;
}

static void push_weak(lua_State *L, const char *key, const char *mode) {
    if (lua_getfield(L, LUA_REGISTRYINDEX, key) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushstring(L, mode);
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, key);
}

/* 0 for what has no fields to show: all but tables with something in them. */
int cell_debug_reference(lua_State *L, int idx) {
    idx = lua_absindex(L, idx);
    if (lua_type(L, idx) != LUA_TTABLE)
        return 0;
    luaL_checkstack(L, 8, NULL);
    lua_pushnil(L);
    if (!lua_next(L, idx))
        return 0;
    lua_pop(L, 2);
    push_weak(L, numbers_key, "k");
    lua_pushvalue(L, idx);
    int number = lua_rawget(L, -2) == LUA_TNUMBER ? (int)lua_tointeger(L, -1) : 0;
    if (!number) {
        number = DEBUG_VALUES + (cell_of(L)->debug->values++ & 0x3FFFFFFF);
        lua_pushvalue(L, idx);
        lua_pushinteger(L, number);
        lua_rawset(L, -4);
        push_weak(L, values_key, "v");
        lua_pushvalue(L, idx);
        lua_rawseti(L, -2, number);
        lua_pop(L, 1);
    }
    lua_pop(L, 2);
    return number;
}

bool cell_debug_referred(lua_State *L, json_int_t reference) {
    push_weak(L, values_key, "v");
    bool there = lua_rawgeti(L, -1, reference) == LUA_TTABLE;
    lua_remove(L, -2);
    if (!there)
        lua_pop(L, 1);
    return there;
}

/* JupyterLab's tree shows the value of these four types and, of any other, the type in its
 * place; without a type it shows the value. */
static const char *shown_type(lua_State *L, int idx) {
    switch (lua_type(L, idx)) {
    case LUA_TBOOLEAN:
        return "bool";
    case LUA_TSTRING:
        return "str";
    case LUA_TNUMBER:
        break;
    default:
        return NULL;
    }
    lua_Number x = lua_tonumber(L, idx);
    if (!isfinite(x) || fabs(x) >= 9007199254740992.0) /* its numbers are doubles */
        return NULL;
    return lua_isinteger(L, idx) ? "int" : "float";
}

json_t *cell_debug_variable(lua_State *L, int idx, const char *key, bool evaluable) {
    struct buf b;
    idx = lua_absindex(L, idx);
    int reference = cell_debug_reference(L, idx);
    const char *type = shown_type(L, idx);
    buf_init(&b, CELL_TEXT_MAX);
    cell_brief(L, idx, &b);
    json_t *j =
        json_pack("{s:o, s:o, s:i, s:o}", "name", cell_debug_text_of(key, strlen(key)),
                  "value", cell_debug_text_of(b.data ? b.data : "", b.len),
                  "variablesReference", reference, "evaluateName",
                  evaluable ? cell_debug_text_of(key, strlen(key)) : json_string(""));
    if (j && type)
        json_object_set_new(j, "type", json_string(type));
    buf_release(&b);
    return j;
}

/* ---------------------------------------------------------------------------- their lists */

struct list {
    json_t *out; /* belongs to the ask */
    bool evaluable;
};

/* The key at -2, its value at -1. */
static void add_field(lua_State *L, void *arg) {
    struct list *l = arg;
    size_t n;
    if (lua_type(L, -2) == LUA_TSTRING) {
        struct buf *b = cell_buf_push(L, 4096);
        const char *s = lua_tolstring(L, -3, &n);
        cell_text_clean(b, s, MIN_OF(n, 1000U));
        json_array_append_new(
            l->out, cell_debug_variable(L, -2, b->data ? b->data : "", l->evaluable));
        lua_pop(L, 1);
        return;
    }
    struct buf *b = cell_buf_push(L, 4096);
    buf_putc(b, '[');
    cell_brief(L, -3, b);
    buf_putc(b, ']');
    json_array_append_new(l->out,
                          cell_debug_variable(L, -2, b->data ? b->data : "[]", false));
    lua_pop(L, 1);
}

/* The globals that cells have made: the strict table (strict.c) knows their names. */
static void list_globals(lua_State *L, struct list *l) {
    luaL_checkstack(L, 8, NULL);
    lua_newtable(L);
    cell_strict_declared(L);
    lua_pushglobaltable(L);
    int made = lua_gettop(L) - 2, names = made + 1, globals = made + 2;
    for (lua_pushnil(L); lua_next(L, names); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -1);
        lua_rawget(L, globals);
        lua_rawset(L, made);
    }
    cell_pretty_each(L, made, 0, DEBUG_CHILDREN, add_field, l);
    lua_settop(L, made - 1);
}

static void add_named(lua_State *L, struct list *l, lua_State *from, const char *name,
                      bool evaluable) {
    lua_xmove(from, L, 1);
    json_array_append_new(l->out, cell_debug_variable(L, -1, name, evaluable));
    lua_pop(L, 1);
}

static bool shadowed(lua_State *from, lua_Debug *ar, const char *name, int n) {
    const char *later;
    while ((later = lua_getlocal(from, ar, ++n))) {
        lua_pop(from, 1);
        if (strcmp(later, name) == 0)
            return true;
    }
    return false;
}

static void list_locals(lua_State *L, const struct debug_frame *f, struct list *l) {
    lua_Debug ar;
    const char *name;
    char number[32];
    if (!lua_getstack(f->L, f->level, &ar))
        return;
    luaL_checkstack(L, 4, NULL);
    for (int n = 1; (name = lua_getlocal(f->L, &ar, n)); n++) {
        if (cell_debug_hidden(name) || shadowed(f->L, &ar, name, n))
            lua_pop(f->L, 1);
        else
            add_named(L, l, f->L, name, true);
    }
    for (int n = 1; n <= DEBUG_CHILDREN && lua_getlocal(f->L, &ar, -n); n++) {
        (void)snprintf(number, sizeof number, "... [%d]", n);
        add_named(L, l, f->L, number, false);
    }
}

static void list_upvalues(lua_State *L, const struct debug_frame *f, struct list *l) {
    lua_Debug ar;
    const char *name;
    if (!lua_getstack(f->L, f->level, &ar))
        return;
    luaL_checkstack(L, 4, NULL);
    lua_getinfo(f->L, "f", &ar);
    for (int n = 1; (name = lua_getupvalue(f->L, -1, n)); n++) {
        if (cell_debug_hidden(name))
            lua_pop(f->L, 1);
        else
            add_named(L, l, f->L, name, true);
    }
    lua_pop(f->L, 1);
}

void cell_debug_inspect(lua_State *L, struct debug_ask *a) {
    struct list l = {.out = json_array(), .evaluable = true};
    a->body = json_pack("{s:o}", "variables", l.out);
    if (a->body)
        list_globals(L, &l);
}

void cell_debug_variables(lua_State *L, struct debug_ask *a) {
    json_int_t r = json_integer_value(json_object_get(a->args, "variablesReference"));
    json_int_t from = json_integer_value(json_object_get(a->args, "start"));
    json_int_t most = json_integer_value(json_object_get(a->args, "count"));
    struct list l = {.out = json_array(), .evaluable = true};
    a->body = json_pack("{s:o}", "variables", l.out);
    if (!a->body)
        return;
    if (r == DEBUG_GLOBALS) {
        list_globals(L, &l);
    } else if (r >= DEBUG_VALUES) {
        l.evaluable = false;
        if (!cell_debug_referred(L, r)) {
            cell_debug_refuse(a, _("el valor %lld ya no existe"), (long long)r);
            return;
        }
        if (most <= 0 || most > DEBUG_CHILDREN)
            most = DEBUG_CHILDREN;
        cell_pretty_each(L, lua_gettop(L), (size_t)MAX_OF(from, 0), (size_t)most,
                         add_field, &l);
    } else {
        bool up = r >= DEBUG_UPVALUES;
        json_int_t i = r < 0 ? -1 : r - (up ? DEBUG_UPVALUES : DEBUG_LOCALS);
        if (!a->d->stopped || i < 0 || i >= (json_int_t)a->d->n_frames)
            cell_debug_refuse(a, "%s", _("la ejecución no está detenida"));
        else if (up)
            list_upvalues(L, &a->d->frame[i], &l);
        else
            list_locals(L, &a->d->frame[i], &l);
    }
}
