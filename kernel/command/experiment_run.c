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

static int run_default(lua_State *L) {
    const struct nn_dataset *d = cmd_box_test(L, 2, CMD_DATASET);
    lua_settop(L, 2);
    if (lua_getfield(L, 1, "model") != LUA_TFUNCTION)
        cell_raisef(L, ERR_ARG,
                    _("lab.experiments: falta model = function(cfg) … end, "
                      "que arma el modelo, y llegó %s"),
                    cmd_value_text(L, 3));
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    if (!cmd_box_test(L, 3, CMD_MODEL))
        cell_raisef(L, ERR_ARG,
                    _("lab.experiments: model debe devolver un modelo y devolvió %s"),
                    cmd_value_text(L, 3));
    compile(L, 1, 3, d);
    lua_getfield(L, 3, "fit");
    lua_pushvalue(L, 3);
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
    int epochs =
        lua_getfield(L, -1, "epochs") == LUA_TNUMBER ? (int)lua_tointeger(L, -1) : 1;
    lua_pop(L, 1);
    cmd_progress_follow(lua_touserdata(L, lua_upvalueindex(1)), -1, epochs);
    lua_call(L, 2, 1);
    return 2; /* model, history */
}

void cmd_experiment_push_default(lua_State *L, struct cmd_progress *p) {
    lua_pushlightuserdata(L, p);
    lua_pushcclosure(L, run_default, 1);
}
