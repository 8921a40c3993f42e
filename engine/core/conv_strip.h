/* conv_strip.h: what the passes of a convolution share: a strip of image rows with its
 * border of zeros in a small buffer, and the walk of tiles over it. */
#ifndef NN_CONV_STRIP_H
#define NN_CONV_STRIP_H

#include "kernels.h"
#include "nn/conv.h"

#define NN_STRIP 16384 /* floats of the buffer (64 KB), half as many doubles */

/* A convolution as the walk sees it: forward with the kernel, or backward to the data with
 * the kernel turned round. The source may be spread out: `expand - 1` zeros between its
 * rows and columns (the gradient of a stride). */
struct nn_conv_walk {
    const struct nn_gemm_kernels *k;
    size_t size; /* of an element */
    size_t n, h, w, c, expand_h, expand_w;
    size_t kh, kw, stride_h, stride_w, dilation_h, dilation_w;
    ptrdiff_t pad_top, pad_left;
    size_t oh, ow, oc;
    /* How the buffer is laid out: */
    size_t channels; /* of the source at a time */
    size_t rows;     /* output rows of a strip */
    size_t pitch;    /* elements of a buffered row */
};

struct nn_conv_walk nn_conv_walk_of(const struct nn_conv *v,
                                    const struct nn_gemm_kernels *k);
/* Chooses the layout; the sizes are set. false when one row of windows does not fit (images
 * more than some thousand pixels wide), which is left to the naive twin. */
bool nn_conv_walk_plan(struct nn_conv_walk *s);

/* Buffers what output rows first..first+rows-1 of image see of channels channel... */
void nn_conv_strip_fill(const struct nn_conv_walk *s, void *room, const void *x,
                        size_t image, size_t first, size_t rows, size_t channel,
                        size_t channels);

static inline const void *nn_conv_at(const void *p, size_t i, size_t size) {
    return (const char *)p + i * size;
}

/* The naive twins, over the whole batch. */
void nn_conv_naive_forward(const struct nn_conv *v, void *y, const void *x,
                           const void *kernel, const void *bias, bool relu);
void nn_conv_naive_data(const struct nn_conv *v, void *dx, const void *dy,
                        const void *kernel, const void *mask);
void nn_conv_naive_kernel(const struct nn_conv *v, void *dkernel, void *dbias,
                          bool accumulate, const void *x, const void *dy);

#endif
