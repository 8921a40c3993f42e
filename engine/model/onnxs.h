/* onnxs.h: an ONNX graph while it grows: what the rows of layers (onnx_layers.c,
 * onnx_image.c) write with.
 *
 * A value knows its shape in the order of the model, channels last. ONNX' convolution and
 * pooling work on channels first: such a row asks for that layout, the next row that needs
 * the other one asks back, and rows that do not care leave it alone. */
#ifndef ENGINE_MODEL_ONNXS_H
#define ENGINE_MODEL_ONNXS_H

#include "models.h"
#include "protobuf.h"

#define NN_ONNX_NAME   192
#define NN_ONNX_INPUTS 8

struct nn_onnx_value {
    char name[NN_ONNX_NAME];
    int ndim; /* without the batch axis; channels last */
    size_t shape[NN_MAX_DIMS];
    bool first; /* stored (N, c, h, w) */
};

struct nn_onnx_node {
    const char *op;
    int n_in;
    char in[NN_ONNX_INPUTS][NN_ONNX_NAME];
    struct nn_onnx_value out;
    struct buf attrs; /* fields of NodeProto */
};

struct nn_onnx {
    struct nn_onnx_node *node;
    size_t n_nodes, cap;
    struct buf weights;         /* initializer fields of GraphProto */
    bool failed;                /* memory was short */
    char prefix[NN_LAYER_PATH]; /* the way to the layer that is being written */
};

/* ---- the graph */

/* A node that reads *v and becomes *v, of the same shape; more inputs and attributes may be
 * added before the next one is begun. NULL when memory is short: then the functions below
 * do nothing. */
struct nn_onnx_node *nn_onnx_add(struct nn_onnx *g, const char *op,
                                 struct nn_onnx_value *v);
void nn_onnx_input(struct nn_onnx_node *n, const char *name);
void nn_onnx_int(struct nn_onnx_node *n, const char *name, int64_t v);
void nn_onnx_float(struct nn_onnx_node *n, const char *name, double v);
void nn_onnx_ints(struct nn_onnx_node *n, const char *name, int count, const size_t *v);
void nn_onnx_text(struct nn_onnx_node *n, const char *name, const char *v);
/* The node's output has another shape; *v as well. */
void nn_onnx_reshaped(struct nn_onnx_node *n, struct nn_onnx_value *v, int ndim,
                      const size_t *shape);

/* A constant of the graph. The bytes of its float32 numbers are the caller's to fill before
 * the next call; NULL when memory is short. */
unsigned char *nn_onnx_weight(struct nn_onnx *g, const char *name, int ndim,
                              const size_t *shape);
static inline void nn_onnx_put(unsigned char *weight, size_t i, float v) {
    memcpy(weight + i * sizeof v, &v, sizeof v);
}
/* The numbers of t as they are, under its own name. */
void nn_onnx_tensor(struct nn_onnx *g, const char *name, const struct nn_tensor *t);
/* A list of int64 as a further input of the node, "layer/PART": for Reshape and Pad. */
void nn_onnx_longs(struct nn_onnx *g, struct nn_onnx_node *n, const char *part, int count,
                   const int64_t *v);
/* Binary node with a constant scalar, "Mul" by 0.5. */
void nn_onnx_scalar(struct nn_onnx *g, const char *op, struct nn_onnx_value *v, float k);
/* prefix/part, the name of a constant that no parameter has. */
void nn_onnx_name(char name[NN_ONNX_NAME], const struct nn_onnx *g, const char *part);

/* Stored channels last, or first (images alone). */
void nn_onnx_last(struct nn_onnx *g, struct nn_onnx_value *v);
void nn_onnx_first(struct nn_onnx *g, struct nn_onnx_value *v);

/* ---- layers */

/* One row per layer type: what it adds to the graph. ERR_ARG for options that ONNX cannot
 * say. */
struct nn_onnx_row {
    const char *type; /* as nn_layer_type.name */
    int (*write)(struct nn_onnx *g, struct nn_onnx_value *v, const struct nn_layer *l,
                 struct err *e);
};
/* Each ended by a row without a type. */
extern const struct nn_onnx_row nn_onnx_basic[], nn_onnx_image[], nn_onnx_nested[],
    nn_onnx_norm[];

/* Writes a layer by its row. ERR_ARG when there is none. */
int nn_onnx_layer(struct nn_onnx *g, struct nn_onnx_value *v, const struct nn_layer *l,
                  struct err *e);
/* The names of further nodes begin with this layer's. */
void nn_onnx_enter(struct nn_onnx *g, const struct nn_layer *l);
/* The parameter "layer/NAME" of a layer, or NULL. */
const struct nn_var *nn_onnx_param(const struct nn_layer *l, const char *name);
/* An activation by its name in nn_activation_names; "" is linear. */
int nn_onnx_activation(struct nn_onnx *g, struct nn_onnx_value *v, const char *activation,
                       struct err *e);

#endif
