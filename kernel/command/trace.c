/* trace.c: the command trace{step, f = ...}: gradient descent by the student's own step, as
 * the table "previo | gradiente | actualizado". */
#include "explain.h"

#include "register.h"
#include "show.h"
#include "tensor.h"

#include "base/i18n.h"
#include "cell/error.h"

#include <math.h>

enum { STEPS_MAX = 1000, HEAD = 30, TAIL = 5, SHOWN_MAX = 4 /* elements of a cell */ };

static const double numeric_step = 1e-5;

struct walk {
    struct cmd_args a;
    int theta; /* stack index of the current value */
    int rows;  /* and of the list of rows */
    int n;
    bool diverged;
};

static bool is_finite(lua_State *L, int idx) {
    const struct nn_var *v = cmd_var_test(L, idx);
    if (!v)
        return isfinite(lua_tonumber(L, idx));
    for (size_t i = 0; i < v->value->n; i++)
        if (!isfinite(nn_tensor_get(v->value, i)))
            return false;
    return true;
}

/* ------------------------------------------------------------------- the gradient */

/* f at the number x, pushed on nothing: the value alone. */
static double call_at(struct walk *w, double x) {
    lua_State *L = w->a.L;
    lua_pushvalue(L, cmd_slot(&w->a, "f"));
    lua_pushnumber(L, x);
    lua_call(L, 1, 1);
    const struct nn_var *v = cmd_var_test(L, -1);
    double y = v && v->value->n == 1 ? nn_tensor_get(v->value, 0) : lua_tonumber(L, -1);
    if (!v && lua_type(L, -1) != LUA_TNUMBER)
        cmd_refuse(&w->a, "f", _("debe devolver un número y devolvió %s"),
                   cmd_value_text(L, -1));
    lua_pop(L, 1);
    return y;
}

/* Pushes df/dtheta by backpropagation and sets *loss; false and nothing pushed when f does
 * not work with variables (it uses math.sin, say). */
static bool push_backprop(struct walk *w, double *loss) {
    lua_State *L = w->a.L;
    struct err e = {0};
    int top = lua_gettop(L);
    lua_pushvalue(L, w->theta);
    struct nn_var *from = cmd_to_var(L, top + 1, NN_F64, "trace");
    struct nn_tensor **copy = cmd_hold(L);
    if (nn_tensor_cast(copy, from->value, NN_F64, &e) < 0)
        cmd_raise(L, &e);
    cmd_hold_finish(L);
    struct nn_var *x = cmd_var_test(L, -1);
    if (nn_var_set_requires_grad(x, true, &e) < 0)
        cmd_raise(L, &e);
    int at = lua_gettop(L);
    lua_pushvalue(L, cmd_slot(&w->a, "f"));
    lua_pushvalue(L, at);
    int rc = cell_pcall(L, 1, 1, &e);
    if (rc != LUA_OK && (e.code == ERR_INTERRUPT || e.code == ERR_NOMEM))
        cmd_raise(L, &e);
    bool number = lua_type(L, w->theta) == LUA_TNUMBER;
    struct nn_var *y = rc == LUA_OK ? cmd_var_test(L, -1) : NULL;
    if (!y || y->value->n != 1 || !y->requires_grad) {
        if (!number && rc != LUA_OK)
            cmd_raise(L, &e);
        if (!number)
            cmd_refuse(&w->a, "f", "%s",
                       _("debe devolver un solo número que dependa de theta"));
        lua_settop(L, top);
        return false;
    }
    *loss = nn_tensor_get(y->value, 0);
    struct nn_tensor **g = cmd_hold(L);
    if (nn_var_gradients(g, y, 1, &x, false, &e) < 0)
        cmd_raise(L, &e);
    cmd_hold_finish(L);
    if (number)
        lua_pushnumber(L, nn_tensor_get(cmd_var_test(L, -1)->value, 0));
    lua_replace(L, top + 1);
    lua_settop(L, top + 1);
    return true;
}

