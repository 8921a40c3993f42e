/* confusion_scene.c: the confusion matrix as a picture.
 *
 * The size of a cell follows from the number of classes; what is written in it follows
 * from its size, the same for all cells: count and percentage, count, or nothing (then a
 * colour bar stands beside the matrix). Names that would touch are written slanted, and
 * when even those would, every 2nd, 5th, 10th ... is. */
#include "confusion_parts.h"

#include "base/i18n.h"
#include "base/util.h"
#include "scene_list.h"
#include "viz/style.h"

#include <math.h>

#define PAD       12.0
#define NAME_MAX  120.0
#define TITLE_ROW 24.0
#define AXIS_ROW  20.0 /* "Clase predicha" */
#define NOTE_ROW  18.0 /* the pairs below it */
#define BAR_ROOM  58.0 /* colour bar and its labels */
#define SLANT     45.0 /* degrees */

enum { ZEROS_MAX = 12 }; /* classes up to which a zero is written out */

struct layout {
    const struct viz_confusion *c;
    double cell, side, left, top; /* px; the matrix starts at (left, top) */
    double width, height;
    double names;                     /* width of the widest name, as shown */
    bool slanted;                     /* column names */
    size_t row_stride, column_stride; /* every how many classes are named */
    double count_size, percent_size;  /* 0: not written */
    bool decimals;                    /* of the percentages */
    bool bar;
};

static const struct viz_text name_style = {
    .size = VIZ_SIZE_TICK, .color = VIZ_INK, .h = VIZ_END, .v = VIZ_CENTER};

static const struct viz_text title_style = {
    .size = VIZ_SIZE_TITLE, .h = VIZ_MIDDLE, .bold = true};

/* To half pixels, whole ones in the PNG. */
static double half(double v) {
    return floor(v * 2) / 2;
}

static double cell_side(const struct viz_confusion *c) {
    double n = (double)c->n;
    double side =
        c->size > 0 ? fmin(fmax(c->size, 60), 1600) : fmin(420 + (n - 5) * 6, 800);
    double cell = half(side / n);
    return c->size > 0 ? fmax(cell, 1) : fmin(cell, 84);
}

static size_t stride_for(double cell, double need) {
    static const size_t steps[] = {1, 2, 5, 10, 20, 50};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (cell * (double)steps[i] >= need)
            return steps[i];
    return 100;
}

static double widest_name(struct viz_scene *s, const struct viz_confusion *c) {
    double widest = 0;
    for (size_t i = 0; i < c->n; i++) {
        char scratch[CONFUSION_NAME];
        widest = fmax(widest, viz_scene_text_width(s, viz_confusion_name(c, i, scratch),
                                                   &name_style));
    }
    return fmin(widest, NAME_MAX);
}

static void plan_texts(struct layout *l, struct viz_scene *s) {
    int64_t most = 0;
    char count[32];
    for (size_t i = 0; i < l->c->n * l->c->n; i++)
        most = MAX_OF(most, l->c->counts[i]);
    (void)snprintf(count, sizeof count, "%lld", (long long)most);
    struct viz_text style = {.size = 12};
    double w = viz_scene_text_width(s, count, &style);
    double size = fmin(12, 12 * (l->cell - 4) / w);
    l->count_size = size >= 6.5 && l->cell >= 13 ? size : 0;
    if (l->count_size == 0 || l->cell < 27)
        return;
    style.size = fmin(VIZ_SIZE_SMALL, l->count_size);
    l->decimals = viz_scene_text_width(s, "88.8 %", &style) <= l->cell - 3;
    if (l->decimals || viz_scene_text_width(s, "100 %", &style) <= l->cell - 3)
        l->percent_size = style.size;
}

static void plan(struct layout *l, const struct viz_confusion *c, struct viz_scene *s) {
    *l = (struct layout){.c = c, .cell = cell_side(c)};
    l->side = l->cell * (double)c->n;
    l->names = widest_name(s, c);
    l->slanted = l->names > l->cell - 4 && l->names > 20;
    l->row_stride = stride_for(l->cell, 12);
    l->column_stride = stride_for(l->cell, l->slanted ? 14 : l->names + 5);
    if (l->row_stride > 1) /* both sides name the same classes */
        l->row_stride = l->column_stride = MAX_OF(l->row_stride, l->column_stride);
    plan_texts(l, s);
    l->bar = l->count_size == 0;
    l->left = ceil(PAD + AXIS_ROW + l->names + 8);
    l->top = PAD + (c->title && *c->title ? TITLE_ROW : 0);
    double below = l->slanted ? l->names * sin(SLANT * M_PI / 180) + 12 : 16;
    l->width = ceil(l->left + l->side + (l->bar ? BAR_ROOM : 0) + PAD);
    double title = ceil(viz_scene_text_width(s, c->title, &title_style) + 2 * PAD);
    if (title > l->width) { /* a small matrix below a long title stands in the middle */
        double wider = fmin(title, VIZ_WIDTH) - l->width;
        l->left += floor(fmax(wider, 0) / 2);
        l->width += fmax(wider, 0);
    }
    l->height = ceil(l->top + l->side + 6 + below + AXIS_ROW + PAD / 2);
    if (c->n > 2)
        l->height += NOTE_ROW;
}

