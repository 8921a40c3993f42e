/* pictures.h: what the commands that draw grids of images share. */
#ifndef COMMAND_PICTURES_H
#define COMMAND_PICTURES_H

#include "objects.h"
#include "viz/grid.h"

/* Pictures in a tensor: (n, h, w, c), (n, h, w), or vectors of a square side. */
struct cmd_pictures {
    const struct nn_tensor *t;
    size_t n, h, w, c;
};

/* Whether n pixels make a square, and its side. */
bool cmd_square_side(size_t n, size_t *side);

/* Raises when t holds no pictures. */
void cmd_pictures_read(const struct cmd_args *a, const struct nn_tensor *t,
                       struct cmd_pictures *p);

/* Picture i; its bytes lie in t or in scratch on the stack. */
struct viz_tile cmd_pictures_tile(lua_State *L, const struct cmd_pictures *p, size_t i);

/* Shows the grid with the command's title, caption and label, and returns 1: the figure is
 * on top. The grid's parts may lie anywhere on the stack. */
int cmd_grid_show(const struct cmd_args *a, struct viz_grid *g);

#endif
