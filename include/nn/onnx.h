/* onnx.h: a trained model as an ONNX file, for onnxruntime, Netron and whatever else reads
 * the format.
 *
 *     nn_onnx_export(m, "modelo.onnx", &(struct nn_onnx_options){0}, e);
 *
 * The graph computes what nn_model_predict computes: input "input", float32 (N, ...) with
 * the model's example shape, channels last; output "output". Dropout and the like are not
 * in it. Class names and the normalisation of the data stand in the metadata as JSON
 * ("classes", "normalise"); with normalise the graph begins with it and takes the numbers
 * as they are stored, bytes 0 to 255 for images.
 * Source: onnx.proto and Operators.md of github.com/onnx/onnx; IR version 8, opset 17. */
#ifndef NN_ONNX_H
#define NN_ONNX_H

#include "nn/model.h"

struct nn_onnx_options {
    bool normalise;
};

/* Atomic, as saving. ERR_STATE before the model is built, ERR_ARG for a layer that ONNX has
 * no row for, ERR_RANGE above the format's 2 GiB, ERR_IO, ERR_NOMEM. */
int nn_onnx_export(struct nn_model *m, const char *path, const struct nn_onnx_options *o,
                   struct err *e);

#endif
