/* err.h: how every fallible function says what went wrong.
 *
 *     int f(struct x **out, ..., struct err *e);      0, or a negative enum err_code
 *
 * The caller owns the struct err (on its stack); the layer that knows the numbers writes
 * one sentence with both shapes, or the value and the limit, in the student's language
 * (base/i18n.h). Functions hand a failure upwards by returning the code; only a layer
 * that knows better rewrites the sentence. e may be NULL where the caller does not want
 * the text.
 *
 * Threads: a struct err belongs to one thread. There is no global last error. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stdio.h>

/* Each code is reached by at least one test. */
enum err_code {
    ERR_OK = 0,
    ERR_NOMEM = -1,  /* an allocation failed or a ceiling was reached */
    ERR_ARG = -2,    /* an argument is of the wrong kind or outside its domain */
    ERR_SHAPE = -3,  /* shapes that do not fit each other */
    ERR_DTYPE = -4,  /* a data type that the operation does not take */
    ERR_RANGE = -5,  /* an index, label or size outside its limits */
    ERR_IO = -6,     /* the operating system refused: file, socket, database */
    ERR_FORMAT = -7, /* bytes that are not what they should be: magic, truncation, JSON */
    ERR_NET = -8,    /* a download failed */
    ERR_CHECKSUM = -9,   /* the bytes are not the published ones */
    ERR_INTERRUPT = -10, /* the user asked to stop */
    ERR_NAN = -11,       /* training produced NaN or infinity */
    ERR_STATE = -12, /* called in the wrong order: fit before compile, backward twice */
    ERR_NOTFOUND = -13, /* a name, file or id that does not exist */
    ERR_AUTH = -14      /* a message that is unsigned, badly signed or replayed */
};

struct err {
    int code;      /* enum err_code; ERR_OK while nothing happened */
    char msg[640]; /* one sentence, UTF-8, no trailing newline */
};

/* Writes the sentence and returns code, so that a failing path reads `return err_set(...)`.
 * A macro, so that compiler and analyser see that the result is the code that was given. */
#define err_set(e, code, ...) err_code_of((code), err_write((e), (code), __VA_ARGS__))

__attribute__((format(printf, 3, 4))) static inline int err_write(struct err *e, int code,
                                                                  const char *fmt, ...) {
    if (!e)
        return code;
    va_list ap;
    va_start(ap, fmt);
    e->code = code;
    (void)vsnprintf(e->msg, sizeof e->msg, fmt, ap);
    va_end(ap);
    return code;
}

static inline int err_code_of(int code, int written) {
    (void)written;
    return code;
}

/* Forgets an earlier failure, so that one struct err can serve several calls. */
static inline void err_clear(struct err *e) {
    if (!e)
        return;
    e->code = ERR_OK;
    e->msg[0] = '\0';
}

#endif
