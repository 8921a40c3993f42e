/* confusion_parts.h: what picture and text of a confusion matrix share. */
#ifndef VIZ_CONFUSION_PARTS_H
#define VIZ_CONFUSION_PARTS_H

#include "viz/confusion.h"

enum { CONFUSION_NAME = 32 };

int viz_confusion_check(const struct viz_confusion *c, struct err *e);

/* The name of class i: the caller's, or its number written into scratch. */
const char *viz_confusion_name(const struct viz_confusion *c, size_t i,
                               char scratch[CONFUSION_NAME]);

/* "camisa → camiseta (12), ...": the `most` (at most 5) pairs that are confused most. false: there
 * is none, and nothing was added. */
bool viz_confusion_pairs(struct buf *out, const struct viz_confusion *c, size_t most);

/* The sum of a row: how many examples truly are of that class. */
double viz_confusion_row(const struct viz_confusion *c, size_t t);

static inline int64_t viz_confusion_at(const struct viz_confusion *c, size_t t,
                                       size_t p) {
    return c->counts[t * c->n + p];
}

#endif
