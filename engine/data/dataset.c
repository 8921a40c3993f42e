/* dataset.c: builds, describes and proves a data set. */
#include "datasets.h"

#include "base/i18n.h"

#include <math.h>

int nn_dataset_new(struct nn_dataset **out, const char *name, struct err *e) {
    *out = NULL;
    struct nn_dataset *d = calloc(1, sizeof *d);
    char *copy = d ? copy_text(name) : NULL;
    if (!copy) {
        free(d);
        return err_set(e, ERR_NOMEM, _("%s: falta memoria para el conjunto de datos"),
                       name);
    }
    d->name = copy;
    d->input.scale = 1.0f;
    atomic_init(&d->refs, 1);
    *out = d;
    return 0;
}

struct nn_dataset *nn_dataset_retain(struct nn_dataset *d) {
    if (d)
        atomic_fetch_add(&d->refs, 1);
    return d;
}

static void free_names(char **names, size_t n) {
    for (size_t i = 0; names && i < n; i++)
        free(names[i]);
    free(names);
}

void nn_dataset_release(struct nn_dataset *d) {
    if (!d || atomic_fetch_sub(&d->refs, 1) != 1)
        return;
    nn_tensor_release(d->x_train);
    nn_tensor_release(d->y_train);
    nn_tensor_release(d->x_valid);
    nn_tensor_release(d->y_valid);
    nn_tensor_release(d->x_test);
    nn_tensor_release(d->y_test);
    free_names(d->classes, d->n_classes);
    free_names(d->classes_en, d->n_classes);
    free_names(d->features, d->n_features);
    free(d->notes);
    free(d->name);
    free(d);
}

static char **copy_names(size_t n, const char *const *names) {
    char **copy = calloc(n ? n : 1, sizeof *copy);
    for (size_t i = 0; copy && i < n; i++) {
        copy[i] = copy_text(names[i]);
        if (!copy[i]) {
            free_names(copy, n);
            return NULL;
        }
    }
    return copy;
}

int nn_dataset_set_classes(struct nn_dataset *d, size_t n, const char *const *es,
                           const char *const *en, struct err *e) {
    if (n > NN_MAX_CLASSES)
        return err_set(e, ERR_RANGE, _("%s: %zu clases superan el límite de %d"), d->name,
                       n, NN_MAX_CLASSES);
    char **a = copy_names(n, es);
    char **b = a ? copy_names(n, en ? en : es) : NULL;
    if (!b) {
        free_names(a, n);
        return err_set(e, ERR_NOMEM,
                       _("%s: falta memoria para los nombres de %zu clases"), d->name, n);
    }
    free_names(d->classes, d->n_classes);
    free_names(d->classes_en, d->n_classes);
    d->classes = a;
    d->classes_en = b;
    d->n_classes = n;
    return 0;
}

int nn_dataset_set_features(struct nn_dataset *d, size_t n, const char *const *names,
                            struct err *e) {
    char **copy = copy_names(n, names);
    if (!copy)
        return err_set(e, ERR_NOMEM,
                       _("%s: falta memoria para los nombres de %zu columnas"), d->name,
                       n);
    free_names(d->features, d->n_features);
    d->features = copy;
    d->n_features = n;
    return 0;
}

int nn_dataset_note(struct nn_dataset *d, const char *sentence, struct err *e) {
    size_t old = d->notes ? strlen(d->notes) : 0, add = strlen(sentence);
    char *notes = realloc(d->notes, old + add + 2);
    if (!notes)
        return err_set(e, ERR_NOMEM, _("%s: falta memoria para una nota"), d->name);
    if (old)
        notes[old++] = '\n';
    memcpy(notes + old, sentence, add + 1);
    d->notes = notes;
    return 0;
}

int nn_dataset_like(struct nn_dataset **out, const struct nn_dataset *d, struct err *e) {
    struct nn_dataset *s = NULL;
    int rc = nn_dataset_new(&s, d->name, e);
    if (rc == 0 && d->n_classes)
        rc = nn_dataset_set_classes(s, d->n_classes, (const char *const *)d->classes,
                                    (const char *const *)d->classes_en, e);
    if (rc == 0 && d->features)
        rc = nn_dataset_set_features(s, d->n_features, (const char *const *)d->features,
                                     e);
    if (rc == 0 && d->notes)
        rc = nn_dataset_note(s, d->notes, e);
    *out = NULL;
    if (rc < 0) {
        nn_dataset_release(s);
        return rc;
    }
    s->input = d->input;
    s->augment = d->augment;
    *out = s;
    return 0;
}

