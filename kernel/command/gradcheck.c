/* gradcheck.c: gradients against central differences: backpropagation's, or those that a
 * student wrote by hand, whose mistake is named. */
#include "autograd.h"
#include "register.h"
#include "show.h"
#include "tensor.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "nn/gradcheck.h"

#include <math.h>

/* The student's function as the engine's loss: called with the parameters. */
struct loss_call {
    lua_State *L;
    int function; /* stack index */
    int n;
    int boxes; /* stack index of the first argument's box, n of them */
    const char *command;
};

enum { WRAP = 48 /* columns of text of a diagnosis in one line */ };

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

/* One parameter's verdict, and what was given for it by hand. */
struct verdict {
    struct nn_gradcheck_row row;
    struct nn_tensor *given; /* NULL: backpropagation is checked */
    struct nn_finding d;
    bool misfit; /* given has another shape */
};

static bool is_fine(const struct verdict *v) {
    return !v->misfit &&
           (v->row.verdict == NN_GRAD_RIGHT || v->row.verdict == NN_GRAD_FAIR);
}

/* Pushes the sentence of the diagnosis. */
static void push_message(lua_State *L, const struct verdict *v,
                         const struct nn_var *param) {
    struct buf *b = cmd_buf(L);
    cmd_fault_text(b, &v->d, v->given, param);
    if (b->failed)
        cmd_raise_nomem(L);
    lua_pushlstring(L, b->data ? b->data : "", b->len);
    lua_replace(L, -2);
}

/* One verdict as a Lua table. */
static void push_check_row(lua_State *L, const struct verdict *v,
                           const struct nn_var *param) {
    const struct nn_gradcheck_row *r = &v->row;
    lua_createtable(L, 0, 11);
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
    lua_pushinteger(L, (lua_Integer)r->kinks);
    lua_setfield(L, -2, "kinks");
    lua_pushboolean(L, is_fine(v));
    lua_setfield(L, -2, "ok");
    lua_pushstring(L, nn_grad_verdict_text(r->verdict));
    lua_setfield(L, -2, "verdict");
    if (is_fine(v) || !v->given)
        return;
    push_message(L, v, param);
    lua_setfield(L, -2, "message");
    lua_pushstring(L, cmd_fault_name(v->d.fault));
    lua_setfield(L, -2, "fault");
}

static enum viz_tone tone_of(const struct verdict *v) {
    if (v->misfit || v->row.verdict == NN_GRAD_WRONG)
        return VIZ_TONE_BAD;
    return v->row.verdict == NN_GRAD_SUSPICIOUS ? VIZ_TONE_DOUBT : VIZ_TONE_GOOD;
}

static void table_row(lua_State *L, struct cmd_table *t, const struct verdict *v,
                      const struct nn_var *param, bool given) {
    const struct nn_gradcheck_row *r = &v->row;
    cmd_table_cell(L, t, "%s", r->name);
    if (v->misfit)
        for (int i = 0; i < (given ? 1 : 3); i++)
            cmd_table_cell(L, t, "%s", "–");
    else
        cmd_table_cell(L, t, "%.1e", r->error);
    if (!given) { /* a hand-written gradient is not to be read off the check */
        cmd_table_cell(L, t, "%.8g", r->analytic);
        cmd_table_cell(L, t, "%.8g", r->numeric);
    }
    if (r->kinks > 0)
        cmd_table_cell(L, t, _("%zu de %zu"), r->checked, r->checked + r->kinks);
    else
        cmd_table_cell(L, t, "%zu", r->checked);
    cmd_table_cell(L, t, "%s", nn_grad_verdict_text(r->verdict));
    cmd_table_tone(L, t, tone_of(v));
    if (!given)
        return;
    push_message(L, v, param);
    cmd_table_cell(L, t, "%s", is_fine(v) ? "" : lua_tostring(L, -1));
    lua_pop(L, 1);
}

