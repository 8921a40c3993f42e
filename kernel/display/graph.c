/* graph.c: the drawing of a computation graph. */
#include "viz/graph.h"

#include "graph_layout.h"

#include "base/i18n.h"
#include "base/util.h"
#include "viz/style.h"

#include <math.h>

#define PAD       12.0
#define TITLE_ROW 22.0
#define LINE      14.0 /* from line to line in a box */
#define INSET     7.0
#define NAME_MAX  150.0
#define CIRCLE    24.0
#define ARROW     6.0

static const struct viz_text title_style = {
    .size = VIZ_SIZE_LABEL, .h = VIZ_MIDDLE, .v = VIZ_CENTER, .bold = true};
static const struct viz_text value_style = {
    .size = VIZ_SIZE_TICK, .h = VIZ_MIDDLE, .v = VIZ_CENTER};
static const struct viz_text gradient_style = {
    .size = VIZ_SIZE_TICK, .color = VIZ_BAD, .h = VIZ_MIDDLE, .v = VIZ_CENTER};

void graph_layout_release(struct graph_layout *l) {
    for (size_t i = 0; l->path && i < l->n_edges; i++)
        free(l->path[i].p);
    free(l->path);
    free(l->box);
    *l = (struct graph_layout){0};
}

static int check(const struct viz_graph *g, struct err *e) {
    if (g->n < 1 || g->n > VIZ_GRAPH_MAX || g->n_edges > VIZ_GRAPH_EDGES_MAX)
        return err_set(e, ERR_RANGE,
                       _("un grafo se dibuja con 1 a %d nodos y hasta %d flechas, no con "
                         "%zu y %zu"),
                       VIZ_GRAPH_MAX, VIZ_GRAPH_EDGES_MAX, g->n, g->n_edges);
    for (size_t i = 0; i < g->n_edges; i++)
        if (g->edges[i].from >= g->edges[i].to || g->edges[i].to >= g->n)
            return err_set(e, ERR_ARG,
                           _("la flecha %zu del grafo va de %zu a %zu, hacia atrás"),
                           i + 1, g->edges[i].from, g->edges[i].to);
    return 0;
}

/* "dato 0.8"; empty when there is no such line. */
static char *line_text(const char *label, const char *value) {
    struct buf b;
    buf_init(&b, 4096);
    if (value)
        buf_printf(&b, "%s%s%s", label ? label : "", label ? " " : "", value);
    else
        buf_puts(&b, "");
    return buf_take(&b, NULL);
}

static bool measure(struct viz_scene *s, const struct viz_graph *g, size_t i,
                    struct viz_rect *r) {
    const struct viz_graph_node *n = &g->nodes[i];
    char *title = viz_scene_text_fit(s, n->title ? n->title : "", &title_style, NAME_MAX);
    char *data = line_text(g->data_label, n->data);
    char *gradient = line_text(g->gradient_label, n->gradient);
    bool ok = title && data && gradient;
    if (ok) {
        double w = viz_scene_text_width(s, title, &title_style);
        w = fmax(w, viz_scene_text_width(s, data, &value_style));
        w = fmax(w, viz_scene_text_width(s, gradient, &gradient_style));
        int lines = 1 + (n->data != NULL) + (n->gradient != NULL);
        *r = n->role == VIZ_NODE_OPERATION
                 ? (struct viz_rect){0, 0, fmax(CIRCLE, w + 8), CIRCLE}
                 : (struct viz_rect){0, 0, ceil(w) + 2 * INSET, LINE * lines + 8};
    }
    free(title);
    free(data);
    free(gradient);
    return ok;
}

static void draw_box(struct viz_scene *s, const struct viz_graph *g, size_t i,
                     struct viz_rect r) {
    static const struct {
        viz_color fill, line;
    } look[] = {[VIZ_NODE_CONSTANT] = {0xFFF1F3F5, VIZ_FRAME},
                [VIZ_NODE_PARAMETER] = {0xFFE3F0F9, 0xFF0072B2},
                [VIZ_NODE_VALUE] = {VIZ_PAPER, VIZ_MUTED},
                [VIZ_NODE_RESULT] = {0xFFFDF1DC, 0xFFC77700},
                [VIZ_NODE_OPERATION] = {VIZ_PAPER, VIZ_MUTED}};
    const struct viz_graph_node *n = &g->nodes[i];
    struct viz_stroke stroke = {look[n->role].line, VIZ_HAIR, NULL};
    bool op = n->role == VIZ_NODE_OPERATION;
    double x = r.x + r.w / 2, y = r.y + 4 + LINE / 2;
    struct viz_text style = title_style;
    style.bold = !op;
    viz_scene_rect(s, r, look[n->role].fill, stroke, op ? r.h / 2 : 4);
    char *title = viz_scene_text_fit(s, n->title ? n->title : "", &title_style, NAME_MAX);
    viz_scene_text(s, x, op ? r.y + r.h / 2 : y, title, style);
    free(title);
    char *data = line_text(g->data_label, n->data);
    char *gradient = line_text(g->gradient_label, n->gradient);
    if (n->data)
        viz_scene_text(s, x, y += LINE, data, value_style);
    if (n->gradient)
        viz_scene_text(s, x, y + LINE, gradient, gradient_style);
    free(data);
    free(gradient);
}

