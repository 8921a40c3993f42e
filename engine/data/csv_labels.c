/* csv_labels.c: decides what the label column means: classes as they are, classes by
 * order, or the targets of a regression. */
#include "base/i18n.h"
#include "csv_table.h"

#include <math.h>

enum { MOST_NUMBERED = 256 }; /* more different whole numbers than this are no classes */

/* The label fields in ascending order, each once. */
struct words {
    size_t n;
    char **word;
};

static int by_text(const void *a, const void *b) {
    char *const *p = a, *const *q = b;
    return strcmp(*p, *q);
}

static int by_value(const void *a, const void *b) {
    char *const *p = a, *const *q = b;
    double x = 0, y = 0;
    (void)nn_csv_number(&x, *p, true);
    (void)nn_csv_number(&y, *q, true);
    return x < y ? -1 : x > y;
}

static int words_init(struct words *w, const struct nn_csv_table *t, bool numbers,
                      struct err *e) {
    int (*order)(const void *, const void *) = numbers ? by_value : by_text;
    *w = (struct words){.word = malloc(t->rows * sizeof *w->word)};
    if (!w->word)
        return err_set(e, ERR_NOMEM, _("%s: falta memoria para las etiquetas"), t->name);
    memcpy(w->word, t->word, t->rows * sizeof *w->word);
    qsort(w->word, t->rows, sizeof *w->word, order);
    for (size_t i = 0; i < t->rows; i++)
        if (w->n == 0 || order(&w->word[w->n - 1], &w->word[i]) != 0)
            w->word[w->n++] = w->word[i];
    return 0;
}

/* What all label fields have in common. */
static void look_at(const struct nn_csv_table *t, bool *numbers, bool *whole) {
    *numbers = *whole = true;
    for (size_t i = 0; i < t->rows && *numbers; i++) {
        double v = 0;
        *numbers = nn_csv_number(&v, t->word[i], t->sep != ',');
        *whole = *whole && *numbers && v == floor(v) && fabs(v) < 1e9;
    }
    *whole = *whole && *numbers;
}

static int regression_targets(struct nn_dataset *d, const struct nn_csv_table *t,
                              struct err *e) {
    int rc = nn_tensor_new(&d->y_train, NN_F32, 1, &t->rows, e);
    for (size_t i = 0; rc == 0 && i < t->rows; i++) {
        double v;
        char shown[NN_CSV_SHOWN];
        if (!nn_csv_number(&v, t->word[i], t->sep != ','))
            return err_set(e, ERR_FORMAT,
                           _("%s, línea %zu, columna %zu: «%s» no es un número"), t->name,
                           t->line[i], t->label + 1, nn_csv_show(shown, t->word[i]));
        nn_tensor_f32(d->y_train)[i] = (float)v;
    }
    return rc;
}

/* Whether the sorted words are 0, 1, 2 ... without a gap. */
static bool counts_from_zero(const struct words *w) {
    for (size_t i = 0; i < w->n; i++) {
        double v = -1;
        if (!nn_csv_number(&v, w->word[i], true) || v != (double)i)
            return false;
    }
    return true;
}

static int class_labels(struct nn_dataset *d, const struct nn_csv_table *t,
                        const struct words *w, bool numbers, struct err *e) {
    int (*order)(const void *, const void *) = numbers ? by_value : by_text;
    int rc = nn_dataset_set_classes(d, w->n, (const char *const *)w->word, NULL, e);
    if (rc == 0)
        rc = nn_tensor_new(&d->y_train, NN_I32, 1, &t->rows, e);
    for (size_t i = 0; rc == 0 && i < t->rows; i++) {
        char **at = bsearch(&t->word[i], w->word, w->n, sizeof *w->word, order);
        nn_tensor_i32(d->y_train)[i] = (int32_t)(at - w->word);
    }
    if (rc < 0 || (numbers && counts_from_zero(w)))
        return rc;
    char note[320], low[NN_CSV_SHOWN], high[NN_CSV_SHOWN];
    (void)snprintf(note, sizeof note,
                   _("Las etiquetas pasan a ser clases 0..%zu en orden ascendente: la "
                     "clase 0 es «%s» y la clase %zu es «%s»."),
                   w->n - 1, nn_csv_show(low, w->word[0]), w->n - 1,
                   nn_csv_show(high, w->word[w->n - 1]));
    return nn_dataset_note(d, note, e);
}

int nn_csv_labels(struct nn_dataset *d, const struct nn_csv_table *t, bool regression,
                  struct err *e) {
    bool numbers, whole;
    look_at(t, &numbers, &whole);
    if (regression || (numbers && !whole))
        return regression_targets(d, t, e);
    struct words w;
    int rc = words_init(&w, t, numbers, e);
    if (rc < 0)
        return rc;
    if (numbers && w.n > MOST_NUMBERED && !counts_from_zero(&w))
        rc = regression_targets(d, t, e);
    else if (w.n > NN_MAX_CLASSES)
        rc = err_set(e, ERR_RANGE,
                     _("%s: la columna %zu tiene %zu etiquetas distintas; se admiten %d"),
                     t->name, t->label + 1, w.n, NN_MAX_CLASSES);
    else
        rc = class_labels(d, t, &w, numbers, e);
    free(w.word);
    return rc;
}
