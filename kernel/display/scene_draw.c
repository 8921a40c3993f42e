/* viz_scene_draw.c: replaying a display list on Cairo, and the three formats. */
#include "scene_list.h"

#include "base/i18n.h"
#include "viz/style.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <math.h>

#define CAP_HEIGHT    0.729 /* of DejaVu Sans, in em */
#define PDF_PT_PER_PX 0.75
#define DEGREE        (M_PI / 180)

static void set_color(cairo_t *cr, viz_color c) {
    double r = (c >> 16 & 255) / 255.0, g = (c >> 8 & 255) / 255.0, b = (c & 255) / 255.0;
    if (c >> 24 == 255)
        cairo_set_source_rgb(cr, r, g, b);
    else
        cairo_set_source_rgba(cr, r, g, b, (c >> 24) / 255.0);
}

/* Fills and strokes the current path as the item says. */
static void paint_path(cairo_t *cr, const struct scene_item *it) {
    if (it->fill) {
        set_color(cr, it->fill);
        if (it->line.color)
            cairo_fill_preserve(cr);
        else
            cairo_fill(cr);
    }
    if (it->line.color) {
        set_color(cr, it->line.color);
        cairo_set_line_width(cr, it->line.width);
        bool dashed = it->line.dash[0] > 0;
        cairo_set_dash(cr, it->line.dash, dashed ? 2 : 0, 0);
        cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
        cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
        cairo_stroke(cr);
    }
    cairo_new_path(cr);
}

static void draw_rect(cairo_t *cr, const struct scene_item *it) {
    double x = it->r.x, y = it->r.y, w = it->r.w, h = it->r.h, r = it->radius;
    if (r > 0) {
        cairo_new_sub_path(cr);
        cairo_arc(cr, x + w - r, y + r, r, -M_PI / 2, 0);
        cairo_arc(cr, x + w - r, y + h - r, r, 0, M_PI / 2);
        cairo_arc(cr, x + r, y + h - r, r, M_PI / 2, M_PI);
        cairo_arc(cr, x + r, y + r, r, M_PI, 1.5 * M_PI);
        cairo_close_path(cr);
    } else {
        cairo_rectangle(cr, x, y, w, h);
    }
    paint_path(cr, it);
}

/* A value between two gaps would be invisible as a line: a dot of the line's width. */
static void draw_dot(cairo_t *cr, const struct scene_item *it, double x, double y) {
    set_color(cr, it->line.color);
    cairo_new_sub_path(cr);
    cairo_arc(cr, x, y, it->line.width, 0, 2 * M_PI);
    cairo_fill(cr);
}

static void draw_polyline(cairo_t *cr, const struct scene_item *it) {
    if (!it->line.color)
        return;
    for (size_t i = 0; i < it->n;) {
        size_t end = i;
        while (end < it->n && isfinite(viz_item_xy(it)[2 * end]) &&
               isfinite(viz_item_xy(it)[2 * end + 1]))
            end++;
        if (end == i + 1 && it->n > 1)
            draw_dot(cr, it, viz_item_xy(it)[2 * i], viz_item_xy(it)[2 * i + 1]);
        for (size_t k = i; k < end && end > i + 1; k++)
            cairo_line_to(cr, viz_item_xy(it)[2 * k], viz_item_xy(it)[2 * k + 1]);
        paint_path(cr, it);
        i = end + 1;
    }
    if (it->n == 1 && isfinite(viz_item_xy(it)[0]) && isfinite(viz_item_xy(it)[1]))
        draw_dot(cr, it, viz_item_xy(it)[0], viz_item_xy(it)[1]);
}

static void draw_polygon(cairo_t *cr, const struct scene_item *it) {
    for (size_t k = 0; k < it->n; k++)
        cairo_line_to(cr, viz_item_xy(it)[2 * k], viz_item_xy(it)[2 * k + 1]);
    cairo_close_path(cr);
    paint_path(cr, it);
}

