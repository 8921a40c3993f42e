/* history.h: what was executed, across processes and sessions, in SQLite.
 *
 * Opened at the first use. Write-ahead log, so that kernels share the file and a kill -9
 * leaves it whole. When it cannot be used (locked, read-only, corrupt, no home) one line is
 * logged and the history of this process goes on in memory.
 *
 * Cells are written a moment later, together, by a thread of its own: the next cell does not
 * wait for the disk, nor for a file that another process has locked. What is asked for is
 * written first. A kill -9 loses the cells of the last JUP_HISTORY_DELAY seconds.
 *
 * Threads: any. */
#ifndef JUP_HISTORY_H
#define JUP_HISTORY_H

#include "base/err.h"
#include "log.h"
#include "thread.h"

#include <jansson.h>
#include <stdint.h>

#define JUP_HISTORY_DELAY 0.05 /* seconds */

struct sqlite3;
struct jup_history_cell;

struct jup_history {
    pthread_mutex_t lock; /* of the four below */
    struct sqlite3 *db;
    char *path;      /* NULL: in memory */
    int64_t session; /* this process's, from 1 */
    const struct jup_log *log;

    pthread_mutex_t pending_lock; /* of the four below; taken last */
    pthread_cond_t changed;
    struct jup_history_cell *first, *last; /* not yet written */
    bool closing;
    struct jup_thread thread; /* starts with the first cell */
};

enum jup_history_access { JUP_HISTORY_TAIL, JUP_HISTORY_RANGE, JUP_HISTORY_SEARCH };

struct jup_history_query {
    enum jup_history_access access;
    int64_t n;           /* tail, search: the last n; below 0: all */
    int64_t own;         /* which session asks; 0: the process's own */
    int64_t session;     /* range: 0 this one, -1 the one before, ... or its number */
    int64_t start, stop; /* range: lines start <= line < stop; stop below 0: to the end */
    const char *pattern; /* search: a glob over the whole input, * and ? */
    bool unique;         /* search: each input once, where it was last */
    bool output;         /* [input, output] in place of input */
};

/* path: as jup_config.history. Opens nothing. ERR_NOMEM. */
int jup_history_init(struct jup_history *h, const char *path, const struct jup_log *log,
                     struct err *e);
void jup_history_release(struct jup_history *h);

/* A further session of this process, for a subshell; 0 when the database fails. */
int64_t jup_history_new_session(struct jup_history *h);

/* session 0: the process's own. output may be NULL. Copies what it is given. */
void jup_history_store(struct jup_history *h, int64_t session, int line,
                       const char *input, size_t len, const char *output);

/* Writes what is pending. */
void jup_history_flush(struct jup_history *h);

/* The protocol's history list, oldest first, at most JUP_HISTORY_MAX. Empty when the
 * database fails; NULL when memory is short. */
enum { JUP_HISTORY_MAX = 100000 };
json_t *jup_history_query(struct jup_history *h, const struct jup_history_query *q);

#endif
