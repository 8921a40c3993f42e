/* show.c: the display commands: display, html latex markdown svg png vegalite, mime, update,
 * clear_output, and the handle that display gives for a display_id. */
#include "base/oserr.h"
#include "state.h"

#include <errno.h>
#include <jansson.h>

#define FILE_MAX ((size_t)64 << 20) /* bytes of a picture read from a file */

static const char *const handle_type = "DisplayHandle";

static bool is_option(const char *s) {
    static const char *const names[] = {"display_id", "raw", "caption", "label",
                                        "update"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i], s) == 0)
            return true;
    return false;
}

/* A table whose string keys are all options, and that has some. Positions do not count. */
static bool has_options(lua_State *L, int idx) {
    bool some = false;
    if (!lua_istable(L, idx) || luaL_getmetafield(L, idx, "__display") != LUA_TNIL)
        return false;
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            continue;
        if (!is_option(lua_tostring(L, -2))) {
            lua_pop(L, 2);
            return false;
        }
        some = true;
    }
    return some;
}

static const char *string_option(lua_State *L, int idx, const char *name) {
    int t = lua_getfield(L, idx, name);
    if (t != LUA_TNIL && t != LUA_TSTRING)
        cell_raisef(L, ERR_DTYPE, _("display: %s debe ser un texto"), name);
    return t == LUA_TNIL ? NULL : lua_tostring(L, -1); /* stays on the stack */
}

static void read_id(lua_State *L, int idx, char id[129]) {
    int t = lua_getfield(L, idx, "display_id");
    size_t n = 0;
    const char *s = t == LUA_TSTRING ? lua_tolstring(L, -1, &n) : NULL;
    if (t == LUA_TBOOLEAN && lua_toboolean(L, -1))
        cell_display_id(id);
    else if (s && n > 0 && n <= 128)
        memcpy(id, s, n + 1);
    else if (t != LUA_TNIL && !(t == LUA_TBOOLEAN))
        cell_raisef(L, ERR_ARG, "%s",
                    _("display: display_id debe ser true o un texto de 1 a 128 bytes"));
    lua_pop(L, 1);
}

/* Adds caption and label to whatever metadata the bundle has. */
static bool add_metadata(struct mime_bundle *b, const char *caption, const char *label) {
    if (!caption && !label)
        return true;
    json_t *o = b->metadata ? json_loads(b->metadata, 0, NULL) : json_object();
    if (!json_is_object(o)) {
        json_decref(o);
        o = json_object();
    }
    bool ok =
        o && (!caption || json_object_set_new(o, "caption", json_string(caption)) == 0);
    ok = ok && (!label || json_object_set_new(o, "label", json_string(label)) == 0);
    char *text = ok ? json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    ok = text && mime_set_metadata(b, text);
    free(text);
    json_decref(o);
    return ok;
}

static int mime_display(lua_State *L) {
    luaL_getmetafield(L, 1, "__bundle");
    return 1;
}

/* mime{["text/html"] = "..."}: a value that shows itself in these representations. */
static int l_mime(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_newtable(L);
    lua_createtable(L, 0, 3);
    lua_pushcfunction(L, mime_display);
    lua_setfield(L, -2, "__display");
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, "__bundle");
    lua_pushliteral(L, "mime");
    lua_setfield(L, -2, "__name");
    lua_setmetatable(L, -2);
    return 1;
}

/* Pushes the box with the bundle of the value at idx; raw: the table is the bundle. */
static struct mime_bundle *bundle_of(lua_State *L, int idx, bool raw) {
    idx = lua_absindex(L, idx);
    struct mime_bundle *box = cell_bundle_push(L);
    if (raw) {
        lua_pushcfunction(L, l_mime);
        lua_pushvalue(L, idx);
        lua_call(L, 1, 1);
        cell_display_value(L, -1, box);
        lua_pop(L, 1);
    } else {
        cell_display_value(L, idx, box);
    }
    return box;
}

static void push_handle(lua_State *L, const char *id) {
    lua_createtable(L, 0, 1);
    lua_pushstring(L, id);
    lua_setfield(L, -2, "id");
    luaL_setmetatable(L, handle_type);
}

static void show(lua_State *L, int value, int opts, const char *id, bool update) {
    bool raw = false;
    const char *caption = NULL, *label = NULL;
    if (opts) {
        lua_getfield(L, opts, "raw");
        raw = lua_toboolean(L, -1);
        caption = string_option(L, opts, "caption");
        label = string_option(L, opts, "label");
    }
    struct mime_bundle *b = bundle_of(L, value, raw);
    if (b->n && !add_metadata(b, caption, label))
        cell_raisef(L, ERR_NOMEM, "%s", _("no hay memoria para mostrar el valor"));
    const struct host *h = cell_host(L);
    if (b->n)
        h->display(h->self, ORIGIN_CURRENT, b, id && *id ? id : NULL, update);
    mime_release(b);
}

