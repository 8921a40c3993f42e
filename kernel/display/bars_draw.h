/* bars_draw.h: bars drawn into a part of another scene. */
#ifndef VIZ_BARS_DRAW_H
#define VIZ_BARS_DRAW_H

#include "viz/bars.h"

int viz_bars_check(const struct viz_bars *b, struct err *e);
double viz_bars_width(const struct viz_bars *b);
double viz_bars_height(const struct viz_bars *b);
/* Draws at (x, y), viz_bars_width by viz_bars_height. b has passed viz_bars_check. */
void viz_bars_draw(struct viz_scene *s, const struct viz_bars *b, double x, double y);

#endif
