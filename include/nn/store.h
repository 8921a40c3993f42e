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

#endif
