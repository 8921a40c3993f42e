/* report.c: precision, recall and F1 per class, and their means. */
#include "nn/report.h"

#include "base/i18n.h"

/* zero_division = 0 */
static double ratio(double a, double b) {
    return b > 0 ? a / b : 0.0;
}

static size_t column_sum(const struct nn_confusion *c, size_t j) {
    size_t sum = 0;
    for (size_t i = 0; i < c->n_classes; i++)
        sum += nn_confusion_get(c, i, j);
    return sum;
}

static size_t row_sum(const struct nn_confusion *c, size_t i) {
    size_t sum = 0;
    for (size_t j = 0; j < c->n_classes; j++)
        sum += nn_confusion_get(c, i, j);
    return sum;
}

static void add_weighted(struct nn_report_row *sum, const struct nn_report_row *r,
                         double w) {
    sum->precision += w * r->precision;
    sum->recall += w * r->recall;
    sum->f1 += w * r->f1;
}

static void divide(struct nn_report_row *sum, double n) {
    sum->precision = ratio(sum->precision, n);
    sum->recall = ratio(sum->recall, n);
    sum->f1 = ratio(sum->f1, n);
}

int nn_report_new(struct nn_report **out, const struct nn_confusion *c, struct err *e) {
    *out = NULL;
    size_t bytes;
    struct nn_report *r = NULL;
    if (mul_size(&bytes, c->n_classes, sizeof r->row[0]) &&
        add_size(&bytes, bytes, sizeof *r))
        r = calloc(1, bytes);
    if (!r)
        return err_set(e, ERR_NOMEM,
                       _("classification_report: falta memoria para %zu clases"),
                       c->n_classes);
    r->n_classes = c->n_classes;
    for (size_t k = 0; k < c->n_classes; k++) {
        struct nn_report_row *row = &r->row[k];
        size_t predicted = column_sum(c, k);
        double hits = (double)nn_confusion_get(c, k, k);
        row->support = row_sum(c, k);
        row->precision = ratio(hits, (double)predicted);
        row->recall = ratio(hits, (double)row->support);
        row->f1 = ratio(2 * hits, (double)predicted + (double)row->support);
        r->n_absent += predicted + row->support == 0;
        add_weighted(&r->macro, row, 1.0);
        add_weighted(&r->weighted, row, (double)row->support);
    }
    divide(&r->macro, (double)(r->n_classes - r->n_absent));
    divide(&r->weighted, (double)c->total);
    r->macro.support = r->weighted.support = c->total;
    r->accuracy = nn_confusion_accuracy(c);
    *out = r;
    return 0;
}

void nn_report_free(struct nn_report *r) {
    free(r);
}
