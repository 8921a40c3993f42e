/* onnx_norm.c: normalisation layers as ONNX nodes. */
#include "onnxs.h"

#include <math.h>

/* A parameter of the layer as an input of the node; where the layer has none, `usual`
 * repeated. */
static void channels_input(struct nn_onnx *g, struct nn_onnx_node *n,
                           const struct nn_layer *l, const char *name, float usual) {
    const struct nn_var *p = nn_onnx_param(l, name);
    size_t channels = l->in_shape[l->in_ndim - 1];
    char text[NN_ONNX_NAME];
    if (p) {
        nn_onnx_input(n, p->name);
        nn_onnx_tensor(g, p->name, p->value);
        return;
    }
    nn_onnx_name(text, g, name);
    nn_onnx_input(n, text);
    unsigned char *at = nn_onnx_weight(g, text, 1, &channels);
    for (size_t i = 0; at && i < channels; i++)
        nn_onnx_put(at, i, usual);
}

static double value_of(const struct nn_layer *l, const char *name, size_t i,
                       double usual) {
    const struct nn_var *p = nn_onnx_param(l, name);
    return p ? (double)nn_tensor_f32(p->value)[i] : usual;
}

/* Channels as the last of several axes: y = x a + b, a = gamma / sqrt(variance + epsilon),
 * b = beta - mean a. */
static void write_affine(struct nn_onnx *g, struct nn_onnx_value *v,
                         const struct nn_layer *l, bool factor) {
    size_t channels = l->in_shape[l->in_ndim - 1];
    double epsilon = nn_option_number(&l->options, "epsilon");
    char name[NN_ONNX_NAME];
    struct nn_onnx_node *n = nn_onnx_add(g, factor ? "Mul" : "Add", v);
    nn_onnx_name(name, g, factor ? "factor" : "shift");
    nn_onnx_input(n, name);
    unsigned char *at = nn_onnx_weight(g, name, 1, &channels);
    for (size_t i = 0; at && i < channels; i++) {
        double a = value_of(l, "gamma", i, 1) /
                   sqrt(value_of(l, "moving_variance", i, 1) + epsilon);
        double b = value_of(l, "beta", i, 0) - value_of(l, "moving_mean", i, 0) * a;
        nn_onnx_put(at, i, (float)(factor ? a : b));
    }
}

static int write_batch(struct nn_onnx *g, struct nn_onnx_value *v,
                       const struct nn_layer *l, struct err *e) {
    (void)e;
    nn_onnx_first(g, v);
    if (!v->first && v->ndim > 1) { /* the operator's channels are the second axis */
        write_affine(g, v, l, true);
        write_affine(g, v, l, false);
        return 0;
    }
    struct nn_onnx_node *n = nn_onnx_add(g, "BatchNormalization", v);
    channels_input(g, n, l, "gamma", 1);
    channels_input(g, n, l, "beta", 0);
    channels_input(g, n, l, "moving_mean", 0);
    channels_input(g, n, l, "moving_variance", 1);
    nn_onnx_float(n, "epsilon", nn_option_number(&l->options, "epsilon"));
    return 0;
}

static int write_layer(struct nn_onnx *g, struct nn_onnx_value *v,
                       const struct nn_layer *l, struct err *e) {
    (void)e;
    nn_onnx_last(g, v);
    struct nn_onnx_node *n = nn_onnx_add(g, "LayerNormalization", v);
    channels_input(g, n, l, "gamma", 1);
    channels_input(g, n, l, "beta", 0);
    nn_onnx_int(n, "axis", -1);
    nn_onnx_float(n, "epsilon", nn_option_number(&l->options, "epsilon"));
    return 0;
}

const struct nn_onnx_row nn_onnx_norm[] = {
    {"BatchNormalization", write_batch}, {"LayerNormalization", write_layer}, {0}};
