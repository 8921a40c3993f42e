/* widget_sync.c: the messages of widgets (ipywidgets, packages/schema/messages.md, version
 * 2.1): open with the whole state, update both ways, echo_update, request_state, custom
 * events, and jupyter.widget.control, which a page asks for all states after a reload. */
#include "widget.h"

#include "base/i18n.h"
#include "cell/comm.h"
#include "cell/error.h"
#include "cell/json.h"

#include <math.h>

#define BASE     "@jupyter-widgets/base"
#define CONTROLS "@jupyter-widgets/controls"
#define VERSION  "2.0.0"

static const char *const target = "jupyter.widget";
static const char *const metadata = "{\"version\":\"2.1.0\"}";

/* Registry: the models of layout and style, by name and by id. */
static const char shared_id_key = 0, shared_state_key = 0;

static int on_message(lua_State *L);

/* ------------------------------------------------------------------- fields on the way */

static void set_text(lua_State *L, int table, const char *field, const char *text) {
    lua_pushstring(L, text);
    lua_setfield(L, table, field);
}

/* "IPY_MODEL_<id>" of each child. */
static void wire_children(lua_State *L, int wire, int list) {
    lua_Integer n = (lua_Integer)lua_rawlen(L, list);
    lua_createtable(L, (int)MIN_OF(n, 1000), 0);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, list, i);
        const struct cmd_widget *w = cmd_widget_test(L, -1);
        lua_pushfstring(L, "IPY_MODEL_%s", w ? w->id : "");
        lua_rawseti(L, -3, i);
        lua_pop(L, 1);
    }
    lua_setfield(L, wire, "children");
}

static void wire_options(lua_State *L, int wire, int list) {
    lua_Integer n = (lua_Integer)lua_rawlen(L, list);
    lua_createtable(L, (int)MIN_OF(n, 1000), 0);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, list, i);
        (void)luaL_tolstring(L, -1, NULL);
        lua_rawseti(L, -3, i);
        lua_pop(L, 1);
    }
    lua_setfield(L, wire, "_options_labels");
}

/* The index of a choice, from 0. */
static void wire_index(lua_State *L, int wire, int widget, int value) {
    cmd_widget_get(L, widget, "options");
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, -1, i);
        bool same = lua_compare(L, -1, value, LUA_OPEQ);
        lua_pop(L, 1);
        if (same) {
            lua_pushinteger(L, i - 1);
            lua_setfield(L, wire, "index");
            break;
        }
    }
    lua_pop(L, 1);
}

/* wire[...] = the field as the page knows it; the field's value is at value. */
static void wire_field(lua_State *L, int wire, int widget, const char *field, int value) {
    const struct cmd_widget *w = lua_touserdata(L, widget);
    enum cmd_widget_value kind = w->kind->value;
    bool end = strcmp(field, "min") == 0 || strcmp(field, "max") == 0;
    bool is_value = strcmp(field, "value") == 0;
    if (kind == CMD_WIDGET_CHILDREN && strcmp(field, "children") == 0) {
        wire_children(L, wire, value);
    } else if (strcmp(field, "options") == 0) {
        wire_options(L, wire, value);
    } else if (kind == CMD_WIDGET_CHOICE && is_value) {
        wire_index(L, wire, widget, value);
    } else if (kind == CMD_WIDGET_LOG && end) {
        lua_pushnumber(L, log10(lua_tonumber(L, value)));
        lua_setfield(L, wire, field);
    } else if (kind != CMD_WIDGET_IMAGE || !is_value) {
        lua_pushvalue(L, value);
        lua_setfield(L, wire, field);
    }
}

/* A model of layout or style: its id, opened when it is first needed. */
static void shared_model(lua_State *L, const char *module, const char *name,
                         const char *view, const char *more, char id[33]) {
    char state[512], data[560];
    lua_rawgetp(L, LUA_REGISTRYINDEX, &shared_id_key);
    if (lua_getfield(L, -1, name) == LUA_TSTRING) {
        (void)snprintf(id, 33, "%s", lua_tostring(L, -1));
        lua_pop(L, 2);
        return;
    }
    lua_pop(L, 1);
    (void)snprintf(state, sizeof state,
                   "{\"_model_module\":\"%s\",\"_model_module_version\":\"" VERSION
                   "\",\"_model_name\":\"%s\",\"_view_module\":\"" BASE
                   "\",\"_view_module_version\":\"" VERSION "\",\"_view_name\":\"%s\"%s}",
                   module, name, view, more);
    (void)snprintf(data, sizeof data, "{\"state\":%s,\"buffer_paths\":[]}", state);
    struct cell_comm_message m = {.data = data, .metadata = metadata};
    struct err e = {0};
    lua_pushcfunction(L, on_message);
    if (cell_comm_open(L, id, target, &m, &e) < 0)
        cmd_raise(L, &e);
    set_text(L, lua_gettop(L), name, id);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &shared_state_key);
    set_text(L, lua_gettop(L), id, state);
    lua_pop(L, 2);
}