/* display(a, b, ..., {display_id =, caption =, label =, raw =}) or display{a, caption =}. */
static int l_display(lua_State *L) {
    int n = lua_gettop(L), opts = 0;
    char id[129] = "";
    if (n == 1 && has_options(L, 1) && lua_rawlen(L, 1) > 0) {
        opts = 1;
        n = (int)MIN_OF(lua_rawlen(L, 1), (lua_Unsigned)200);
        luaL_checkstack(L, n + 8, NULL);
        for (int i = 1; i <= n; i++)
            lua_rawgeti(L, 1, i);
    } else if (n > 1 && has_options(L, n)) {
        opts = n--;
    }
    if (opts)
        read_id(L, opts, id);
    if (n == 0)
        return cell_raisef(L, ERR_ARG, "%s", _("display: falta qué mostrar"));
    int first = opts == 1 ? 2 : 1;
    for (int i = 0; i < n; i++) {
        int top = lua_gettop(L);
        show(L, first + i, opts, id, false);
        lua_settop(L, top);
    }
    if (!*id)
        return 0;
    push_handle(L, id);
    return 1;
}

static const char *handle_id(lua_State *L) {
    if (lua_istable(L, 1)) {
        lua_getfield(L, 1, "id");
        const char *id = lua_tostring(L, -1);
        if (id)
            return id;
    } else if (lua_type(L, 1) == LUA_TSTRING) {
        return lua_tostring(L, 1);
    }
    cell_raisef(
        L, ERR_ARG, "%s",
        _("update: el primer argumento es lo que devolvió display{..., display_id "
          "= true}, o su texto"));
    return NULL;
}

/* update(h, x[, options]) and h:update(x[, options]) */
static int l_update(lua_State *L) {
    int opts = lua_gettop(L) > 2 && has_options(L, 3) ? 3 : 0;
    luaL_checkany(L, 2);
    const char *id = handle_id(L);
    show(L, 2, opts, id, true);
    return 0;
}

static int handle_display(lua_State *L) {
    const char *id = handle_id(L);
    luaL_checkany(L, 2);
    show(L, 2, 0, id, false);
    return 0;
}

static int shows_nothing(lua_State *L) {
    (void)L;
    return 0;
}

static int l_clear(lua_State *L) {
    bool wait;
    if (lua_istable(L, 1)) {
        if (lua_getfield(L, 1, "wait") == LUA_TNIL)
            lua_rawgeti(L, 1, 1);
        wait = lua_toboolean(L, -1);
    } else {
        wait = lua_toboolean(L, 1);
    }
    const struct host *h = cell_host(L);
    h->clear_output(h->self, ORIGIN_CURRENT, wait);
    return 0;
}

/* ------------------------------------------------------------------ html, png and so on */

/* {text, caption = "...", label = "..."} or the text alone: leaves it at 1, options at 2. */
static int unpack_text(lua_State *L) {
    int opts = 0;
    if (lua_istable(L, 1)) {
        lua_settop(L, 1);
        lua_rawgeti(L, 1, 1);
        lua_insert(L, 1);
        opts = 2;
    } else if (lua_istable(L, 2)) {
        opts = 2;
    }
    luaL_checktype(L, 1, LUA_TSTRING);
    return opts;
}

static void send(lua_State *L, struct mime_bundle *b, int opts) {
    char id[129] = "";
    const char *caption = opts ? string_option(L, opts, "caption") : NULL;
    const char *label = opts ? string_option(L, opts, "label") : NULL;
    if (opts)
        read_id(L, opts, id);
    if (!add_metadata(b, caption, label))
        cell_raisef(L, ERR_NOMEM, "%s", _("no hay memoria para mostrar el valor"));
    const struct host *h = cell_host(L);
    h->display(h->self, ORIGIN_CURRENT, b, *id ? id : NULL, false);
    mime_release(b);
}

static void add(lua_State *L, struct mime_bundle *b, const char *type, const char *s,
                size_t n) {
    if (!mime_add(b, type, s, n))
        cell_raisef(L, ERR_NOMEM, "%s", _("no hay memoria para mostrar el valor"));
}

