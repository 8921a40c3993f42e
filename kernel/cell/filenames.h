/* filenames.h: the files that a half-written path may mean, for completion. */
#ifndef CELL_FILENAMES_H
#define CELL_FILENAMES_H

#include <stddef.h>

/* Calls offer with each path that begins with the typed one: "datos/c" gives
 * "datos/casas.csv" and "datos/copias/". Hidden files only after their dot. */
void cell_filenames(const char *typed, size_t len,
                    void (*offer)(void *ctx, const char *path, size_t n), void *ctx);

#endif
