/* batch.h: takes rows of a data set into a batch that a network can read, normalised on
 * the way, and walks through an epoch in a shuffled order.
 *
 *     struct nn_batches *b;
 *     struct nn_batches_opts o = {.batch_size = 64, .dtype = NN_F32, .scale = 1 / 255.0f,
 *                                 .shuffle = true, .seed = 7};
 *     if (nn_batches_new(&b, d->x_train, d->y_train, NULL, 0, &o, e) < 0) return e->code;
 *     for (int epoch = 0; epoch < 5; epoch++) {
 *         nn_batches_start(b, epoch);
 *         struct nn_batch t;
 *         while (nn_batches_next(b, &t))
 *             step(t.x, t.y, t.n);
 *     }
 *     nn_batches_free(b);
 *
 * Shapes: x of the batch is (n, ...) with the example's own axes, dtype f32 or f64; y is
 * (n) with the labels' dtype. The last batch of an epoch may be shorter. Order: a
 * function of seed and epoch alone, whatever the number of threads. Memory: two batches
 * per object, made at the start; next and start allocate nothing. Ownership: a batch is
 * borrowed and stays valid until the next call of next, start or free. Ahead: next starts
 * the assembly of the following batch as a task of the pool, so that it is ready when the
 * step ends; augment runs in that task. Threads: one at a time. */
#ifndef NN_BATCH_H
#define NN_BATCH_H

#include "nn/tensor.h"

struct nn_batches;

struct nn_batches_opts {
    size_t batch_size;   /* at least 1 */
    enum nn_dtype dtype; /* NN_F32 or NN_F64: what the network computes in */
    float scale, offset; /* the network sees x * scale + offset; scale 0 means 1 */
    bool shuffle;
    uint64_t seed;
    /* Called on each assembled x, in the task that assembled it; seed differs per batch
     * and depends on the seed above, epoch and batch alone. NULL: none. */
    void (*augment)(void *ctx, struct nn_tensor *x, uint64_t seed);
    void *augment_ctx;
};

struct nn_batch {
    struct nn_tensor *x; /* (n, example axes) */
    struct nn_tensor *y; /* (n); NULL when there are no labels */
    const size_t *rows;  /* which examples of the source they are; n of them */
    size_t n;
    size_t index; /* 0-based number of the batch in the epoch */
};

/* x: any dtype; y may be NULL (prediction). rows NULL means all rows; otherwise the
 * n_rows row numbers to use (copied), as nn_dataset_split_rows gives them. ERR_SHAPE (x
 * and y differ in length), ERR_RANGE (a row outside, batch_size 0), ERR_DTYPE, ERR_NOMEM.
 */
int nn_batches_new(struct nn_batches **out, struct nn_tensor *x, struct nn_tensor *y,
                   const size_t *rows, size_t n_rows, const struct nn_batches_opts *opts,
                   struct err *e);
void nn_batches_free(struct nn_batches *b); /* NULL is allowed */
/* Batches in an epoch: examples / batch_size, rounded up. */
size_t nn_batches_count(const struct nn_batches *b);
/* Goes to the first batch of epoch (0-based). */
void nn_batches_start(struct nn_batches *b, uint64_t epoch);
/* Fills *t with the next batch; false at the end of the epoch. */
bool nn_batches_next(struct nn_batches *b, struct nn_batch *t);

/* The copying alone: n rows of x, times scale (0 means 1) plus offset, into out, which
 * has room for n examples of dtype NN_F32 or NN_F64. Rows must lie inside x. */
void nn_batch_gather(void *out, enum nn_dtype dtype, const struct nn_tensor *x,
                     const size_t *rows, size_t n, float scale, float offset);

#endif
