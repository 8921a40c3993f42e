/* op_matmul.c: matrix products, and linear: product, bias and activation in one pass.
 *
 * matmul follows NumPy: a vector on the left is a row, on the right a column, and the axis
 * of length 1 disappears from the result; axes before the last two are a batch, and
 * broadcast. */
#include "ops.h"

#include "nn/gemm.h"
#include "nn/vec.h"

/* Rows, columns and inner length of a product. */
struct sizes {
    size_t m, n, k;
};

static struct sizes matmul_sizes(const struct nn_call *c) {
    int na = c->in_ndim[0], nb = c->in_ndim[1];
    const size_t *a = c->in_shape[0] + na, *b = c->in_shape[1] + nb;
    return (struct sizes){.m = na > 1 ? a[-2] : 1, .k = a[-1], .n = nb > 1 ? b[-1] : 1};
}

/* Length of the leading axis at position k of the result, of ndim leading axes. */
static size_t leading(const struct nn_call *c, int input, int ndim, int k) {
    int own = k - ndim + MAX_OF(c->in_ndim[input] - 2, 0);
    return own < 0 ? 1 : c->in_shape[input][own];
}

/* The leading axes of both, which broadcast: written to out_shape; returns how many, or -1
 * when they do not fit. */
static int leading_axes(struct nn_call *c) {
    int n = MAX_OF(MAX_OF(c->in_ndim[0], c->in_ndim[1]) - 2, 0);
    for (int k = 0; k < n; k++) {
        size_t a = leading(c, 0, n, k), b = leading(c, 1, n, k);
        if (a != b && a != 1 && b != 1)
            return -1;
        c->out_shape[k] = a == 1 ? b : a;
    }
    return n;
}

static int matmul_shape(struct nn_call *c, struct err *e) {
    char sa[NN_SHAPE_TEXT], sb[NN_SHAPE_TEXT];
    nn_shape_text(sa, c->in_ndim[0], c->in_shape[0]);
    nn_shape_text(sb, c->in_ndim[1], c->in_shape[1]);
    if (c->in_ndim[0] < 1 || c->in_ndim[1] < 1)
        return err_set(e, ERR_SHAPE,
                       _("matmul: multiplica matrices o vectores, no números sueltos; "
                         "las formas son %s y %s"),
                       sa, sb);
    struct sizes s = matmul_sizes(c);
    size_t kb = c->in_shape[1][MAX_OF(c->in_ndim[1] - 2, 0)];
    if (s.k != kb)
        return err_set(e, ERR_SHAPE,
                       _("matmul: %s no se puede multiplicar por %s: las columnas de la "
                         "primera (%zu) y las filas de la segunda (%zu) deben ser las "
                         "mismas"),
                       sa, sb, s.k, kb);
    int n = leading_axes(c);
    if (n < 0)
        return err_set(e, ERR_SHAPE,
                       _("matmul: %s y %s: los ejes anteriores a las matrices no son "
                         "compatibles"),
                       sa, sb);
    c->out_ndim = n;
    if (c->in_ndim[0] > 1)
        c->out_shape[c->out_ndim++] = s.m;
    if (c->in_ndim[1] > 1)
        c->out_shape[c->out_ndim++] = s.n;
    return 0;
}

static void product(enum nn_dtype d, bool ta, bool tb, bool add, struct sizes s,
                    const void *a, const void *b, void *c) {
    nn_gemm(&(struct nn_gemm){.dtype = d,
                              .trans_a = ta,
                              .trans_b = tb,
                              .accumulate = add,
                              .m = s.m,
                              .n = s.n,
                              .k = s.k,
                              .a = a,
                              .lda = ta ? s.m : s.k,
                              .b = b,
                              .ldb = tb ? s.k : s.n,
                              .c = c,
                              .ldc = s.n});
}

