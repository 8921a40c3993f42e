/* interact.c: interact{rate = {0.01, 2}, function(p) ... end}: a control per name, and the
 * function's output beside them, new at each change. */
#include "redirect.h"
#include "register.h"
#include "widget.h"

#include "base/i18n.h"
#include "cell/display.h"
#include "cell/error.h"

#include <math.h>

enum { CONTROLS_MAX = 32, LOG_RATIO = 100 };
enum { FUNCTION = 1, PARTS = 2, REDIRECT = 3 }; /* user values */

struct interact {
    struct cmd_redirect *out;
    bool again; /* something moved meanwhile */
};

/* ------------------------------------------------------------------------- the controls */

static void set_number(lua_State *L, int table, const char *name, double v, bool whole) {
    if (whole)
        lua_pushinteger(L, (lua_Integer)v);
    else
        lua_pushnumber(L, v);
    lua_setfield(L, table, name);
}

/* {min, max [, step]}: the options of a slider that begins in the middle. Numbers over two
 * orders of magnitude are a logarithmic one, and its middle is that of the exponents. */
static void slider_options(lua_State *L, int list, int options) {
    double v[3] = {0};
    bool whole = true;
    size_t n = lua_rawlen(L, list);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        whole = whole && lua_isinteger(L, -1);
        v[i] = lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    bool log = !whole && n == 2 && v[0] > 0 && v[1] / v[0] >= LOG_RATIO;
    double middle = log ? sqrt(v[0] * v[1]) : (v[0] + v[1]) / 2;
    if (n == 3 && v[2] > 0)
        middle = v[0] + floor((middle - v[0]) / v[2] + 1e-9) * v[2];
    set_number(L, options, "min", v[0], whole);
    set_number(L, options, "max", v[1], whole);
    if (n == 3)
        set_number(L, options, "step", v[2], whole);
    set_number(L, options, "value", whole ? floor(middle) : middle, whole);
    lua_pushboolean(L, log);
    lua_setfield(L, options, "log");
}

static bool all_numbers(lua_State *L, int list) {
    size_t n = lua_rawlen(L, list);
    for (size_t i = 1; i <= n; i++) {
        bool number = lua_rawgeti(L, list, (lua_Integer)i) == LUA_TNUMBER;
        lua_pop(L, 1);
        if (!number)
            return false;
    }
    return n == 2 || n == 3;
}

/* A table with names is the options of a slider: {value = 1, min = 0, max = 5}. */
static const char *from_table(lua_State *L, const char *name, int value, int options) {
    size_t n = lua_rawlen(L, value);
    if (all_numbers(L, value)) {
        slider_options(L, value, options);
        return "slider";
    }
    if (n > 0) {
        lua_pushvalue(L, value);
        lua_setfield(L, options, "options");
        return "dropdown";
    }
    for (lua_pushnil(L); lua_next(L, value);) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, options);
        n++;
    }
    if (n == 0)
        cell_raisef(L, ERR_ARG,
                    _("interact: %s está vacío; va {menor, mayor}, una lista de valores, "
                      "true, un número o un texto"),
                    name);
    return "slider";
}

/* n is a slider over -n to 3n, as in ipywidgets. */
static const char *from_number(lua_State *L, int value, int options) {
    double v = lua_tonumber(L, value);
    bool whole = lua_isinteger(L, value);
    double a = fabs(v) > 0 ? -v : 0, b = fabs(v) > 0 ? 3 * v : 1;
    set_number(L, options, "min", MIN_OF(a, b), whole);
    set_number(L, options, "max", MAX_OF(a, b), whole);
    set_number(L, options, "value", v, whole);
    return "slider";
}

/* Pushes the control for the value at `value`. */
static void push_control(lua_State *L, const char *name, int value) {
    if (cmd_widget_test(L, value)) {
        lua_pushvalue(L, value);
        return;
    }
    const char *command = NULL;
    lua_newtable(L);
    int options = lua_gettop(L), type = lua_type(L, value);
    if (type == LUA_TTABLE)
        command = from_table(L, name, value, options);
    else if (type == LUA_TNUMBER)
        command = from_number(L, value, options);
    else if (type == LUA_TBOOLEAN)
        command = "checkbox";
    else if (type == LUA_TSTRING)
        command = "text";
    else
        cell_raisef(L, ERR_ARG,
                    _("interact: %s: va {menor, mayor}, una lista de valores, true, un "
                      "número, un texto o un control, y llegó %s"),
                    name, cmd_value_text(L, value));
    if (type == LUA_TBOOLEAN || type == LUA_TSTRING) {
        lua_pushvalue(L, value);
        lua_setfield(L, options, "value");
    }
    lua_pushstring(L, name);
    lua_setfield(L, options, "description");
    cmd_widget_make(L, command);
}

/* ------------------------------------------------------------------------- the function */

/* Pushes {name = value} of the controls in the table at parts. */
static void push_values(lua_State *L, int parts) {
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, parts); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        cmd_widget_get(L, lua_gettop(L) - 1, "value");
        lua_rawset(L, -5);
    }
}

/* f(values) with the interact at 1; what it returns is shown as a cell would. */
static int call(lua_State *L) {
    lua_getiuservalue(L, 1, PARTS);
    int parts = lua_gettop(L);
    lua_getiuservalue(L, 1, FUNCTION);
    push_values(L, parts);
    lua_call(L, 1, LUA_MULTRET);
    int last = lua_gettop(L);
    for (int i = parts + 1; i <= last; i++)
        if (!lua_isnil(L, i))
            cell_display_send(L, i, NULL, false);
    return 0;
}

