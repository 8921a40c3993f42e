/* chart_scene.h: what the files that draw a chart share. */
#ifndef VIZ_CHART_SCENE_H
#define VIZ_CHART_SCENE_H

#include "chart_plan.h"

enum {
    CHART_INSET = 7, /* px between the axis and the first value; none over a field */
    CHART_PLACES_MAX = 16,
    STAIRS_FILLED = 3 /* histograms in a panel that are still filled */
};

/* Data to px. */
double viz_chart_px_x(const struct panel_plan *p, double v);
double viz_chart_px_y(const struct panel_plan *p, double v);

/* The panel's field: bands or colours, lines and their values. */
int viz_chart_field_draw(struct viz_scene *s, const struct panel_plan *p, struct err *e);

/* A dot of a series: full, or a ring; over a field with a pale rim. */
void viz_chart_dot_draw(struct viz_scene *s, double x, double y, double radius,
                        const struct viz_series *series, bool rim);

/* The reduced series as n points in px, gaps as NaN; *out is yours (NULL for n = 0). */
int viz_chart_series_px(double **out, size_t *n, const struct panel_plan *p,
                        const struct viz_series *series, struct err *e);

/* Moves the box, of the size that it has, to the place nearest to (x, y) where it meets
 * neither a curve nor one of the taken boxes; leaves it when there is none. */
int viz_chart_free_box(struct viz_rect *out, const struct panel_plan *p,
                       const struct viz_rect *taken, size_t n_taken, double x, double y,
                       struct err *e);

/* Where the label of a marked point goes: beside the point, else to the nearest place
 * that is free of curves and of the labels of the markers before it. m is one of the panel's
 * markers. */
int viz_chart_marker_place(struct viz_rect *out, const struct panel_plan *p,
                           const struct viz_marker *m, struct viz_scene *s,
                           struct err *e);

/* The same for the label of a horizontal guide. */
int viz_chart_guide_place(struct viz_rect *out, const struct panel_plan *p,
                          const struct viz_marker *m, struct viz_scene *s, struct err *e);

/* Of n boxes, at most CHART_PLACES_MAX, the one that crosses the curves least and stays
 * inside the plot; earlier ones first. */
int viz_chart_pick_box(struct viz_rect *out, const struct panel_plan *p,
                       const struct viz_rect *box, size_t n, struct err *e);

int viz_chart_marker_draw(struct viz_scene *s, const struct panel_plan *p,
                          const struct viz_marker *m, struct err *e);

#endif
