/* broadcast.c: which element of each operand meets which, when shapes differ. */
#include "ops.h"

/* Length of the axis that lies at position k of the result (from the left). */
static size_t axis_length(const struct nn_call *c, int input, int k) {
    int own = k - (c->out_ndim - c->in_ndim[input]);
    return own < 0 ? 1 : c->in_shape[input][own];
}

/* Two matrices that cannot be multiplied element by element and can be as matrices: the
 * sentence says so. */
static int misfit(const struct nn_call *c, size_t a, size_t b, struct err *e) {
    char sa[NN_SHAPE_TEXT], sb[NN_SHAPE_TEXT];
    bool product = strcmp(c->op->name, "mul") == 0 && c->in_ndim[0] == 2 &&
                   c->in_ndim[1] == 2 && c->in_shape[0][1] == c->in_shape[1][0];
    return err_set(e, ERR_SHAPE,
                   product
                       ? _("%s: las formas %s y %s no son compatibles: en un mismo eje "
                           "hay %zu y %zu elementos. El producto de matrices es matmul")
                       : _("%s: las formas %s y %s no son compatibles: en un mismo eje "
                           "hay %zu y %zu elementos"),
                   c->op->name, nn_shape_text(sa, c->in_ndim[0], c->in_shape[0]),
                   nn_shape_text(sb, c->in_ndim[1], c->in_shape[1]), a, b);
}

int nn_broadcast_shape(struct nn_call *c, struct err *e) {
    c->out_ndim = MAX_OF(c->in_ndim[0], c->in_ndim[1]);
    for (int k = 0; k < c->out_ndim; k++) {
        size_t a = axis_length(c, 0, k), b = axis_length(c, 1, k);
        if (a != b && a != 1 && b != 1)
            return misfit(c, a, b, e);
        c->out_shape[k] = a == 1 ? b : a;
    }
    return 0;
}

/* Strides of one operand over the axes of the result. */
static void strides(size_t out[NN_MAX_DIMS], const struct nn_call *c, int input) {
    size_t step = 1;
    for (int k = c->out_ndim - 1; k >= 0; k--) {
        size_t len = axis_length(c, input, k);
        out[k] = len == 1 ? 0 : step;
        step *= len;
    }
}

void nn_broadcast_init(struct nn_broadcast *b, const struct nn_call *c) {
    size_t sa[NN_MAX_DIMS], sb[NN_MAX_DIMS];
    strides(sa, c, 0);
    strides(sb, c, 1);
    *b = (struct nn_broadcast){.rows = 1, .run = 1, .step_a = 1, .step_b = 1};
    int k = c->out_ndim - 1;
    while (k >= 0 && c->out_shape[k] == 1)
        k--;
    if (k >= 0) {
        b->run = c->out_shape[k];
        b->step_a = sa[k];
        b->step_b = sb[k];
        k--;
    }
    /* the next axis joins the run while both operands simply go on */
    for (; k >= 0; k--) {
        bool one = c->out_shape[k] == 1;
        if (!one && (sa[k] != b->run * b->step_a || sb[k] != b->run * b->step_b))
            break;
        b->run *= c->out_shape[k];
    }
    for (; k >= 0; k--) {
        b->shape[b->ndim] = c->out_shape[k]; /* innermost first */
        b->stride_a[b->ndim] = sa[k];
        b->stride_b[b->ndim++] = sb[k];
        b->rows *= c->out_shape[k];
    }
}

void nn_broadcast_row(const struct nn_broadcast *b, size_t r, size_t *ia, size_t *ib) {
    *ia = *ib = 0;
    for (int k = 0; k < b->ndim; k++) {
        size_t at = r % b->shape[k];
        r /= b->shape[k];
        *ia += at * b->stride_a[k];
        *ib += at * b->stride_b[k];
    }
}
