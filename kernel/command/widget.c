/* widget.c: the Widget object: fields, changes and who waits for them, display, closing. */
#include "widget.h"
#include "register.h"

#include "base/i18n.h"
#include "cell/comm.h"
#include "cell/display.h"
#include "cell/error.h"

#include <math.h>

enum { SHOWN_MAX = 256 };
enum { FIELDS = 1, LISTENERS = 2 }; /* user values */

static const char by_id_key = 0, shown_key = 0;

void cmd_widget_table(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &by_id_key);
}

struct cmd_widget *cmd_widget_test(lua_State *L, int idx) {
    struct cmd_widget *w = luaL_testudata(L, idx, CMD_WIDGET);
    return w && w->kind ? w : NULL;
}

void cmd_widget_get(lua_State *L, int idx, const char *field) {
    lua_getiuservalue(L, idx, FIELDS);
    lua_getfield(L, -1, field);
    lua_remove(L, -2);
}

static void store(lua_State *L, int idx, const char *field) {
    lua_getiuservalue(L, idx, FIELDS);
    lua_insert(L, -2);
    lua_setfield(L, -2, field);
    lua_pop(L, 1);
}

static const struct cell_help_row *row_of(lua_State *L, const struct cmd_widget *w) {
    return cell_help_find(L, w->kind->row, strlen(w->kind->row));
}

/* ----------------------------------------------------------------------------- making */

struct cmd_widget *cmd_widget_push(lua_State *L, const struct cmd_widget_kind *kind) {
    int fields = lua_gettop(L);
    luaL_checkstack(L, 20, "widget");
    struct cmd_widget *w = lua_newuserdatauv(L, sizeof *w, 2);
    *w = (struct cmd_widget){0};
    luaL_setmetatable(L, CMD_WIDGET);
    lua_pushvalue(L, fields);
    lua_setiuservalue(L, -2, FIELDS);
    lua_newtable(L);
    lua_setiuservalue(L, -2, LISTENERS);
    lua_replace(L, fields);
    w->kind = kind;
    if (kind->value != CMD_WIDGET_NOTHING && kind->value != CMD_WIDGET_CHILDREN) {
        cmd_widget_get(L, fields, "value");
        cmd_widget_coerce(L, fields);
        store(L, fields, "value");
    }
    cmd_widget_open_comm(L, fields);
    cmd_widget_table(L);
    lua_pushvalue(L, fields);
    lua_setfield(L, -2, w->id);
    lua_settop(L, fields);
    return w;
}

void cmd_widget_listen(lua_State *L, int idx) {
    lua_getiuservalue(L, idx, LISTENERS);
    lua_insert(L, -2);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_pop(L, 1);
}

/* ---------------------------------------------------------------------------- changing */

static double number_field(lua_State *L, int idx, const char *field, double other) {
    cmd_widget_get(L, idx, field);
    double v = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : other;
    lua_pop(L, 1);
    return v;
}

static int refuse(lua_State *L, const struct cmd_widget *w, const char *why) {
    return cell_raisef(L, ERR_ARG, _("%s: value: %s y llegó %s"), w->kind->row, why,
                       cmd_value_text(L, -1));
}

static void coerce_number(lua_State *L, int idx, const struct cmd_widget *w) {
    if (lua_type(L, -1) != LUA_TNUMBER || isnan(lua_tonumber(L, -1)))
        refuse(L, w, _("se esperaba un número"));
    double v = lua_tonumber(L, -1);
    v = MIN_OF(v, number_field(L, idx, "max", v));
    v = MAX_OF(v, number_field(L, idx, "min", v));
    if (w->kind->value == CMD_WIDGET_INTEGER)
        lua_pushinteger(L, (lua_Integer)nearbyint(MAX_OF(MIN_OF(v, 1e15), -1e15)));
    else
        lua_pushnumber(L, v);
    lua_replace(L, -2);
}

/* Does the list of options hold the value on top? */
static bool is_option(lua_State *L, int idx) {
    bool found = false;
    int value = lua_gettop(L);
    cmd_widget_get(L, idx, "options");
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; !found && i <= n; i++) {
        lua_rawgeti(L, value + 1, i);
        found = lua_compare(L, -1, value, LUA_OPEQ);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return found;
}

