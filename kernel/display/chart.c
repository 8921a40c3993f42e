/* chart.c: a chart as one output, live or final. */
#include "viz/chart.h"

#include "scene_list.h"

static int add_vega(struct mime_bundle *out, const struct viz_chart *c, struct err *e) {
    struct buf b;
    buf_init(&b, VIZ_BYTES_MAX);
    int rc = viz_chart_vega(&b, c, e);
    if (rc == 0 && !mime_add(out, "application/vnd.vegalite.v5+json", b.data, b.len))
        rc = viz_no_memory(e);
    buf_release(&b);
    return rc;
}

/* A surface has no Vega-Lite form. */
static bool any_field(const struct viz_chart *c) {
    for (size_t i = 0; i < c->n_panels; i++)
        if (c->panels[i].field)
            return true;
    return false;
}

int viz_chart_bundle(struct mime_bundle *out, const struct viz_chart *c,
                     enum viz_stage stage, struct err *e) {
    struct viz_scene *s = NULL;
    struct buf plain;
    bool live = stage == VIZ_LIVE;
    *out = (struct mime_bundle){0};
    buf_init(&plain, 1 << 20);
    int rc = viz_chart_scene(&s, c, e);
    if (rc)
        goto done;
    rc = viz_chart_text(&plain, c, e);
    if (rc)
        goto done;
    if (!live && !any_field(c))
        rc = add_vega(out, c, e);
    if (rc)
        goto done;
    /* A frame that is replaced in a quarter of a second is drawn at single scale. */
    rc = viz_scene_bundle_scaled(
        out, s, VIZ_WITH_SVG | VIZ_WITH_PNG | (live ? 0U : VIZ_WITH_PDF),
        live ? 1 : VIZ_PNG_SCALE, plain.data, c->caption, c->label, e);
done:
    if (rc)
        mime_release(out);
    viz_scene_free(s);
    buf_release(&plain);
    return rc;
}