static void push_gradient(struct walk *w, double *loss) {
    lua_State *L = w->a.L;
    *loss = NAN;
    if (!cmd_given(&w->a, "f")) {
        lua_pushnil(L);
    } else if (!push_backprop(w, loss)) {
        double x = lua_tonumber(L, w->theta), h = numeric_step;
        *loss = call_at(w, x);
        lua_pushnumber(L, (call_at(w, x + h) - call_at(w, x - h)) / (2 * h));
    }
}

/* ------------------------------------------------------------------- the steps */

/* Replaces the value on top, a new theta or a gradient, by a number or a plain tensor like
 * the current theta. */
static void check_like(struct walk *w, const char *what) {
    lua_State *L = w->a.L;
    struct nn_var *now = cmd_var_test(L, w->theta), *v = cmd_var_test(L, -1);
    struct err e = {0};
    if (!now && v && v->value->n == 1) {
        lua_pushnumber(L, nn_tensor_get(v->value, 0));
        lua_replace(L, -2);
        return;
    }
    if (!now && lua_type(L, -1) == LUA_TNUMBER)
        return;
    if (!now || !v || !nn_tensor_same_shape(now->value, v->value))
        cmd_refuse(&w->a, "step", _("debe devolver %s como theta y devolvió %s"), what,
                   cmd_value_text(L, -1));
    struct nn_var **plain = cmd_var_push(L);
    if (nn_var_detach(plain, v, &e) < 0)
        cmd_raise(L, &e);
    lua_replace(L, -2);
}

/* One step: theta, gradient -> step -> theta; its row is added. false: not finite. */
static bool one_step(struct walk *w) {
    lua_State *L = w->a.L;
    double loss;
    lua_newtable(L);
    int row = lua_gettop(L);
    push_gradient(w, &loss);
    lua_pushvalue(L, cmd_slot(&w->a, "step"));
    lua_pushvalue(L, w->theta);
    lua_pushvalue(L, row + 1);
    lua_pushvalue(L, cmd_slot(&w->a, "learning_rate"));
    lua_call(L, 3, 2);
    if (lua_isnil(L, row + 1) && !lua_isnil(L, -1)) { /* the step's own gradient */
        check_like(w, _("un gradiente"));
        lua_replace(L, row + 1);
    } else {
        lua_pop(L, 1);
    }
    check_like(w, _("un valor"));
    bool finite = is_finite(L, row + 2);
    lua_pushvalue(L, w->theta);
    lua_setfield(L, row, "previous");
    lua_pushvalue(L, row + 1);
    lua_setfield(L, row, "gradient");
    lua_pushvalue(L, row + 2);
    lua_setfield(L, row, "updated");
    if (isfinite(loss)) {
        lua_pushnumber(L, loss);
        lua_setfield(L, row, "loss");
    }
    lua_pushvalue(L, row + 2);
    lua_replace(L, w->theta);
    lua_settop(L, row);
    lua_rawseti(L, w->rows, ++w->n);
    return finite;
}

/* ------------------------------------------------------------------- the table */

static void value_cell(lua_State *L, struct cmd_table *t, int row, const char *name) {
    int type = lua_getfield(L, row, name);
    const struct nn_var *v = cmd_var_test(L, -1);
    struct buf *b = cmd_buf(L);
    if (v) {
        buf_putc(b, '(');
        for (size_t i = 0; i < v->value->n && i < SHOWN_MAX; i++)
            buf_printf(b, "%s%.5g", i ? ", " : "", nn_tensor_get(v->value, i));
        buf_puts(b, v->value->n > SHOWN_MAX ? ", …)" : ")");
    } else if (type == LUA_TNUMBER) {
        buf_printf(b, "%.6g", lua_tonumber(L, -2));
    } else {
        buf_puts(b, "–");
    }
    if (b->failed)
        cmd_raise_nomem(L);
    cmd_table_cell(L, t, "%s", b->data);
    lua_pop(L, 2);
}

