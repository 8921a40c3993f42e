/* comm.h: comms for the commands: a channel of JSON messages to something in the front end
 * (messaging, "Custom Messages"). What a cell writes as comm.open(...) is made of the same.
 *
 *     lua_pushcfunction(L, on_message);          f(id, "msg" or "close", data, buffers)
 *     char id[CELL_COMM_ID];
 *     int rc = cell_comm_open(L, id, "jupyter.widget", &m, &e);          pops the function
 *     ...
 *     rc = cell_comm_send(L, id, &m, &e);
 *     cell_comm_close(L, id);
 *
 * Messages from the front end come between cells or inside of a running one (stop.h,
 * visits). The function runs protected; its error is printed with its traceback to the
 * output of that message. data is the JSON object as a table, buffers a list of strings.
 *
 * Without a front end (`nabla run`) messages go nowhere and nothing fails. Threads: the
 * cell's. */
#ifndef CELL_COMM_H
#define CELL_COMM_H

#include "base/err.h"
#include "jupyter/host.h"

#include <lua.h>

enum { CELL_COMM_ID = 33 };

/* JSON objects as text, NULL for {}; buffers are binary frames beside them. Borrowed. */
struct cell_comm_message {
    const char *data, *metadata;
    const struct host_buffer *buffer;
    size_t n_buffers;
};

/* Opens a comm with a fresh id. The codes of host->comm; raises when Lua's memory is short.
 */
int cell_comm_open(lua_State *L, char id[CELL_COMM_ID], const char *target,
                   const struct cell_comm_message *m, struct err *e);
int cell_comm_send(lua_State *L, const char *id, const struct cell_comm_message *m,
                   struct err *e);
/* One that is not open is left alone. Fit for a __gc. */
void cell_comm_close(lua_State *L, const char *id);

/* The front end may open comms of this target: f(id, "open", data, buffers), then as above.
 * Pops the function. */
void cell_comm_target(lua_State *L, const char *target);

/* f is called, protected, at the end of every run (a cell, a message, an expression): for
 * what was kept back to save messages. One for all; NULL: none. */
void cell_at_end(lua_State *L, lua_CFunction f);

/* While it lives, what the cell shows is given to `to` instead: a table of functions that
 * the caller made, which may call the host that cell_host gave before. Returns that host.
 * Visits see the true host meanwhile. */
const struct host *cell_host_set(lua_State *L, const struct host *to);

#endif
