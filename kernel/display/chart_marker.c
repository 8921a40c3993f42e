/* chart_marker.c: a marked value (best epoch) or guide line, with a label that keeps clear
 * of the curves where it can. */
#include "chart_scene.h"

#include "viz/style.h"

#include <math.h>

#define LABEL_H 13.0 /* height that a label takes, px */
#define AWAY    9.0  /* from the marked point to its label */
#define FAR     40.0 /* a label so far from its point is joined to it by a line */

enum {
    TAKEN_MAX = 48, /* boxes that a label keeps clear of */
    STEPS_MAX = 500 /* samples of a segment */
};

static const double guide_dash[2] = {2, 2.5};

/* How much of a curve lies in a box: sampled along each segment, 3 px apart or less. */
static size_t crossings(const double *xy, size_t n, struct viz_rect box) {
    size_t hits = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        double dx = xy[2 * i + 2] - xy[2 * i], dy = xy[2 * i + 3] - xy[2 * i + 1];
        double far = hypot(dx, dy);
        int steps = isfinite(far) ? (int)fmin(fmax(ceil(far / 3), 8), STEPS_MAX) : 0;
        for (int k = 0; k < steps; k++) {
            double x = xy[2 * i] + dx * k / steps, y = xy[2 * i + 1] + dy * k / steps;
            hits += x >= box.x && x <= box.x + box.w && y >= box.y && y <= box.y + box.h;
        }
    }
    return hits;
}

static double outside(struct viz_rect box, struct viz_rect in) {
    double over = fmax(in.x - box.x, 0) + fmax(in.y - box.y, 0);
    over += fmax(box.x + box.w - in.x - in.w, 0);
    return over + fmax(box.y + box.h - in.y - in.h, 0);
}

static int count_hits(size_t *hits, const struct panel_plan *p,
                      const struct viz_rect *box, size_t boxes, struct err *e) {
    for (size_t i = 0; i < p->panel->n_series; i++) {
        double *xy = NULL;
        size_t n = 0;
        int rc = viz_chart_series_px(&xy, &n, p, &p->panel->series[i], e);
        if (rc)
            return rc;
        for (size_t b = 0; b < boxes; b++)
            hits[b] += crossings(xy, n, box[b]);
        free(xy);
    }
    return 0;
}

int viz_chart_pick_box(struct viz_rect *out, const struct panel_plan *p,
                       const struct viz_rect *box, size_t n, struct err *e) {
    size_t hits[CHART_PLACES_MAX] = {0};
    int rc = count_hits(hits, p, box, n, e);
    double best = INFINITY;
    *out = box[0];
    for (size_t b = 0; rc == 0 && b < n; b++) {
        double cost = (double)hits[b] + 10 * outside(box[b], p->plot) + 0.1 * (double)b;
        if (cost < best) {
            best = cost;
            *out = box[b];
        }
    }
    return rc;
}

/* The far places are for curves: over a field their dotted line to the axis is missing.
 * The best of the places above, below and beside (x, y) for a label w wide. */
static int place_label(struct viz_rect *out, const struct panel_plan *p, double x,
                       double y, double w, struct err *e) {
    struct viz_rect box[] = {{x - w / 2, y - AWAY - LABEL_H, w, LABEL_H},
                             {x - w - 2, y - AWAY - LABEL_H, w, LABEL_H},
                             {x + 2, y - AWAY - LABEL_H, w, LABEL_H},
                             {x - w / 2, y + AWAY, w, LABEL_H},
                             {x - w - 2, y + AWAY, w, LABEL_H},
                             {x + 2, y + AWAY, w, LABEL_H},
                             {x + AWAY, y - LABEL_H / 2, w, LABEL_H},
                             {x - AWAY - w, y - LABEL_H / 2, w, LABEL_H},
                             {x - w / 2, y - 3 * LABEL_H, w, LABEL_H},
                             {x - w - 2, y - 3 * LABEL_H, w, LABEL_H},
                             {x + 2, y - 3 * LABEL_H, w, LABEL_H},
                             {x - w - 2, y - 4.5 * LABEL_H, w, LABEL_H},
                             {x + 2, y - 4.5 * LABEL_H, w, LABEL_H},
                             {x - w - 2, y - 6 * LABEL_H, w, LABEL_H}};
    size_t near_by = p->panel->field ? ARRAY_LEN(box) - 3 : ARRAY_LEN(box);
    return viz_chart_pick_box(out, p, box, near_by, e);
}

static const struct viz_text label_style = {
    .size = VIZ_SIZE_TICK, .color = VIZ_INK, .h = VIZ_START, .v = VIZ_CENTER};

