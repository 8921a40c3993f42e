/* report_run.h: a program run in a folder, its words kept. */
#ifndef COMMAND_REPORT_RUN_H
#define COMMAND_REPORT_RUN_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

struct cmd_run {
    const char *const *argv; /* NULL-terminated; argv[0] is looked for in the PATH */
    const char *folder;      /* where it runs; NULL: here */
    const char *tex_folder;  /* TeX also looks for files there; NULL: nowhere else */
    bool (*stop)(void *arg); /* asked ten times a second; true ends the program. NULL */
    void *arg;
};

/* Runs it to its end; out gets what it wrote on stdout and stderr (its last MiB counts).
 * *status: 0 when it went well, else its exit status (128 + signal). ERR_NOTFOUND when
 * there is no such program, ERR_INTERRUPT when stop said so, ERR_IO, ERR_NOMEM. */
int cmd_run(const struct cmd_run *r, struct buf *out, int *status, struct err *e);

/* Whether the PATH has a program of this name. */
bool cmd_run_has(const char *program);

#endif
