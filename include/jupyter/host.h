/* host.h: what the kernel offers to the language: the way out for everything a cell
 * shows.
 *
 * A table of functions with a self pointer, made by the kernel (kernel/jupyter), by
 * `nabla run` (terminal and files) or by a test (a recorder). The language calls it and
 * knows no socket.
 *
 * Origin: outputs carry the parent of the cell that started them. ORIGIN_CURRENT is the
 * request that is being executed now; work that goes on after its cell keeps the number
 * that origin() gave while the cell ran. Threads: every function may be called from any
 * thread. Ownership: everything passed in is borrowed and copied where it must live
 * longer. */
#ifndef JUPYTER_HOST_H
#define JUPYTER_HOST_H

#include "base/err.h"
#include "base/mime.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum host_stream { HOST_STDOUT, HOST_STDERR };

enum { ORIGIN_CURRENT = 0 };

/* A message of a comm (messaging, "Custom Messages"), one way or the other. data and
 * metadata are JSON objects as text, NULL for {}; buffers are binary frames beside them. */
enum host_comm_kind { HOST_COMM_OPEN, HOST_COMM_MSG, HOST_COMM_CLOSE };

struct host_buffer {
    const void *data;
    size_t len;
};

struct host_comm {
    enum host_comm_kind kind;
    const char *id;
    const char *target; /* of an open */
    const char *data, *metadata;
    const struct host_buffer *buffer;
    size_t n_buffers;
};

struct host {
    void *self;

    /* The number of the request in execution, for output that may come after its end. */
    uint64_t (*origin)(void *self);

    /* Text to a stream. The kernel coalesces, cleans control bytes and invalid UTF-8, and
     * keeps the cell's output cap; n bytes, no NUL needed. */
    void (*stream)(void *self, uint64_t origin, enum host_stream to, const char *text,
                   size_t n);

    /* Shows an output. With display_id it can be replaced later; update = true replaces
     * every output that carries that id. display_id NULL: an output that is never
     * replaced. */
    void (*display)(void *self, uint64_t origin, const struct mime_bundle *b,
                    const char *display_id, bool update);

    /* Clears the cell's outputs; wait = true delays it until the next output comes. */
    void (*clear_output)(void *self, uint64_t origin, bool wait);

    /* Asks the user for a line (stdin channel) and waits. 0 and *line (yours to free,
     * without newline), ERR_STATE when the front end allows no input, ERR_INTERRUPT when
     * the user interrupted, ERR_IO at end of input. */
    int (*input)(void *self, const char *prompt, bool password, char **line,
                 struct err *e);

    /* A safe point of the running cell: serves what other shells ask (interp.h, visits).
     * Only from the thread that runs cells, inside of execute or evaluate. */
    void (*visit)(void *self);

    /* Sends a message of a comm to the front end. ERR_STATE when the comm is not open (or is
     * open already), ERR_FORMAT when data or metadata is no JSON object, ERR_RANGE when
     * there are too many, ERR_NOMEM. */
    int (*comm)(void *self, uint64_t origin, const struct host_comm *m, struct err *e);

    /* An event of the debugger: the JSON of a DAP Event, published as debug_event. */
    void (*debug_event)(void *self, const char *json);

    /* The `page` payload: shown in a pager where the front end has one. */
    void (*page)(void *self, const struct mime_bundle *b);

    /* The `set_next_input` payload: text for the next cell, or in place of this one. */
    void (*set_next_input)(void *self, const char *text, bool replace);
};

#endif
