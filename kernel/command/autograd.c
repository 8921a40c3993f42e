/* autograd.c: var, backward, grad, no_grad: the tape from the cell. */
#include "autograd.h"
#include "register.h"
#include "show.h"
#include "tensor.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "nn/tape.h"

static int l_var(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_var *x = cmd_tensor(&a, "x");
    const char *dtype = cmd_text(&a, "dtype"), *name = cmd_text(&a, "name");
    enum nn_dtype d = dtype                ? cmd_to_dtype(L, dtype)
                      : x->dtype == NN_F32 ? NN_F32
                                           : NN_F64;
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_cast(hold, x->value, d, &e) < 0)
        cmd_raise(L, &e);
    cmd_hold_finish(L);
    struct nn_var *v = cmd_var_test(L, -1);
    if (nn_var_set_requires_grad(v, true, &e) < 0 ||
        (name && nn_var_set_name(v, name, &e) < 0))
        cmd_raise(L, &e);
    return 1;
}

static int m_backward(lua_State *L) {
    struct nn_var *y = cmd_self(L, CMD_TENSOR);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    struct nn_var *seed = cmd_tensor(&a, "gradient");
    bool keep = cmd_boolean(&a, "keep");
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L); /* the seed in y's dtype */
    if (seed && nn_tensor_cast(hold, seed->value, y->dtype, &e) < 0)
        cmd_raise(L, &e);
    if (nn_var_backward(y, seed ? *hold : NULL, keep, &e) < 0)
        cmd_raise(L, &e);
    return 0;
}

static int m_zero_grad(lua_State *L) {
    nn_var_zero_grad(cmd_self(L, CMD_TENSOR));
    return 0;
}

static int m_detach(lua_State *L) {
    struct nn_var *v = cmd_self(L, CMD_TENSOR);
    struct err e = {0};
    struct nn_var **slot = cmd_var_push(L);
    if (nn_var_detach(slot, v, &e) < 0)
        cmd_raise(L, &e);
    return 1;
}

/* The released gradients of a call that failed half-way are the engine's affair: on
 * success each goes at once into a holder. */
static int l_grad(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_var *y = cmd_tensor(&a, "y"), *x[CMD_VARS_MAX];
    bool list = !cmd_var_test(L, cmd_slot(&a, "x"));
    int n = cmd_read_vars(&a, "x", x), keys = lua_gettop(L) - n;
    struct err e = {0};
    luaL_checkstack(L, n + 8, "grad");
    struct nn_tensor ***hold = cmd_scratch(L, (size_t)n, sizeof *hold);
    struct nn_tensor **out = cmd_scratch(L, (size_t)n, sizeof *out);
    for (int i = 0; i < n; i++)
        hold[i] = cmd_hold(L);
    int first = lua_gettop(L) - n + 1;
    int rc = nn_var_gradients(out, y, n, x, cmd_boolean(&a, "keep"), &e);
    if (rc < 0)
        cmd_raise(L, &e);
    for (int i = 0; i < n; i++)
        *hold[i] = out[i];
    if (!list) {
        cmd_push_value(L, out[0]);
        return 1;
    }
    lua_createtable(L, n, 0);
    for (int i = 0; i < n; i++) {
        lua_geti(L, keys, i + 1);
        cmd_push_value(L, *(struct nn_tensor **)lua_touserdata(L, first + i));
        lua_rawset(L, -3);
    }
    return 1;
}

/* Runs f without remembering anything; passes its results on. */
static int l_no_grad(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    lua_pushvalue(L, cmd_slot(&a, "f"));
    int top = lua_gettop(L) - 1;
    bool before = nn_grad_set_enabled(false);
    struct err e = {0};
    int rc = cell_pcall(L, 0, LUA_MULTRET, &e);
    nn_grad_set_enabled(before);
    if (rc != LUA_OK)
        cmd_raise(L, &e);
    return lua_gettop(L) - top;
}

