/* chart_free.c: the free place of a plot nearest to a point, for a label that would lie on
 * a curve anywhere beside its point. The plot is divided into cells; what is drawn marks
 * its cells; the sums over the rectangles from the corner tell in four additions whether a
 * box is empty. */
#include "chart_scene.h"
#include "scene_list.h"

#include <math.h>

#define CELL 4.0 /* px */

struct cells {
    struct viz_rect in; /* the plot */
    size_t nx, ny;
    uint32_t *used; /* (ny + 1, nx + 1): first marks, then sums; row and column 0 are 0 */
};

static uint32_t *cell_at(const struct cells *c, size_t x, size_t y) {
    return &c->used[y * (c->nx + 1) + x];
}

static void mark(struct cells *c, double x, double y) {
    double cx = floor((x - c->in.x) / CELL), cy = floor((y - c->in.y) / CELL);
    if (cx >= 0 && cy >= 0 && cx < (double)c->nx && cy < (double)c->ny)
        *cell_at(c, (size_t)cx + 1, (size_t)cy + 1) = 1;
}

static void mark_rect(struct cells *c, struct viz_rect r) {
    int nx = (int)ceil(r.w / CELL), ny = (int)ceil(r.h / CELL);
    for (int i = 0; i <= ny; i++)
        for (int j = 0; j <= nx; j++)
            mark(c, r.x + fmin(j * CELL, r.w), r.y + fmin(i * CELL, r.h));
}

/* Gaps are NaN: there is no step over them. */
static void mark_curve(struct cells *c, const double *xy, size_t n) {
    double most = 16 * (c->in.w + c->in.h);
    for (size_t i = 0; i < n; i++) {
        mark(c, xy[2 * i], xy[2 * i + 1]);
        if (i + 1 == n)
            break;
        double dx = xy[2 * i + 2] - xy[2 * i], dy = xy[2 * i + 3] - xy[2 * i + 1];
        double far = hypot(dx, dy);
        int steps = isfinite(far) ? (int)fmin(ceil(far / (CELL / 2)), most) : 0;
        for (int k = 1; k < steps; k++)
            mark(c, xy[2 * i] + dx * k / steps, xy[2 * i + 1] + dy * k / steps);
    }
}

static int mark_series(struct cells *c, const struct panel_plan *p, struct err *e) {
    for (size_t i = 0; i < p->panel->n_series; i++) {
        double *xy = NULL;
        size_t n = 0;
        int rc = viz_chart_series_px(&xy, &n, p, &p->panel->series[i], e);
        if (rc)
            return rc;
        mark_curve(c, xy, n);
        free(xy);
    }
    return 0;
}

static void sum_up(struct cells *c) {
    for (size_t y = 1; y <= c->ny; y++)
        for (size_t x = 1; x <= c->nx; x++)
            *cell_at(c, x, y) +=
                *cell_at(c, x - 1, y) + *cell_at(c, x, y - 1) - *cell_at(c, x - 1, y - 1);
}

/* The empty box of w by h cells nearest to (x, y), with a cell of air around it. */
static bool nearest(struct viz_rect *out, const struct cells *c, double x, double y,
                    double width, double height) {
    size_t w = (size_t)ceil(width / CELL) + 2, h = (size_t)ceil(height / CELL) + 2;
    double best = INFINITY;
    for (size_t j = 0; j + h <= c->ny; j++) {
        for (size_t i = 0; i + w <= c->nx; i++) {
            if (*cell_at(c, i + w, j + h) + *cell_at(c, i, j) !=
                *cell_at(c, i + w, j) + *cell_at(c, i, j + h))
                continue;
            struct viz_rect box = {c->in.x + CELL * ((double)i + 1),
                                   c->in.y + CELL * ((double)j + 1), width, height};
            double dx = box.x + width / 2 - x, dy = box.y + height / 2 - y;
            double far = hypot(dx / 2, dy); /* a label is wide */
            if (far < best) {
                best = far;
                *out = box;
            }
        }
    }
    return isfinite(best);
}

int viz_chart_free_box(struct viz_rect *out, const struct panel_plan *p,
                       const struct viz_rect *taken, size_t n_taken, double x, double y,
                       struct err *e) {
    struct cells c = {.in = p->plot,
                      .nx = (size_t)fmax(p->plot.w / CELL, 0),
                      .ny = (size_t)fmax(p->plot.h / CELL, 0)};
    c.used = calloc((c.nx + 1) * (c.ny + 1), sizeof *c.used);
    if (!c.used)
        return viz_no_memory(e);
    int rc = mark_series(&c, p, e);
    for (size_t i = 0; i < n_taken; i++)
        mark_rect(&c, taken[i]);
    sum_up(&c);
    if (rc == 0)
        (void)nearest(out, &c, x, y, out->w, out->h);
    free(c.used);
    return rc;
}
