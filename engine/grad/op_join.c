/* op_join.c: concat, stack and pad: tensors laid side by side, or with a border. */
#include "ops.h"

#include "nn/vec.h"

/* concat: along attrs.axis[0], the last when none is given. */
static int concat_shape(struct nn_call *c, struct err *e) {
    int axis;
    int rc = nn_axis_one(c, &axis, e);
    if (rc < 0)
        return rc;
    nn_call_same_shape(c, 0);
    for (int i = 1; i < c->n_in; i++) {
        bool fits = c->in_ndim[i] == c->out_ndim;
        for (int k = 0; fits && k < c->out_ndim; k++)
            fits = k == axis || c->in_shape[i][k] == c->in_shape[0][k];
        if (!fits) {
            char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];
            return err_set(e, ERR_SHAPE,
                           _("concat: %s y %s solo pueden diferir en el eje %d"),
                           nn_shape_text(a, c->in_ndim[0], c->in_shape[0]),
                           nn_shape_text(b, c->in_ndim[i], c->in_shape[i]), axis + 1);
        }
        c->out_shape[axis] += c->in_shape[i][axis];
    }
    return 0;
}

/* Each input fills, of every row of the result, a run of its own length. */
static void move(struct nn_call *c, int axis, bool backward) {
    size_t size = nn_dtype_size(c->out_dtype), offset = 0;
    size_t outer = nn_shape_count(axis, c->out_shape);
    size_t row = nn_shape_count(c->out_ndim - axis, c->out_shape + axis);
    for (int i = 0; i < c->n_in; i++) {
        size_t run = nn_shape_count(c->in_ndim[i] - axis, c->in_shape[i] + axis);
        for (size_t o = 0; o < outer; o++) {
            size_t in = o * run * size, out = (o * row + offset) * size;
            if (!backward)
                memcpy((char *)c->out->data + out, (char *)c->in[i]->data + in,
                       run * size);
            else if (c->d_in[i] && (c->add & (1u << i)))
                nn_vec_axpy(c->out_dtype, (char *)c->d_in[i]->data + in, 1,
                            (char *)c->d_out->data + out, run);
            else if (c->d_in[i])
                memcpy((char *)c->d_in[i]->data + in, (char *)c->d_out->data + out,
                       run * size);
        }
        offset += run;
    }
}

static int concat_axis(const struct nn_call *c) {
    int axis = 0;
    (void)nn_axis_one(c, &axis, NULL); /* the shape rule has checked it */
    return axis;
}

static void concat_forward(struct nn_call *c) {
    move(c, concat_axis(c), false);
}

static void concat_backward(struct nn_call *c) {
    move(c, concat_axis(c), true);
}

/* stack: a new axis attrs.axis[0] of the result, the first when none is given. */
static int stack_axis(const struct nn_call *c) {
    int asked = c->attrs->n_axes ? c->attrs->axis[0] : 0;
    return asked < 0 ? asked + c->in_ndim[0] + 1 : asked;
}

static int stack_shape(struct nn_call *c, struct err *e) {
    int axis = stack_axis(c), ndim = c->in_ndim[0];
    char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];
    nn_shape_text(a, ndim, c->in_shape[0]);
    if (axis < 0 || axis > ndim || ndim == NN_MAX_DIMS)
        return err_set(e, ERR_RANGE, _("stack: el eje %d no cabe entre los de %s"),
                       axis < 0 ? c->attrs->axis[0] : axis + 1, a);
    for (int i = 1; i < c->n_in; i++)
        if (c->in_ndim[i] != ndim ||
            memcmp(c->in_shape[i], c->in_shape[0], (size_t)ndim * sizeof(size_t)) != 0)
            return err_set(e, ERR_SHAPE, _("stack: %s y %s deben tener la misma forma"),
                           a, nn_shape_text(b, c->in_ndim[i], c->in_shape[i]));
    c->out_ndim = ndim + 1;
    for (int k = 0; k <= ndim; k++)
        c->out_shape[k] = k == axis ? (size_t)c->n_in : c->in_shape[0][k - (k > axis)];
    return 0;
}

static void stack_forward(struct nn_call *c) {
    move(c, stack_axis(c), false);
}

static void stack_backward(struct nn_call *c) {
    move(c, stack_axis(c), true);
}

/* pad: attrs.ndim axes from the left get start elements before and count after, all of
 * attrs.value. */
