/* winograd.h: 3 x 3 convolutions with a quarter of the multiplications.
 *
 * F(4 x 4, 3 x 3): a square of 4 x 4 outputs, which sees 6 x 6 inputs, is
 *     y = A' [(G g G') * (B' d B)] A            (* element by element)
 * (Winograd 1980; Lavin and Gray, "Fast algorithms for convolutional neural networks",
 * 2016): multiplication of polynomials by their values at the points 0, P, -P, Q, -Q and
 * infinity. Summed over input channels, the 36 products become 36 matrix products over
 * (squares, channels, outputs). Every pass follows from that line:
 *     to the data     the same with the kernel turned round
 *     to the kernel   dL/dg = G' [sum over squares of (B' d B) * (A dy A')] G
 *
 * Points: P = 3/4 and Q = 3/2 keep the matrices' entries near 1 and exact in binary. The
 * usual 1 and 2 lose four times as much: in a NumPy model with 64 channels, float32 sums,
 * the largest error over the largest output was 1.4e-6 with 3/4 and 3/2, 5.6e-6 with 1 and
 * 2, 6.9e-6 with 1 and 1/2, and 0.3e-6 for F(2 x 2, 3 x 3), which however only saves 2.25
 * of the multiplications instead of 4; for the kernel's gradient 1.6e-6, 5.8e-6, 8.2e-6
 * and 0.8e-6. bench_conv prints the errors of its layers. */
#ifndef NN_WINOGRAD_H
#define NN_WINOGRAD_H

#include "conv_strip.h"

#define NN_WINOGRAD_ROOM (104 * 1024) /* floats of a thread's scratch memory: 416 KB */

/* Whether the method applies to the convolution as walk s sees it and is worth while. Does
 * not ask for the number of images: a result must not depend on its batch. */
bool nn_winograd_suits(const struct nn_conv_walk *s);
/* The same for the gradient of the kernel. */
bool nn_winograd_suits_kernel(const struct nn_conv_walk *s);

/* Forward with the kernel (3, 3, c, oc), or to the data with the turned one. */
struct nn_winograd_job {
    struct nn_conv_walk s;
    const float *x, *kernel, *bias, *mask;
    float *y;
    bool relu;
    float *points; /* nn_winograd_forward_room floats for the kernel's values */
};
void nn_winograd_forward(struct nn_winograd_job *job);

/* The gradients of kernel and bias, as nn_conv_backward_kernel. */
struct nn_winograd_gradient {
    struct nn_conv_walk s;
    const float *x, *dy;
    float *dkernel, *dbias;
    bool accumulate;
    float *sums; /* nn_winograd_kernel_room floats */
};
void nn_winograd_kernel(struct nn_winograd_gradient *job);

/* Floats of scratch memory, few where the method does not apply; 0: they do not fit in a
 * size_t. */
size_t nn_winograd_forward_room(size_t c, size_t oc);
size_t nn_winograd_kernel_room(size_t c, size_t oc);

/* ---- what both files share */

/* Squares across and down one image. */
size_t nn_winograd_across(const struct nn_conv_walk *s);
size_t nn_winograd_down(const struct nn_conv_walk *s);

/* Where a square lies; counted on rather than computed, because a division takes as long
 * as a hundred products. */
struct nn_place {
    size_t image, top, left; /* the first output */
};

/* Square number at of all images. */
struct nn_place nn_winograd_place(const struct nn_conv_walk *s, size_t at);

static inline void nn_winograd_next(const struct nn_conv_walk *s, struct nn_place *p) {
    p->left += 4;
    if (p->left < s->ow)
        return;
    p->left = 0;
    p->top += 4;
    if (p->top < s->oh)
        return;
    p->top = 0;
    p->image++;
}

/* The inputs that it sees. */
void nn_winograd_inputs(struct nn_square *q, const struct nn_conv_walk *s, const float *x,
                        const struct nn_place *p);

/* Its first output among all outputs. */
static inline size_t nn_winograd_output(const struct nn_conv_walk *s,
                                        const struct nn_place *p) {
    return ((p->image * s->oh + p->top) * s->ow + p->left) * s->oc;
}

extern const float nn_winograd_zeros[];

/* Tiles over `rows` rows from t->a and t->c on; the rest of t is set. */
void nn_winograd_multiply(const struct nn_gemm_kernels *k, struct nn_tile *t,
                          size_t rows);

/* Channels as the scratch memory counts them: whole vectors of any instruction set. */
static inline size_t nn_winograd_pad(size_t channels) {
    return (channels + 15) / 16 * 16;
}

/* The distance of two points that each take n floats: an odd number of cache lines, lest
 * all 36 fall into the same sets of the cache. */
static inline size_t nn_winograd_step(size_t n) {
    return ((n + 15) / 16 | 1) * 16;
}

#endif
