/* norm.h: normalisation per channel: means and variances of the columns of a matrix, and
 * the two passes that use them. The channels are the last axis, as in images (n, h, w, c):
 * a matrix of rows = n h w pixels and cols = c channels.
 *
 *     nn_norm_moments(NN_F32, mean, variance, x, rows, cols, work);       doubles
 *     struct nn_norm o = {.dtype = NN_F32, .rows = rows, .cols = cols,
 *                         .mean = m, .scale = a, .shift = b};             a = gamma / sd
 *     nn_norm_forward(&o, y, x);                        y = (x - m) a + b
 *
 * Arrays that are void are of the dtype. Sums run piece by piece, with a centred second
 * pass, in an order that depends on the sizes alone: bit-equal on any number of threads,
 * and exact also where the mean is large beside the deviation. Nothing is allocated; work
 * is nn_norm_work bytes. rows and cols at least 1.
 */
#ifndef NN_NORM_H
#define NN_NORM_H

#include "nn/tensor.h"

struct nn_norm {
    enum nn_dtype dtype; /* NN_F32 or NN_F64 */
    size_t rows, cols;
    const void *mean, *scale, *shift; /* (cols,) */
    bool relu; /* y = max(0, y); backward: no gradient where y was not positive */
};

/* mean and variance (cols,), the variance divided by rows as in Keras. */
void nn_norm_moments(enum nn_dtype d, double *mean, double *variance, const void *x,
                     size_t rows, size_t cols, void *work);
void nn_norm_forward(const struct nn_norm *o, void *y, const void *x);
/* Per column: sum of g, and of g (x - mean); g is dy behind the ReLU. */
void nn_norm_sums(const struct nn_norm *o, double *sum, double *product, const void *dy,
                  const void *x, void *work);

struct nn_norm_back {
    void *dx;
    const void *dy, *x;
    const void *slope, *offset; /* (cols,) */
    bool accumulate;            /* dx += */
    bool mask;                  /* 0 where x <= 0: x is what a ReLU made */
};
/* dx = or += g scale + (x - mean) slope + offset. */
void nn_norm_backward(const struct nn_norm *o, const struct nn_norm_back *b);

/* Bytes of scratch memory; SIZE_MAX when they do not fit in a size_t. */
size_t nn_norm_work(size_t rows, size_t cols);

#endif
