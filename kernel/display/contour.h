/* contour.h: the lines along which a surface on a grid has one value (marching squares,
 * Lorensen and Cline 1987 in two dimensions). */
#ifndef VIZ_CONTOUR_H
#define VIZ_CONTOUR_H

#include "viz/chart.h"

/* Lines as points (col, row) in grid coordinates, a NaN point after each line; a closed
 * line ends where it begins. */
struct contour {
    double *xy; /* (n, 2) */
    size_t n;
};

/* out->xy is yours (NULL for no line). Cells beside a value that is not finite have no
 * line. ERR_NOMEM. */
int viz_contour_trace(struct contour *out, const struct viz_field *f, double level,
                      struct err *e);

/* z at grid coordinates, between the four nodes around. */
double viz_field_between(const struct viz_field *f, double row, double col);

#endif