static void push_check(const struct cmd_args *a, const struct verdict *v,
                       struct nn_var *const x[], int n, bool given) {
    lua_State *L = a->L;
    static const char *const plain[] = {N_("variable"),        N_("error relativo"),
                                        N_("backpropagation"), N_("numérico"),
                                        N_("revisados"),       N_("veredicto")};
    static const char *const by_hand[] = {N_("variable"), N_("error relativo"),
                                          N_("revisados"), N_("veredicto"),
                                          N_("diagnóstico")};
    struct cmd_table *t =
        given ? cmd_table_push(L, ARRAY_LEN(by_hand), by_hand, "lrrll", "GradCheck")
              : cmd_table_push(L, ARRAY_LEN(plain), plain, "lrrrrl", "GradCheck");
    cmd_table_wrap(t, WRAP);
    bool ok = true;
    double worst = 0;
    for (int i = 0; i < n; i++) {
        table_row(L, t, &v[i], x[i], given);
        push_check_row(L, &v[i], x[i]);
        lua_rawseti(L, -2, i + 1);
        ok = ok && is_fine(&v[i]);
        worst = fmax(worst, v[i].row.error);
    }
    cmd_table_caption(L, t, a);
    lua_pushboolean(L, ok);
    lua_setfield(L, -2, "ok");
    lua_pushnumber(L, worst);
    lua_setfield(L, -2, "error");
}

/* given[key] for each key of the table of parameters, whose list is at keys; what is
 * missing stays NULL. Tensors stay on the stack. */
static void read_given(const struct cmd_args *a, int keys, int n, struct verdict *v) {
    lua_State *L = a->L;
    int slot = cmd_slot(a, "given");
    luaL_checkstack(L, n + 8, "gradcheck");
    if (cmd_var_test(L, cmd_slot(a, "params"))) {
        v[0].given = cmd_to_var(L, slot, NN_F64, "gradcheck")->value;
        return;
    }
    if (!lua_istable(L, slot))
        cmd_refuse(a, "given",
                   _("se esperaba una tabla como la de las variables y llegó %s"),
                   cmd_value_text(L, slot));
    for (int i = 0; i < n; i++) {
        lua_geti(L, keys, i + 1);
        if (lua_gettable(L, slot) == LUA_TNIL)
            lua_pop(L, 1);
        else
            v[i].given = cmd_to_var(L, lua_gettop(L), NN_F64, "gradcheck")->value;
    }
    for (int i = 0; i < n; i++)
        if (v[i].given)
            return;
    cmd_refuse(a, "given", "%s",
               _("no hay ningún gradiente con el nombre de una variable"));
}

/* Pushes t with the shape of p, when they differ by axes of length 1 alone; NULL when they
 * differ by more. */
static struct nn_tensor *fitted(lua_State *L, struct nn_tensor *t,
                                const struct nn_var *p) {
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L), *real = NULL;
    if (!nn_same_but_ones(t, p->value))
        return NULL;
    int rc = nn_tensor_cast(&real, t, p->dtype, &e);
    if (rc == 0)
        rc = nn_tensor_reshape(hold, real, p->ndim, p->shape, &e);
    nn_tensor_release(real);
    if (rc < 0)
        cmd_raise(L, &e);
    return *hold;
}

/* The numbers of each gradient that has its parameter's shape. */
static void check_given(lua_State *L, int n, struct nn_var *const x[], struct verdict *v,
                        struct loss_call *call, const struct nn_gradcheck_options *o) {
    struct err e = {0};
    luaL_checkstack(L, n + 8, "gradcheck");
    for (int i = 0; i < n; i++) {
        if (!v[i].given)
            continue;
        struct nn_tensor *t = fitted(L, v[i].given, x[i]);
        v[i].misfit = !t;
        v[i].row = (struct nn_gradcheck_row){.error = INFINITY, .verdict = NN_GRAD_WRONG};
        if (!t)
            (void)snprintf(v[i].row.name, sizeof v[i].row.name, "%s",
                           x[i]->name ? x[i]->name : "");
        else if (nn_gradcheck_given(&v[i].row, 1, &x[i], &t, call_loss, call, o, &e) < 0)
            cmd_raise(L, &e);
    }
}

