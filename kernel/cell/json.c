/* json.c: Lua values to JSON and back, by jansson. */
#include "lex.h"
#include "state.h"

#include <jansson.h>
#include <math.h>

#define DEPTH_MAX 64

static json_t *to_json(lua_State *L, int idx, int depth, struct err *e);

static json_t *clean_string(const char *s, size_t n) {
    struct buf b;
    buf_init(&b, SIZE_MAX / 4);
    for (size_t i = 0; i < n;) {
        size_t step = cell_utf8_len(s + i, n - i);
        if (step)
            buf_add(&b, s + i, step);
        else
            buf_puts(&b, "\xEF\xBF\xBD");
        i += step ? step : 1;
    }
    json_t *j = b.failed ? NULL : json_stringn(b.data ? b.data : "", b.len);
    buf_release(&b);
    return j;
}

static json_t *string_at(lua_State *L, int idx) {
    size_t n;
    const char *s = lua_tolstring(L, idx, &n);
    json_t *j = json_stringn(s, n);
    return j ? j : clean_string(s, n);
}

/* The length of an array: its keys are 1..n with at most half of them missing; else -1. */
static lua_Integer array_length(lua_State *L, int idx) {
    lua_Integer n = 0, len = (lua_Integer)lua_rawlen(L, idx);
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
        if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1 ||
            lua_tointeger(L, -2) > len) {
            lua_pop(L, 2);
            return -1;
        }
        n++;
    }
    return n > 0 && n >= len - n ? len : -1;
}

static json_t *array_at(lua_State *L, int idx, lua_Integer n, int depth, struct err *e) {
    json_t *a = json_array();
    for (lua_Integer i = 1; a && i <= n; i++) {
        lua_rawgeti(L, idx, i);
        json_t *v = to_json(L, lua_gettop(L), depth + 1, e);
        lua_pop(L, 1);
        if (!v || json_array_append_new(a, v) < 0) {
            json_decref(a);
            return NULL;
        }
    }
    return a;
}

/* The key at -2 as text; numbers as Lua prints them (into tmp, so that the key stays). */
static const char *key_text(lua_State *L, size_t *n, char tmp[48]) {
    if (lua_type(L, -2) == LUA_TSTRING)
        return lua_tolstring(L, -2, n);
    int len = lua_isinteger(L, -2)
                  ? snprintf(tmp, 48, "%lld", (long long)lua_tointeger(L, -2))
                  : snprintf(tmp, 48, "%.14g", lua_tonumber(L, -2));
    *n = (size_t)len;
    return tmp;
}

static json_t *object_at(lua_State *L, int idx, int depth, struct err *e) {
    json_t *o = json_object();
    for (lua_pushnil(L); o && lua_next(L, idx); lua_pop(L, 1)) {
        int t = lua_type(L, -2);
        if (t != LUA_TSTRING && t != LUA_TNUMBER) {
            err_set(e, ERR_ARG, _("JSON no admite una clave de tipo %s"),
                    lua_typename(L, t));
            goto fail;
        }
        char tmp[48];
        size_t n;
        const char *key = key_text(L, &n, tmp);
        struct buf clean;
        buf_init(&clean, SIZE_MAX / 4);
        cell_text_clean(&clean, key, n);
        json_t *v = clean.failed ? NULL : to_json(L, lua_gettop(L), depth + 1, e);
        int rc =
            v ? json_object_setn_new(o, clean.data ? clean.data : "", clean.len, v) : -1;
        buf_release(&clean);
        if (rc < 0)
            goto fail;
    }
    return o;
fail:
    lua_pop(L, 2);
    json_decref(o);
    return NULL;
}

static json_t *to_json(lua_State *L, int idx, int depth, struct err *e) {
    if (depth > DEPTH_MAX || !lua_checkstack(L, 6)) {
        err_set(e, ERR_ARG,
                _("la tabla tiene más de %d niveles o se contiene a sí misma"),
                DEPTH_MAX);
        return NULL;
    }
    switch (lua_type(L, idx)) {
    case LUA_TNIL:
        return json_null();
    case LUA_TBOOLEAN:
        return json_boolean(lua_toboolean(L, idx));
    case LUA_TNUMBER:
        if (lua_isinteger(L, idx))
            return json_integer(lua_tointeger(L, idx));
        return isfinite(lua_tonumber(L, idx)) ? json_real(lua_tonumber(L, idx))
                                              : json_null();
    case LUA_TSTRING:
        return string_at(L, idx);
    case LUA_TTABLE: {
        lua_Integer n = array_length(L, idx);
        return n > 0 ? array_at(L, idx, n, depth, e) : object_at(L, idx, depth, e);
    }
    default:
        err_set(e, ERR_ARG, _("JSON no admite un valor de tipo %s"),
                luaL_typename(L, idx));
        return NULL;
    }
}

int cell_json_dump(lua_State *L, int idx, char **out, size_t *len, struct err *e) {
    *out = NULL;
    struct err mine = {0};
    json_t *j = to_json(L, lua_absindex(L, idx), 0, &mine);
    char *s = j ? json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY) : NULL;
    json_decref(j);
    if (!s && mine.code)
        return err_set(e, mine.code, "%s", mine.msg);
    if (!s)
        return err_set(e, ERR_NOMEM, _("no hay memoria para convertir el valor a JSON"));
    *out = s;
    if (len)
        *len = strlen(s);
    return 0;
}

static void push_json(lua_State *L, const json_t *j) {
    luaL_checkstack(L, 4, NULL);
    size_t i;
    const char *key;
    json_t *v;
    switch (json_typeof(j)) {
    case JSON_OBJECT:
        lua_newtable(L);
        json_object_foreach((json_t *)(uintptr_t)j, key, v) {
            push_json(L, v);
            lua_setfield(L, -2, key);
        }
        break;
    case JSON_ARRAY:
        lua_newtable(L);
        json_array_foreach(j, i, v) {
            if (json_is_null(v))
                lua_pushboolean(L, 0);
            else
                push_json(L, v);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        break;
    case JSON_STRING:
        lua_pushlstring(L, json_string_value(j), json_string_length(j));
        break;
    case JSON_INTEGER:
        lua_pushinteger(L, json_integer_value(j));
        break;
    case JSON_REAL:
        lua_pushnumber(L, json_real_value(j));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        lua_pushboolean(L, json_is_true(j));
        break;
    default:
        lua_pushnil(L);
    }
}

static int push_protected(lua_State *L) {
    push_json(L, lua_touserdata(L, 1));
    return 1;
}

int cell_json_load(lua_State *L, const char *text, size_t len, struct err *e) {
    json_error_t je;
    json_t *j = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &je);
    if (!j)
        return err_set(e, ERR_FORMAT, _("JSON mal escrito en la línea %d, columna %d"),
                       je.line, je.column);
    lua_pushcfunction(L, push_protected);
    lua_pushlightuserdata(L, j);
    int status = lua_pcall(L, 1, 1, 0);
    json_decref(j);
    if (status == LUA_OK)
        return 0;
    lua_pop(L, 1);
    return err_set(e, ERR_NOMEM, _("no hay memoria para leer el JSON"));
}