static void draw_circle(cairo_t *cr, const struct scene_item *it) {
    cairo_new_sub_path(cr);
    cairo_arc(cr, it->r.x, it->r.y, it->radius, 0, 2 * M_PI);
    paint_path(cr, it);
}

static void draw_text(cairo_t *cr, const struct scene_item *it) {
    double dx = 0, dy = 0;
    viz_scene_font(cr, &it->style);
    if (it->style.h != VIZ_START) {
        cairo_text_extents_t extents;
        cairo_text_extents(cr, viz_item_text(it), &extents);
        dx = it->style.h == VIZ_MIDDLE ? -extents.x_advance / 2 : -extents.x_advance;
    }
    if (it->style.v != VIZ_BASELINE)
        dy = CAP_HEIGHT * it->style.size * (it->style.v == VIZ_CENTER ? 0.5 : 1);
    set_color(cr, it->style.color);
    if (it->style.angle != 0) {
        cairo_save(cr);
        cairo_translate(cr, it->r.x, it->r.y);
        cairo_rotate(cr, it->style.angle * DEGREE);
        cairo_move_to(cr, dx, dy);
        cairo_show_text(cr, viz_item_text(it));
        cairo_restore(cr);
    } else {
        cairo_move_to(cr, it->r.x + dx, it->r.y + dy);
        cairo_show_text(cr, viz_item_text(it));
    }
    cairo_new_path(cr);
}

static void copy_pixels(cairo_surface_t *image, const struct scene_item *it) {
    unsigned char *data = cairo_image_surface_get_data(image);
    size_t stride = (size_t)cairo_image_surface_get_stride(image);
    cairo_surface_flush(image);
    for (size_t y = 0; y < it->h; y++) {
        for (size_t x = 0; x < it->w; x++) {
            const uint8_t *p = viz_item_pixels(it) + (y * it->w + x) * it->c;
            uint32_t r = p[0], g = it->c == 3 ? p[1] : r, b = it->c == 3 ? p[2] : r;
            uint32_t v = 0xFF000000U | r << 16 | g << 8 | b;
            memcpy(data + y * stride + x * 4, &v, sizeof v);
        }
    }
    cairo_surface_mark_dirty(image);
}

static void draw_image(cairo_t *cr, const struct scene_item *it) {
    cairo_surface_t *image =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)it->w, (int)it->h);
    if (cairo_surface_status(image) == CAIRO_STATUS_SUCCESS)
        copy_pixels(image, it);
    cairo_save(cr);
    cairo_translate(cr, it->r.x, it->r.y);
    cairo_scale(cr, it->r.w / (double)it->w, it->r.h / (double)it->h);
    cairo_set_source_surface(cr, image, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_NEAREST);
    cairo_rectangle(cr, 0, 0, (double)it->w, (double)it->h);
    cairo_fill(cr);
    cairo_restore(cr);
    cairo_surface_destroy(image);
}

static void draw_group(cairo_t *cr, const struct scene_item *it) {
    cairo_save(cr);
    cairo_translate(cr, it->r.x, it->r.y);
    if (it->clip.w > 0) {
        cairo_rectangle(cr, it->clip.x, it->clip.y, it->clip.w, it->clip.h);
        cairo_clip(cr);
    }
}

static void draw_item(cairo_t *cr, const struct scene_item *it) {
    switch (it->kind) {
    case SCENE_RECT:
        draw_rect(cr, it);
        break;
    case SCENE_POLYLINE:
        draw_polyline(cr, it);
        break;
    case SCENE_POLYGON:
        draw_polygon(cr, it);
        break;
    case SCENE_CIRCLE:
        draw_circle(cr, it);
        break;
    case SCENE_TEXT:
        draw_text(cr, it);
        break;
    case SCENE_IMAGE:
        draw_image(cr, it);
        break;
    case SCENE_GROUP:
        draw_group(cr, it);
        break;
    case SCENE_END:
        cairo_restore(cr);
        break;
    }
}