static int pad_shape(struct nn_call *c, struct err *e) {
    const struct nn_attrs *a = c->attrs;
    char text[NN_SHAPE_TEXT];
    nn_shape_text(text, c->in_ndim[0], c->in_shape[0]);
    if (a->ndim > c->in_ndim[0])
        return err_set(e, ERR_SHAPE, _("pad: se dieron %d ejes y la forma es %s"),
                       a->ndim, text);
    nn_call_same_shape(c, 0);
    for (int k = 0; k < a->ndim; k++)
        if (!add_size(&c->out_shape[k], c->out_shape[k], a->start[k]) ||
            !add_size(&c->out_shape[k], c->out_shape[k], a->count[k]))
            return err_set(e, ERR_RANGE, _("pad: el borde de %s es demasiado grande"),
                           text);
    return 0;
}

/* Where row r of the input (all axes but the last) starts in the result. */
static size_t pad_row(const struct nn_call *c, size_t r) {
    const struct nn_attrs *a = c->attrs;
    size_t at = 0, step = 1;
    for (int k = c->in_ndim[0] - 1; k >= 0; k--) {
        bool last = k == c->in_ndim[0] - 1;
        size_t i = last ? 0 : r % c->in_shape[0][k];
        if (!last)
            r /= c->in_shape[0][k];
        at += (i + (k < a->ndim ? a->start[k] : 0)) * step;
        step *= c->out_shape[k];
    }
    return at;
}

static size_t row_length(const struct nn_call *c) {
    return c->in_ndim[0] ? c->in_shape[0][c->in_ndim[0] - 1] : 1;
}

static void pad_forward(struct nn_call *c) {
    size_t run = row_length(c), size = nn_dtype_size(c->out_dtype);
    nn_vec_fill(c->out_dtype, c->out->data, c->attrs->value, c->out->n);
    for (size_t r = 0, i = 0; i < c->in[0]->n; r++, i += run)
        memcpy((char *)c->out->data + pad_row(c, r) * size,
               (const char *)c->in[0]->data + i * size, run * size);
}

static void pad_backward(struct nn_call *c) {
    size_t run = row_length(c), size = nn_dtype_size(c->out_dtype);
    struct nn_tensor *d = c->d_in[0];
    for (size_t r = 0, i = 0; d && i < d->n; r++, i += run) {
        const char *from = (const char *)c->d_out->data + pad_row(c, r) * size;
        char *to = (char *)d->data + i * size;
        if (c->add & 1)
            nn_vec_axpy(c->out_dtype, to, 1, from, run);
        else
            memcpy(to, from, run * size);
    }
}

#define BOX .lo = -1, .hi = 1
static const struct nn_op_sample concats[] = {
    {.n_in = 2, .ndim = {2, 2}, .shape = {{3, 4}, {3, 2}}, BOX},
    {.n_in = 3,
     .ndim = {2, 2, 2},
     .shape = {{1, 2}, {3, 2}, {2, 2}},
     BOX,
     .attrs = {.n_axes = 1, .axis = {0}}},
    {0}};

static const struct nn_op_sample stacks[] = {
    {.n_in = 2, .ndim = {2, 2}, .shape = {{3, 4}, {3, 4}}, BOX},
    {.n_in = 3,
     .ndim = {1, 1, 1},
     .shape = {{4}, {4}, {4}},
     BOX,
     .attrs = {.n_axes = 1, .axis = {-1}}},
    {.n_in = 2, .ndim = {0, 0}, BOX},
    {0}};
static const struct nn_op_sample pads[] = {
    {.n_in = 1,
     .ndim = {2},
     .shape = {{3, 4}},
     BOX,
     .attrs = {.ndim = 2, .start = {1, 0}, .count = {0, 2}, .value = 0.5}},
    {.n_in = 1,
     .ndim = {3},
     .shape = {{2, 2, 3}},
     BOX,
     .attrs = {.ndim = 2, .start = {0, 2}, .count = {1, 1}}},
    {0}};

#define ROW(op, n, formula, d, s)                                                        \
    {                                                                                    \
        .name = #op, .min_in = 1, .max_in = n, .shape = op##_shape,                      \
        .forward = op##_forward, .backward = op##_backward, .latex = formula,            \
        .d_latex = {"1", d}, .sample = s                                                 \
    }

const struct nn_op nn_ops_join[] = {ROW(concat, NN_OP_MAX_IN, "[@0,@1]", "1", concats),
                                    ROW(stack, NN_OP_MAX_IN, "[@0,@1]", "1", stacks),
                                    ROW(pad, 1, "\\operatorname{pad}(@0)", NULL, pads),
                                    {0}};
