/* parent.c: watching the parent by pidfd (Linux 5.3). */
#include "parent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int jup_parent_open(const struct jup_log *log) {
    const char *text = getenv("JPY_PARENT_PID");
    char *end;
    long pid = text ? strtol(text, &end, 10) : 0;
    if (!text || end == text || *end != '\0' || pid <= 1)
        return -1;
    int fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0); /* close-on-exec by itself */
    if (fd < 0)
        jup_log(log, JUP_LOG_WARN, "parent %ld is not watched: %s", pid, strerror(errno));
    return fd;
}
