/* chart_plan.c: where everything in a chart goes.
 *
 * The boxes depend on the size and on which texts exist, never on the values, so that the
 * frames of a live figure do not jump. */
#include "chart_plan.h"

#include "base/i18n.h"
#include "viz/style.h"

#include <math.h>

#define PAD         10.0
#define ROW         16.0 /* a line of tick labels, axis label or legend */
#define TITLE_ROW   20.0
#define TICK_ROOM   42.0 /* tick labels left of the plot */
#define YLABEL_ROOM 16.0
#define PANEL_GAP   14.0
#define ROW_GAP     12.0
#define HUGE_VALUE  1e300

int viz_chart_check(const struct viz_chart *c, struct err *e) {
    if (c->n_panels < 1 || c->n_panels > VIZ_PANELS_MAX)
        return err_set(e, ERR_ARG, _("una figura tiene de 1 a %d paneles, no %zu"),
                       VIZ_PANELS_MAX, c->n_panels);
    for (size_t i = 0; i < c->n_panels; i++) {
        const struct viz_panel *p = &c->panels[i];
        int rc = p->field ? viz_field_check(p->field, e) : 0;
        if (rc)
            return rc;
        if (p->n_series > VIZ_SERIES_MAX)
            return err_set(e, ERR_ARG, _("un panel tiene hasta %d series, no %zu"),
                           VIZ_SERIES_MAX, p->n_series);
        for (size_t k = 0; k < p->n_series; k++)
            if (p->series[k].n > VIZ_POINTS_MAX)
                return err_set(e, ERR_ARG, _("una serie tiene hasta %d puntos, no %zu"),
                               VIZ_POINTS_MAX, p->series[k].n);
    }
    return 0;
}

size_t viz_chart_per_row(const struct viz_chart *c) {
    return c->per_row > 0 ? MIN_OF(c->per_row, c->n_panels) : c->n_panels;
}

void viz_chart_size(const struct viz_chart *c, double *width, double *height) {
    size_t per_row = viz_chart_per_row(c), rows = (c->n_panels + per_row - 1) / per_row;
    double usual = c->n_panels == 1 ? 480 : VIZ_WIDTH;
    *width = c->width > 0 ? fmax(c->width, 120) : usual;
    *height = c->height > 0 ? fmax(c->height, 100) : 280 * (double)rows;
}

static double drawable(double v, bool log) {
    if (!isfinite(v) || (log && v <= 0))
        return (double)NAN;
    return fmin(fmax(v, -HUGE_VALUE), HUGE_VALUE);
}

double viz_series_x(const struct viz_series *s, size_t i, bool log) {
    return drawable(s->x ? s->x[i] : (double)i + 1, log);
}

double viz_series_y(const struct viz_series *s, size_t i, bool log) {
    return drawable(s->y[i], log);
}

struct range {
    double lo, hi;
};

static void range_add(struct range *r, double v) {
    if (!isfinite(v))
        return;
    r->lo = fmin(r->lo, v);
    r->hi = fmax(r->hi, v);
}

static struct range data_range(const struct viz_panel *p, bool vertical) {
    struct range r = {INFINITY, -INFINITY};
    bool log = vertical ? p->y.log : p->x.log;
    if (p->field) {
        range_add(&r, vertical ? p->field->y0 : p->field->x0);
        range_add(&r, vertical ? p->field->y1 : p->field->x1);
        return r;
    }
    for (size_t k = 0; k < p->n_series; k++) {
        const struct viz_series *s = &p->series[k];
        for (size_t i = 0; i < s->n; i++)
            range_add(&r, vertical ? viz_series_y(s, i, log) : viz_series_x(s, i, log));
    }
    for (size_t k = 0; k < p->n_markers; k++) {
        const struct viz_marker *m = &p->markers[k];
        if (m->kind != (vertical ? VIZ_MARK_VLINE : VIZ_MARK_HLINE))
            range_add(&r, drawable(vertical ? m->y : m->x, log));
    }
    return r;
}

static bool axis_is_fixed(const struct viz_axis *a) {
    return a->fixed && isfinite(a->min) && isfinite(a->max) && a->max > a->min &&
           (!a->log || a->min > 0);
}

/* The range of an axis before its ticks: never empty, positive on a log axis. */
static struct range axis_range(const struct viz_panel *p, const struct viz_axis *a,
                               bool vertical) {
    if (axis_is_fixed(a))
        return (struct range){a->min, a->max};
    struct range r = data_range(p, vertical);
    if (r.lo > r.hi)
        return a->log ? (struct range){0.1, 1} : (struct range){0, 1};
    if (r.lo == r.hi) {
        double d = r.lo != 0 ? fabs(r.lo) * 0.1 : 0.5;
        if (a->log)
            return (struct range){r.lo / 2, r.hi * 2};
        if (a->integer)
            d = fmax(d, 1);
        return (struct range){r.lo - d, r.hi + d};
    }
    /* A flat curve with rounding noise is not magnified into a mountain range. */
    double size = fmax(fabs(r.lo), fabs(r.hi));
    if (!a->log && r.hi - r.lo < size * 1e-9)
        return (struct range){r.lo - size * 1e-9, r.hi + size * 1e-9};
    return r;
}