/* Calls the function for what moved, until nothing did. With the interact at 1. */
static int catch_up(lua_State *L) {
    struct interact *x = lua_touserdata(L, 1);
    struct err e = {0};
    while (x->again) {
        x->again = false;
        cmd_redirect_begin(L, x->out);
        lua_pushcfunction(L, call);
        lua_pushvalue(L, 1);
        bool ok = cell_pcall(L, 1, 0, &e) == LUA_OK;
        if (!ok)
            cmd_redirect_text(x->out, e.msg);
        cmd_redirect_end(L, x->out);
        if (!ok)
            return cell_raise(L, &e);
    }
    return 0;
}

/* A change of a control: upvalue 1 is the interact. A change that comes while the function
 * runs (a slider that moves while a network trains) is answered when it is done. */
static int on_change(lua_State *L) {
    lua_settop(L, 0);
    lua_pushvalue(L, lua_upvalueindex(1));
    struct interact *x = lua_touserdata(L, 1);
    x->again = true;
    return cmd_redirect_active(x->out) ? 0 : catch_up(L);
}

/* The call in the cell itself: an error of it is the cell's, with its own traceback. */
static void first_call(lua_State *L, int at) {
    struct interact *x = lua_touserdata(L, at);
    cmd_redirect_guard(L, x->out);
    int guard = lua_gettop(L);
    cmd_redirect_begin(L, x->out);
    lua_pushcfunction(L, call);
    lua_pushvalue(L, at);
    lua_call(L, 1, 0);
    lua_settop(L, guard - 1); /* closes the guard */
    lua_pushvalue(L, at);
}

/* ----------------------------------------------------------------------------- together */

/* The names in order, in a list on the stack. */
static lua_Integer push_names(lua_State *L) {
    lua_Integer n = 0;
    lua_newtable(L);
    int list = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            continue;
        const char *name = lua_tostring(L, -2);
        lua_Integer at = ++n; /* insertion: there are few */
        for (; at > 1; at--) {
            lua_rawgeti(L, list, at - 1);
            bool after = strcmp(lua_tostring(L, -1), name) > 0;
            if (!after) {
                lua_pop(L, 1);
                break;
            }
            lua_rawseti(L, list, at);
        }
        lua_pushvalue(L, -2);
        lua_rawseti(L, list, at);
        if (n > CONTROLS_MAX)
            cell_raisef(L, ERR_ARG, _("interact: son más de %d controles"),
                        (int)CONTROLS_MAX);
    }
    return n;
}

static void check(lua_State *L) {
    if (lua_type(L, 1) == LUA_TTABLE && lua_rawgeti(L, 1, 1) == LUA_TFUNCTION &&
        lua_rawlen(L, 1) == 1) {
        lua_settop(L, 1);
        return;
    }
    cell_raisef(L, ERR_ARG, "%s",
                _("interact: va una tabla con los nombres y una función: interact{k = "
                  "{1, 10}, function(p) return p.k end}"));
}

static struct interact *push_interact(lua_State *L) {
    struct interact *x = lua_newuserdatauv(L, sizeof *x, 3);
    *x = (struct interact){0};
    lua_rawgeti(L, 1, 1);
    lua_setiuservalue(L, -2, FUNCTION);
    lua_newtable(L);
    lua_setiuservalue(L, -2, PARTS);
    x->out = cmd_redirect_push(L);
    lua_setiuservalue(L, -2, REDIRECT);
    return x;
}

static int l_interact(lua_State *L) {
    luaL_checkstack(L, 40, "interact");
    check(L);
    push_interact(L);
    lua_Integer n = push_names(L);
    lua_getiuservalue(L, 2, PARTS);
    lua_newtable(L); /* children; 2 interact, 3 names, 4 parts, 5 children */
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, 3, i);
        lua_pushvalue(L, -1);
        lua_rawget(L, 1);
        push_control(L, lua_tostring(L, 6), 7);
        int control = lua_gettop(L);
        lua_pushvalue(L, control);
        lua_rawseti(L, 5, i);
        lua_pushvalue(L, 6);
        lua_pushvalue(L, control);
        lua_rawset(L, 4);
        lua_pushvalue(L, 2);
        lua_pushcclosure(L, on_change, 1);
        cmd_widget_listen(L, control);
        lua_settop(L, 5);
    }
    if (n > 0) {
        cmd_widget_make(L, "vbox");
        cell_display_send(L, -1, NULL, false);
    }
    first_call(L, 2);
    lua_replace(L, 1);
    lua_settop(L, 1);
    return catch_up(L);
}

static const struct cell_help_row row = {
    .name = "interact",
    .kind = CELL_FUNCTION,
    .signature = "interact{nombre = {menor, mayor}, ..., función}",
    .doc =
        N_("Pone un control por nombre y llama a la función con sus valores; en cada "
           "cambio, lo que la función muestra toma el lugar de lo anterior. {menor, "
           "mayor} y {menor, mayor, paso} son deslizadores (logarítmicos cuando hay "
           "decimales y el mayor es 100 veces el menor), una lista es para elegir, true "
           "o false es una casilla, y sirve cualquier control hecho con widget."),
    .example = "interact{k = {1, 10}, modo = {\"seno\", \"coseno\"}, function(p) return "
               "p.k .. p.modo end}",
    .see_also = "widget widget.slider"};

void cmd_interact_open(lua_State *L) {
    cmd_register_one(L, &row, l_interact);
}
