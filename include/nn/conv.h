/* conv.h: two-dimensional convolution of images, channels last, without an im2col matrix.
 *
 *     struct nn_conv v = {.dtype = NN_F32, .n = 64, .h = 32, .w = 32, .c = 3,
 *                         .kh = 3, .kw = 3, .oc = 32};
 *     nn_conv_fit(&v, true);                       "same": sets padding and output size
 *     nn_conv_forward(&v, y, x, kernel, bias, true, work);
 *
 * Shapes: x (n, h, w, c), kernel (kh, kw, c, oc) as in Keras, y (n, oh, ow, oc), bias (oc,).
 *     y[i,j,o] = sum over u,v,k of x[i stride + u dilation - pad, ..., k] kernel[u,v,k,o]
 * with zeros outside x. All arrays contiguous and followed by NN_ALIGN readable bytes, as
 * tensors are. Sizes are at least 1.
 *
 * How: a strip of rows, with its border of zeros, is copied into a small buffer on the
 * thread's stack, where every pixel under the kernel's row is one contiguous run; the
 * tiles of the matrix product (nn/gemm.h) then read it in place. Most 3 x 3 kernels take
 * another way, with a quarter of the multiplications: nn_conv_winograd below.
 *
 * Order: the sums run in a fixed order that depends on the sizes alone, so that results are
 * bit-equal on any number of threads. Nothing is allocated, nothing fails; the passes take
 * their scratch memory from the caller: nn_conv_workspace bytes, from a tensor or like
 * one; contents undefined. One workspace may serve all passes of all layers in turn.
 */
#ifndef NN_CONV_H
#define NN_CONV_H

#include "nn/tensor.h"

struct nn_conv {
    enum nn_dtype dtype;           /* NN_F32 or NN_F64 */
    size_t n, h, w, c;             /* images: count, height, width, channels */
    size_t kh, kw, oc;             /* kernel and output channels */
    size_t stride_h, stride_w;     /* 0 counts as 1 */
    size_t dilation_h, dilation_w; /* 0 counts as 1 */
    /* Set by nn_conv_fit, or by hand: */
    size_t pad_top, pad_left, oh, ow;
};

/* Fills in strides and dilations of 0, padding and output size: same = zeros around, so
 * that oh = ceil(h / stride) (the odd zero goes below and right, as in TensorFlow); else
 * valid: none. false when the kernel is larger than the image (valid). */
bool nn_conv_fit(struct nn_conv *v, bool same);

/* bias may be NULL; relu: y = max(0, y). work may be NULL, which leaves only the direct
 * method. */
void nn_conv_forward(const struct nn_conv *v, void *y, const void *x, const void *kernel,
                     const void *bias, bool relu, void *work);

/* dx = dL/dx from dy = dL/dy. With mask (the shape of x, or NULL) dx becomes 0 where mask
 * <= 0: the backward pass of the ReLU whose output x is. */
void nn_conv_backward_data(const struct nn_conv *v, void *dx, const void *dy,
                           const void *kernel, const void *mask, void *work);
/* dkernel = or += dL/dkernel; the same for dbias (oc,), which may be NULL. */
void nn_conv_backward_kernel(const struct nn_conv *v, void *dkernel, void *dbias,
                             bool accumulate, const void *x, const void *dy, void *work);
/* Winograd's method for 3 x 3 kernels in steps of one pixel, float, 8 channels or more on
 * both sides, and not more than a thread's scratch memory holds (about 380 of the input;
 * 360 of both together for the kernel's gradient): a quarter of the multiplications, a
 * third with borders. Its largest error over the largest value, measured on the layers of
 * bench_conv against double: 0.8e-6 to 1.3e-6 forward (direct sum: 0.8e-6 to 1.2e-6),
 * 1.3e-6 to 2.1e-6 to the data (0.7e-6 to 1.6e-6), 0.5e-6 to 0.9e-6 to the kernel (0.2e-6
 * to 0.5e-6). An Inf or NaN spreads over the 4 x 4 outputs of its square. The choice
 * depends on the sizes of kernel and image alone, never on the batch. On at start, unless
 * the environment says NABLA_WINOGRAD=0. Set it while nothing runs. */
bool nn_conv_winograd(void);
void nn_conv_set_winograd(bool on);

/* Bytes of scratch memory for any of the passes; 0 when they do not fit in a size_t. */
size_t nn_conv_workspace(const struct nn_conv *v);

#endif