static void axis_ticks(struct ticks *t, const struct viz_panel *p, bool vertical,
                       double px) {
    const struct viz_axis *a = vertical ? &p->y : &p->x;
    struct range r = axis_range(p, a, vertical);
    int target = (int)(px / (vertical ? 34 : 40));
    target = target < 2 ? 2 : target > 10 ? 10 : target;
    bool widen = vertical && !p->field && !axis_is_fixed(a);
    if (a->log)
        viz_ticks_log(t, r.lo, r.hi, target, widen);
    else
        viz_ticks_linear(t, r.lo, r.hi, target, a->integer, widen);
}

void viz_chart_plan_ranges(struct panel_plan *p, const struct viz_panel *panel,
                           double width, double height) {
    p->panel = panel;
    axis_ticks(&p->x, panel, false, width);
    axis_ticks(&p->y, panel, true, height);
}

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_legend(const struct viz_panel *a, const struct viz_panel *b) {
    if (a->n_series != b->n_series || a->no_legend != b->no_legend)
        return false;
    for (size_t i = 0; i < a->n_series; i++) {
        const struct viz_series *s = &a->series[i], *t = &b->series[i];
        if (!same_text(s->name, t->name) || s->color != t->color ||
            s->dashed != t->dashed || s->hollow != t->hollow || s->points != t->points ||
            s->no_line != t->no_line)
            return false;
    }
    return true;
}

static bool has_text(const char *s) {
    return s && *s;
}

/* Rows below the titles and above the plots of a row for legends of their own. */
static size_t own_legend_rows(const struct chart_plan *p, struct viz_scene *s, size_t row,
                              double plot_width) {
    size_t rows = 0, end = MIN_OF((row + 1) * p->per_row, p->chart->n_panels);
    for (size_t i = row * p->per_row; i < end; i++) {
        size_t n = viz_legend_rows(s, &p->chart->panels[i], plot_width);
        rows = MAX_OF(rows, n);
    }
    return rows;
}

static bool any_text(const struct viz_chart *c, bool titles) {
    for (size_t i = 0; i < c->n_panels; i++)
        if (has_text(titles ? c->panels[i].title : c->panels[i].x.label))
            return true;
    return false;
}

/* Where the rows of panels begin, and where they end. */
static double plan_head(struct chart_plan *p) {
    if (!has_text(p->chart->title))
        return PAD;
    p->title_y = PAD + 12;
    return PAD + TITLE_ROW + 2;
}

static double plan_foot(struct chart_plan *p, size_t shared_rows) {
    double y = p->height - 6;
    if (!shared_rows)
        return y;
    p->legend_y = y - ROW * (double)shared_rows + 12;
    return y - ROW * (double)shared_rows - 4;
}

/* A panel in its cell: title, its own legend, the plot, tick labels, the axis' name. */
static void plan_panel(const struct chart_plan *p, struct panel_plan *panel,
                       const struct viz_rect *cell, double left, size_t own_rows) {
    double top = cell->y, bottom = cell->y + cell->h;
    if (any_text(p->chart, true)) {
        panel->title_y = top + 10;
        top += TITLE_ROW;
    }
    panel->legend_y = own_rows ? top + 10 : 0;
    top += ROW * (double)own_rows + 2;
    if (any_text(p->chart, false)) {
        panel->xlabel_y = bottom - 4;
        bottom -= ROW;
    }
    bottom -= ROW;
    panel->plot = (struct viz_rect){cell->x + left, top, fmax(cell->w - left - 4, 20),
                                    fmax(bottom - top, 20)};
}

void viz_chart_plan_make(struct chart_plan *p, const struct viz_chart *c,
                         struct viz_scene *s) {
    *p = (struct chart_plan){.chart = c};
    viz_chart_size(c, &p->width, &p->height);
    p->shared_legend = true;
    for (size_t i = 0; i < c->n_panels; i++) {
        p->any_ylabel = p->any_ylabel || has_text(c->panels[i].y.label);
        if (!same_legend(&c->panels[0], &c->panels[i]))
            p->shared_legend = false;
    }
    p->per_row = viz_chart_per_row(c);
    p->rows = (c->n_panels + p->per_row - 1) / p->per_row;
    double cell = (p->width - 2 * PAD + PANEL_GAP) / (double)p->per_row - PANEL_GAP;
    double left = TICK_ROOM + (p->any_ylabel ? YLABEL_ROOM : 0);
    size_t shared_rows =
        p->shared_legend ? viz_legend_rows(s, &c->panels[0], p->width - 2 * PAD) : 0;
    double head = plan_head(p), foot = plan_foot(p, shared_rows);
    double row = (foot - head + ROW_GAP) / (double)p->rows;
    for (size_t i = 0; i < c->n_panels; i++) {
        struct panel_plan *panel = &p->panel[i];
        size_t line = i / p->per_row;
        struct viz_rect at = {PAD + (cell + PANEL_GAP) * (double)(i % p->per_row),
                              head + row * (double)line, cell, row - ROW_GAP};
        size_t own_rows = 0;
        if (!p->shared_legend)
            own_rows = own_legend_rows(p, s, line, fmax(cell - left - 4, 20));
        plan_panel(p, panel, &at, left, own_rows);
        viz_chart_plan_ranges(panel, &c->panels[i], panel->plot.w, panel->plot.h);
    }
}
