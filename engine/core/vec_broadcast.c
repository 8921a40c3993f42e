/* vec_broadcast.c: operations whose operands have different shapes, and the sums that undo
 * the spreading. Shapes become strides (0 along a spread axis); neighbouring axes that
 * every operand walks in one go are merged; the innermost axis is handed to the kernels,
 * the others are counted through. */
#include "kernels.h"
#include "nn/pool.h"
#include "nn/vec.h"

#define WORK 16384 /* elements of a chunk */

struct walk {
    int ndim;
    size_t shape[NN_MAX_DIMS];
    size_t stride[2][NN_MAX_DIMS]; /* in elements */
};

/* Axis i of a result with ndim axes, as an operand with fewer axes sees it. */
static size_t axis_of(int ndim, const size_t *shape, int result_ndim, int i) {
    int own = i - (result_ndim - ndim);
    return own < 0 ? 1 : shape[own];
}

static void set_strides(struct walk *w, int which, int ndim, const size_t *shape,
                        int result_ndim) {
    size_t step = 1;
    for (int i = result_ndim - 1; i >= 0; i--) {
        size_t n = axis_of(ndim, shape, result_ndim, i);
        w->stride[which][i] = n == 1 ? 0 : step;
        step *= n;
    }
}

/* Drops axes of length 1 and merges axis i into i + 1 where both operands allow it. Ends
 * with at least one axis. */
static void merge(struct walk *w) {
    int top = 0; /* axes kept so far, outermost first */
    for (int i = 0; i < w->ndim; i++) {
        size_t n = w->shape[i];
        if (n == 1)
            continue;
        if (top > 0 && w->stride[0][top - 1] == n * w->stride[0][i] &&
            w->stride[1][top - 1] == n * w->stride[1][i]) {
            w->shape[top - 1] *= n;
        } else {
            w->shape[top++] = n;
        }
        w->stride[0][top - 1] = w->stride[0][i];
        w->stride[1][top - 1] = w->stride[1][i];
    }
    if (top == 0) {
        w->shape[0] = 1;
        w->stride[0][0] = w->stride[1][0] = 0;
        top = 1;
    }
    w->ndim = top;
}

/* Where run number i of the innermost axis starts in each operand. */
static void run_start(const struct walk *w, size_t i, size_t start[2]) {
    start[0] = start[1] = 0;
    for (int axis = w->ndim - 2; axis >= 0; axis--) {
        size_t at = i % w->shape[axis];
        i /= w->shape[axis];
        start[0] += at * w->stride[0][axis];
        start[1] += at * w->stride[1][axis];
    }
}

static size_t product(int ndim, const size_t *shape) {
    size_t n = 1;
    for (int i = 0; i < ndim; i++)
        n *= shape[i];
    return n;
}

static double get(size_t size, const char *p) {
    return size == sizeof(float) ? (double)*(const float *)(const void *)p
                                 : *(const double *)(const void *)p;
}

struct spread {
    const struct nn_vec_kernels *k;
    struct walk w;
    enum nn_binary op;
    size_t size;
    char *out;
    const char *a, *b;
};

static void spread_runs(void *ctx, size_t first, size_t last) {
    const struct spread *s = ctx;
    size_t inner = s->w.shape[s->w.ndim - 1], start[2];
    bool a_runs = s->w.stride[0][s->w.ndim - 1], b_runs = s->w.stride[1][s->w.ndim - 1];
    for (size_t i = first; i < last; i++) {
        run_start(&s->w, i, start);
        char *out = s->out + i * inner * s->size;
        const char *a = s->a + start[0] * s->size, *b = s->b + start[1] * s->size;
        if (a_runs && b_runs)
            s->k->binary[s->op](out, a, b, inner);
        else if (a_runs)
            s->k->binary_as[s->op](out, a, get(s->size, b), inner);
        else
            s->k->binary_sb[s->op](out, get(s->size, a), b, inner);
    }
}

void nn_vec_broadcast(enum nn_binary op, enum nn_dtype d, void *out, int ndim,
                      const size_t *shape, const struct nn_operand *a,
                      const struct nn_operand *b) {
    struct spread s = {.k = nn_kernels_get()->vec[d],
                       .op = op,
                       .size = nn_dtype_size(d),
                       .out = out,
                       .a = a->data,
                       .b = b->data,
                       .w.ndim = ndim};
    size_t n = product(ndim, shape);
    if (n == 0)
        return;
    for (int i = 0; i < ndim; i++)
        s.w.shape[i] = shape[i];
    set_strides(&s.w, 0, a->ndim, a->shape, ndim);
    set_strides(&s.w, 1, b->ndim, b->shape, ndim);
    merge(&s.w);
    size_t inner = s.w.shape[s.w.ndim - 1];
    bool runs = s.w.stride[0][s.w.ndim - 1] && s.w.stride[1][s.w.ndim - 1];
    if (n == inner && runs)
        nn_vec_binary(op, d, out, s.a, s.b, n);
    else if (n == inner && s.w.stride[0][0])
        nn_vec_binary_scalar(op, d, out, s.a, get(s.size, s.b), n);
    else if (n == inner)
        nn_vec_scalar_binary(op, d, out, get(s.size, s.a), s.b, n);
    else
        nn_pool_run(spread_runs, &s, n / inner, MAX_OF(WORK / inner, (size_t)1));
}

/* ---- sums over spread axes */

static void add_runs(const struct walk *w, enum nn_dtype d, char *out, const char *x,
                     size_t runs) {
    const struct nn_vec_kernels *k = nn_kernels_get()->vec[d];
    size_t size = nn_dtype_size(d), inner = w->shape[w->ndim - 1], start[2];
    for (size_t i = 0; i < runs; i++) {
        run_start(w, i, start);
        char *to = out + start[0] * size;
        const char *from = x + start[1] * size;
        if (w->stride[0][w->ndim - 1])
            k->binary[NN_ADD](to, to, from, inner);
        else
            k->binary_as[NN_ADD](to, to, k->sum(from, inner), 1);
    }
}

void nn_vec_sum_to(enum nn_dtype d, void *out, int out_ndim, const size_t *out_shape,
                   bool accumulate, const void *x, int ndim, const size_t *shape) {
    struct walk w = {.ndim = ndim};
    size_t n = product(ndim, shape), kept = product(out_ndim, out_shape);
    for (int i = 0; i < ndim; i++)
        w.shape[i] = shape[i];
    if (n == 0) {
        if (!accumulate)
            nn_vec_fill(d, out, 0, kept);
        return;
    }
    set_strides(&w, 0, out_ndim, out_shape, ndim);
    set_strides(&w, 1, ndim, shape, ndim);
    merge(&w);
    size_t inner = w.shape[w.ndim - 1];
    if (w.ndim == 1 && kept == n) {
        nn_vec_binary(NN_ADD, d, out, x, out, accumulate ? n : 0);
        nn_vec_unary(NN_COPY, d, out, x, accumulate ? 0 : n);
    } else if (w.ndim == 2 && w.stride[0][0] == 0) {
        nn_vec_sum_rows(d, out, accumulate, x, w.shape[0], inner);
    } else if (w.ndim <= 2 && !accumulate) {
        nn_vec_reduce(NN_SUM, d, out, x, n / inner, inner, 1);
    } else {
        if (!accumulate)
            nn_vec_fill(d, out, 0, kept);
        unsigned long mode = nn_fp_enter();
        add_runs(&w, d, out, x, n / inner);
        nn_fp_leave(mode);
    }
}
