/* op_choose.c: comparisons, which give 1 or 0 and have no derivative, and where, which
 * takes each element from one of two tensors. All broadcast like NumPy. */
#include "ops.h"

/* Three operands over the axes of the result: how far each moves along an axis, 0 where
 * it repeats. The last axis is the run, the others make the rows. */
struct lattice {
    int ndim;
    size_t shape[NN_MAX_DIMS], stride[3][NN_MAX_DIMS];
    size_t rows, run, step[3];
};

static void lattice_init(struct lattice *l, const struct nn_call *c) {
    *l = (struct lattice){.ndim = MAX_OF(c->out_ndim - 1, 0), .rows = 1, .run = 1};
    for (int i = 0; i < 3; i++) {
        size_t step = 1;
        for (int k = c->out_ndim - 1; k >= 0; k--) {
            int own = k - (c->out_ndim - c->in_ndim[i]);
            size_t len = own < 0 ? 1 : c->in_shape[i][own];
            size_t *to = k == c->out_ndim - 1 ? &l->step[i] : &l->stride[i][k];
            *to = len == 1 ? 0 : step;
            step *= len;
        }
    }
    for (int k = 0; k < l->ndim; k++)
        l->rows *= l->shape[k] = c->out_shape[k];
    if (c->out_ndim > 0)
        l->run = c->out_shape[c->out_ndim - 1];
    if (l->run == 0)
        l->rows = 0;
}

static void lattice_row(const struct lattice *l, size_t r, size_t at[3]) {
    at[0] = at[1] = at[2] = 0;
    for (int k = l->ndim - 1; k >= 0; k--) {
        for (int i = 0; i < 3; i++)
            at[i] += r % l->shape[k] * l->stride[i][k];
        r /= l->shape[k];
    }
}

#define REAL     float
#define FN(name) name##_f32
#include "op_choose_loops.h"
#undef REAL
#undef FN
#define REAL     double
#define FN(name) name##_f64
#include "op_choose_loops.h"
#undef REAL
#undef FN

/* Walks the runs of a broadcast. */
#define RUNS(op, REAL, SUFFIX)                                                           \
    for (size_t r = 0, n = 0; r < p.rows; r++, n += p.run) {                             \
        size_t ia, ib;                                                                   \
        nn_broadcast_row(&p, r, &ia, &ib);                                               \
        op##_run##SUFFIX((REAL *)c->out->data + n, (const REAL *)c->in[0]->data + ia,    \
                         p.step_a, (const REAL *)c->in[1]->data + ib, p.step_b, p.run);  \
    }

#define DEFINE(op)                                                                       \
    static void op##_forward(struct nn_call *c) {                                        \
        struct nn_broadcast p;                                                           \
        nn_broadcast_init(&p, c);                                                        \
        if (c->out->n == 0)                                                              \
            return;                                                                      \
        if (c->out_dtype == NN_F32)                                                      \
            RUNS(op, float, _f32)                                                        \
        else                                                                             \
            RUNS(op, double, _f64)                                                       \
    }

DEFINE(greater)
DEFINE(greater_equal)
DEFINE(less)
DEFINE(less_equal)
DEFINE(equal)
DEFINE(not_equal)

static int where_shape(struct nn_call *c, struct err *e) {
    c->out_ndim = 0;
    for (int i = 0; i < 3; i++)
        c->out_ndim = MAX_OF(c->out_ndim, c->in_ndim[i]);
    for (int k = 0; k < c->out_ndim; k++) {
        size_t length = 1;
        for (int i = 0; i < 3; i++) {
            int own = k - (c->out_ndim - c->in_ndim[i]);
            size_t len = own < 0 ? 1 : c->in_shape[i][own];
            if (len != 1 && length != 1 && len != length) {
                char s[3][NN_SHAPE_TEXT];
                for (int j = 0; j < 3; j++)
                    nn_shape_text(s[j], c->in_ndim[j], c->in_shape[j]);
                return err_set(e, ERR_SHAPE,
                               _("where: las formas %s, %s y %s no son compatibles"),
                               s[0], s[1], s[2]);
            }
            length = len == 1 ? length : len;
        }
        c->out_shape[k] = length;
    }
    return 0;
}

static void where_forward(struct nn_call *c) {
    NN_REAL(c->out_dtype, where, c);
}

/* The condition is flat on both sides: its gradient is 0. */
static void where_backward(struct nn_call *c) {
    for (int i = 0; i < 3; i++)
        if (c->d_in[i] && !(c->add & (1u << i)))
            memset(c->d_in[i]->data, 0, c->d_in[i]->n * nn_dtype_size(c->d_in[i]->dtype));
    NN_REAL(c->out_dtype, where_back, c);
}

#define LIMITS .lo = -1, .hi = 1
static const struct nn_op_sample pairs[] = {
    {.n_in = 2, .ndim = {2, 2}, .shape = {{3, 4}, {3, 4}}, LIMITS},
    {.n_in = 2, .ndim = {2, 1}, .shape = {{3, 4}, {4}}, LIMITS},
    {.n_in = 2, .ndim = {0, 2}, .shape = {{0}, {3, 4}}, LIMITS},
    {0}};
static const struct nn_op_sample choices[] = {
    {.n_in = 3, .ndim = {2, 2, 2}, .shape = {{3, 4}, {3, 4}, {3, 4}}, LIMITS, .bits = 1},
    {.n_in = 3, .ndim = {2, 1, 0}, .shape = {{3, 4}, {4}, {0}}, LIMITS, .bits = 1},
    {.n_in = 3, .ndim = {1, 2, 2}, .shape = {{4}, {3, 1}, {1, 4}}, LIMITS, .bits = 1},
    {.n_in = 3, .ndim = {0, 0, 0}, LIMITS, .bits = 1},
    {0}};

#define ROW(op, sign)                                                                    \
    {                                                                                    \
        .name = #op, .min_in = 2, .max_in = 2, .flags = NN_OP_NO_GRAD,                   \
        .shape = nn_broadcast_shape, .forward = op##_forward, .latex = "[@0" sign "@1]", \
        .d_latex = {"0", "0"}, .sample = pairs                                           \
    }

const struct nn_op nn_ops_choose[] = {ROW(greater, ">"),
                                      ROW(greater_equal, "\\ge "),
                                      ROW(less, "<"),
                                      ROW(less_equal, "\\le "),
                                      ROW(equal, "="),
                                      ROW(not_equal, "\\ne "),
                                      {.name = "where",
                                       .min_in = 3,
                                       .max_in = 3,
                                       .flags = NN_OP_USES_IN,
                                       .shape = where_shape,
                                       .forward = where_forward,
                                       .backward = where_backward,
                                       .latex = "[@0]\\,@1+(1-[@0])\\,@2",
                                       .d_latex = {"0", "[@0]"},
                                       .sample = choices},
                                      {0}};