static void wire_reference(lua_State *L, int wire, const char *field, const char *id) {
    lua_pushfstring(L, "IPY_MODEL_%s", id);
    lua_setfield(L, wire, field);
}

static void wire_names(lua_State *L, int wire, const struct cmd_widget_kind *k) {
    char id[33];
    set_text(L, wire, "_model_module", CONTROLS);
    set_text(L, wire, "_model_module_version", VERSION);
    set_text(L, wire, "_model_name", k->model);
    set_text(L, wire, "_view_module", CONTROLS);
    set_text(L, wire, "_view_module_version", VERSION);
    set_text(L, wire, "_view_name", k->view);
    shared_model(L, BASE, "LayoutModel", "LayoutView", "", id);
    wire_reference(L, wire, "layout", id);
    if (!k->style)
        return;
    bool button = strcmp(k->style, "ButtonStyleModel") == 0;
    shared_model(L, CONTROLS, k->style, "StyleView",
                 button ? "" : ",\"description_width\":\"initial\"", id);
    wire_reference(L, wire, "style", id);
}

/* Pushes the table of one field, or of the whole state. */
static int push_wire(lua_State *L, int widget, const char *field) {
    lua_newtable(L);
    int wire = lua_gettop(L);
    if (field) {
        cmd_widget_get(L, widget, field);
        wire_field(L, wire, widget, field, wire + 1);
    } else {
        const struct cmd_widget *w = lua_touserdata(L, widget);
        wire_names(L, wire, w->kind);
        lua_getiuservalue(L, widget, 1);
        for (lua_pushnil(L); lua_next(L, wire + 1); lua_pop(L, 1))
            wire_field(L, wire, widget, lua_tostring(L, -2), lua_gettop(L));
    }
    lua_settop(L, wire);
    return wire;
}

/* ------------------------------------------------------------------------- to the page */

/* Adds the JSON of the table at idx. */
static void add_json(lua_State *L, int idx, struct buf *b) {
    struct err e = {0};
    char *json = NULL;
    size_t n;
    if (cell_json_dump(L, idx, &json, &n, &e) < 0)
        cmd_raise(L, &e);
    buf_add(b, json, n);
    free(json);
}

/* The picture of an image goes as bytes beside the state. Its text is on the stack. */
static bool image_bytes(lua_State *L, int widget, const char *field,
                        struct host_buffer *b) {
    const struct cmd_widget *w = lua_touserdata(L, widget);
    if (w->kind->value != CMD_WIDGET_IMAGE || (field && strcmp(field, "value") != 0))
        return false;
    cmd_widget_get(L, widget, "value");
    b->data = lua_tolstring(L, -1, &b->len);
    return b->data != NULL;
}

/* Fills m; what it borrows stays on the stack. */
static void compose(lua_State *L, int widget, const char *method, const char *field,
                    struct host_buffer *bytes, struct cell_comm_message *m) {
    struct buf *b = cmd_buf(L);
    buf_puts(b, "{");
    if (method)
        buf_printf(b, "\"method\":\"%s\",", method);
    buf_puts(b, "\"state\":");
    add_json(L, push_wire(L, widget, field), b);
    bool image = image_bytes(L, widget, field, bytes);
    buf_puts(b, image ? ",\"buffer_paths\":[[\"value\"]]}" : ",\"buffer_paths\":[]}");
    if (b->failed)
        cmd_raise_nomem(L);
    *m = (struct cell_comm_message){
        .data = b->data, .metadata = metadata, .buffer = bytes, .n_buffers = image};
}

void cmd_widget_open_comm(lua_State *L, int idx) {
    struct cmd_widget *w = lua_touserdata(L, idx);
    struct host_buffer bytes = {0};
    struct cell_comm_message m;
    struct err e = {0};
    char id[CELL_COMM_ID];
    int top = lua_gettop(L);
    compose(L, idx, NULL, NULL, &bytes, &m);
    lua_pushcfunction(L, on_message);
    if (cell_comm_open(L, id, target, &m, &e) < 0)
        cmd_raise(L, &e);
    memcpy(w->id, id, sizeof id);
    lua_settop(L, top);
}

