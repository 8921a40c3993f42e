/* fit_events.h: what a cell does while the engine trains: the live figure, lines of
 * callbacks, the functions that the student gave, the stop button. */
#ifndef COMMAND_FIT_EVENTS_H
#define COMMAND_FIT_EVENTS_H

#include "controls.h"
#include "live.h"

#include "cell/stop.h"

#include <lua.h>

struct cmd_training {
    lua_State *L;
    struct cell_stop *stop;
    struct cmd_live *live;
    int callbacks; /* stack index of the list of cmd_callbacks_read */
    const struct nn_fit_event *event;
    struct cmd_controls *controls; /* NULL: none */
    bool by_button;                /* its Stop */
    bool asked;                    /* a function wants to end */
    int epoch;                     /* of the last event */
    size_t batch, batches;
    double seconds;
    struct err failure; /* of a function */
};

/* on_event of nn_fit_options; ctx is the struct above. Never raises. */
int cmd_training_event(void *ctx, const struct nn_fit_event *ev);

#endif
