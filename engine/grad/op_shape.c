/* op_shape.c: reshape (the same memory), transpose and slice (copies). */
#include "ops.h"

#include "nn/vec.h"

/* reshape: attrs.shape; one length may be SIZE_MAX, which is then worked out. */
static int reshape_shape(struct nn_call *c, struct err *e) {
    const struct nn_attrs *a = c->attrs;
    size_t have = nn_shape_count(c->in_ndim[0], c->in_shape[0]), known = 1;
    int open = -1;
    char from[NN_SHAPE_TEXT], to[NN_SHAPE_TEXT];
    nn_shape_text(from, c->in_ndim[0], c->in_shape[0]);
    if (a->ndim < 0 || a->ndim > NN_MAX_DIMS)
        return err_set(e, ERR_ARG, _("reshape: %d ejes; el máximo es %d"), a->ndim,
                       NN_MAX_DIMS);
    c->out_ndim = a->ndim;
    for (int k = 0; k < a->ndim; k++) {
        c->out_shape[k] = a->shape[k];
        if (a->shape[k] == SIZE_MAX && open < 0)
            open = k;
        else if (!mul_size(&known, known, a->shape[k]))
            return err_set(e, ERR_SHAPE,
                           _("reshape: la forma pedida no cabe en memoria"));
    }
    if (open >= 0)
        c->out_shape[open] = known ? have / known : 0;
    if (nn_shape_count(c->out_ndim, c->out_shape) != have)
        return err_set(e, ERR_SHAPE,
                       _("reshape: %s tiene %zu elementos y no puede tomar la forma %s"),
                       from, have, nn_shape_text(to, c->out_ndim, c->out_shape));
    return 0;
}

/* The memory is the input's; there is nothing to do. */
static void view_forward(struct nn_call *c) {
    c->out->data = c->in[0]->data;
}

/* d = or += g, n elements */
static void pass(struct nn_call *c, struct nn_tensor *d, bool add, const void *g) {
    if (add)
        nn_vec_binary(NN_ADD, c->out_dtype, d->data, d->data, g, d->n);
    else
        nn_vec_unary(NN_COPY, c->out_dtype, d->data, g, d->n);
}

static void reshape_backward(struct nn_call *c) {
    if (c->d_in[0] && c->d_in[0]->data != c->d_out->data)
        pass(c, c->d_in[0], c->add & 1, c->d_out->data);
}

/* transpose: axis k of the result is axis perm[k] of the input. */
static int transpose_perm(const struct nn_call *c, int perm[NN_MAX_DIMS], struct err *e) {
    const struct nn_attrs *a = c->attrs;
    int n = c->in_ndim[0];
    bool seen[NN_MAX_DIMS] = {false};
    if (a->n_axes != 0 && a->n_axes != n)
        return err_set(e, ERR_ARG, _("transpose: se dieron %d ejes y el tensor tiene %d"),
                       a->n_axes, n);
    for (int k = 0; k < n; k++) {
        int from = a->n_axes ? a->axis[k] : n - 1 - k;
        if (from < 0)
            from += n;
        if (from < 0 || from >= n || seen[from])
            return err_set(
                e, ERR_RANGE,
                _("transpose: los ejes deben ser una permutación de los %d ejes "
                  "del tensor"),
                n);
        seen[from] = true;
        perm[k] = from;
    }
    return 0;
}

static int transpose_shape(struct nn_call *c, struct err *e) {
    int perm[NN_MAX_DIMS];
    int rc = transpose_perm(c, perm, e);
    if (rc < 0)
        return rc;
    c->out_ndim = c->in_ndim[0];
    for (int k = 0; k < c->out_ndim; k++)
        c->out_shape[k] = c->in_shape[0][perm[k]];
    return 0;
}

/* A box of the input, walked in the order of the result: used by transpose and slice. */
struct walk {
    size_t base;
    size_t stride[NN_MAX_DIMS]; /* in the input, per axis of the result */
};

/* Where row r (all axes of the result but the last) starts in the input. */
static size_t walk_row(const struct nn_call *c, const struct walk *w, size_t r) {
    size_t from = w->base;
    for (int k = c->out_ndim - 2; k >= 0; k--) {
        from += r % c->out_shape[k] * w->stride[k];
        r /= c->out_shape[k];
    }
    return from;
}

static size_t walk_length(const struct nn_call *c) {
    return c->out_ndim ? c->out_shape[c->out_ndim - 1] : 1;
}

static void input_strides(const struct nn_call *c, size_t stride[NN_MAX_DIMS]) {
    size_t step = 1;
    for (int k = c->in_ndim[0] - 1; k >= 0; k--) {
        stride[k] = step;
        step *= c->in_shape[0][k];
    }
}

