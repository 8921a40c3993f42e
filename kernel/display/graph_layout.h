/* graph_layout.h: where the nodes of a drawing stand and how its edges run. */
#ifndef DISPLAY_GRAPH_LAYOUT_H
#define DISPLAY_GRAPH_LAYOUT_H

#include "viz/graph.h"

struct graph_point {
    double x, y;
};

/* An edge as cubic curves: first point, then three more for each curve. */
struct graph_path {
    size_t n;
    struct graph_point *p;
};

struct graph_layout {
    double width, height;
    struct viz_rect *box;    /* one per node; the sizes are given, the places found */
    struct graph_path *path; /* one per edge */
    size_t n_edges;
};

void graph_layout_release(struct graph_layout *l);

/* Layers from left to right: l->box has the sizes. */
int graph_layout_layers(struct graph_layout *l, const struct viz_graph *g, struct err *e);

/* The same by `dot -Tplain`: false when there is no dot, or it did not answer in time; l is
 * as before then. */
bool graph_layout_dot(struct graph_layout *l, const struct viz_graph *g);

#endif
