/* callbacks.h: callbacks.EarlyStopping{...} and its like, and what m:fit makes of the list
 * that it is given. */
#ifndef COMMAND_CALLBACKS_H
#define COMMAND_CALLBACKS_H

#include "objects.h"

/* Names of functions that a student cannot give by name. */
#define CMD_ON_EPOCH "epoch" /* f(log), a plain function of the list */
#define CMD_ON_RATE  "rate"  /* f(epoch, rate) of LearningRateScheduler */

/* Reads the parameter "callbacks": engine callbacks go into o; the stack index of a list
 * with one table of functions per other callback is returned. Raises. */
int cmd_callbacks_read(const struct cmd_args *a, struct nn_fit_options *o);
void cmd_callbacks_open(lua_State *L);

#endif
