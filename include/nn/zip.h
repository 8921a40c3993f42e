/* zip.h: files put together for handing in.
 *
 *     const char *const files[] = {"informe.pdf", "07_encargo.ipynb"};
 *     nn_zip_write("entrega.zip", files, 2, e);
 *
 * Each file lies in the archive under its last name, as a plain file. */
#ifndef NN_ZIP_H
#define NN_ZIP_H

#include "base/err.h"

#include <stddef.h>

enum { NN_ZIP_FILES_MAX = 256 };

/* Writes to a temporary name and renames: path is whole or untouched. ERR_ARG when two
 * files have the same last name or there are more than NN_ZIP_FILES_MAX, ERR_IO with the
 * file and the reason, ERR_NOTFOUND when libarchive is not installed, ERR_NOMEM. */
int nn_zip_write(const char *path, const char *const files[], size_t n, struct err *e);

#endif