void viz_scene_draw(const struct viz_scene *s, cairo_t *cr) {
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(cr, options);
    cairo_font_options_destroy(options);
    set_color(cr, VIZ_PAPER);
    cairo_rectangle(cr, 0, 0, s->width, s->height);
    cairo_fill(cr);
    for (size_t i = 0; i < s->n; i++)
        draw_item(cr, &s->item[i]);
}

static cairo_status_t write_buf(void *closure, const unsigned char *data, unsigned n) {
    struct buf *out = closure;
    buf_add(out, data, n);
    return out->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static int cairo_error(struct err *e, cairo_status_t status) {
    if (status == CAIRO_STATUS_NO_MEMORY || status == CAIRO_STATUS_WRITE_ERROR)
        return viz_no_memory(e);
    return err_set(e, ERR_STATE, _("Cairo no pudo dibujar la figura: %s"),
                   cairo_status_to_string(status));
}

/* Draws on a surface scaled by scale and finishes it; the surface stays the caller's. */
static int draw_surface(const struct viz_scene *s, cairo_surface_t *surface, double scale,
                        bool finish, struct err *e) {
    cairo_t *cr = cairo_create(surface);
    cairo_scale(cr, scale, scale);
    viz_scene_draw(s, cr);
    cairo_status_t status = cairo_status(cr);
    cairo_destroy(cr);
    if (finish)
        cairo_surface_finish(surface);
    else
        cairo_surface_flush(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(surface);
    return status == CAIRO_STATUS_SUCCESS ? 0 : cairo_error(e, status);
}

int viz_scene_png(const struct viz_scene *s, int scale, int level, struct buf *out,
                  struct err *e) {
    int w = (int)lround(s->width * scale), h = (int)lround(s->height * scale);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, w, h);
    int rc = draw_surface(s, surface, scale, false, e);
    if (rc == 0)
        rc = viz_png_encode(out, surface, s, level, e);
    cairo_surface_destroy(surface);
    return rc;
}

static int render_svg(const struct viz_scene *s, struct buf *out, struct err *e) {
    struct buf raw;
    buf_init(&raw, VIZ_BYTES_MAX);
    cairo_surface_t *surface =
        cairo_svg_surface_create_for_stream(write_buf, &raw, s->width, s->height);
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
        cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX);
    int rc = draw_surface(s, surface, 1, true, e);
    cairo_surface_destroy(surface);
    if (rc == 0 && raw.failed)
        rc = viz_no_memory(e);
    if (rc == 0)
        rc = viz_scene_svg_tidy(out, raw.data, raw.len, e);
    buf_release(&raw);
    return rc;
}

static int render_pdf(const struct viz_scene *s, struct buf *out, struct err *e) {
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
        write_buf, out, s->width * PDF_PT_PER_PX, s->height * PDF_PT_PER_PX);
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS) {
        cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_5);
        /* A fixed date: the same figure is the same file. */
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE,
                                       "2000-01-01T00:00:00Z");
    }
    int rc = draw_surface(s, surface, PDF_PT_PER_PX, true, e);
    cairo_surface_destroy(surface);
    return rc == 0 && out->failed ? viz_no_memory(e) : rc;
}

int viz_scene_render(const struct viz_scene *s, enum viz_format format, struct buf *out,
                     struct err *e) {
    if (s->failed)
        return viz_no_memory(e);
    if (s->depth)
        return err_set(e, ERR_STATE, _("la figura tiene %zu grupos sin cerrar"),
                       s->depth);
    switch (format) {
    case VIZ_SVG:
        return render_svg(s, out, e);
    case VIZ_PNG:
        return viz_scene_png(s, VIZ_PNG_SCALE, 6, out, e);
    case VIZ_PDF:
        return render_pdf(s, out, e);
    }
    return err_set(e, ERR_ARG, _("formato de figura desconocido: %d"), (int)format);
}
