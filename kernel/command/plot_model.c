/* plot_model.c: plot.model(m): the layers as boxes with shapes and parameters; a residual
 * block and a concatenation as the branches that they are. */
#include "plot.h"

#include "register.h"
#include "show.h"

#include "base/i18n.h"
#include "base/util.h"
#include "cell/error.h"
#include "viz/graph.h"

/* The drawing while it is made: nodes in the order of the arrows, and its text. */
struct drawing {
    lua_State *L;
    struct buf *text;
    struct viz_graph_node node[VIZ_GRAPH_MAX];
    struct viz_graph_edge edge[VIZ_GRAPH_EDGES_MAX];
    size_t n, n_edges;
    bool built;
};

static void connect_nodes(struct drawing *d, size_t from, size_t to) {
    if (d->n_edges == VIZ_GRAPH_EDGES_MAX)
        cell_raisef(d->L, ERR_RANGE, _("plot.model: son más de %d flechas"),
                    VIZ_GRAPH_EDGES_MAX);
    d->edge[d->n_edges++] = (struct viz_graph_edge){from, to};
}

static size_t add_node(struct drawing *d, struct viz_graph_node node) {
    if (d->n == VIZ_GRAPH_MAX)
        cell_raisef(d->L, ERR_RANGE, _("plot.model: son más de %d capas"), VIZ_GRAPH_MAX);
    d->node[d->n] = node;
    return d->n++;
}

/* A text that lives as long as the figure is drawn. */
static const char *keep(lua_State *L, const char *text) {
    luaL_checkstack(L, 10, NULL);
    return lua_pushstring(L, text);
}

static const char *layer_title(lua_State *L, const struct nn_layer *l) {
    const char *a = nn_options_index(&l->options, "activation") >= 0
                        ? nn_option_text(&l->options, "activation")
                        : "";
    char text[2 * NN_OPTION_TEXT + 8];
    bool shown =
        *a && strcmp(a, "linear") != 0 && strcmp(l->type->name, "Activation") != 0;
    (void)snprintf(text, sizeof text, shown ? "%s · %s" : "%s%s", l->name,
                   shown ? a : "");
    return keep(L, text);
}

static void put_line(struct drawing *d, int depth, const struct nn_layer *l) {
    char shape[NN_SHAPE_TEXT];
    buf_printf(d->text, "%*s%s (%s)", 2 + 2 * depth, "", l->name, l->type->name);
    if (d->built)
        buf_printf(d->text, _(" → %s, %zu parámetros"),
                   nn_shape_text(shape, l->out_ndim, l->out_shape),
                   nn_layer_count_params(l, false));
    buf_putc(d->text, '\n');
}

static size_t add_layer(struct drawing *d, const struct nn_layer *l) {
    char text[NN_SHAPE_TEXT + 32];
    size_t params = 0;
    for (int i = 0; i < l->n_params; i++)
        params += l->param[i].var->value->n;
    struct viz_graph_node node = {.title = layer_title(d->L, l),
                                  .role = params ? VIZ_NODE_PARAMETER : VIZ_NODE_VALUE};
    if (d->built) {
        node.data = keep(d->L, nn_shape_text(text, l->out_ndim, l->out_shape));
        (void)snprintf(text, sizeof text, "%zu", params);
        node.gradient = params ? keep(d->L, text) : NULL;
    }
    return add_node(d, node);
}

static size_t draw_layer(struct drawing *d, const struct nn_layer *l, size_t from,
                         int depth);

static size_t draw_chain(struct drawing *d, int n, struct nn_layer *const layer[],
                         size_t from, int depth) {
    for (int i = 0; i < n; i++)
        from = draw_layer(d, layer[i], from, depth);
    return from;
}

/* x + f(x), or s(x) + f(x): two ways that meet in a sum. */
static size_t draw_residual(struct drawing *d, const struct nn_layer *l, size_t from,
                            int depth) {
    int n = l->n_children - (l->has_shortcut ? 1 : 0);
    size_t end = draw_chain(d, n, l->child, from, depth + 1);
    size_t other = l->has_shortcut ? draw_layer(d, l->child[n], from, depth + 1) : from;
    size_t sum =
        add_node(d, (struct viz_graph_node){.title = "+", .role = VIZ_NODE_OPERATION});
    connect_nodes(d, end, sum);
    connect_nodes(d, other, sum);
    const char *a = nn_option_text(&l->options, "activation");
    if (!*a || strcmp(a, "linear") == 0)
        return sum;
    size_t end_node =
        add_node(d, (struct viz_graph_node){.title = a, .role = VIZ_NODE_VALUE});
    connect_nodes(d, sum, end_node);
    return end_node;
}

