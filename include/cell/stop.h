/* stop.h: the graded interrupt. The first interrupt stops a training at its batch
 * boundary and the cell goes on; a second within three seconds, or one that finds no
 * training, unwinds the cell with KeyboardInterrupt.
 *
 *     struct cell_stop *s = cell_stop_of(L);
 *     cell_stop_begin(s);
 *     ... engine loop, any thread:  if (cell_stop_poll(s) != CELL_GO) stop at this batch
 *     enum cell_stop_kind how = cell_stop_end(s);
 *     ... tidy up ...
 *     if (how == CELL_UNWIND)
 *         return cell_raise_interrupt(L);
 *     (CELL_GENTLE: return the partial result with a note)
 *
 * Long work that is no training (a download, a search) does not begin: it polls, and ends
 * with cell_raise_interrupt when the answer is CELL_UNWIND.
 *
 * begin and end may nest (a training inside of a callback of another): a gentle stop ends
 * the innermost one alone. The owner must call end on every path, raises of Lua callbacks
 * included (call them with cell_pcall). What an error skipped is put right when the cell
 * ends.
 *
 * Threads: poll and request from any thread, request from a signal handler as well
 * (lock-free atomics); begin and end from the thread that runs the cell. */
#ifndef CELL_STOP_H
#define CELL_STOP_H

#include <lua.h>

enum cell_stop_kind {
    CELL_GO,     /* nothing was asked */
    CELL_GENTLE, /* stop at the next boundary and keep what there is */
    CELL_UNWIND  /* stop now; the cell ends with KeyboardInterrupt */
};

struct cell_stop;

struct cell_stop *cell_stop_of(lua_State *L);

void cell_stop_begin(struct cell_stop *s);
enum cell_stop_kind cell_stop_poll(struct cell_stop *s);

/* How the work should end; consumes a gentle stop. */
enum cell_stop_kind cell_stop_end(struct cell_stop *s);

/* A safe point of long work on the thread that runs the cell (between two batches, while
 * it waits for a process): serves what other shells ask meanwhile, if anything. Lua code
 * may run inside; nothing of L's stack is touched. */
void cell_stop_visit(lua_State *L);

/* Sleeps until somebody asks for a visit, which is served, or for a stop. A pause of long
 * work: call it again while the reason lasts and cell_stop_poll says CELL_GO. */
void cell_stop_wait(lua_State *L);

/* What interp->interrupt does; here for widgets and tests. */
void cell_stop_request(struct cell_stop *s);

/* A gentle stop alone, whatever came before: the Stop button of a live figure. */
void cell_stop_request_gentle(struct cell_stop *s);

#endif