void cmd_widget_send(lua_State *L, int idx, const char *method, const char *field) {
    const struct cmd_widget *w = lua_touserdata(L, idx);
    struct host_buffer bytes = {0};
    struct cell_comm_message m;
    struct err e = {0};
    int top = lua_gettop(L);
    if (!w->kind || !w->id[0])
        return;
    compose(L, idx, method, field, &bytes, &m);
    if (cell_comm_send(L, w->id, &m, &e) < 0 && e.code != ERR_STATE)
        cmd_raise(L, &e); /* ERR_STATE: the page closed it meanwhile */
    lua_settop(L, top);
}

static const char late_key = 0;  /* registry: {widget, ...} whose value is kept back */
static const char next_key = 0;  /* registry: when a value may be sent at once again */
static const double pace = 0.02; /* seconds between two: 50 a second at most */

/* Sends what was kept back. The list is emptied first: what fails is not tried again. */
static int send_late(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &late_key);
    int list = lua_gettop(L);
    lua_Integer n = (lua_Integer)lua_rawlen(L, list);
    for (lua_Integer i = n; i > 0; i--) {
        lua_rawgeti(L, list, i);
        lua_pushnil(L);
        lua_rawseti(L, list, i);
        struct cmd_widget *w = lua_touserdata(L, -1);
        w->late = false;
        cmd_widget_send(L, list + 1, "update", "value");
        lua_settop(L, list);
    }
    lua_pop(L, 1);
    return 0;
}

static void keep_back(lua_State *L, int idx) {
    struct cmd_widget *w = lua_touserdata(L, idx);
    if (w->late)
        return;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &late_key);
    lua_pushvalue(L, idx);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_pop(L, 1);
    w->late = true;
}

void cmd_widget_post(lua_State *L, int idx, const char *field) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &next_key);
    double *next = lua_touserdata(L, -1), now = clock_seconds();
    lua_pop(L, 1);
    if (strcmp(field, "value") != 0) {
        cmd_widget_send(L, idx, "update", field);
        return;
    }
    keep_back(L, idx);
    if (now < *next)
        return;
    *next = now + pace;
    (void)send_late(L);
}

/* ----------------------------------------------------------------------- from the page */

/* state = {value = ...} or {index = ...}: all that a page can change of these widgets. */
static void take_state(lua_State *L, int widget, int state) {
    const struct cmd_widget *w = lua_touserdata(L, widget);
    if (w->kind->value == CMD_WIDGET_CHOICE) {
        if (lua_getfield(L, state, "index") == LUA_TNUMBER) {
            lua_Integer i = lua_tointeger(L, -1);
            cmd_widget_get(L, widget, "options");
            lua_rawgeti(L, -1, i + 1);
        }
    } else {
        lua_getfield(L, state, "value");
    }
    if (lua_isnil(L, -1) || w->kind->value == CMD_WIDGET_NOTHING ||
        w->kind->value == CMD_WIDGET_CHILDREN)
        return;
    cmd_widget_coerce(L, widget);
    cmd_widget_change(L, widget, "value", true);
}

static void send_shared(lua_State *L, const char *id) {
    char data[600];
    lua_rawgetp(L, LUA_REGISTRYINDEX, &shared_state_key);
    if (lua_getfield(L, -1, id) != LUA_TSTRING)
        return;
    (void)snprintf(data, sizeof data,
                   "{\"method\":\"update\",\"state\":%s,\"buffer_paths\":[]}",
                   lua_tostring(L, -1));
    struct cell_comm_message m = {.data = data};
    struct err e = {0};
    if (cell_comm_send(L, id, &m, &e) < 0)
        cmd_raise(L, &e);
}

static void take_message(lua_State *L, int widget, const char *method, int data) {
    if (strcmp(method, "update") == 0) {
        if (lua_getfield(L, data, "state") == LUA_TTABLE)
            take_state(L, widget, lua_gettop(L));
    } else if (strcmp(method, "request_state") == 0) {
        cmd_widget_send(L, widget, "update", NULL);
    } else if (strcmp(method, "custom") == 0) {
        const char *event = NULL;
        if (lua_getfield(L, data, "content") == LUA_TTABLE &&
            lua_getfield(L, -1, "event") == LUA_TSTRING)
            event = lua_tostring(L, -1);
        if (event && strcmp(event, "click") == 0)
            cmd_widget_click(L, widget);
    }
}

/* What the page closed is not used for the next widget. */
static void forget_shared(lua_State *L, const char *id) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &shared_id_key);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        if (strcmp(lua_tostring(L, -1), id) != 0)
            continue;
        lua_pushvalue(L, -2);
        lua_pushnil(L);
        lua_rawset(L, -5);
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &shared_state_key);
    lua_pushnil(L);
    lua_setfield(L, -2, id);
}

