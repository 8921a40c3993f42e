/* graph_layers.c: a layered drawing (after Sugiyama): each node one column right of its
 * inputs, long edges cut by bends, columns ordered by the mean of their neighbours. */
#include "graph_layout.h"

#include "base/i18n.h"
#include "base/util.h"

#include <math.h>

#define COLUMN_GAP 26.0
#define ROW_GAP    12.0
#define BEND       4.0 /* height that an edge keeps free where it passes a column */

enum { SWEEPS = 12 };

/* A node, or a bend of a long edge. */
struct spot {
    size_t rank, place; /* column, position in it */
    double w, h, y;     /* y: middle */
    double wish;
};

struct layers {
    size_t n, cap, n_ranks, n_links;
    struct spot *spot;
    size_t (*link)[2]; /* between neighbouring columns, left to right */
    size_t *first;     /* of each edge: its first bend; bends follow one another */
    size_t *column;    /* spots by column, then place */
    size_t *begin;     /* of each column in it, n_ranks + 1 */
};

static int no_memory(struct err *e) {
    return err_set(e, ERR_NOMEM, _("no queda memoria para dibujar el grafo"));
}

static void layers_free(struct layers *y) {
    free(y->spot);
    free(y->link);
    free(y->first);
    free(y->column);
    free(y->begin);
}

/* Each node right of its inputs; inputs then move right, next to who uses them first. */
static void rank_nodes(struct layers *y, const struct viz_graph *g) {
    for (size_t v = 0; v < g->n; v++)
        for (size_t i = 0; i < g->n_edges; i++)
            if (g->edges[i].to == v)
                y->spot[v].rank =
                    MAX_OF(y->spot[v].rank, y->spot[g->edges[i].from].rank + 1);
    for (size_t v = g->n; v-- > 0;) {
        size_t least = SIZE_MAX;
        bool source = true;
        for (size_t i = 0; i < g->n_edges; i++) {
            source = source && g->edges[i].to != v;
            if (g->edges[i].from == v)
                least = MIN_OF(least, y->spot[g->edges[i].to].rank);
        }
        if (source && least != SIZE_MAX)
            y->spot[v].rank = least - 1;
    }
    for (size_t v = 0; v < g->n; v++)
        y->n_ranks = MAX_OF(y->n_ranks, y->spot[v].rank + 1);
}

static int reserve(struct layers *y, const struct viz_graph *g, struct err *e) {
    y->spot = calloc(MAX_OF(g->n, (size_t)1), sizeof *y->spot);
    y->first = calloc(g->n_edges + 1, sizeof *y->first);
    if (!y->spot || !y->first)
        return no_memory(e);
    rank_nodes(y, g);
    size_t bends = 0, links = 0;
    for (size_t i = 0; i < g->n_edges; i++) {
        size_t span = y->spot[g->edges[i].to].rank - y->spot[g->edges[i].from].rank;
        bends += span > 1 ? span - 1 : 0;
        links += span;
    }
    size_t spots;
    if (!add_size(&spots, g->n, bends) || spots < g->n || spots == 0)
        return no_memory(e);
    struct spot *all = calloc(spots, sizeof *all);
    if (all) {
        memcpy(all, y->spot, g->n * sizeof *all);
        free(y->spot);
        y->spot = all;
    }
    y->link = calloc(links + 1, sizeof *y->link);
    y->column = calloc(spots, sizeof *y->column);
    y->begin = calloc(y->n_ranks + 2, sizeof *y->begin);
    return all && y->link && y->column && y->begin ? 0 : no_memory(e);
}

static void cut_edges(struct layers *y, const struct viz_graph *g) {
    y->n = g->n;
    for (size_t i = 0; i < g->n_edges; i++) {
        size_t from = g->edges[i].from, to = g->edges[i].to, last = from;
        y->first[i] = y->n;
        for (size_t r = y->spot[from].rank + 1; r < y->spot[to].rank; r++) {
            y->spot[y->n] = (struct spot){.rank = r, .h = BEND};
            y->link[y->n_links][0] = last;
            y->link[y->n_links++][1] = y->n;
            last = y->n++;
        }
        y->link[y->n_links][0] = last;
        y->link[y->n_links++][1] = to;
    }
}

static void fill_columns(struct layers *y) {
    size_t at = 0;
    for (size_t r = 0; r < y->n_ranks; r++) {
        y->begin[r] = at;
        for (size_t v = 0; v < y->n; v++)
            if (y->spot[v].rank == r) {
                y->spot[v].place = at - y->begin[r];
                y->column[at++] = v;
            }
    }
    y->begin[y->n_ranks] = at;
}

/* Where v would like to be: the mean of its neighbours on one side (-1 left, 1 right);
 * by place or by y. */
static double wish_of(const struct layers *y, size_t v, int side, bool by_place) {
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < y->n_links; i++)
        for (int k = 0; k < 2; k++)
            if (y->link[i][k] == v && side == (k ? -1 : 1)) {
                const struct spot *o = &y->spot[y->link[i][1 - k]];
                sum += by_place ? (double)o->place : o->y;
                n++;
            }
    if (n > 0)
        return sum / (double)n;
    return by_place ? (double)y->spot[v].place : y->spot[v].y;
}

/* Insertion sort: columns are short, and equal wishes keep their order. */
static void sort_column(struct layers *y, size_t r) {
    size_t *c = y->column + y->begin[r], n = y->begin[r + 1] - y->begin[r];
    for (size_t i = 1; i < n; i++) {
        size_t v = c[i], k = i;
        for (; k > 0 && y->spot[c[k - 1]].wish > y->spot[v].wish; k--)
            c[k] = c[k - 1];
        c[k] = v;
    }
    for (size_t i = 0; i < n; i++)
        y->spot[c[i]].place = i;
}

