/* scene_dump.c: a display list as text, one item a line, for golden tests. */
#include "scene_list.h"

#include <math.h>

static void dump_xy(struct buf *out, double x, double y) {
    if (isfinite(x) && isfinite(y))
        buf_printf(out, " %.2f,%.2f", x, y);
    else
        buf_puts(out, " gap");
}

static void dump_paint(struct buf *out, const struct scene_item *it) {
    if (it->fill)
        buf_printf(out, " fill=%08x", (unsigned)it->fill);
    if (it->line.color) {
        buf_printf(out, " line=%08x/%.2f", (unsigned)it->line.color, it->line.width);
        if (it->line.dash[0] > 0)
            buf_printf(out, " dash=%.1f,%.1f", it->line.dash[0], it->line.dash[1]);
    }
}

static void dump_points(struct buf *out, const char *name, const struct scene_item *it) {
    buf_puts(out, name);
    dump_paint(out, it);
    for (size_t i = 0; i < it->n; i++)
        dump_xy(out, viz_item_xy(it)[2 * i], viz_item_xy(it)[2 * i + 1]);
}

static void dump_text(struct buf *out, const struct scene_item *it) {
    static const char anchor[] = "lmr", valign[] = "bct";
    buf_puts(out, "text");
    dump_xy(out, it->r.x, it->r.y);
    buf_printf(out, " %.2f%s %08x %c%c", it->style.size, it->style.bold ? "b" : "",
               (unsigned)it->style.color, anchor[it->style.h], valign[it->style.v]);
    if (it->style.angle != 0)
        buf_printf(out, " angle=%.1f", it->style.angle);
    buf_printf(out, " \"%s\"", viz_item_text(it));
}

static uint32_t pixel_sum(const struct scene_item *it) {
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < it->h * it->w * it->c; i++)
        h = (h ^ viz_item_pixels(it)[i]) * 16777619U;
    return h;
}

static void dump_box(struct buf *out, const char *name, struct viz_rect r) {
    buf_printf(out, "%s %.2f,%.2f %.2fx%.2f", name, r.x, r.y, r.w, r.h);
}

static void dump_item(struct buf *out, const struct scene_item *it) {
    switch (it->kind) {
    case SCENE_RECT:
        dump_box(out, "rect", it->r);
        dump_paint(out, it);
        if (it->radius > 0)
            buf_printf(out, " radius=%.2f", it->radius);
        break;
    case SCENE_POLYLINE:
        dump_points(out, "line", it);
        break;
    case SCENE_POLYGON:
        dump_points(out, "polygon", it);
        break;
    case SCENE_CIRCLE:
        buf_puts(out, "circle");
        dump_xy(out, it->r.x, it->r.y);
        buf_printf(out, " r=%.2f", it->radius);
        dump_paint(out, it);
        break;
    case SCENE_TEXT:
        dump_text(out, it);
        break;
    case SCENE_IMAGE:
        dump_box(out, "image", it->r);
        buf_printf(out, " pixels=%zux%zux%zu sum=%08x", it->h, it->w, it->c,
                   (unsigned)pixel_sum(it));
        break;
    case SCENE_GROUP:
        buf_puts(out, "group");
        dump_xy(out, it->r.x, it->r.y);
        if (it->clip.w > 0)
            dump_box(out, " clip", it->clip);
        break;
    case SCENE_END:
        buf_puts(out, "end");
        break;
    }
    buf_putc(out, '\n');
}

int viz_scene_dump(const struct viz_scene *s, struct buf *out, struct err *e) {
    if (s->failed)
        return viz_no_memory(e);
    buf_printf(out, "scene %.2fx%.2f\n", s->width, s->height);
    for (size_t i = 0; i < s->n; i++)
        dump_item(out, &s->item[i]);
    return out->failed ? viz_no_memory(e) : 0;
}
