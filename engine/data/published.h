/* published.h: what the loaders of published data sets share: remarks about files that
 * are not the published ones. */
#ifndef NN_DATA_PUBLISHED_H
#define NN_DATA_PUBLISHED_H

#include "nn/dataset.h"
#include "nn/download.h"

/* Adds a note when sum is not what is published for the file that lies at path (under its
 * own name or another of its names). ERR_NOMEM. */
int nn_published_note(struct nn_dataset *d, const struct nn_download_file *f,
                      const char *path, const char *sum, struct err *e);

#endif
