/* depthwise.h: convolution in which every channel has a filter of its own and sees no
 * other.
 *
 *     struct nn_conv v = {.dtype = NN_F32, .n = 64, .h = 32, .w = 32, .c = 24, .oc = 24,
 *                         .kh = 3, .kw = 3};
 *     nn_conv_fit(&v, true);                       conv.h: sizes, strides, dilation, padding
 *     nn_depthwise_forward(&v, y, x, kernel, bias, false);
 *
 * Shapes: x (n, h, w, c), kernel (kh, kw, c), y (n, oh, ow, c), bias (c,) or NULL.
 *     y[i,j,k] = sum over u,v of x[i stride + u dilation - pad, ..., k] kernel[u,v,k]
 * Bit-equal on any number of threads. Nothing is allocated, nothing fails. */
#ifndef NN_DEPTHWISE_H
#define NN_DEPTHWISE_H

#include "nn/conv.h"

void nn_depthwise_forward(const struct nn_conv *v, void *y, const void *x,
                          const void *kernel, const void *bias, bool relu);
/* dx = or += dL/dx. */
void nn_depthwise_backward_data(const struct nn_conv *v, void *dx, bool accumulate,
                                const void *dy, const void *kernel);
/* dkernel = or += dL/dkernel; work: nn_depthwise_work elements of the dtype. */
void nn_depthwise_backward_kernel(const struct nn_conv *v, void *dkernel, bool accumulate,
                                  const void *x, const void *dy, void *work);
/* SIZE_MAX when they do not fit in a size_t. */
size_t nn_depthwise_work(const struct nn_conv *v);

#endif
