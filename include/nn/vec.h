/* vec.h: loops over arrays, vectorised and shared out over the pool.
 *
 *     nn_vec_binary(NN_MUL, NN_F32, out, a, b, n);
 *
 * Everywhere: d is NN_F32 or NN_F64 and is the type of all arrays that are void; sizes
 * are counted in elements; an output may be one of the inputs (same start) unless said
 * otherwise. Sums run in a fixed order that depends on the sizes alone, never on the
 * number of threads. Nothing is allocated, nothing fails; denormals are flushed. NaN
 * propagates: relu, max, min and the clip of softmax hand a NaN on.
 * Accuracy of exp, log, sigmoid, tanh: within 3 units in the last place; of gelu, silu,
 * elu, softplus: 4 units of the last place of the larger of 1 and the result.
 */
#ifndef NN_VEC_H
#define NN_VEC_H

#include "nn/tensor.h"

/* ---- element by element */

enum nn_unary {
    NN_COPY,
    NN_NEG,
    NN_ABS,
    NN_SQUARE,
    NN_SQRT,
    NN_RECIPROCAL,
    NN_EXP,
    NN_LOG,
    NN_RELU,
    NN_SIGMOID,
    NN_TANH,
    NN_GELU,     /* x P(X <= x), X normal: exact, not the tanh form */
    NN_SILU,     /* x sigmoid(x) */
    NN_SOFTPLUS, /* log(1 + e^x) */
    NN_UNARY_COUNT
};

/* The backward passes take a = y, the output, for relu, sigmoid and tanh, and a = x, the
 * input, for the others; b = dL/dy, out = dL/dx. */
enum nn_binary {
    NN_ADD,
    NN_SUB,
    NN_MUL,
    NN_DIV,
    NN_MAX,
    NN_MIN,
    NN_POW,              /* through libm, not vectorised */
    NN_RELU_BACKWARD,    /* y > 0 ? dy : 0 */
    NN_SIGMOID_BACKWARD, /* dy y (1 - y) */
    NN_TANH_BACKWARD,    /* dy (1 - y^2) */
    NN_LEAKY_RELU,       /* a > 0 ? a : b a */
    NN_ELU,              /* a > 0 ? a : b (e^a - 1) */
    NN_GELU_BACKWARD,
    NN_SILU_BACKWARD,
    NN_SOFTPLUS_BACKWARD,
    NN_BINARY_COUNT
};

void nn_vec_unary(enum nn_unary op, enum nn_dtype d, void *out, const void *x, size_t n);
void nn_vec_binary(enum nn_binary op, enum nn_dtype d, void *out, const void *a,
                   const void *b, size_t n);
/* out = a op s, out = s op b. */
void nn_vec_binary_scalar(enum nn_binary op, enum nn_dtype d, void *out, const void *a,
                          double s, size_t n);
void nn_vec_scalar_binary(enum nn_binary op, enum nn_dtype d, void *out, double s,
                          const void *b, size_t n);

/* One operand of a broadcast operation: axes are matched from the last one backwards, and
 * each is equal to the result's or 1. */
struct nn_operand {
    const void *data;
    int ndim;
    const size_t *shape;
};
/* out (of the broadcast shape given, row-major) = a op b. Same shapes, scalars and a row
 * over rows run at full speed. out may be an operand's data only if that has the full
 * shape. */
void nn_vec_broadcast(enum nn_binary op, enum nn_dtype d, void *out, int ndim,
                      const size_t *shape, const struct nn_operand *a,
                      const struct nn_operand *b);
/* The backward pass of broadcasting: out (its shape as in struct nn_operand, against x of
 * shape) = or += x summed over the axes that were broadcast. */
void nn_vec_sum_to(enum nn_dtype d, void *out, int out_ndim, const size_t *out_shape,
                   bool accumulate, const void *x, int ndim, const size_t *shape);

void nn_vec_fill(enum nn_dtype d, void *out, double v, size_t n);
void nn_vec_scale(enum nn_dtype d, void *out, const void *x, double k,
                  size_t n); /* k x */
void nn_vec_axpy(enum nn_dtype d, void *y, double k, const void *x,
                 size_t n); /* y += k x */
/* out += a b. */
void nn_vec_add_mul(enum nn_dtype d, void *out, const void *a, const void *b, size_t n);
/* out = x where keep != 0 times k, else 0 (dropout, both ways); keep has n bytes. */
void nn_vec_mask(enum nn_dtype d, void *out, const void *x, const unsigned char *keep,
                 double k, size_t n);

/* ---- rows and columns of x (rows, cols), contiguous */

enum nn_reduce { NN_SUM, NN_MEAN, NN_REDUCE_MAX, NN_REDUCE_MIN };

/* x as (outer, axis, inner) to out (outer, inner): any single axis of any tensor. axis >=
 * 1 except for NN_SUM. out is none of the inputs. */
void nn_vec_reduce(enum nn_reduce op, enum nn_dtype d, void *out, const void *x,
                   size_t outer, size_t axis, size_t inner);
/* out (cols,) = or += the sum over rows: the gradient of a bias. */
void nn_vec_sum_rows(enum nn_dtype d, void *out, bool accumulate, const void *x,
                     size_t rows, size_t cols);
