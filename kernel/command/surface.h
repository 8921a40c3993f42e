/* surface.h: a function of one or two numbers that a student wrote, as something to draw:
 * its values, its gradient, and its values on a grid.
 *
 *     struct cmd_surface s;
 *     cmd_surface_init(&s, &a, "f", 2);
 *     double z = cmd_surface_value(&s, (double[]){w, b});
 *     cmd_surface_gradient(&s, at, g);
 *
 * The gradient comes from autograd when the function can be called with vars and answers
 * with one, else from central differences. Everything raises, with the student's own error
 * where the function fails. */
#ifndef COMMAND_SURFACE_H
#define COMMAND_SURFACE_H

#include "args.h"

#include "viz/chart.h"

struct cmd_surface {
    const struct cmd_args *a;
    const char *param; /* its name, for messages */
    int slot;          /* stack index of the function */
    int dims;          /* 1 or 2 */
    bool numeric;      /* autograd was tried and is not for this function */
};

void cmd_surface_init(struct cmd_surface *s, const struct cmd_args *a, const char *param,
                      int dims);
double cmd_surface_value(struct cmd_surface *s, const double *at);
void cmd_surface_gradient(struct cmd_surface *s, const double *at, double *g);

/* Fills f with n x n values over x[0]..x[1], y[0]..y[1], on the Lua stack's memory. */
void cmd_surface_grid(struct cmd_surface *s, struct viz_field *f, const double x[2],
                      const double y[2], size_t n);
/* n levels that are closer together near the lowest value: even lines for a bowl. */
void cmd_surface_levels(lua_State *L, struct viz_field *f, size_t n);
/* The node with the lowest value; false: there is none that is finite. */
bool cmd_surface_lowest(const struct viz_field *f, double at[2], double *z);
/* Walks down from a node of the field, inside of it, to the lowest place that the function
 * itself has there. */
void cmd_surface_settle(struct cmd_surface *s, const struct viz_field *f, double at[2],
                        double *z);

/* {a, b} with a < b, both finite, into out; false for nil. Raises. */
bool cmd_read_range(const struct cmd_args *a, const char *name, double out[2]);
/* The numbers of a parameter that takes one or a list, at most max; how many. Raises. */
size_t cmd_read_numbers(const struct cmd_args *a, const char *name, double *out,
                        size_t max);

#endif
