/* datasets.h: what the files of a data set share. */
#ifndef NN_DATA_DATASETS_H
#define NN_DATA_DATASETS_H

#include "nn/dataset.h"

/* A data set with the names, notes, normalisation and augmentation of d, and no examples.
 * ERR_NOMEM. */
int nn_dataset_like(struct nn_dataset **out, const struct nn_dataset *d, struct err *e);

#endif
