/* op_matmul.c: matrix products, and linear: product, bias and activation in one pass.
 *
 * matmul follows NumPy for one and two axes: a vector on the left is a row, on the right
 * a column, and the axis of length 1 disappears from the result. */
#include "ops.h"

#include "nn/gemm.h"
#include "nn/vec.h"

/* Rows, columns and inner length of a product. */
struct sizes {
    size_t m, n, k;
};

static struct sizes matmul_sizes(const struct nn_call *c) {
    const size_t *a = c->in_shape[0], *b = c->in_shape[1];
    struct sizes s = {.m = c->in_ndim[0] == 2 ? a[0] : 1,
                      .k = a[c->in_ndim[0] - 1],
                      .n = c->in_ndim[1] == 2 ? b[1] : 1};
    return s;
}

static int matmul_shape(struct nn_call *c, struct err *e) {
    char sa[NN_SHAPE_TEXT], sb[NN_SHAPE_TEXT];
    nn_shape_text(sa, c->in_ndim[0], c->in_shape[0]);
    nn_shape_text(sb, c->in_ndim[1], c->in_shape[1]);
    for (int i = 0; i < 2; i++)
        if (c->in_ndim[i] < 1 || c->in_ndim[i] > 2)
            return err_set(e, ERR_SHAPE,
                           _("matmul: multiplica matrices o vectores (1 o 2 ejes); las "
                             "formas son %s y %s"),
                           sa, sb);
    size_t ka = c->in_shape[0][c->in_ndim[0] - 1], kb = c->in_shape[1][0];
    if (ka != kb)
        return err_set(e, ERR_SHAPE,
                       _("matmul: %s no se puede multiplicar por %s: hay %zu columnas y "
                         "%zu filas, y deben ser las mismas"),
                       sa, sb, ka, kb);
    struct sizes s = matmul_sizes(c);
    c->out_ndim = 0;
    if (c->in_ndim[0] == 2)
        c->out_shape[c->out_ndim++] = s.m;
    if (c->in_ndim[1] == 2)
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

static void matmul_forward(struct nn_call *c) {
    product(c->out_dtype, false, false, false, matmul_sizes(c), c->in[0]->data,
            c->in[1]->data, c->out->data);
}

/* da = dy b', db = a' dy */
static void product_backward(struct nn_call *c, struct sizes s, const void *dy) {
    if (c->d_in[0])
        product(c->out_dtype, false, true, c->add & 1, (struct sizes){s.m, s.k, s.n}, dy,
                c->in[1]->data, c->d_in[0]->data);
    if (c->d_in[1])
        product(c->out_dtype, true, false, c->add & 2, (struct sizes){s.k, s.n, s.m},
                c->in[0]->data, dy, c->d_in[1]->data);
}

static void matmul_backward(struct nn_call *c) {
    product_backward(c, matmul_sizes(c), c->d_out->data);
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
     .flags = NN_OP_USES_IN | NN_OP_USES_OUT | NN_OP_INTERNAL,
     .shape = linear_shape,
     .forward = linear_forward,
     .backward = linear_backward,
     .latex = "@0\\,@1+@2",
     .d_latex = {"@1^{\\top}", "@0^{\\top}"},
     .sample = linears},
    {0}};
