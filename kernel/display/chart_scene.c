/* chart_scene.c: the chart as a scene: grid, axes, curves. */
#include "chart_scene.h"

#include "base/i18n.h"
#include "viz/style.h"

#include <math.h>

#define STAIRS_ALPHA 0x30000000U /* several histograms over each other stay readable */

static const struct viz_stroke hair_grid = {VIZ_GRID, VIZ_HAIR, NULL};
static const struct viz_stroke hair_frame = {VIZ_FRAME, VIZ_HAIR, NULL};

/* Where v of lo..hi falls in 0..1; huge ranges do not overflow. */
static double fraction(double v, const struct ticks *t, bool log) {
    if (log)
        return (log10(v) - log10(t->min)) / (log10(t->max) - log10(t->min));
    double span = t->max / 2 - t->min / 2;
    return (v / 2 - t->min / 2) / span;
}

double viz_chart_px_x(const struct panel_plan *p, double v) {
    double inset = p->panel->field ? 0 : CHART_INSET;
    return p->plot.x + inset +
           fraction(v, &p->x, p->panel->x.log) * (p->plot.w - 2 * inset);
}

double viz_chart_px_y(const struct panel_plan *p, double v) {
    return p->plot.y + p->plot.h - fraction(v, &p->y, p->panel->y.log) * p->plot.h;
}

/* Hair lines are sharp when they fall on half pixels. */
static double crisp(double v) {
    return floor(v) + 0.5;
}

/* Tick labels that are wider than their room are set smaller. */
static double tick_size(struct viz_scene *s, const struct ticks *t, double room) {
    struct viz_text style = {.size = VIZ_SIZE_TICK};
    double widest = 0;
    for (size_t i = 0; i < t->n; i++)
        widest = fmax(widest, viz_scene_text_width(s, t->label[i], &style));
    if (widest <= room)
        return VIZ_SIZE_TICK;
    return fmax(VIZ_SIZE_TICK * room / widest, 5.5);
}

static void draw_y_axis(struct viz_scene *s, const struct panel_plan *p) {
    struct viz_text style = {.size = tick_size(s, &p->y, 36),
                             .color = VIZ_MUTED,
                             .h = VIZ_END,
                             .v = VIZ_CENTER};
    for (size_t i = 0; i < p->y.n; i++) {
        double y = crisp(viz_chart_px_y(p, p->y.at[i]));
        viz_scene_line(s, p->plot.x, y, p->plot.x + p->plot.w, y, hair_grid);
        viz_scene_text(s, p->plot.x - 6, y, p->y.label[i], style);
    }
}

static void draw_x_axis(struct viz_scene *s, const struct panel_plan *p) {
    double base = crisp(p->plot.y + p->plot.h);
    struct viz_text style = {
        .size = VIZ_SIZE_TICK, .color = VIZ_MUTED, .h = VIZ_MIDDLE, .v = VIZ_TOP};
    for (size_t i = 0; i < p->x.n; i++) {
        double x = crisp(viz_chart_px_x(p, p->x.at[i]));
        viz_scene_line(s, x, base, x, base + 4, hair_frame);
        viz_scene_text(s, x, base + 7, p->x.label[i], style);
    }
    viz_scene_line(s, crisp(p->plot.x), p->plot.y, crisp(p->plot.x), base, hair_frame);
    viz_scene_line(s, p->plot.x, base, p->plot.x + p->plot.w, base, hair_frame);
}