#define REAL     float
#define FN(name) name##_f32
#include "op_shape_loops.h"
#undef REAL
#undef FN
#define REAL     double
#define FN(name) name##_f64
#include "op_shape_loops.h"
#undef REAL
#undef FN

static void walk_copy(struct nn_call *c, const struct walk *w) {
    NN_REAL(c->out_dtype, walk_copy, c, w);
}

static void walk_add(struct nn_call *c, const struct walk *w) {
    struct nn_tensor *d = c->d_in[0];
    if (!(c->add & 1))
        memset(d->data, 0, d->n * nn_dtype_size(d->dtype));
    NN_REAL(c->out_dtype, walk_add, c, w);
}

static struct walk transpose_walk(const struct nn_call *c) {
    struct walk w = {0};
    int perm[NN_MAX_DIMS];
    size_t stride[NN_MAX_DIMS];
    (void)transpose_perm(c, perm, NULL); /* the shape rule has checked it */
    input_strides(c, stride);
    for (int k = 0; k < c->out_ndim; k++)
        w.stride[k] = stride[perm[k]];
    return w;
}

static void transpose_forward(struct nn_call *c) {
    struct walk w = transpose_walk(c);
    if (c->in_ndim[0] == 2 && w.stride[0] == 1)
        nn_vec_transpose(c->out_dtype, c->out->data, c->in[0]->data, c->in_shape[0][0],
                         c->in_shape[0][1]);
    else
        walk_copy(c, &w);
}

static void transpose_backward(struct nn_call *c) {
    struct walk w = transpose_walk(c);
    if (c->d_in[0])
        walk_add(c, &w);
}

/* slice: attrs.ndim axes from the left, start and count each; the rest stay whole. */
static int slice_shape(struct nn_call *c, struct err *e) {
    const struct nn_attrs *a = c->attrs;
    char text[NN_SHAPE_TEXT];
    nn_call_same_shape(c, 0);
    if (a->ndim > c->in_ndim[0])
        return err_set(e, ERR_SHAPE, _("slice: se dieron %d rangos y la forma es %s"),
                       a->ndim, nn_shape_text(text, c->in_ndim[0], c->in_shape[0]));
    for (int k = 0; k < a->ndim; k++) {
        size_t len = c->in_shape[0][k];
        if (a->start[k] > len || a->count[k] > len - a->start[k])
            return err_set(e, ERR_RANGE,
                           _("slice: el rango %zu..%zu queda fuera del eje %d, que tiene "
                             "%zu elementos"),
                           a->start[k] + 1, a->start[k] + a->count[k], k + 1, len);
        c->out_shape[k] = a->count[k];
    }
    return 0;
}

static struct walk slice_walk(const struct nn_call *c) {
    struct walk w = {0};
    input_strides(c, w.stride);
    for (int k = 0; k < c->attrs->ndim; k++)
        w.base += c->attrs->start[k] * w.stride[k];
    return w;
}

static void slice_forward(struct nn_call *c) {
    struct walk w = slice_walk(c);
    walk_copy(c, &w);
}

static void slice_backward(struct nn_call *c) {
    struct walk w = slice_walk(c);
    if (c->d_in[0])
        walk_add(c, &w);
}

#define BOX .lo = -1, .hi = 1
static const struct nn_op_sample reshapes[] = {
    {.n_in = 1, .ndim = {2}, .shape = {{3, 4}}, BOX, .attrs = {.ndim = 1, .shape = {12}}},
    {.n_in = 1,
     .ndim = {3},
     .shape = {{2, 3, 4}},
     BOX,
     .attrs = {.ndim = 2, .shape = {2, SIZE_MAX}}},
    {0}};
static const struct nn_op_sample transposes[] = {
    {.n_in = 1, .ndim = {2}, .shape = {{3, 4}}, BOX},
    {.n_in = 1,
     .ndim = {3},
     .shape = {{2, 3, 4}},
     BOX,
     .attrs = {.n_axes = 3, .axis = {1, 2, 0}}},
    {0}};
static const struct nn_op_sample slices[] = {
    {.n_in = 1,
     .ndim = {3},
     .shape = {{3, 4, 2}},
     BOX,
     .attrs = {.ndim = 2, .start = {1, 0}, .count = {2, 3}}},
    {0}};
#define ROW(op, way, more, formula, s)                                                   \
    {                                                                                    \
        .name = #op, .min_in = 1, .max_in = 1, .flags = (more), .shape = op##_shape,     \
        .forward = way##_forward, .backward = op##_backward, .latex = formula,           \
        .d_latex = {"1", NULL}, .sample = s                                              \
    }

const struct nn_op nn_ops_shape[] = {
    ROW(reshape, view, NN_OP_VIEW, "@0", reshapes),
    ROW(transpose, transpose, 0, "@0^{\\top}", transposes),
    ROW(slice, slice, 0, "@0", slices),
    {0}};
