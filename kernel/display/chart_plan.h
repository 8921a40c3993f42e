/* chart_plan.h: a chart measured out: boxes, ranges, ticks, legend; read by the backends.
 */
#ifndef VIZ_CHART_PLAN_H
#define VIZ_CHART_PLAN_H

#include "ticks.h"
#include "viz/chart.h"

struct panel_plan {
    const struct viz_panel *panel;
    struct viz_rect plot;     /* the box between the axes, px */
    struct ticks x, y;        /* with the ranges */
    double title_y, xlabel_y; /* base lines; 0: none */
    double legend_y;          /* of its own legend; 0: none */
};

struct chart_plan {
    const struct viz_chart *chart;
    double width, height;
    double title_y, legend_y; /* base lines, of the shared legend; 0: none */
    size_t per_row, rows;
    bool any_ylabel;
    bool shared_legend; /* all panels have the same entries: one legend */
    struct panel_plan panel[VIZ_PANELS_MAX];
};

/* Checks the chart against its limits. ERR_ARG. */
int viz_chart_check(const struct viz_chart *c, struct err *e);

/* ERR_ARG for a grid or levels outside the limits, or an empty range. */
int viz_field_check(const struct viz_field *f, struct err *e);

/* Panels side by side, at least 1. */
size_t viz_chart_per_row(const struct viz_chart *c);

/* The logical size, defaults filled in. */
void viz_chart_size(const struct viz_chart *c, double *width, double *height);

/* s serves to measure the legend. c has passed viz_chart_check. */
void viz_chart_plan_make(struct chart_plan *p, const struct viz_chart *c,
                         struct viz_scene *s);

/* Ranges and ticks alone (text and Vega-Lite need no boxes). */
void viz_chart_plan_ranges(struct panel_plan *p, const struct viz_panel *panel,
                           double width, double height);

/* The value of a series at i as drawn: NaN for a gap. */
double viz_series_x(const struct viz_series *s, size_t i, bool log);
double viz_series_y(const struct viz_series *s, size_t i, bool log);

/* The indices that trace a long series, about `limit` of them: first, least, greatest and
 * last of each stretch, and a gap where there is one; all of them when n <= limit. *keep
 * is yours. */
int viz_series_reduce(size_t **keep, size_t *n_keep, const struct viz_series *s,
                      size_t limit, struct err *e);

/* Rows that a legend of these series takes in width px. */
size_t viz_legend_rows(struct viz_scene *s, const struct viz_panel *panel, double width);
/* Draws the legend centred (or from the left) with its first base line at y. */
void viz_legend_draw(struct viz_scene *s, const struct viz_panel *panel,
                     struct viz_rect in, bool centred);

enum { SERIES_DRAWN = 500 };

#endif
