/* op.h: the table of operations. One row per op holds all that is known about it: shape
 * rule, forward, backward, formulas for the typeset chain rule, and how to draw a sample
 * for its gradient check. The scalar w*a+b of a lab and the network of an assignment run
 * through the same rows; autograd, drawings and checks read them.
 *
 *     const struct nn_op *op = nn_op_find("matmul");
 *     nn_var_apply(&y, op, NULL, 2, (struct nn_var *[]){x, w}, e);         tape.h
 *
 * An op is run through a struct nn_call: inputs, output, gradients and scratch memory,
 * all allocated by the caller (a var of tape.h or a plan of plan.h), so that the op
 * itself never allocates. Shapes: the shape rule runs first, knows only shapes and
 * dtypes, and writes the sentence when they do not fit. dtypes: NN_F32 or NN_F64, the
 * same for every input, except where a row says so (labels are NN_I32 or real). Threads:
 * rows are constant; calls on different outputs may run at the same time. */
#ifndef NN_OP_H
#define NN_OP_H

#include "nn/tensor.h"

#define NN_OP_MAX_IN 8

/* What an op is told beside its inputs; only the fields that its row names are read. Zero
 * is a good start. */
struct nn_attrs {
    int n_axes; /* reductions, softmax, concat, transpose: axes from 0, negative count
                   from the end; 0 axes means all (transpose: reversed) */
    int axis[NN_MAX_DIMS];
    bool keepdims;
    int ndim; /* reshape, slice, pad */
    size_t shape[NN_MAX_DIMS];
    size_t start[NN_MAX_DIMS]; /* slice: first element and number of them per axis; */
    size_t count[NN_MAX_DIMS]; /* pad: how many more before and after */
    double value;   /* dropout rate, leaky slope, elu's alpha, clip's lower end, pad's
                       filling, huber's delta, label smoothing */
    double upper;   /* clip's upper end; penalty: value is l1, upper l2 */
    uint64_t seed;  /* dropout: which mask; see step */
    uint64_t *step; /* dropout in a plan: a counter mixed with seed; NULL: 0 */
    int activation; /* linear, conv2d: enum nn_act (gemm.h) fused into the product */
    /* Images: rows, then columns. 0 stands for 1 (stride of pooling: the window). */
    size_t stride[2], dilation[2], window[2];
    size_t groups; /* conv2d: parts of the channels that do not see one another; 0: 1 */
    bool same;     /* zeros around, so that a stride of 1 keeps the size */
    /* batch_norm, layer_norm: which inputs follow, and Keras' constants. */
    bool training, scale, center;
    double momentum, epsilon;
};

/* One execution. The shape rule reads in_* and fills out_* and the scratch sizes. */
struct nn_call {
    const struct nn_op *op;
    const struct nn_attrs *attrs;
    int n_in;
    enum nn_dtype in_dtype[NN_OP_MAX_IN];
    int in_ndim[NN_OP_MAX_IN];
    size_t in_shape[NN_OP_MAX_IN][NN_MAX_DIMS];

    enum nn_dtype out_dtype;
    int out_ndim;
    size_t out_shape[NN_MAX_DIMS];
    size_t saved_bytes; /* kept from forward to backward: masks, probabilities */

    struct nn_tensor *in[NN_OP_MAX_IN]; /* forward and backward */
    struct nn_tensor *out;
    void *saved;
    void *work; /* scratch memory of one pass, op->work bytes; contents undefined */
    struct nn_tensor *d_out;              /* backward: gradient of the result */
    struct nn_tensor *d_in[NN_OP_MAX_IN]; /* NULL where nobody asks */
    unsigned add; /* bit i: add into d_in[i]; clear: overwrite it */
    /* Set by the planner between two steps: the gradient that arrives went through the
     * activation already; the input is the output of a ReLU, whose mask belongs into
     * d_in[0]. */
    bool masked, mask_in;
    /* 0, or: backward puts in[1] - rate d_in[1] into in[1], and leaves d_in[1] alone. Only
     * for ops with NN_OP_DESCENDS. */
    double rate;
};

enum nn_op_flags {
    NN_OP_VIEW = 1,      /* the output is the first input's memory with another shape */
    NN_OP_LOSS = 2,      /* a scalar to minimise; counts as one forward pass */
    NN_OP_USES_OUT = 4,  /* backward reads out */
    NN_OP_USES_IN = 8,   /* backward reads in */
    NN_OP_RANDOM = 16,   /* gradcheck has to hold attrs.seed fixed */
    NN_OP_INTERNAL = 32, /* made by the planner; not offered to students */
    NN_OP_LABELS = 64,   /* the second input holds labels or targets, never a gradient */
    NN_OP_NO_GRAD = 128, /* has no derivative: the result asks for none (comparisons) */
    NN_OP_DESCENDS = 256 /* backward can step in[1] in place, see rate */
};

/* Where the samples of the gradient check come from: each input is drawn from [lo, hi],
 * at least gap away from every kink of the op (at 0, or ties between elements). */
struct nn_op_sample {
    int n_in;
    int ndim[NN_OP_MAX_IN];
    size_t shape[NN_OP_MAX_IN][4];
    double lo, hi, gap;
    unsigned bits; /* bit i: input i is drawn as 0 or 1 and asks for no gradient */
    struct nn_attrs attrs;
};

struct nn_op {
    const char *name; /* as students write it: "matmul", "relu" */
    int min_in, max_in;
    unsigned flags;
    int (*shape)(struct nn_call *c, struct err *e);
    /* Looks at the values before an eager forward (labels in range); may be NULL. */
    int (*check)(const struct nn_call *c, struct err *e);
    /* Bytes of c->work that the passes of this call want, from its shapes and from which
     * gradients are asked for; NULL: none. */
    size_t (*work)(const struct nn_call *c);
    void (*forward)(struct nn_call *c);
    void (*backward)(struct nn_call *c);
    /* Formulas with placeholders: @0 @1 the inputs' LaTeX, @y the result's, @v the
     * attribute value, @u the upper one. d_latex[i] is the local derivative with respect to input i. */
    const char *latex;
    const char *d_latex[2];
    const struct nn_op_sample *sample; /* NULL-shaped row (n_in 0) ends the list */
};

/* l1 sum |w| + l2 sum w^2: what the op "penalty" adds to a loss. */
double nn_penalty_value(const struct nn_tensor *w, double l1, double l2);

/* NULL when there is none of that name. Aliases: "subtract", "mean_squared_error"... */
const struct nn_op *nn_op_find(const char *name);
/* Row i, or NULL past the end: for (int i = 0; (op = nn_op_row(i)); i++). */
const struct nn_op *nn_op_row(int i);

/* Checks the number of inputs and their dtypes, then runs the shape rule. Fills c's out_*
 * fields. ERR_ARG, ERR_DTYPE, ERR_SHAPE (the sentence has both shapes). */
int nn_op_infer(struct nn_call *c, struct err *e);

/* The formula with its placeholders filled: name[i] is the LaTeX of input i, y of the
 * result. which -1: the value; 0 or 1: the local derivative to that input. false when the
 * row has no such formula or memory is short. */
bool nn_op_latex(struct buf *b, const struct nn_op *op, const struct nn_attrs *attrs,
                 int which, const char *const name[], const char *y);

#endif
