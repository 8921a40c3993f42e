/* digit_styles.h: the skeletons of the built-in digits: how people write 0 to 9.
 * A style is a run of points in hundredths of a box, x to the right, y down; END_STROKE
 * lifts the pen, END_STYLE ends. A curve passes through the points; a point given twice
 * is a corner. Threads: read-only. */
#ifndef NN_DATA_DIGIT_STYLES_H
#define NN_DATA_DIGIT_STYLES_H

#include <stddef.h>

enum { NN_DIGIT_END_STROKE = -1, NN_DIGIT_END_STYLE = -2, NN_DIGIT_STYLES = 5 };

/* styles[digit][k] for k < n_styles[digit]. */
extern const signed char *const nn_digit_styles[10][NN_DIGIT_STYLES];
size_t nn_digit_style_count(int digit);

#endif
