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
#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
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
