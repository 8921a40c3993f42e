/* report.h: a notebook's report, for lab.report and for `nabla report`.
 *
 *     struct cmd_findings f = {0};
 *     cmd_report_check("07_encargo.ipynb", &f, &never_ran, e);
 *     cmd_build_report(&(struct cmd_build){.notebook = "07_encargo.ipynb",
 *                                          .pdf = "informe.pdf"}, &f, e);
 *
 * Checks read the saved file; building runs nbconvert with the template `informe` and
 * xelatex in a folder of its own, so that no figure of an earlier run is taken for a new
 * one. Ownership: everything passed in is borrowed; findings own their text. */
#ifndef COMMAND_REPORT_H
#define COMMAND_REPORT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* What a line of the list says: in order, missing (the report is weaker for it), or
 * advice. */
enum cmd_state { CMD_FINE, CMD_MISSING, CMD_ADVICE };

enum { CMD_FINDINGS_MAX = 48 };

struct cmd_findings {
    struct cmd_finding {
        enum cmd_state state;
        char text[400];
    } item[CMD_FINDINGS_MAX];
    size_t n;
};

__attribute__((format(printf, 3, 4))) void
cmd_finding_add(struct cmd_findings *f, enum cmd_state state, const char *fmt, ...);
/* How many are missing. */
size_t cmd_findings_missing(const struct cmd_findings *f);

/* Adds a line for each thing that a report needs: cover, cells that ran, no errors,
 * answers written, captions, references, the test part touched once. *never_ran: no cell
 * has a number or an output. ERR_IO, ERR_FORMAT when it is no notebook, ERR_NOMEM. */
int cmd_report_check(const char *notebook, struct cmd_findings *f, bool *never_ran,
                     struct err *e);

struct cmd_build {
    const char *notebook;    /* the file */
    const char *pdf;         /* where the PDF goes */
    const char *tex;         /* a folder that keeps LaTeX and figures; NULL: none */
    bool (*stop)(void *arg); /* asked ten times a second; true ends it. NULL: never */
    void *arg;
};

/* Builds, and adds what the result says of itself: pages, references without target,
 * glyphs that no font has. ERR_NOTFOUND with what to install when nbconvert, pandoc or
 * xelatex is missing; ERR_FORMAT with cell, line and TeX's first complaint; ERR_STATE
 * with nbconvert's last line; ERR_IO; ERR_INTERRUPT; ERR_NOMEM. An earlier PDF stays when
 * it fails. */
int cmd_build_report(const struct cmd_build *b, struct cmd_findings *f, struct err *e);

/* Runs the notebook from the first cell to the last, errors allowed; the result is the
 * file `copy` in the same folder (its last name alone). Fails like cmd_build_report. */
int cmd_build_execute(const struct cmd_build *b, const char *copy, struct err *e);

/* jupyter of the PATH, or of the .venv beside the build; false: there is none. */
bool cmd_find_jupyter(char *path, size_t size);

#endif
