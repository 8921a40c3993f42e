/* strings.c: the functions of string whose C loops can run for long: they look at the
 * interrupt now and then. rep doubles what it has, so that a gigabyte is a few copies. */
#include "state.h"

#define STEP ((size_t)32 << 20) /* bytes copied between two looks */

static void fill(lua_State *L, char *to, size_t have, size_t total) {
    while (have < total) {
        size_t n = MIN_OF(MIN_OF(have, total - have), STEP);
        memcpy(to + have, to, n);
        have += n;
        if (n == STEP)
            cell_stop_check(L);
    }
}

static int l_rep(lua_State *L) {
    size_t len, sep_len, one, total;
    const char *s = luaL_checklstring(L, 1, &len);
    lua_Integer n = luaL_checkinteger(L, 2);
    const char *sep = luaL_optlstring(L, 3, "", &sep_len);
    if (n <= 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if (!add_size(&one, len, sep_len) || !mul_size(&total, one, (size_t)n) ||
        total > (size_t)PTRDIFF_MAX / 2)
        return luaL_error(L, "resulting string too large");
    if (total == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    luaL_Buffer b;
    char *to = luaL_buffinitsize(L, &b, total);
    if (len)
        memcpy(to, s, len);
    if (sep_len)
        memcpy(to + len, sep, sep_len);
    fill(L, to, one, total);
    luaL_pushresultsize(&b, total - sep_len);
    return 1;
}

void cell_string_open(lua_State *L) {
    static const luaL_Reg functions[] = {{"rep", l_rep}, {NULL, NULL}};
    lua_getglobal(L, "string");
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