static int show_text(lua_State *L, const char *type, const char *plain) {
    int opts = unpack_text(L);
    size_t n;
    const char *s = lua_tolstring(L, 1, &n);
    struct buf *clean = cell_buf_push(L, SIZE_MAX / 4);
    cell_text_clean(clean, s, n);
    struct mime_bundle *b = cell_bundle_push(L);
    add(L, b, type, clean->data ? clean->data : "", clean->len);
    if (plain)
        add(L, b, "text/plain", plain, strlen(plain));
    else
        add(L, b, "text/plain", clean->data ? clean->data : "", clean->len);
    send(L, b, opts);
    return 0;
}

static int l_html(lua_State *L) {
    return show_text(L, "text/html", "<html>");
}

static int l_latex(lua_State *L) {
    return show_text(L, "text/latex", NULL);
}

static int l_markdown(lua_State *L) {
    return show_text(L, "text/markdown", NULL);
}

/* The bytes of a file in a buffer on the stack. */
static struct buf *read_file(lua_State *L, const char *path) {
    struct buf *b = cell_buf_push(L, FILE_MAX);
    FILE *f = fopen(path, "rbe");
    if (!f)
        cell_raisef(L, ERR_IO, _("no se puede abrir «%s»: %s"), path, os_reason(errno));
    char part[16384];
    size_t n;
    while ((n = fread(part, 1, sizeof part, f)) > 0 && !b->failed)
        buf_add(b, part, n);
    bool bad = ferror(f);
    fclose(f);
    if (bad || b->failed)
        cell_raisef(L, ERR_IO, _("«%s» no se puede leer o pasa de 64 MiB"), path);
    return b;
}

static int show_picture(lua_State *L, const char *type, const char *magic,
                        const char *word) {
    int opts = unpack_text(L);
    size_t n, k = strlen(magic);
    const char *s = lua_tolstring(L, 1, &n);
    if (n < k || memcmp(s, magic, k) != 0) { /* not the picture itself: its path */
        if (n > 4096 || strlen(s) != n)
            return cell_raisef(L, ERR_FORMAT, _("%s: no es una imagen ni una ruta"),
                               word);
        struct buf *file = read_file(L, s);
        if (file->len < k || memcmp(file->data, magic, k) != 0)
            return cell_raisef(L, ERR_FORMAT, _("%s: «%s» no contiene una imagen %s"),
                               word, s, word);
        s = file->data;
        n = file->len;
    }
    struct mime_bundle *b = cell_bundle_push(L);
    if (k == 1) { /* text: svg */
        struct buf *clean = cell_buf_push(L, SIZE_MAX / 4);
        cell_text_clean(clean, s, n);
        add(L, b, type, clean->data ? clean->data : "", clean->len);
    } else {
        add(L, b, type, s, n);
    }
    char plain[32];
    snprintf(plain, sizeof plain, "<%s>", word);
    add(L, b, "text/plain", plain, strlen(plain));
    send(L, b, opts);
    return 0;
}

static int l_svg(lua_State *L) {
    return show_picture(L, "image/svg+xml", "<", "svg");
}

static int l_png(lua_State *L) {
    return show_picture(L, "image/png", "\x89PNG\r\n\x1a\n", "png");
}

static int l_vegalite(lua_State *L) {
    struct err e = {0};
    if (lua_type(L, 1) == LUA_TSTRING) {
        size_t n;
        const char *s = lua_tolstring(L, 1, &n);
        if (cell_json_load(L, s, n, &e) < 0)
            return cell_raise(L, &e);
        lua_replace(L, 1);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    char *json;
    size_t n;
    if (cell_json_dump(L, 1, &json, &n, &e) < 0)
        return cell_raise(L, &e);
    struct mime_bundle *b = cell_bundle_push(L);
    bool ok = mime_add(b, "application/vnd.vegalite.v5+json", json, n) &&
              mime_add_text(b, "text/plain", "<vegalite>");
    free(json);
    if (!ok)
        return cell_raisef(L, ERR_NOMEM, "%s", _("no hay memoria para mostrar el valor"));
    send(L, b, lua_istable(L, 2) ? 2 : 0);
    return 0;
}

void cell_show_open(lua_State *L) {
    static const luaL_Reg handle[] = {
        {"update", l_update}, {"display", handle_display}, {NULL, NULL}};
    static const luaL_Reg commands[] = {
        {"display", l_display},    {"html", l_html}, {"latex", l_latex},
        {"markdown", l_markdown},  {"svg", l_svg},   {"png", l_png},
        {"vegalite", l_vegalite},  {"mime", l_mime}, {"update", l_update},
        {"clear_output", l_clear}, {NULL, NULL}};
    luaL_newmetatable(L, handle_type);
    luaL_newlib(L, handle);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, shows_nothing);
    lua_setfield(L, -2, "__display");
    lua_pop(L, 1);
    lua_pushglobaltable(L);
    luaL_setfuncs(L, commands, 0);
    lua_pop(L, 1);
}
