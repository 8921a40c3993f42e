/* scene_text.c: how wide a text is, and a text made to fit. */
#include "scene_list.h"

#include "base/util.h"
#include "viz/escape.h"
#include "viz/style.h"

void viz_scene_font(cairo_t *cr, const struct viz_text *style) {
    cairo_select_font_face(cr, VIZ_FONT, CAIRO_FONT_SLANT_NORMAL,
                           style->bold ? CAIRO_FONT_WEIGHT_BOLD
                                       : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr, style->size > 0 ? style->size : VIZ_SIZE_LABEL);
}

/* A one-pixel surface whose font options match those of viz_scene_draw. */
static cairo_t *measure_new(void) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cr = cairo_create(surface);
    cairo_surface_destroy(surface);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(cr, options);
    cairo_font_options_destroy(options);
    return cr;
}

static double clean_width(struct viz_scene *s, const char *clean,
                          const struct viz_text *style) {
    if (!s->measure)
        s->measure = measure_new();
    cairo_text_extents_t extents = {0};
    viz_scene_font(s->measure, style);
    cairo_text_extents(s->measure, clean, &extents);
    if (cairo_status(s->measure) != CAIRO_STATUS_SUCCESS)
        s->failed = true;
    return extents.x_advance;
}

double viz_scene_text_width(struct viz_scene *s, const char *text,
                            const struct viz_text *style) {
    if (!text || !*text)
        return 0;
    struct buf clean;
    buf_init(&clean, 4096);
    viz_escape_text(&clean, text);
    double width = 0;
    if (clean.failed)
        s->failed = true;
    else
        width = clean_width(s, clean.data, style);
    buf_release(&clean);
    return width;
}

/* The byte length of the longest prefix of whole characters, at most keep of them. */
static size_t prefix_bytes(const char *text, size_t keep) {
    const char *p = text;
    while (keep-- > 0 && viz_utf8_next(&p) != 0)
        ;
    while (p > text && p[-1] == ' ')
        p--;
    return (size_t)(p - text);
}

static size_t count_chars(const char *text) {
    size_t n = 0;
    while (viz_utf8_next(&text) != 0)
        n++;
    return n;
}

/* The first keep characters and an ellipsis, in out. */
static bool shorten(struct buf *out, const char *text, size_t keep) {
    buf_clear(out);
    buf_add(out, text, prefix_bytes(text, keep));
    buf_puts(out, "…");
    return !out->failed;
}

char *viz_scene_text_fit(struct viz_scene *s, const char *text,
                         const struct viz_text *style, double max) {
    struct buf out;
    buf_init(&out, 4096);
    viz_escape_text(&out, text ? text : "");
    buf_puts(&out, "");
    char *clean = out.failed ? NULL : buf_take(&out, NULL);
    if (!clean || clean_width(s, clean, style) <= max || s->failed)
        goto done;
    size_t low = 0, high = count_chars(clean); /* high characters are too many */
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (!shorten(&out, clean, mid))
            break;
        if (clean_width(s, out.data, style) <= max)
            low = mid;
        else
            high = mid;
    }
    (void)shorten(&out, clean, low);
    free(clean);
    clean = out.failed ? NULL : buf_take(&out, NULL);
done:
    if (!clean)
        s->failed = true;
    buf_release(&out);
    return clean;
}
