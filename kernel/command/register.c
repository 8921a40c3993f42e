/* register.c: rows and functions to globals, modules and methods. */
#include "register.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "cell/suggest.h"

#include <lauxlib.h>

static const char methods_key = 0; /* in a metatable: its table of methods */
static const char modules_key = 0; /* in the registry: names of the modules made here */

/* __index(value, key): upvalue 1 the methods, 2 a light pointer to the class' record. */
struct class_record {
    const char *name;
    cmd_fields_fn *fields;
};

static int class_index(lua_State *L) {
    const struct class_record *c = lua_touserdata(L, lua_upvalueindex(2));
    if (lua_type(L, 2) != LUA_TSTRING)
        return cell_raisef(L, ERR_ARG, _("un objeto «%s» no se indexa con %s"), c->name,
                           cmd_value_text(L, 2));
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    lua_pop(L, 1);
    if (c->fields && c->fields(L, lua_tostring(L, 2)))
        return 1;
    return cell_raise_no_member(L, c->name, 2, lua_upvalueindex(1));
}

static int class_newindex(lua_State *L) {
    const struct class_record *c = lua_touserdata(L, lua_upvalueindex(2));
    return cell_raisef(L, ERR_ARG, _("los campos de un objeto «%s» no se asignan"),
                       c->name);
}

void cmd_class(lua_State *L, const char *name, cmd_release_fn *release,
               cmd_fields_fn *fields) {
    if (release)
        cmd_box_type(L, name, release);
    else
        luaL_getmetatable(L, name); /* a type of box.c */
    lua_newtable(L);                /* methods */
    lua_pushvalue(L, -1);
    lua_rawsetp(L, -3, &methods_key);
    struct class_record *c = lua_newuserdatauv(L, sizeof *c, 0);
    *c = (struct class_record){name, fields};
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, class_index, 2);
    lua_setfield(L, -4, "__index");
    lua_pushcclosure(L, class_newindex, 2);
    lua_setfield(L, -2, "__newindex");
    lua_pop(L, 1);
}

void cmd_push_methods(lua_State *L, const char *name) {
    luaL_getmetatable(L, name);
    lua_rawgetp(L, -1, &methods_key);
    lua_remove(L, -2);
}

void cmd_class_meta(lua_State *L, const char *name, const char *event, lua_CFunction f) {
    luaL_getmetatable(L, name);
    lua_pushcfunction(L, f);
    lua_setfield(L, -2, event);
    lua_pop(L, 1);
}

void *cmd_self(lua_State *L, const char *name) {
    const struct cell_help_row *row = lua_touserdata(L, lua_upvalueindex(1));
    void **slot = luaL_testudata(L, 1, name);
    if (slot && *slot)
        return *slot;
    const char *method = row ? row->name : name;
    if (slot)
        cell_raisef(L, ERR_STATE, _("%s: el objeto ya se cerró"), method);
    if (lua_gettop(L) == 0)
        cell_raisef(L, ERR_ARG,
                    _("%s: va delante un objeto «%s» y no llegó nada. ¿Escribiste «.» en "
                      "lugar de «:»?"),
                    method, name);
    cell_raisef(L, ERR_ARG,
                _("%s: va delante un objeto «%s» y llegó %s. ¿Escribiste «.» en lugar de "
                  "«:»?"),
                method, name, cmd_value_text(L, 1));
    return NULL;
}

/* Pushes the module's table, made when it is missing. */
static void push_module(lua_State *L, const char *name, size_t len) {
    lua_pushglobaltable(L);
    lua_pushlstring(L, name, len);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, -3) == LUA_TTABLE) {
        lua_replace(L, -3);
        lua_pop(L, 1);
        return;
    }
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, -5); /* G[name] = table */
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &modules_key) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &modules_key);
    }
    lua_pushvalue(L, -3);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3); /* modules[name] = table */
    lua_pop(L, 1);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

static void push_command(lua_State *L, const struct cell_help_row *row,
                         lua_CFunction run) {
    /* the row is constant: the union only serves Lua's prototype */
    union {
        const struct cell_help_row *constant;
        void *plain;
    } p = {.constant = row};
    lua_pushlightuserdata(L, p.plain);
    lua_pushcclosure(L, run, 1);
}

void cmd_register_one(lua_State *L, const struct cell_help_row *row, lua_CFunction run) {
    cell_help_register(L, row, 1);
    if (!run)
        return;
    const char *colon = strchr(row->name, ':'), *dot = strchr(row->name, '.');
    const char *last = colon ? colon + 1 : dot ? dot + 1 : row->name;
    if (colon) {
        lua_pushlstring(L, row->name, (size_t)(colon - row->name));
        luaL_getmetatable(L, lua_tostring(L, -1));
        lua_rawgetp(L, -1, &methods_key);
        lua_replace(L, -3);
        lua_pop(L, 1);
    } else if (dot) {
        push_module(L, row->name, (size_t)(dot - row->name));
    } else {
        lua_pushglobaltable(L);
    }
    lua_pushstring(L, last);
    push_command(L, row, run);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

void cmd_register_alias(lua_State *L, const char *module, const char *name) {
    push_module(L, module, strlen(module));
    push_module(L, name, strlen(name));
    lua_setfield(L, -2, name);
    lua_pop(L, 1);
}

void cmd_register_module_call(lua_State *L, const char *module,
                              const struct cell_help_row *row, lua_CFunction f) {
    cell_help_register(L, row, 1);
    push_module(L, module, strlen(module));
    if (!lua_getmetatable(L, -1))
        lua_newtable(L);
    push_command(L, row, f);
    lua_setfield(L, -2, "__call");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

void cmd_register(lua_State *L, const struct cmd_command *commands, size_t n) {
    for (size_t i = 0; i < n; i++)
        cmd_register_one(L, &commands[i].row, commands[i].run);
}

void cmd_modules_seal(lua_State *L) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &modules_key) == LUA_TTABLE) {
        lua_pushnil(L);
        while (lua_next(L, -2)) {
            cell_strict_module(L, lua_gettop(L), lua_tostring(L, -2));
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
}
