/* maps.h: rows of small pictures, a line of text above each: what the layers of a network
 * make of an image.
 *
 *     struct viz_map_row rows[] = {{.title = "conv2d · 26×26×8", .tiles = t, .n = 8}, ...};
 *     viz_maps_bundle(&b, &(struct viz_maps){.title = "Activaciones", .rows = rows,
 *                     .n_rows = 3}, e);
 *
 * Shapes: tiles as in grid.h, all of a row of one size; a picture of one line of pixels is
 * drawn as a strip as wide as the figure. Formats: PNG, PDF, text. Ownership: borrowed. */
#ifndef VIZ_MAPS_H
#define VIZ_MAPS_H

#include "viz/grid.h"

enum { VIZ_MAP_ROWS_MAX = 64, VIZ_MAP_TILES_MAX = 32 };

struct viz_map_row {
    const char *title; /* NULL: none */
    const struct viz_tile *tiles;
    size_t n; /* 1..VIZ_MAP_TILES_MAX */
};

struct viz_maps {
    const char *title; /* NULL: none */
    const struct viz_map_row *rows;
    size_t n_rows; /* 1..VIZ_MAP_ROWS_MAX */
    const char *caption, *label;
};

/* ERR_ARG for rows, tiles or channels outside the limits, ERR_NOMEM. */
int viz_maps_bundle(struct mime_bundle *out, const struct viz_maps *m, struct err *e);
int viz_maps_scene(struct viz_scene **out, const struct viz_maps *m, struct err *e);
int viz_maps_text(struct buf *out, const struct viz_maps *m, struct err *e);

#endif