/* Names the mistake of each gradient that is not right. */
static void diagnose(lua_State *L, int n, struct nn_var *const x[], struct verdict *v,
                     struct loss_call *call) {
    struct err e = {0};
    struct nn_tensor **given = cmd_scratch(L, (size_t)n, sizeof(struct nn_tensor *));
    struct nn_finding *d = cmd_scratch(L, (size_t)n, sizeof *d);
    bool fine = true;
    for (int i = 0; i < n; i++) {
        given[i] = v[i].given;
        fine = fine && (!v[i].given || is_fine(&v[i]));
    }
    if (fine)
        return;
    struct nn_var **y = cmd_var_push(L);
    if (call_loss(y, call, &e) < 0 || nn_fault_find(d, n, *y, x, given, &e) < 0)
        cmd_raise(L, &e);
    for (int i = 0; i < n; i++) {
        v[i].d = d[i];
        if (d[i].fault == NN_FAULT_NONE) /* right to six digits, and no better */
            v[i].d.fault = NN_FAULT_UNKNOWN;
    }
}

static void check_backward(lua_State *L, int n, struct nn_var *const x[],
                           struct verdict *v, struct loss_call *call,
                           const struct nn_gradcheck_options *o) {
    struct err e = {0};
    struct nn_gradcheck_row *rows = cmd_scratch(L, (size_t)n, sizeof *rows);
    if (nn_gradcheck(rows, n, x, call_loss, call, o, &e) < 0)
        cmd_raise(L, &e);
    for (int i = 0; i < n; i++)
        v[i].row = rows[i];
}

/* A variable without a name has that of its key. */
static void name_row(lua_State *L, int keys, int i, struct nn_gradcheck_row *row) {
    if (keys)
        lua_geti(L, keys, i + 1);
    else
        lua_pushinteger(L, i + 1);
    (void)snprintf(row->name, sizeof row->name, "%s", lua_tostring(L, -1));
    lua_pop(L, 1);
}

static int l_gradcheck(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_var *x[CMD_VARS_MAX];
    int n = cmd_read_vars(&a, "params", x), all = n, keys = lua_gettop(L) - n;
    luaL_checkstack(L, n + 10, "gradcheck");
    struct loss_call call = {L, cmd_slot(&a, "f"), n, lua_gettop(L) - n + 1, "gradcheck"};
    bool one = cmd_var_test(L, cmd_slot(&a, "params"));
    if (one) /* it stays where it is */
        call.boxes = cmd_slot(&a, "params");
    struct nn_gradcheck_options o = {.h = cmd_number(&a, "h"),
                                     .max_elements =
                                         (size_t)cmd_integer(&a, "max_elements"),
                                     .allow_f32 = true};
    struct verdict *v = cmd_scratch(L, (size_t)n, sizeof *v);
    bool given = cmd_given(&a, "given");
    if (given) {
        read_given(&a, keys, n, v);
        check_given(L, n, x, v, &call, &o);
        diagnose(L, n, x, v, &call);
    } else {
        check_backward(L, n, x, v, &call, &o);
    }
    n = 0;
    for (int i = 0; i < all; i++) {
        if (given && !v[i].given)
            continue;
        v[n] = v[i];
        x[n] = x[i];
        if (!v[n].row.name[0])
            name_row(L, one ? 0 : keys, i, &v[n].row);
        n++;
    }
    push_check(&a, v, x, n, given);
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

/* The numeric gradient of the variable at slot, pushed; a number for one without axes. */
static void push_numeric(lua_State *L, int f, int slot, double h) {
    struct loss_call call = {L, f, 1, slot, "numeric_grad"};
    struct err e = {0};
    struct nn_var *x = cmd_to_var(L, slot, NN_F64, "numeric_grad");
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_numeric_gradient(hold, x, call_loss, &call, h, &e) < 0)
        cmd_raise(L, &e);
    if ((*hold)->ndim == 0) {
        cmd_push_element(L, *hold, 0);
        lua_replace(L, -2);
    } else {
        cmd_hold_finish(L);
    }
}

