/* interp.h: what the kernel needs of a language. A second language fits behind the same
 * table.
 *
 * Made by kernel/cell for Lua, by tests/protocol for a fake. The kernel calls every
 * function but interrupt() and attend() from one thread (the one that runs cells), never
 * two at a time.
 *
 * Visits: while a cell runs, a request of another shell may come (a subshell of a widget, a
 * variable explorer). The kernel calls attend(); the language calls host->visit() at its
 * next safe point: between two instructions, at a batch boundary, while it waits. Inside,
 * the kernel calls begin_visit(), the functions above for each request, and end_visit().
 * What the interrupted cell had under way is as before after that.
 *
 * Positions are counted in Unicode code points, as the protocol does (messaging,
 * "cursor_pos"). Results: the caller passes a zeroed struct and releases it with the
 * function named beside it; whatever fails inside a cell is a result, not an error code:
 * the kernel must always answer. */
#ifndef JUPYTER_INTERP_H
#define JUPYTER_INTERP_H

#include "base/mime.h"
#include "jupyter/host.h"

#include <stdbool.h>
#include <stddef.h>

/* kernel_info_reply's own words about the language; they live as long as the interpreter. */
struct interp_info {
    const char *implementation, *implementation_version; /* "nabla", "0.1.0" */
    const char *name, *version;                          /* "lua", "5.4.6" */
    const char *mimetype, *file_extension;               /* "text/x-lua", ".lua" */
    const char *pygments_lexer, *codemirror_mode;        /* "lua", "lua" */
    const char *banner;
    const char *help_text, *help_url; /* one link for the Help menu */
};

/* What happened in a cell or an expression. */
struct interp_error {
    char
        *ename; /* "KeyboardInterrupt" when interrupted; front ends filter on that name */
    char *evalue;     /* one sentence */
    char **traceback; /* lines, may hold ANSI colours */
    size_t lines;
};

struct interp_request {
    const char *code;
    size_t len;
    bool silent; /* no execute_result wanted */
    bool store_history;
    int execution_count; /* the number the cell carries: In [n] */
    const char *cell_id; /* request metadata cellId, or NULL */
    int shell;           /* 0: the parent shell; else the number of a subshell (JEP 91) */
};

struct interp_result {
    bool ok;
    struct mime_bundle
        value; /* the last expression's value; n == 0: nothing to display */
    struct interp_error error; /* when !ok */
};

struct interp_match {
    char *text;      /* what replaces [start, end) */
    char *type;      /* "function", "field", "keyword", "option", ... or NULL */
    char *signature; /* or NULL */
};

struct interp_completion {
    struct interp_match *match;
    size_t n;
    size_t start, end; /* code points */
};

enum interp_completeness {
    INTERP_COMPLETE,
    INTERP_INCOMPLETE,
    INTERP_INVALID,
    INTERP_UNKNOWN
};

struct interp {
    void *self;
    const struct interp_info *info;

    void (*execute)(void *self, const struct interp_request *req,
                    struct interp_result *out);

    /* One of user_expressions: like execute of an expression, with no effect on Out. */
    void (*evaluate)(void *self, const char *code, size_t len, struct interp_result *out);

    void (*complete)(void *self, const char *code, size_t len, size_t cursor,
                     struct interp_completion *out);

    /* n == 0 in the bundle: nothing found. detail 0: signature and text; 1: source as
     * well. */
    void (*inspect)(void *self, const char *code, size_t len, size_t cursor, int detail,
                    struct mime_bundle *out);

    /* indent (at most size bytes, NUL-terminated) matters for INTERP_INCOMPLETE alone. */
    enum interp_completeness (*is_complete)(void *self, const char *code, size_t len,
                                            char *indent, size_t size);

    /* A message of a comm from the front end. An open that answers false has no target here:
     * the front end is told that it is closed. NULL: the language has no comms. */
    bool (*comm)(void *self, const struct host_comm *m);

    /* The debugger: a DAP Request as JSON text; the answer is the whole DAP Response, yours
     * to free, NULL when memory is short. Called like execute: between cells, or inside of
     * a running (or stopped) one as a visit. NULL: the language has none. */
    char *(*debug)(void *self, const char *request, size_t len);

    /* Asks the running cell to stop. May be called from any thread and from a signal
     * handler, also when nothing runs (then it does nothing). A training stops at the
     * batch boundary and the cell goes on; a second call within three seconds unwinds it
     * with KeyboardInterrupt. The kernel calls it only while one of the functions above
     * runs (or is just being entered or left): what a call leaves behind at that moment
     * must not reach the next one. When the process has to end it calls every 0.1 s. */
    void (*interrupt)(void *self);

    /* After a fatal signal (SIGSEGV and the like), while the thread that runs cells is held
     * for ever: from another thread, one after the other, once. They may crash or hang:
     * the kernel waits for a limited time. NULL: the language has neither.
     * position: what was running ("celda 3, línea 2"), "" when nothing was.
     * rescue: saves what is worth it (a model in training) and says where in one sentence;
     * "" when there was nothing. Both write at most size bytes with the NUL. */
    void (*position)(void *self, char *text, size_t size);
    void (*rescue)(void *self, char *text, size_t size);

    /* Asks the running cell for a safe point. Any thread; when nothing runs, nothing. */
    void (*attend)(void *self);
    /* false: no visit is possible now (memory, too deep); end_visit is not called then. */
    bool (*begin_visit)(void *self);
    void (*end_visit)(void *self);
};

static inline void interp_error_release(struct interp_error *x) {
    for (size_t i = 0; i < x->lines; i++)
        free(x->traceback[i]);
    free(x->traceback);
    free(x->ename);
    free(x->evalue);
    *x = (struct interp_error){0};
}

static inline void interp_result_release(struct interp_result *r) {
    mime_release(&r->value);
    interp_error_release(&r->error);
    *r = (struct interp_result){0};
}

static inline void interp_completion_release(struct interp_completion *c) {
    for (size_t i = 0; i < c->n; i++) {
        free(c->match[i].text);
        free(c->match[i].type);
        free(c->match[i].signature);
    }
    free(c->match);
    *c = (struct interp_completion){0};
}

#endif
