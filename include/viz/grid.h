/* grid.h: small images side by side with a title each: examples of a data set, worst
 * mistakes ("camisa → abrigo (0.97)"), filters.
 *
 *     struct viz_tile t[25] = {{.pixels = p, .h = 28, .w = 28, .c = 1, .title = "7",
 *                               .color = VIZ_GOOD}, ...};
 *     viz_grid_bundle(&b, &(struct viz_grid){.tiles = t, .n = 25, .columns = 5,
 *                     .title = "Ejemplos"}, e);
 *
 * Shapes: pixels (h, w, c) uint8, c 1 or 3. A title may hold one line break; too long a
 * line is shortened with "…". Formats: PNG, PDF and text (no SVG: photographs).
 * Ownership: all borrowed. */
#ifndef VIZ_GRID_H
#define VIZ_GRID_H

#include "viz/bars.h"
#include "viz/scene.h"

enum { VIZ_TILES_MAX = 1024 };

struct viz_tile {
    const uint8_t *pixels; /* NULL: an empty place */
    size_t h, w, c;
    const char *title; /* NULL: none */
    viz_color color;   /* of the title; 0: VIZ_INK */
};

struct viz_grid {
    const char *title;
    const struct viz_tile *tiles;
    size_t n;
    size_t columns;              /* 0: chosen */
    double tile;                 /* px of a tile's longer side; 0: chosen */
    const struct viz_bars *bars; /* drawn to the right of the grid, or NULL */
    const char *caption, *label;
    const char *plain; /* text/plain; NULL: made from the titles */
};

/* ERR_ARG for no tiles, too many, or a channel count other than 1 and 3; ERR_NOMEM. */
int viz_grid_bundle(struct mime_bundle *out, const struct viz_grid *g, struct err *e);
int viz_grid_scene(struct viz_scene **out, const struct viz_grid *g, struct err *e);
int viz_grid_text(struct buf *out, const struct viz_grid *g, struct err *e);

#endif
