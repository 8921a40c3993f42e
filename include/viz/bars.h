/* bars.h: horizontal bars with a name and a value each: examples per class, scores.
 *
 *     const char *names[] = {"0", "1", ...};  double counts[] = {5923, 6742, ...};
 *     viz_bars_bundle(&b, &(struct viz_bars){.title = "Ejemplos por clase",
 *                     .names = names, .values = counts, .n = 10}, e);
 *
 * Values: 0 or more; a negative or non-finite one draws no bar and prints as given.
 * Ownership: all borrowed. */
#ifndef VIZ_BARS_H
#define VIZ_BARS_H

#include "viz/scene.h"

enum { VIZ_BARS_MAX = 200 };

struct viz_bars {
    const char *title;
    const char *const *names;
    const double *values;
    size_t n;
    int decimals;       /* of the printed values; 0 for counts */
    int color;          /* enum viz_series_color */
    double width;       /* px; 0: 360 */
    const char *xlabel; /* what the values are; NULL: none */
    const char *caption, *label;
};

int viz_bars_bundle(struct mime_bundle *out, const struct viz_bars *b, struct err *e);
int viz_bars_scene(struct viz_scene **out, const struct viz_bars *b, struct err *e);
int viz_bars_text(struct buf *out, const struct viz_bars *b, struct err *e);

#endif
