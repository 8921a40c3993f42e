/* stores.h: the parts of the store: the safetensors container (safetensors.c) and the
 * model as JSON (store_json.c). */
#ifndef ENGINE_MODEL_STORES_H
#define ENGINE_MODEL_STORES_H

#include "models.h"

#include <jansson.h>

/* ---- a file as a list of named tensors */

#define NN_STORE_NAME 160

struct nn_named {
    char name[NN_STORE_NAME];
    struct nn_tensor *tensor; /* saving: borrowed */
    enum nn_dtype dtype;      /* loading: a checked range of the file */
    int ndim;
    size_t shape[NN_MAX_DIMS];
    size_t begin, end;
};

struct nn_container {
    struct nn_named *item;
    size_t n;
    json_t *metadata;          /* object of strings; owned */
    const unsigned char *data; /* loading: the bytes after the header; borrowed */
    size_t size;
};

void nn_container_release(struct nn_container *c);
/* Writes atomically. */
int nn_container_write(const struct nn_container *c, const char *path, struct err *e);
/* Checks everything; c's data points into bytes. */
int nn_container_parse(struct nn_container *c, const void *bytes, size_t n,
                       struct err *e);
/* The tensor of that name, or NULL. */
const struct nn_named *nn_container_find(const struct nn_container *c, const char *name);

/* ---- the model without its numbers */

/* NULL when memory is short. */
json_t *nn_model_describe(const struct nn_model *m);
/* limit: elements that one parameter may have. The model is built and, when it was,
 * compiled. ERR_FORMAT. */
int nn_model_from_description(struct nn_model **out, const json_t *j, size_t limit,
                              struct err *e);

#endif
