/* scene.c: building the display list of a figure. */
#include "cairo_lazy.h"
#include "scene_list.h"

#include "base/i18n.h"
#include "base/util.h"
#include "viz/escape.h"
#include "viz/style.h"

#include <math.h>

enum { SCENE_COORD_MAX = 1000000, SCENE_TEXT_MAX = 4096, SCENE_PIXELS_MAX = 64 << 20 };

int viz_no_memory(struct err *e) {
    return err_set(e, ERR_NOMEM, _("no queda memoria para dibujar la figura"));
}

int viz_scene_new(struct viz_scene **out, double width, double height, struct err *e) {
    *out = NULL;
    if (!(width >= 1 && width <= VIZ_SIDE_MAX && height >= 1 && height <= VIZ_SIDE_MAX))
        return err_set(e, ERR_RANGE,
                       _("el tamaño de una figura va de 1 a %d píxeles, no %g×%g"),
                       VIZ_SIDE_MAX, width, height);
    int rc = viz_cairo_load(e);
    if (rc < 0)
        return rc;
    struct viz_scene *s = calloc(1, sizeof *s);
    if (!s)
        return viz_no_memory(e);
    s->width = width;
    s->height = height;
    *out = s;
    return 0;
}

void viz_scene_free(struct viz_scene *s) {
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        free(s->item[i].data);
    free(s->item);
    if (s->measure)
        cairo_destroy(s->measure);
    free(s);
}

double viz_scene_width(const struct viz_scene *s) {
    return s->width;
}

double viz_scene_height(const struct viz_scene *s) {
    return s->height;
}

/* Takes over item.data, also when it fails. */
static void scene_add(struct viz_scene *s, struct scene_item item) {
    if (!s->failed && s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 64;
        struct scene_item *grown =
            cap <= VIZ_ITEMS_MAX * 2 ? realloc(s->item, cap * sizeof *grown) : NULL;
        if (grown) {
            s->item = grown;
            s->cap = cap;
        } else {
            s->failed = true;
        }
    }
    if (s->failed || s->n >= VIZ_ITEMS_MAX) {
        s->failed = true;
        free(item.data);
        return;
    }
    s->item[s->n++] = item;
}

/* Cairo counts in 24.8 fixed point: what lies far outside is brought to the border. */
static double coord(double v) {
    return fmin(fmax(v, -SCENE_COORD_MAX), SCENE_COORD_MAX);
}

static bool rect_ok(struct viz_rect r) {
    return isfinite(r.x) && isfinite(r.y) && isfinite(r.w) && isfinite(r.h) && r.w >= 0 &&
           r.h >= 0;
}

static struct viz_rect rect_clamp(struct viz_rect r) {
    return (struct viz_rect){coord(r.x), coord(r.y), coord(r.w), coord(r.h)};
}

static void set_line(struct scene_item *item, struct viz_stroke stroke) {
    item->line.color = stroke.width > 0 ? stroke.color : 0;
    item->line.width = stroke.width;
    if (stroke.dash) {
        item->line.dash[0] = stroke.dash[0];
        item->line.dash[1] = stroke.dash[1];
    }
}

void viz_scene_rect(struct viz_scene *s, struct viz_rect r, viz_color fill,
                    struct viz_stroke stroke, double radius) {
    if (!rect_ok(r))
        return;
    struct scene_item item = {.kind = SCENE_RECT, .r = rect_clamp(r), .fill = fill};
    item.radius = fmin(fmax(radius, 0), fmin(r.w, r.h) / 2);
    set_line(&item, stroke);
    scene_add(s, item);
}

static void add_points(struct viz_scene *s, enum scene_kind kind, const double *xy,
                       size_t n, viz_color fill, struct viz_stroke stroke) {
    size_t bytes = 0;
    if (n == 0)
        return;
    struct scene_item item = {.kind = kind, .fill = fill, .n = n};
    set_line(&item, stroke);
    double *to =
        n <= SIZE_MAX / 2 && mul_size(&bytes, 2 * n, sizeof *xy) ? malloc(bytes) : NULL;
    if (!to) {
        s->failed = true;
        return;
    }
    for (size_t i = 0; i < 2 * n; i++)
        to[i] = isfinite(xy[i]) ? coord(xy[i]) : (double)NAN;
    item.data = to;
    scene_add(s, item);
}

