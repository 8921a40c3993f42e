/* chain.c: the command chain(y, x): the chain rule typeset with the student's names and
 * numbers. */
#include "chain.h"

#include "register.h"
#include "show.h"
#include "symbol.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "viz/formula.h"

#include <math.h>

enum { PATHS_SHOWN = 6, LINKS_MAX = 30 };

/* One way from y down to w: indices of its factors. */
struct path {
    int n;
    size_t link[LINKS_MAX];
};

struct chain {
    struct cmd_explain *x;
    struct cmd_factor *f;
    size_t n;
    int w;
    struct path path[PATHS_SHOWN];
    int shown;
    double paths; /* how many there are */
    bool cut;     /* a way was longer than LINKS_MAX */
};

static void chain_free(void *object) {
    struct chain *c = object;
    cmd_factors_free(c->f, c->n);
    free(c);
}

/* Ways from each step down to w, inputs before results. */
static double count_paths(const struct chain *c, double *ways) {
    ways[c->w] = 1;
    for (size_t i = c->n; i-- > 0;) /* factors of later steps were found first */
        ways[c->f[i].v] += ways[c->f[i].u];
    return ways[c->x->n - 1];
}

static void follow(struct chain *c, int v, struct path *p) {
    if (v == c->w) {
        if (c->shown < PATHS_SHOWN)
            c->path[c->shown++] = *p;
        return;
    }
    for (size_t i = 0; i < c->n && c->shown < PATHS_SHOWN; i++) {
        if (c->f[i].v != v)
            continue;
        if (p->n == LINKS_MAX) {
            c->cut = true;
            return;
        }
        p->link[p->n++] = i;
        follow(c, c->f[i].u, p);
        p->n--;
    }
}

/* -------------------------------------------------------------------------- writing */

static void put_ratio(struct buf *b, const struct chain *c, int v, int u) {
    buf_printf(b, "\\frac{\\partial %s}{\\partial %s}", c->x->node[v].tex,
               c->x->node[u].tex);
}

/* What y does with w itself, when it depends on it by other ways too. */
static void put_link(struct buf *b, const struct chain *c, const struct cmd_factor *f) {
    bool direct = c->paths > 1 && f->v == (int)c->x->n - 1 && f->u == c->w;
    buf_puts(b, direct ? "\\left." : "");
    put_ratio(b, c, f->v, f->u);
    if (direct)
        buf_printf(b, "\\right|_{\\text{%s}}", _("directo"));
}

static void put_factor_number(struct buf *b, double v) {
    buf_puts(b, v < 0 ? "(" : "");
    cmd_number_latex(b, v);
    buf_puts(b, v < 0 ? ")" : "");
}

static void put_rule(struct buf *b, const struct chain *c) {
    put_ratio(b, c, (int)c->x->n - 1, c->w);
    for (int p = 0; p < c->shown; p++) {
        buf_puts(b, p ? "+" : "&=");
        for (int i = 0; i < c->path[p].n; i++) {
            const struct cmd_factor *f = &c->f[c->path[p].link[i]];
            buf_puts(b, i ? " \\cdot " : "");
            put_link(b, c, f);
        }
        if ((p + 1) % 2 == 0 && p + 1 < c->shown)
            buf_puts(b, "\\\\\n&\\quad ");
    }
    buf_puts(b, c->paths > c->shown ? "+\\ldots " : "");
}

/* "z=w\,a+b=0.6": where the symbols come from. */
static void put_steps(struct buf *b, const struct chain *c, const bool *used) {
    for (size_t i = 0; i < c->x->n; i++) {
        const struct cmd_node *d = &c->x->node[i];
        if (!used[i] || !d->tex || d->n_in == 0)
            continue;
        buf_printf(b, "\\\\\n%s&=", d->tex);
        cmd_explain_formula(b, c->x, (int)i);
        if (d->twin->value->n == 1) {
            buf_putc(b, '=');
            cmd_number_latex(b, nn_tensor_get(d->twin->value, 0));
        }
    }
}

