/* fits.h: what the parts of a training share: fit.c runs it, fit_prepare.c makes all that it
 * needs, probe.c looks into the layers, diagnose.c keeps what was seen. */
#ifndef ENGINE_MODEL_FITS_H
#define ENGINE_MODEL_FITS_H

#include "models.h"

#include "nn/callback.h"

struct nn_probe;

struct nn_run {
    struct nn_model *m;
    const struct nn_fit_options *o;
    struct nn_history *h;
    struct nn_tensor *x, *y, *x_val, *y_val; /* prepared; owned */
    struct nn_normalise input;
    struct nn_feed *feed;
    struct nn_snapshot last;   /* weights at the end of the last finished epoch */
    struct nn_snapshot before; /* weights before a step that is measured */
    struct nn_probe *probe;
    const struct nn_tensor *batch_x; /* of the step that runs; borrowed from the feed */
    size_t batch;
    size_t measured;   /* steps of this epoch in its diagnostics */
    int epochs, epoch; /* epoch from 1 */
    double began, epoch_began;
    bool stopped;  /* on_event wanted it */
    bool finished; /* a callback wanted it */
};

/* ---- fit_prepare.c */

/* Everything that allocates: batches, both plans (whole and short batch), history. */
int nn_run_prepare(struct nn_run *r, const struct nn_fit_data *d, struct err *e);
void nn_run_release(struct nn_run *r);

/* ---- weigh.c */

/* Puts o's weights into the targets; given: examples before a validation part was taken
 * off. Sets m->weighted when the targets are packed. */
int nn_run_weigh(struct nn_run *r, size_t given, struct err *e);

/* ---- probe.c: the outputs of every layer for some rows, in inference mode */

int nn_probe_new(struct nn_probe **out, const struct nn_run *r, struct err *e);
void nn_probe_free(struct nn_probe *p);
/* Runs the probe's own rows: the first of the training data. */
void nn_probe_run(struct nn_probe *p);
/* Shares of units, or NAN where the layer's activation has none: relu units that are 0 for
 * every row; sigmoid and tanh outputs whose derivative is below a tenth of its maximum. */
double nn_probe_dead(const struct nn_probe *p, int layer);
double nn_probe_saturated(const struct nn_probe *p, int layer);
/* Where the first number that is not finite comes from when x (rows, ...) goes through the
 * model as it is: a clause in Spanish into text, without allocating what is not freed. */
void nn_probe_blame(const struct nn_probe *p, const struct nn_tensor *x, char *text,
                    size_t size);

/* The layer's output for those rows. */
const struct nn_tensor *nn_probe_output(const struct nn_probe *p, int layer);

/* ---- histogram.c */

/* Widens low..high to what t has; start from an empty range (INFINITY, -INFINITY). */
void nn_histogram_widen(struct nn_histogram *h, const struct nn_tensor *t);
/* Counts the numbers of t; magnitude: by log10 of their sizes. */
void nn_histogram_add(struct nn_histogram *h, const struct nn_tensor *t, bool magnitude);

/* ---- diagnose.c */

int nn_diagnose_new(struct nn_run *r, struct err *e);
/* Around the optimizer's step of a batch that is measured. */
bool nn_diagnose_wanted(const struct nn_run *r, size_t batch);
void nn_diagnose_before(struct nn_run *r);
void nn_diagnose_after(struct nn_run *r);
void nn_diagnose_epoch_begin(struct nn_run *r);
void nn_diagnose_epoch_end(struct nn_run *r); /* before the epoch is added */

#endif
