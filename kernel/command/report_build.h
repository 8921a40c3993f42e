/* report_build.h: from a saved notebook to a PDF: nbconvert with the template `informe` writes
 * the LaTeX, xelatex sets it.
 *
 * In a folder of its own, so that no figure of an earlier run is taken for a new one. */
#ifndef COMMAND_REPORT_BUILD_H
#define COMMAND_REPORT_BUILD_H

#include "report_notebook.h"

struct cmd_build {
    const char *notebook; /* the file */
    const char *pdf;      /* where the PDF goes */
    const char *tex;      /* a folder that keeps LaTeX and figures; NULL: none */
    bool (*stop)(void *arg);
    void *arg;
};

/* Builds, and adds what the result says of itself: pages, references without target,
 * glyphs that no font has. ERR_NOTFOUND with what to install when nbconvert, pandoc or
 * xelatex is missing; ERR_FORMAT with cell, line and TeX's first complaint; ERR_IO;
 * ERR_INTERRUPT; ERR_NOMEM. An earlier PDF stays when it fails. */
int cmd_build_report(const struct cmd_build *b, struct cmd_findings *f, struct err *e);

/* jupyter of the PATH, or of the .venv beside the build; false: there is none. */
bool cmd_find_jupyter(char *path, size_t size);

/* What TeX's output complains about first, in one sentence with the cell that it comes from
 * (tex: the file's text, its cells marked by the template). */
void cmd_tex_explain(const char *output, const char *tex, struct buf *sentence);

#endif
