/* files.h: whole files in and out, for the store and the exports.
 *
 *     struct nn_piece part[] = {{head, head_len}, {numbers, bytes}};
 *     nn_file_replace("modelo.safetensors", part, 2, e);
 *
 * Writing is atomic: a temporary file beside it, fsync, rename; whatever fails, what lay
 * under that name is still whole. Reading has a ceiling, the memory limit. */
#ifndef ENGINE_MODEL_FILES_H
#define ENGINE_MODEL_FILES_H

#include "base/err.h"

#include <stddef.h>

struct nn_piece {
    const void *bytes; /* borrowed; may be NULL when n is 0 */
    size_t n;
};

/* ERR_IO with path and reason. */
int nn_file_replace(const char *path, const struct nn_piece *piece, size_t n,
                    struct err *e);
/* *out is yours to free. ERR_NOTFOUND, ERR_IO, ERR_NOMEM. */
int nn_file_read(void **out, size_t *n, const char *path, struct err *e);

#endif
