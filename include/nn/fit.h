/* fit.h: the training loop.
 *
 *     struct nn_fit_data d = {.x = x, .y = y};
 *     struct nn_fit_options o = {.epochs = 5, .batch_size = 64, .validation_split = 0.1,
 *                                .on_event = draw, .ctx = &figure};
 *     nn_fit(m, &d, &o, e);                           0 also when on_event stopped it
 *     m->history->val_loss[m->history->n - 1]
 *
 * Batches are gathered, augmented and normalised on the pool (feed.h). Everything
 * random comes from the seed: the same seed gives the same bits on any number of threads.
 * Stopping: a nonzero answer of on_event ends training at that batch boundary; the
 * weights stay as they are and the history keeps the finished epochs, plus the running
 * one with what it had. ERR_NAN: the loss became NaN or infinite; the sentence names the
 * layer where that began, the weights are those at the end of the last finished epoch (or
 * at the start). Going on: the optimizer's state, the order of the examples and the
 * dropout masks follow from what was done before, so 2 + 3 epochs (initial_epoch = 2) give
 * the bits of 5. Labels outside 0..C-1: refused
 * before the first step with row and value, ERR_RANGE. Shapes: x (n, ...) of float32 or
 * uint8; y (n,) int32, or float32 (n, ...). Memory: data is borrowed during the call. */
#ifndef NN_FIT_H
#define NN_FIT_H

#include "nn/feed.h"
#include "nn/model.h"

struct nn_callback;

struct nn_fit_data {
    struct nn_tensor *x, *y;
    struct nn_tensor *x_val, *y_val; /* NULL: none, or validation_split */
    struct nn_normalise input;       /* how x becomes the network's input */
    /* Changes each training example before it is normalised; seed differs per epoch and
     * example (nn_augment_bytes of augment.h is one). NULL: none. */
    nn_augment_fn *augment;
    const void *augment_ctx;
};

enum nn_fit_event_kind {
    NN_FIT_BEGIN, /* epoch 0, batch 0 */
    NN_FIT_EPOCH_BEGIN,
    NN_FIT_BATCH,     /* after each step */
    NN_FIT_EPOCH_END, /* validation done; history has the epoch; then callbacks act */
    NN_FIT_NOTE,      /* note: a line that a callback has to say; the answer is ignored */
    NN_FIT_END
};

struct nn_fit_event {
    enum nn_fit_event_kind kind;
    int epoch, epochs;             /* epoch from 1 */
    size_t batch, batches;         /* batch from 1; 0 at the beginning of an epoch */
    double loss, accuracy;         /* running means over this epoch; accuracy NaN when the
                                      model has no such metric */
    double val_loss, val_accuracy; /* at epoch end; NaN when there is no validation */
    double seconds;                /* since the epoch began */
    double total_seconds;          /* since fit began */
    double learning_rate;
    double batch_loss; /* of this batch alone */
    struct nn_model *model;
    const struct nn_history *history; /* of this training, finished epochs */
    const char *note;                 /* of NN_FIT_NOTE, without newline */
};

struct nn_fit_options {
    int epochs;              /* 0: 1, as Keras */
    size_t batch_size;       /* 0: 32 */
    double validation_split; /* the last part of the data, before shuffling, as Keras */
    bool no_shuffle;
    int initial_epoch; /* epochs already done: numbering and schedules go on */
    bool track;        /* diagnostics from every step instead of one per epoch */
    /* Weight of class c in the loss, as Keras' class_weight: the loss of an example is
     * multiplied, the mean still divides by the number of examples. Validation and metrics
     * are not weighted. NULL: all 1. For the cross-entropies; sample_weight also for the
     * mean squared and absolute errors. */
    const double *class_weight;
    int n_class_weight;                  /* classes beyond it weigh 1 */
    struct nn_tensor *sample_weight;     /* float32 (n,) in the same manner, or NULL */
    struct nn_callback *const *callback; /* borrowed; see callback.h */
    int n_callbacks;
    int (*on_event)(void *ctx, const struct nn_fit_event *ev); /* nonzero: stop */
    void *ctx;
};

#define NN_RECORD_NAME    96
#define NN_HISTOGRAM_BINS 48

/* How many numbers fall into each of the bins between low and high, which are equally
 * wide; those beyond count in the outer bins. n: looked at, 0: nothing was. */
struct nn_histogram {
    double low, high;
    size_t n, zeros; /* zeros: left out of the bins, of magnitudes alone */
    size_t count[NN_HISTOGRAM_BINS];
};

/* How a layer fared: one number per epoch, NaN where it was not measured or has no
 * meaning. Norms and ratio are of the last whole batch (all batches with track). */
struct nn_layer_record {
    char name[NN_RECORD_NAME];
    int index;             /* layer whose activation is looked at, or -1 */
    double *gradient_norm; /* Euclidean, over all its trainable parameters */
    double *weight_norm;
    double *update_ratio; /* log10 of the norm of the step over that of the weights */
    double *dead;         /* share of relu units that are 0 for all of a sample of rows */
    double *saturated; /* share of sigmoid or tanh outputs with less than a tenth of the
                             greatest slope */
    /* Of the last epoch (its last measured step): log10 of the gradients' magnitudes,
     * weights, and activations of the sample of rows. */
    struct nn_histogram gradients, weights, activations;
};

#define NN_HISTORY_METRICS (NN_MODEL_MAX_METRICS)

struct nn_history {
    int n, cap;   /* epochs in the arrays */
    int epochs;   /* asked for */
    bool stopped; /* by on_event or a callback: the last entry may be part of an epoch */
    bool has_val;
    int n_metrics;
    char metric[NN_HISTORY_METRICS][NN_OPTION_TEXT];   /* "accuracy" */
    double *loss, *val_loss, *seconds, *learning_rate; /* each n long */
    double *value[NN_HISTORY_METRICS], *val_value[NN_HISTORY_METRICS];
    size_t samples, batches; /* per epoch */
    size_t batch_size;
    struct nn_feed_stats feed; /* what the batches of training cost */
    int best; /* the entry with the lowest val_loss (or loss), or EarlyStopping's best; from
                 1, 0: none */
    int n_layers; /* diagnostics; 0: none, as in a history that was read from a file */
    struct nn_layer_record *layer;
    double *layer_block;
};

/* Column of m->history by Keras' name: "loss", "val_loss", "accuracy", "val_accuracy",
 * "mae", "learning_rate", "seconds". NULL when there is none. */
const double *nn_history_column(const struct nn_history *h, const char *name);
/* Name of column i, or NULL past the end. */
const char *nn_history_column_name(const struct nn_history *h, int i, char text[64]);
void nn_history_free(struct nn_history *h);

/* The history becomes the model's (m->history), also when it fails after the first epoch.
 * ERR_STATE before compile. */
int nn_fit(struct nn_model *m, const struct nn_fit_data *d,
           const struct nn_fit_options *o, struct err *e);

#endif
