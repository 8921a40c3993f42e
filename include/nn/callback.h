/* callback.h: what acts between two epochs. One row per kind, with Keras' names.
 *
 *     struct nn_callback *c;
 *     nn_callback_new(&c, "EarlyStopping", e);
 *     nn_options_set_number(&c->options, "patience", 3, e);
 *     struct nn_fit_options o = {.callback = &c, .n_callbacks = 1, ...};
 *     nn_fit(m, &data, &o, e);
 *     nn_callback_free(c);
 *
 * A callback that acts says so in one line (NN_FIT_NOTE). A training may use it, and a
 * later training begins it anew. Epochs in lines count from 1, as everywhere.
 *
 * EarlyStopping  stops when `monitor` has not improved by min_delta for `patience` epochs;
 *                restore_best_weights: the training ends with the weights of the best
 *                epoch, also when it ran to its end (not when on_event stopped it).
 * ModelCheckpoint  writes the model to a path after each epoch, or after each best one;
 *                atomic, as nn_model_save. {epoch} and {val_loss}, any column's name, in
 *                the path stand for their values.
 * ReduceLROnPlateau  multiplies the learning rate by `factor` after `patience` epochs
 *                without improvement.
 * CSVLogger      a line of the history's columns per epoch into a file.
 *
 * Failures: ERR_NOTFOUND when `monitor` is no column of the history, ERR_STATE when it
 * needs validation data that there are not or a schedule sets the rate; ERR_IO from the
 * files ends the training. Ownership: yours, also while nn_fit uses it. */
#ifndef NN_CALLBACK_H
#define NN_CALLBACK_H

#include "nn/fit.h"

struct nn_callback;
struct nn_snapshot;

/* What a callback sees and may do. */
struct nn_callback_run {
    struct nn_model *m;
    struct nn_history *h; /* has the epoch that ended */
    int epoch;            /* its number, from 1 */
    bool stop;            /* set it: no further epoch */
    void (*note)(void *ctx, const char *line);
    void *ctx;
};

struct nn_callback_type {
    const char *name, *help;
    const struct nn_option_row *row;
    int n_rows;
    bool path; /* needs one */
    int (*begin)(struct nn_callback *c, struct nn_callback_run *r, struct err *e);
    int (*epoch)(struct nn_callback *c, struct nn_callback_run *r, struct err *e);
    void (*end)(struct nn_callback *c, struct nn_callback_run *r);
};

struct nn_callback {
    const struct nn_callback_type *type;
    struct nn_options options;
    char *path;
    bool larger; /* is better */
    double best; /* NaN: none yet */
    int best_entry, best_epoch;
    int wait, cooldown;
    struct nn_snapshot *weights; /* of the best epoch */
};

const struct nn_callback_type *nn_callback_type_find(const char *name);
const struct nn_callback_type *nn_callback_type_row(int i); /* NULL past the end */

int nn_callback_new(struct nn_callback **out, const char *type, struct err *e);
void nn_callback_free(struct nn_callback *c);
int nn_callback_set_path(struct nn_callback *c, const char *path, struct err *e);

#endif
