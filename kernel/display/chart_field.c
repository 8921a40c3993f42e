/* chart_field.c: a surface seen from above: bands, contour lines with their values. The
 * bands are one picture, a pixel per logical px, whose steps the lines cover. */
#include "chart_scene.h"
#include "contour.h"

#include "base/i18n.h"
#include "scene_list.h"
#include "viz/style.h"

#include <math.h>

#define BAND_DARKEST 0.62 /* of the sequential map: paths stay readable on it */

enum { SIDE_PX_MAX = 1200 };

static const viz_color line_color = 0xFF4A7FA8;
static const struct viz_text value_style = {
    .size = VIZ_SIZE_SMALL, .color = VIZ_INK, .h = VIZ_MIDDLE, .v = VIZ_CENTER};

int viz_field_check(const struct viz_field *f, struct err *e) {
    if (f->rows < 2 || f->cols < 2 || f->rows > VIZ_FIELD_MAX || f->cols > VIZ_FIELD_MAX)
        return err_set(e, ERR_ARG,
                       _("una superficie va de 2 x 2 a %d x %d puntos, no %zu x %zu"),
                       VIZ_FIELD_MAX, VIZ_FIELD_MAX, f->rows, f->cols);
    if (f->n_levels > VIZ_LEVELS_MAX)
        return err_set(e, ERR_ARG, _("una superficie tiene hasta %d niveles, no %zu"),
                       VIZ_LEVELS_MAX, f->n_levels);
    if (!(f->x1 > f->x0 && f->y1 > f->y0) || !isfinite(f->x1 - f->x0) ||
        !isfinite(f->y1 - f->y0))
        return err_set(e, ERR_ARG, "%s", _("una superficie necesita rangos con a < b"));
    return 0;
}

/* ------------------------------------------------------------------------- colours */

static viz_color band_color(const struct viz_field *f, double z) {
    size_t below = 0;
    if (!isfinite(z))
        return VIZ_PAPER;
    while (below < f->n_levels && f->levels[below] <= z)
        below++;
    return viz_style_sequential(BAND_DARKEST * (double)below /
                                (double)MAX_OF(f->n_levels, (size_t)1));
}

/* The colours of the four nodes around, mixed; in steps of 5 that no eye sees, since a
 * smooth picture takes three times the bytes. */
static viz_color mixed_color(const struct viz_field *f, double row, double col) {
    size_t r = MIN_OF((size_t)fmax(row, 0), f->rows - 2);
    size_t c = MIN_OF((size_t)fmax(col, 0), f->cols - 2);
    double v = row - (double)r, u = col - (double)c;
    const uint8_t *p = f->rgb + 3 * (r * f->cols + c), *q = p + 3 * f->cols;
    viz_color out = 0xFF;
    for (int k = 0; k < 3; k++) {
        double low = p[k] + u * (p[3 + k] - p[k]), high = q[k] + u * (q[3 + k] - q[k]);
        out = out << 8 | (viz_color)(5 * lround((low + v * (high - low)) / 5));
    }
    return out;
}

static void fill_pixels(uint8_t *out, const struct viz_field *f, size_t h, size_t w) {
    for (size_t y = 0; y < h; y++) {
        double row = (1 - ((double)y + 0.5) / (double)h) * (double)(f->rows - 1);
        for (size_t x = 0; x < w; x++) {
            double col = ((double)x + 0.5) / (double)w * (double)(f->cols - 1);
            viz_color c = VIZ_PAPER;
            if (f->rgb)
                c = mixed_color(f, row, col);
            else if (f->z)
                c = band_color(f, viz_field_between(f, row, col));
            uint8_t *p = out + 3 * (y * w + x);
            p[0] = (uint8_t)(c >> 16 & 255);
            p[1] = (uint8_t)(c >> 8 & 255);
            p[2] = (uint8_t)(c & 255);
        }
    }
}

static int draw_colors(struct viz_scene *s, const struct viz_field *f, struct viz_rect at,
                       struct err *e) {
    size_t w = (size_t)fmin(fmax(at.w, 2), SIDE_PX_MAX);
    size_t h = (size_t)fmin(fmax(at.h, 2), SIDE_PX_MAX);
    uint8_t *pixels = malloc(3 * w * h);
    if (!pixels)
        return viz_no_memory(e);
    fill_pixels(pixels, f, h, w);
    viz_scene_image(s, at, pixels, h, w, 3);
    free(pixels);
    return 0;
}

/* -------------------------------------------------------------------------- values */

enum { SIDES = 4 };

/* Boxes that are taken: a new value keeps clear of them. */
struct values {
    struct viz_rect box[VIZ_LEVELS_MAX + 16];
    size_t n;
};

static void take(struct values *v, struct viz_rect box) {
    if (v->n < ARRAY_LEN(v->box))
        v->box[v->n++] = box;
}

