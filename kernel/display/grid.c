/* grid.c: small images in rows and columns, with titles, and bars beside them. */
#include "viz/grid.h"

#include "bars_draw.h"
#include "base/i18n.h"
#include "base/util.h"
#include "scene_list.h"
#include "viz/escape.h"
#include "viz/style.h"

#include <math.h>

#define PAD       10.0
#define GAP       10.0 /* between columns */
#define TILE      72.0
#define LINE      12.0 /* of a title */
#define TITLE_ROW 24.0
#define BARS_GAP  8.0

struct layout {
    const struct viz_grid *g;
    size_t columns, rows;
    size_t lines;          /* of the longest tile title: 0..2 */
    double tile_w, tile_h; /* room for an image */
    double pitch_x, pitch_y;
    double left, top, width, height;
};

static const struct viz_text head_style = {.size = VIZ_SIZE_TITLE, .bold = true};
static const struct viz_text title_style = {
    .size = VIZ_SIZE_TICK - 0.5, .h = VIZ_MIDDLE, .v = VIZ_BASELINE};

static int check(const struct viz_grid *g, struct err *e) {
    if (g->n < 1 || g->n > VIZ_TILES_MAX)
        return err_set(e, ERR_ARG, _("una cuadrícula tiene de 1 a %d imágenes, no %zu"),
                       VIZ_TILES_MAX, g->n);
    for (size_t i = 0; i < g->n; i++) {
        const struct viz_tile *t = &g->tiles[i];
        if (t->pixels && t->c != 1 && t->c != 3)
            return err_set(e, ERR_ARG,
                           _("una imagen tiene 1 canal (gris) o 3 (RGB), no %zu"), t->c);
        if (t->pixels &&
            (t->h < 1 || t->w < 1 || t->h > VIZ_SIDE_MAX || t->w > VIZ_SIDE_MAX))
            return err_set(e, ERR_RANGE,
                           _("una imagen mide de 1 a %d píxeles de lado, no %zu×%zu"),
                           VIZ_SIDE_MAX, t->h, t->w);
    }
    return g->bars ? viz_bars_check(g->bars, e) : 0;
}

static size_t pick_columns(const struct viz_grid *g) {
    if (g->columns)
        return MIN_OF(g->columns, g->n);
    if (g->n <= 25)
        return MIN_OF(g->n, (size_t)5);
    return g->n <= 100 ? 10 : (size_t)ceil(sqrt((double)g->n) * 1.2);
}

/* Line k of a title, 0 or 1; both share one break. n is its length in bytes. */
static const char *title_line(const char *title, size_t k, size_t *n) {
    const char *cut = title ? strchr(title, '\n') : NULL;
    *n = 0;
    if (!title || (k == 1 && !cut))
        return NULL;
    if (k == 1) {
        *n = strlen(cut + 1);
        return cut + 1;
    }
    *n = cut ? (size_t)(cut - title) : strlen(title);
    return title;
}

/* Calls for a copy since a line need not end where the text does. */
static char *line_fit(struct viz_scene *s, const char *title, size_t k, double max) {
    size_t n;
    const char *line = title_line(title, k, &n);
    char *copy = line ? copy_bytes(line, n) : NULL;
    if (line && !copy)
        s->failed = true;
    char *fit = copy ? viz_scene_text_fit(s, copy, &title_style, max) : NULL;
    free(copy);
    return fit;
}

static double widest_title(struct layout *l, struct viz_scene *s) {
    double widest = 0;
    for (size_t i = 0; i < l->g->n; i++) {
        for (size_t k = 0; k < 2; k++) {
            char *line = line_fit(s, l->g->tiles[i].title, k, 400);
            if (!line)
                continue;
            l->lines = MAX_OF(l->lines, k + 1);
            widest = fmax(widest, viz_scene_text_width(s, line, &title_style));
            free(line);
        }
    }
    return widest;
}

/* The largest scale at which a pixel of the image is a whole number of pixels of the
 * PNG, so that all look alike; an image larger than its tile is scaled freely. */
static double pixel_size(const struct viz_tile *t, double tile) {
    double most = tile / (double)MAX_OF(t->h, t->w);
    double whole = floor(most * VIZ_PNG_SCALE) / VIZ_PNG_SCALE;
    return whole > 0 ? whole : most;
}

static void plan_tiles(struct layout *l, double room) {
    double tile = l->g->tile > 0 ? fmin(l->g->tile, 1000)
                                 : fmin(TILE, room / (double)l->columns - GAP);
    tile = fmax(tile, 8);
    for (size_t i = 0; i < l->g->n; i++) {
        const struct viz_tile *t = &l->g->tiles[i];
        if (!t->pixels)
            continue;
        double px = pixel_size(t, tile);
        l->tile_w = fmax(l->tile_w, px * (double)t->w);
        l->tile_h = fmax(l->tile_h, px * (double)t->h);
    }
    if (l->tile_w == 0)
        l->tile_w = l->tile_h = tile;
}

