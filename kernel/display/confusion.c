/* confusion.c: the confusion matrix as one output. */
#include "confusion_parts.h"

#include "base/i18n.h"

int viz_confusion_check(const struct viz_confusion *c, struct err *e) {
    if (c->n < 1 || c->n > VIZ_CLASSES_MAX)
        return err_set(e, ERR_ARG,
                       _("una matriz de confusión tiene de 1 a %d clases, no %zu"),
                       VIZ_CLASSES_MAX, c->n);
    for (size_t i = 0; i < c->n * c->n; i++)
        if (c->counts[i] < 0)
            return err_set(
                e, ERR_RANGE,
                _("la matriz de confusión tiene una cuenta negativa: %lld en la "
                  "fila %zu, columna %zu"),
                (long long)c->counts[i], i / c->n, i % c->n);
    return 0;
}

const char *viz_confusion_name(const struct viz_confusion *c, size_t i,
                               char scratch[CONFUSION_NAME]) {
    if (c->names && c->names[i])
        return c->names[i];
    (void)snprintf(scratch, CONFUSION_NAME, "%zu", i);
    return scratch;
}

double viz_confusion_row(const struct viz_confusion *c, size_t t) {
    double sum = 0;
    for (size_t p = 0; p < c->n; p++)
        sum += (double)viz_confusion_at(c, t, p);
    return sum;
}

int viz_confusion_bundle(struct mime_bundle *out, const struct viz_confusion *c,
                         struct err *e) {
    struct viz_scene *s = NULL;
    struct buf plain;
    *out = (struct mime_bundle){0};
    buf_init(&plain, 1 << 20);
    int rc = viz_confusion_scene(&s, c, e);
    if (rc == 0)
        rc = viz_confusion_text(&plain, c, e);
    if (rc == 0)
        rc = viz_scene_bundle(out, s, VIZ_WITH_SVG | VIZ_WITH_PNG | VIZ_WITH_PDF,
                              plain.data, c->caption, c->label, e);
    viz_scene_free(s);
    buf_release(&plain);
    return rc;
}
