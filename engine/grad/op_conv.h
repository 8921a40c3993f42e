/* op_conv.h: what the two ops that convolve images share. */
#ifndef ENGINE_GRAD_OP_CONV_H
#define ENGINE_GRAD_OP_CONV_H

#include "ops.h"

#include "nn/conv.h"

/* The convolution of a call: of one group of its channels. */
struct nn_conv nn_conv_of(const struct nn_call *c);
/* The shape rule of conv2d: sentences, and the shape before any pooling. */
int nn_conv_shape(struct nn_call *c, struct err *e);

#endif