/* Shares of a few per cent stay visible: the shade grows faster at the start. */
static viz_color shade(double share) {
    return viz_style_sequential(pow(share, 0.6));
}

static void percent_text(char out[32], double share, bool decimals) {
    double p = share * 100;
    if (!decimals || p >= 99.95)
        (void)snprintf(out, 32, "%.0f %%", p);
    else
        (void)snprintf(out, 32, "%.1f %%", p);
}

static void draw_cell(struct viz_scene *s, const struct layout *l, size_t t, size_t p,
                      double row) {
    int64_t count = viz_confusion_at(l->c, t, p);
    double share = row > 0 ? (double)count / row : 0;
    double x = l->left + l->cell * (double)p, y = l->top + l->cell * (double)t;
    viz_color fill = shade(share);
    if (count > 0)
        viz_scene_rect(s, (struct viz_rect){x, y, l->cell, l->cell}, fill,
                       (struct viz_stroke){0}, 0);
    else if (l->c->n > ZEROS_MAX)
        return;
    char text[32];
    bool both = l->percent_size > 0 && count > 0;
    struct viz_text style = {.size = l->count_size,
                             .color = count > 0 ? viz_style_text_on(fill) : VIZ_MUTED,
                             .h = VIZ_MIDDLE,
                             .v = VIZ_CENTER,
                             .bold = t == p};
    double middle = y + l->cell / 2, shift = both ? l->count_size * 0.55 : 0;
    (void)snprintf(text, sizeof text, "%lld", (long long)count);
    viz_scene_text(s, x + l->cell / 2, middle - shift, text, style);
    if (!both)
        return;
    percent_text(text, share, l->decimals);
    style.size = l->percent_size;
    style.bold = false;
    viz_scene_text(s, x + l->cell / 2, middle + l->count_size * 0.65, text, style);
}

static void draw_lines(struct viz_scene *s, const struct layout *l) {
    struct viz_stroke hair = {VIZ_GRID, 1, NULL}, frame = {VIZ_FRAME, 1, NULL};
    for (size_t i = 1; i < l->c->n && l->cell >= 10; i++) {
        double at = l->cell * (double)i;
        viz_scene_line(s, l->left + at, l->top, l->left + at, l->top + l->side, hair);
        viz_scene_line(s, l->left, l->top + at, l->left + l->side, l->top + at, hair);
    }
    viz_scene_rect(
        s, (struct viz_rect){l->left - 0.5, l->top - 0.5, l->side + 1, l->side + 1}, 0,
        frame, 0);
}

static void draw_row_name(struct viz_scene *s, const struct layout *l, size_t i,
                          const char *name) {
    double y = l->top + l->cell * ((double)i + 0.5);
    viz_scene_text(s, l->left - 6, y, name, name_style);
}

static void draw_column_name(struct viz_scene *s, const struct layout *l, size_t i,
                             const char *name) {
    double x = l->left + l->cell * ((double)i + 0.5), y = l->top + l->side + 7;
    struct viz_text style = name_style;
    if (l->slanted) {
        style.angle = -SLANT;
        viz_scene_text(s, x + 2, y + 3, name, style);
        return;
    }
    style.h = VIZ_MIDDLE;
    style.v = VIZ_TOP;
    viz_scene_text(s, x, y, name, style);
}

static void draw_names(struct viz_scene *s, const struct layout *l) {
    for (size_t i = 0; i < l->c->n; i++) {
        char scratch[CONFUSION_NAME];
        char *name = viz_scene_text_fit(s, viz_confusion_name(l->c, i, scratch),
                                        &name_style, l->names + 0.5);
        if (i % l->row_stride == 0)
            draw_row_name(s, l, i, name);
        if (i % l->column_stride == 0)
            draw_column_name(s, l, i, name);
        free(name);
    }
}

/* The pairs that are confused most, below everything; with two classes the matrix says it.
 */
