/* maxpool.h: the largest value under a window, per channel.
 *
 *     struct nn_maxpool p = {.dtype = NN_F32, .n = 64, .h = 28, .w = 28, .c = 32,
 *                            .kh = 2, .kw = 2, .stride_h = 2, .stride_w = 2};
 *     nn_maxpool_fit(&p);                          oh = ow = 14
 *     nn_maxpool_forward(&p, y, where, x);
 *
 * Shapes: x (n, h, w, c), y and where (n, oh, ow, c); no padding: rows and columns that no
 * whole window reaches are left out. where holds the place in the window, row by row, of
 * the first largest value (a NaN counts as largest), so that the backward pass needs
 * neither x nor y. kh kw is at most 255. Bit-equal on any number of threads; nothing is
 * allocated, nothing fails.
 */
#ifndef NN_MAXPOOL_H
#define NN_MAXPOOL_H

#include "nn/tensor.h"

struct nn_maxpool {
    enum nn_dtype dtype; /* NN_F32 or NN_F64 */
    size_t n, h, w, c;
    size_t kh, kw, stride_h, stride_w; /* a stride of 0: the window's size */
    size_t oh, ow;                     /* set by nn_maxpool_fit */
};

/* false when the window is empty, larger than the image, or has more than 255 places. */
bool nn_maxpool_fit(struct nn_maxpool *p);

void nn_maxpool_forward(const struct nn_maxpool *p, void *y, unsigned char *where,
                        const void *x);
/* dx (all of it) from dy. */
void nn_maxpool_backward(const struct nn_maxpool *p, void *dx, const void *dy,
                         const unsigned char *where);

#endif