/* Bytes of a PNG, or something that shows itself as one. */
static void coerce_image(lua_State *L, const struct cmd_widget *w) {
    if (lua_type(L, -1) == LUA_TSTRING)
        return;
    struct mime_bundle *b = cell_bundle_push(L);
    cell_display_value(L, -2, b);
    if (!b->n) /* a figure that this cell showed already says nothing once */
        cell_display_value(L, -2, b);
    const struct mime_item *png = mime_get(b, "image/png");
    if (!png) {
        lua_pop(L, 1);
        refuse(L, w, _("se esperaba una imagen"));
        return;
    }
    lua_pushlstring(L, png->data, png->len);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

void cmd_widget_coerce(lua_State *L, int idx) {
    struct cmd_widget *w = lua_touserdata(L, idx);
    switch (w->kind->value) {
    case CMD_WIDGET_INTEGER:
    case CMD_WIDGET_NUMBER:
    case CMD_WIDGET_LOG:
        coerce_number(L, idx, w);
        break;
    case CMD_WIDGET_BOOLEAN:
        lua_pushboolean(L, lua_toboolean(L, -1));
        lua_replace(L, -2);
        break;
    case CMD_WIDGET_TEXT:
        if (!lua_isstring(L, -1))
            refuse(L, w, _("se esperaba un texto"));
        (void)lua_tostring(L, -1);
        break;
    case CMD_WIDGET_IMAGE:
        coerce_image(L, w);
        break;
    case CMD_WIDGET_CHOICE:
        if (!is_option(L, idx))
            refuse(L, w, _("se esperaba una de las opciones"));
        break;
    case CMD_WIDGET_CHILDREN:
    case CMD_WIDGET_NOTHING:
        break;
    }
}

/* Calls each function with the value on top, which stays. */
static void tell(lua_State *L, int idx) {
    int change = lua_gettop(L);
    lua_getiuservalue(L, idx, LISTENERS);
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, change + 1, i);
        lua_pushvalue(L, change);
        lua_call(L, 1, 0);
    }
    lua_pop(L, 1);
}

void cmd_widget_click(lua_State *L, int idx) {
    lua_pushvalue(L, idx);
    tell(L, idx);
    lua_pop(L, 1);
}

void cmd_widget_change(lua_State *L, int idx, const char *field, bool echo) {
    int now = lua_gettop(L);
    cmd_widget_get(L, idx, field);
    bool same = !lua_istable(L, now) && lua_compare(L, now, now + 1, LUA_OPEQ);
    lua_pushvalue(L, now);
    store(L, idx, field);
    if (echo)
        cmd_widget_send(L, idx, "echo_update", field);
    else if (!same)
        cmd_widget_post(L, idx, field);
    if (!same && strcmp(field, "value") == 0) {
        lua_createtable(L, 0, 4);
        lua_pushstring(L, field);
        lua_setfield(L, -2, "name");
        lua_pushvalue(L, now);
        lua_setfield(L, -2, "new");
        lua_pushvalue(L, now + 1);
        lua_setfield(L, -2, "old");
        lua_pushvalue(L, idx);
        lua_setfield(L, -2, "owner");
        tell(L, idx);
    }
    lua_settop(L, now - 1);
}

void cmd_widget_set(lua_State *L, int idx, const char *field) {
    struct cmd_widget *w = lua_touserdata(L, idx);
    const struct cell_help_row *row = row_of(L, w);
    const struct cell_help_param *p =
        row ? cell_help_param_find(row, field, strlen(field)) : NULL;
    if (!p || (p->flags & CELL_REST) || strcmp(field, "log") == 0 ||
        strcmp(field, "on_click") == 0)
        cell_raisef(L, ERR_ARG, _("%s: «%s» no se puede asignar"), w->kind->row, field);
    else if (!(p->types & CELL_ANY) && !(cell_type_of(L, -1) & p->types))
        cell_raisef(L, ERR_ARG, _("%s: %s no puede ser %s"), w->kind->row, field,
                    cmd_value_text(L, -1));
    if (strcmp(field, "value") == 0)
        cmd_widget_coerce(L, idx);
    cmd_widget_change(L, idx, field, false);
}

