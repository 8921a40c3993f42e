/* cifar_files.h: the six files of CIFAR-10 as bytes in memory, wherever they lie.
 * Ceiling: NN_CIFAR_MAX_RECORDS records a file. Threads: one at a time. */
#ifndef NN_DATA_CIFAR_FILES_H
#define NN_DATA_CIFAR_FILES_H

#include "base/err.h"
#include "base/util.h"
#include "sha256.h"

#define NN_CIFAR_FILES 6 /* five of training, then the test file */

extern const char *const nn_cifar_file_names[NN_CIFAR_FILES];

struct nn_cifar_files {
    unsigned char *data[NN_CIFAR_FILES];
    size_t len[NN_CIFAR_FILES];
    char sum[NN_SHA256_DIGITS]; /* of the archive; "" for a folder or memory */
    char differs[32];           /* first file of a folder that is not the published one */
};

/* ERR_IO, ERR_FORMAT (damaged, or a file missing), ERR_RANGE (too long), ERR_NOMEM. f is
 * to be released in any case. */
int nn_cifar_files_archive(struct nn_cifar_files *f, const char *path, struct err *e);
int nn_cifar_files_folder(struct nn_cifar_files *f, const char *folder, struct err *e);
int nn_cifar_files_memory(struct nn_cifar_files *f, const void *bytes, size_t n,
                          const char *name, struct err *e);
void nn_cifar_files_release(struct nn_cifar_files *f);

#endif