/* out (rows, cols) = act-free x + bias (cols,). */
void nn_vec_add_bias(enum nn_dtype d, void *out, const void *x, const void *bias,
                     size_t rows, size_t cols);
double nn_vec_sum(enum nn_dtype d, const void *x, size_t n);
double nn_vec_dot(enum nn_dtype d, const void *x, const void *y, size_t n);
/* The first largest element of each row; a NaN counts as largest. cols >= 1. */
void nn_vec_argmax_rows(enum nn_dtype d, int32_t *out, const void *x, size_t rows,
                        size_t cols);

void nn_vec_softmax_rows(enum nn_dtype d, void *out, const void *x, size_t rows,
                         size_t cols);
void nn_vec_log_softmax_rows(enum nn_dtype d, void *out, const void *x, size_t rows,
                             size_t cols);
/* dx = p (dp - sum(dp p)) per row, p the softmax. */
void nn_vec_softmax_backward(enum nn_dtype d, void *dx, const void *p, const void *dp,
                             size_t rows, size_t cols);
/* Softmax and cross-entropy at once, from logits x and labels 0..cols-1 (the caller has
 * checked them): probs (rows, cols), loss (rows,) = -log p[label]. */
void nn_vec_softmax_xent(enum nn_dtype d, void *probs, void *loss, const void *x,
                         const int32_t *labels, size_t rows, size_t cols);
/* Its gradient: dx = (probs - onehot(labels)) k; k = 1/rows for the mean loss. */
void nn_vec_softmax_xent_backward(enum nn_dtype d, void *dx, const void *probs,
                                  const int32_t *labels, double k, size_t rows,
                                  size_t cols);

/* out (cols, rows) = x'; out is not x. */
void nn_vec_transpose(enum nn_dtype d, void *out, const void *x, size_t rows,
                      size_t cols);

/* ---- questions */

bool nn_vec_all_finite(enum nn_dtype d, const void *x, size_t n);

/* ---- optimizer steps, in place: w weights, g gradient.
 *
 * The forms are those of Keras 3. PyTorch's differ in where epsilon stands and in how far
 * the weight decay reaches:
 *     Adam      Keras  lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + eps)
 *               PyTorch divides by sqrt(v / (1 - b2^t)) + eps: its eps is larger by
 *               1 / sqrt(1 - b2^t), which is 32 at the first step, and 1e-8 by default
 *     RMSprop, Adagrad  Keras  lr g / sqrt(v + eps);  PyTorch  lr g / (sqrt(v) + eps)
 *     RMSprop with momentum  Keras keeps lr inside the momentum, PyTorch outside
 *     Adagrad   Keras starts the sum at 0.1, PyTorch at 0
 *     weight_decay  Keras  w -= lr weight_decay w first, in every optimizer; PyTorch only
 *               in AdamW, elsewhere it adds weight_decay w to g */

struct nn_sgd {
    double learning_rate, momentum, weight_decay;
    bool nesterov;
};
/* v = momentum v - lr g;  w = (1 - lr weight_decay) w + v  (nesterov: + momentum v - lr g).
 * v may be NULL when momentum is 0. */
void nn_vec_sgd(enum nn_dtype d, void *w, const void *g, void *v, const struct nn_sgd *o,
                size_t n);

struct nn_adam {
    double learning_rate, beta1, beta2, epsilon;
    double weight_decay;
    bool decoupled; /* AdamW: w -= lr weight_decay w; else weight_decay w joins g */
    uint64_t step;  /* 1 for the first */
};
/* Kingma and Ba 2015, with bias correction; m, v: first and second moments. most: the
 * largest v so far, which then stands for v (AMSGrad, Reddi et al. 2018), or NULL. */
void nn_vec_adam(enum nn_dtype d, void *w, const void *g, void *m, void *v, void *most,
                 const struct nn_adam *o, size_t n);

struct nn_rmsprop {
    double learning_rate, rho, momentum, epsilon, weight_decay;
};
/* v = rho v + (1 - rho) g^2;  step = lr g / sqrt(v + eps). m, or NULL without momentum:
 * m = momentum m + step, and m is the step. mean, or NULL: the running mean of g, whose
 * square is taken off v (centered; never below 0). Hinton 2012. */
void nn_vec_rmsprop(enum nn_dtype d, void *w, const void *g, void *v, void *m, void *mean,
                    const struct nn_rmsprop *o, size_t n);

struct nn_adagrad {
    double learning_rate, epsilon, weight_decay;
};
/* sum += g^2;  w -= lr g / sqrt(sum + eps). Duchi et al. 2011. */
void nn_vec_adagrad(enum nn_dtype d, void *w, const void *g, void *sum,
                    const struct nn_adagrad *o, size_t n);

/* ---- batches */

/* out[r] = (src[index[r]] - mean) scale, rows of cols bytes. mean and scale: one value
 * each per channel, the channel being the last axis (channels divides cols; 1 for grey).
 */
void nn_vec_gather_u8(enum nn_dtype d, void *out, const unsigned char *src,
                      const size_t *index, size_t rows, size_t cols, const double *mean,
                      const double *scale, size_t channels);
/* out[r] = src[index[r]], rows of row_bytes bytes. */
void nn_vec_gather(void *out, const void *src, const size_t *index, size_t rows,
                   size_t row_bytes);

#endif
