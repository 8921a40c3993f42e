/* kernel.h: a Jupyter kernel around a language.
 *
 *     struct jup_kernel *k = NULL;
 *     jup_kernel_new(&k, &(struct jup_config){.connection_file = path}, &e);
 *     cell_interp_new(&interp, jup_kernel_host(k), &e);     the language writes to the
 * host jup_kernel_run(k, interp, &e);                        until the front end says
 * stop
 *     ... free the interpreter ...
 *     jup_kernel_free(k);
 *
 * Protocol: Jupyter messaging 5.5.
 * Threads: new, run and free belong to one thread, best the process's first one, because
 * the kernel delivers SIGINT there; run calls the language from it. The service threads
 * (router, control, iopub, heartbeat) live inside run.
 * Ownership: the kernel borrows the interpreter; the interpreter borrows the host, which
 * lives until jup_kernel_free. */
#ifndef JUPYTER_KERNEL_H
#define JUPYTER_KERNEL_H

#include "base/err.h"
#include "jupyter/host.h"
#include "jupyter/interp.h"

#include <stdbool.h>
#include <stddef.h>

struct jup_kernel;

/* What reaches the process's real standard error; nothing of it enters the notebook. */
enum jup_log_level {
    JUP_LOG_WARN = 0, /* what was dropped or is missing, one line each */
    JUP_LOG_QUIET = -1,
    JUP_LOG_DEBUG = 1 /* every request by its type; never its contents */
};

enum { JUP_OUTPUT_CAP = 2000000 };

struct jup_config {
    const char *connection_file; /* NULL: choose ports, write kernel-<pid>.json (0600) in
                                    the Jupyter runtime folder, remove it at the end and
                                    print how to connect to it */
    const char *history;         /* SQLite file; NULL: $XDG_DATA_HOME/nabla/history.sqlite
                                    or ~/.local/share/nabla/...; "": kept in memory */
    enum jup_log_level log_level;
    bool capture; /* what the process writes to its standard output and error is output of
                     the cell; the log goes on to the real standard error */
    size_t output_cap; /* bytes of text that one cell may print, as they travel (JSON);
                          0: JUP_OUTPUT_CAP, which stays under the server's own limit */
};

/* Reads the connection file and binds the five sockets. Failures: ERR_IO (file, socket),
 * ERR_FORMAT (not JSON), ERR_ARG (transport, scheme), ERR_RANGE (port), ERR_NOMEM. */
int jup_kernel_new(struct jup_kernel **out, const struct jup_config *cfg, struct err *e);

/* The way out for the language; good until jup_kernel_free. */
const struct host *jup_kernel_host(struct jup_kernel *k);

/* Serves until a shutdown_request, SIGTERM or the death of the parent process. 0 after an
 * orderly end. A cell that does not stop within 1.5 s of the order is left
 * behind: the sockets are closed in order and the process ends with status 0 from
 * inside. While it runs SIGINT interrupts the cell; the former handlers come back. */
int jup_kernel_run(struct jup_kernel *k, const struct interp *interp, struct err *e);

/* Closes what is open and removes the connection file if new() made it. NULL is fine. */
void jup_kernel_free(struct jup_kernel *k);

#endif
