/* scene.h: a display list that becomes SVG, PNG and PDF. Every figure of the lab is one:
 * it is described once and drawn by Cairo in each format.
 *
 *     struct viz_scene *s;
 *     if (viz_scene_new(&s, 320, 200, e)) ...
 *     viz_scene_line(s, 10, 10, 310, 10, (struct viz_stroke){VIZ_INK, 1, NULL});
 *     viz_scene_text(s, 160, 30, "Época", (struct viz_text){.size = 11, .h =
 * VIZ_MIDDLE}); rc = viz_scene_render(s, VIZ_SVG, &buf, e); viz_scene_free(s);
 *
 * Units: logical pixels (CSS px), origin at the top left, y downwards. PNG is drawn at
 * VIZ_PNG_SCALE device pixels per logical pixel; PDF at 0.75 pt per pixel. Colours are
 * 0xAARRGGBB. The scene is a white card, so that it reads in a light and a dark theme.
 *
 * Errors: adding never reports; it marks the scene as failed, and the next
 * viz_scene_render or viz_scene_dump says so (one check, as in struct buf). Coordinates
 * that are not finite drop the item (in a polyline: break the line). Ownership: texts,
 * points and pixels are copied. Threads: a scene belongs to one thread; different scenes
 * may be drawn at the same time. The same scene gives the same bytes with the same
 * Cairo. */
#ifndef VIZ_SCENE_H
#define VIZ_SCENE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/mime.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum viz_format { VIZ_SVG, VIZ_PNG, VIZ_PDF };

enum {
    VIZ_PNG_SCALE = 2,
    VIZ_SIDE_MAX = 4000,      /* logical px of either side of a scene */
    VIZ_PAGE_WIDTH = 880,     /* px that a notebook page has beside its panels: what is
                                 wider is shown as wide as the page */
    VIZ_BYTES_MAX = 16 << 20, /* ceiling of one rendered file */
    VIZ_ITEMS_MAX = 200000    /* items of one scene */
};

/* Which representations a bundle gets; text/plain is always there. */
enum viz_formats {
    VIZ_WITH_SVG = 1 << VIZ_SVG,
    VIZ_WITH_PNG = 1 << VIZ_PNG,
    VIZ_WITH_PDF = 1 << VIZ_PDF
};

typedef uint32_t viz_color; /* 0xAARRGGBB; 0 is "nothing" */

enum viz_anchor { VIZ_START, VIZ_MIDDLE, VIZ_END };

/* Where a text hangs: on its base line, or by the middle or top of its capitals. */
enum viz_valign { VIZ_BASELINE, VIZ_CENTER, VIZ_TOP };

struct viz_rect {
    double x, y, w, h;
};

struct viz_stroke {
    viz_color color;
    double width;       /* px */
    const double *dash; /* two lengths in px (on, off), or NULL for a solid line */
};

struct viz_text {
    double size;     /* px; 0: VIZ_SIZE_LABEL */
    viz_color color; /* 0: VIZ_INK */
    enum viz_anchor h;
    enum viz_valign v;
    double angle; /* degrees, clockwise positive, about the anchor point */
    bool bold;
};

struct viz_scene;

/* width, height: 1..VIZ_SIDE_MAX. ERR_RANGE, ERR_NOMEM. */
int viz_scene_new(struct viz_scene **out, double width, double height, struct err *e);
void viz_scene_free(struct viz_scene *s);
double viz_scene_width(const struct viz_scene *s);
double viz_scene_height(const struct viz_scene *s);

/* fill 0: hollow; stroke.color 0: no outline. radius rounds the corners. */
void viz_scene_rect(struct viz_scene *s, struct viz_rect r, viz_color fill,
                    struct viz_stroke stroke, double radius);
void viz_scene_line(struct viz_scene *s, double x0, double y0, double x1, double y1,
                    struct viz_stroke stroke);
/* xy: n points, 2n numbers. A point that is not finite breaks the line; a point alone
 * between breaks is drawn as a dot of the line's width. */
void viz_scene_polyline(struct viz_scene *s, const double *xy, size_t n,
                        struct viz_stroke stroke);
void viz_scene_polygon(struct viz_scene *s, const double *xy, size_t n, viz_color fill,
                       struct viz_stroke stroke);
void viz_scene_circle(struct viz_scene *s, double x, double y, double r, viz_color fill,
                      struct viz_stroke stroke);
/* One line of UTF-8; invalid bytes become U+FFFD, control bytes a space. */
void viz_scene_text(struct viz_scene *s, double x, double y, const char *text,
                    struct viz_text style);
/* pixels: (h, w, c) uint8, c 1 (grey) or 3 (RGB), scaled to r with hard pixel edges. */
void viz_scene_image(struct viz_scene *s, struct viz_rect r, const uint8_t *pixels,
                     size_t h, size_t w, size_t c);
/* What is added until the matching end is shifted by (dx, dy) and, when clip.w > 0, cut
 * off outside clip (in the shifted coordinates). */
void viz_scene_group_begin(struct viz_scene *s, double dx, double dy,
                           struct viz_rect clip);
void viz_scene_group_end(struct viz_scene *s);

/* Width in px of a text in a style; 0 for an empty one. */
double viz_scene_text_width(struct viz_scene *s, const char *text,
                            const struct viz_text *style);
/* Shortens text with "…" until it is at most max px wide. *out is yours to free; NULL
 * when memory is short (the scene is marked as failed, and adding NULL does nothing). */
char *viz_scene_text_fit(struct viz_scene *s, const char *text,
                         const struct viz_text *style, double max);

/* Appends the file to out. ERR_NOMEM (also a full buffer or an earlier failed add). */
int viz_scene_render(const struct viz_scene *s, enum viz_format format, struct buf *out,
                     struct err *e);

/* Appends the display list as text, one item a line, coordinates with two decimals: what
 * golden tests compare, since Cairo's own text differs between versions. */
int viz_scene_dump(const struct viz_scene *s, struct buf *out, struct err *e);

/* Renders into a bundle: formats is a sum of enum viz_formats; plain is the text/plain.
 * Metadata: caption and label when they are not NULL, and the logical size of the PNG.
 * *out is filled from empty; on failure it is left empty. */
int viz_scene_bundle(struct mime_bundle *out, const struct viz_scene *s, unsigned formats,
                     const char *plain, const char *caption, const char *label,
                     struct err *e);

#endif
