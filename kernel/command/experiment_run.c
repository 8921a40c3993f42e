/* experiment_run.c: one configuration trained: model(cfg), compile and fit with the options
 * that cfg has of theirs. */
#include "experiments.h"

#include "objects.h"

#include "base/i18n.h"
#include "cell/error.h"

/* Pushes a table with cfg's values for the parameters of a command, by their names. */
static void push_options(lua_State *L, int cfg, const char *command) {
    const struct cell_help_row *row = cell_help_find(L, command, strlen(command));
    lua_newtable(L);
    for (size_t i = 0; row && i < row->n_params; i++) {
        const char *name = row->params[i].name;
        static const char *const skip[] = {"x", "y", "caption", "label"};
        bool own = false;
        for (size_t k = 0; k < ARRAY_LEN(skip); k++)
            own = own || strcmp(name, skip[k]) == 0;
        if (!own && lua_getfield(L, cfg, name) != LUA_TNIL)
            lua_setfield(L, -2, name);
        else if (!own)
            lua_pop(L, 1);
    }
}

static void set_default(lua_State *L, const char *name, const char *value) {
    if (lua_getfield(L, -1, name) == LUA_TNIL) {
        lua_pushstring(L, value);
        lua_setfield(L, -3, name);
    }
    lua_pop(L, 1);
}

/* A rate beside an optimizer's name; an optimizer that is given has its own. */
static void set_rate(lua_State *L, int cfg, int model) {
    if (lua_getfield(L, cfg, "learning_rate") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    if (lua_getfield(L, cfg, "optimizer") == LUA_TUSERDATA)
        cell_raisef(L, ERR_ARG, "%s",
                    _("lab.experiments: learning_rate va junto al nombre de un "
                      "optimizador; si optimizer es un objeto, la tasa va dentro de él"));
    lua_pop(L, 1);
    lua_getfield(L, model, "optimizer");
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "learning_rate");
    lua_pop(L, 2);
}

static void compile(lua_State *L, int cfg, int model, const struct nn_dataset *d) {
    lua_getfield(L, model, "compile");
    lua_pushvalue(L, model);
    push_options(L, cfg, "Model:compile");
    if (d)
        set_default(L, "loss", d->n_classes ? "sparse_categorical_crossentropy" : "mse");
    lua_call(L, 2, 0);
    set_rate(L, cfg, model);
}

static bool counts_accuracy(const struct nn_model *m) {
    for (int i = 0; i < m->n_metrics; i++)
        if (strcmp(m->metric[i], "accuracy") == 0)
            return true;
    return false;
}

/* Item n of the list on top: at the end the weights of the best epoch come back. */
static void add_restoring(lua_State *L, const struct nn_model *m, int n) {
    int list = lua_gettop(L);
    lua_getglobal(L, "callbacks");
    lua_getfield(L, -1, "EarlyStopping");
    lua_newtable(L);
    lua_pushstring(L, counts_accuracy(m) ? "val_accuracy" : "val_loss");
    lua_setfield(L, -2, "monitor");
    lua_pushinteger(L, 1000000); /* it never stops */
    lua_setfield(L, -2, "patience");
    lua_pushboolean(L, true);
    lua_setfield(L, -2, "restore_best_weights");
    lua_call(L, 1, 1);
    lua_rawseti(L, list, n);
    lua_settop(L, list);
}

/* The callbacks of the options on top, then the progress at 3, and the one that brings the
 * weights of the best epoch back where there is validation. */
static void add_callbacks(lua_State *L, const struct nn_model *m, bool validated) {
    int options = lua_gettop(L), n = 0;
    lua_getfield(L, options, "validation_data");
    lua_getfield(L, options, "validation_split");
    validated = validated || !lua_isnil(L, -2) || lua_tonumber(L, -1) > 0;
    lua_settop(L, options);
    lua_newtable(L);
    if (lua_getfield(L, options, "callbacks") == LUA_TTABLE &&
        !luaL_getmetafield(L, -1, "__name"))
        for (; lua_rawgeti(L, options + 2, n + 1) != LUA_TNIL; n++)
            lua_rawseti(L, options + 1, n + 1);
    else if (!lua_isnil(L, options + 2)) {
        lua_pushvalue(L, options + 2);
        lua_rawseti(L, options + 1, ++n);
    }
    lua_settop(L, options + 1);
    lua_pushvalue(L, 3);
    lua_rawseti(L, options + 1, ++n);
    if (validated)
        add_restoring(L, m, n + 1);
    lua_setfield(L, options, "callbacks");
}

static int run_default(lua_State *L) {
    const struct nn_dataset *d = cmd_box_test(L, 2, CMD_DATASET);
    lua_settop(L, 3);
    luaL_checkstack(L, 30, "lab.experiments");
    if (lua_getfield(L, 1, "model") != LUA_TFUNCTION)
        cell_raisef(L, ERR_ARG,
                    _("lab.experiments: falta model = function(cfg) … end, "
                      "que arma el modelo, y llegó %s"),
                    cmd_value_text(L, 4));
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    const struct nn_model *m = cmd_box_test(L, 4, CMD_MODEL);
    if (!m)
        cell_raisef(L, ERR_ARG,
                    _("lab.experiments: model debe devolver un modelo y devolvió %s"),
                    cmd_value_text(L, 4));
    compile(L, 1, 4, d);
    lua_getfield(L, 4, "fit");
    lua_pushvalue(L, 4);
    push_options(L, 1, "Model:fit");
    lua_pushvalue(L, 2);
    lua_rawseti(L, -2, 1);
    lua_getfield(L, -1, "validation_split");
    lua_getfield(L, -2, "validation_data");
    if (d && !d->x_valid && lua_isnil(L, -1) && lua_isnil(L, -2)) {
        lua_pushnumber(L, 0.1);
        lua_setfield(L, -4, "validation_split");
    }
    lua_pop(L, 2);
    if (lua_getfield(L, -1, "verbose") == LUA_TNIL) {
        lua_pushinteger(L, 0);
        lua_setfield(L, -3, "verbose");
    }
    lua_pop(L, 1);
    add_callbacks(L, m, d && d->x_valid);
    lua_call(L, 2, 1);
    return 2; /* model, history */
}

void cmd_experiment_push_default(lua_State *L) {
    lua_pushcfunction(L, run_default);
}