/* f(id, kind, data, buffers) */
static int on_message(lua_State *L) {
    const char *id = lua_tostring(L, 1), *kind = lua_tostring(L, 2);
    bool closing = strcmp(kind, "close") == 0;
    luaL_checkstack(L, 30, "widget");
    lua_getfield(L, 3, "method");
    const char *method = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    cmd_widget_table(L);
    lua_getfield(L, -1, id);
    int widget = lua_gettop(L);
    if (cmd_widget_test(L, widget)) {
        if (closing)
            cmd_widget_forget(L, widget);
        else
            take_message(L, widget, method, 3);
    } else if (closing) {
        forget_shared(L, id);
    } else if (strcmp(method, "request_state") == 0) {
        send_shared(L, id);
    }
    return 0;
}

/* ----------------------------------------------------------- all states, after a reload */

struct all_states {
    struct buf *text, *paths;
    struct host_buffer *bytes;
    size_t n, n_bytes;
};

static void add_entry(struct all_states *a, const char *id, const char *model,
                      const char *module) {
    buf_printf(a->text,
               "%s\"%s\":{\"model_name\":\"%s\",\"model_module\":\"%s\","
               "\"model_module_version\":\"" VERSION "\",\"state\":",
               a->n++ ? "," : "", id, model, module);
}

static void add_widget(lua_State *L, struct all_states *a, int widget) {
    const struct cmd_widget *w = cmd_widget_test(L, widget);
    if (!w)
        return;
    add_entry(a, w->id, w->kind->model, CONTROLS);
    add_json(L, push_wire(L, widget, NULL), a->text);
    buf_puts(a->text, "}");
    lua_pop(L, 1);
    if (image_bytes(L, widget, NULL, &a->bytes[a->n_bytes])) {
        buf_printf(a->paths, "%s[\"%s\",\"state\",\"value\"]", a->n_bytes ? "," : "",
                   w->id);
        a->n_bytes++;
        lua_pop(L, 1); /* the widget keeps the text */
    }
}

static void add_shared(lua_State *L, struct all_states *a) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &shared_id_key);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &shared_state_key);
    for (lua_pushnil(L); lua_next(L, -3); lua_pop(L, 1)) {
        const char *name = lua_tostring(L, -2), *id = lua_tostring(L, -1);
        add_entry(a, id, name, strcmp(name, "LayoutModel") == 0 ? BASE : CONTROLS);
        lua_getfield(L, -3, id);
        buf_puts(a->text, lua_tostring(L, -1));
        buf_puts(a->text, "}");
        lua_pop(L, 1);
    }
    lua_pop(L, 2);
}

/* The widgets as they are now, in a list of their own: the table is weak. Pushes it. */
static size_t push_widgets(lua_State *L) {
    lua_Integer n = 0;
    lua_newtable(L);
    cmd_widget_table(L);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        lua_pushvalue(L, -1);
        lua_rawseti(L, -5, ++n);
    }
    lua_pop(L, 1);
    return (size_t)n;
}

static void send_all(lua_State *L, const char *id) {
    size_t n = push_widgets(L);
    int list = lua_gettop(L);
    struct all_states a = {.bytes = cmd_scratch(L, n, sizeof *a.bytes)};
    a.text = cmd_buf(L);
    a.paths = cmd_buf(L);
    buf_puts(a.text, "{\"method\":\"update_states\",\"states\":{");
    for (size_t i = 1; i <= n; i++) {
        lua_rawgeti(L, list, (lua_Integer)i);
        add_widget(L, &a, lua_gettop(L));
        lua_pop(L, 1);
    }
    add_shared(L, &a);
    buf_printf(a.text, "},\"buffer_paths\":[%s]}", a.paths->data ? a.paths->data : "");
    if (a.text->failed || a.paths->failed)
        cmd_raise_nomem(L);
    struct cell_comm_message m = {
        .data = a.text->data, .buffer = a.bytes, .n_buffers = a.n_bytes};
    struct err e = {0};
    if (cell_comm_send(L, id, &m, &e) < 0)
        cmd_raise(L, &e);
}

static int on_control(lua_State *L) {
    if (strcmp(lua_tostring(L, 2), "msg") == 0 &&
        lua_getfield(L, 3, "method") == LUA_TSTRING &&
        strcmp(lua_tostring(L, -1), "request_states") == 0)
        send_all(L, lua_tostring(L, 1));
    return 0;
}

void cmd_widget_sync_open(lua_State *L) {
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &shared_id_key);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &shared_state_key);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &late_key);
    double *next = lua_newuserdatauv(L, sizeof *next, 0);
    *next = 0;
    lua_rawsetp(L, LUA_REGISTRYINDEX, &next_key);
    cell_at_end(L, send_late);
    lua_pushcfunction(L, on_control);
    cell_comm_target(L, "jupyter.widget.control");
}
