/* log.c: lines to the process's own standard error. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void jup_log(const struct jup_log *log, enum jup_log_level level, const char *fmt, ...) {
    if (!log || log->fd < 0 || level > log->level || log->level == JUP_LOG_QUIET)
        return;
    char line[1024];
    int n = snprintf(line, sizeof line, "nabla: ");
    va_list ap;
    va_start(ap, fmt);
    int m = vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, ap);
    va_end(ap);
    if (m < 0)
        return;
    size_t len = MIN_OF((size_t)n + (size_t)m, sizeof line - 2);
    line[len++] = '\n';
    ssize_t unused = write(log->fd, line, len);
    (void)unused;
}
