/* script_host.h: the host of `nabla run`: text goes to the terminal, figures to files.
 *
 * Every output with pictures gets a number and one file per picture format in the output
 * folder (fig-01.svg, fig-01.png, fig-01.pdf); its text/plain is printed. An output that
 * is updated keeps its number: its files hold the last state, and its text is printed
 * once, when something else is shown or the script ends. Threads: all functions from any
 * thread. Ownership: the host keeps copies. */
#ifndef APP_SCRIPT_HOST_H
#define APP_SCRIPT_HOST_H

#include "base/err.h"
#include "jupyter/host.h"

struct script_host;

/* folder: where figures go, made when the first one comes. */
int script_host_new(struct script_host **out, const char *folder, struct err *e);
const struct host *script_host_get(struct script_host *h);
/* Prints what is still pending; the number of figures that were written. */
int script_host_finish(struct script_host *h);
void script_host_free(struct script_host *h);

#endif
