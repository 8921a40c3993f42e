/* box.c: engine objects as userdata that frees them, errors, and memory pressure. */
#include "box.h"

#include "base/i18n.h"
#include "cell/error.h"

#define CMD_HOLDER "nabla.holder"
#define CMD_BUFFER "nabla.buffer"
#define CMD_BUNDLE "nabla.bundle"

enum { PRESSURE_MIN = 64 << 20 }; /* bytes that never trigger a collection */
enum { TEXT_MAX = 32 << 20 };     /* ceiling of any text made here */

static const char pressure_key = 0;

void cmd_raise(lua_State *L, const struct err *e) {
    cell_raise(L, e);
    __builtin_unreachable();
}

void cmd_raise_nomem(lua_State *L) {
    struct err e = {0};
    (void)err_set(&e, ERR_NOMEM, "%s", _("no queda memoria"));
    cmd_raise(L, &e);
}

static int box_gc(lua_State *L) {
    void **slot = lua_touserdata(L, 1);
    cmd_release_fn **release = lua_touserdata(L, lua_upvalueindex(1));
    if (slot && *slot) {
        void *object = *slot;
        *slot = NULL;
        (*release)(object);
    }
    return 0;
}

void cmd_box_type(lua_State *L, const char *name, cmd_release_fn *release) {
    luaL_newmetatable(L, name);
    cmd_release_fn **kept = lua_newuserdatauv(L, sizeof *kept, 0);
    *kept = release;
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, box_gc, 1);
    lua_setfield(L, -3, "__gc");
    lua_pushcclosure(L, box_gc, 1);
    lua_setfield(L, -2, "__close");
    lua_pushboolean(L, false); /* getmetatable(t) gives nothing to spoil */
    lua_setfield(L, -2, "__metatable");
}

void **cmd_box_push(lua_State *L, const char *name) {
    void **slot = lua_newuserdatauv(L, sizeof *slot, 1);
    *slot = NULL;
    luaL_setmetatable(L, name);
    return slot;
}

void *cmd_box_test(lua_State *L, int idx, const char *name) {
    void **slot = luaL_testudata(L, idx, name);
    return slot ? *slot : NULL;
}

static size_t *pressure_limit(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &pressure_key);
    size_t *limit = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return limit;
}

void cmd_collect(lua_State *L) {
    lua_gc(L, LUA_GCCOLLECT);
    size_t *limit = pressure_limit(L);
    size_t use = nn_memory_in_use();
    if (limit)
        *limit = MAX_OF((size_t)PRESSURE_MIN, use < SIZE_MAX / 2 ? 2 * use : use);
}

void cmd_pressure(lua_State *L) {
    size_t *limit = pressure_limit(L);
    if (limit && nn_memory_in_use() > *limit)
        cmd_collect(L);
}

struct nn_var **cmd_var_push(lua_State *L) {
    cmd_pressure(L);
    return (struct nn_var **)cmd_box_push(L, CMD_TENSOR);
}

struct nn_var *cmd_var_test(lua_State *L, int idx) {
    return cmd_box_test(L, idx, CMD_TENSOR);
}

struct nn_tensor **cmd_hold(lua_State *L) {
    cmd_pressure(L);
    return (struct nn_tensor **)cmd_box_push(L, CMD_HOLDER);
}

void cmd_hold_finish(lua_State *L) {
    struct nn_tensor *t = cmd_box_test(L, -1, CMD_HOLDER);
    struct nn_var **slot = (struct nn_var **)cmd_box_push(L, CMD_TENSOR);
    struct err e = {0};
    if (nn_var_new(slot, t, &e) < 0)
        cmd_raise(L, &e);
    /* The var shares the tensor; the holder lets go of its own reference now, so that
     * nothing waits for the collector. */
    void **held = lua_touserdata(L, -2);
    *held = NULL;
    nn_tensor_release(t);
    lua_remove(L, -2);
}

void cmd_tensor_push(lua_State *L, struct nn_tensor *t) {
    /* Pushing may raise when Lua is out of memory: then t would leak. A protected push
     * costs more than the few bytes are worth on every call, so the holder comes first
     * where the tensor is made (cmd_hold); this is for borrowed tensors retained late. */
    struct nn_tensor **hold = (struct nn_tensor **)cmd_box_push(L, CMD_HOLDER);
    *hold = t;
    cmd_hold_finish(L);
}

void *cmd_scratch(lua_State *L, size_t count, size_t size) {
    size_t bytes;
    if (!mul_size(&bytes, count ? count : 1, size) || bytes > SIZE_MAX / 4)
        cmd_raise_nomem(L);
    void *p = lua_newuserdatauv(L, bytes, 0);
    memset(p, 0, bytes);
    return p;
}

static int buffer_gc(lua_State *L) {
    buf_release(lua_touserdata(L, 1));
    return 0;
}

static int bundle_gc(lua_State *L) {
    mime_release(lua_touserdata(L, 1));
    return 0;
}

struct buf *cmd_buf(lua_State *L) {
    struct buf *b = lua_newuserdatauv(L, sizeof *b, 0);
    buf_init(b, TEXT_MAX);
    luaL_setmetatable(L, CMD_BUFFER);
    return b;
}

struct mime_bundle *cmd_bundle(lua_State *L) {
    struct mime_bundle *b = lua_newuserdatauv(L, sizeof *b, 0);
    *b = (struct mime_bundle){0};
    luaL_setmetatable(L, CMD_BUNDLE);
    return b;
}

static void release_var(void *v) {
    nn_var_release(v);
}

static void release_tensor(void *t) {
    nn_tensor_release(t);
}

void cmd_box_open(lua_State *L) {
    size_t *limit = lua_newuserdatauv(L, sizeof *limit, 0);
    *limit = PRESSURE_MIN;
    lua_rawsetp(L, LUA_REGISTRYINDEX, &pressure_key);
    cmd_box_type(L, CMD_TENSOR, release_var);
    lua_pop(L, 1);
    cmd_box_type(L, CMD_HOLDER, release_tensor);
    lua_pop(L, 1);
    luaL_newmetatable(L, CMD_BUFFER);
    lua_pushcfunction(L, buffer_gc);
    lua_setfield(L, -2, "__gc");
    luaL_newmetatable(L, CMD_BUNDLE);
    lua_pushcfunction(L, bundle_gc);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 2);
}
