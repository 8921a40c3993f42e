/* fingerprint.c: keys of experiments. */
#include "fingerprint.h"

#include "objects.h"

#include <string.h>

enum { DEPTH_MAX = 12 };

void cmd_fingerprint_init(struct cmd_fingerprint *f) {
    *f = (struct cmd_fingerprint){14695981039346656037u, 0x9E3779B97F4A7C15u};
}

void cmd_fingerprint_bytes(struct cmd_fingerprint *f, const void *bytes, size_t n) {
    const unsigned char *p = bytes;
    uint64_t a = f->a, b = f->b;
    for (size_t i = 0; i < n; i++) {
        a = (a ^ p[i]) * 1099511628211u;
        b = (b ^ p[i]) * 0x100000001B3u + (b >> 29);
    }
    f->a = a;
    f->b = b;
}

void cmd_fingerprint_text(const struct cmd_fingerprint *f, char text[CMD_KEY_LEN]) {
    (void)snprintf(text, CMD_KEY_LEN, "%016llx%016llx", (unsigned long long)f->a,
                   (unsigned long long)f->b);
}

static void add_text(struct cmd_fingerprint *f, const char *s) {
    cmd_fingerprint_bytes(f, s, strlen(s) + 1);
}

static int add_code(lua_State *L, const void *p, size_t n, void *f) {
    (void)L;
    cmd_fingerprint_bytes(f, p, n);
    return 0;
}

static void add_tensor(struct cmd_fingerprint *f, const struct nn_tensor *t) {
    if (!t)
        return;
    cmd_fingerprint_bytes(f, t->shape, (size_t)t->ndim * sizeof *t->shape);
    cmd_fingerprint_bytes(f, t->data, t->n * nn_dtype_size(t->dtype));
}

static void add_value(lua_State *L, int idx, struct cmd_fingerprint *f, int depth);

static bool before(lua_State *L, int a, int b) {
    int ta = lua_type(L, a), tb = lua_type(L, b);
    if (ta != tb)
        return ta < tb;
    if (ta == LUA_TNUMBER)
        return lua_tonumber(L, a) < lua_tonumber(L, b);
    return ta == LUA_TSTRING && strcmp(lua_tostring(L, a), lua_tostring(L, b)) < 0;
}

/* Number and string keys in order; others have none that lasts. */
static void add_table(lua_State *L, int idx, struct cmd_fingerprint *f, int depth) {
    int keys, n = 0;
    luaL_checkstack(L, 20, "fingerprint");
    lua_newtable(L);
    keys = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING || lua_type(L, -2) == LUA_TNUMBER) {
            lua_pushvalue(L, -2);
            lua_rawseti(L, keys, ++n);
        }
    for (int i = 2; i <= n; i++) { /* insertion: configurations are small */
        lua_rawgeti(L, keys, i);
        int k = i - 1;
        for (; k > 0; k--) {
            lua_rawgeti(L, keys, k);
            if (!before(L, lua_gettop(L) - 1, lua_gettop(L))) {
                lua_pop(L, 1);
                break;
            }
            lua_rawseti(L, keys, k + 1);
        }
        lua_rawseti(L, keys, k + 1);
    }
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, keys, i);
        add_value(L, lua_gettop(L), f, depth + 1);
        lua_rawget(L, idx);
        add_value(L, lua_gettop(L), f, depth + 1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static void add_function(lua_State *L, int idx, struct cmd_fingerprint *f, int depth) {
    lua_pushvalue(L, idx);
    if (!lua_iscfunction(L, -1))
        (void)lua_dump(L, add_code, f, 1);
    lua_pop(L, 1);
    for (int i = 1; lua_getupvalue(L, idx, i); i++) {
        int type = lua_type(L, -1);
        if (type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TBOOLEAN)
            add_value(L, lua_gettop(L), f, depth + 1);
        lua_pop(L, 1);
    }
}

static void add_object(lua_State *L, int idx, struct cmd_fingerprint *f) {
    const struct nn_dataset *d = cmd_box_test(L, idx, CMD_DATASET);
    const struct nn_var *v = cmd_var_test(L, idx);
    if (v) {
        add_tensor(f, v->value);
    } else if (d) {
        const struct nn_tensor *part[] = {d->x_train, d->y_train, d->x_valid, d->y_valid};
        for (size_t i = 0; i < sizeof part / sizeof *part; i++)
            add_tensor(f, part[i]);
        cmd_fingerprint_bytes(f, &d->augment, sizeof d->augment);
    } else {
        add_text(f, luaL_tolstring(L, idx, NULL));
        lua_pop(L, 1);
    }
}

static void add_value(lua_State *L, int idx, struct cmd_fingerprint *f, int depth) {
    char text[64];
    int type = lua_type(L, idx);
    cmd_fingerprint_bytes(f, &type, sizeof type);
    if (depth > DEPTH_MAX)
        return;
    switch (type) {
    case LUA_TNUMBER:
        (void)snprintf(text, sizeof text, "%.17g", lua_tonumber(L, idx));
        add_text(f, text);
        break;
    case LUA_TBOOLEAN:
        add_text(f, lua_toboolean(L, idx) ? "true" : "false");
        break;
    case LUA_TSTRING:
        add_text(f, lua_tostring(L, idx));
        break;
    case LUA_TTABLE:
        add_table(L, idx, f, depth);
        break;
    case LUA_TFUNCTION:
        add_function(L, idx, f, depth);
        break;
    case LUA_TUSERDATA:
        add_object(L, idx, f);
        break;
    default:
        break;
    }
}

void cmd_fingerprint_value(lua_State *L, int idx, struct cmd_fingerprint *f) {
    add_value(L, lua_absindex(L, idx), f, 0);
}
