/* app.h: the commands of the program `nabla`. Each takes the words after its name and
 * returns the process's exit status: 0, 1 for a failure that it has explained on stderr,
 * 2 for wrong usage. */
#ifndef APP_APP_H
#define APP_APP_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

int app_kernel(int argc, char **argv); /* nabla kernel CONNECTION_FILE: serve Jupyter */
int app_run(int argc, char **argv); /* nabla run FILE.lua: a script without a notebook */
int app_report(int argc, char **argv); /* nabla report NOTEBOOK: its PDF */
int app_install(int argc,
                char **argv); /* nabla install: register the kernel with Jupyter */
int app_doctor(int argc,
               char **argv); /* nabla doctor: what is found and what is missing */
int app_manual(int argc,
               char **argv); /* nabla manual: the reference of all commands, Markdown */

/* Chooses the language of messages: Spanish, or English when NABLA_LANG or the locale
 * says so. */
void app_locale_init(void);

/* The absolute path of this executable, into the caller's buffer; ERR_IO when the system
 * does not tell it. */
int app_executable(char *path, size_t size, struct err *e);

/* Call it before the first function of fontconfig. ERR_NOTFOUND: it is not installed. */
int app_fontconfig_load(struct err *e);

/* A file that is part of the program, for nabla install to write out. */
struct app_file {
    const char *name; /* "logo-64x64.png" */
    const void *data;
    size_t len;
};
const struct app_file *app_logos(size_t *n);    /* the kernelspec's pictures */
const struct app_file *app_template(size_t *n); /* nbconvert's template `informe` */

#endif
