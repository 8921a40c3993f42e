/* cell.h: the Lua interpreter behind jupyter/interp.h, as main.c and the commands see it.
 *
 *     struct cell_config cfg = {.host = &host, .open = cmd_open};
 *     struct cell *c;
 *     int rc = cell_new(&c, &cfg, &e);
 *     const struct interp *in = cell_interp(c);        the kernel runs cells through it
 *     ...
 *     cell_free(c);
 *
 * The commands (kernel/command) build on the small headers beside this one:
 *     cell/error.h    raise a struct err as a Lua error
 *     cell/stop.h     the graded interrupt, polled by long work
 *     cell/display.h  values to MIME bundles, the __display protocol
 *     cell/help.h     the one row per command: help, completion, inspect, argument checks
 *     cell/suggest.h  strict modules and "did you mean"
 *     cell/comm.h     messages to and from what the front end shows
 *     cell/json.h     Lua values to JSON and back
 *
 * Ownership: the cell owns its lua_State; host and open belong to the caller and must
 * outlive it. Threads: one at a time, but for interp->interrupt and cell/stop.h. */
#ifndef CELL_CELL_H
#define CELL_CELL_H

#include "base/err.h"
#include "jupyter/host.h"
#include "jupyter/interp.h"

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct cell;

struct cell_config {
    const struct host *host;

    /* Bytes that Lua values and what is charged with cell_memory_charge may take
     * together. 0: NABLA_MEMORY (bytes, or with a K, M or G suffix), else half of the
     * machine's memory. */
    size_t memory_max;

    /* Registers the commands: called once in protected mode, after the standard library
     * and before the globals become strict. NULL: the bare language. */
    lua_CFunction open;

    /* `nabla run`: os.exit ends the script, and does not explain itself. */
    bool script;
};

/* 0; ERR_NOMEM when memory is short; ERR_STATE with the message when cfg->open raised. */
int cell_new(struct cell **out, const struct cell_config *cfg, struct err *e);

void cell_free(struct cell *c); /* NULL is allowed */

const struct interp *cell_interp(struct cell *c); /* lives as long as c */
lua_State *cell_lua(struct cell *c);

/* The cell that a state (or one of its coroutines) belongs to, and its host. Never NULL.
 */
struct cell *cell_of(lua_State *L);
const struct host *cell_host(lua_State *L);

/* The number of the cell that runs, 0 in a script. */
int cell_count(lua_State *L);
/* The text that ran as In[count] and the time at which it began; borrowed until the next
 * cell. NULL when it is not kept (an old or very long one, another shell's). */
const char *cell_ran(lua_State *L, int count, time_t *began);

/* Runs a whole file as a script: `arg` holds path and arguments, the path's folder is the
 * first one that require searches. 0 when the script ran (*status: its os.exit code, else
 * 0) or failed (out->ok false with the traceback, *status 1); ERR_IO or ERR_NOMEM when it
 * could not be read. Release out with interp_result_release. */
int cell_run_file(struct cell *c, const char *path, int argc, const char *const argv[],
                  int *status, struct interp_result *out, struct err *e);

/* Memory outside of Lua that a Lua value keeps alive (the floats of a tensor box).
 * Charging lets it count against the ceiling and lets the collector know how much a small
 * box holds: when much was charged since the last full collection, one runs here. Charge
 * before allocating, release in __gc. ERR_NOMEM with the sizes when the ceiling would be
 * passed. */
int cell_memory_charge(lua_State *L, size_t bytes, struct err *e);
void cell_memory_release(lua_State *L, size_t bytes);
size_t cell_memory_used(lua_State *L);
size_t cell_memory_max(lua_State *L);

#endif
