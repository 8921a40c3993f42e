/* controls.h: Stop, Pause and the learning rate beside a training, as widgets.
 *
 *     struct cmd_controls *c = cmd_controls_push(L, optim);      shows them
 *     ... at each batch boundary: if (cmd_controls_attend(L, c)) stop ...
 *     cmd_controls_close(L, c);                                  a line takes their place
 *
 * Their messages come through a subshell and act at the next batch boundary. Nothing of
 * the training changes while nobody touches them. Threads: the cell's. */
#ifndef COMMAND_CONTROLS_H
#define COMMAND_CONTROLS_H

#include "nn/optim.h"

#include <lua.h>
#include <stdbool.h>

struct cmd_controls {
    bool stop, paused;
    struct nn_optim *optim; /* borrowed: of the model in training */
    bool has_rate;          /* no schedule sets it */
    double shown;           /* the rate that the slider stands at */
    bool following;         /* the slider is being set, and not by the page */
    double seconds;         /* spent in pauses */
    char id[33];            /* of the output */
    int box;                /* stack index of the userdata */
};

struct cmd_controls *cmd_controls_push(lua_State *L, struct nn_optim *optim);
/* Serves what other shells ask, sleeps through a pause. True: the button asks to stop. Does
 * not raise. */
bool cmd_controls_attend(lua_State *L, struct cmd_controls *c);
/* May raise when memory is short. */
void cmd_controls_close(lua_State *L, struct cmd_controls *c);

#endif
