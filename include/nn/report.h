/* report.h: precision, recall and F1 of each class. As scikit-learn's
 * classification_report with zero_division = 0.
 *
 *     struct nn_report *r;
 *     if (nn_report_new(&r, confusion, e) < 0) return e->code;
 *     r->row[3].recall, r->macro.f1, r->accuracy ...
 *     nn_report_free(r);
 *
 * precision = hits / predicted as the class, recall = hits / truly of the class,
 * f1 = 2 hits / (predicted + truly); 0 where that divides by 0. macro: plain mean over
 * the classes; weighted: mean weighted by support. Classes that neither occur nor were
 * predicted stand as rows of zeros, are counted in n_absent and, as in scikit-learn
 * without a list of labels, are left out of the macro mean. Threads: any. */
#ifndef NN_REPORT_H
#define NN_REPORT_H

#include "nn/confusion.h"

struct nn_report_row {
    double precision, recall, f1;
    size_t support;
};

struct nn_report {
    size_t n_classes, n_absent;
    double accuracy;
    struct nn_report_row macro, weighted; /* support: all examples */
    struct nn_report_row row[];           /* n_classes */
};

/* ERR_NOMEM. */
int nn_report_new(struct nn_report **out, const struct nn_confusion *c, struct err *e);
void nn_report_free(struct nn_report *r); /* NULL is allowed */

#endif
