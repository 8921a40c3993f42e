/* maps.c: rows of small pictures with a line of text above each. */
#include "viz/maps.h"

#include "base/i18n.h"
#include "base/util.h"
#include "scene_list.h"
#include "viz/escape.h"
#include "viz/style.h"

#include <math.h>

#define PAD       10.0
#define GAP       6.0 /* between pictures */
#define ROW_GAP   10.0
#define LINE      17.0 /* the text above a row */
#define TITLE_ROW 24.0
#define TILE_MAX  80.0
#define STRIP     16.0 /* height of a strip */

static int check(const struct viz_maps *m, struct err *e) {
    if (m->n_rows < 1 || m->n_rows > VIZ_MAP_ROWS_MAX)
        return err_set(e, ERR_ARG, _("van de 1 a %d filas de mapas, no %zu"),
                       VIZ_MAP_ROWS_MAX, m->n_rows);
    for (size_t r = 0; r < m->n_rows; r++) {
        const struct viz_map_row *row = &m->rows[r];
        if (row->n < 1 || row->n > VIZ_MAP_TILES_MAX)
            return err_set(e, ERR_ARG, _("una fila tiene de 1 a %d mapas, no %zu"),
                           VIZ_MAP_TILES_MAX, row->n);
        for (size_t i = 0; i < row->n; i++) {
            const struct viz_tile *t = &row->tiles[i];
            if (!t->pixels || t->h < 1 || t->w < 1 || t->h > VIZ_SIDE_MAX ||
                t->w > VIZ_SIDE_MAX || (t->c != 1 && t->c != 3))
                return err_set(e, ERR_ARG, _("no es una imagen: %zu×%zu con %zu canales"),
                               t->h, t->w, t->c);
        }
    }
    return 0;
}

/* Width and height of the pictures of a row, px: as many as there are fill the width. */
static void tile_size(const struct viz_map_row *row, double *w, double *h) {
    const struct viz_tile *t = &row->tiles[0];
    double room = (VIZ_WIDTH - 2 * PAD + GAP) / (double)row->n - GAP;
    if (t->h == 1) {
        *w = fmin(room, 14.0 * (double)t->w);
        *h = STRIP;
        return;
    }
    double scale = fmin(fmin(room, TILE_MAX) / (double)t->w, TILE_MAX / (double)t->h);
    *w = scale * (double)t->w;
    *h = scale * (double)t->h;
}

static double row_height(const struct viz_map_row *row) {
    double w, h;
    tile_size(row, &w, &h);
    return (row->title ? LINE : 0) + h + ROW_GAP;
}

static void draw_row(struct viz_scene *s, const struct viz_map_row *row, double y) {
    struct viz_text style = {.size = VIZ_SIZE_LABEL, .color = VIZ_INK};
    double w, h;
    tile_size(row, &w, &h);
    char *fit = viz_scene_text_fit(s, row->title, &style, VIZ_WIDTH - 2 * PAD);
    viz_scene_text(s, PAD, y + 11, fit, style);
    free(fit);
    y += row->title ? LINE : 0;
    for (size_t i = 0; i < row->n; i++) {
        const struct viz_tile *t = &row->tiles[i];
        double x = PAD + (double)i * (w + GAP);
        viz_scene_image(s, (struct viz_rect){x, y, w, h}, t->pixels, t->h, t->w, t->c);
        viz_scene_rect(s, (struct viz_rect){x - 0.5, y - 0.5, w + 1, h + 1}, 0,
                       (struct viz_stroke){VIZ_FRAME, 0.75, NULL}, 0);
    }
}

int viz_maps_scene(struct viz_scene **out, const struct viz_maps *m, struct err *e) {
    bool titled = m->title && *m->title;
    double y = PAD + (titled ? TITLE_ROW : 0), height = y;
    *out = NULL;
    int rc = check(m, e);
    if (rc)
        return rc;
    for (size_t r = 0; r < m->n_rows; r++)
        height += row_height(&m->rows[r]);
    rc = viz_scene_new(out, VIZ_WIDTH, fmin(height, VIZ_SIDE_MAX), e);
    if (rc)
        return rc;
    struct viz_text title = {.size = VIZ_SIZE_TITLE, .bold = true};
    char *fit = viz_scene_text_fit(*out, m->title, &title, VIZ_WIDTH - 2 * PAD);
    viz_scene_text(*out, PAD, PAD + 10, fit, title);
    free(fit);
    for (size_t r = 0; r < m->n_rows; r++) {
        draw_row(*out, &m->rows[r], y);
        y += row_height(&m->rows[r]);
    }
    return 0;
}

int viz_maps_text(struct buf *out, const struct viz_maps *m, struct err *e) {
    int rc = check(m, e);
    if (rc)
        return rc;
    if (m->title && *m->title) {
        viz_escape_text(out, m->title);
        buf_putc(out, '\n');
    }
    for (size_t r = 0; r < m->n_rows; r++) {
        const struct viz_map_row *row = &m->rows[r];
        buf_puts(out, "  ");
        viz_escape_text(out, row->title ? row->title : "-");
        buf_printf(out, ngettext_(" (%zu imagen)", " (%zu imágenes)", row->n), row->n);
        buf_putc(out, '\n');
    }
    return out->failed ? viz_no_memory(e) : 0;
}

int viz_maps_bundle(struct mime_bundle *out, const struct viz_maps *m, struct err *e) {
    struct viz_scene *s = NULL;
    struct buf plain;
    *out = (struct mime_bundle){0};
    buf_init(&plain, 1 << 20);
    int rc = viz_maps_scene(&s, m, e);
    if (rc == 0)
        rc = viz_maps_text(&plain, m, e);
    if (rc == 0)
        rc = viz_scene_bundle(out, s, VIZ_WITH_PNG | VIZ_WITH_PDF, plain.data, m->caption,
                              m->label, e);
    viz_scene_free(s);
    buf_release(&plain);
    return rc;
}
