/* feed.c: batches for the training loop: rows in shuffled order, normalised, augmented by
 * the pool's helper while the step before is running.
 *
 * Two buffers for x and y take turns; a short last batch is a view of their first rows.
 * The order of an epoch is a function of seed and epoch alone. */
#include "models.h"

#include "nn/pool.h"
#include "nn/rng.h"
#include "nn/vec.h"

#define PREFETCH_MAX 4096 /* bytes of a row */

struct nn_feed {
    struct nn_feed_options o;
    struct nn_tensor *x, *y;
    size_t n, batches;
    size_t *order;
    struct nn_tensor *x_full[2], *y_full[2]; /* whole batches */
    struct nn_tensor *x_last[2], *y_last[2]; /* the short one; NULL when there is none */
    double mean, scale;                      /* (x - mean) scale */
    uint64_t epoch;
    size_t made, used; /* batches of this epoch */
    struct nn_task task;
    bool running;
};

static size_t rows_of(const struct nn_feed *f, size_t batch) {
    return MIN_OF(f->o.batch, f->n - batch * f->o.batch);
}

static bool is_short(const struct nn_feed *f, size_t batch) {
    return rows_of(f, batch) < f->o.batch;
}

static void gather(const struct nn_tensor *from, struct nn_tensor *to,
                   const size_t *index, size_t rows) {
    size_t row = from->n / from->shape[0] * nn_dtype_size(from->dtype);
    nn_vec_gather(to->data, from->data, index, rows, row);
}

/* The rows of a shuffled batch lie anywhere in a large data set: asking for all of their
 * cache lines at once waits for memory once instead of row after row. */
static void prefetch_rows(const struct nn_tensor *from, const size_t *index,
                          size_t rows) {
    size_t row = from->n / from->shape[0] * nn_dtype_size(from->dtype);
    const char *data = from->data;
    if (row > PREFETCH_MAX) /* long rows keep the hardware's own prefetcher busy */
        return;
    for (size_t r = 0; r < rows; r++)
        for (size_t at = 0; at < row; at += NN_ALIGN)
            __builtin_prefetch(data + index[r] * row + at, 0, 2);
}

static void make_batch(struct nn_feed *f, size_t batch) {
    size_t rows = rows_of(f, batch), side = batch % 2, cols = f->x->n / f->n;
    const size_t *index = f->order + batch * f->o.batch;
    struct nn_tensor *x = f->x_full[side];
    prefetch_rows(f->x, index, rows);
    if (f->x->dtype == NN_U8) {
        nn_vec_gather_u8(NN_F32, x->data, nn_tensor_u8(f->x), index, rows, cols, &f->mean,
                         &f->scale, 1);
    } else {
        gather(f->x, x, index, rows);
        if (f->mean != 0)
            nn_vec_binary_scalar(NN_SUB, NN_F32, x->data, x->data, f->mean, rows * cols);
        if (f->scale != 1)
            nn_vec_scale(NN_F32, x->data, x->data, f->scale, rows * cols);
    }
    if (f->y)
        gather(f->y, f->y_full[side], index, rows);
    if (f->o.augment)
        f->o.augment(f->o.augment_ctx, is_short(f, batch) ? f->x_last[side] : x,
                     f->o.seed ^ (f->epoch * 0x9e3779b97f4a7c15u + batch));
}

static void make_next(void *ctx) {
    struct nn_feed *f = ctx;
    make_batch(f, f->made);
}

/* Copying and normalising is spread over the pool and done at once: a helper thread would
 * only take a processor from the step (measured on two: 92 us a step of 784-128-10 with
 * it, 79 without). An augmentation is one thread's work and goes beside the step. */
static void begin_next(struct nn_feed *f) {
    if (f->made >= f->batches)
        return;
    f->running = true;
    if (f->o.augment)
        nn_pool_async(&f->task, make_next, f);
    else
        make_next(f);
}