void viz_scene_polyline(struct viz_scene *s, const double *xy, size_t n,
                        struct viz_stroke stroke) {
    add_points(s, SCENE_POLYLINE, xy, n, 0, stroke);
}

void viz_scene_line(struct viz_scene *s, double x0, double y0, double x1, double y1,
                    struct viz_stroke stroke) {
    if (isfinite(x0) && isfinite(y0) && isfinite(x1) && isfinite(y1))
        add_points(s, SCENE_POLYLINE, (double[]){x0, y0, x1, y1}, 2, 0, stroke);
}

void viz_scene_polygon(struct viz_scene *s, const double *xy, size_t n, viz_color fill,
                       struct viz_stroke stroke) {
    for (size_t i = 0; i < 2 * n; i++)
        if (!isfinite(xy[i]))
            return;
    add_points(s, SCENE_POLYGON, xy, n, fill, stroke);
}

void viz_scene_circle(struct viz_scene *s, double x, double y, double r, viz_color fill,
                      struct viz_stroke stroke) {
    if (!(isfinite(x) && isfinite(y) && isfinite(r) && r > 0))
        return;
    struct scene_item item = {.kind = SCENE_CIRCLE,
                              .r = {coord(x), coord(y), 0, 0},
                              .radius = coord(r),
                              .fill = fill};
    set_line(&item, stroke);
    scene_add(s, item);
}

void viz_scene_text(struct viz_scene *s, double x, double y, const char *text,
                    struct viz_text style) {
    if (!text || !*text || !isfinite(x) || !isfinite(y) || !isfinite(style.angle))
        return;
    struct scene_item item = {.kind = SCENE_TEXT, .r = {coord(x), coord(y), 0, 0}};
    item.style = style;
    if (!(style.size > 0 && style.size <= VIZ_SIDE_MAX))
        item.style.size = VIZ_SIZE_LABEL;
    if (!style.color)
        item.style.color = VIZ_INK;
    struct buf clean;
    buf_init(&clean, SCENE_TEXT_MAX);
    viz_escape_text(&clean, text);
    if (clean.failed) {
        buf_release(&clean);
        s->failed = true;
        return;
    }
    item.data = buf_take(&clean, NULL);
    scene_add(s, item);
}

void viz_scene_image(struct viz_scene *s, struct viz_rect r, const uint8_t *pixels,
                     size_t h, size_t w, size_t c) {
    size_t bytes = 0;
    if (!rect_ok(r) || r.w <= 0 || r.h <= 0 || !pixels || !h || !w || (c != 1 && c != 3))
        return;
    if (!mul_size(&bytes, h, w) || !mul_size(&bytes, bytes, c) ||
        bytes > SCENE_PIXELS_MAX) {
        s->failed = true;
        return;
    }
    struct scene_item item = {
        .kind = SCENE_IMAGE, .r = rect_clamp(r), .h = h, .w = w, .c = c};
    item.data = malloc(bytes);
    if (!item.data) {
        s->failed = true;
        return;
    }
    memcpy(item.data, pixels, bytes);
    s->has_image = true;
    scene_add(s, item);
}

void viz_scene_group_begin(struct viz_scene *s, double dx, double dy,
                           struct viz_rect clip) {
    struct scene_item item = {.kind = SCENE_GROUP};
    item.r.x = isfinite(dx) ? coord(dx) : 0;
    item.r.y = isfinite(dy) ? coord(dy) : 0;
    if (rect_ok(clip))
        item.clip = rect_clamp(clip);
    scene_add(s, item);
    if (!s->failed)
        s->depth++;
}

void viz_scene_group_end(struct viz_scene *s) {
    if (s->depth == 0)
        return;
    scene_add(s, (struct scene_item){.kind = SCENE_END});
    s->depth--;
}
