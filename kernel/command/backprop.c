/* backprop.c: the command backprop(y): the backward pass as a table, one node at a time. */
#include "explain.h"

#include "register.h"
#include "show.h"
#include "symbol.h"

#include "base/i18n.h"
#include "cell/error.h"

#include <math.h>

enum { ROWS_SHOWN = 200 };

/* One number, or the norm of many. */
static double size_of(const struct nn_tensor *t) {
    double sum = 0;
    if (t->n == 1)
        return nn_tensor_get(t, 0);
    for (size_t i = 0; i < t->n; i++)
        sum += nn_tensor_get(t, i) * nn_tensor_get(t, i);
    return sqrt(sum);
}

/* Text of node i's symbol, or of the formula's pieces that fill wrote; on the stack. */
typedef void write_fn(struct buf *b, const struct cmd_explain *x, int i, int k);

static void write_symbol(struct buf *b, const struct cmd_explain *x, int i, int k) {
    (void)k;
    cmd_explain_symbol(b, x, i);
}

static const char *push_written(lua_State *L, write_fn *write,
                                const struct cmd_explain *x, int i, int k) {
    struct buf *latex = cmd_buf(L), *text = cmd_buf(L);
    write(latex, x, i, k);
    cmd_latex_text(text, latex->data ? latex->data : "");
    if (latex->failed || text->failed)
        cmd_raise_nomem(L);
    lua_pushlstring(L, text->data ? text->data : "", text->len);
    lua_replace(L, -3);
    lua_pop(L, 1);
    return lua_tostring(L, -1);
}

static void number_cell(lua_State *L, struct cmd_table *t, const struct nn_tensor *v) {
    cmd_table_cell(L, t, v->n == 1 ? "%.4g" : "‖%.4g‖", size_of(v));
}

/* Marks what is used more than once: the delta of the next step. */
static size_t uses(const struct cmd_explain *x, int i) {
    size_t n = 0;
    for (int k = 0; k < x->node[i].n_in; k++)
        n += x->node[x->node[i].in[k]].twin->requires_grad;
    return n;
}

/* What node i sends to its k-th input: its own gradient times the local derivative. */
static void sent_cell(lua_State *L, struct cmd_table *t, const struct cmd_node *d, int k,
                      const struct cmd_node *to) {
    if (isfinite(d->local[k]) && d->twin->grad->n == 1)
        cmd_table_cell(L, t, "%.4g", size_of(d->twin->grad) * d->local[k]);
    else
        number_cell(L, t, to->twin->grad);
}

struct step {
    int number, i, k;
    bool again; /* the gradient was used by the row above already */
};

static void put_step(lua_State *L, struct cmd_table *t, const struct cmd_explain *x,
                     struct step s) {
    const struct cmd_node *d = &x->node[s.i], *to = &x->node[d->in[s.k]];
    int top = lua_gettop(L);
    const char *symbol = push_written(L, write_symbol, x, s.i, 0);
    const char *target = push_written(L, write_symbol, x, d->in[s.k], 0);
    const char *local = push_written(L, cmd_explain_local, x, s.i, s.k);
    cmd_table_cell(L, t, "%d", s.number);
    cmd_table_cell(L, t, "%s → %s", symbol, target);
    cmd_table_cell(L, t, "%s", local);
    if (isfinite(d->local[s.k]))
        cmd_table_cell(L, t, "%.4g", d->local[s.k]);
    else
        cmd_table_cell(L, t, "%s", "");
    number_cell(L, t, d->twin->grad);
    sent_cell(L, t, d, s.k, to);
    cmd_table_cell(L, t, "%s", s.again ? _("reutiliza δ") : uses(x, s.i) > 1 ? "δ" : "");
    lua_settop(L, top);
}

/* Rows as Lua values as well: {node=, input=, derivative=, arrives=, leaves=}. */
static void push_row(lua_State *L, const struct cmd_explain *x, struct step s) {
    const struct cmd_node *d = &x->node[s.i];
    lua_createtable(L, 0, 6);
    push_written(L, write_symbol, x, s.i, 0);
    lua_setfield(L, -2, "node");
    push_written(L, write_symbol, x, d->in[s.k], 0);
    lua_setfield(L, -2, "input");
    lua_pushboolean(L, s.again);
    lua_setfield(L, -2, "reused");
    lua_pushnumber(L, size_of(d->twin->grad));
    lua_setfield(L, -2, "arrives");
    if (!isfinite(d->local[s.k]))
        return;
    lua_pushnumber(L, d->local[s.k]);
    lua_setfield(L, -2, "derivative");
    lua_pushnumber(L, size_of(d->twin->grad) * d->local[s.k]);
    lua_setfield(L, -2, "leaves");
}

static int l_backprop(lua_State *L) {
    static const char *const headers[] = {N_("paso"),  N_("de → a"), N_("derivada local"),
                                          N_("valor"), N_("llega"),  N_("sale"),
                                          N_("nota")};
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct cmd_explain *x = cmd_explain_push(L, cmd_tensor(&a, "y"), "backprop");
    struct cmd_table *t =
        cmd_table_push(L, ARRAY_LEN(headers), headers, "rllrrrl", "Backprop");
    int number = 0;
    for (size_t i = x->n; i-- > 0;) {
        struct step s = {.i = (int)i};
        for (int k = 0; k < x->node[i].n_in; k++) {
            if (!x->node[x->node[i].in[k]].twin->grad)
                continue;
            s.number = ++number;
            s.k = k;
            if (number <= ROWS_SHOWN)
                put_step(L, t, x, s);
            push_row(L, x, s);
            lua_rawseti(L, -2, number);
            s.again = true;
        }
    }
    struct buf *note = cmd_buf(L);
    buf_puts(note, _("Cada fila: lo que llega al nodo por su derivada local es lo que "
                     "sale hacia su entrada. δ: un gradiente que se usa más de una vez "
                     "y se calcula una sola."));
    if (number > ROWS_SHOWN)
        buf_printf(note, _(" Se muestran %d de %d pasos."), ROWS_SHOWN, number);
    if (x->stale)
        buf_puts(note, _(" Las variables cambiaron después del cálculo: son los números "
                         "de ahora."));
    if (note->failed)
        cmd_raise_nomem(L);
    cmd_table_note(L, t, note->data);
    cmd_table_caption(L, t, &a);
    lua_pop(L, 1);
    return 1;
}

static const struct cell_help_param p_backprop[] = {
    {.name = "y",
     .types = CELL_TENSOR,
     .flags = CELL_REQUIRED,
     .doc = N_("el resultado, de un solo número")},
    CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "backprop",
      .kind = CELL_FUNCTION,
      .params = p_backprop,
      .n_params = ARRAY_LEN(p_backprop),
      .returns =
          N_("una tabla de pasos: node, input, derivative, arrives, leaves, reused"),
      .doc =
          N_("La pasada hacia atrás, un nodo a la vez: la derivada local, el gradiente "
             "que llega y el que sale, y cuál se reutiliza."),
      .example = "w = var(0.8); b = var(0.2); a = tensor(0.5)\n"
                 "z = w * a + b; y_hat = sigmoid(z); C = (y_hat - 1)^2\n"
                 "backprop(C)",
      .see_also = "chain graph Tensor:backward"},
     l_backprop}};

void cmd_backprop_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