static void finish_next(struct nn_feed *f) {
    if (!f->running)
        return;
    if (f->o.augment)
        nn_pool_wait(&f->task);
    f->running = false;
    f->made++;
}

static int make_buffers(struct nn_feed *f, struct err *e) {
    size_t shape[NN_MAX_DIMS], last = f->n % f->o.batch;
    int rc = 0;
    for (int s = 0; rc == 0 && s < 2; s++) {
        memcpy(shape, f->x->shape, sizeof shape);
        shape[0] = f->o.batch;
        rc = nn_tensor_new(&f->x_full[s], NN_F32, f->x->ndim, shape, e);
        if (rc == 0 && last)
            rc = nn_tensor_rows(&f->x_last[s], f->x_full[s], 0, last, e);
        if (rc < 0 || !f->y)
            continue;
        memcpy(shape, f->y->shape, sizeof shape);
        shape[0] = f->o.batch;
        rc = nn_tensor_new(&f->y_full[s], f->y->dtype, f->y->ndim, shape, e);
        if (rc == 0 && last)
            rc = nn_tensor_rows(&f->y_last[s], f->y_full[s], 0, last, e);
    }
    return rc;
}

int nn_feed_new(struct nn_feed **out, struct nn_tensor *x, struct nn_tensor *y,
                const struct nn_feed_options *o, struct err *e) {
    *out = NULL;
    struct nn_feed *f = calloc(1, sizeof *f);
    if (!f)
        return err_set(e, ERR_NOMEM, _("no hay memoria para los lotes"));
    f->o = *o;
    f->n = x->shape[0];
    f->o.batch = MIN_OF(o->batch, f->n);
    f->batches = (f->n + f->o.batch - 1) / f->o.batch;
    f->x = nn_tensor_retain(x);
    f->y = nn_tensor_retain(y);
    f->scale = (double)o->input.scale;
    if (o->input.scale == 0)
        f->scale = x->dtype == NN_U8 ? 1.0 / 255 : 1;
    f->mean = -(double)o->input.offset / f->scale;
    f->order = calloc(f->n, sizeof *f->order);
    int rc = f->order
                 ? make_buffers(f, e)
                 : err_set(e, ERR_NOMEM, _("no hay memoria para %zu ejemplos"), f->n);
    if (rc < 0) {
        nn_feed_free(f);
        return rc;
    }
    *out = f;
    return 0;
}

void nn_feed_free(struct nn_feed *f) {
    if (!f)
        return;
    finish_next(f);
    for (int s = 0; s < 2; s++) {
        nn_tensor_release(f->x_last[s]);
        nn_tensor_release(f->y_last[s]);
        nn_tensor_release(f->x_full[s]);
        nn_tensor_release(f->y_full[s]);
    }
    nn_tensor_release(f->x);
    nn_tensor_release(f->y);
    free(f->order);
    free(f);
}

size_t nn_feed_batches(const struct nn_feed *f) {
    return f->batches;
}

void nn_feed_start(struct nn_feed *f, uint64_t epoch) {
    finish_next(f);
    f->epoch = epoch;
    f->made = f->used = 0;
    if (f->o.shuffle) {
        struct nn_rng base, own;
        nn_rng_seed(&base, f->o.seed);
        own = nn_rng_split(&base, epoch);
        nn_rng_permutation(&own, f->order, f->n);
    } else {
        for (size_t i = 0; i < f->n; i++)
            f->order[i] = i;
    }
    if (f->o.augment)
        begin_next(f);
}

bool nn_feed_next(struct nn_feed *f, struct nn_tensor **x, struct nn_tensor **y) {
    size_t batch = f->used;
    if (batch >= f->batches)
        return false;
    if (!f->running)
        begin_next(f);
    finish_next(f);
    f->used++;
    if (f->o.augment)
        begin_next(f);
    size_t side = batch % 2;
    *x = is_short(f, batch) ? f->x_last[side] : f->x_full[side];
    *y = is_short(f, batch) ? f->y_last[side] : f->y_full[side];
    return true;
}