static struct graph_point on_curve(const struct graph_point *p, double t) {
    double u = 1 - t, a = u * u * u, b = 3 * u * u * t, c = 3 * u * t * t, d = t * t * t;
    return (struct graph_point){a * p[0].x + b * p[1].x + c * p[2].x + d * p[3].x,
                                a * p[0].y + b * p[1].y + c * p[2].y + d * p[3].y};
}

/* Cubic curves as short lines, and an arrow's head at the end. */
static void draw_path(struct viz_scene *s, const struct graph_path *path, double dx,
                      double dy) {
    enum { STEPS = 12 };
    const struct viz_stroke stroke = {VIZ_MUTED, VIZ_HAIR, NULL};
    double xy[2 * (STEPS + 1)], tip[6], angle = 0;
    for (size_t c = 0; c + 3 < path->n; c += 3) {
        for (int k = 0; k <= STEPS; k++) {
            struct graph_point q = on_curve(path->p + c, (double)k / STEPS);
            xy[2 * k] = q.x + dx;
            xy[2 * k + 1] = q.y + dy;
        }
        viz_scene_polyline(s, xy, STEPS + 1, stroke);
    }
    if (path->n < 4)
        return;
    struct graph_point end = path->p[path->n - 1],
                       near = on_curve(path->p + path->n - 4, 0.85);
    angle = atan2(end.y - near.y, end.x - near.x);
    for (int k = 0; k < 3; k++) {
        double back = k == 1 ? 0 : ARROW, side = (k - 1) * ARROW / 2;
        tip[2 * k] = end.x + dx - back * cos(angle) + side * sin(angle);
        tip[2 * k + 1] = end.y + dy - back * sin(angle) - side * cos(angle);
    }
    viz_scene_polygon(s, tip, 3, VIZ_MUTED, (struct viz_stroke){0});
}

static void draw(struct viz_scene *s, const struct viz_graph *g,
                 const struct graph_layout *l) {
    double top = PAD + (g->title ? TITLE_ROW : 0);
    if (g->title)
        viz_scene_text(s, PAD, PAD + 10, g->title,
                       (struct viz_text){.size = VIZ_SIZE_TITLE, .bold = true});
    for (size_t i = 0; i < g->n_edges; i++)
        draw_path(s, &l->path[i], PAD, top);
    for (size_t i = 0; i < g->n; i++) {
        struct viz_rect r = l->box[i];
        r.x += PAD;
        r.y += top;
        draw_box(s, g, i, r);
    }
}

static int lay_out(struct graph_layout *l, const struct viz_graph *g, struct err *e) {
    struct viz_scene *ruler = NULL;
    bool ok = true;
    l->n_edges = g->n_edges;
    l->box = calloc(g->n, sizeof *l->box);
    l->path = calloc(g->n_edges + 1, sizeof *l->path);
    int rc = l->box && l->path
                 ? viz_scene_new(&ruler, 100, 100, e)
                 : err_set(e, ERR_NOMEM, _("no queda memoria para dibujar el grafo"));
    for (size_t i = 0; rc == 0 && ok && i < g->n; i++)
        ok = measure(ruler, g, i, &l->box[i]);
    viz_scene_free(ruler);
    if (!ok)
        rc = err_set(e, ERR_NOMEM, _("no queda memoria para dibujar el grafo"));
    if (rc == 0 && (g->no_dot || !graph_layout_dot(l, g)))
        rc = graph_layout_layers(l, g, e);
    return rc;
}

int viz_graph_scene(struct viz_scene **out, const struct viz_graph *g, struct err *e) {
    struct graph_layout l = {0};
    *out = NULL;
    int rc = check(g, e);
    if (rc == 0)
        rc = lay_out(&l, g, e);
    double top = PAD + (g->title ? TITLE_ROW : 0);
    if (rc == 0 &&
        (l.width + 2 * PAD > VIZ_SIDE_MAX || l.height + 2 * top > VIZ_SIDE_MAX))
        rc = err_set(e, ERR_RANGE,
                     _("el dibujo del grafo mediría %.0f×%.0f puntos y el máximo es %d"),
                     l.width, l.height, VIZ_SIDE_MAX);
    if (rc == 0)
        rc = viz_scene_new(out, ceil(l.width + 2 * PAD), ceil(l.height + top + PAD), e);
    if (rc == 0)
        draw(*out, g, &l);
    graph_layout_release(&l);
    return rc;
}

int viz_graph_bundle(struct mime_bundle *out, const struct viz_graph *g, struct err *e) {
    struct viz_scene *s = NULL;
    *out = (struct mime_bundle){0};
    int rc = viz_graph_scene(&s, g, e);
    if (rc == 0)
        rc = viz_scene_bundle(out, s, VIZ_WITH_SVG | VIZ_WITH_PNG | VIZ_WITH_PDF,
                              g->plain ? g->plain : "", g->caption, g->label, e);
    viz_scene_free(s);
    return rc;
}
