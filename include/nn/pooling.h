/* pooling.h: the largest value, or the mean, under a window that moves over an image, per
 * channel.
 *
 *     struct nn_pooling p = {.dtype = NN_F32, .n = 64, .h = 28, .w = 28, .c = 32,
 *                            .kh = 2, .kw = 2, .stride_h = 2, .stride_w = 2};
 *     nn_pooling_fit(&p, false);                   oh = ow = 14
 *     nn_maxpool_forward(&p, y, where, x);
 *
 * Shapes: x (n, h, w, c), y and where (n, oh, ow, c). Places outside the image count
 * neither as candidates nor in the mean. where holds the place in the window, row by row,
 * of the first largest value (a NaN counts as largest), so that the backward pass needs
 * neither x nor y; kh kw is at most 254 there. Bit-equal on any number of threads; nothing
 * is allocated, nothing fails.
 */
#ifndef NN_POOLING_H
#define NN_POOLING_H

#include "nn/tensor.h"

#define NN_MAXPOOL_PLACES 254 /* the most places of a window of the maximum */
#define NN_MAXPOOL_NONE   255 /* in where: no gradient passes */

struct nn_pooling {
    enum nn_dtype dtype; /* NN_F32 or NN_F64 */
    size_t n, h, w, c;
    size_t kh, kw, stride_h, stride_w; /* a stride of 0: the window's size */
    /* x is what a ReLU made: where the largest value is not positive, no gradient passes
     * (maximum alone). */
    bool masked;
    /* Set by nn_pooling_fit: */
    size_t pad_top, pad_left, oh, ow;
};

/* same: oh = ceil(h / stride), the odd place below and right, as in TensorFlow; else whole
 * windows only. false when the window is empty or (without same) larger than the image. */
bool nn_pooling_fit(struct nn_pooling *p, bool same);

void nn_maxpool_forward(const struct nn_pooling *p, void *y, unsigned char *where,
                        const void *x);
/* dx = or += the gradient that dy = dL/dy gives it; all of dx. */
void nn_maxpool_backward(const struct nn_pooling *p, void *dx, bool accumulate,
                         const void *dy, const unsigned char *where);

void nn_avgpool_forward(const struct nn_pooling *p, void *y, const void *x);
void nn_avgpool_backward(const struct nn_pooling *p, void *dx, bool accumulate,
                         const void *dy);

#endif
