/* chart_legend.c: a sample of each line and its name, in rows. */
#include "chart_scene.h"

#include "viz/style.h"

#define SAMPLE 22.0 /* length of the line sample, px */
#define GAP    6.0  /* between sample and name */
#define SPACE  18.0 /* between entries */
#define ROW    16.0

static const struct viz_text entry_style = {.size = VIZ_SIZE_TICK, .v = VIZ_BASELINE};

static double entry_width(struct viz_scene *s, const struct viz_series *series,
                          double width) {
    double w = viz_scene_text_width(s, series->name, &entry_style) + SAMPLE + GAP;
    return w < width ? w : width;
}

static bool in_legend(const struct viz_series *s) {
    return s->name && *s->name;
}

/* The entries from first on that fit into one row: *end is behind the last; the width. */
static double row_fill(struct viz_scene *s, const struct viz_panel *p, double width,
                       size_t first, size_t *end) {
    double used = 0;
    size_t i = first;
    for (; i < p->n_series; i++) {
        if (!in_legend(&p->series[i]))
            continue;
        double w = entry_width(s, &p->series[i], width);
        if (used > 0 && used + SPACE + w > width)
            break;
        used += w + (used > 0 ? SPACE : 0);
    }
    *end = i;
    return used;
}

size_t viz_legend_rows(struct viz_scene *s, const struct viz_panel *p, double width) {
    size_t rows = 0;
    for (size_t i = 0; i < p->n_series && !p->no_legend;)
        if (row_fill(s, p, width, i, &i) > 0)
            rows++;
    return rows;
}

static void draw_entry(struct viz_scene *s, const struct viz_series *series, double x,
                       double y, double width) {
    struct viz_text style = entry_style;
    style.color = VIZ_INK;
    viz_color color = viz_style_series(series->color);
    if (!series->no_line)
        viz_scene_line(s, x, y - 3.5, x + SAMPLE, y - 3.5,
                       (struct viz_stroke){color, VIZ_LINE + 0.25,
                                           series->dashed ? viz_dash : NULL});
    if (series->points || series->no_line)
        viz_chart_dot_draw(s, x + SAMPLE / 2, y - 3.5, 2.6, series, false);
    char *name = viz_scene_text_fit(s, series->name, &style, width - SAMPLE - GAP + 0.5);
    viz_scene_text(s, x + SAMPLE + GAP, y, name, style);
    free(name);
}

void viz_legend_draw(struct viz_scene *s, const struct viz_panel *p, struct viz_rect in,
                     bool centred) {
    double y = in.y;
    for (size_t i = 0; i < p->n_series && !p->no_legend;) {
        size_t end;
        double used = row_fill(s, p, in.w, i, &end);
        double x = in.x + (centred ? (in.w - used) / 2 : 0);
        for (; i < end; i++) {
            if (!in_legend(&p->series[i]))
                continue;
            double w = entry_width(s, &p->series[i], in.w);
            draw_entry(s, &p->series[i], x, y, w);
            x += w + SPACE;
        }
        y += ROW;
    }
}
