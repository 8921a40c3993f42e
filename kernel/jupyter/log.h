/* log.h: one line on the process's real standard error, for whoever runs the server.
 *
 * Never a message's content: a line names types, sizes and reasons. Threads: any. */
#ifndef JUP_LOG_H
#define JUP_LOG_H

#include "jupyter/kernel.h"

struct jup_log {
    int fd; /* where the lines go; -1: nowhere */
    enum jup_log_level level;
};

/* Writes the line in one write(2), so that lines of several threads do not mix. Failure
 * to write is ignored: a parent that closed its end must not stop the kernel. */
__attribute__((format(printf, 3, 4))) void
jup_log(const struct jup_log *log, enum jup_log_level level, const char *fmt, ...);

#endif
