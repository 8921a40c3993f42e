/* live.h: the figure that moves while a network trains.
 *
 * One display_id: a first frame at once, then at most four a second and only as often as
 * drawing stays a small part of the time; the last frame always comes and is the complete
 * figure. Nothing here raises: it runs inside of the engine's callback. Arrays are the
 * caller's and sized before training starts. */
#ifndef COMMAND_LIVE_H
#define COMMAND_LIVE_H

#include "boundary.h"
#include "curves.h"

#include "jupyter/host.h"
#include "nn/fit.h"

enum { LIVE_POINTS = 80 }; /* of the line over batches, whatever the training's length */

struct cmd_live {
    const struct host *host;
    uint64_t origin;
    int verbose; /* 0 nothing, 1 figure, 2 a line per epoch */
    char id[33];
    struct cmd_boundary *boundary; /* drawn beside the loss; NULL: the usual curves */
    const char *caption, *label;
    bool shown, has_accuracy;
    int epochs, n;
    double *x, *loss, *val_loss, *accuracy, *val_accuracy; /* epochs long */
    size_t points;
    double bx[LIVE_POINTS + 1], bloss[LIVE_POINTS + 1], baccuracy[LIVE_POINTS + 1];
    double bin_loss, last_accuracy; /* of the bin that is being filled */
    size_t bin_batches, last_batch, bin_size;
    double next; /* when the next frame is due */
    char title[256];
};

/* Takes note of an event and draws when a frame is due. */
void cmd_live_event(struct cmd_live *v, const struct nn_fit_event *ev);
/* The last frame: everything, in every format. */
void cmd_live_finish(struct cmd_live *v, double seconds, bool stopped);

#endif
