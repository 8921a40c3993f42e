/* digits.h: handwritten-looking digits drawn by a program: a data set that is always
 * there, with no file and no network.
 *
 *     struct nn_dataset *d;
 *     if (nn_digits_new(&d, NULL, e) < 0) return e->code;      x_train u8 (6000, 28, 28,
 * 1)
 *
 * Each image starts from one of several skeletons of its digit (1 with or without foot, 7
 * with or without bar, 4 open or closed ...), whose control points are moved, slanted,
 * turned, scaled and drawn with a pen of random width, in the manner of MNIST: bright
 * strokes 0..255 on black, centred by mass. Classes 0..9 are balanced and mixed.
 * Determinism: image i of a part depends on seed, part and i alone: the same bytes on any
 * number of threads, and a longer set begins with the shorter one. opts may be NULL.
 * Threads: any; drawing is spread over the pool. */
#ifndef NN_DIGITS_H
#define NN_DIGITS_H

#include "nn/dataset.h"

#define NN_DIGITS_SIDE 28
#define NN_DIGITS_MAX  1000000

struct nn_digits_opts {
    size_t n_train; /* 0 means 6000 */
    size_t n_test;  /* 0 means 1000 */
    uint64_t seed;  /* 0 means the set that the notebooks use */
};

/* ERR_RANGE above NN_DIGITS_MAX, ERR_NOMEM. */
int nn_digits_new(struct nn_dataset **out, const struct nn_digits_opts *opts,
                  struct err *e);

#endif
