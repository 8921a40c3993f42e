/* fit_events.c: the events of a training as calls of the student's functions. */
#include "fit_events.h"

#include "base/i18n.h"
#include "callbacks.h"
#include "cell/cell.h"
#include "cell/error.h"

#include <lauxlib.h>
#include <math.h>

static void set_number(lua_State *L, const char *name, double v) {
    if (!isfinite(v))
        return;
    lua_pushnumber(L, v);
    lua_setfield(L, -2, name);
}

/* {epoch = 3, loss = 0.2, val_loss = 0.3, ...}: every column at the end of an epoch. */
static void push_log(lua_State *L, const struct nn_fit_event *ev) {
    const struct nn_history *h = ev->history;
    char name[64];
    lua_createtable(L, 0, 8);
    lua_pushinteger(L, ev->epoch);
    lua_setfield(L, -2, "epoch");
    if (ev->kind == NN_FIT_EPOCH_END && h && h->n > 0)
        for (int i = 0; nn_history_column_name(h, i, name); i++)
            set_number(L, name, nn_history_column(h, name)[h->n - 1]);
    set_number(L, "loss", ev->loss);
    set_number(L, "accuracy", ev->accuracy);
    set_number(L, "seconds", ev->seconds);
    set_number(L, "learning_rate", ev->learning_rate);
    if (ev->kind == NN_FIT_BATCH)
        set_number(L, "batch_loss", ev->batch_loss);
}

/* The functions at 2 under this name, with a number before the log when it is not -1. */
static void call_each(lua_State *L, struct cmd_training *t, const char *name,
                      lua_Integer number) {
    lua_Integer n = (lua_Integer)lua_rawlen(L, 2);
    for (lua_Integer i = 1; i <= n; i++) {
        int top = lua_gettop(L);
        lua_rawgeti(L, 2, i);
        if (lua_getfield(L, -1, name) == LUA_TFUNCTION) {
            if (number >= 0)
                lua_pushinteger(L, number);
            push_log(L, t->event);
            lua_call(L, number >= 0 ? 2 : 1, 1);
            t->asked = t->asked || (lua_isboolean(L, -1) && !lua_toboolean(L, -1));
        }
        lua_settop(L, top);
    }
}

/* LearningRateScheduler: f(epoch, rate) gives the rate of the epoch. */
static void set_rates(lua_State *L, struct nn_optim *o, int epoch) {
    lua_Integer n = (lua_Integer)lua_rawlen(L, 2);
    struct err e = {0};
    for (lua_Integer i = 1; i <= n; i++) {
        int top = lua_gettop(L);
        lua_rawgeti(L, 2, i);
        if (lua_getfield(L, -1, CMD_ON_RATE) == LUA_TFUNCTION) {
            lua_pushinteger(L, epoch);
            lua_pushnumber(L, o->learning_rate);
            lua_call(L, 2, 1);
            if (lua_type(L, -1) != LUA_TNUMBER)
                cell_raisef(L, ERR_ARG, "%s",
                            _("LearningRateScheduler: la función debe devolver la tasa, "
                              "un número"));
            if (nn_optim_set_learning_rate(o, lua_tonumber(L, -1), &e) < 0)
                cell_raise(L, &e);
        }
        lua_settop(L, top);
    }
}

/* Runs in protected mode: the training at 1, the list at 2. */
static int run_functions(lua_State *L) {
    struct cmd_training *t = lua_touserdata(L, 1);
    const struct nn_fit_event *ev = t->event;
    switch (ev->kind) {
    case NN_FIT_BEGIN:
        call_each(L, t, "on_train_begin", -1);
        break;
    case NN_FIT_EPOCH_BEGIN:
        set_rates(L, ev->model->optim, ev->epoch);
        call_each(L, t, "on_epoch_begin", ev->epoch);
        break;
    case NN_FIT_BATCH:
        call_each(L, t, "on_train_batch_end", (lua_Integer)ev->batch);
        break;
    case NN_FIT_EPOCH_END:
        call_each(L, t, CMD_ON_EPOCH, -1);
        call_each(L, t, "on_epoch_end", ev->epoch);
        break;
    case NN_FIT_END:
        call_each(L, t, "on_train_end", -1);
        break;
    case NN_FIT_NOTE:
        break;
    }
    return 0;
}

/* Is there a function for this event? Batches are many: nothing is set up for none. */
static bool wanted(lua_State *L, const struct cmd_training *t, const char *name) {
    bool yes = false;
    for (lua_Integer i = 1; !yes && lua_rawgeti(L, t->callbacks, i) == LUA_TTABLE; i++) {
        yes = lua_getfield(L, -1, name) == LUA_TFUNCTION;
        lua_pop(L, 2);
        if (yes)
            return true;
    }
    lua_pop(L, 1);
    return false;
}

static bool call_functions(struct cmd_training *t, const struct nn_fit_event *ev) {
    lua_State *L = t->L;
    if (lua_rawlen(L, t->callbacks) == 0 || t->failure.code ||
        (ev->kind == NN_FIT_BATCH && !wanted(L, t, "on_train_batch_end")))
        return true;
    t->event = ev;
    lua_pushcfunction(L, run_functions);
    lua_pushlightuserdata(L, t);
    lua_pushvalue(L, t->callbacks);
    return cell_pcall(L, 2, 0, &t->failure) == LUA_OK;
}

static void print_note(const struct cmd_live *v, const char *note) {
    char line[600];
    int n = snprintf(line, sizeof line, "%s\n", note);
    if (v->verbose > 0 && n > 0)
        v->host->stream(v->host->self, v->origin, HOST_STDOUT, line,
                        MIN_OF((size_t)n, sizeof line - 1));
}

int cmd_training_event(void *ctx, const struct nn_fit_event *ev) {
    struct cmd_training *t = ctx;
    if (ev->kind == NN_FIT_NOTE) {
        print_note(t->live, ev->note);
        return 0;
    }
    t->epoch = ev->epoch;
    t->seconds = ev->total_seconds;
    if (ev->kind == NN_FIT_BATCH) {
        t->batch = ev->batch;
        t->batches = ev->batches;
    }
    cmd_live_event(t->live, ev);
    if (!call_functions(t, ev))
        return 1;
    if (!t->controls)
        cell_stop_visit(t->L);
    else if (cmd_controls_attend(t->L, t->controls))
        t->by_button = true;
    return t->asked || t->by_button || cell_stop_poll(t->stop) != CELL_GO;
}
