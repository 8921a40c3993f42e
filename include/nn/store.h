/* store.h: models on disk as safetensors: an 8-byte length, a JSON header, the numbers.
 * The header's __metadata__ holds the architecture, the classes and the training state,
 * so that one file is the whole model; the Python package safetensors reads the weights.
 * Source: huggingface/safetensors, README "Format".
 *
 *     nn_model_save(m, "modelo.safetensors", e);
 *     nn_model_load(&m, "modelo.safetensors", e);
 *
 * Saving is atomic: a temporary file beside it, fsync, rename. Loading trusts nothing:
 * the header has a ceiling, every offset is checked against the file and the shape,
 * overlaps and holes are refused, ERR_FORMAT says what is wrong. */
#ifndef NN_STORE_H
#define NN_STORE_H

#include "nn/model.h"

#define NN_STORE_HEADER_MAX (16u << 20)

struct nn_save_options {
    bool no_optimizer; /* leave its state out: a smaller file, training starts afresh */
};

/* A model that was trained goes on after loading as if it had never been saved: weights,
 * optimizer and its state, seed, step and epoch counters, history. ERR_STATE before the
 * model is built, ERR_IO, ERR_NOMEM. */
int nn_model_save(struct nn_model *m, const char *path, struct err *e);
int nn_model_save_as(struct nn_model *m, const char *path,
                     const struct nn_save_options *o, struct err *e);
int nn_model_load(struct nn_model **out, const char *path, struct err *e);
/* From memory: what load does after reading the file; the fuzzer's door. */
int nn_model_parse(struct nn_model **out, const void *bytes, size_t n, struct err *e);

/* How a file that others wrote names and lays out weights. */
enum nn_weights_layout {
    NN_WEIGHTS_OURS,   /* kernels (in, out) and (kh, kw, c, oc), as Keras' */
    NN_WEIGHTS_PYTORCH /* "0.weight" (out, in), (oc, c, kh, kw); images channels first */
};

struct nn_weights_options {
    enum nn_weights_layout layout;
    /* PyTorch: the modules in the order of the model's layers, "features.0". NULL: in the
     * order of their names, numbers by value: "2" before "10". */
    const char *const *module;
    size_t n_modules;
};

/* Takes all weights of a built model from any safetensors file; float16, bfloat16 and
 * float64 are converted. Ours: by name when the file knows the names, else in the order of
 * the file; an optimizer's state is passed over. PyTorch: module by module; rows of a dense
 * layer behind Flatten are reordered from channels first. Nothing changes unless everything
 * fits: ERR_SHAPE or ERR_NOTFOUND names the first tensor that does not. ERR_STATE before
 * the model is built. */
int nn_model_load_weights(struct nn_model *m, const char *path,
                          const struct nn_weights_options *o, struct err *e);
/* From memory, as nn_model_parse. */
int nn_model_parse_weights(struct nn_model *m, const void *bytes, size_t n,
                           const struct nn_weights_options *o, struct err *e);

#endif
