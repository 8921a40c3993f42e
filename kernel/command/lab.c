/* lab.c: the session's seed, and how often the network was run forwards and backwards. */
#include "objects.h"
#include "register.h"
#include "session.h"

#include "base/i18n.h"
#include "nn/tape.h"

#include <math.h>

static int lab_seed(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    cmd_session_set_seed(L, (uint64_t)cmd_integer(&a, "n"));
    return 0;
}

static int lab_passes(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_passes p = nn_passes_get();
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, (lua_Integer)p.forward);
    lua_setfield(L, -2, "forward");
    lua_pushinteger(L, (lua_Integer)p.backward);
    lua_setfield(L, -2, "backward");
    if (cmd_boolean(&a, "reset"))
        nn_passes_set((struct nn_passes){0});
    return 1;
}

/* Runs f and says what one run took: the passes of the first one, the seconds of the
 * fastest. What f returned first goes with it. */
static int lab_cost(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_passes before = nn_passes_get(), after = before;
    double seconds = INFINITY;
    lua_createtable(L, 0, 4);
    for (lua_Integer i = 0; i < cmd_integer(&a, "runs"); i++) {
        double start = clock_seconds();
        lua_pushvalue(L, cmd_slot(&a, "f"));
        lua_call(L, 0, 1);
        seconds = fmin(seconds, clock_seconds() - start);
        if (i == 0) {
            lua_setfield(L, -2, "value");
            after = nn_passes_get();
        } else {
            lua_pop(L, 1);
        }
    }
    lua_pushinteger(L, (lua_Integer)(after.forward - before.forward));
    lua_setfield(L, -2, "forward");
    lua_pushinteger(L, (lua_Integer)(after.backward - before.backward));
    lua_setfield(L, -2, "backward");
    lua_pushnumber(L, seconds);
    lua_setfield(L, -2, "seconds");
    return 1;
}

static const struct cell_help_param p_cost[] = {
    {.name = "f",
     .types = CELL_FUNCTION_VALUE,
     .flags = CELL_REQUIRED,
     .doc = N_("function() ... end: lo que se mide")},
    {.name = "runs",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED | CELL_MIN | CELL_MAX,
     .min = 1,
     .max = 100000,
     .fallback = "1",
     .doc = N_("cuántas veces se ejecuta; se informa la más rápida")}};
static const struct cell_help_param p_seed[] = {{.name = "n",
                                                 .types = CELL_INTEGER,
                                                 .flags = CELL_REQUIRED | CELL_MIN,
                                                 .min = 0,
                                                 .doc = N_("un entero desde 0")}};
static const struct cell_help_param p_passes[] = {
    {.name = "reset",
     .types = CELL_BOOLEAN,
     .fallback = "false",
     .doc = N_("vuelve a contar desde cero")}};

static const struct cmd_command commands[] = {
    {{.name = "lab",
      .kind = CELL_MODULE,
      .doc = N_("Lo que pertenece al laboratorio: la semilla y los contadores."),
      .see_also =
          "lab.seed lab.passes lab.cost lab.check lab.grade lab.table lab.experiments"},
     NULL},
    {{.name = "lab.seed",
      .kind = CELL_FUNCTION,
      .params = p_seed,
      .n_params = ARRAY_LEN(p_seed),
      .doc = N_("Fija la semilla de todo lo que es al azar: la misma semilla da los "
                "mismos números."),
      .example = "lab.seed(42); tensor.randn(3)"},
     lab_seed},
    {{.name = "lab.passes",
      .kind = CELL_FUNCTION,
      .params = p_passes,
      .n_params = ARRAY_LEN(p_passes),
      .returns = N_("{forward = …, backward = …}"),
      .doc = N_("Cuántas pasadas adelante y atrás se hicieron."),
      .example = "lab.passes{reset = true}; w = var(2); (w * 3):backward(); "
                 "lab.passes().backward",
      .see_also = "lab.cost"},
     lab_passes},
    {{.name = "lab.cost",
      .kind = CELL_FUNCTION,
      .params = p_cost,
      .n_params = ARRAY_LEN(p_cost),
      .returns = N_("lo de una ejecución: {forward = …, backward = …, seconds = …, value "
                    "= lo que devolvió f}"),
      .doc = N_("Ejecuta una función y dice qué costó: pasadas adelante, pasadas atrás y "
                "segundos."),
      .example =
          "w = var(2); lab.cost(function() return numeric_grad(function() return w "
          "^ 3 end, w) end).forward",
      .see_also = "lab.passes numeric_grad"},
     lab_cost},
};

void cmd_lab_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
