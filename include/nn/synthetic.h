/* synthetic.h: the four point clouds of the plane that the TensorFlow playground made
 * known (playground.tensorflow.org, dataset.ts), for two classes.
 *
 *     struct nn_dataset *d;
 *     struct nn_synthetic_opts o = {.n = 400, .noise = 0.1, .seed = 7};
 *     if (nn_synthetic_new(&d, NN_SPIRAL, &o, e) < 0) return e->code;
 *
 * Shapes: x f32 (n, 2) within about -6..6, y i32 0 or 1, half each (xor and circle with
 * noise: about half). Noise 0 is clean, 0.5 the strongest: it moves the points of spiral,
 * widens gauss, and mislabels points of circle and xor near the border. The same seed
 * gives the same points. opts may be NULL. Threads: any. */
#ifndef NN_SYNTHETIC_H
#define NN_SYNTHETIC_H

#include "nn/dataset.h"

enum nn_synthetic { NN_CIRCLE, NN_XOR, NN_GAUSS, NN_SPIRAL };

#define NN_SYNTHETIC_MAX 1000000

struct nn_synthetic_opts {
    size_t n;     /* points in all; 0 means 500; from 4 to NN_SYNTHETIC_MAX */
    double noise; /* 0..0.5 */
    double test;  /* share that becomes the test part, 0 < test < 1; 0 means 0.25 */
    uint64_t seed;
};

/* ERR_RANGE (n, noise, test), ERR_ARG (kind), ERR_NOMEM. */
int nn_synthetic_new(struct nn_dataset **out, enum nn_synthetic kind,
                     const struct nn_synthetic_opts *opts, struct err *e);
/* "circle", "xor", "gauss", "spiral". */
const char *nn_synthetic_name(enum nn_synthetic kind);

#endif
