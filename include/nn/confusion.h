/* confusion.h: what was taken for what. As scikit-learn's confusion_matrix,
 * accuracy_score.
 *
 *     struct nn_confusion *c;
 *     if (nn_confusion_new(&c, y_true, y_pred, n, 10, e) < 0) return e->code;
 *     c->count[3 * c->n_classes + 5]      threes that were taken for fives
 *     nn_confusion_free(c);
 *
 * Shapes: count is n_classes x n_classes, rows true, columns predicted. Threads: any. */
#ifndef NN_CONFUSION_H
#define NN_CONFUSION_H

#include "base/err.h"
#include "base/util.h"

#define NN_CONFUSION_MAX_CLASSES 10000

struct nn_confusion {
    size_t n_classes;
    size_t total, correct;
    size_t *count;
};

struct nn_confused {
    size_t truth, predicted, count;
};

/* n labels each; n_classes 0 means the largest label + 1. ERR_RANGE with the position and
 * the value of a label outside 0..n_classes-1, ERR_ARG when n is 0, ERR_NOMEM. */
int nn_confusion_new(struct nn_confusion **out, const int32_t *y_true,
                     const int32_t *y_pred, size_t n, size_t n_classes, struct err *e);
void nn_confusion_free(struct nn_confusion *c); /* NULL is allowed */

static inline size_t nn_confusion_get(const struct nn_confusion *c, size_t truth,
                                      size_t predicted) {
    return c->count[truth * c->n_classes + predicted];
}

/* Share of correct ones, 0..1. */
double nn_confusion_accuracy(const struct nn_confusion *c);
/* The same without a matrix: any labels. n 0 gives 0. */
double nn_confusion_accuracy_score(const int32_t *y_true, const int32_t *y_pred,
                                   size_t n);
/* Up to max pairs of different classes, most frequent first, at equal counts in row
 * order; pairs that never happened are left out. Returns how many. */
size_t nn_confusion_top(const struct nn_confusion *c, struct nn_confused *pairs,
                        size_t max);

#endif
