/* model.h: a stack of layers with Keras' life: build, compile, fit (fit.h), evaluate,
 * predict, save (store.h).
 *
 *     nn_model_new(&m, e);
 *     nn_model_add(m, layer, e);                      takes the layer when it returns 0
 *     nn_model_compile(m, optim, "sparse_categorical_crossentropy", n, metrics, e);
 *     nn_fit(m, &data, &options, e);                  builds at the first data
 *     nn_model_predict(&y, m, x, NULL, 0, e);
 *
 * The output of a model that ends in Dense(10) without activation are logits; the
 * cross-entropies take logits then, and the input of the softmax or sigmoid where the
 * model ends in one: numerically the stable way in both cases. Shapes: x (n, ...),
 * float32; labels (n,) int32 from 0, or one-hot (n, C). Ownership: nn_model_free frees
 * layers and optimizer; a var that is still held elsewhere survives. Threads: one at a
 * time. */
#ifndef NN_MODEL_H
#define NN_MODEL_H

#include "nn/layer.h"
#include "nn/normalise.h"
#include "nn/optim.h"

#define NN_MODEL_MAX_METRICS 4

struct nn_history;
struct nn_plans;

/* A loss by Keras' name: which op, and what it wants from the last layer. */
struct nn_loss_type {
    const char *name;    /* "sparse_categorical_crossentropy" */
    const char *title;   /* "SparseCategoricalCrossentropy": as an object with options */
    const char *aliases; /* "a|b"; may be NULL */
    const char *op;      /* row of the op table */
    const char *fuses;   /* final activation that the op contains: "softmax", NULL */
    bool sparse;         /* labels as class numbers */
    bool classes;        /* classification: accuracy is the share of right argmax */
    const struct nn_option_row *option; /* its number, as attrs.value; NULL: none */
    const char *help;
};
const struct nn_loss_type *nn_loss_find(const char *name);
const struct nn_loss_type *nn_loss_row(int i);

struct nn_model {
    int n_layers;
    struct nn_layer **layer;
    char name[NN_OPTION_TEXT]; /* as a layer of another model; "": not chosen */
    bool built;
    int in_ndim; /* without the batch axis */
    size_t in_shape[NN_MAX_DIMS];
    struct nn_optim *optim; /* NULL before compile */
    const struct nn_loss_type *loss;
    double loss_value; /* of the loss's option: label_smoothing, delta */
    int n_metrics;     /* "accuracy", "mae" */
    char metric[NN_MODEL_MAX_METRICS][NN_OPTION_TEXT];
    bool weighted; /* during a fit: the targets carry weights (fit.h) */
    int training;  /* fits under way: compile, add and a second fit are refused then */
    bool has_seed; /* set by nn_model_set_seed; else the session's */
    uint64_t seed;
    uint64_t epochs;            /* trained so far: which order of the samples */
    uint64_t steps;             /* training steps so far: dropout masks */
    struct nn_history *history; /* of the last fit; NULL before */
    struct nn_normalise input;  /* of the data it was trained on; stored with it */
    struct nn_plans *plans;     /* one per batch shape and mode */
    int n_classes;              /* names of the classes, when the data gave them */
    char **class_name;
};

int nn_model_new(struct nn_model **out, struct err *e);
void nn_model_free(struct nn_model *m);
/* ERR_STATE after build. Gives the layer its unique name. */
int nn_model_add(struct nn_model *m, struct nn_layer *layer, struct err *e);
/* The last layer, which is yours again. ERR_STATE after build or when there is none. */
int nn_model_pop(struct nn_model *m, struct nn_layer **out, struct err *e);
/* The model's layers as one layer, which keeps what they learned; m is empty afterwards
 * and fit for nn_model_free alone, or for taking back a layer that nobody wanted. */
int nn_model_to_layer(struct nn_layer **out, struct nn_model *m, struct err *e);
void nn_model_take_back(struct nn_model *m, struct nn_layer *l);
/* As nn_layer_set_name, for when the model becomes a layer. */
int nn_model_set_name(struct nn_model *m, const char *name, struct err *e);
/* As nn_layer_set_trainable on every layer; does any of them train? */
void nn_model_set_trainable(struct nn_model *m, bool on);
bool nn_model_trainable(const struct nn_model *m);
void nn_model_set_seed(struct nn_model *m, uint64_t seed);
/* Creates the parameters. A second call with the same shape does nothing; with another,
 * ERR_SHAPE with both. */
int nn_model_build(struct nn_model *m, int ndim, const size_t *shape, struct err *e);
/* Takes the caller's reference to optim when it returns 0. loss: Keras' name or alias.
 * metrics: "accuracy", "binary_accuracy", "sparse_top_k_categorical_accuracy" (k = 5; or
 * without sparse), "mae", "mse". ERR_NOTFOUND suggests the nearest name. */
int nn_model_compile(struct nn_model *m, struct nn_optim *optim, const char *loss,
                     int n_metrics, const char *const metrics[], struct err *e);

/* The number of the compiled loss's option, which compile sets to its default. ERR_RANGE
 * with the limits; ERR_ARG when the loss has none and v is not 0. */
int nn_model_set_loss_value(struct nn_model *m, double v, struct err *e);

/* One forward as an eager graph: m(x) of the low road. Builds at first use. */
int nn_model_call(struct nn_model *m, struct nn_var **out, struct nn_var *x,
                  bool training, struct err *e);

/* x float32, or uint8 (normalised as the training data was). batch_size 0: 256. */
int nn_model_predict(struct nn_tensor **out, struct nn_model *m, struct nn_tensor *x,
                     size_t batch_size, struct err *e);
/* int32 (n,): the index of the largest output, or output > 0.5 for a single unit. */
int nn_model_classify(struct nn_tensor **out, struct nn_model *m, struct nn_tensor *x,
                      size_t batch_size, struct err *e);

/* Loss, then the metrics in compile's order; means over samples. */
struct nn_scores {
    double loss;
    double metric[NN_MODEL_MAX_METRICS];
};
int nn_model_evaluate(struct nn_scores *out, struct nn_model *m, struct nn_tensor *x,
                      struct nn_tensor *y, size_t batch_size, struct err *e);

/* Parameters in layer order; i from 0. NULL past the end. */
int nn_model_count(const struct nn_model *m);
struct nn_var *nn_model_param(const struct nn_model *m, int i, bool *trainable);
/* What the regularizers add to the loss now: part of what fit and evaluate report, as in
 * Keras. Frozen layers add nothing. */
double nn_model_penalty(const struct nn_model *m);
/* The same as part of the graph: replaces *loss, a scalar, by its sum with them. */
int nn_model_penalise(const struct nn_model *m, struct nn_var **loss, struct err *e);
/* Elements of all parameters, and of those that an optimizer changes. */
size_t nn_model_count_params(const struct nn_model *m, bool trainable_only);

/* By its name, "dense_1", or the way to it, "residual/dense"; NULL. Borrowed. */
struct nn_layer *nn_model_find_layer(const struct nn_model *m, const char *path);

/* A row of the summary: plain data for a table. Rows go into nested layers right after
 * their parent, whose params contain theirs. shapes with the batch axis as "(None,
 * 128)" are the caller's to write: out_shape is without it. */
struct nn_layer_info {
    struct nn_layer *layer; /* borrowed */
    const char *name, *type;
    int depth; /* 0: of the model itself */
    bool built, frozen;
    int out_ndim;
    size_t out_shape[NN_MAX_DIMS];
    size_t params, trainable;
};
int nn_model_layer_info(const struct nn_model *m, int i, struct nn_layer_info *out);

#endif
