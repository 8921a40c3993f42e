/* boundary.h: what a model says of each point of a plane, as a panel of a chart: the plane
 * in the colours of the classes, paler where the model is unsure, the line of equal
 * chances when there are two, training points as dots and test points as rings.
 *
 *     struct cmd_boundary *b = cmd_boundary_push(L, m, &points);     raises
 *     struct viz_panel panel;
 *     if (cmd_boundary_draw(b, &panel, &e) == 0) ...                 never raises
 *
 * Drawing asks the model anew, so that a training can show its progress; the panel is
 * valid until the next one. Shapes: x (n, 2) float32, y (n,) int32. Ownership: everything
 * lies in userdata on the stack; model and tensors are borrowed. */
#ifndef COMMAND_BOUNDARY_H
#define COMMAND_BOUNDARY_H

#include "objects.h"

#include "viz/chart.h"

struct cmd_points {
    const struct nn_tensor *x, *y;           /* training */
    const struct nn_tensor *x_test, *y_test; /* or NULL */
    char **names;                            /* of n_names classes, or NULL */
    size_t n_names;
    char **features; /* names of the two columns, or NULL */
};

struct cmd_boundary;

/* what stands before the messages: the command's name. ERR_SHAPE, ERR_DTYPE, ERR_RANGE. */
struct cmd_boundary *cmd_boundary_push(lua_State *L, const char *what, struct nn_model *m,
                                       const struct cmd_points *p);
int cmd_boundary_draw(struct cmd_boundary *b, struct viz_panel *out, struct err *e);

void cmd_plot_boundary_open(lua_State *L);

#endif