/* b -= rate a' dy: after da, which is made from the b of the forward pass */
static void step_in_place(const struct nn_call *c, struct sizes s, const void *dy) {
    nn_gemm(&(struct nn_gemm){.dtype = c->out_dtype,
                              .trans_a = true,
                              .rate = c->rate,
                              .m = s.k,
                              .n = s.n,
                              .k = s.m,
                              .a = c->in[0]->data,
                              .lda = s.k,
                              .b = dy,
                              .ldb = s.n,
                              .c = c->in[1]->data,
                              .ldc = s.n});
}

/* da = dy b', db = a' dy */
static void product_backward(struct nn_call *c, struct sizes s, const void *dy) {
    if (c->d_in[0])
        product(c->out_dtype, false, true, c->add & 1, (struct sizes){s.m, s.k, s.n}, dy,
                c->in[1]->data, c->d_in[0]->data);
    if (c->d_in[1] && c->rate != 0)
        step_in_place(c, s, dy);
    else if (c->d_in[1])
        product(c->out_dtype, true, false, c->add & 2, (struct sizes){s.k, s.n, s.m},
                c->in[0]->data, dy, c->d_in[1]->data);
}

/* The products of a batch: how many, and which matrix of each operand takes part. One
 * matrix for all of a batch is one product with more rows. */
struct batch {
    struct sizes s;
    size_t n;
    int ndim;
    size_t shape[NN_MAX_DIMS], stride[2][NN_MAX_DIMS];
};

static struct batch batch_of(const struct nn_call *c) {
    struct batch b = {.s = matmul_sizes(c), .n = 1};
    b.ndim = MAX_OF(MAX_OF(c->in_ndim[0], c->in_ndim[1]) - 2, 0);
    if (b.ndim && c->in_ndim[1] <= 2 && c->in_ndim[0] > 1) {
        b.s.m *= nn_shape_count(b.ndim, c->in_shape[0]);
        b.ndim = 0;
    }
    for (int i = 0; i < 2; i++) {
        size_t step = 1;
        for (int k = b.ndim - 1; k >= 0; k--) {
            size_t len = leading(c, i, b.ndim, k);
            b.stride[i][k] = len == 1 ? 0 : step;
            step *= len;
        }
    }
    for (int k = 0; k < b.ndim; k++)
        b.n *= b.shape[k] = MAX_OF(leading(c, 0, b.ndim, k), leading(c, 1, b.ndim, k));
    if (nn_shape_count(c->out_ndim, c->out_shape) == 0)
        b.n = b.ndim ? 0 : b.n;
    return b;
}

/* Which matrix of a and of b the i-th product takes. */
static void batch_at(const struct batch *b, size_t i, size_t at[2]) {
    at[0] = at[1] = 0;
    for (int k = b->ndim - 1; k >= 0; k--) {
        at[0] += i % b->shape[k] * b->stride[0][k];
        at[1] += i % b->shape[k] * b->stride[1][k];
        i /= b->shape[k];
    }
}

static void *element(const struct nn_tensor *t, size_t i) {
    return (char *)t->data + i * nn_dtype_size(t->dtype);
}

static void matmul_forward(struct nn_call *c) {
    struct batch b = batch_of(c);
    for (size_t i = 0; i < b.n; i++) {
        size_t at[2];
        batch_at(&b, i, at);
        product(c->out_dtype, false, false, false, b.s,
                element(c->in[0], at[0] * b.s.m * b.s.k),
                element(c->in[1], at[1] * b.s.k * b.s.n),
                element(c->out, i * b.s.m * b.s.n));
    }
}

/* The products add up where a matrix takes part in several. */
static void matmul_backward(struct nn_call *c) {
    struct batch b = batch_of(c);
    if (b.ndim == 0) {
        product_backward(c, b.s, c->d_out->data);
        return;
    }
    for (int i = 0; i < 2; i++)
        if (c->d_in[i] && !(c->add & (1u << i)))
            memset(c->d_in[i]->data, 0, c->d_in[i]->n * nn_dtype_size(c->out_dtype));
    for (size_t i = 0; i < b.n; i++) {
        size_t at[2];
        batch_at(&b, i, at);
        size_t ia = at[0] * b.s.m * b.s.k, ib = at[1] * b.s.k * b.s.n;
        const void *dy = element(c->d_out, i * b.s.m * b.s.n);
        if (c->d_in[0])
            product(c->out_dtype, false, true, true, (struct sizes){b.s.m, b.s.k, b.s.n},
                    dy, element(c->in[1], ib), element(c->d_in[0], ia));
        if (c->d_in[1])
            product(c->out_dtype, true, false, true, (struct sizes){b.s.k, b.s.n, b.s.m},
                    element(c->in[0], ia), dy, element(c->d_in[1], ib));
    }
}

