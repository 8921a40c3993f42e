/* feed.h: the batches of an epoch: rows of the data in shuffled order, augmented and
 * normalised, as the network reads them. Training, evaluation and prediction share it.
 *
 *     struct nn_feed *f;
 *     struct nn_feed_options o = {.batch = 64, .shuffle = true, .seed = 7};
 *     if (nn_feed_new(&f, x, y, &o, e) < 0) return e->code;
 *     for (uint64_t epoch = 0; epoch < 5; epoch++) {
 *         struct nn_tensor *bx, *by;
 *         nn_feed_start(f, epoch);
 *         while (nn_feed_next(f, &bx, &by))
 *             step(bx, by);
 *     }
 *     nn_feed_free(f);
 *
 * Shapes: a batch's x is float32 (n, ...) with the example's own axes; y keeps its dtype
 * and axes. The last batch of an epoch may be shorter. Order: a function of seed and epoch
 * alone; an augmented example one of seed, epoch and row: never of the threads. Memory:
 * one batch, made at the start; start and next allocate nothing. Ownership: a batch is
 * borrowed until the next call of next, start or free. Threads: one caller at a time; the
 * rows of a batch are shared out over the pool. */
#ifndef NN_FEED_H
#define NN_FEED_H

#include "nn/normalise.h"

struct nn_feed;

/* A changed copy of one example, in the dtype that the data has. It runs on the threads of
 * the pool, several at once, so that ctx is only read. */
typedef void nn_augment_fn(const void *ctx, void *to, const void *from, uint64_t seed);

struct nn_feed_options {
    size_t batch; /* at least 1 */
    struct nn_normalise input;
    bool shuffle;
    uint64_t seed;
    nn_augment_fn *augment; /* NULL: none */
    const void *augment_ctx;
};

/* x float32 or uint8; y, as many rows, may be NULL. ERR_SHAPE (rows that differ, channels
 * that do not fit), ERR_DTYPE, ERR_RANGE (batch 0), ERR_NOMEM. */
int nn_feed_new(struct nn_feed **out, struct nn_tensor *x, struct nn_tensor *y,
                const struct nn_feed_options *o, struct err *e);
void nn_feed_free(struct nn_feed *f); /* NULL is allowed */
/* Batches of an epoch: rows / batch, rounded up. */
size_t nn_feed_batches(const struct nn_feed *f);
/* Goes to the first batch of epoch; before the first next. */
void nn_feed_start(struct nn_feed *f, uint64_t epoch);
/* The next batch; false at the end of the epoch. *y NULL when there are no targets. */
bool nn_feed_next(struct nn_feed *f, struct nn_tensor **x, struct nn_tensor **y);

/* What the feed has cost its caller since it was made. */
struct nn_feed_stats {
    uint64_t batches, rows;
    double seconds; /* spent in start and next: the time that a step waited for data */
};
struct nn_feed_stats nn_feed_stats(const struct nn_feed *f);

#endif
