/* display.c: a value as a MIME bundle: its __display, or its text. */
#include "state.h"

static const char *const bundle_type = "cell.bundle";

static int bundle_gc(lua_State *L) {
    mime_release(lua_touserdata(L, 1));
    return 0;
}

struct mime_bundle *cell_bundle_push(lua_State *L) {
    luaL_checkstack(L, 4, NULL);
    struct mime_bundle *b = lua_newuserdatauv(L, sizeof *b, 0);
    *b = (struct mime_bundle){0};
    if (luaL_newmetatable(L, bundle_type)) {
        lua_pushcfunction(L, bundle_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return b;
}

static int no_memory(lua_State *L) {
    return cell_raisef(L, ERR_NOMEM, "%s", _("no hay memoria para mostrar el valor"));
}

static void add_clean(lua_State *L, struct mime_bundle *b, const char *type,
                      const char *s, size_t n) {
    struct buf *text = cell_buf_push(L, SIZE_MAX / 4);
    cell_text_clean(text, s, n);
    if (text->failed || !mime_add(b, type, text->data ? text->data : "", text->len))
        no_memory(L);
    lua_pop(L, 1);
}

static bool ends_with(const char *s, const char *end) {
    size_t n = strlen(s), k = strlen(end);
    return n >= k && strcmp(s + n - k, end) == 0;
}

/* One representation: key at -2, data at -1. */
static void add_field(lua_State *L, struct mime_bundle *b) {
    struct err e = {0};
    char *json = NULL;
    size_t n;
    const char *type = lua_tostring(L, -2);
    if (strcmp(type, "metadata") == 0 || lua_type(L, -1) == LUA_TTABLE) {
        bool meta = strcmp(type, "metadata") == 0;
        if (!meta && !ends_with(type, "json"))
            cell_raisef(L, ERR_DTYPE, _("__display: «%s» debe ser un texto"), type);
        if (cell_json_dump(L, -1, &json, &n, &e) < 0)
            cell_raise(L, &e);
        bool ok = meta ? mime_set_metadata(b, json) : mime_add(b, type, json, n);
        free(json);
        if (!ok)
            no_memory(L);
        return;
    }
    if (lua_type(L, -1) != LUA_TSTRING || !strchr(type, '/'))
        cell_raisef(L, ERR_ARG, _("__display: «%s» no es un tipo MIME con su texto"),
                    type);
    const char *s = lua_tolstring(L, -1, &n);
    if (strncmp(type, "text/", 5) == 0 || ends_with(type, "+xml"))
        add_clean(L, b, type, s, n);
    else if (!mime_add(b, type, s, n))
        no_memory(L);
}

static void add_table(lua_State *L, int idx, struct mime_bundle *b) {
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            cell_raisef(
                L, ERR_ARG, "%s",
                _("__display: las claves deben ser tipos MIME como \"text/html\""));
        add_field(L, b);
    }
}

static void add_text(lua_State *L, int idx, struct mime_bundle *b) {
    struct buf *text = cell_buf_push(L, CELL_TEXT_MAX);
    cell_pretty(L, idx, text, false);
    if (text->failed && text->len + 4096 < text->max)
        no_memory(L);
    if (!mime_add(b, "text/plain", text->data ? text->data : "", text->len))
        no_memory(L);
    lua_pop(L, 1);
}

/* The value that __display returned, at the top. */
static void take_answer(lua_State *L, int value, struct mime_bundle *b) {
    int t = lua_type(L, -1);
    struct mime_bundle *box = luaL_testudata(L, -1, bundle_type);
    size_t n;
    if (t == LUA_TNIL)
        return;
    if (box) {
        *b = *box;
        *box = (struct mime_bundle){0};
    } else if (t == LUA_TTABLE) {
        add_table(L, lua_gettop(L), b);
    } else if (t == LUA_TSTRING) {
        const char *s = lua_tolstring(L, -1, &n);
        add_clean(L, b, "text/plain", s, n);
    } else {
        cell_raisef(L, ERR_DTYPE,
                    _("__display debe devolver una tabla de tipos MIME, no un valor de "
                      "tipo %s"),
                    luaL_typename(L, -1));
    }
    if (b->n && !mime_get(b, "text/plain"))
        add_text(L, value, b);
}

/* Leaves the box with the bundle on the stack: what raises meanwhile leaks nothing. */
static struct mime_bundle *display_box(lua_State *L, int idx) {
    idx = lua_absindex(L, idx);
    luaL_checkstack(L, 12, NULL);
    struct mime_bundle *b = cell_bundle_push(L);
    if (luaL_getmetafield(L, idx, "__display") == LUA_TNIL) {
        add_text(L, idx, b);
        return b;
    }
    lua_pushvalue(L, idx);
    lua_call(L, 1, 1);
    take_answer(L, idx, b);
    lua_pop(L, 1);
    return b;
}

void cell_display_value(lua_State *L, int idx, struct mime_bundle *out) {
    struct mime_bundle *b = display_box(L, idx);
    *out = *b;
    *b = (struct mime_bundle){0};
    lua_pop(L, 1);
}

void cell_display_send(lua_State *L, int idx, const char *display_id, bool update) {
    const struct host *h = cell_host(L);
    struct mime_bundle *b = display_box(L, idx);
    if (b->n)
        h->display(h->self, ORIGIN_CURRENT, b, display_id, update);
    mime_release(b);
    lua_pop(L, 1);
}
