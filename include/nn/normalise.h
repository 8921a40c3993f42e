/* normalise.h: how stored numbers become what a network sees: x * scale + offset, one pair
 * for all or one for each channel.
 *
 *     struct nn_normalise n = {0};                             the usual: bytes / 255
 *     struct nn_normalise half = {.scale = 2 / 255.0f, .offset = -1};
 *     struct nn_normalise rgb = {.channels = 3, .channel_scale = {...}, ...};
 *
 * A data set brings its own, a model keeps that of the data it was trained on, and the
 * file of a model holds it. Channels are the last axis, also of examples that were
 * flattened: element i of an example belongs to channel i % channels. */
#ifndef NN_NORMALISE_H
#define NN_NORMALISE_H

#include "nn/tensor.h"

#define NN_CHANNELS_MAX 4

struct nn_normalise {
    float scale, offset; /* scale 0 stands for the usual: 1/255 for bytes, 1 for reals */
    int channels;        /* 0: the two above; else the first so many of each below */
    float channel_scale[NN_CHANNELS_MAX], channel_offset[NN_CHANNELS_MAX];
};

/* The pairs that there are: 1, or channels. */
static inline size_t nn_normalise_count(const struct nn_normalise *n) {
    return n->channels > 0 ? (size_t)n->channels : 1;
}

/* Pair k of them (0-based) for data of dtype d, with the usual put in. */
static inline void nn_normalise_get(const struct nn_normalise *n, enum nn_dtype d,
                                    size_t k, float *scale, float *offset) {
    *scale = n->channels > 0 ? n->channel_scale[k] : n->scale;
    *offset = n->channels > 0 ? n->channel_offset[k] : n->offset;
    if (*scale == 0)
        *scale = d == NN_U8 ? 1 / 255.0f : 1;
}

#endif
