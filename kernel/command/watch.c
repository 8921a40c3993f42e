/* watch.c: what the engine is at, for the debugger's "NaN or infinite" and for the report of a
 * crash. */
#include "nn/watch.h"

#include "watch.h"

#include "cell/rescue.h"
#include "cell/watch.h"

enum { TEXT_MAX = 700 };

static void look(void *ctx, const struct nn_call *c, bool backward) {
    char text[TEXT_MAX];
    bool first;
    if (nn_call_not_finite(c, backward, text, sizeof text, &first))
        cell_watch_found(ctx, text, first);
}

static const char watch_key = 0; /* registry: keeps what the engine borrows */

static void set(void *watch, bool on) {
    nn_watch_set(on ? watch : NULL);
}

/* The interpreter ends: the engine must not look at it any more. */
static int forget(lua_State *L) {
    (void)L;
    nn_watch_set(NULL);
    return 0;
}

void cmd_watch_open(lua_State *L) {
    struct nn_watch *w = lua_newuserdatauv(L, sizeof *w, 0);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    *w = (struct nn_watch){.look = look, .ctx = lua_tothread(L, -1)};
    lua_pop(L, 1);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, forget);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &watch_key);
    cell_watch_register(L, set, w);
    cell_rescue_detail(L, nn_running_text);
}
