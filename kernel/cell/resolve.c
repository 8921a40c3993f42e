/* resolve.c: dotted names to values without running a line of Lua: completion and inspection
 * must have no effects. */
#include "lex.h"
#include "state.h"

const char *cell_resolve_type(lua_State *L, int idx) {
    if (luaL_getmetafield(L, idx, "__name") == LUA_TNIL)
        return NULL;
    const char *s = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    lua_pop(L, 1); /* the metatable keeps it alive */
    return s;
}

bool cell_resolve_field(lua_State *L, int idx, const char *name, size_t n) {
    luaL_checkstack(L, 6, NULL);
    int top = lua_gettop(L);
    lua_pushvalue(L, idx);
    for (int depth = 0; depth < 8; depth++) {
        if (lua_istable(L, -1)) {
            lua_pushlstring(L, name, n);
            if (lua_rawget(L, -2) != LUA_TNIL) {
                lua_replace(L, top + 1);
                lua_settop(L, top + 1);
                return true;
            }
            lua_pop(L, 1);
        }
        if (luaL_getmetafield(L, -1, "__index") == LUA_TNIL || !lua_istable(L, -1))
            break;
    }
    lua_settop(L, top);
    return false;
}

/* Takes the value at the top to its field; pops it when there is none. */
static bool step(lua_State *L, const char *name, size_t n) {
    bool found = cell_resolve_field(L, -1, name, n);
    if (found)
        lua_remove(L, -2);
    else
        lua_pop(L, 1);
    return found;
}

bool cell_resolve(lua_State *L, const char *name, size_t n) {
    luaL_checkstack(L, 6, NULL);
    lua_pushglobaltable(L);
    size_t from = 0;
    for (size_t i = 0; i <= n; i++) {
        if (i < n && name[i] != '.' && name[i] != ':')
            continue;
        if (i == from) {
            lua_pop(L, 1);
            return false;
        }
        if (!step(L, name + from, i - from))
            return false;
        from = i + 1;
    }
    return true;
}
