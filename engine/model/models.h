/* models.h: what model, fit and store share inside engine/model. */
#ifndef ENGINE_MODEL_MODELS_H
#define ENGINE_MODEL_MODELS_H

#include "base/i18n.h"

#include "nn/feed.h"
#include "nn/fit.h"
#include "nn/model.h"
#include "nn/plan.h"

/* ERR_STATE: somebody wants to change a model while a fit of it is under way. */
int nn_model_refuse_training(struct err *e);

/* ---- plans.c: one plan per use and batch size, made when first needed */

struct nn_plan_entry {
    struct nn_plan *plan;
    enum nn_plan_mode mode;
    size_t batch;
    enum nn_dtype y_dtype; /* of a training plan's targets: dtype, axes, numbers a row */
    int y_ndim;
    size_t y_row;
    bool weighted; /* targets with their weights */
    uint64_t used;
};

#define NN_PLANS_MAX 6
struct nn_plans {
    struct nn_plan_entry entry[NN_PLANS_MAX];
    uint64_t clock;
};

void nn_plans_clear(struct nn_model *m);
/* Training: inputs are x (batch, ...) float32 and y; root is the loss; kept 0 is what the
 * loss works on, kept 1 the final output where metrics want it (else 0 again), kept 2 the
 * targets where y is packed with weights (m->weighted). Borrowed until the next call that
 * makes plans. */
int nn_plans_train(struct nn_plan **out, struct nn_model *m, size_t batch,
                   const struct nn_tensor *y, struct err *e);
/* Inference: x in, root is the model's output, kept 0 what a loss would work on. */
int nn_plans_infer(struct nn_plan **out, struct nn_model *m, size_t batch, struct err *e);
/* The loss works on the input of the last activation. */
bool nn_model_fuses_output(const struct nn_model *m);

/* ---- score.c: counting over batches */

struct nn_tally {
    double loss, metric[NN_MODEL_MAX_METRICS];
    size_t rows;
};
/* Adds a batch: logits is what the loss works on, out the final output, y the targets in
 * canonical form; rows of each. */
void nn_tally_add(struct nn_tally *t, const struct nn_model *m, double loss,
                  const struct nn_tensor *logits, const struct nn_tensor *out,
                  const struct nn_tensor *y, size_t rows);
struct nn_scores nn_tally_scores(const struct nn_tally *t, const struct nn_model *m);
int nn_metric_index(const struct nn_model *m, const char *name); /* -1: none */
/* Does a metric need the final output beside what the loss works on? */
bool nn_metrics_want_output(const struct nn_model *m);
/* The classes of rows of a model's output into label. */
void nn_output_classes(int32_t *label, const struct nn_tensor *out, size_t rows,
                       double threshold);

/* ---- metric.c */

/* rows of each: what the loss works on, the final output, the targets. */
struct nn_metric_batch {
    const struct nn_tensor *raw, *out, *y;
    size_t rows;
    double threshold; /* of raw, where one unit says yes */
};

struct nn_metric {
    const char *name;                               /* of the history's column */
    const char *aliases;                            /* "a|b" or NULL */
    bool output;                                    /* needs out */
    double (*add)(const struct nn_metric_batch *b); /* sum over rows; NaN: none */
};
const struct nn_metric *nn_metric_find(const char *name); /* or alias; NULL */
extern const char nn_metric_names[];                      /* "accuracy|..." */

/* ---- prepare.c: data as the network and the loss want it */

/* *x float32 or uint8, *y int32 (n,) for class numbers or float32: new references. y may
 * be NULL. Checks shapes and lengths. */
int nn_prepare_x(struct nn_tensor **out, const struct nn_model *m, struct nn_tensor *x,
                 struct err *e);
int nn_prepare_y(struct nn_tensor **out, const struct nn_model *m, struct nn_tensor *y,
                 struct err *e);
/* After the model is built: labels within 0..C-1, as many rows as x. what names the part
 * in the sentence. */
int nn_check_targets(const struct nn_model *m, const struct nn_tensor *x,
                     const struct nn_tensor *y, const char *what, struct err *e);

/* ---- weigh.c: the loss of packed targets (batch, 2 k), and the targets taken out of them */

int nn_weighted_loss(struct nn_var **loss, struct nn_var **target,
                     const struct nn_model *m, struct nn_var *raw, struct nn_var *packed,
                     struct err *e);

/* ---- snapshot.c: copies of all parameters to go back to */

struct nn_snapshot {
    int n; /* 0: none */
    struct nn_tensor **copy;
};
int nn_snapshot_init(struct nn_snapshot *s, const struct nn_model *m, struct err *e);
void nn_snapshot_release(struct nn_snapshot *s);
/* Both copy values and allocate nothing. */
void nn_snapshot_take(struct nn_snapshot *s, const struct nn_model *m);
void nn_snapshot_restore(const struct nn_snapshot *s, struct nn_model *m);

/* ---- fit_prepare.c */

/* The optimizer takes the trainable parameters, unless it has them already. */
int nn_model_attach(struct nn_model *m, struct err *e);

/* ---- history.c */

int nn_history_new(struct nn_history **out, const struct nn_model *m, int epochs,
                   bool has_val, struct err *e);
void nn_history_add(struct nn_history *h, const struct nn_scores *train,
                    const struct nn_scores *val, double seconds, double learning_rate);

/* ---- evaluate.c: the same loop for validation and evaluate */
int nn_evaluate_prepared(struct nn_scores *out, struct nn_model *m, struct nn_tensor *x,
                         struct nn_tensor *y, const struct nn_normalise *input,
                         size_t batch, struct err *e);

#endif
