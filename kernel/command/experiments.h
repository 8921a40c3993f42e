/* experiments.h: lab.experiments: a series of configurations, trained one after the other. */
#ifndef COMMAND_EXPERIMENTS_H
#define COMMAND_EXPERIMENTS_H

#include "args.h"
#include "experiment_progress.h"
#include "runs.h"

#define CMD_EXPERIMENTS "Experiments"

/* Pushes function(cfg, data) -> model, history: builds cfg.model(cfg), compiles and trains
 * it with the options of compile and fit that cfg has, and shows its epochs in p, which
 * outlives the function. */
void cmd_experiment_push_default(lua_State *L, struct cmd_progress *p);

/* The rows' list on top of the stack (plain tables, sorted here, best first) becomes the
 * object that lab.experiments returns. note: a line below the table, or NULL. */
void cmd_experiments_push(const struct cmd_args *a, const char *folder, const char *note);

void cmd_experiments_open(lua_State *L);
void cmd_experiments_show_open(lua_State *L);

#endif
