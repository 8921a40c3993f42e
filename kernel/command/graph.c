/* graph.c: the command graph(y): the computation drawn with value and gradient at each
 * node. */
#include "explain.h"

#include "register.h"
#include "show.h"
#include "symbol.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "viz/graph.h"
#include "viz/table.h"

#include <math.h>

enum { DRAWN_MAX = 60 }; /* values: more are not readable */

/* Pushes the text of a LaTeX piece; it lives as long as it is on the stack. */
static const char *push_text(lua_State *L, const char *latex) {
    struct buf *b = cmd_buf(L);
    cmd_latex_text(b, latex);
    if (b->failed)
        cmd_raise_nomem(L);
    lua_pushlstring(L, b->data ? b->data : "", b->len);
    lua_remove(L, -2);
    return lua_tostring(L, -1);
}

static const char *push_title(lua_State *L, const struct cmd_explain *x, int i) {
    struct buf *b = cmd_buf(L);
    cmd_explain_symbol(b, x, i);
    if (b->failed)
        cmd_raise_nomem(L);
    const char *text = push_text(L, b->data ? b->data : "");
    lua_remove(L, -2);
    return text;
}

/* One number, or shape and norm. */
static const char *push_value(lua_State *L, const struct nn_tensor *t, bool gradient) {
    char text[NN_SHAPE_TEXT];
    double sum = 0;
    for (size_t i = 0; gradient && i < t->n; i++)
        sum += nn_tensor_get(t, i) * nn_tensor_get(t, i);
    if (t->n == 1)
        lua_pushfstring(L, "%s",
                        (snprintf(text, sizeof text, "%.4g", nn_tensor_get(t, 0)), text));
    else if (gradient)
        lua_pushfstring(L, "%s",
                        (snprintf(text, sizeof text, "‖·‖ %.4g", sqrt(sum)), text));
    else
        lua_pushstring(L, nn_shape_text(text, t->ndim, t->shape));
    return lua_tostring(L, -1);
}

/* "×" for mul, "+" for add, else the op's name. */
static const char *op_sign(const struct nn_op *op) {
    static const char *const signs[][2] = {
        {"add", "+"},     {"sub", "−"},      {"mul", "×"}, {"div", "÷"},
        {"pow", "^"},     {"square", "^2"},  {"neg", "−"}, {"sum", "Σ"},
        {"sigmoid", "σ"}, {"transpose", "T"}};
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (strcmp(op->name, signs[i][0]) == 0)
            return signs[i][1];
    return op->name;
}

struct drawing {
    struct viz_graph_node *node;
    struct viz_graph_edge *edge;
    size_t n, n_edges;
    size_t *at; /* of each value its place in node */
};

static struct viz_graph_node value_node(lua_State *L, const struct cmd_explain *x,
                                        size_t i) {
    const struct cmd_node *d = &x->node[i];
    struct viz_graph_node n = {.title = push_title(L, x, (int)i),
                               .role = i == x->n - 1            ? VIZ_NODE_RESULT
                                       : d->n_in                ? VIZ_NODE_VALUE
                                       : d->twin->requires_grad ? VIZ_NODE_PARAMETER
                                                                : VIZ_NODE_CONSTANT};
    if (!d->number)
        n.data = push_value(L, d->twin->value, false);
    if (d->twin->grad)
        n.gradient = push_value(L, d->twin->grad, true);
    return n;
}

static void fill_drawing(lua_State *L, const struct cmd_explain *x, struct drawing *g) {
    luaL_checkstack(L, (int)(3 * x->n + 20), "graph");
    for (size_t i = 0; i < x->n; i++) {
        const struct cmd_node *d = &x->node[i];
        if (d->n_in) {
            g->node[g->n] = (struct viz_graph_node){.title = op_sign(d->var->op),
                                                    .role = VIZ_NODE_OPERATION};
            for (int k = 0; k < d->n_in; k++)
                g->edge[g->n_edges++] = (struct viz_graph_edge){g->at[d->in[k]], g->n};
            g->edge[g->n_edges++] = (struct viz_graph_edge){g->n, g->n + 1};
            g->n++;
        }
        g->at[i] = g->n;
        g->node[g->n++] = value_node(L, x, i);
    }
}

