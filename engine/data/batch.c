/* batch.c: shuffled batches, assembled on the pool one ahead of the step that uses them.
 */
#include "nn/batch.h"

#include "base/i18n.h"
#include "nn/pool.h"
#include "nn/rng.h"
#include "nn/vec.h"

struct slot {
    struct nn_tensor *x, *y;           /* batch_size examples */
    struct nn_tensor *x_part, *y_part; /* views: the shorter last batch of an epoch */
    struct nn_task task;
    struct nn_batches *owner;
    size_t index; /* batch that it holds or prepares */
    bool busy;    /* its task was started and not yet waited for */
};

struct nn_batches {
    struct nn_tensor *x, *y;
    struct nn_batches_opts o;
    size_t n, size; /* examples; examples of a full batch */
    size_t *order;  /* n rows of x in the order of this epoch */
    size_t *rows;   /* n rows as given */
    size_t next;    /* batch that nn_batches_next returns */
    uint64_t epoch;
    struct slot slot[2];
};

static void gather_u8(void *out, enum nn_dtype dtype, const struct nn_tensor *x,
                      const size_t *rows, size_t n, float scale, float offset) {
    double s = (double)scale, mean = -(double)offset / s;
    nn_vec_gather_u8(dtype, out, nn_tensor_u8(x), rows, n, x->n / x->shape[0], &mean, &s,
                     1);
}

/* Any dtype, element by element: the small data sets. */
static void gather_any(void *out, enum nn_dtype dtype, const struct nn_tensor *x,
                       const size_t *rows, size_t n, float scale, float offset) {
    size_t cols = x->n / x->shape[0];
    float *f = out;
    double *d = out;
    for (size_t r = 0; r < n; r++) {
        for (size_t j = 0; j < cols; j++) {
            double v =
                nn_tensor_get(x, rows[r] * cols + j) * (double)scale + (double)offset;
            if (dtype == NN_F32)
                f[r * cols + j] = (float)v;
            else
                d[r * cols + j] = v;
        }
    }
}

void nn_batch_gather(void *out, enum nn_dtype dtype, const struct nn_tensor *x,
                     const size_t *rows, size_t n, float scale, float offset) {
    if (scale == 0.0f)
        scale = 1.0f;
    if (x->dtype == NN_U8)
        gather_u8(out, dtype, x, rows, n, scale, offset);
    else if (x->dtype == dtype && scale == 1.0f && offset == 0.0f)
        nn_vec_gather(out, x->data, rows, n,
                      x->n / x->shape[0] * nn_dtype_size(x->dtype));
    else
        gather_any(out, dtype, x, rows, n, scale, offset);
}

static size_t batch_length(const struct nn_batches *b, size_t index) {
    return MIN_OF(b->size, b->n - index * b->size);
}

static void slot_fill(void *ctx) {
    struct slot *s = ctx;
    const struct nn_batches *b = s->owner;
    size_t n = batch_length(b, s->index);
    const size_t *rows = b->order + s->index * b->size;
    struct nn_tensor *x = n == b->size ? s->x : s->x_part;
    nn_batch_gather(x->data, b->o.dtype, b->x, rows, n, b->o.scale, b->o.offset);
    if (b->y)
        nn_vec_gather(s->y->data, b->y->data, rows, n, nn_dtype_size(b->y->dtype));
    if (b->o.augment)
        b->o.augment(b->o.augment_ctx, x, b->o.seed ^ (b->epoch << 32 ^ s->index));
}

static void slot_start(struct nn_batches *b, size_t index) {
    struct slot *s = &b->slot[index % 2];
    s->index = index;
    s->task = (struct nn_task){0};
    s->busy = true;
    nn_pool_async(&s->task, slot_fill, s);
}

static void slot_wait(struct slot *s) {
    if (s->busy)
        nn_pool_wait(&s->task);
    s->busy = false;
}

static int slot_init(struct nn_batches *b, struct slot *s, struct err *e) {
    size_t shape[NN_MAX_DIMS], last = b->n % b->size;
    memcpy(shape, b->x->shape, sizeof shape);
    shape[0] = b->size;
    s->owner = b;
    int rc = nn_tensor_new(&s->x, b->o.dtype, b->x->ndim, shape, e);
    if (rc == 0 && b->y)
        rc = nn_tensor_new(&s->y, b->y->dtype, 1, &b->size, e);
    if (rc == 0 && last)
        rc = nn_tensor_rows(&s->x_part, s->x, 0, last, e);
    if (rc == 0 && last && b->y)
        rc = nn_tensor_rows(&s->y_part, s->y, 0, last, e);
    return rc;
}

