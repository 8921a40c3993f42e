/* chart.h: a line chart of one or more panels, described once, rendered by each backend:
 * Cairo (SVG, PNG, PDF), Vega-Lite v5 (hover values in JupyterLab) and plain text.
 *
 *     const struct viz_series s[] = {
 *         {.name = "entrenamiento", .y = loss, .n = n, .color = VIZ_BLUE},
 *         {.name = "validación", .y = val, .n = n, .color = VIZ_VERMILLION, .dashed =
 * true}}; const struct viz_marker m[] = {{.kind = VIZ_MARK_POINT, .x = 7, .y = 0.31,
 *                                     .label = "mejor época: 7", .color =
 * VIZ_VERMILLION}}; const struct viz_panel p[] = {{.title = "Pérdida", .x = {.label =
 * "Época", .integer = true, .fixed = true, .min = 1, .max = 10}, .y = {.label = "entropía
 * cruzada"}, .series = s, .n_series = 2, .markers = m, .n_markers = 1}, ...}; rc =
 * viz_chart_bundle(&bundle, &(struct viz_chart){.panels = p, .n_panels = 2, .caption =
 * "Curvas de aprendizaje", .label = "fig:curvas"}, VIZ_FINAL, e);
 *
 * Live frames do not jump when x.fixed is set: the plot boxes depend on the chart's size
 * and on which titles, labels and legends exist, never on the values. Missing values:
 * NaN and infinities are gaps (null in Vega-Lite); a series may be empty. Ownership: all
 * borrowed, for the duration of the call. */
#ifndef VIZ_CHART_H
#define VIZ_CHART_H

#include "base/buf.h"
#include "base/err.h"
#include "base/mime.h"
#include "viz/scene.h"
#include "viz/style.h"

#include <stdbool.h>
#include <stddef.h>

enum { VIZ_PANELS_MAX = 6, VIZ_SERIES_MAX = 64, VIZ_POINTS_MAX = 1000000 };
enum { VIZ_FIELD_MAX = 400, VIZ_LEVELS_MAX = 40 };

/* What a bundle is for: a frame that is replaced soon (SVG, PNG, text), or the figure
 * that stays (Vega-Lite, SVG, PNG, PDF, text). */
enum viz_stage { VIZ_LIVE, VIZ_FINAL };

struct viz_axis {
    const char *label;
    bool fixed;      /* min..max is the range, otherwise it follows the values */
    double min, max; /* fixed and max <= min: treated as automatic */
    bool integer;    /* ticks on whole numbers: epochs, steps */
    bool log;        /* base 10; values <= 0 are gaps */
};

struct viz_series {
    const char *name; /* legend; NULL: not in the legend */
    const double *x;  /* NULL: 1, 2, ... n */
    const double *y;
    size_t n;
    int color; /* enum viz_series_color */
    bool dashed;
    bool points;  /* a dot at each value (always at a value between two gaps) */
    bool no_line; /* dots alone */
    bool hollow;  /* the dots are rings */
    bool stairs; /* y[i] holds from x[i] to x[i + 1], filled down to the axis: a histogram
                     of n - 1 bins, the last y is not drawn. No gaps: they count as 0 */
};

/* What lies under the curves of a plane: colours, or values as bands of blue; and contour
 * lines of the values at the levels. Even grid of nodes, row 0 at y0; values that are not finite are holes.
 * A panel with a field takes its range, unless an axis is fixed, and the chart has no
 * Vega-Lite form. */
struct viz_field {
    size_t rows, cols; /* 2..VIZ_FIELD_MAX each */
    double x0, x1, y0, y1;
    const double *z;      /* (rows, cols), or NULL */
    const uint8_t *rgb;   /* (rows, cols, 3), or NULL: bands of z */
    const double *levels; /* ascending, of z */
    size_t n_levels;      /* up to VIZ_LEVELS_MAX */
};

enum viz_mark { VIZ_MARK_POINT, VIZ_MARK_VLINE, VIZ_MARK_HLINE };

struct viz_marker {
    enum viz_mark kind;
    double x, y; /* VLINE uses x, HLINE y, POINT both */
    const char *label;
    int color;
};

struct viz_panel {
    const char *title;
    struct viz_axis x, y;
    const struct viz_series *series;
    size_t n_series;
    const struct viz_marker *markers;
    size_t n_markers;
    const struct viz_field *field; /* or NULL */
    bool no_legend;                /* another panel says what the colours are */
};

struct viz_chart {
    const char *title; /* over all panels; NULL: none */
    const struct viz_panel *panels;
    size_t n_panels;      /* 1..VIZ_PANELS_MAX */
    size_t per_row;       /* panels side by side; 0: all */
    double width, height; /* px; 0: VIZ_WIDTH (one panel: 2/3 of it) x 280 a row */
    const char *caption, *label;
};

/* The whole output. ERR_ARG for a chart without panels or over the limits, ERR_NOMEM. */
int viz_chart_bundle(struct mime_bundle *out, const struct viz_chart *c,
                     enum viz_stage stage, struct err *e);

/* The parts, for tests and for figures that embed a chart. */
int viz_chart_scene(struct viz_scene **out, const struct viz_chart *c, struct err *e);
int viz_chart_vega(struct buf *out, const struct viz_chart *c, struct err *e);
int viz_chart_text(struct buf *out, const struct viz_chart *c, struct err *e);

/* Appends at most width block characters (▁..█) that trace y; gaps are spaces. */
void viz_sparkline(struct buf *out, const double *y, size_t n, size_t width);

#endif
