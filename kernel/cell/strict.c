/* strict.c: a global that does not exist is an error with a suggestion, not nil; so is a
 * field that a module does not have.
 *
 * A name counts as existing once it was assigned, even to nil, so that `best = nil` and a
 * later `if best == nil` work. `_G.x` is the global x and as strict; rawget(_G, "x") asks
 * without an error. */
#include "state.h"

static const char *const declared_key = "cell.declared";
static const char *const locals_key = "cell.locals";

/* Offers globals, or the fields of what stands before the last dot. */
static void offer_names(lua_State *L, struct cell_nearest *near) {
    lua_pushglobaltable(L);
    int g = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, g); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            continue;
        size_t len;
        const char *s = lua_tolstring(L, -2, &len);
        cell_nearest_offer(near, s, len);
    }
    lua_pop(L, 1);
    size_t n;
    const struct cell_help_row *const *row = cell_help_all(L, &n);
    for (size_t i = 0; i < n; i++)
        if (!strpbrk(row[i]->name, ".:") && row[i]->kind != CELL_CLASS &&
            row[i]->kind != CELL_KEYWORD)
            cell_nearest_offer(near, row[i]->name, strlen(row[i]->name));
}

/* A field of some module that has exactly this name: Dense for nn.Dense. */
static const char *full_name(lua_State *L, const char *name) {
    size_t n;
    const struct cell_help_row *const *row = cell_help_all(L, &n);
    for (size_t i = 0; i < n; i++) {
        const char *dot = strrchr(row[i]->name, '.');
        if (dot && strcmp(dot + 1, name) == 0 && row[i]->kind == CELL_FUNCTION)
            return row[i]->name;
    }
    return NULL;
}

void cell_strict_sentence(lua_State *L, const char *name, struct buf *out) {
    buf_puts(out, _("la variable «"));
    cell_text_clean(out, name, strlen(name));
    buf_puts(out, _("» no existe"));
    lua_getfield(L, LUA_REGISTRYINDEX, locals_key);
    lua_getfield(L, -1, name);
    int cell = (int)lua_tointeger(L, -1);
    lua_pop(L, 2);
    if (cell) {
        buf_printf(out,
                   _(": era «local» en la celda %d y solo vivía allí. Quita la palabra "
                     "local para usarla en otras celdas"),
                   cell);
        return;
    }
    const char *habit = cell_habit_name(name);
    if (habit) {
        buf_printf(out, ". %s", habit);
        return;
    }
    const char *full = full_name(L, name);
    struct cell_nearest near;
    cell_nearest_init(&near, name, strlen(name));
    offer_names(L, &near);
    const char *best = full ? full : cell_nearest_best(&near);
    if (best)
        buf_printf(out, _(". ¿Querías decir «%s»?"), best);
    else
        buf_puts(out, _(". ¿Ya ejecutaste la celda que le da un valor?"));
}

static int global_missing(lua_State *L) {
    if (lua_type(L, 2) != LUA_TSTRING) {
        lua_pushnil(L);
        return 1;
    }
    lua_getfield(L, LUA_REGISTRYINDEX, declared_key);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) != LUA_TNIL) {
        lua_pushnil(L);
        return 1;
    }
    struct buf *b = cell_buf_push(L, 4096);
    cell_where(L, b);
    cell_strict_sentence(L, lua_tostring(L, 2), b);
    lua_pushlstring(L, b->data ? b->data : "", b->len);
    cell_raised_mark(L, -1, "NameError");
    return lua_error(L);
}

static int global_new(lua_State *L) {
    lua_getfield(L, LUA_REGISTRYINDEX, declared_key);
    lua_pushvalue(L, 2);
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
    lua_settop(L, 3);
    lua_rawset(L, 1);
    return 0;
}

void cell_strict_open(lua_State *L) {
    lua_newtable(L);
    lua_setfield(L, LUA_REGISTRYINDEX, declared_key);
    lua_newtable(L);
    lua_setfield(L, LUA_REGISTRYINDEX, locals_key);
    lua_pushglobaltable(L);
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, global_missing);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, global_new);
    lua_setfield(L, -2, "__newindex");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

void cell_strict_declared(lua_State *L) {
    lua_getfield(L, LUA_REGISTRYINDEX, declared_key);
}

void cell_strict_local(lua_State *L, const char *name, size_t n) {
    lua_getfield(L, LUA_REGISTRYINDEX, locals_key);
    lua_pushlstring(L, name, n);
    lua_pushinteger(L, cell_of(L)->count);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

/* ------------------------------------------------------------------- modules and objects */

static int field_missing(lua_State *L) {
    const char *module = lua_tostring(L, lua_upvalueindex(1));
    if (lua_type(L, 2) != LUA_TSTRING)
        return cell_raisef(L, ERR_NOTFOUND, _("%s no tiene un campo con esa clave"),
                           module);
    size_t len;
    const char *name = lua_tolstring(L, 2, &len);
    struct cell_nearest near;
    cell_nearest_init(&near, name, len);
    cell_nearest_offer_table(L, 1, &near);
    const char *best = cell_nearest_best(&near);
    if (best)
        return cell_raisef(L, ERR_NOTFOUND,
                           _("«%s.%s» no existe. ¿Querías decir «%s.%s»?"), module, name,
                           module, best);
    return cell_raisef(L, ERR_NOTFOUND, _("«%s.%s» no existe (?%s dice qué hay)"), module,
                       name, module);
}

static int field_new(lua_State *L) {
    return cell_raisef(L, ERR_ARG, _("no se puede escribir en %s: es parte de Nabla"),
                       lua_tostring(L, lua_upvalueindex(1)));
}

void cell_strict_module(lua_State *L, int idx, const char *name) {
    luaL_checkstack(L, 6, NULL);
    idx = lua_absindex(L, idx);
    if (!lua_getmetatable(L, idx))
        lua_newtable(L);
    lua_pushstring(L, name);
    lua_pushcclosure(L, field_missing, 1);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, name);
    lua_pushcclosure(L, field_new, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__module");
    lua_setmetatable(L, idx);
}

static void offer_members(lua_State *L, const char *type, struct cell_nearest *near) {
    size_t n, k = strlen(type);
    const struct cell_help_row *const *row = cell_help_all(L, &n);
    for (size_t i = 0; i < n; i++) {
        const char *s = row[i]->name;
        if (strncmp(s, type, k) == 0 && (s[k] == ':' || s[k] == '.'))
            cell_nearest_offer(near, s + k + 1, strlen(s + k + 1));
    }
}

int cell_raise_no_member(lua_State *L, const char *type, int key_idx, int methods) {
    if (lua_type(L, key_idx) != LUA_TSTRING)
        return cell_raisef(L, ERR_NOTFOUND, _("«%s» no tiene un campo con esa clave"),
                           type);
    size_t len;
    const char *name = lua_tolstring(L, key_idx, &len);
    struct cell_nearest near;
    cell_nearest_init(&near, name, len);
    offer_members(L, type, &near);
    if (methods)
        cell_nearest_offer_table(L, methods, &near);
    const char *best = cell_nearest_best(&near);
    if (best)
        return cell_raisef(L, ERR_NOTFOUND, _("«%s» no tiene «%s». ¿Querías decir «%s»?"),
                           type, name, best);
    return cell_raisef(L, ERR_NOTFOUND, _("«%s» no tiene «%s»"), type, name);
}
