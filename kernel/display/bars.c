/* bars.c: horizontal bars with names and values. */
#include "bars_draw.h"

#include "base/i18n.h"
#include "base/util.h"
#include "scene_list.h"
#include "viz/style.h"
#include "viz/table.h"

#include <math.h>

#define PAD       10.0
#define PITCH     20.0 /* from bar to bar */
#define THICK     13.0
#define TITLE_ROW 22.0
#define LABEL_ROW 18.0
#define NAME_MAX  130.0

enum { VALUE_LEN = 64, TEXT_BAR = 30 };

static const struct viz_text name_style = {
    .size = VIZ_SIZE_TICK, .color = VIZ_INK, .h = VIZ_END, .v = VIZ_CENTER};
static const struct viz_text value_style = {
    .size = VIZ_SIZE_TICK, .color = VIZ_MUTED, .h = VIZ_START, .v = VIZ_CENTER};

int viz_bars_check(const struct viz_bars *b, struct err *e) {
    if (b->n < 1 || b->n > VIZ_BARS_MAX)
        return err_set(e, ERR_ARG,
                       _("un gráfico de barras tiene de 1 a %d barras, no %zu"),
                       VIZ_BARS_MAX, b->n);
    return 0;
}

static bool has_text(const char *s) {
    return s && *s;
}

double viz_bars_width(const struct viz_bars *b) {
    return b->width > 0 ? fmax(b->width, 160) : 360;
}

double viz_bars_height(const struct viz_bars *b) {
    return 2 * PAD + (has_text(b->title) ? TITLE_ROW : 0) + PITCH * (double)b->n +
           (has_text(b->xlabel) ? LABEL_ROW : 0);
}

static void value_text(char out[VALUE_LEN], const struct viz_bars *b, size_t i) {
    int decimals = b->decimals < 0 ? 0 : b->decimals > 6 ? 6 : b->decimals;
    double v = b->values[i];
    if (isfinite(v) && fabs(v) < 1e12)
        (void)snprintf(out, VALUE_LEN, "%.*f", decimals, v);
    else
        (void)snprintf(out, VALUE_LEN, "%g", v);
}

static double longest(const struct viz_bars *b) {
    double most = 0;
    for (size_t i = 0; i < b->n; i++)
        if (isfinite(b->values[i]))
            most = fmax(most, b->values[i]);
    return most;
}

struct columns {
    double names, bars, values; /* widths, px */
};

static struct columns measure(struct viz_scene *s, const struct viz_bars *b) {
    struct columns w = {0};
    for (size_t i = 0; i < b->n; i++) {
        char value[VALUE_LEN];
        value_text(value, b, i);
        w.names = fmax(w.names, viz_scene_text_width(s, b->names[i], &name_style));
        w.values = fmax(w.values, viz_scene_text_width(s, value, &value_style));
    }
    w.names = fmin(w.names, NAME_MAX);
    w.bars = fmax(viz_bars_width(b) - 2 * PAD - w.names - w.values - 12, 20);
    return w;
}

static void draw_bar(struct viz_scene *s, const struct viz_bars *b, size_t i,
                     struct columns w, struct viz_rect at, double most) {
    char value[VALUE_LEN];
    double middle = at.y + PITCH / 2, left = at.x + w.names + 6;
    double v = b->values[i], length = isfinite(v) && v > 0 ? w.bars * (v / most) : 0;
    char *name = viz_scene_text_fit(s, b->names[i], &name_style, w.names + 0.5);
    viz_scene_text(s, at.x + w.names, middle, name, name_style);
    free(name);
    if (length > 0)
        viz_scene_rect(s, (struct viz_rect){left, middle - THICK / 2, length, THICK},
                       viz_style_series(b->color), (struct viz_stroke){0}, 1);
    value_text(value, b, i);
    viz_scene_text(s, left + length + 6, middle, value, value_style);
}

void viz_bars_draw(struct viz_scene *s, const struct viz_bars *b, double x, double y) {
    struct columns w = measure(s, b);
    double most = longest(b), left = x + PAD + w.names + 6;
    struct viz_text title = {.size = VIZ_SIZE_TITLE, .bold = true};
    y += PAD;
    if (has_text(b->title)) {
        char *fit = viz_scene_text_fit(s, b->title, &title, viz_bars_width(b) - 2 * PAD);
        viz_scene_text(s, x + PAD, y + 10, fit, title);
        free(fit);
        y += TITLE_ROW;
    }
    for (size_t i = 0; i < b->n; i++)
        draw_bar(s, b, i, w, (struct viz_rect){x + PAD, y + PITCH * (double)i, 0, 0},
                 most);
    double bottom = y + PITCH * (double)b->n;
    viz_scene_line(s, floor(left) - 0.5, y, floor(left) - 0.5, bottom,
                   (struct viz_stroke){VIZ_FRAME, VIZ_HAIR, NULL});
    viz_scene_text(s, left + w.bars / 2, bottom + 12, b->xlabel,
                   (struct viz_text){.h = VIZ_MIDDLE, .color = VIZ_MUTED});
}

int viz_bars_scene(struct viz_scene **out, const struct viz_bars *b, struct err *e) {
    *out = NULL;
    int rc = viz_bars_check(b, e);
    if (rc == 0)
        rc = viz_scene_new(out, viz_bars_width(b), viz_bars_height(b), e);
    if (rc == 0)
        viz_bars_draw(*out, b, 0, 0);
    return rc;
}

/* Three columns: name, value, and a bar of '#'. */
int viz_bars_text(struct buf *out, const struct viz_bars *b, struct err *e) {
    static const struct viz_column columns[] = {
        {NULL, VIZ_LEFT}, {NULL, VIZ_RIGHT}, {NULL, VIZ_LEFT}};
    static const char hashes[] = "##############################"; /* TEXT_BAR of them */
    char value[VIZ_BARS_MAX][VALUE_LEN];
    const char *cell[3 * VIZ_BARS_MAX];
    int rc = viz_bars_check(b, e);
    if (rc)
        return rc;
    double most = longest(b);
    for (size_t i = 0; i < b->n; i++) {
        double v = b->values[i];
        int n = isfinite(v) && v > 0 ? (int)lround(TEXT_BAR * (v / most)) : 0;
        value_text(value[i], b, i);
        cell[3 * i] = b->names[i];
        cell[3 * i + 1] = value[i];
        cell[3 * i + 2] = hashes + TEXT_BAR - n;
    }
    if (has_text(b->title))
        buf_printf(out, "%s\n", b->title);
    return viz_table_text(
        out,
        &(struct viz_table){
            .columns = columns, .n_columns = 3, .cells = cell, .n_rows = b->n},
        e);
}

int viz_bars_bundle(struct mime_bundle *out, const struct viz_bars *b, struct err *e) {
    struct viz_scene *s = NULL;
    struct buf plain;
    *out = (struct mime_bundle){0};
    buf_init(&plain, 1 << 20);
    int rc = viz_bars_scene(&s, b, e);
    if (rc == 0)
        rc = viz_bars_text(&plain, b, e);
    if (rc == 0)
        rc = viz_scene_bundle(out, s, VIZ_WITH_SVG | VIZ_WITH_PNG | VIZ_WITH_PDF,
                              plain.data, b->caption, b->label, e);
    viz_scene_free(s);
    buf_release(&plain);
    return rc;
}
