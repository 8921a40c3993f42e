/* augment.h: changes that leave a picture's class as it is: mirrored, moved, turned, with a
 * part missing, darker or flatter. Training sees another variant in every epoch.
 *
 *     struct nn_augment a = {.flip = true, .shift = 4, .cutout = 8};
 *     if (nn_augment_prepare(&a, d->x_train, e) < 0) return e->code;
 *     nn_augment_bytes(&a, to, from, seed);                one example
 *     struct nn_fit_data f = {..., .augment = nn_augment_bytes, .augment_ctx = &a};
 *
 * Order: turned, mirrored and moved in one step (bilinear when turned), then light, then
 * the hole. The result is a function of the example and the seed alone, the same on every
 * machine. Shapes: (h, w, c) of uint8. Threads: any; the struct is only read. Sources:
 * random crop with padding, He et al. 2016, section 4.2; cutout, DeVries and Taylor 2017:
 * the square's centre lies anywhere in the picture, so that a part of it may fall outside.
 */
#ifndef NN_AUGMENT_H
#define NN_AUGMENT_H

#include "nn/tensor.h"

struct nn_augment {
    bool flip;         /* left and right change places, half of the times */
    int shift;         /* pixels: moved by -shift..shift, down and across */
    bool reflect;      /* what comes in from outside: the mirror image, else 0 */
    double rotate;     /* degrees: turned by -rotate..rotate */
    int cutout;        /* pixels: side of the square that is taken out */
    double brightness; /* times 1 - brightness .. 1 + brightness */
    double
        contrast; /* distance to the picture's mean times 1 - contrast .. 1 + contrast */
    /* filled in by prepare */
    size_t h, w, c;
    unsigned char fill[4]; /* of the hole: the mean of each channel */
};

/* Takes shape and fill from x, uint8 (n, h, w, c) with c up to 4. ERR_SHAPE, ERR_DTYPE for
 * other data; ERR_RANGE with value and limit: shift up to half of the shorter side, cutout
 * up to the shorter side, rotate 0..180, brightness and contrast 0..1. */
int nn_augment_prepare(struct nn_augment *a, const struct nn_tensor *x, struct err *e);
/* Anything to do? */
bool nn_augment_any(const struct nn_augment *a);
/* One example: an nn_augment_fn of feed.h, ctx a prepared struct nn_augment. */
void nn_augment_bytes(const void *ctx, void *to, const void *from, uint64_t seed);

/* Mean and standard deviation of each channel, the last axis of x, at most 4. Bytes are
 * counted exactly. ERR_SHAPE for more channels. */
int nn_channel_stats(double *mean, double *std, const struct nn_tensor *x, struct err *e);

#endif
