/* faults.h: what the files of nn/fault.h share. */
#ifndef ENGINE_GRAD_FAULTS_H
#define ENGINE_GRAD_FAULTS_H

#include "graph.h"

#include "base/i18n.h"

#include "nn/fault.h"

/* ---- fault_walk.c: gradients with one thing done wrong on purpose */

/* The graph below a loss, with room for a gradient per var; a var's slot is its place. */
struct nn_study {
    struct nn_var **order;
    size_t n;
    struct nn_tensor **grad; /* NULL where none is asked for */
    bool *written;
    void *work;
};

/* What goes wrong, at which node, with which operand; NN_FAULT_NONE: nothing. */
struct nn_variant {
    enum nn_fault fault;
    size_t node;
    int operand;
};

int nn_study_init(struct nn_study *s, struct nn_var *y, struct err *e);
void nn_study_release(struct nn_study *s);
/* Fills s->grad. */
int nn_study_walk(struct nn_study *s, const struct nn_variant *h, struct err *e);
/* The faults that can happen at node i: how many, written to h (room for 8). */
int nn_study_variants(const struct nn_study *s, size_t i, int n,
                      struct nn_var *const params[], struct nn_variant h[8]);
bool nn_is_product(const struct nn_var *v);

/* ---- fault_match.c: comparing numbers */

/* How many samples a loss may divide by, read off the graph. */
struct nn_counts {
    int n;
    double value[16];
};
void nn_counts_read(struct nn_counts *c, const struct nn_study *s);

/* given = k cand for one number k; NaN when there is none. step: cand is read as its own
 * transpose (of a matrix) when true. */
double nn_ratio(const struct nn_tensor *given, const struct nn_tensor *cand,
                bool transposed);
/* The same with the rows of given (its first axis) summed. */
double nn_ratio_summed(const struct nn_tensor *given, const struct nn_tensor *cand);
/* What k says: sign wrong, n or 1/n of the samples (*n, fault MEAN or MEAN_TWICE), another
 * factor (FACTOR), or NONE for 1. */
enum nn_fault nn_ratio_fault(double k, const struct nn_counts *c, bool *sign, size_t *n);

#endif