/* linear(x, w [, b]): act(x w + b) with x (..., in), w (in, out), b (out,). */
static struct sizes linear_sizes(const struct nn_call *c) {
    size_t k = c->in_shape[1][0];
    size_t rows = nn_shape_count(c->in_ndim[0] - 1, c->in_shape[0]);
    return (struct sizes){.m = rows, .n = c->in_shape[1][1], .k = k};
}

static int linear_shape(struct nn_call *c, struct err *e) {
    char sx[NN_SHAPE_TEXT], sw[NN_SHAPE_TEXT], sb[NN_SHAPE_TEXT];
    nn_shape_text(sx, c->in_ndim[0], c->in_shape[0]);
    nn_shape_text(sw, c->in_ndim[1], c->in_shape[1]);
    if (c->in_ndim[0] < 1 || c->in_ndim[1] != 2 ||
        c->in_shape[0][c->in_ndim[0] - 1] != c->in_shape[1][0])
        return err_set(
            e, ERR_SHAPE,
            _("linear: la entrada %s no se puede multiplicar por los pesos %s"), sx, sw);
    if (c->n_in == 3 && (c->in_ndim[2] != 1 || c->in_shape[2][0] != c->in_shape[1][1]))
        return err_set(e, ERR_SHAPE,
                       _("linear: el sesgo %s no corresponde a los pesos %s"),
                       nn_shape_text(sb, c->in_ndim[2], c->in_shape[2]), sw);
    nn_call_same_shape(c, 0);
    c->out_shape[c->out_ndim - 1] = c->in_shape[1][1];
    struct sizes s = linear_sizes(c);
    /* room for dL/dz when an activation lies between z and y */
    if (c->attrs->activation != NN_ACT_NONE &&
        (!mul_size(&c->saved_bytes, s.m, s.n) ||
         !mul_size(&c->saved_bytes, c->saved_bytes, nn_dtype_size(c->out_dtype))))
        return err_set(e, ERR_NOMEM, _("linear: %s por %s no cabe en memoria"), sx, sw);
    return 0;
}

static void linear_forward(struct nn_call *c) {
    struct sizes s = linear_sizes(c);
    nn_gemm(&(struct nn_gemm){.dtype = c->out_dtype,
                              .act = (enum nn_act)c->attrs->activation,
                              .m = s.m,
                              .n = s.n,
                              .k = s.k,
                              .a = c->in[0]->data,
                              .lda = s.k,
                              .b = c->in[1]->data,
                              .ldb = s.n,
                              .c = c->out->data,
                              .ldc = s.n,
                              .bias = c->n_in == 3 ? c->in[2]->data : NULL});
}

