/* cifar.h: CIFAR-10 in its binary form, as the archive or as an unpacked folder. Source
 * of the format: www.cs.toronto.edu/~kriz/cifar.html, "Binary version".
 *
 *     struct nn_dataset *d;
 *     if (nn_cifar_load(&d, NULL, e) < 0) return e->code;          x_train (50000, 32,
 * 32, 3)
 *
 * Record: 1 label byte 0..9, then 1024 red, 1024 green, 1024 blue bytes. Files:
 * data_batch_1.bin .. data_batch_5.bin and test_batch.bin, any number of whole records in
 * each up to NN_CIFAR_MAX_RECORDS, all six needed. Images become u8 (n, 32, 32, 3).
 * Other contents than the published ones are accepted when they parse; notes say so.
 * Failures: those of download.h; ERR_IO, ERR_FORMAT (damaged archive, a file missing or
 * cut inside a record), ERR_RANGE (label, number of records), ERR_NOMEM. Threads: any. */
#ifndef NN_CIFAR_H
#define NN_CIFAR_H

#include "nn/dataset.h"
#include "nn/download.h"

#define NN_CIFAR_RECORD      3073
#define NN_CIFAR_MAX_RECORDS 100000 /* in one file */

/* Searches, downloads, loads. opts may be NULL. */
int nn_cifar_load(struct nn_dataset **out, const struct nn_download_opts *opts,
                  struct err *e);
/* path: the .tar.gz (also .tar, .bz2, .xz, .zst), the folder, or data_batch_1.bin in it. */
int nn_cifar_load_path(struct nn_dataset **out, const char *path, struct err *e);
/* An archive in memory; name stands in the messages. */
int nn_cifar_parse_archive(struct nn_dataset **out, const void *bytes, size_t n,
                           const char *name, struct err *e);
/* n bytes of whole records into u8 x (n / 3073, 32, 32, 3) and i32 y; name as above. */
int nn_cifar_parse_records(struct nn_tensor **x, struct nn_tensor **y, const void *bytes,
                           size_t n, const char *name, struct err *e);

#endif
