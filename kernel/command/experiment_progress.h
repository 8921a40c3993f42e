/* experiment_progress.h: the line that lab.experiments keeps up to date while it trains:
 * which experiment, which epoch, and how well it does so far. */
#ifndef COMMAND_EXPERIMENT_PROGRESS_H
#define COMMAND_EXPERIMENT_PROGRESS_H

#include <lua.h>
#include <stdbool.h>

struct cmd_progress {
    lua_State *L;
    int total;  /* experiments of the series */
    int stored; /* those that were done before */
    int at;     /* the one that runs, from 1 */
    const char *name;
    char id[33]; /* of the display, once it is shown */
    bool shown;
    double last; /* when an epoch was shown, in seconds of the monotonic clock */
};

/* Experiment i begins; name is borrowed until the next call. */
void cmd_progress_run(struct cmd_progress *p, int i, const char *name);
/* The series ended with `done` experiments; nothing when nothing was shown. */
void cmd_progress_end(struct cmd_progress *p, int done, bool interrupted);
/* Adds to callbacks in the table of options at idx a function that shows every epoch, out
 * of `epochs`, at most four times a second. p lives as long as the training. */
void cmd_progress_follow(struct cmd_progress *p, int idx, int epochs);

#endif
