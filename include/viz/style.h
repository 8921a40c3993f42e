/* style.h: the one palette, type scale and set of sizes of the lab.
 *
 * Series colours are Okabe and Ito's set (Color Universal Design, 2008), reordered for
 * white paper: told apart by colour-blind readers, and dark enough to print. Sizes are
 * logical px; a figure of VIZ_WIDTH px is 13.5 cm wide in the PDF. */
#ifndef VIZ_STYLE_H
#define VIZ_STYLE_H

#include "viz/scene.h"

#define VIZ_FONT "DejaVu Sans"

#define VIZ_PAPER ((viz_color)0xFFFFFFFF)
#define VIZ_INK   ((viz_color)0xFF22262B) /* text */
#define VIZ_MUTED ((viz_color)0xFF5B6470) /* axis labels, secondary text */
#define VIZ_FRAME ((viz_color)0xFF9AA3AD) /* axes */
#define VIZ_GRID  ((viz_color)0xFFE6E9ED) /* grid lines */
#define VIZ_GOOD                                                                         \
    ((viz_color)0xFF00795A)             /* right answers: bluish green, darker for text */
#define VIZ_BAD ((viz_color)0xFFC24A00) /* wrong answers: vermillion, darker for text */

enum viz_series_color {
    VIZ_BLUE,
    VIZ_VERMILLION,
    VIZ_GREEN,
    VIZ_PURPLE,
    VIZ_ORANGE,
    VIZ_SKY,
    VIZ_BLACK,
    VIZ_COLORS /* how many there are */
};

#define VIZ_SIZE_TITLE 12.5
#define VIZ_SIZE_LABEL 11.0
#define VIZ_SIZE_TICK  10.0
#define VIZ_SIZE_SMALL 8.5

#define VIZ_LINE  1.75 /* series */
#define VIZ_HAIR  1.0  /* axes, grid */
#define VIZ_WIDTH 720.0

extern const double viz_dash[2]; /* the validation series */

/* The colour of series i, cycling. */
viz_color viz_style_series(int i);

/* A sequential map, white to deep blue, t in 0..1 (clamped; NaN is white). */
viz_color viz_style_sequential(double t);

/* White, VIZ_INK or black: a contrast of at least 4.5 with any background (WCAG 2.1). */
viz_color viz_style_text_on(viz_color background);

/* "#rrggbb" for HTML and Vega-Lite. */
void viz_style_hex(char out[8], viz_color c);

#endif