/* The nodes as a table, for text/plain. */
static const char *push_plain(lua_State *L, const struct cmd_explain *x,
                              const struct drawing *g) {
    struct viz_column column[] = {{_("nodo"), VIZ_LEFT},
                                  {_("operación"), VIZ_LEFT},
                                  {_("dato"), VIZ_RIGHT},
                                  {_("gradiente"), VIZ_RIGHT}};
    const char **cell = cmd_scratch(L, 4 * x->n, sizeof *cell);
    struct buf *b = cmd_buf(L);
    struct err e = {0};
    for (size_t i = 0; i < x->n; i++) {
        const struct viz_graph_node *n = &g->node[g->at[i]];
        cell[4 * i] = n->title;
        cell[4 * i + 1] = x->node[i].n_in ? x->node[i].var->op->name : "";
        cell[4 * i + 2] = n->data ? n->data : n->title;
        cell[4 * i + 3] = n->gradient ? n->gradient : "";
    }
    if (viz_table_text(b,
                       &(struct viz_table){.columns = column,
                                           .n_columns = ARRAY_LEN(column),
                                           .cells = cell,
                                           .n_rows = x->n},
                       &e) < 0)
        cmd_raise(L, &e);
    return b->data;
}

static _Noreturn void too_large(lua_State *L, size_t n) {
    struct err e = {0};
    (void)err_set(&e, ERR_RANGE,
                  _("graph: el cálculo tiene %zu nodos, que no caben en un dibujo que se "
                    "lea; backprop(y) los muestra en una tabla"),
                  n);
    cmd_raise(L, &e);
}

static int l_graph(lua_State *L) {
    struct cmd_args a;
    struct err e = {0};
    cmd_args_read(&a, L, 1);
    struct cmd_explain *x = cmd_explain_push(L, cmd_tensor(&a, "y"), "graph");
    size_t inputs = 0;
    for (size_t i = 0; i < x->n; i++)
        inputs += (size_t)x->node[i].n_in;
    if (x->n > DRAWN_MAX)
        too_large(L, x->n);
    struct drawing g = {.node = cmd_scratch(L, 2 * x->n, sizeof *g.node),
                        .edge = cmd_scratch(L, x->n + inputs, sizeof *g.edge),
                        .at = cmd_scratch(L, x->n, sizeof *g.at)};
    fill_drawing(L, x, &g);
    struct viz_graph v = {.nodes = g.node,
                          .n = g.n,
                          .edges = g.edge,
                          .n_edges = g.n_edges,
                          .data_label = _("dato"),
                          .gradient_label = _("grad."),
                          .title = cmd_text(&a, "title"),
                          .plain = push_plain(L, x, &g),
                          .caption = cmd_text(&a, "caption"),
                          .label = cmd_text(&a, "label"),
                          .no_dot = !cmd_boolean(&a, "dot")};
    struct mime_bundle *b = cmd_figure_push(L);
    int rc = viz_graph_bundle(b, &v, &e);
    if (rc == ERR_RANGE)
        too_large(L, x->n);
    if (rc < 0)
        cmd_raise(L, &e);
    cmd_show_now(L);
    return 1;
}

static const struct cell_help_param p_graph[] = {
    {.name = "y",
     .types = CELL_TENSOR,
     .flags = CELL_REQUIRED,
     .doc = N_("el resultado, de un solo número")},
    {.name = "dot",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "true",
     .doc = N_("usa Graphviz (dot) para ubicar los nodos, si está instalado")},
    {.name = "title",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("título de la figura")},
    CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "graph",
      .kind = CELL_FUNCTION,
      .params = p_graph,
      .n_params = ARRAY_LEN(p_graph),
      .returns = N_("una figura"),
      .doc = N_("Dibuja el grafo de cálculo: en cada nodo su nombre, su dato y la "
                "derivada del resultado respecto de él."),
      .example = "w = var(0.8); b = var(0.2); a = tensor(0.5)\n"
                 "z = w * a + b; y_hat = sigmoid(z); C = (y_hat - 1)^2\n"
                 "graph(C)",
      .see_also = "chain backprop"},
     l_graph}};

void cmd_graph_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
