/* stores.h: the parts of the store: the safetensors container (safetensors.c) and the
 * model as JSON (store_json.c). */
#ifndef ENGINE_MODEL_STORES_H
#define ENGINE_MODEL_STORES_H

#include "models.h"

#include "nn/store.h"

#include <jansson.h>

/* ---- a file as a list of named tensors */

#define NN_STORE_NAME 256

enum nn_number_kind {
    NN_NUMBER_F32,
    NN_NUMBER_F64,
    NN_NUMBER_F16,
    NN_NUMBER_BF16,
    NN_NUMBER_OTHER /* integers and truth values: not weights */
};

struct nn_number_type {
    const char *name; /* "F32", as the format writes it */
    size_t size;      /* bytes */
    enum nn_number_kind kind;
};

struct nn_named {
    char name[NN_STORE_NAME];
    struct nn_tensor *tensor;          /* saving: borrowed */
    const struct nn_number_type *type; /* loading: a checked range of the file */
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

/* Text from a file as JSON, after a look at its size and depth. NULL: *why says what is
 * wrong, or is NULL when memory was short. */
json_t *nn_json_read(const char *text, size_t n, const char **why);

/* ---- the model without its numbers */

/* NULL when memory is short. state: the optimizer's tensors are stored beside it. */
json_t *nn_model_describe(const struct nn_model *m, bool state);
bool nn_description_has_state(const json_t *j);
/* limit: elements that all parameters may have, and 1. The model is built and, when it was,
 * compiled. ERR_FORMAT. */
int nn_model_from_description(struct nn_model **out, const json_t *j, size_t limit,
                              struct err *e);

/* "The saved model is not valid: what"; returns ERR_FORMAT. */
int nn_bad_description(struct err *e, const char *what);
/* Options as {"units": 10, ...}. */
json_t *nn_options_describe(const struct nn_options *o, bool *failed);
int nn_options_restore(struct nn_options *o, json_t *j, struct err *e);
/* Loss, metrics, optimizer with its schedule, counters (store_training.c). state: with those
 * that belong to the optimizer's state. */
json_t *nn_training_describe(const struct nn_model *m, bool state, bool *failed);
int nn_training_restore(struct nn_model *m, const json_t *j, struct err *e);

/* Add v to a or j; *failed becomes true when memory is short. v is taken. */
void nn_json_append(json_t *a, json_t *v, bool *failed);
void nn_json_set(json_t *j, const char *name, json_t *v, bool *failed);

/* The epochs of the last fit as JSON, and back into m; worth: not too long for a file. */
bool nn_history_worth(const struct nn_history *h);
json_t *nn_history_describe(const struct nn_history *h, bool *failed);
int nn_history_restore(struct nn_model *m, const json_t *j, struct err *e);

/* ---- weights of others: a parameter and the tensor of a file that goes into it */

struct nn_weight {
    struct nn_var *var;
    const struct nn_layer *layer;
    const char *part; /* of var's name: "kernel" */
    size_t image[3];  /* (h, w, c) that Flatten made its features of; 0: none */
    const struct nn_named *from;
};

/* The shape that the file's tensor has to have. */
int nn_weight_shape(const struct nn_weight *w, enum nn_weights_layout layout,
                    size_t shape[NN_MAX_DIMS]);
/* Copies, converts and reorders; shapes have been checked. */
void nn_weight_read(const struct nn_weight *w, enum nn_weights_layout layout,
                    const unsigned char *data);

#endif
