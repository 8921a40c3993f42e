/* scene_bundle.c: a scene as one output: the formats asked for, text and metadata. */
#include "scene_list.h"

#include "bundle.h"
#include "viz/escape.h"

#include <jansson.h>
#include <math.h>

json_t *viz_json_text(const char *text) {
    struct buf clean;
    buf_init(&clean, 1 << 20);
    viz_escape_text(&clean, text);
    buf_puts(&clean, "");
    json_t *s = clean.failed ? NULL : json_stringn(clean.data, clean.len);
    buf_release(&clean);
    return s;
}

/* json_object_set_new takes the value over, also when it fails. */
static bool put(json_t *object, const char *key, json_t *value) {
    return value && json_object_set_new(object, key, value) == 0;
}

static bool put_size(json_t *object, const char *type, double w, double h) {
    json_t *size = json_object();
    bool ok = size && put(size, "width", json_integer((json_int_t)lround(w))) &&
              put(size, "height", json_integer((json_int_t)lround(h)));
    if (!ok) {
        json_decref(size);
        return false;
    }
    return put(object, type, size);
}

int viz_bundle_metadata(struct mime_bundle *out, const char *caption, const char *label,
                        double width, double height, struct err *e) {
    json_t *meta = json_object();
    char *text = NULL;
    bool ok = meta != NULL;
    if (ok && caption)
        ok = put(meta, "caption", viz_json_text(caption));
    if (ok && label)
        ok = put(meta, "label", viz_json_text(label));
    if (ok && width > 0)
        ok = put_size(meta, "image/png", width, height);
    if (ok)
        text = json_dumps(meta, JSON_COMPACT);
    ok = text && mime_set_metadata(out, text);
    free(text);
    json_decref(meta);
    return ok ? 0 : viz_no_memory(e);
}

static int add_format(struct mime_bundle *out, const struct viz_scene *s,
                      enum viz_format format, int png_scale, struct err *e) {
    static const char *const type[] = {"image/svg+xml", "image/png", "application/pdf"};
    struct buf b;
    buf_init(&b, VIZ_BYTES_MAX);
    int rc = format == VIZ_PNG && png_scale != VIZ_PNG_SCALE
                 ? viz_scene_png(s, png_scale, 1, &b, e)
                 : viz_scene_render(s, format, &b, e);
    if (rc == 0 && !mime_add(out, type[format], b.data, b.len))
        rc = viz_no_memory(e);
    buf_release(&b);
    return rc;
}

int viz_scene_bundle_scaled(struct mime_bundle *out, const struct viz_scene *s,
                            unsigned formats, int png_scale, const char *plain,
                            const char *caption, const char *label, struct err *e) {
    int rc = s->failed ? viz_no_memory(e) : 0;
    for (int f = VIZ_SVG; rc == 0 && f <= VIZ_PDF; f++)
        if (formats & 1U << f)
            rc = add_format(out, s, (enum viz_format)f, png_scale, e);
    if (rc == 0 && !mime_add_text(out, "text/plain", plain ? plain : ""))
        rc = viz_no_memory(e);
    bool png = (formats & VIZ_WITH_PNG) != 0;
    double shown = fmin(s->width, VIZ_PAGE_WIDTH);
    if (rc == 0)
        rc = viz_bundle_metadata(out, caption, label, png ? shown : 0,
                                 s->height * shown / s->width, e);
    if (rc)
        mime_release(out);
    return rc;
}

int viz_scene_bundle(struct mime_bundle *out, const struct viz_scene *s, unsigned formats,
                     const char *plain, const char *caption, const char *label,
                     struct err *e) {
    *out = (struct mime_bundle){0};
    return viz_scene_bundle_scaled(out, s, formats, VIZ_PNG_SCALE, plain, caption, label,
                                   e);
}
