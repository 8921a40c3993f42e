/* confusion.h: the confusion matrix as a picture: rows true, columns predicted, origin at
 * the top left, each cell shaded by its share of the row, with count and percentage.
 *
 *     viz_confusion_bundle(&b, &(struct viz_confusion){.counts = m, .n = 10,
 *                          .names = names, .label = "fig:confusion"}, e);
 *
 * Shapes: counts (n, n), row-major, counts[t * n + p], none negative; n 1..VIZ_CLASSES_MAX.
 * A cell too small for both lines shows the count alone, then nothing, and a colour bar
 * stands beside the matrix. Ownership: all borrowed. */
#ifndef VIZ_CONFUSION_H
#define VIZ_CONFUSION_H

#include "viz/scene.h"

enum { VIZ_CLASSES_MAX = 200 };

struct viz_confusion {
    const char *title; /* NULL: none */
    const int64_t *counts;
    size_t n;
    const char *const *names; /* n names, or NULL for 0..n-1 */
    double size;              /* px of the matrix' side; 0: chosen from n */
    const char *caption, *label;
};

/* ERR_ARG for n outside the limits, ERR_RANGE for a negative count, ERR_NOMEM. */
int viz_confusion_bundle(struct mime_bundle *out, const struct viz_confusion *c,
                         struct err *e);
int viz_confusion_scene(struct viz_scene **out, const struct viz_confusion *c,
                        struct err *e);
int viz_confusion_text(struct buf *out, const struct viz_confusion *c, struct err *e);

#endif