static void linear_backward(struct nn_call *c) {
    static const enum nn_binary through[] = {[NN_ACT_RELU] = NN_RELU_BACKWARD,
                                             [NN_ACT_SIGMOID] = NN_SIGMOID_BACKWARD,
                                             [NN_ACT_TANH] = NN_TANH_BACKWARD};
    struct sizes s = linear_sizes(c);
    const void *dz = c->d_out->data;
    int act = c->attrs->activation;
    if (act != NN_ACT_NONE && !c->masked) {
        nn_vec_binary(through[act], c->out_dtype, c->saved, c->out->data, c->d_out->data,
                      c->out->n);
        dz = c->saved;
    }
    if (c->n_in == 3 && c->d_in[2])
        nn_vec_sum_rows(c->out_dtype, c->d_in[2]->data, c->add & 4, dz, s.m, s.n);
    if (c->d_in[0] && c->mask_in && !(c->add & 1)) {
        nn_gemm(&(struct nn_gemm){.dtype = c->out_dtype,
                                  .trans_b = true,
                                  .m = s.m,
                                  .n = s.k,
                                  .k = s.n,
                                  .a = dz,
                                  .lda = s.n,
                                  .b = c->in[1]->data,
                                  .ldb = s.n,
                                  .c = c->d_in[0]->data,
                                  .ldc = s.k,
                                  .mask = c->in[0]->data,
                                  .ldmask = s.k});
        struct nn_tensor *d0 = c->d_in[0];
        c->d_in[0] = NULL;
        product_backward(c, s, dz);
        c->d_in[0] = d0;
        return;
    }
    product_backward(c, s, dz);
}

static const struct nn_op_sample products[] = {
    {.n_in = 2, .ndim = {2, 2}, .shape = {{3, 4}, {4, 5}}, .lo = -1, .hi = 1},
    {.n_in = 2, .ndim = {2, 1}, .shape = {{3, 4}, {4}}, .lo = -1, .hi = 1},
    {.n_in = 2, .ndim = {1, 2}, .shape = {{4}, {4, 5}}, .lo = -1, .hi = 1},
    {.n_in = 2, .ndim = {1, 1}, .shape = {{4}, {4}}, .lo = -1, .hi = 1},
    {.n_in = 2, .ndim = {2, 2}, .shape = {{1, 7}, {7, 1}}, .lo = -1, .hi = 1},
    {.n_in = 2, .ndim = {3, 3}, .shape = {{2, 3, 4}, {2, 4, 5}}, .lo = -1, .hi = 1},
    {.n_in = 2, .ndim = {3, 2}, .shape = {{2, 3, 4}, {4, 5}}, .lo = -1, .hi = 1},
    {.n_in = 2, .ndim = {2, 3}, .shape = {{3, 4}, {2, 4, 5}}, .lo = -1, .hi = 1},
    {.n_in = 2, .ndim = {1, 3}, .shape = {{4}, {2, 4, 5}}, .lo = -1, .hi = 1},
    {.n_in = 2, .ndim = {3, 1}, .shape = {{2, 3, 4}, {4}}, .lo = -1, .hi = 1},
    {.n_in = 2, .ndim = {4, 3}, .shape = {{2, 1, 3, 2}, {3, 2, 4}}, .lo = -1, .hi = 1},
    {0}};

#define LINEAR .ndim = {2, 2, 1}, .shape = {{3, 4}, {4, 5}, {5}}, .lo = -1, .hi = 1
static const struct nn_op_sample linears[] = {
    {.n_in = 2, LINEAR},
    {.n_in = 3, LINEAR},
    {.n_in = 3, LINEAR, .attrs = {.activation = NN_ACT_RELU}},
    {.n_in = 3, LINEAR, .attrs = {.activation = NN_ACT_SIGMOID}},
    {.n_in = 2, LINEAR, .attrs = {.activation = NN_ACT_TANH}},
    {0}};

const struct nn_op nn_ops_matmul[] = {
    {.name = "matmul",
     .min_in = 2,
     .max_in = 2,
     .flags = NN_OP_USES_IN,
     .shape = matmul_shape,
     .forward = matmul_forward,
     .backward = matmul_backward,
     .latex = "@0\\,@1",
     .d_latex = {"@1^{\\top}", "@0^{\\top}"},
     .sample = products},
    {.name = "linear",
     .min_in = 2,
     .max_in = 3,
     .flags = NN_OP_USES_IN | NN_OP_USES_OUT | NN_OP_INTERNAL | NN_OP_DESCENDS,
     .shape = linear_shape,
     .forward = linear_forward,
     .backward = linear_backward,
     .latex = "@0\\,@1+@2",
     .d_latex = {"@1^{\\top}", "@0^{\\top}"},
     .sample = linears},
    {0}};
