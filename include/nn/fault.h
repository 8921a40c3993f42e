/* fault.h: what is wrong with a gradient that was written by hand.
 *
 *     struct nn_finding d[2];
 *     nn_fault_find(d, 2, loss, params, given, e);
 *     d[0].fault == NN_FAULT_SLOPE       the derivative of d[0].op is missing
 *
 * Every way of going wrong that students know is tried: the gradient is formed again from
 * the graph with one factor of the chain rule left out, doubled or taken at the wrong
 * place, and compared with what was given, up to a sign and up to the number of samples.
 * The explanation that covers most of the wrong gradients at once wins, so that a factor
 * which two numbers happen to share is not blamed for the other. Shapes: a given gradient
 * may have another shape than its parameter: one row per sample, transposed, the gradient
 * of the product instead of the weights. Ownership: all borrowed. Threads: none. */
#ifndef NN_FAULT_H
#define NN_FAULT_H

#include "nn/tape.h"

#define NN_FAULT_PARAMS 64 /* parameters at once */

enum nn_fault {
    NN_FAULT_NONE,
    NN_FAULT_SIGN,       /* -1 times the gradient */
    NN_FAULT_MEAN,       /* n times: not divided by the number of samples */
    NN_FAULT_MEAN_TWICE, /* divided by n once too often */
    NN_FAULT_FACTOR,     /* factor times */
    NN_FAULT_TRANSPOSED,
    NN_FAULT_NOT_SUMMED,  /* one gradient per sample, n of them */
    NN_FAULT_SLOPE,       /* the derivative of op is missing */
    NN_FAULT_SLOPE_TWICE, /* it is there twice */
    NN_FAULT_SLOPE_AT_Y,  /* it was taken at the op's result: s'(a), not s'(z) */
    NN_FAULT_SLOPE_OF_X,  /* the rule for the result was given the input: z (1-z) */
    NN_FAULT_INPUT,  /* the operand `name` that multiplies the parameter is missing */
    NN_FAULT_WEIGHT, /* the same further up: the weights of a later layer */
    NN_FAULT_BEFORE, /* z in place of a, the result of op */
    NN_FAULT_SHAPE,  /* a shape that no explanation fits */
    NN_FAULT_UNKNOWN
};

struct nn_finding {
    enum nn_fault fault;
    bool sign;     /* beside the fault, the sign is wrong as well */
    double factor; /* what the gradient is multiplied by, beside the fault; 1 */
    size_t n;      /* samples, where they count: MEAN, MEAN_TWICE, NOT_SUMMED */
    const struct nn_op *op;
    char name[64]; /* the missing operand's, "" when it has none */
};

/* y: the scalar loss with its graph, not yet walked; it stays so. given[i]: what was
 * written for params[i], float32 or float64; NULL is left out (NONE). ERR_RANGE: more than
 * NN_FAULT_PARAMS; ERR_ARG: y does not depend on a parameter; ERR_NOMEM. */
int nn_fault_find(struct nn_finding out[], int n, struct nn_var *y,
                  struct nn_var *const params[], struct nn_tensor *const given[],
                  struct err *e);

/* Equal shapes but for axes of length 1: a gradient (1, 3) of a bias (3,). */
bool nn_same_but_ones(const struct nn_tensor *a, const struct nn_tensor *b);

#endif
