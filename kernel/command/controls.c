/* controls.c: see controls.h. */
#include "controls.h"
#include "box.h"
#include "widget.h"

#include "base/i18n.h"
#include "cell/cell.h"
#include "cell/display.h"
#include "cell/error.h"
#include "cell/stop.h"

enum { WIDGETS = 1 }; /* user value: {stop, pause, rate, the box of all} */
static const double rate_span =
    1000; /* the slider goes from rate / 1000 to rate * 1000 */

/* The callbacks: upvalue 1 is the userdata of the controls. */
static struct cmd_controls *self(lua_State *L) {
    return lua_touserdata(L, lua_upvalueindex(1));
}

static int on_stop(lua_State *L) {
    self(L)->stop = true;
    return 0;
}

/* f(button) */
static int on_pause(lua_State *L) {
    struct cmd_controls *c = self(L);
    c->paused = !c->paused;
    lua_pushstring(L, c->paused ? _("Continuar") : _("Pausar"));
    cmd_widget_set(L, 1, "description");
    lua_pushstring(L, c->paused ? "play" : "pause");
    cmd_widget_set(L, 1, "icon");
    return 0;
}

/* f{new = rate} */
static int on_rate(lua_State *L) {
    struct cmd_controls *c = self(L);
    struct err e = {0};
    if (!c->optim || c->following) /* the training is over, or it follows it */
        return 0;
    lua_getfield(L, 1, "new");
    if (nn_optim_set_learning_rate(c->optim, lua_tonumber(L, -1), &e) < 0)
        return cell_raise(L, &e);
    c->shown = c->optim->learning_rate;
    return 0;
}

static void set_text(lua_State *L, const char *name, const char *text) {
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

/* The widget on top listens with f and becomes number i of the list at list. */
static void add(lua_State *L, struct cmd_controls *c, lua_CFunction f, int list,
                lua_Integer i) {
    if (f) {
        lua_pushvalue(L, c->box);
        lua_pushcclosure(L, f, 1);
        cmd_widget_listen(L, lua_gettop(L) - 1);
    }
    lua_rawseti(L, list, i);
}

static void add_button(lua_State *L, struct cmd_controls *c, const char *text,
                       const char *icon, lua_CFunction f, int list, lua_Integer i) {
    lua_newtable(L);
    set_text(L, "description", text);
    set_text(L, "icon", icon);
    cmd_widget_make(L, "button");
    add(L, c, f, list, i);
}

static void add_rate(lua_State *L, struct cmd_controls *c, int list) {
    double rate = c->optim->learning_rate;
    lua_newtable(L);
    set_text(L, "description", _("tasa de aprendizaje"));
    lua_pushnumber(L, rate);
    lua_setfield(L, -2, "value");
    lua_pushnumber(L, rate / rate_span);
    lua_setfield(L, -2, "min");
    lua_pushnumber(L, rate * rate_span);
    lua_setfield(L, -2, "max");
    lua_pushboolean(L, true);
    lua_setfield(L, -2, "log");
    cmd_widget_make(L, "slider");
    add(L, c, on_rate, list, 3);
}

struct cmd_controls *cmd_controls_push(lua_State *L, struct nn_optim *optim) {
    luaL_checkstack(L, 20, "fit");
    struct cmd_controls *c = lua_newuserdatauv(L, sizeof *c, 1);
    *c = (struct cmd_controls){.optim = optim,
                               .shown = optim->learning_rate,
                               .has_rate =
                                   !optim->schedule.type && optim->learning_rate > 0,
                               .box = lua_gettop(L)};
    lua_newtable(L);
    int list = lua_gettop(L);
    lua_pushvalue(L, list);
    lua_setiuservalue(L, c->box, WIDGETS);
    add_button(L, c, _("Detener"), "stop", on_stop, list, 1);
    add_button(L, c, _("Pausar"), "pause", on_pause, list, 2);
    if (c->has_rate)
        add_rate(L, c, list);
    lua_newtable(L);
    for (lua_Integer i = 1; i <= 2 + c->has_rate; i++) {
        lua_rawgeti(L, list, i);
        lua_rawseti(L, -2, i);
    }
    cmd_widget_make(L, "hbox");
    cell_display_id(c->id);
    cell_display_send(L, -1, c->id, false);
    add(L, c, NULL, list, 3 + c->has_rate);
    lua_settop(L, c->box);
    return c;
}

/* The controls at 1: the slider goes to where a callback has set the rate. */
static int follow(lua_State *L) {
    struct cmd_controls *c = lua_touserdata(L, 1);
    lua_getiuservalue(L, 1, WIDGETS);
    lua_rawgeti(L, -1, 3);
    if (cmd_widget_test(L, -1)) {
        lua_pushnumber(L, c->shown);
        cmd_widget_set(L, lua_gettop(L) - 1, "value");
    }
    return 0;
}

static void follow_rate(lua_State *L, struct cmd_controls *c) {
    struct err e = {0};
    if (!c->has_rate || c->shown == c->optim->learning_rate)
        return;
    c->shown = c->optim->learning_rate;
    c->following = true;
    lua_pushcfunction(L, follow);
    lua_pushvalue(L, c->box);
    (void)cell_pcall(L, 1, 0, &e); /* a slider that stands wrong ends no training */
    c->following = false;
}

bool cmd_controls_attend(lua_State *L, struct cmd_controls *c) {
    struct cell_stop *s = cell_stop_of(L);
    cell_stop_visit(L);
    follow_rate(L, c);
    if (c->paused && !c->stop) {
        double before = clock_seconds();
        while (c->paused && !c->stop && cell_stop_poll(s) == CELL_GO)
            cell_stop_wait(L);
        c->seconds += clock_seconds() - before;
    }
    return c->stop;
}

/* What stays in the notebook in place of the controls. */
static void show_rest(lua_State *L, const struct cmd_controls *c, double rate) {
    struct buf *b = cmd_buf(L);
    struct mime_bundle *m = cmd_bundle(L);
    const struct host *h = cell_host(L);
    buf_printf(b, _("tasa de aprendizaje: %.4g"), rate);
    if (c->seconds > 0)
        buf_printf(b, _(" · en pausa %.1f s"), c->seconds);
    if (b->failed || !mime_add(m, "text/plain", b->data, b->len))
        cmd_raise_nomem(L);
    h->display(h->self, ORIGIN_CURRENT, m, c->id, true);
}

void cmd_controls_close(lua_State *L, struct cmd_controls *c) {
    int top = lua_gettop(L);
    double rate = c->optim->learning_rate;
    c->optim = NULL;
    lua_getiuservalue(L, c->box, WIDGETS);
    int list = lua_gettop(L);
    show_rest(L, c, rate);
    for (lua_Integer i = (lua_Integer)lua_rawlen(L, list); i > 0; i--) {
        lua_rawgeti(L, list, i);
        cmd_widget_close(L, lua_gettop(L));
        lua_pop(L, 1);
    }
    lua_settop(L, top);
}
