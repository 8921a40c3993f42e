/* explain.c: the graph of a result: its replay, local derivatives and formulas. */
#include "explain.h"

#include "explain_names.h"
#include "symbol.h"

#include "base/i18n.h"
#include "cell/error.h"

#include <math.h>

#define EXPLAIN "nabla.explain"

static void explain_free(void *object) {
    struct cmd_explain *x = object;
    for (size_t i = 0; i < x->n; i++) {
        nn_var_release(x->node[i].twin);
        free(x->node[i].tex);
    }
    free(x->node);
    free(x);
}

static int no_memory(struct err *e) {
    return err_set(e, ERR_NOMEM, "%s", _("no queda memoria"));
}

/* The nodes with their vars and edges; while it runs, slot of each var is its index. */
static int list_nodes(struct cmd_explain *x, struct nn_var *y, const char *what,
                      struct err *e) {
    struct nn_var **order;
    size_t n;
    int rc = nn_var_order(&order, &n, y, e);
    if (rc < 0)
        return rc;
    if (n > CMD_EXPLAIN_MAX)
        rc = err_set(e, ERR_RANGE, _("%s: el cálculo tiene %zu nodos y el máximo es %d"),
                     what, n, CMD_EXPLAIN_MAX);
    if (rc == 0 && !(x->node = calloc(n, sizeof *x->node)))
        rc = no_memory(e);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        struct cmd_node *d = &x->node[i];
        order[i]->slot = i;
        d->var = order[i];
        d->n_in = order[i]->n_in;
        for (int k = 0; k < d->n_in; k++)
            d->in[k] = (int)order[i]->in[k]->slot;
        x->n = i + 1;
    }
    free(order);
    return rc;
}

static int copy_leaf(struct cmd_node *d, struct err *e) {
    struct nn_tensor *copy;
    int rc = nn_tensor_copy(&copy, d->var->value, e);
    if (rc == 0)
        rc = nn_var_new(&d->twin, copy, e);
    nn_tensor_release(copy);
    if (rc == 0 && d->var->requires_grad)
        rc = nn_var_set_requires_grad(d->twin, true, e);
    return rc;
}

static bool same_values(const struct nn_tensor *a, const struct nn_tensor *b) {
    for (size_t i = 0; i < a->n; i++) {
        double p = nn_tensor_get(a, i), q = nn_tensor_get(b, i);
        if (p != q && !(isnan(p) && isnan(q)))
            return false;
    }
    return true;
}

static int replay(struct cmd_explain *x, struct err *e) {
    struct nn_passes passes = nn_passes_get(); /* an explanation is no pass of training */
    bool before = nn_grad_set_enabled(true);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < x->n; i++) {
        struct cmd_node *d = &x->node[i];
        struct nn_var *in[NN_OP_MAX_IN];
        for (int k = 0; k < d->n_in; k++)
            in[k] = x->node[d->in[k]].twin;
        rc = d->n_in ? nn_var_apply(&d->twin, d->var->op, &d->var->attrs, d->n_in, in, e)
                     : copy_leaf(d, e);
    }
    if (rc == 0)
        rc = nn_var_backward(x->node[x->n - 1].twin, NULL, true, e);
    if (rc == 0)
        x->stale =
            !same_values(x->node[x->n - 1].twin->value, x->node[x->n - 1].var->value);
    (void)nn_grad_set_enabled(before);
    nn_passes_set(passes);
    return rc;
}

/* dthis/din of one op on fresh leaves: the graph above and below does not matter. */
static int local_derivatives(struct cmd_explain *x, struct cmd_node *d, struct err *e) {
    struct nn_var *in[NN_OP_MAX_IN] = {0}, *y = NULL;
    int rc = 0;
    for (int k = 0; rc == 0 && k < d->n_in; k++) {
        struct nn_var *from = x->node[d->in[k]].twin;
        rc = nn_var_new(&in[k], from->value, e);
        if (rc == 0 && from->requires_grad)
            rc = nn_var_set_requires_grad(in[k], true, e);
    }
    if (rc == 0)
        rc = nn_var_apply(&y, d->var->op, &d->var->attrs, d->n_in, in, e);
    if (rc == 0 && y->requires_grad)
        rc = nn_var_backward(y, NULL, false, e);
    for (int k = 0; k < d->n_in; k++) {
        if (rc == 0)
            d->local[k] = in[k]->grad ? nn_tensor_get(in[k]->grad, 0) : 0;
        nn_var_release(in[k]);
    }
    nn_var_release(y);
    return rc;
}

static bool is_single(const struct cmd_explain *x) {
    for (size_t i = 0; i < x->n; i++)
        if (x->node[i].twin->value->n != 1)
            return false;
    return true;
}

static int build(struct cmd_explain *x, struct nn_var *y, const char *what,
                 struct err *e) {
    int rc = list_nodes(x, y, what, e);
    if (rc == 0)
        rc = replay(x, e);
    if (rc < 0)
        return rc;
    x->single = is_single(x);
    struct nn_passes passes = nn_passes_get();
    bool before = nn_grad_set_enabled(true);
    for (size_t i = 0; rc == 0 && i < x->n; i++) {
        struct cmd_node *d = &x->node[i];
        bool one = d->twin->value->n == 1;
        for (int k = 0; k < d->n_in; k++)
            one = one && x->node[d->in[k]].twin->value->n == 1;
        for (int k = 0; k < d->n_in; k++)
            d->local[k] = NAN;
        if (one && d->n_in)
            rc = local_derivatives(x, d, e);
    }
    (void)nn_grad_set_enabled(before);
    nn_passes_set(passes);
    return rc;
}