static void order_columns(struct layers *y) {
    for (int s = 0; s < SWEEPS; s++)
        for (size_t k = 0; k < y->n_ranks; k++) {
            size_t r = s % 2 ? k : y->n_ranks - 1 - k;
            for (size_t i = y->begin[r]; i < y->begin[r + 1]; i++)
                y->spot[y->column[i]].wish =
                    wish_of(y, y->column[i], s % 2 ? -1 : 1, true);
            sort_column(y, r);
        }
}

static double distance(const struct layers *y, size_t i) {
    return (y->spot[y->column[i - 1]].h + y->spot[y->column[i]].h) / 2 + ROW_GAP;
}

/* The wishes of a column, with room between: pushed down, pushed up, and the mean. */
static void settle(struct layers *y, size_t r) {
    size_t a = y->begin[r], b = y->begin[r + 1];
    double at = -INFINITY;
    for (size_t i = a; i < b; i++) {
        struct spot *s = &y->spot[y->column[i]];
        at = i == a ? s->wish : fmax(s->wish, at + distance(y, i));
        s->y = at;
    }
    for (size_t i = b; i-- > a;) {
        struct spot *s = &y->spot[y->column[i]];
        at = i + 1 == b ? s->wish : fmin(s->wish, at - distance(y, i + 1));
        s->y = (s->y + at) / 2;
    }
}

static void place_rows(struct layers *y) {
    for (size_t r = 0; r < y->n_ranks; r++) {
        for (size_t i = y->begin[r]; i < y->begin[r + 1]; i++)
            y->spot[y->column[i]].wish = 0;
        settle(y, r);
    }
    for (int s = 0; s < 2 * SWEEPS; s++)
        for (size_t k = 0; k < y->n_ranks; k++) {
            size_t r = s % 2 ? k : y->n_ranks - 1 - k;
            int side = s % 2 ? -1 : 1; /* left at last: what follows a circle is level */
            for (size_t i = y->begin[r]; i < y->begin[r + 1]; i++)
                y->spot[y->column[i]].wish = wish_of(y, y->column[i], side, false);
            settle(y, r);
        }
}

/* ------------------------------------------------------------------- into the layout */

static void place_boxes(struct graph_layout *l, const struct layers *y, size_t n,
                        double *middle) {
    double x = 0, top = INFINITY, bottom = -INFINITY;
    for (size_t v = 0; v < y->n; v++) {
        top = fmin(top, y->spot[v].y - y->spot[v].h / 2);
        bottom = fmax(bottom, y->spot[v].y + y->spot[v].h / 2);
    }
    for (size_t r = 0; r < y->n_ranks; r++) {
        double w = 0;
        for (size_t i = y->begin[r]; i < y->begin[r + 1]; i++)
            w = fmax(w, y->spot[y->column[i]].w);
        middle[r] = x + w / 2;
        x += w + COLUMN_GAP;
    }
    for (size_t v = 0; v < y->n; v++)
        y->spot[v].y -= top;
    for (size_t v = 0; v < n; v++) {
        l->box[v].x = middle[y->spot[v].rank] - l->box[v].w / 2;
        l->box[v].y = y->spot[v].y - l->box[v].h / 2;
    }
    l->width = fmax(x - COLUMN_GAP, 1);
    l->height = fmax(bottom - top, 1);
}

/* A curve that leaves and arrives level. */
static void add_curve(struct graph_path *p, struct graph_point to) {
    struct graph_point from = p->p[p->n - 1];
    double half = (to.x - from.x) / 2;
    p->p[p->n++] = (struct graph_point){from.x + half, from.y};
    p->p[p->n++] = (struct graph_point){to.x - half, to.y};
    p->p[p->n++] = to;
}

static int draw_edge(struct graph_layout *l, const struct layers *y,
                     const struct viz_graph *g, size_t i, const double *middle,
                     struct err *e) {
    const struct viz_rect *a = &l->box[g->edges[i].from], *b = &l->box[g->edges[i].to];
    size_t end = i + 1 < g->n_edges ? y->first[i + 1] : y->n, bends = end - y->first[i];
    struct graph_path *p = &l->path[i];
    p->p = calloc(3 * bends + 4, sizeof *p->p);
    if (!p->p)
        return no_memory(e);
    p->p[p->n++] = (struct graph_point){a->x + a->w, a->y + a->h / 2};
    for (size_t v = y->first[i]; v < end; v++)
        add_curve(p, (struct graph_point){middle[y->spot[v].rank], y->spot[v].y});
    add_curve(p, (struct graph_point){b->x, b->y + b->h / 2});
    return 0;
}

int graph_layout_layers(struct graph_layout *l, const struct viz_graph *g,
                        struct err *e) {
    struct layers y = {0};
    double middle[VIZ_GRAPH_MAX + 1]; /* of each column: there are at most n */
    int rc = reserve(&y, g, e);
    if (rc == 0) {
        for (size_t v = 0; v < g->n; v++) {
            y.spot[v].w = l->box[v].w;
            y.spot[v].h = l->box[v].h;
        }
        cut_edges(&y, g);
        fill_columns(&y);
        order_columns(&y);
        place_rows(&y);
        place_boxes(l, &y, g->n, middle);
    }
    for (size_t i = 0; rc == 0 && i < g->n_edges; i++)
        rc = draw_edge(l, &y, g, i, middle, e);
    layers_free(&y);
    return rc;
}
