/* runs.h: finished experiments on disk, so that an interrupted series goes on where it was.
 *
 *     struct cmd_runs *r;
 *     if (cmd_runs_open(&r, ".nabla", e) < 0) ...        makes the folder and its runs.db
 *     cmd_runs_get(r, key, &json, e)                     json NULL: never finished
 *     cmd_runs_put(r, key, name, json, e)
 *     cmd_runs_close(r);
 *
 * One SQLite row per run, written when it is complete: a kill leaves whole rows. key: 32
 * hexadecimal digits of what decides the result. Ownership: *json is yours to free.
 * Threads: one at a time; processes may share the file. */
#ifndef COMMAND_RUNS_H
#define COMMAND_RUNS_H

#include "base/err.h"

struct cmd_runs;

/* ERR_IO: folder or database cannot be made or read; ERR_NOTFOUND: SQLite is not
 * installed; ERR_NOMEM. */
int cmd_runs_open(struct cmd_runs **out, const char *folder, struct err *e);
void cmd_runs_close(struct cmd_runs *r); /* NULL is allowed */
int cmd_runs_get(struct cmd_runs *r, const char *key, char **json, struct err *e);
int cmd_runs_put(struct cmd_runs *r, const char *key, const char *name, const char *json,
                 struct err *e);

#endif