static bool is_free(const struct values *v, struct viz_rect b, struct viz_rect in) {
    if (b.x < in.x + 2 || b.y < in.y + 2 || b.x + b.w > in.x + in.w - 2 ||
        b.y + b.h > in.y + in.h - 2)
        return false;
    for (size_t i = 0; i < v->n; i++) {
        const struct viz_rect *o = &v->box[i];
        if (b.x < o->x + o->w + 6 && o->x < b.x + b.w + 6 && b.y < o->y + o->h + 4 &&
            o->y < b.y + b.h + 4)
            return false;
    }
    return true;
}

/* The labels of marked points stand above the values of the lines. */
static int take_markers(struct values *v, struct viz_scene *s, const struct panel_plan *p,
                        struct err *e) {
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < p->panel->n_markers; i++) {
        const struct viz_marker *m = &p->panel->markers[i];
        struct viz_rect box;
        if (m->kind != VIZ_MARK_POINT || !m->label)
            continue;
        rc = viz_chart_marker_place(&box, p, m, s, e);
        if (rc == 0)
            take(v, box);
    }
    return rc;
}

/* For each quarter of the plane the place on the line that is nearest to its diagonal;
 * a line that is hardly wider than its value has none. */
static size_t find_places(struct viz_rect place[SIDES], const struct values *v,
                          const struct contour *c, double w, struct viz_rect in) {
    double best[SIDES] = {INFINITY, INFINITY, INFINITY, INFINITY};
    double left = INFINITY, right = -INFINITY;
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++) {
        double x = c->xy[2 * i], y = c->xy[2 * i + 1];
        struct viz_rect box = {x - w / 2, y - 5.5, w, 11};
        if (isnan(x) || !is_free(v, box, in))
            continue;
        left = fmin(left, x);
        right = fmax(right, x);
        double dx = (x - in.x) / in.w - 0.5, dy = (y - in.y) / in.h - 0.5;
        int side = (dx < 0 ? 0 : 1) + (dy < 0 ? 0 : 2);
        double away = fabs(fabs(dx) - fabs(dy));
        if (away < best[side]) {
            best[side] = away;
            place[side] = box;
        }
    }
    for (int k = 0; k < SIDES && right - left > 1.5 * w; k++)
        if (isfinite(best[k]))
            place[n++] = place[k];
    return n;
}

static int draw_value(struct viz_scene *s, struct values *v, const struct panel_plan *p,
                      const struct contour *c, double level, struct viz_rect in,
                      struct err *e) {
    char text[32];
    struct viz_rect place[SIDES], at;
    (void)snprintf(text, sizeof text, "%s%.3g", level < 0 ? "−" : "", fabs(level));
    double w = viz_scene_text_width(s, text, &value_style) + 5;
    size_t n = find_places(place, v, c, w, in);
    int rc = n ? viz_chart_pick_box(&at, p, place, n, e) : 0;
    if (rc || n == 0)
        return rc;
    take(v, at);
    viz_scene_rect(s, at, 0xE0FFFFFF, (struct viz_stroke){0}, 2);
    viz_scene_text(s, at.x + w / 2, at.y + at.h / 2, text, value_style);
    return 0;
}

/* --------------------------------------------------------------------------- lines */

static void to_px(struct contour *c, const struct viz_field *f,
                  const struct panel_plan *p) {
    double dx = (f->x1 - f->x0) / (double)(f->cols - 1);
    double dy = (f->y1 - f->y0) / (double)(f->rows - 1);
    for (size_t i = 0; i < c->n; i++) {
        double *at = c->xy + 2 * i;
        at[0] = viz_chart_px_x(p, f->x0 + at[0] * dx);
        at[1] = viz_chart_px_y(p, f->y0 + at[1] * dy);
    }
}

static int draw_level(struct viz_scene *s, struct values *v, const struct panel_plan *p,
                      double level, struct viz_rect in, struct err *e) {
    struct contour c;
    int rc = viz_contour_trace(&c, p->panel->field, level, e);
    if (rc == 0 && c.n > 0) {
        to_px(&c, p->panel->field, p);
        viz_scene_polyline(s, c.xy, c.n, (struct viz_stroke){line_color, 0.8, NULL});
        rc = draw_value(s, v, p, &c, level, in, e);
    }
    free(c.xy);
    return rc;
}

int viz_chart_field_draw(struct viz_scene *s, const struct panel_plan *p, struct err *e) {
    const struct viz_field *f = p->panel->field;
    struct values v = {.n = 0};
    double x0 = viz_chart_px_x(p, f->x0), y1 = viz_chart_px_y(p, f->y1);
    struct viz_rect at = {x0, y1, viz_chart_px_x(p, f->x1) - x0,
                          viz_chart_px_y(p, f->y0) - y1};
    int rc = draw_colors(s, f, at, e);
    if (rc == 0)
        rc = take_markers(&v, s, p, e);
    for (size_t i = 0; rc == 0 && f->z && i < f->n_levels; i++)
        rc = draw_level(s, &v, p, f->levels[i], at, e);
    return rc;
}