static int check_labels(const struct nn_dataset *d, const char *part,
                        const struct nn_tensor *y, struct err *e) {
    const int32_t *label = nn_tensor_i32(y);
    for (size_t i = 0; i < y->n; i++)
        if (label[i] < 0 || (size_t)label[i] >= d->n_classes)
            return err_set(
                e, ERR_RANGE,
                _("%s: la etiqueta %d en la posición %zu de y_%s está fuera de 0..%zu"),
                d->name, (int)label[i], i + 1, part, d->n_classes - 1);
    return 0;
}

static int check_part(const struct nn_dataset *d, const char *part,
                      const struct nn_tensor *x, const struct nn_tensor *y,
                      struct err *e) {
    if (!x && !y)
        return 0;
    if (!x || !y || x->ndim < 2 || y->ndim != 1 || x->shape[0] != y->shape[0])
        return err_set(
            e, ERR_SHAPE,
            _("%s: x_%s tiene %zu ejemplos e y_%s tiene %zu etiquetas; deben coincidir"),
            d->name, part, x && x->ndim ? x->shape[0] : 0, part, y ? y->n : 0);
    if (x->ndim != d->x_train->ndim || memcmp(x->shape + 1, d->x_train->shape + 1,
                                              (size_t)(x->ndim - 1) * sizeof *x->shape)) {
        char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];
        return err_set(
            e, ERR_SHAPE,
            _("%s: x_%s tiene forma %s y x_train %s; los ejemplos deben ser iguales"),
            d->name, part, nn_shape_text(a, x->ndim, x->shape),
            nn_shape_text(b, d->x_train->ndim, d->x_train->shape));
    }
    enum nn_dtype want = d->n_classes ? NN_I32 : NN_F32;
    if (y->dtype != want)
        return err_set(e, ERR_DTYPE, _("%s: y_%s es %s; se esperaba %s"), d->name, part,
                       nn_dtype_name(y->dtype), nn_dtype_name(want));
    return d->n_classes ? check_labels(d, part, y, e) : 0;
}

int nn_dataset_check(const struct nn_dataset *d, struct err *e) {
    if (!d->x_train || !d->y_train || d->x_train->n == 0)
        return err_set(e, ERR_SHAPE, _("%s: no hay ejemplos de entrenamiento"), d->name);
    int rc = check_part(d, "train", d->x_train, d->y_train, e);
    if (rc == 0)
        rc = check_part(d, "valid", d->x_valid, d->y_valid, e);
    return rc == 0 ? check_part(d, "test", d->x_test, d->y_test, e) : rc;
}

int nn_dataset_class_counts(size_t *counts, size_t n_classes, const struct nn_tensor *y,
                            struct err *e) {
    memset(counts, 0, n_classes * sizeof *counts);
    if (y->dtype != NN_I32)
        return err_set(e, ERR_DTYPE, _("las etiquetas son %s; se esperaba %s"),
                       nn_dtype_name(y->dtype), nn_dtype_name(NN_I32));
    const int32_t *label = nn_tensor_i32(y);
    for (size_t i = 0; i < y->n; i++) {
        if (label[i] < 0 || (size_t)label[i] >= n_classes)
            return err_set(e, ERR_RANGE,
                           _("la etiqueta %d en la posición %zu está fuera de 0..%zu"),
                           (int)label[i], i + 1, n_classes ? n_classes - 1 : 0);
        counts[label[i]]++;
    }
    return 0;
}

/* Bytes are counted by value: exact sums, and one pass over the pixels. */
static void bytes_mean_std(double *mean, double *var, const struct nn_tensor *x) {
    uint64_t count[256] = {0};
    const unsigned char *v = nn_tensor_u8(x);
    for (size_t i = 0; i < x->n; i++)
        count[v[i]]++;
    double sum = 0, squares = 0, n = (double)x->n;
    for (int k = 0; k < 256; k++)
        sum += (double)count[k] * k;
    *mean = sum / n;
    for (int k = 0; k < 256; k++)
        squares += (double)count[k] * (k - *mean) * (k - *mean);
    *var = squares / n;
}

static void any_mean_std(double *mean, double *var, const struct nn_tensor *x) {
    double sum = 0, squares = 0, n = (double)x->n;
    for (size_t i = 0; i < x->n; i++)
        sum += nn_tensor_get(x, i);
    *mean = sum / n;
    for (size_t i = 0; i < x->n; i++) {
        double c = nn_tensor_get(x, i) - *mean;
        squares += c * c;
    }
    *var = squares / n;
}

void nn_dataset_mean_std(double *mean, double *std, const struct nn_tensor *x,
                         float scale, float offset) {
    double m = 0, var = 0;
    if (x->n && x->dtype == NN_U8)
        bytes_mean_std(&m, &var, x);
    else if (x->n)
        any_mean_std(&m, &var, x);
    *mean = m * (double)scale + (double)offset;
    *std = sqrt(var) * fabs((double)scale);
}