static size_t draw_branches(struct drawing *d, const struct nn_layer *l, size_t from,
                            int depth) {
    size_t *end = cmd_scratch(d->L, (size_t)l->n_children + 1, sizeof *end);
    for (int i = 0; i < l->n_children; i++)
        end[i] = draw_layer(d, l->child[i], from, depth + 1);
    size_t join = add_layer(d, l);
    for (int i = 0; i < l->n_children; i++)
        connect_nodes(d, end[i], join);
    return join;
}

/* Draws l behind the node from; the node where it ends. */
static size_t draw_layer(struct drawing *d, const struct nn_layer *l, size_t from,
                         int depth) {
    luaL_checkstack(d->L, 20, NULL);
    put_line(d, depth, l);
    if (l->type->takes_shortcut)
        return draw_residual(d, l, from, depth);
    if (l->type->parts == NN_PARTS_CHAIN)
        return draw_chain(d, l->n_children, l->child, from, depth + 1);
    if (l->type->parts == NN_PARTS_BRANCHES)
        return draw_branches(d, l, from, depth);
    size_t node = add_layer(d, l);
    connect_nodes(d, from, node);
    return node;
}

static size_t draw_input(struct drawing *d, const struct nn_model *m) {
    char shape[NN_SHAPE_TEXT];
    struct viz_graph_node node = {.title = _("entrada"), .role = VIZ_NODE_CONSTANT};
    if (d->built)
        node.data = keep(d->L, nn_shape_text(shape, m->in_ndim, m->in_shape));
    buf_printf(d->text, "%s%s%s\n", node.title, node.data ? " " : "",
               node.data ? node.data : "");
    return add_node(d, node);
}

static int plot_model(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    const struct nn_model *m = cmd_box_test(L, cmd_slot(&a, "model"), CMD_MODEL);
    struct drawing *d = cmd_scratch(L, 1, sizeof *d);
    if (m->n_layers == 0)
        cmd_refuse(&a, "model", "%s", _("no tiene capas"));
    d->L = L;
    d->text = cmd_buf(L);
    d->built = m->built;
    size_t last = draw_chain(d, m->n_layers, m->layer, draw_input(d, m), 0);
    if (d->node[last].role != VIZ_NODE_OPERATION)
        d->node[last].role = VIZ_NODE_RESULT;
    if (d->text->failed)
        cmd_raise_nomem(L);
    const struct viz_graph g = {.nodes = d->node,
                                .n = d->n,
                                .edges = d->edge,
                                .n_edges = d->n_edges,
                                .data_label = _("salida"),
                                .gradient_label = _("pesos"),
                                .title = cmd_text(&a, "title"),
                                .plain = d->text->data,
                                .caption = cmd_text(&a, "caption"),
                                .label = cmd_text(&a, "label")};
    struct err e = {0};
    if (viz_graph_bundle(cmd_figure_push(L), &g, &e) < 0)
        cmd_raise(L, &e);
    cmd_show_now(L);
    return 1;
}

static const struct cell_help_param params[] = {{.name = "model",
                                                 .types = CELL_MODEL,
                                                 .flags = CELL_REQUIRED,
                                                 .doc = N_("el modelo")},
                                                CMD_TITLE,
                                                CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "plot.model",
      .kind = CELL_FUNCTION,
      .params = params,
      .n_params = ARRAY_LEN(params),
      .returns = N_("la figura, que se muestra"),
      .doc = N_("El modelo dibujado: cada capa con la forma de su salida y sus pesos, y "
                "las ramas donde las hay."),
      .example = "m = nn.Sequential{nn.Dense{8, activation = \"relu\"}, "
                 "nn.Residual{nn.Dense(8)}, nn.Dense(2)}; m:build{4}; plot.model(m)",
      .see_also = "Model:summary graph"},
     plot_model},
};

void cmd_plot_model_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
