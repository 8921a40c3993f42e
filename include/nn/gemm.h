/* gemm.h: matrix products, with what follows them fused in.
 *
 *     C = act(op(A) op(B) + bias)      or      C += op(A) op(B)
 *     or  C -= rate op(A) op(B): a step of gradient descent in place, for C the weights
 *
 *     nn_gemm(&(struct nn_gemm){.dtype = NN_F32, .m = 64, .n = 128, .k = 784,
 *             .a = x, .lda = 784, .b = w, .ldb = 128, .c = y, .ldc = 128,
 *             .bias = b, .act = NN_ACT_RELU});
 *
 * Shapes: op(A) is (m, k), op(B) (k, n), C (m, n), all row-major; lda, ldb, ldc are the
 * elements from one row to the next of the matrix as stored. trans_a: A is stored (k, m);
 * trans_b: B is stored (n, k). What training needs, for x (batch, in), w (in, out):
 *     y  = x w        m = batch  n = out  k = in
 *     dw = x' dy      m = in     n = out  k = batch   trans_a
 *     dx = dy w'      m = batch  n = in   k = out     trans_b
 * Any size, also 0 (k = 0 gives bias and activation of zero). C must not overlap A or B.
 *
 * Order: each element of C is one sum over k in steps of a fixed length, whatever the
 * number of threads, the tile it falls into or the other sizes: bit-equal on any number
 * of threads. Denormals are flushed. Nothing is allocated and nothing fails.
 */
#ifndef NN_GEMM_H
#define NN_GEMM_H

#include "nn/tensor.h"

enum nn_act { NN_ACT_NONE, NN_ACT_RELU, NN_ACT_SIGMOID, NN_ACT_TANH };

struct nn_gemm {
    enum nn_dtype dtype; /* NN_F32 or NN_F64: of a, b, c, bias and mask */
    bool trans_a, trans_b;
    bool accumulate; /* add to what C holds, before bias and activation */
    double rate;     /* 0, or: C -= rate times the product; then nothing else follows.
                      * k is at most NN_GEMM_RUN, so that C is visited once */
    enum nn_act act;
    size_t m, n, k;
    const void *a;
    size_t lda;
    const void *b; /* not read when packed is set */
    size_t ldb;
    const void *packed; /* op(B) as nn_gemm_pack left it, or NULL */
    void *c;
    size_t ldc;
    const void *bias; /* (n,) or NULL */
    /* (m, n) or NULL: after all else C becomes 0 where mask <= 0. With mask = the output
     * of a ReLU this is its backward pass, fused into dx. */
    const void *mask;
    size_t ldmask;
};

#define NN_GEMM_RUN 256 /* the longest run of k between two visits of C */

void nn_gemm(const struct nn_gemm *g);

/* op(B) in the order in which the kernels read it, for a B that serves several products.
 * packed: nn_gemm_packed_size(...) bytes aligned to NN_ALIGN (a tensor's data is);
 * valid until nn_cpu_select. The size is 0 when it does not fit in a size_t. */
size_t nn_gemm_packed_size(enum nn_dtype d, size_t n, size_t k);
void nn_gemm_pack(void *packed, enum nn_dtype d, size_t n, size_t k, const void *b,
                  size_t ldb, bool trans_b);

#endif