static void put_rows(struct walk *w, struct cmd_table *t, bool with_loss) {
    lua_State *L = w->a.L;
    for (int i = 1; i <= w->n; i++) {
        if (w->n > HEAD + TAIL && i == HEAD + 1) {
            for (int k = 0; k < 4 + with_loss; k++)
                cmd_table_cell(L, t, "%s", "…");
            i = w->n - TAIL + 1;
        }
        lua_rawgeti(L, w->rows, i);
        int row = lua_gettop(L);
        cmd_table_cell(L, t, "%d", i);
        value_cell(L, t, row, "previous");
        value_cell(L, t, row, "gradient");
        value_cell(L, t, row, "updated");
        if (with_loss)
            value_cell(L, t, row, "loss");
        lua_settop(L, row - 1);
    }
}

static void push_trace(struct walk *w) {
    static const char *const headers[] = {N_("paso"), N_("previo"), N_("gradiente"),
                                          N_("actualizado"), N_("pérdida")};
    lua_State *L = w->a.L;
    bool with_loss = cmd_given(&w->a, "f");
    struct cmd_table *t = cmd_table_push(L, 4 + with_loss, headers, "rrrrr", "Trace");
    int object = lua_gettop(L);
    put_rows(w, t, with_loss);
    for (int i = 1; i <= w->n; i++) {
        lua_rawgeti(L, w->rows, i);
        lua_rawseti(L, object, i);
    }
    lua_pushvalue(L, w->theta);
    lua_setfield(L, object, "last");
    if (w->diverged)
        cmd_table_note(L, t, _("Diverge: el valor dejó de ser finito."));
    cmd_table_caption(L, t, &w->a);
}

static int l_trace(lua_State *L) {
    struct walk w = {.n = 0};
    cmd_args_read(&w.a, L, 1);
    luaL_checkstack(L, 40, "trace");
    int start = cmd_slot(&w.a, "x0");
    lua_Integer steps = cmd_integer(&w.a, "steps");
    lua_pushvalue(L, start);
    w.theta = lua_gettop(L);
    if (lua_type(L, w.theta) != LUA_TNUMBER)
        (void)cmd_to_var(L, w.theta, NN_F64, "trace");
    lua_newtable(L);
    w.rows = lua_gettop(L);
    while (w.n < steps && !w.diverged)
        w.diverged = !one_step(&w);
    push_trace(&w);
    return 1;
}

static const struct cell_help_param p_trace[] = {
    {.name = "step",
     .types = CELL_FUNCTION_VALUE,
     .flags = CELL_REQUIRED,
     .doc = N_("function(theta, gradiente, learning_rate) que devuelve el nuevo theta; "
               "sin f puede devolver también el gradiente que usó")},
    {.name = "f",
     .types = CELL_FUNCTION_VALUE,
     .doc = N_("la pérdida, function(theta): de ella sale el gradiente")},
    {.name = "x0",
     .types = CELL_NUMBER | CELL_TENSOR,
     .flags = CELL_AUTO,
     .fallback = "0",
     .doc = N_("de dónde se parte: un número o una lista")},
    {.name = "learning_rate",
     .types = CELL_NUMBER,
     .fallback = "0.1",
     .doc = N_("la tasa que recibe step")},
    {.name = "steps",
     .types = CELL_INTEGER,
     .flags = CELL_MIN | CELL_MAX,
     .min = 1,
     .max = STEPS_MAX,
     .fallback = "10",
     .doc = N_("cuántos pasos")},
    CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "trace",
      .kind = CELL_FUNCTION,
      .params = p_trace,
      .n_params = ARRAY_LEN(p_trace),
      .returns = N_("una tabla de pasos: previous, gradient, updated, loss; y .last"),
      .doc = N_("Repite un paso del descenso del gradiente y muestra cada vez el valor "
                "previo, el gradiente y el valor actualizado."),
      .formula = "\\theta_{t+1}=\\theta_t-\\eta\\,\\nabla L(\\theta_t)",
      .example = "function paso(theta, gradiente, eta) return theta - eta * gradiente "
                 "end\ntrace{paso, f = function(w) return (w - 3)^2 end, x0 = 0, "
                 "learning_rate = 0.1, steps = 5}",
      .see_also = "plot.descent numeric_grad grad"},
     l_trace}};

void cmd_trace_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
