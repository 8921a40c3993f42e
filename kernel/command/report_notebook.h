/* report_notebook.h: a notebook file as the report's check reads it.
 *
 *     struct cmd_notebook nb;
 *     if (cmd_notebook_read(&nb, "07_encargo.ipynb", e) < 0) ...
 *     cmd_notebook_check(&nb, &findings, e);
 *     cmd_notebook_release(&nb);
 *
 * Ownership: the notebook owns its JSON; findings own their text. */
#ifndef COMMAND_REPORT_NOTEBOOK_H
#define COMMAND_REPORT_NOTEBOOK_H

#include "base/buf.h"
#include "command/report.h"

#include <jansson.h>
#include <time.h>

struct cmd_notebook {
    json_t *root;
    json_t *cells; /* borrowed from root */
    time_t saved;
};

/* ERR_IO with the reason, ERR_FORMAT when it is no notebook of format 4, ERR_NOMEM. */
int cmd_notebook_read(struct cmd_notebook *nb, const char *path, struct err *e);
void cmd_notebook_release(struct cmd_notebook *nb);

/* source, or text of an output: a string or a list of them, appended to out. */
void cmd_notebook_text(const json_t *text, struct buf *out);

/* Adds a line for each thing that a report needs: cover, cells that ran, no errors,
 * answers written, captions, references, the test part touched once. ERR_NOMEM. */
int cmd_notebook_check(const struct cmd_notebook *nb, struct cmd_findings *f,
                       struct err *e);

/* Whether the file is older than what ran: ran is the text of the cell that ran last as
 * In[count], at that time. */
bool cmd_notebook_is_old(const struct cmd_notebook *nb, const char *ran, int count,
                         time_t at);

/* Whether a code cell has exactly this text. */
bool cmd_notebook_has(const struct cmd_notebook *nb, const char *code);

/* Whether no code cell was ever run. */
bool cmd_notebook_never_ran(const struct cmd_notebook *nb);

#endif
