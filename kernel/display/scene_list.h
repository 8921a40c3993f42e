/* scene_list.h: the display list behind a scene, for the files that walk it. */
#ifndef VIZ_SCENE_LIST_H
#define VIZ_SCENE_LIST_H

#include "viz/scene.h"

#include <cairo.h>

enum scene_kind {
    SCENE_RECT,
    SCENE_POLYLINE, /* a plain line is one of two points */
    SCENE_POLYGON,
    SCENE_CIRCLE, /* centre in r.x, r.y; radius */
    SCENE_TEXT,   /* anchor in r.x, r.y */
    SCENE_IMAGE,
    SCENE_GROUP, /* shift in r.x, r.y; clip */
    SCENE_END
};

struct scene_item {
    enum scene_kind kind;
    struct viz_rect r, clip;
    viz_color fill;
    struct {
        viz_color color;
        double width, dash[2]; /* dash[0] <= 0: solid */
    } line;
    double radius;
    struct viz_text style;
    size_t n;       /* points of xy */
    size_t h, w, c; /* of pixels */
    void *data;     /* owned: points, text or pixels */
};

/* The data of a line or polygon (n, 2), of a text, and of an image (h, w, c). */
static inline double *viz_item_xy(const struct scene_item *it) {
    return it->data;
}

static inline const char *viz_item_text(const struct scene_item *it) {
    return it->data;
}

static inline const uint8_t *viz_item_pixels(const struct scene_item *it) {
    return it->data;
}

struct viz_scene {
    double width, height;
    struct scene_item *item;
    size_t n, cap;
    size_t depth;     /* open groups */
    bool failed;      /* an item could not be added */
    bool has_image;   /* pixels need true colour in the PNG */
    cairo_t *measure; /* made on first use, for text widths */
};

/* Selects font and size on a context, with metrics that do not depend on the device. */
void viz_scene_font(cairo_t *cr, const struct viz_text *style);

/* Replays the list on a Cairo context. */
void viz_scene_draw(const struct viz_scene *s, cairo_t *cr);

/* Makes the ids of an SVG document unique to its content and the document smaller, so that several figures can
 * stand in one page. */
int viz_scene_svg_tidy(struct buf *out, const char *svg, size_t len, struct err *e);

/* PNG of an RGB24 image surface, see png.c. */
int viz_png_encode(struct buf *out, cairo_surface_t *surface, const struct viz_scene *s,
                   int level, struct err *e);

/* PNG at another scale: live frames take 1. */
int viz_scene_png(const struct viz_scene *s, int scale, int level, struct buf *out,
                  struct err *e);

/* viz_scene_bundle with the scale of its PNG. */
int viz_scene_bundle_scaled(struct mime_bundle *out, const struct viz_scene *s,
                            unsigned formats, int png_scale, const char *plain,
                            const char *caption, const char *label, struct err *e);

/* The one sentence for short memory. */
int viz_no_memory(struct err *e);

#endif
