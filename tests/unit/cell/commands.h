/* commands.h: two commands and an object as kernel/command makes them, for tests of help,
 * completion, inspection and suggestions. */
#ifndef TESTS_CELL_COMMANDS_H
#define TESTS_CELL_COMMANDS_H

#include "cell/help.h"
#include "cell/suggest.h"

#include <lauxlib.h>

static const char *const activations[] = {"linear", "relu", "tanh", NULL};

static const struct cell_help_param dense_params[] = {
    {.name = "units",
     .types = CELL_INTEGER,
     .flags = CELL_REQUIRED | CELL_MIN,
     .min = 1,
     .doc = "número de neuronas"},
    {.name = "activation",
     .types = CELL_STRING,
     .fallback = "\"linear\"",
     .choices = activations,
     .doc = "función de activación"},
};

static const struct cell_help_param fit_params[] = {
    {.name = "d", .types = CELL_DATASET | CELL_TENSOR, .flags = CELL_REQUIRED},
    {.name = "epochs",
     .types = CELL_INTEGER,
     .flags = CELL_MIN | CELL_NAMED,
     .min = 1,
     .fallback = "10",
     .doc = "pasadas por los datos"},
    {.name = "validation_split",
     .types = CELL_NUMBER,
     .flags = CELL_MIN | CELL_MAX_OPEN | CELL_NAMED,
     .max = 1,
     .fallback = "0"},
    {.name = "nb_epoch", .types = CELL_INTEGER, .flags = CELL_HIDDEN},
};

static const char *const metrics[] = {"accuracy", "mae", "mse", NULL};

static const struct cell_help_param compile_params[] = {
    {.name = "loss",
     .types = CELL_STRING | CELL_LOSS,
     .flags = CELL_REQUIRED | CELL_OPEN,
     .choices = metrics + 1},
    {.name = "metrics",
     .types = CELL_LIST_STRING | CELL_STRING,
     .flags = CELL_OPEN,
     .choices = metrics},
};

static const struct cell_help_param load_params[] = {
    {.name = "path", .types = CELL_STRING, .flags = CELL_REQUIRED, .doc = "un archivo"}};

static const struct cell_help_row command_rows[] = {
    {.name = "nn", .kind = CELL_MODULE, .doc = "Capas y modelos."},
    {.name = "nn.Dense",
     .kind = CELL_FUNCTION,
     .params = dense_params,
     .n_params = 2,
     .returns = "una capa",
     .doc = "Capa densa: cada neurona ve todas las entradas. Más texto.",
     .shapes = "(n, d) → (n, units)",
     .formula = "y = \\sigma(x W + b)",
     .example = "nn.Dense{128, activation = \"relu\"}",
     .see_also = "nn.Sequential"},
    {.name = "nn.Sequential", .kind = CELL_FUNCTION, .doc = "Un modelo."},
    {.name = "Model", .kind = CELL_CLASS, .doc = "Un modelo."},
    {.name = "Model:fit",
     .kind = CELL_METHOD,
     .params = fit_params,
     .n_params = 4,
     .doc = "Entrena el modelo."},
    {.name = "Model.loss", .kind = CELL_FIELD, .doc = "La pérdida."},
    {.name = "nn.load",
     .kind = CELL_FUNCTION,
     .params = load_params,
     .n_params = 1,
     .doc = "Lee un modelo."},
    {.name = "Model:compile",
     .kind = CELL_METHOD,
     .params = compile_params,
     .n_params = 2,
     .doc = "Elige."},
    {.name = "lab.experiments",
     .kind = CELL_FUNCTION,
     .takes = "Model:compile Model:fit",
     .doc = "Compara."},
};

static int l_nothing(lua_State *L) {
    (void)L;
    return 0;
}

static int l_index(lua_State *L) {
    lua_getmetatable(L, 1);
    lua_getfield(L, -1, "methods");
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) == LUA_TNIL)
        return cell_raise_no_member(L, "Model", 2, lua_gettop(L) - 1);
    return 1;
}

static int l_names(lua_State *L) {
    lua_createtable(L, 1, 0);
    lua_pushliteral(L, "val_loss");
    lua_rawseti(L, -2, 1);
    return 1;
}

/* A global m of type Model, and the strict module nn. */
static int open_commands(lua_State *L) {
    cell_help_register(L, command_rows, sizeof command_rows / sizeof *command_rows);
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, l_nothing);
    lua_setfield(L, -2, "Dense");
    lua_pushcfunction(L, l_names);
    lua_setfield(L, -2, "Sequential");
    cell_strict_module(L, -1, "nn");
    lua_setglobal(L, "nn");
    lua_newuserdatauv(L, 0, 0);
    luaL_newmetatable(L, "Model");
    lua_pushcfunction(L, l_index);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, l_names);
    lua_setfield(L, -2, "__complete");
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, l_nothing);
    lua_setfield(L, -2, "fit");
    lua_setfield(L, -2, "methods");
    lua_setmetatable(L, -2);
    lua_setglobal(L, "m");
    return 0;
}

#endif
