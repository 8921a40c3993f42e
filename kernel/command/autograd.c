/* autograd.c: var, backward, grad, gradcheck: the tape from the cell. */
#include "autograd.h"
#include "register.h"
#include "show.h"
#include "tensor.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "nn/gradcheck.h"

#include <math.h>

enum { PARAMS_MAX = 64 };

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

/* The vars at idx: one tensor, or a table of them (a list, or by name). Pushes the vars'
 * boxes on the stack, so that they live; returns how many. */
static int read_vars(const struct cmd_args *a, const char *name,
                     struct nn_var *v[PARAMS_MAX]) {
    lua_State *L = a->L;
    int slot = cmd_slot(a, name), n = 0;
    v[0] = cmd_var_test(L, slot);
    if (v[0])
        return 1;
    luaL_checkstack(L, PARAMS_MAX + 8, name);
    if (lua_istable(L, slot)) {
        lua_pushnil(L);
        while (lua_next(L, slot)) {
            if (n == PARAMS_MAX)
                cmd_refuse(a, name, _("son más de %d"), PARAMS_MAX);
            v[n] = cmd_var_test(L, -1);
            if (!v[n++])
                cmd_refuse(a, name, _("se esperaban variables (var) y llegó %s"),
                           cmd_value_text(L, -1));
            lua_insert(L, -2); /* box below, key on top */
        }
    }
    if (n == 0)
        cmd_refuse(a, name, "%s", _("falta una variable (var) o una lista de ellas"));
    return n;
}

/* The released gradients of a call that failed half-way are the engine's affair: on
 * success each goes at once into a holder. */
