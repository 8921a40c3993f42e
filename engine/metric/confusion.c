/* confusion.c: counts what was taken for what. */
#include "nn/confusion.h"

#include "base/i18n.h"

/* n_classes 0: up to the ceiling. Refuses negative labels and labels outside. */
static int check_labels(size_t n_classes, const int32_t *label, size_t n,
                        const char *which, struct err *e) {
    size_t limit = n_classes ? n_classes : NN_CONFUSION_MAX_CLASSES;
    for (size_t i = 0; i < n; i++) {
        if (label[i] < 0 || (size_t)label[i] >= limit)
            return err_set(e, ERR_RANGE,
                           _("confusion_matrix: la etiqueta %d en la posición %zu de %s "
                             "está fuera de 0..%zu"),
                           (int)label[i], i + 1, which, limit - 1);
    }
    return 0;
}

static size_t classes_in(const int32_t *a, const int32_t *b, size_t n) {
    int32_t top = 0;
    for (size_t i = 0; i < n; i++) {
        top = MAX_OF(top, a[i]);
        top = MAX_OF(top, b[i]);
    }
    return (size_t)top + 1;
}

static int confusion_check(size_t *n_classes, const int32_t *y_true,
                           const int32_t *y_pred, size_t n, struct err *e) {
    if (n == 0)
        return err_set(e, ERR_ARG, _("confusion_matrix: no hay ninguna etiqueta"));
    if (*n_classes > NN_CONFUSION_MAX_CLASSES)
        return err_set(e, ERR_RANGE,
                       _("confusion_matrix: %zu clases superan el límite de %d"),
                       *n_classes, NN_CONFUSION_MAX_CLASSES);
    int rc = check_labels(*n_classes, y_true, n, "y_true", e);
    if (rc == 0)
        rc = check_labels(*n_classes, y_pred, n, "y_pred", e);
    if (rc == 0 && *n_classes == 0)
        *n_classes = classes_in(y_true, y_pred, n);
    return rc;
}

int nn_confusion_new(struct nn_confusion **out, const int32_t *y_true,
                     const int32_t *y_pred, size_t n, size_t n_classes, struct err *e) {
    *out = NULL;
    int rc = confusion_check(&n_classes, y_true, y_pred, n, e);
    if (rc < 0)
        return rc;
    struct nn_confusion *c = calloc(1, sizeof *c);
    size_t cells;
    if (c && mul_size(&cells, n_classes, n_classes))
        c->count = calloc(cells, sizeof *c->count);
    if (!c || !c->count) {
        nn_confusion_free(c);
        return err_set(e, ERR_NOMEM,
                       _("confusion_matrix: falta memoria para %zu por %zu casillas"),
                       n_classes, n_classes);
    }
    c->n_classes = n_classes;
    c->total = n;
    for (size_t i = 0; i < n; i++) {
        c->count[(size_t)y_true[i] * n_classes + (size_t)y_pred[i]]++;
        c->correct += y_true[i] == y_pred[i];
    }
    *out = c;
    return 0;
}

void nn_confusion_free(struct nn_confusion *c) {
    if (!c)
        return;
    free(c->count);
    free(c);
}

double nn_confusion_accuracy(const struct nn_confusion *c) {
    return c->total ? (double)c->correct / (double)c->total : 0.0;
}

double nn_confusion_accuracy_score(const int32_t *y_true, const int32_t *y_pred,
                                   size_t n) {
    size_t correct = 0;
    for (size_t i = 0; i < n; i++)
        correct += y_true[i] == y_pred[i];
    return n ? (double)correct / (double)n : 0.0;
}

/* Puts p into pairs[0..n-1], sorted by falling count; equal counts keep their order. */
static size_t insert_pair(struct nn_confused *pairs, size_t n, size_t max,
                          struct nn_confused p) {
    size_t at = n;
    while (at > 0 && pairs[at - 1].count < p.count)
        at--;
    if (at == max)
        return n;
    size_t kept = n < max ? n : max - 1;
    for (size_t i = kept; i > at; i--)
        pairs[i] = pairs[i - 1];
    pairs[at] = p;
    return kept + 1;
}

size_t nn_confusion_top(const struct nn_confusion *c, struct nn_confused *pairs,
                        size_t max) {
    size_t n = 0;
    for (size_t i = 0; max && i < c->n_classes; i++) {
        for (size_t j = 0; j < c->n_classes; j++) {
            size_t count = nn_confusion_get(c, i, j);
            if (i != j && count)
                n = insert_pair(pairs, n, max, (struct nn_confused){i, j, count});
        }
    }
    return n;
}