static void draw_labels(struct viz_scene *s, const struct panel_plan *p) {
    double middle = p->plot.x + p->plot.w / 2;
    struct viz_text title = {.size = VIZ_SIZE_TITLE, .h = VIZ_MIDDLE, .bold = true};
    struct viz_text label = {.size = VIZ_SIZE_LABEL, .h = VIZ_MIDDLE, .color = VIZ_MUTED};
    struct viz_text upright = label;
    upright.angle = -90;
    upright.v = VIZ_CENTER;
    double room = 2 * fmin(middle, viz_scene_width(s) - middle) - 4; /* to the border */
    char *fit =
        viz_scene_text_fit(s, p->panel->title, &title, fmin(p->plot.w + 40, room));
    viz_scene_text(s, middle, p->title_y, fit, title);
    free(fit);
    fit = viz_scene_text_fit(s, p->panel->x.label, &label, fmin(p->plot.w + 20, room));
    viz_scene_text(s, middle, p->xlabel_y, fit, label);
    free(fit);
    fit = viz_scene_text_fit(s, p->panel->y.label, &upright, p->plot.h + 20);
    viz_scene_text(s, p->plot.x - 49, p->plot.y + p->plot.h / 2, fit, upright);
    free(fit);
}

static bool is_gap(const double *xy, size_t i) {
    return !(isfinite(xy[2 * i]) && isfinite(xy[2 * i + 1]));
}

void viz_chart_dot_draw(struct viz_scene *s, double x, double y, double radius,
                        const struct viz_series *series, bool rim) {
    viz_color color = viz_style_series(series->color);
    struct viz_stroke edge = {0};
    if (series->hollow)
        edge = (struct viz_stroke){color, 1.4, NULL};
    else if (rim)
        edge = (struct viz_stroke){VIZ_PAPER, 0.7, NULL};
    viz_scene_circle(s, x, y, radius, series->hollow ? VIZ_PAPER : color, edge);
}

/* Dots where asked for, and at values that stand alone between gaps. */
static void draw_dots(struct viz_scene *s, const struct viz_series *series,
                      const double *xy, size_t n, bool rim) {
    bool all = series->no_line || (series->points && n <= 60);
    for (size_t i = 0; i < n; i++) {
        if (is_gap(xy, i))
            continue;
        bool alone = (i == 0 || is_gap(xy, i - 1)) && (i + 1 == n || is_gap(xy, i + 1));
        if (all || alone)
            viz_chart_dot_draw(s, xy[2 * i], xy[2 * i + 1], rim ? 2.8 : 2.4, series, rim);
    }
}

/* The outline of a histogram: up from the axis, along the bins, down again. */
static void make_stairs(double *xy, size_t *n, const struct panel_plan *p,
                        const struct viz_series *series, const size_t *keep) {
    double base = p->plot.y + p->plot.h;
    size_t bins = *n ? *n - 1 : 0, at = 0;
    for (size_t i = 0; i < bins; i++) {
        double x0 = viz_series_x(series, keep[i], p->panel->x.log);
        double x1 = viz_series_x(series, keep[i + 1], p->panel->x.log);
        double y = viz_series_y(series, keep[i], p->panel->y.log);
        double corner[] = {viz_chart_px_x(p, x0), base,
                           viz_chart_px_x(p, x0), isnan(y) ? base : viz_chart_px_y(p, y),
                           viz_chart_px_x(p, x1), isnan(y) ? base : viz_chart_px_y(p, y),
                           viz_chart_px_x(p, x1), base};
        size_t from = i ? 2 : 0, to = i + 1 < bins ? 6 : 8;
        memcpy(xy + at, corner + from, (to - from) * sizeof *xy);
        at += to - from;
    }
    *n = at / 2;
}

int viz_chart_series_px(double **out, size_t *n, const struct panel_plan *p,
                        const struct viz_series *series, struct err *e) {
    size_t *keep = NULL, bytes = 0;
    *out = NULL;
    int rc = viz_series_reduce(&keep, n, series, SERIES_DRAWN, e);
    if (rc || *n == 0)
        goto done;
    size_t corners = series->stairs ? 3 : 1; /* room: two a bin and two at the axis */
    *out = mul_size(&bytes, *n * corners, 2 * sizeof **out) ? malloc(bytes) : NULL;
    if (!*out) {
        rc = err_set(e, ERR_NOMEM, _("no queda memoria para dibujar la figura"));
        goto done;
    }
    if (series->stairs)
        make_stairs(*out, n, p, series, keep);
    for (size_t i = 0; !series->stairs && i < *n; i++) {
        double x = viz_series_x(series, keep[i], p->panel->x.log);
        double y = viz_series_y(series, keep[i], p->panel->y.log);
        (*out)[2 * i] = isnan(x) ? x : viz_chart_px_x(p, x);
        (*out)[2 * i + 1] = isnan(y) ? y : viz_chart_px_y(p, y);
    }
done:
    free(keep);
    return rc;
}