static int l_grad(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_var *y = cmd_tensor(&a, "y"), *x[PARAMS_MAX];
    bool list = !cmd_var_test(L, cmd_slot(&a, "x"));
    int n = read_vars(&a, "x", x);
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
        cmd_push_value(L, *(struct nn_tensor **)lua_touserdata(L, first + i));
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

/* The student's function as the engine's loss: called with the parameters. */
struct loss_call {
    lua_State *L;
    int function; /* stack index */
    int n;
    int boxes; /* stack index of the first argument's box, n of them */
    const char *command;
};

static int call_loss(struct nn_var **out, void *ctx, struct err *e) {
    struct loss_call *c = ctx;
    lua_State *L = c->L;
    *out = NULL;
    lua_pushvalue(L, c->function);
    for (int i = 0; i < c->n; i++)
        lua_pushvalue(L, c->boxes + i);
    int rc = cell_pcall(L, c->n, 1, e);
    if (rc != LUA_OK)
        return e->code < 0 ? e->code : ERR_STATE;
    struct nn_var *y = cmd_var_test(L, -1);
    /* t[i] is a plain number while the check evaluates without a tape */
    bool number = lua_type(L, -1) == LUA_TNUMBER && !nn_grad_enabled();
    double value = lua_tonumber(L, -1);
    if (y)
        *out = nn_var_retain(y);
    lua_pop(L, 1);
    if (number)
        return nn_var_scalar(out, value, e);
    if (!y)
        return err_set(e, ERR_ARG,
                       _("%s: la función debe devolver un tensor de un solo "
                         "número que dependa de las variables"),
                       c->command);
    return 0;
}

/* One row of the verdict as a Lua table. */
static void push_check_row(lua_State *L, const struct nn_gradcheck_row *r) {
    lua_createtable(L, 0, 8);
    lua_pushstring(L, r->name);
    lua_setfield(L, -2, "name");
    lua_pushnumber(L, r->error);
    lua_setfield(L, -2, "error");
    lua_pushnumber(L, r->analytic);
    lua_setfield(L, -2, "analytic");
    lua_pushnumber(L, r->numeric);
    lua_setfield(L, -2, "numeric");
    lua_pushinteger(L, (lua_Integer)r->worst + 1);
    lua_setfield(L, -2, "worst");
    lua_pushinteger(L, (lua_Integer)r->checked);
    lua_setfield(L, -2, "checked");
    lua_pushboolean(L, r->verdict == NN_GRAD_RIGHT || r->verdict == NN_GRAD_FAIR);
    lua_setfield(L, -2, "ok");
    lua_pushstring(L, nn_grad_verdict_text(r->verdict));
    lua_setfield(L, -2, "verdict");
}

static void push_check(lua_State *L, const struct nn_gradcheck_row *rows, int n) {
    static const char *const headers[] = {N_("variable"),        N_("error relativo"),
                                          N_("backpropagation"), N_("numérico"),
                                          N_("revisados"),       N_("veredicto")};
    struct cmd_table *t =
        cmd_table_push(L, ARRAY_LEN(headers), headers, "lrrrrl", "GradCheck");
    bool ok = true;
    double worst = 0;
    for (int i = 0; i < n; i++) {
        const struct nn_gradcheck_row *r = &rows[i];
        cmd_table_cell(L, t, "%s", r->name);
        cmd_table_cell(L, t, "%.1e", r->error);
        cmd_table_cell(L, t, "%.8g", r->analytic);
        cmd_table_cell(L, t, "%.8g", r->numeric);
        cmd_table_cell(L, t, "%zu", r->checked);
        cmd_table_cell(L, t, "%s", nn_grad_verdict_text(r->verdict));
        push_check_row(L, r);
        lua_rawseti(L, -2, i + 1);
        ok = ok && (r->verdict == NN_GRAD_RIGHT || r->verdict == NN_GRAD_FAIR);
        worst = fmax(worst, r->error);
    }
    lua_pushboolean(L, ok);
    lua_setfield(L, -2, "ok");
    lua_pushnumber(L, worst);
    lua_setfield(L, -2, "error");
}

static int l_gradcheck(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_var *x[PARAMS_MAX];
    int n = read_vars(&a, "params", x);
    luaL_checkstack(L, n + 10, "gradcheck");
    struct loss_call call = {L, cmd_slot(&a, "f"), n, lua_gettop(L) - n + 1, "gradcheck"};
    if (cmd_var_test(L, cmd_slot(&a, "params"))) /* one variable stays where it is */
        call.boxes = cmd_slot(&a, "params");
    struct nn_gradcheck_options o = {.h = cmd_number(&a, "h"),
                                     .max_elements =
                                         (size_t)cmd_integer(&a, "max_elements"),
                                     .allow_f32 = true};
    struct nn_gradcheck_row *rows = cmd_scratch(L, (size_t)n, sizeof *rows);
    struct err e = {0};
    if (nn_gradcheck(rows, n, x, call_loss, &call, &o, &e) < 0)
        cmd_raise(L, &e);
    for (int i = 0; i < n; i++)
        if (!rows[i].name[0])
            (void)snprintf(rows[i].name, sizeof rows[i].name, "%d", i + 1);
    push_check(L, rows, n);
    return 1;
}

/* f at a plain number; raises when it gives none. */
static double call_number(lua_State *L, int f, double x) {
    lua_pushvalue(L, f);
    lua_pushnumber(L, x);
    lua_call(L, 1, 1);
    struct nn_var *v = cmd_var_test(L, -1);
    if (!v && lua_type(L, -1) != LUA_TNUMBER)
        cell_raisef(L, ERR_ARG,
                    _("numeric_grad: la función debe devolver un número y "
                      "devolvió %s"),
                    cmd_value_text(L, -1));
    double y = v ? nn_tensor_get(v->value, 0) : lua_tonumber(L, -1);
    lua_pop(L, 1);
    return y;
}

/* (f(x + h) - f(x - h)) / 2h, for a number or for each element of a variable. */
static int l_numeric_grad(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    int f = cmd_slot(&a, "f"), slot = cmd_slot(&a, "x");
    double h = cmd_number(&a, "h");
    if (lua_type(L, slot) == LUA_TNUMBER) {
        double x = lua_tonumber(L, slot);
        lua_pushnumber(L,
                       (call_number(L, f, x + h) - call_number(L, f, x - h)) / (2 * h));
        return 1;
    }
    struct nn_var *x = cmd_tensor(&a, "x");
    struct loss_call call = {L, f, 1, slot, "numeric_grad"};
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_numeric_gradient(hold, x, call_loss, &call, h, &e) < 0)
        cmd_raise(L, &e);
    if ((*hold)->ndim == 0)
        cmd_push_element(L, *hold, 0);
    else
        cmd_hold_finish(L);
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
static const struct cell_help_param p_gradcheck[] = {
    {.name = "f",
     .types = CELL_FUNCTION_VALUE,
     .flags = CELL_REQUIRED,
     .doc = N_("función que calcula la pérdida con las variables")},
    {.name = "params",
     .types = CELL_TENSOR | CELL_TABLE,
     .flags = CELL_REQUIRED,
     .doc = N_("una variable o una lista de variables")},
    {.name = "h",
     .types = CELL_NUMBER,
     .flags = CELL_MIN_OPEN | CELL_MAX,
     .min = 0,
     .max = 1,
     .fallback = "1e-5",
     .doc = N_("paso de la diferencia centrada")},
    {.name = "max_elements",
     .types = CELL_INTEGER,
     .flags = CELL_MIN,
     .min = 0,
     .fallback = "0",
     .doc = N_("elementos revisados por variable; 0: todos")}};
static const struct cell_help_param p_numeric[] = {
    {.name = "f",
     .types = CELL_FUNCTION_VALUE,
     .flags = CELL_REQUIRED,
     .doc = N_("función de x que da un número")},
    {.name = "x",
     .types = CELL_TENSOR | CELL_NUMBER,
     .flags = CELL_REQUIRED,
     .doc = N_("dónde: un número, o una variable")},
    {.name = "h",
     .types = CELL_NUMBER,
     .flags = CELL_MIN_OPEN | CELL_MAX,
     .min = 0,
     .max = 1,
     .fallback = "1e-5",
     .doc = N_("paso de la diferencia centrada")}};
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
    {{ROW("gradcheck", CELL_FUNCTION, p_gradcheck, N_("una tabla con un veredicto"),
          N_("Compara backpropagation con diferencias centradas, variable por variable."),
          "w = var{{0.3, -0.2}, name = \"w\"}; gradcheck(function() return "
          "square(sigmoid(w) - 1):mean() end, {w})"),
      .formula = "\\frac{|a - n|}{|a| + |n|},\\quad n = \\frac{f(x+h) - f(x-h)}{2h}"},
     l_gradcheck},
    {{ROW("numeric_grad", CELL_FUNCTION, p_numeric, N_("un número o un tensor"),
          N_("Derivada numérica por diferencia centrada."),
          "numeric_grad(function(x) return (x - 3)^2 end, 0)"),
      .formula = "\\frac{f(x+h) - f(x-h)}{2h}"},
     l_numeric_grad},
    {{ROW("no_grad", CELL_FUNCTION, p_no_grad, N_("lo que devuelva la función"),
          N_("Ejecuta una función sin recordar el grafo."),
          "w = var(3); no_grad(function() return w * 2 end)")},
     l_no_grad},
};

void cmd_autograd_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