static const char *const real_dtypes[] = {"float32", "float64", NULL};
static const struct cell_help_param p_var[] = {
    {.name = "x",
     .types = CELL_TENSOR | CELL_NUMBER,
     .flags = CELL_REQUIRED | CELL_AUTO,
     .doc = N_("un número, un tensor o una lista; se copia")},
    {.name = "name",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("nombre para tablas y dibujos")},
    {.name = "dtype",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .choices = real_dtypes,
     .doc = N_("tipo de los números; sin él float64, o el del tensor")}};
static const struct cell_help_param p_backward[] = {
    {.name = "gradient",
     .types = CELL_TENSOR | CELL_NUMBER,
     .flags = CELL_AUTO,
     .doc = N_("gradiente de partida, con la forma del resultado; sin él, 1")},
    {.name = "keep",
     .types = CELL_BOOLEAN,
     .fallback = "false",
     .doc = N_("conserva el grafo para otro backward()")}};
static const struct cell_help_param p_grad[] = {
    {.name = "y",
     .types = CELL_TENSOR,
     .flags = CELL_REQUIRED,
     .doc = N_("el resultado, de un solo número")},
    {.name = "x",
     .types = CELL_TENSOR | CELL_TABLE,
     .flags = CELL_REQUIRED,
     .doc = N_("una variable o una lista de variables")},
    {.name = "keep",
     .types = CELL_BOOLEAN,
     .fallback = "true",
     .doc = N_("conserva el grafo para otra derivada")}};
static const struct cell_help_param p_no_grad[] = {{.name = "f",
                                                    .types = CELL_FUNCTION_VALUE,
                                                    .flags = CELL_REQUIRED,
                                                    .doc = N_("función sin argumentos")}};

#define ROW(title, how, list, back, text, ex)                                            \
    .name = title, .kind = how, .params = list, .n_params = ARRAY_LEN(list),             \
    .returns = back, .doc = text, .example = ex

static const struct cmd_command commands[] = {
    {{ROW("var", CELL_FUNCTION, p_var, N_("un tensor que pide gradiente"),
          N_("Marca una variable: lo que se calcule con ella se puede derivar."),
          "w = var{0.8, name = \"w\"}; y = sigmoid(w * 0.5 + 0.2); y:backward(); w.grad"),
      .see_also = "grad gradcheck Tensor:backward"},
     l_var},
    {{ROW("Tensor:backward", CELL_METHOD, p_backward, NULL,
          N_("Backpropagation: suma en .grad de cada variable la derivada de este "
             "resultado."),
          "w = var(3); C = (w - 1)^2; C:backward(); w.grad"),
      .see_also = "grad Tensor:zero_grad"},
     m_backward},
    {{.name = "Tensor:zero_grad",
      .kind = CELL_METHOD,
      .doc = N_("Borra el gradiente: el próximo backward() parte de cero."),
      .example = "w = var(3); y = w * w; y:backward(); w:zero_grad(); w.grad"},
     m_zero_grad},
    {{.name = "Tensor:detach",
      .kind = CELL_METHOD,
      .returns = N_("un tensor"),
      .doc = N_("El mismo valor sin historia; comparte la memoria."),
      .example = "y = var(3) * 2; y:detach()"},
     m_detach},
    {{ROW("grad", CELL_FUNCTION, p_grad, N_("un número, un tensor o una lista de ellos"),
          N_("La derivada de y respecto de x, sin tocar .grad."),
          "w = var(3); grad((w - 1)^2, w)"),
      .formula = "\\frac{\\partial y}{\\partial x}"},
     l_grad},
    {{ROW("no_grad", CELL_FUNCTION, p_no_grad, N_("lo que devuelva la función"),
          N_("Ejecuta una función sin recordar el grafo."),
          "w = var(3); no_grad(function() return w * 2 end)")},
     l_no_grad},
};

void cmd_autograd_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