static int draw_series(struct viz_scene *s, const struct panel_plan *p,
                       const struct viz_series *series, struct err *e) {
    double *xy = NULL;
    size_t n = 0;
    int rc = viz_chart_series_px(&xy, &n, p, series, e);
    if (rc == 0 && n > 0 && series->stairs && p->panel->n_series <= STAIRS_FILLED)
        viz_scene_polygon(s, xy, n,
                          (viz_style_series(series->color) & 0xFFFFFF) | STAIRS_ALPHA,
                          (struct viz_stroke){0});
    if (rc == 0 && n > 0) {
        if (!series->no_line)
            viz_scene_polyline(s, xy, n,
                               (struct viz_stroke){viz_style_series(series->color),
                                                   VIZ_LINE,
                                                   series->dashed ? viz_dash : NULL});
        if (!series->stairs)
            draw_dots(s, series, xy, n, p->panel->field != NULL);
    }
    free(xy);
    return rc;
}

static int draw_panel(struct viz_scene *s, const struct panel_plan *p, struct err *e) {
    int rc = 0;
    draw_y_axis(s, p);
    draw_x_axis(s, p);
    draw_labels(s, p);
    if (p->legend_y > 0)
        viz_legend_draw(s, p->panel,
                        (struct viz_rect){p->plot.x, p->legend_y, p->plot.w, 0}, false);
    struct viz_rect clip = {p->plot.x, p->plot.y - 3, p->plot.w, p->plot.h + 6};
    viz_scene_group_begin(s, 0, 0, clip);
    if (p->panel->field)
        rc = viz_chart_field_draw(s, p, e);
    for (size_t i = 0; rc == 0 && i < p->panel->n_series; i++)
        rc = draw_series(s, p, &p->panel->series[i], e);
    viz_scene_group_end(s);
    for (size_t i = 0; rc == 0 && i < p->panel->n_markers; i++)
        rc = viz_chart_marker_draw(s, p, &p->panel->markers[i], e);
    return rc;
}

static int draw_chart(struct viz_scene *s, const struct viz_chart *c, struct err *e) {
    struct chart_plan plan;
    int rc = 0;
    viz_chart_plan_make(&plan, c, s);
    struct viz_text title = {.size = VIZ_SIZE_TITLE + 1, .h = VIZ_MIDDLE, .bold = true};
    char *fit = viz_scene_text_fit(s, c->title, &title, plan.width - 16);
    viz_scene_text(s, plan.width / 2, plan.title_y, fit, title);
    free(fit);
    for (size_t i = 0; rc == 0 && i < c->n_panels; i++)
        rc = draw_panel(s, &plan.panel[i], e);
    if (plan.legend_y > 0)
        viz_legend_draw(s, &c->panels[0],
                        (struct viz_rect){10, plan.legend_y, plan.width - 20, 0}, true);
    return rc;
}

int viz_chart_scene(struct viz_scene **out, const struct viz_chart *c, struct err *e) {
    double width, height;
    *out = NULL;
    int rc = viz_chart_check(c, e);
    if (rc)
        return rc;
    viz_chart_size(c, &width, &height);
    struct viz_scene *s;
    rc = viz_scene_new(&s, width, height, e);
    if (rc == 0)
        rc = draw_chart(s, c, e);
    if (rc) {
        viz_scene_free(s);
        return rc;
    }
    *out = s;
    return 0;
}
