/* op_softmax.c: softmax and log_softmax along one axis, the last by default. */
#include "ops.h"

#include "nn/vec.h"

#include <math.h>

struct lanes {
    size_t outer, len, inner;
};

#define REAL     float
#define FN(name) name##_f32
#include "op_softmax_loops.h"
#undef REAL
#undef FN
#define REAL     double
#define FN(name) name##_f64
#include "op_softmax_loops.h"
#undef REAL
#undef FN

static int softmax_shape(struct nn_call *c, struct err *e) {
    int axis;
    int rc = nn_axis_one(c, &axis, e);
    if (rc < 0)
        return rc;
    if (c->in_shape[0][axis] == 0)
        return err_set(e, ERR_SHAPE, _("%s: el eje %d está vacío"), c->op->name,
                       axis + 1);
    nn_call_same_shape(c, 0);
    return 0;
}

static struct lanes lanes_of(const struct nn_call *c) {
    int axis = 0;
    (void)nn_axis_one(c, &axis, NULL); /* the shape rule has checked it */
    return (struct lanes){
        .outer = nn_shape_count(axis, c->in_shape[0]),
        .len = c->in_shape[0][axis],
        .inner = nn_shape_count(c->in_ndim[0] - axis - 1, c->in_shape[0] + axis + 1)};
}

static void softmax_forward(struct nn_call *c) {
    struct lanes s = lanes_of(c);
    if (s.inner == 1)
        nn_vec_softmax_rows(c->out_dtype, c->out->data, c->in[0]->data, s.outer, s.len);
    else
        NN_REAL(c->out_dtype, softmax, c->out->data, c->in[0]->data, s, false);
}

static void log_softmax_forward(struct nn_call *c) {
    struct lanes s = lanes_of(c);
    if (s.inner == 1)
        nn_vec_log_softmax_rows(c->out_dtype, c->out->data, c->in[0]->data, s.outer,
                                s.len);
    else
        NN_REAL(c->out_dtype, softmax, c->out->data, c->in[0]->data, s, true);
}

static void softmax_backward(struct nn_call *c) {
    struct lanes s = lanes_of(c);
    if (!c->d_in[0])
        return;
    if (s.inner == 1 && !(c->add & 1))
        nn_vec_softmax_backward(c->out_dtype, c->d_in[0]->data, c->out->data,
                                c->d_out->data, s.outer, s.len);
    else
        NN_REAL(c->out_dtype, softmax_back, c->d_in[0]->data, c->out->data,
                c->d_out->data, s, false, c->add & 1);
}

static void log_softmax_backward(struct nn_call *c) {
    struct lanes s = lanes_of(c);
    if (c->d_in[0])
        NN_REAL(c->out_dtype, softmax_back, c->d_in[0]->data, c->out->data,
                c->d_out->data, s, true, c->add & 1);
}

static const struct nn_op_sample samples[] = {
    {.n_in = 1, .ndim = {2}, .shape = {{3, 5}}, .lo = -2, .hi = 2},
    {.n_in = 1,
     .ndim = {3},
     .shape = {{2, 4, 3}},
     .lo = -2,
     .hi = 2,
     .attrs = {.n_axes = 1, .axis = {1}}},
    {.n_in = 1, .ndim = {1}, .shape = {{4}}, .lo = -2, .hi = 2},
    {0}};

#define ROW(op, formula, d)                                                              \
    {                                                                                    \
        .name = #op, .min_in = 1, .max_in = 1, .flags = NN_OP_USES_OUT,                  \
        .shape = softmax_shape, .forward = op##_forward, .backward = op##_backward,      \
        .latex = formula, .d_latex = {d, NULL}, .sample = samples                        \
    }

const struct nn_op nn_ops_softmax[] = {
    ROW(softmax, "\\operatorname{softmax}(@0)",
        "\\operatorname{diag}(@y)-@y\\,@y^{\\top}"),
    ROW(log_softmax, "\\ln\\operatorname{softmax}(@0)",
        "I-\\mathbf{1}\\,\\operatorname{softmax}(@0)^{\\top}"),
    {0}};
