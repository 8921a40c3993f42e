/* weights_read.c: numbers of a file into a parameter: half, double and brain floats become
 * float32, PyTorch's order of axes ours. */
#include "stores.h"

#include <math.h>

/* ---- numbers */

/* IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
static float from_half(uint16_t h) {
    int exponent = h >> 10 & 31;
    float fraction = (float)(h & 1023) / 1024, v;
    if (exponent == 31)
        v = fraction == 0 ? INFINITY : NAN;
    else if (exponent == 0)
        v = ldexpf(fraction, -14);
    else
        v = ldexpf(1 + fraction, exponent - 15);
    return h >> 15 ? -v : v;
}

/* The upper half of a float32. */
static float from_brain(uint16_t b) {
    uint32_t bits = (uint32_t)b << 16;
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static float number_at(enum nn_number_kind kind, const unsigned char *data, size_t i) {
    float single = 0;
    double wide;
    uint16_t half;
    switch (kind) {
    case NN_NUMBER_F32:
        memcpy(&single, data + i * sizeof single, sizeof single);
        break;
    case NN_NUMBER_F64:
        memcpy(&wide, data + i * sizeof wide, sizeof wide);
        return (float)wide;
    case NN_NUMBER_F16:
    case NN_NUMBER_BF16:
        memcpy(&half, data + i * sizeof half, sizeof half);
        return kind == NN_NUMBER_F16 ? from_half(half) : from_brain(half);
    case NN_NUMBER_OTHER:
        break;
    }
    return single;
}

/* ---- axes */

static bool is_depthwise(const struct nn_weight *w) {
    return strstr(w->layer->type->name, "Depthwise") != NULL;
}

int nn_weight_shape(const struct nn_weight *w, enum nn_weights_layout layout,
                    size_t shape[NN_MAX_DIMS]) {
    const struct nn_tensor *t = w->var->value;
    const size_t *s = t->shape;
    memcpy(shape, s, sizeof t->shape);
    if (layout != NN_WEIGHTS_PYTORCH)
        return t->ndim;
    if (t->ndim == 2) { /* (in, out) is (out, in) there */
        shape[0] = s[1];
        shape[1] = s[0];
    } else if (t->ndim == 4 && is_depthwise(w)) { /* (kh, kw, c, k): (c k, 1, kh, kw) */
        memcpy(shape, (size_t[]){s[2] * s[3], 1, s[0], s[1]}, 4 * sizeof *shape);
    } else if (t->ndim == 4) { /* (kh, kw, c, oc): (oc, c, kh, kw) */
        memcpy(shape, (size_t[]){s[3], s[2], s[0], s[1]}, 4 * sizeof *shape);
    }
    return t->ndim;
}

/* Feature i of an image flattened channels last, counted channels first. */
static size_t feature(const struct nn_weight *w, size_t i) {
    const size_t *m = w->image; /* h, w, c */
    if (m[2] <= 1)
        return i;
    size_t channel = i % m[2], pixel = i / m[2];
    return channel * m[0] * m[1] + pixel;
}

/* Where element i of the parameter lies in the file. */
static size_t source(const struct nn_weight *w, enum nn_weights_layout layout, size_t i) {
    const struct nn_tensor *t = w->var->value;
    const size_t *s = t->shape;
    if (layout != NN_WEIGHTS_PYTORCH)
        return i;
    if (t->ndim == 1)
        return feature(w, i);
    if (t->ndim == 2)
        return i % s[1] * s[0] + feature(w, i / s[1]);
    if (t->ndim != 4)
        return i;
    size_t last = i % s[3], c = i / s[3] % s[2], pixel = i / s[3] / s[2];
    size_t area = s[0] * s[1];
    if (is_depthwise(w))
        return (c * s[3] + last) * area + pixel;
    return (last * s[2] + c) * area + pixel;
}

void nn_weight_read(const struct nn_weight *w, enum nn_weights_layout layout,
                    const unsigned char *data) {
    struct nn_tensor *t = w->var->value;
    const unsigned char *from = data + w->from->begin;
    for (size_t i = 0; i < t->n; i++)
        nn_tensor_f32(t)[i] = number_at(w->from->type->kind, from, source(w, layout, i));
}