struct cmd_explain *cmd_explain_push(lua_State *L, struct nn_var *y, const char *what) {
    struct err e = {0};
    void **slot = cmd_box_push(L, EXPLAIN);
    if (!y->requires_grad || y->n_in == 0)
        cell_raisef(L, ERR_STATE,
                    _("%s: este valor no recuerda cómo se calculó; marca las variables "
                      "con var(...) y vuelve a calcularlo"),
                    what);
    if (y->value->n != 1) {
        char text[NN_SHAPE_TEXT];
        cell_raisef(L, ERR_SHAPE,
                    _("%s: se necesita un solo número y la forma es %s; usa :sum() o "
                      ":mean()"),
                    what, nn_shape_text(text, y->ndim, y->shape));
    }
    struct cmd_explain *x = calloc(1, sizeof *x);
    if (!x)
        cmd_raise_nomem(L);
    *slot = x;
    if (build(x, y, what, &e) < 0)
        cmd_raise(L, &e);
    cmd_explain_name(L, x);
    return x;
}

int cmd_explain_find(const struct cmd_explain *x, const struct nn_var *v) {
    for (size_t i = 0; i < x->n; i++)
        if (x->node[i].var == v)
            return (int)i;
    return -1;
}

/* -------------------------------------------------------------------------- formulas */

void cmd_explain_symbol(struct buf *b, const struct cmd_explain *x, int i) {
    const struct cmd_node *d = &x->node[i];
    if (d->tex && !x->as_numbers)
        buf_puts(b, d->tex);
    else if (d->number || d->tex)
        cmd_number_latex(b, nn_tensor_get(d->twin->value, 0));
    else
        cmd_explain_formula(b, x, i);
}

static void replace_all(struct buf *b, const char *s, const char *what,
                        const char *with) {
    for (const char *at; (at = strstr(s, what)); s = at + strlen(what)) {
        buf_add(b, s, (size_t)(at - s));
        buf_puts(b, with);
    }
    buf_puts(b, s);
}

/* The row's formula: an exponent n-1 that is a number is written as one, and between two
 * numbers stands a dot. */
static void put_row_formula(struct buf *b, const struct cmd_explain *x, int i,
                            const char *formula) {
    static const char power[] = "^{@1-1}";
    const struct cmd_node *d = &x->node[i];
    char less[48] = "^{@1-1}";
    struct buf simple;
    buf_init(&simple, 4096);
    if (strstr(formula, power) && x->node[d->in[1]].number) {
        double n = nn_tensor_get(x->node[d->in[1]].twin->value, 0) - 1;
        less[0] = '\0';
        if (n != 1)
            (void)snprintf(less, sizeof less, "^{%.4g}", n);
    }
    replace_all(&simple, formula, power, less);
    if (simple.data)
        replace_all(b, simple.data, "\\,", x->as_numbers ? " \\cdot " : "\\,");
    b->failed = b->failed || simple.failed;
    buf_release(&simple);
}

/* A formula of the table with what stands for each input and the result. */
static void fill(struct buf *b, const struct cmd_explain *x, int i, const char *formula) {
    const struct cmd_node *d = &x->node[i];
    struct buf part[3], result, row;
    const char *text[3] = {NULL};
    buf_init(&result, 1 << 16);
    buf_init(&row, 4096);
    put_row_formula(&row, x, i, formula);
    for (int k = 0; k < 3; k++) {
        buf_init(&part[k], 1 << 16);
        if (k < d->n_in && !b->failed)
            cmd_explain_symbol(&part[k], x, d->in[k]);
        text[k] = part[k].data;
        b->failed = b->failed || part[k].failed;
    }
    if (strstr(formula, "@y") && !b->failed)
        cmd_explain_symbol(&result, x, i);
    b->failed = b->failed || result.failed || row.failed;
    if (!b->failed)
        cmd_formula_fill(b, row.data, text, result.data ? result.data : "",
                         d->var->attrs.value, d->var->attrs.upper);
    for (int k = 0; k < 3; k++)
        buf_release(&part[k]);
    buf_release(&result);
    buf_release(&row);
}

void cmd_explain_formula(struct buf *b, const struct cmd_explain *x, int i) {
    const struct nn_op *op = x->node[i].var->op;
    if (op && op->latex)
        fill(b, x, i, op->latex);
    else
        buf_printf(b, "\\operatorname{%s}", op ? op->name : "?");
}

void cmd_explain_local(struct buf *b, const struct cmd_explain *x, int i, int k) {
    const struct nn_op *op = x->node[i].var->op;
    if (k < 2 && op->d_latex[k])
        fill(b, x, i, op->d_latex[k]);
}

void cmd_explain_open(lua_State *L) {
    cmd_box_type(L, EXPLAIN, explain_free);
    lua_pop(L, 1);
}