static void draw_pairs(struct viz_scene *s, const struct layout *l) {
    struct viz_text style = {.size = VIZ_SIZE_TICK, .color = VIZ_MUTED, .h = VIZ_MIDDLE};
    struct buf b;
    if (l->c->n < 3)
        return;
    buf_init(&b, 4096);
    buf_puts(&b, _("Más confundidas: "));
    bool any = viz_confusion_pairs(&b, l->c, 3);
    s->failed = s->failed || b.failed;
    char *fit = any && !b.failed
                    ? viz_scene_text_fit(s, b.data, &style, l->width - 2 * PAD)
                    : NULL;
    viz_scene_text(s, l->width / 2, l->height - PAD / 2 - 3, fit, style);
    free(fit);
    buf_release(&b);
}

static void draw_axes(struct viz_scene *s, const struct layout *l) {
    struct viz_text label = {.size = VIZ_SIZE_LABEL, .color = VIZ_MUTED, .h = VIZ_MIDDLE};
    double middle = l->left + l->side / 2;
    double base = l->height - (l->c->n > 2 ? NOTE_ROW : 0) - PAD / 2 - 4;
    viz_scene_text(s, middle, base, _("Clase predicha"), label);
    label.angle = -90;
    label.v = VIZ_CENTER;
    viz_scene_text(s, l->left - l->names - 8 - AXIS_ROW + 6, l->top + l->side / 2,
                   _("Clase verdadera"), label);
    char *fit =
        viz_scene_text_fit(s, l->c->title, &title_style, l->width - 2 * PAD + 0.5);
    double w = viz_scene_text_width(s, fit, &title_style);
    middle = fmin(fmax(middle, PAD + w / 2), l->width - PAD - w / 2);
    viz_scene_text(s, middle, PAD + 11, fit, title_style);
    free(fit);
}

/* The scale of the shades, 0 to 100 % of the row. */
static void draw_bar(struct viz_scene *s, const struct layout *l) {
    double h = fmin(l->side, 200), x = l->left + l->side + 14;
    double y = l->top + (l->side - h) / 2;
    const int steps = 50;
    for (int i = 0; i < steps; i++)
        viz_scene_rect(s,
                       (struct viz_rect){x, y + h - h * (i + 1) / steps, 10, h / steps},
                       shade((i + 0.5) / steps), (struct viz_stroke){0}, 0);
    viz_scene_rect(s, (struct viz_rect){x - 0.5, y - 0.5, 11, h + 1}, 0,
                   (struct viz_stroke){VIZ_FRAME, 1, NULL}, 0);
    for (int i = 0; i <= 2; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%d %%", i * 50);
        viz_scene_text(s, x + 15, y + h - h * i / 2, text,
                       (struct viz_text){
                           .size = VIZ_SIZE_SMALL, .color = VIZ_MUTED, .v = VIZ_CENTER});
    }
}

/* Cells without text are the pixels of one image: thousands of rectangles would make the
 * SVG ten times as large. */
static void draw_pixels(struct viz_scene *s, const struct layout *l) {
    size_t n = l->c->n, bytes = 0;
    uint8_t *rgb = mul_size(&bytes, n * n, 3) ? malloc(bytes) : NULL;
    if (!rgb) {
        s->failed = true;
        return;
    }
    for (size_t t = 0; t < n; t++) {
        double row = viz_confusion_row(l->c, t);
        for (size_t p = 0; p < n; p++) {
            double share = row > 0 ? (double)viz_confusion_at(l->c, t, p) / row : 0;
            viz_color c = shade(share);
            uint8_t *px = rgb + (t * n + p) * 3;
            px[0] = (uint8_t)(c >> 16);
            px[1] = (uint8_t)(c >> 8);
            px[2] = (uint8_t)c;
        }
    }
    viz_scene_image(s, (struct viz_rect){l->left, l->top, l->side, l->side}, rgb, n, n,
                    3);
    free(rgb);
}

static void draw(struct viz_scene *s, const struct layout *l) {
    if (l->count_size == 0)
        draw_pixels(s, l);
    for (size_t t = 0; l->count_size > 0 && t < l->c->n; t++) {
        double row = viz_confusion_row(l->c, t);
        for (size_t p = 0; p < l->c->n; p++)
            draw_cell(s, l, t, p, row);
    }
    draw_lines(s, l);
    draw_names(s, l);
    draw_axes(s, l);
    draw_pairs(s, l);
    if (l->bar)
        draw_bar(s, l);
}

int viz_confusion_scene(struct viz_scene **out, const struct viz_confusion *c,
                        struct err *e) {
    struct viz_scene *measure = NULL;
    struct layout l;
    *out = NULL;
    int rc = viz_confusion_check(c, e);
    if (rc == 0)
        rc = viz_scene_new(&measure, 10, 10, e);
    if (rc)
        return rc;
    plan(&l, c, measure);
    rc = measure->failed ? viz_no_memory(e) : 0;
    viz_scene_free(measure);
    if (rc)
        return rc;
    rc = viz_scene_new(out, l.width, l.height, e);
    if (rc == 0)
        draw(*out, &l);
    return rc;
}