static void put_factor(struct buf *b, const struct chain *c, const struct cmd_factor *f) {
    struct buf value;
    buf_init(&value, 64);
    buf_puts(b, "\\\\\n");
    put_link(b, c, f);
    buf_putc(b, '&');
    if (f->formula)
        buf_printf(b, "=%s", f->formula);
    if (isfinite(f->value)) {
        cmd_number_latex(&value, f->value);
        bool same = f->formula && value.data && strcmp(f->formula, value.data) == 0;
        bool again = f->numbers && value.data && strcmp(f->numbers, value.data) == 0;
        if (f->formula && f->numbers && !again && strcmp(f->numbers, f->formula) != 0)
            buf_printf(b, "=%s", f->numbers);
        if (!same)
            buf_printf(b, "=%s", value.data ? value.data : "");
    } else if (!f->formula) {
        buf_puts(b, "=\\ldots ");
    }
    b->failed = b->failed || value.failed;
    buf_release(&value);
}

static double norm_of(const struct nn_tensor *t) {
    double sum = 0;
    for (size_t i = 0; i < t->n; i++)
        sum += nn_tensor_get(t, i) * nn_tensor_get(t, i);
    return sqrt(sum);
}

/* Tensors: the size of what arrives at each step, in place of the factors' numbers. */
static void put_norms(struct buf *b, const struct chain *c, const bool *used) {
    for (size_t i = c->x->n; i-- > 0;) {
        const struct cmd_node *d = &c->x->node[i];
        if (!used[i] || !d->tex || !d->twin->grad || i == c->x->n - 1)
            continue;
        buf_puts(b, "\\\\\n\\lVert ");
        put_ratio(b, c, (int)c->x->n - 1, (int)i);
        buf_puts(b, "\\rVert &=");
        cmd_number_latex(b, norm_of(d->twin->grad));
        buf_printf(b, ",\\quad %s\\in \\mathbb{R}^{", d->tex);
        for (int k = 0; k < d->var->ndim; k++)
            buf_printf(b, "%s%zu", k ? "\\times " : "", d->var->shape[k]);
        buf_puts(b, d->var->ndim ? "}" : "1}");
    }
}

static void put_product(struct buf *b, const struct chain *c) {
    const struct nn_tensor *g = c->x->node[c->w].twin->grad;
    buf_puts(b, "\\\\\n");
    put_ratio(b, c, (int)c->x->n - 1, c->w);
    for (int p = 0; p < c->shown; p++) {
        buf_puts(b, p ? "+" : "&=");
        for (int i = 0; i < c->path[p].n; i++) {
            buf_puts(b, i ? " \\cdot " : "");
            put_factor_number(b, c->f[c->path[p].link[i]].value);
        }
    }
    buf_puts(b, c->paths > c->shown ? "+\\ldots " : "");
    if (c->shown > 1 || c->path[0].n > 1) {
        buf_putc(b, '=');
        cmd_number_latex(b, g ? nn_tensor_get(g, 0) : 0);
    }
}

/* The nodes and factors that the shown ways pass. */
static void put_chain(struct buf *b, const struct chain *c, bool *used, bool *linked) {
    put_rule(b, c);
    used[c->x->n - 1] = true;
    for (int p = 0; p < c->shown; p++)
        for (int i = 0; i < c->path[p].n; i++) {
            linked[c->path[p].link[i]] = true;
            used[c->f[c->path[p].link[i]].u] = true;
        }
    put_steps(b, c, used);
    for (size_t i = 0; i < c->n; i++)
        if (linked[i])
            put_factor(b, c, &c->f[i]);
    if (c->x->single)
        put_product(b, c);
    else
        put_norms(b, c, used);
    if (c->paths > c->shown)
        buf_printf(b, "\\\\\n&\\text{%s}",
                   _("(se muestran los primeros caminos; el resultado los suma todos)"));
    if (c->x->stale)
        buf_printf(b, "\\\\\n&\\text{%s}",
                   _("(las variables cambiaron después del cálculo: son los números de "
                     "ahora)"));
}

/* The lines one below the other, with air between the fractions. */
static void put_aligned(struct buf *out, const char *body) {
    buf_puts(out, "\\begin{aligned}\n");
    for (const char *end; (end = strstr(body, "\\\\\n")) != NULL; body = end + 3) {
        buf_add(out, body, (size_t)(end - body));
        buf_puts(out, "\\\\[0.6ex]\n");
    }
    buf_printf(out, "%s\n\\end{aligned}", body);
}