static bool meet(struct viz_rect a, struct viz_rect b) {
    return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/* The marked point's ring and, below it, the line to the axis. */
static size_t take_point(struct viz_rect *taken, const struct panel_plan *p, double x,
                         double y) {
    taken[0] = (struct viz_rect){x - 6, y - 6, 12, 12};
    taken[1] = (struct viz_rect){x, y, 0, p->plot.y + p->plot.h - y};
    return p->panel->field ? 1 : 2;
}

/* A label w wide for the point (x, y), clear of the curves and of the boxes taken; all of
 * them and its own ring and line, when there is no place beside the point. */
static int place_clear(struct viz_rect *out, const struct panel_plan *p, double x,
                       double y, double w, struct viz_rect *taken, size_t *n,
                       struct err *e) {
    size_t hits = 0;
    int rc = place_label(out, p, x, y, w, e);
    if (rc == 0)
        rc = count_hits(&hits, p, out, 1, e);
    for (size_t i = 0; i < *n; i++)
        hits += meet(*out, taken[i]);
    *n += take_point(taken + *n, p, x, y);
    if (rc == 0 && hits)
        rc = viz_chart_free_box(out, p, taken, *n, x, y, e);
    taken[(*n)++] = *out;
    return rc;
}

int viz_chart_marker_place(struct viz_rect *out, const struct panel_plan *p,
                           const struct viz_marker *m, struct viz_scene *s,
                           struct err *e) {
    struct viz_rect taken[TAKEN_MAX];
    size_t n = 0;
    int rc = 0;
    for (const struct viz_marker *at = p->panel->markers; rc == 0 && at <= m; at++) {
        double x = viz_chart_px_x(p, at->x), y = viz_chart_px_y(p, at->y);
        bool labelled = at->kind == VIZ_MARK_POINT && at->label && *at->label;
        if (at < m && (!labelled || !isfinite(x) || !isfinite(y) || n > TAKEN_MAX - 6))
            continue;
        double w = viz_scene_text_width(s, at->label, &label_style) + 4;
        rc = place_clear(out, p, x, y, w, taken, &n, e);
    }
    return rc;
}

/* From the ring to a label that had to go far away. */
static void draw_leader(struct viz_scene *s, double x, double y, struct viz_rect box) {
    double tx = fmin(fmax(x, box.x + 6), box.x + box.w - 6);
    double ty = y > box.y + box.h ? box.y + box.h : y < box.y ? box.y : y;
    double far = hypot(tx - x, ty - y);
    if (far > FAR)
        viz_scene_line(s, x + 5 * (tx - x) / far, y + 5 * (ty - y) / far, tx, ty,
                       (struct viz_stroke){VIZ_MUTED, 0.75, NULL});
}

static int draw_point(struct viz_scene *s, const struct panel_plan *p,
                      const struct viz_marker *m, struct err *e) {
    double x = viz_chart_px_x(p, m->x), y = viz_chart_px_y(p, m->y);
    viz_color color = viz_style_series(m->color);
    double base = p->plot.y + p->plot.h;
    if (!isfinite(x) || !isfinite(y) || x < p->plot.x || x > p->plot.x + p->plot.w ||
        y < p->plot.y - 1 || y > base + 1)
        return 0;
    if (!p->panel->field)
        viz_scene_line(s, x, y + 4, x, base,
                       (struct viz_stroke){VIZ_FRAME, 1, guide_dash});
    viz_scene_circle(s, x, y, 3.8, VIZ_PAPER, (struct viz_stroke){color, 1.75, NULL});
    if (!m->label || !*m->label)
        return 0;
    struct viz_rect box = {0};
    int rc = viz_chart_marker_place(&box, p, m, s, e);
    if (rc)
        return rc;
    draw_leader(s, x, y, box);
    viz_scene_rect(s, box, VIZ_PAPER, (struct viz_stroke){0}, 2);
    viz_scene_text(s, box.x + 2, box.y + box.h / 2, m->label, label_style);
    return 0;
}

static void draw_vline(struct viz_scene *s, const struct panel_plan *p,
                       const struct viz_marker *m) {
    double x = viz_chart_px_x(p, m->x);
    if (!isfinite(x) || x < p->plot.x || x > p->plot.x + p->plot.w)
        return;
    viz_scene_line(s, x, p->plot.y, x, p->plot.y + p->plot.h,
                   (struct viz_stroke){viz_style_series(m->color), 1.25, guide_dash});
    bool right = x < p->plot.x + p->plot.w * 0.6;
    viz_scene_text(s, x + (right ? 4 : -4), p->plot.y + 4, m->label,
                   (struct viz_text){.size = VIZ_SIZE_TICK,
                                     .h = right ? VIZ_START : VIZ_END,
                                     .v = VIZ_TOP});
}

/* A guide's label stands above or below its right or left end, clear of the curves. */
int viz_chart_guide_place(struct viz_rect *out, const struct panel_plan *p,
                          const struct viz_marker *m, struct viz_scene *s,
                          struct err *e) {
    double y = viz_chart_px_y(p, m->y), left = p->plot.x + 3;
    double w = viz_scene_text_width(s, m->label, &label_style) + 4;
    double right = p->plot.x + p->plot.w - w;
    const struct viz_rect box[] = {{right, y - LABEL_H - 1, w, LABEL_H},
                                   {left, y - LABEL_H - 1, w, LABEL_H},
                                   {right, y + 2, w, LABEL_H},
                                   {left, y + 2, w, LABEL_H}};
    return viz_chart_pick_box(out, p, box, ARRAY_LEN(box), e);
}

static int draw_hline(struct viz_scene *s, const struct panel_plan *p,
                      const struct viz_marker *m, struct err *e) {
    double y = viz_chart_px_y(p, m->y), right = p->plot.x + p->plot.w;
    if (!isfinite(y) || y < p->plot.y || y > p->plot.y + p->plot.h)
        return 0;
    viz_scene_line(s, p->plot.x, y, right, y,
                   (struct viz_stroke){viz_style_series(m->color), 1.25, guide_dash});
    if (!m->label || !*m->label)
        return 0;
    struct viz_rect box = {0};
    int rc = viz_chart_guide_place(&box, p, m, s, e);
    if (rc == 0)
        viz_scene_text(s, box.x + 2, box.y + box.h / 2, m->label, label_style);
    return rc;
}

int viz_chart_marker_draw(struct viz_scene *s, const struct panel_plan *p,
                          const struct viz_marker *m, struct err *e) {
    switch (m->kind) {
    case VIZ_MARK_POINT:
        return draw_point(s, p, m, e);
    case VIZ_MARK_VLINE:
        draw_vline(s, p, m);
        break;
    case VIZ_MARK_HLINE:
        return draw_hline(s, p, m, e);
    }
    return 0;
}
