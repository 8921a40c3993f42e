/* curves.h: learning curves as a chart: what the live figure and plot.history draw.
 *
 * Two panels, loss and accuracy; x is the epoch, from 0 to the number asked for, so that
 * the box stays where it is while curves grow; training solid with dots, validation
 * dashed, the mean over a few batches as a light line, the best epoch marked. Arrays are
 * borrowed and n long; NULL: there is none. */
#ifndef COMMAND_CURVES_H
#define COMMAND_CURVES_H

#include "viz/chart.h"

struct cmd_curves {
    int n, epochs;   /* epochs done, asked for */
    const double *x; /* 1, 2, ... n */
    const double *loss, *val_loss, *accuracy, *val_accuracy;
    size_t n_batch; /* points of the light line */
    const double *batch_x, *batch_loss, *batch_accuracy;
    const char *title, *caption, *label;
    bool log;                      /* logarithmic loss */
    const struct viz_panel *plane; /* stands first, in place of the accuracy; or NULL */
};

/* Index from 0 of the smallest value that is finite, -1 for none. */
int cmd_curves_best(const double *v, int n);
int cmd_curves_bundle(struct mime_bundle *out, const struct cmd_curves *c,
                      enum viz_stage stage, struct err *e);

#endif