/* -------------------------------------------------------------------------- command */

static void find_ways(const struct cmd_args *a, struct chain *c) {
    double *ways = cmd_scratch(a->L, c->x->n, sizeof *ways);
    struct path p = {0};
    c->paths = count_paths(c, ways);
    follow(c, (int)c->x->n - 1, &p);
    if (c->shown == 0 && c->cut)
        cell_raisef(a->L, ERR_RANGE,
                    _("chain: la cadena tiene más de %d factores; deriva un resultado "
                      "más cercano a la variable"),
                    LINKS_MAX);
}

static int l_chain(lua_State *L) {
    struct cmd_args a;
    struct err e = {0};
    cmd_args_read(&a, L, 1);
    struct nn_var *y = cmd_tensor(&a, "y"), *w = cmd_tensor(&a, "x");
    struct cmd_explain *x = cmd_explain_push(L, y, "chain");
    int at = cmd_explain_find(x, w);
    if (at < 0 || at == (int)x->n - 1 || !w->requires_grad)
        cmd_refuse(&a, "x", "%s", _("el resultado no depende de esta variable"));
    if (!x->node[at].tex) /* asked for by value: an unnamed part of a formula */
        x->node[at].tex = copy_text("x");
    if (!x->node[at].tex)
        cmd_raise_nomem(L);
    void **slot = cmd_box_push(L, "nabla.chain");
    struct chain *c = *slot = calloc(1, sizeof *c);
    if (!c)
        cmd_raise_nomem(L);
    c->x = x;
    c->w = at;
    if (cmd_factors_find(&c->f, &c->n, x, at, &e) < 0)
        cmd_raise(L, &e);
    find_ways(&a, c);
    struct buf *body = cmd_buf(L), *latex = cmd_buf(L), *text = cmd_buf(L);
    put_chain(body, c, cmd_scratch(L, x->n, sizeof(bool)),
              cmd_scratch(L, c->n, sizeof(bool)));
    if (body->failed)
        cmd_raise_nomem(L);
    put_aligned(latex, body->data);
    cmd_latex_text(text, body->data);
    if (latex->failed || text->failed)
        cmd_raise_nomem(L);
    struct mime_bundle *b = cmd_figure_push(L);
    if (viz_formula_bundle(b, latex->data, text->data, cmd_text(&a, "caption"),
                           cmd_text(&a, "label"), &e) < 0)
        cmd_raise(L, &e);
    cmd_show_now(L);
    return 1;
}

static const struct cell_help_param p_chain[] = {
    {.name = "y",
     .types = CELL_TENSOR,
     .flags = CELL_REQUIRED,
     .doc = N_("el resultado, de un solo número")},
    {.name = "x",
     .types = CELL_TENSOR,
     .flags = CELL_REQUIRED,
     .doc = N_("una variable o un paso intermedio")},
    CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "chain",
      .kind = CELL_FUNCTION,
      .params = p_chain,
      .n_params = ARRAY_LEN(p_chain),
      .returns = N_("una fórmula"),
      .doc = N_("La regla de la cadena escrita con los nombres y los números del "
                "cálculo: cada factor con su fórmula y su valor, y el producto. Los "
                "nombres son los de las variables: w_L es w^L, y_hat es ŷ. Si hay varios "
                "caminos, se suman."),
      .formula = "\\frac{\\partial C}{\\partial w}=\\frac{\\partial C}{\\partial \\hat "
                 "y}\\cdot\\frac{\\partial \\hat y}{\\partial z}\\cdot\\frac{\\partial "
                 "z}{\\partial w}",
      .example = "w = var(0.8); b = var(0.2); a = tensor(0.5)\n"
                 "z = w * a + b; y_hat = sigmoid(z); C = (y_hat - 1)^2\n"
                 "chain(C, w)",
      .see_also = "graph backprop grad"},
     l_chain}};

void cmd_chain_open(lua_State *L) {
    cmd_box_type(L, "nabla.chain", chain_free);
    lua_pop(L, 1);
    cmd_register(L, commands, ARRAY_LEN(commands));
}