/* (f(x + h) - f(x - h)) / 2h, for a number, each element of a variable, or each of a list
 * of variables, which f is then called with. */
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
    if (cmd_var_test(L, slot)) {
        push_numeric(L, f, slot, h);
        return 1;
    }
    struct nn_var *x[CMD_VARS_MAX];
    int n = cmd_read_vars(&a, "x", x), keys = lua_gettop(L) - n;
    luaL_checkstack(L, n + 10, "numeric_grad");
    struct loss_call call = {L, f, n, lua_gettop(L) - n + 1, "numeric_grad"};
    struct err e = {0};
    lua_createtable(L, n, 0);
    for (int i = 0; i < n; i++) {
        struct nn_tensor **hold = cmd_hold(L);
        if (nn_numeric_gradient(hold, x[i], call_loss, &call, h, &e) < 0)
            cmd_raise(L, &e);
        lua_geti(L, keys, i + 1);
        cmd_push_value(L, *hold);
        lua_rawset(L, -4);
        lua_pop(L, 1);
    }
    return 1;
}

static const struct cell_help_param p_gradcheck[] = {
    {.name = "f",
     .types = CELL_FUNCTION_VALUE,
     .flags = CELL_REQUIRED,
     .doc = N_("función que calcula la pérdida con las variables")},
    {.name = "params",
     .types = CELL_TENSOR | CELL_TABLE,
     .flags = CELL_REQUIRED,
     .doc = N_("una variable o una lista de variables")},
    {.name = "given",
     .types = CELL_TENSOR | CELL_NUMBER | CELL_TABLE,
     .flags = CELL_NAMED,
     .doc = N_("gradientes calculados a mano, con las claves de params: se revisan estos "
               "y se nombra lo que falla")},
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
     .doc = N_("elementos revisados por variable; 0: todos")},
    CMD_CAPTION};
static const struct cell_help_param p_numeric[] = {
    {.name = "f",
     .types = CELL_FUNCTION_VALUE,
     .flags = CELL_REQUIRED,
     .doc = N_("función de x que da un número")},
    {.name = "x",
     .types = CELL_TENSOR | CELL_NUMBER | CELL_TABLE,
     .flags = CELL_REQUIRED,
     .doc = N_("dónde: un número, una variable o una lista de variables")},
    {.name = "h",
     .types = CELL_NUMBER,
     .flags = CELL_MIN_OPEN | CELL_MAX,
     .min = 0,
     .max = 1,
     .fallback = "1e-5",
     .doc = N_("paso de la diferencia centrada")}};

#define ROW(title, how, list, back, text, ex)                                            \
    .name = title, .kind = how, .params = list, .n_params = ARRAY_LEN(list),             \
    .returns = back, .doc = text, .example = ex

static const struct cmd_command commands[] = {
    {{ROW("gradcheck", CELL_FUNCTION, p_gradcheck, N_("una tabla con un veredicto"),
          N_("Compara backpropagation, o los gradientes escritos a mano (given), con "
             "diferencias centradas, variable por variable."),
          "w = var{{0.3, -0.2}, name = \"w\"}; gradcheck(function() return "
          "square(sigmoid(w) - 1):mean() end, {w})"),
      .formula = "\\frac{|a - n|}{|a| + |n|},\\quad n = \\frac{f(x+h) - f(x-h)}{2h}"},
     l_gradcheck},
    {{ROW("numeric_grad", CELL_FUNCTION, p_numeric, N_("un número o un tensor"),
          N_("Derivada numérica por diferencia centrada."),
          "numeric_grad(function(x) return (x - 3)^2 end, 0)"),
      .formula = "\\frac{f(x+h) - f(x-h)}{2h}"},
     l_numeric_grad},
    {{ROW("numeric_gradient", CELL_FUNCTION, p_numeric, N_("un número o un tensor"),
          N_("Lo mismo que numeric_grad."),
          "numeric_gradient(function(x) return (x - 3)^2 end, 0)"),
      .formula = "\\frac{f(x+h) - f(x-h)}{2h}"},
     l_numeric_grad},
};

void cmd_gradcheck_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
