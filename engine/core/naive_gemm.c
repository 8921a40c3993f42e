/* naive_gemm.c: the matrix product in plain loops: the meaning of nn_gemm, which the
 * kernels are tested against. Sums in double, so that the error measured is theirs. */
#include "kernels.h"

#include <math.h>

static double element(const void *p, enum nn_dtype d, size_t i) {
    return d == NN_F32 ? (double)((const float *)p)[i] : ((const double *)p)[i];
}

static double sum_of_products(const struct nn_gemm *g, size_t i, size_t j) {
    double sum = 0;
    for (size_t p = 0; p < g->k; p++) {
        size_t ia = g->trans_a ? p * g->lda + i : i * g->lda + p;
        double b = g->packed    ? element(g->packed, g->dtype, p * g->n + j)
                   : g->trans_b ? element(g->b, g->dtype, j * g->ldb + p)
                                : element(g->b, g->dtype, p * g->ldb + j);
        sum += element(g->a, g->dtype, ia) * b;
    }
    return sum;
}

static double activation(enum nn_act act, double x) {
    switch (act) {
    case NN_ACT_RELU:
        return x < 0 ? 0 : x;
    case NN_ACT_SIGMOID:
        return 1 / (1 + exp(-x));
    case NN_ACT_TANH:
        return tanh(x);
    default:
        return x;
    }
}

void nn_gemm_naive(const struct nn_gemm *g) {
    for (size_t i = 0; i < g->m; i++) {
        for (size_t j = 0; j < g->n; j++) {
            size_t ic = i * g->ldc + j;
            double sum = sum_of_products(g, i, j);
            if (g->accumulate)
                sum += element(g->c, g->dtype, ic);
            if (g->rate != 0)
                sum = element(g->c, g->dtype, ic) - g->rate * sum;
            if (g->bias)
                sum += element(g->bias, g->dtype, j);
            sum = activation(g->act, sum);
            if (g->mask && !(element(g->mask, g->dtype, i * g->ldmask + j) > 0))
                sum = 0;
            if (g->dtype == NN_F32)
                ((float *)g->c)[ic] = (float)sum;
            else
                ((double *)g->c)[ic] = sum;
        }
    }
}