static int check_sources(const struct nn_tensor *x, const struct nn_tensor *y,
                         const struct nn_batches_opts *o, struct err *e) {
    if (o->batch_size == 0)
        return err_set(e, ERR_RANGE, _("batch_size = 0; debe ser al menos 1"));
    if (o->dtype != NN_F32 && o->dtype != NN_F64)
        return err_set(e, ERR_DTYPE, _("los lotes son %s o %s, no %s"),
                       nn_dtype_name(NN_F32), nn_dtype_name(NN_F64),
                       nn_dtype_name(o->dtype));
    if (x->ndim < 1 || (y && (y->ndim != 1 || y->n != x->shape[0])))
        return err_set(e, ERR_SHAPE,
                       _("hay %zu ejemplos y %zu etiquetas; deben coincidir"),
                       x->ndim ? x->shape[0] : 0, y ? y->n : 0);
    return 0;
}

static int set_rows(struct nn_batches *b, const size_t *rows, size_t n_rows,
                    struct err *e) {
    b->n = rows ? n_rows : b->x->shape[0];
    size_t bytes;
    if (!mul_size(&bytes, b->n ? b->n : 1, sizeof *b->rows))
        bytes = SIZE_MAX;
    b->rows = malloc(bytes);
    b->order = malloc(bytes);
    if (!b->rows || !b->order)
        return err_set(e, ERR_NOMEM, _("falta memoria para ordenar %zu ejemplos"), b->n);
    for (size_t i = 0; i < b->n; i++) {
        b->rows[i] = rows ? rows[i] : i;
        if (b->rows[i] >= b->x->shape[0])
            return err_set(e, ERR_RANGE, _("la fila %zu está fuera de 1..%zu"),
                           b->rows[i] + 1, b->x->shape[0]);
    }
    return 0;
}

int nn_batches_new(struct nn_batches **out, struct nn_tensor *x, struct nn_tensor *y,
                   const size_t *rows, size_t n_rows, const struct nn_batches_opts *opts,
                   struct err *e) {
    *out = NULL;
    int rc = check_sources(x, y, opts, e);
    if (rc < 0)
        return rc;
    struct nn_batches *b = calloc(1, sizeof *b);
    if (!b)
        return err_set(e, ERR_NOMEM, _("falta memoria para los lotes"));
    b->x = nn_tensor_retain(x);
    b->y = nn_tensor_retain(y);
    b->o = *opts;
    rc = set_rows(b, rows, n_rows, e);
    b->size = MIN_OF(opts->batch_size, MAX_OF(b->n, 1));
    for (int i = 0; rc == 0 && i < 2; i++)
        rc = slot_init(b, &b->slot[i], e);
    if (rc < 0) {
        nn_batches_free(b);
        return rc;
    }
    nn_batches_start(b, 0);
    *out = b;
    return 0;
}

void nn_batches_free(struct nn_batches *b) {
    if (!b)
        return;
    for (int i = 0; i < 2; i++) {
        slot_wait(&b->slot[i]);
        nn_tensor_release(b->slot[i].x_part);
        nn_tensor_release(b->slot[i].y_part);
        nn_tensor_release(b->slot[i].x);
        nn_tensor_release(b->slot[i].y);
    }
    nn_tensor_release(b->x);
    nn_tensor_release(b->y);
    free(b->rows);
    free(b->order);
    free(b);
}

size_t nn_batches_count(const struct nn_batches *b) {
    return (b->n + b->size - 1) / b->size;
}

void nn_batches_start(struct nn_batches *b, uint64_t epoch) {
    for (int i = 0; i < 2; i++)
        slot_wait(&b->slot[i]);
    memcpy(b->order, b->rows, b->n * sizeof *b->order);
    if (b->o.shuffle) {
        struct nn_rng root, r;
        nn_rng_seed(&root, b->o.seed);
        r = nn_rng_split(&root, epoch);
        nn_rng_shuffle(&r, b->order, b->n);
    }
    b->epoch = epoch;
    b->next = 0;
    if (b->n)
        slot_start(b, 0);
}

bool nn_batches_next(struct nn_batches *b, struct nn_batch *t) {
    size_t count = nn_batches_count(b);
    if (b->next >= count)
        return false;
    struct slot *s = &b->slot[b->next % 2];
    slot_wait(s);
    size_t n = batch_length(b, b->next);
    bool full = n == b->size;
    *t = (struct nn_batch){.x = full ? s->x : s->x_part,
                           .y = full ? s->y : s->y_part,
                           .rows = b->order + b->next * b->size,
                           .n = n,
                           .index = b->next};
    b->next++;
    if (b->next < count)
        slot_start(b, b->next);
    return true;
}
