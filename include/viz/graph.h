/* graph.h: the drawing of a computation: boxes with a name, a value and a gradient, small
 * circles for the operations, arrows from left to right.
 *
 *     const struct viz_graph_node nodes[] = {
 *         {.title = "w", .data = "0.8", .gradient = "-0.0811", .role = VIZ_NODE_PARAMETER},
 *         {.title = "×", .role = VIZ_NODE_OPERATION}, ...};
 *     const struct viz_graph_edge edges[] = {{0, 1}, ...};
 *     viz_graph_bundle(&b, &(struct viz_graph){nodes, n, edges, n_edges, ...}, e);
 *
 * The nodes come in an order in which every edge goes from a smaller index to a larger
 * one. Positions: from Graphviz' `dot` when it is installed, else from a layered
 * layout of our own. Units: logical px. Ownership: all borrowed. */
#ifndef VIZ_GRAPH_H
#define VIZ_GRAPH_H

#include "viz/scene.h"

enum { VIZ_GRAPH_MAX = 160, VIZ_GRAPH_EDGES_MAX = 400 };

enum viz_node_role {
    VIZ_NODE_CONSTANT,  /* data: grey */
    VIZ_NODE_PARAMETER, /* what is differentiated to: blue */
    VIZ_NODE_VALUE,     /* an intermediate result: white */
    VIZ_NODE_RESULT,    /* where the gradient starts: orange */
    VIZ_NODE_OPERATION  /* a circle */
};

struct viz_graph_node {
    const char *title, *data, *gradient; /* NULL: no such line */
    enum viz_node_role role;
};

struct viz_graph_edge {
    size_t from, to;
};

struct viz_graph {
    const struct viz_graph_node *nodes;
    size_t n;
    const struct viz_graph_edge *edges;
    size_t n_edges;
    const char *data_label, *gradient_label; /* before the values: "dato", "grad." */
    const char *title;                       /* NULL: none */
    const char *plain;                       /* the text/plain */
    const char *caption, *label;
    bool no_dot; /* the own layout, even when dot is installed */
};

/* ERR_ARG: edges that do not go forwards; ERR_RANGE: too many nodes, or a drawing beyond
 * VIZ_SIDE_MAX; ERR_NOMEM. */
int viz_graph_bundle(struct mime_bundle *out, const struct viz_graph *g, struct err *e);
int viz_graph_scene(struct viz_scene **out, const struct viz_graph *g, struct err *e);

#endif
