/* mnist.h: the two data sets in IDX files, found or fetched by download.h.
 *
 *     struct nn_dataset *d;
 *     if (nn_mnist_load(&d, NULL, e) < 0) return e->code;          x_train (60000, 28,
 * 28, 1)
 *
 * A file of the user's own whose checksum differs from the published one is accepted when
 * it parses; the data set's notes say so. opts may be NULL. Failures: those of
 * download.h, idx.h and nn_dataset_check. Threads: any; the four files are read by two
 * threads. */
#ifndef NN_MNIST_H
#define NN_MNIST_H

#include "nn/dataset.h"
#include "nn/download.h"

int nn_mnist_load(struct nn_dataset **out, const struct nn_download_opts *opts,
                  struct err *e);
int nn_mnist_load_fashion(struct nn_dataset **out, const struct nn_download_opts *opts,
                          struct err *e);
/* The four files named as usual, below a folder of your choice: no search, no download.
 */
int nn_mnist_load_folder(struct nn_dataset **out, const char *folder, bool fashion,
                         struct err *e);

#endif
