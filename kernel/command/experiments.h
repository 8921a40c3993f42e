/* experiments.h: lab.experiments: a series of configurations, trained one after the other. */
#ifndef COMMAND_EXPERIMENTS_H
#define COMMAND_EXPERIMENTS_H

#include "args.h"
#include "runs.h"

#define CMD_EXPERIMENTS "Experiments"

/* The line of progress of a series of n, one display that changes; pushed. */
struct cmd_progress {
    int i, n, stored; /* the run, all of them, those that were done before */
    bool shown;
    char id[33], name[120];
    double next; /* when the next line of this run is due */
};
struct cmd_progress *cmd_progress_push(lua_State *L, int n);
void cmd_progress_begin(lua_State *L, struct cmd_progress *p, int i, const char *name);
void cmd_progress_end(lua_State *L, struct cmd_progress *p, bool interrupted, int done);
/* Pushes a callback for m:fit that says each epoch; progress: stack index of the line;
 * epochs: how many are asked for, 0: not known. */
void cmd_progress_push_callback(lua_State *L, int progress, lua_Integer epochs);

/* Pushes function(cfg, data, progress) -> model, history: builds cfg.model(cfg), compiles
 * and trains it with the options of compile and fit that cfg has. The weights are those of
 * the best epoch of validation. */
void cmd_experiment_push_default(lua_State *L);

/* The rows' list on top of the stack (plain tables, sorted here, best first) becomes the
 * object that lab.experiments returns. note: a line below the table, or NULL. */
void cmd_experiments_push(const struct cmd_args *a, const char *folder, const char *note);

void cmd_experiments_open(lua_State *L);
void cmd_experiments_show_open(lua_State *L);

#endif