/* ----------------------------------------------------------------------------- closing */

void cmd_widget_forget(lua_State *L, int idx) {
    struct cmd_widget *w = lua_touserdata(L, idx);
    w->kind = NULL;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &shown_key);
    for (lua_Integer i = 1; i <= SHOWN_MAX; i++) {
        lua_rawgeti(L, -1, i);
        bool same = lua_rawequal(L, -1, idx);
        lua_pop(L, 1);
        if (same) {
            lua_pushboolean(L, false);
            lua_rawseti(L, -2, i);
        }
    }
    lua_pop(L, 1);
}

void cmd_widget_close(lua_State *L, int idx) {
    struct cmd_widget *w = luaL_testudata(L, idx, CMD_WIDGET);
    if (!w || !w->kind)
        return;
    cell_comm_close(L, w->id);
    cmd_widget_forget(L, idx);
}

static int widget_gc(lua_State *L) {
    struct cmd_widget *w = lua_touserdata(L, 1);
    if (w->kind && w->id[0])
        cell_comm_close(L, w->id);
    w->kind = NULL;
    return 0;
}

/* ---------------------------------------------------------------------------- showing */

static void describe(lua_State *L, int idx, struct buf *b, int depth);

static void describe_children(lua_State *L, int idx, struct buf *b, int depth) {
    struct cmd_widget *w = lua_touserdata(L, idx);
    bool beside = strcmp(w->kind->row, "widget.hbox") == 0;
    cmd_widget_get(L, idx, "children");
    int list = lua_gettop(L);
    lua_Integer n = (lua_Integer)lua_rawlen(L, list);
    for (lua_Integer i = 1; i <= n; i++) {
        if (i > 1)
            buf_puts(b, beside ? "  " : "\n");
        lua_rawgeti(L, list, i);
        describe(L, lua_gettop(L), b, depth + 1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* "tasa: 0.1", as a page without widgets shows it. */
static void describe(lua_State *L, int idx, struct buf *b, int depth) {
    const struct cmd_widget *w = cmd_widget_test(L, idx);
    luaL_checkstack(L, 8, "widget");
    if (!w || depth > 16) {
        buf_puts(b, w ? "…" : _("(cerrado)"));
        return;
    }
    if (w->kind->value == CMD_WIDGET_CHILDREN) {
        describe_children(L, idx, b, depth);
        return;
    }
    int top = lua_gettop(L);
    cmd_widget_get(L, idx, "description");
    const char *what = lua_tostring(L, -1);
    if (w->kind->value == CMD_WIDGET_NOTHING)
        buf_printf(b, "[%s]", what ? what : "");
    else if (what && what[0])
        buf_printf(b, "%s: ", what);
    if (w->kind->value == CMD_WIDGET_IMAGE) {
        buf_puts(b, _("imagen"));
    } else if (w->kind->value != CMD_WIDGET_NOTHING) {
        cmd_widget_get(L, idx, "value");
        if (lua_type(L, -1) == LUA_TNUMBER && !lua_isinteger(L, -1))
            buf_printf(b, "%.4g", lua_tonumber(L, -1));
        else
            buf_puts(b, luaL_tolstring(L, -1, NULL));
    }
    lua_settop(L, top);
}

static int widget_tostring(lua_State *L) {
    struct buf *b = cmd_buf(L);
    lua_pushvalue(L, 1);
    describe(L, lua_gettop(L), b, 0);
    lua_pushlstring(L, b->data ? b->data : "", b->len);
    return 1;
}

/* From now on the page may send its changes for as long as it shows it. */
static void keep_shown(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &shown_key);
    lua_getfield(L, -1, "n");
    lua_Integer n = lua_tointeger(L, -1);
    lua_pushinteger(L, (n + 1) % SHOWN_MAX);
    lua_setfield(L, -3, "n");
    lua_pushvalue(L, 1);
    lua_rawseti(L, -3, n + 1);
    lua_pop(L, 2);
}

static int widget_display(lua_State *L) {
    struct cmd_widget *w = cmd_widget_test(L, 1);
    struct mime_bundle *b = cell_bundle_push(L);
    int at = lua_gettop(L);
    char view[160];
    size_t n;
    widget_tostring(L);
    const char *text = lua_tolstring(L, -1, &n);
    bool ok = mime_add(b, "text/plain", text, n);
    if (w) {
        keep_shown(L);
        (void)snprintf(view, sizeof view,
                       "{\"version_major\":2,\"version_minor\":0,\"model_id\":\"%s\"}",
                       w->id);
        ok = ok && mime_add_text(b, "application/vnd.jupyter.widget-view+json", view);
    }
    if (!ok)
        cmd_raise_nomem(L);
    lua_settop(L, at);
    return 1;
}

/* ----------------------------------------------------------------------------- methods */

static bool widget_field(lua_State *L, const char *key) {
    cmd_self(L, CMD_WIDGET);
    struct cmd_widget *w = lua_touserdata(L, 1);
    if (strcmp(key, "id") == 0) {
        lua_pushstring(L, w->id);
        return true;
    }
    const struct cell_help_row *row = row_of(L, w);
    if (!row || !cell_help_param_find(row, key, strlen(key)))
        return false;
    cmd_widget_get(L, 1, key);
    return true;
}

static int widget_newindex(lua_State *L) {
    cmd_self(L, CMD_WIDGET);
    const char *key = luaL_checkstring(L, 2);
    lua_settop(L, 3);
    cmd_widget_set(L, 1, key);
    return 0;
}

static int w_observe(lua_State *L) {
    struct cmd_args a;
    cmd_self(L, CMD_WIDGET);
    cmd_args_read(&a, L, 2);
    lua_pushvalue(L, cmd_slot(&a, "f"));
    cmd_widget_listen(L, 1);
    return 0;
}

static int w_close(lua_State *L) {
    luaL_checkudata(L, 1, CMD_WIDGET);
    cmd_widget_close(L, 1);
    return 0;
}

static const struct cell_help_param p_observe[] = {
    {.name = "f",
     .types = CELL_FUNCTION_VALUE,
     .flags = CELL_REQUIRED,
     .doc = N_("la función que se llama en cada cambio, o en cada clic de un botón")}};

static const struct cmd_command commands[] = {
    {{.name = "Widget",
      .kind = CELL_CLASS,
      .doc = N_("Un control de la página. w.value es su valor, y asignarlo lo mueve."),
      .see_also = "widget.slider Widget:observe interact"},
     NULL},
    {{.name = "Widget:observe",
      .kind = CELL_METHOD,
      .params = p_observe,
      .n_params = ARRAY_LEN(p_observe),
      .doc =
          N_("Llama a la función en cada cambio del valor, con {name, old, new, owner}; "
             "la de un botón recibe el botón en cada clic."),
      .example = "s = widget.slider{min = 0, max = 10}; s:observe(function(c) "
                 "print(c.new) end); s.value = 3"},
     w_observe},
    {{.name = "Widget:close",
      .kind = CELL_METHOD,
      .doc = N_("Quita el control de la página."),
      .example = "s = widget.slider(); s:close()"},
     w_close},
    {{.name = "Widget.id",
      .kind = CELL_FIELD,
      .returns = N_("un texto"),
      .doc = N_("El nombre del control en la página."),
      .example = "#widget.slider().id"},
     NULL},
};

void cmd_widget_open(lua_State *L) {
    lua_newtable(L);
    lua_newtable(L);
    lua_pushstring(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &by_id_key);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &shown_key);
    luaL_newmetatable(L, CMD_WIDGET);
    lua_pushcfunction(L, widget_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushboolean(L, false);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
    cmd_class(L, CMD_WIDGET, NULL, widget_field);
    cmd_class_meta(L, CMD_WIDGET, "__newindex", widget_newindex);
    cmd_class_meta(L, CMD_WIDGET, "__tostring", widget_tostring);
    cmd_class_meta(L, CMD_WIDGET, "__display", widget_display);
    cmd_register(L, commands, ARRAY_LEN(commands));
    cmd_widget_sync_open(L);
    cmd_widget_kinds_open(L);
}
