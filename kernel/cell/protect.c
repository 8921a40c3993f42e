/* protect.c: pcall, xpcall and coroutines that let KeyboardInterrupt and os.exit through and
 * hand out messages in the student's language; assert that names its error; load that takes
 * text alone (bytecode can crash the interpreter). */
#include "state.h"

/* The error value at the top: raised again when nobody may catch it, else translated. */
static void caught(lua_State *L) {
    if (cell_special_at(L, -1) != CELL_NO_SPECIAL)
        lua_error(L);
    if (lua_type(L, -1) != LUA_TSTRING)
        return;
    size_t n;
    const char *msg = lua_tolstring(L, -1, &n), *ename = NULL;
    const char *own = cell_raised_text(L, msg, n);
    struct buf *b = cell_buf_push(L, CELL_TEXT_MAX);
    if (!cell_translate(L, msg, n, b, &ename)) {
        lua_pop(L, 1);
        return;
    }
    lua_pushlstring(L, b->data ? b->data : "", b->len);
    if (own || ename)
        cell_raised_mark(L, -1, own ? own : ename);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

/* After the call: extra values at the bottom are dropped from the answer. */
static int finish(lua_State *L, int status, lua_KContext extra) {
    if (status == LUA_OK || status == LUA_YIELD)
        return lua_gettop(L) - (int)extra;
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    caught(L);
    return 2;
}

static int l_pcall(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish);
    return finish(L, status, 0);
}

/* xpcall's handler: sees the translated message; the special values pass by it. */
static int handler(lua_State *L) {
    if (cell_special_at(L, 1) != CELL_NO_SPECIAL)
        return 1;
    caught(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

static int l_xpcall(lua_State *L) {
    int n = lua_gettop(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, handler, 1);
    lua_replace(L, 2);
    lua_pushboolean(L, 1); /* the answer's first value */
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2); /* f, handler, true, f, arguments */
    int status = lua_pcallk(L, n - 2, LUA_MULTRET, 2, 2, finish);
    return finish(L, status, 2);
}

/* Moves n arguments from L to co and runs it. The number of values that wait on co, or -1
 * with the error value on L. */
static int resume(lua_State *L, lua_State *co, int n) {
    struct cell *c = cell_of(L);
    if (!lua_checkstack(co, n)) {
        lua_pushliteral(L, "too many arguments to resume");
        return -1;
    }
    lua_xmove(L, co, n);
    lua_State *outer = c->running;
    struct cell_link link = {.co = co, .from = L, .outer = c->links};
    int results = 0;
    c->running = co;
    c->links = &link;
    cell_stop_arm(c, co);
    int status = lua_resume(co, L, n, &results);
    c->running = outer;
    c->links = link.outer;
    cell_stop_arm(c, L);
    if (status == LUA_OK || status == LUA_YIELD) {
        if (lua_checkstack(L, results + 1))
            return results;
        lua_pop(co, results);
        lua_pushliteral(L, "too many results to resume");
        return -1;
    }
    cell_trace_collect(co, 0, &c->in_coroutine);
    lua_xmove(co, L, 1);
    return -1;
}

static int l_resume(lua_State *L) {
    lua_State *co = lua_tothread(L, 1);
    luaL_argexpected(L, co, 1, "coroutine");
    int n = resume(L, co, lua_gettop(L) - 1);
    if (n < 0) {
        lua_pushboolean(L, 0);
        lua_insert(L, -2);
        caught(L);
        return 2;
    }
    lua_pushboolean(L, 1);
    lua_xmove(co, L, n);
    return n + 1;
}

static int wrapped(lua_State *L) {
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    int n = resume(L, co, lua_gettop(L));
    if (n >= 0) {
        lua_xmove(co, L, n);
        return n;
    }
    int status = lua_status(co);
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_pop(L, 1);
        lua_resetthread(co); /* closes its pending variables; leaves the error there */
        lua_xmove(co, L, 1);
    }
    return lua_error(L);
}

static int l_wrap(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    lua_pushcclosure(L, wrapped, 1);
    return 1;
}

static int l_assert(lua_State *L) {
    if (lua_toboolean(L, 1))
        return lua_gettop(L);
    luaL_checkany(L, 1);
    if (lua_gettop(L) == 1)
        lua_pushliteral(L, "assertion failed!");
    lua_settop(L, 2);
    if (lua_type(L, 2) == LUA_TSTRING)
        cell_raised_mark(L, 2, "AssertionError");
    return lua_error(L);
}

/* Calls the library's load with the mode "t" in place of what was given. */
static int l_load(lua_State *L) {
    int n = MAX_OF(lua_gettop(L), 3);
    bool env = n > 3;
    lua_settop(L, env ? 4 : 3);
    if (lua_isnil(L, 2) && lua_type(L, 1) == LUA_TSTRING) {
        lua_pushvalue(L, 1); /* the library's own default name */
        lua_replace(L, 2);
    }
    lua_pushliteral(L, "t");
    lua_replace(L, 3);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, env ? 4 : 3, LUA_MULTRET);
    if (lua_gettop(L) == 2 && lua_isnil(L, 1))
        caught(L);
    return lua_gettop(L);
}

void cell_protect_open(lua_State *L) {
    static const luaL_Reg base[] = {
        {"pcall", l_pcall}, {"xpcall", l_xpcall}, {"assert", l_assert}, {NULL, NULL}};
    static const luaL_Reg co[] = {{"resume", l_resume}, {"wrap", l_wrap}, {NULL, NULL}};
    lua_pushglobaltable(L);
    luaL_setfuncs(L, base, 0);
    lua_getfield(L, -1, "load");
    lua_pushcclosure(L, l_load, 1);
    lua_setfield(L, -2, "load");
    lua_getfield(L, -1, "coroutine");
    luaL_setfuncs(L, co, 0);
    lua_pop(L, 2);
}