static void plan(struct layout *l, const struct viz_grid *g, struct viz_scene *s) {
    *l = (struct layout){.g = g, .columns = pick_columns(g)};
    l->rows = (g->n + l->columns - 1) / l->columns;
    double bars = g->bars ? viz_bars_width(g->bars) + BARS_GAP : 0;
    double room = fmax(VIZ_WIDTH - 2 * PAD - bars, 200);
    plan_tiles(l, room);
    double widest = widest_title(l, s);
    double most = fmax(l->tile_w, room / (double)l->columns - GAP);
    l->pitch_x = ceil(fmax(l->tile_w, fmin(widest, most)) + GAP);
    l->pitch_y = ceil(l->tile_h + LINE * (double)l->lines + (l->lines ? 12 : 8));
    l->left = PAD;
    l->top = PAD + (g->title && *g->title ? TITLE_ROW : 0);
    l->width = 2 * PAD + l->pitch_x * (double)l->columns - GAP;
    double title = viz_scene_text_width(s, g->title, &head_style);
    l->width = fmax(l->width, fmin(ceil(title) + 2 * PAD, VIZ_WIDTH - bars));
    l->height = l->top + l->pitch_y * (double)l->rows + PAD / 2;
    if (g->bars)
        l->height = fmax(l->height, viz_bars_height(g->bars));
}

static void draw_tile(struct viz_scene *s, const struct layout *l, size_t i) {
    const struct viz_tile *t = &l->g->tiles[i];
    size_t column = i % l->columns, row = i / l->columns;
    double x = l->left + l->pitch_x * (double)column;
    double y = l->top + l->pitch_y * (double)row;
    double middle = x + (l->pitch_x - GAP) / 2;
    struct viz_text style = title_style;
    style.color = t->color ? t->color : VIZ_INK;
    for (size_t k = 0; k < l->lines; k++) {
        char *line = line_fit(s, t->title, k, l->pitch_x - 4);
        viz_scene_text(s, middle, y + LINE * (double)(k + 1) - 3, line, style);
        free(line);
    }
    if (!t->pixels)
        return;
    double px = pixel_size(t, fmax(l->tile_w, l->tile_h));
    double w = px * (double)t->w, h = px * (double)t->h;
    double left = floor((middle - w / 2) * 2) / 2;
    double top = y + LINE * (double)l->lines + (l->lines ? 2 : 0);
    struct viz_rect box = {left, top, w, h};
    viz_scene_image(s, box, t->pixels, t->h, t->w, t->c);
    viz_scene_rect(s, (struct viz_rect){left - 0.5, top - 0.5, w + 1, h + 1}, 0,
                   (struct viz_stroke){t->color ? t->color : VIZ_FRAME,
                                       t->color ? 1.25 : 0.75, NULL},
                   0);
}

int viz_grid_scene(struct viz_scene **out, const struct viz_grid *g, struct err *e) {
    struct viz_scene *measure = NULL, *s = NULL;
    struct layout l;
    *out = NULL;
    int rc = check(g, e);
    if (rc == 0)
        rc = viz_scene_new(&measure, 10, 10, e);
    if (rc)
        return rc;
    plan(&l, g, measure);
    rc = measure->failed ? viz_no_memory(e) : 0;
    viz_scene_free(measure);
    if (rc)
        return rc;
    double bars = g->bars ? viz_bars_width(g->bars) + BARS_GAP : 0;
    rc = viz_scene_new(&s, l.width + bars, l.height, e);
    if (rc)
        return rc;
    char *fit = viz_scene_text_fit(s, g->title, &head_style, l.width - 2 * PAD + GAP);
    viz_scene_text(s, PAD, PAD + 10, fit, head_style);
    free(fit);
    for (size_t i = 0; i < g->n; i++)
        draw_tile(s, &l, i);
    if (g->bars)
        viz_bars_draw(s, g->bars, l.width + BARS_GAP, 0);
    *out = s;
    return 0;
}

/* The titles of one row of tiles. */
static void put_titles(struct buf *out, const struct viz_grid *g, size_t from,
                       size_t to) {
    for (size_t i = from; i < to && i < g->n; i++) {
        buf_puts(out, i > from ? " | " : "  ");
        viz_escape_text(out, g->tiles[i].title ? g->tiles[i].title : "-");
    }
    buf_putc(out, '\n');
}

int viz_grid_text(struct buf *out, const struct viz_grid *g, struct err *e) {
    int rc = check(g, e);
    if (rc)
        return rc;
    size_t columns = pick_columns(g);
    bool any = false;
    for (size_t i = 0; i < g->n; i++)
        any = any || g->tiles[i].title;
    if (g->title && *g->title) {
        viz_escape_text(out, g->title);
        buf_puts(out, ": ");
    }
    buf_printf(out, ngettext_("%zu imagen", "%zu imágenes", g->n), g->n);
    if (g->tiles[0].pixels)
        buf_printf(out, _(" de %zu×%zu píxeles"), g->tiles[0].h, g->tiles[0].w);
    buf_putc(out, '\n');
    for (size_t i = 0; any && i < g->n; i += columns)
        put_titles(out, g, i, i + columns);
    if (g->bars)
        rc = viz_bars_text(out, g->bars, e);
    if (rc == 0 && out->failed)
        rc = err_set(e, ERR_NOMEM, _("no queda memoria para la cuadrícula"));
    return rc;
}

int viz_grid_bundle(struct mime_bundle *out, const struct viz_grid *g, struct err *e) {
    struct viz_scene *s = NULL;
    struct buf plain;
    *out = (struct mime_bundle){0};
    buf_init(&plain, 1 << 20);
    int rc = viz_grid_scene(&s, g, e);
    if (rc == 0)
        rc = viz_grid_text(&plain, g, e);
    if (rc == 0)
        rc = viz_scene_bundle(out, s, VIZ_WITH_PNG | VIZ_WITH_PDF,
                              g->plain ? g->plain : plain.data, g->caption, g->label, e);
    viz_scene_free(s);
    buf_release(&plain);
    return rc;
}
