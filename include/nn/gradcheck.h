/* gradcheck.h: compares backpropagation with central differences, per parameter tensor.
 *
 *     struct nn_gradcheck_row rows[2];
 *     nn_gradcheck(rows, 2, params, my_loss, ctx, NULL, e);
 *     rows[0].verdict == NN_GRAD_RIGHT
 *
 * The relative error of a tensor is the largest |a-n| / max(floor, |a|+|n|) over its
 * checked elements, a from backward and n = (f(x+h) - f(x-h)) / 2h. Verdicts: right up to
 * 1e-7, suspicious from 1e-4 when there are no kinks, wrong from 1e-2 (cs231n). Elements
 * where the function has a kink between x-h and x+h are recognised by the one-sided
 * slopes and left out, and counted; a tensor of kinks alone is suspicious. Parameters have to be float64: ERR_DTYPE otherwise,
 * since float32 cannot tell 1e-7 (allow_f32 for the lab that shows it). */
#ifndef NN_GRADCHECK_H
#define NN_GRADCHECK_H

#include "nn/tape.h"

enum nn_grad_verdict {
    NN_GRAD_RIGHT,      /* error <= 1e-7 */
    NN_GRAD_FAIR,       /* <= 1e-4: fine when there are kinks */
    NN_GRAD_SUSPICIOUS, /* <= 1e-2 */
    NN_GRAD_WRONG
};

struct nn_gradcheck_row {
    char name[64];
    double error;             /* largest relative error */
    size_t worst;             /* flat index (from 0) where it is */
    double analytic, numeric; /* both gradients there */
    size_t checked, kinks;
    enum nn_grad_verdict verdict;
};

struct nn_gradcheck_options {
    double h;            /* 0: 1e-5 */
    double floor;        /* 0: 1e-8; gradients this small count as equal */
    size_t max_elements; /* per tensor, spread evenly; 0: all */
    bool allow_f32;
};

/* Builds the scalar loss from the parameters, whose values it reads now. *out yours. */
typedef int nn_loss_fn(struct nn_var **out, void *ctx, struct err *e);

/* "correcto", "aceptable", "sospechoso", "incorrecto" in the student's language. */
const char *nn_grad_verdict_text(enum nn_grad_verdict v);
enum nn_grad_verdict nn_grad_verdict_of(double relative_error);
double nn_relative_error(double a, double b, double floor);

/* Fills one row per parameter. Values and grads of the parameters are as before after it.
 */
int nn_gradcheck(struct nn_gradcheck_row rows[], int n, struct nn_var *const params[],
                 nn_loss_fn *f, void *ctx, const struct nn_gradcheck_options *o,
                 struct err *e);
/* Compares given gradients (a student's own) instead of backward's. */
int nn_gradcheck_given(struct nn_gradcheck_row rows[], int n,
                       struct nn_var *const params[], struct nn_tensor *const given[],
                       nn_loss_fn *f, void *ctx, const struct nn_gradcheck_options *o,
                       struct err *e);
/* The numeric gradient alone: a tensor like p's, 2 forward passes per element. */
int nn_numeric_gradient(struct nn_tensor **out, struct nn_var *p, nn_loss_fn *f,
                        void *ctx, double h, struct err *e);

/* Checks one of an op's own samples (from 0): the sum of op(inputs) weighted by fixed
 * random numbers, with all inputs that take a gradient as parameters. rows has room for
 * NN_OP_MAX_IN; *n receives how many were filled. ERR_NOTFOUND past the last sample. */
int nn_gradcheck_op(struct nn_gradcheck_row rows[], int *n, const struct nn_op *op,
                    int sample, uint64_t seed, struct err *e);
/* The inputs of such a sample, as leaves, yours to release: out has room for
 * NN_OP_MAX_IN. */
int nn_op_sample_inputs(struct nn_var *out[], int *n, const struct nn_op *op, int sample,
                        enum nn_dtype d, uint64_t seed, struct err *e);
/* The same for a sample that need not be in the row: other sizes of the same kind. */
int nn_op_draw_inputs(struct nn_var *out[], int *n, const struct nn_op *op,
                      const struct nn_op_sample *s, enum nn_dtype d, uint64_t seed,
                      struct err *e);

#endif
