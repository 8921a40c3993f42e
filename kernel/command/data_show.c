/* data_show.c: a data set as a picture: examples per class with their counts, points of
 * the plane, or the first rows of a table. */
#include "data_show.h"

#include "data_augment.h"
#include "objects.h"
#include "register.h"

#include "base/i18n.h"
#include "cell/display.h"
#include "viz/chart.h"
#include "viz/grid.h"
#include "viz/table.h"

enum {
    PER_CLASS = 4,
    CLASSES_SHOWN = 20,
    POINTS_MAX = 2000,
    HEAD_ROWS = 5,
    HEAD_COLUMNS = 12
};

/* "mnist: 54000 de entrenamiento, 6000 de validación, 10000 de prueba" */
static void parts_text(struct buf *b, const struct nn_dataset *d) {
    buf_printf(b, _("%s: %zu de entrenamiento"), d->name, d->x_train->shape[0]);
    if (d->x_valid)
        buf_printf(b, _(", %zu de validación"), d->x_valid->shape[0]);
    if (d->x_test)
        buf_printf(b, _(", %zu de prueba"), d->x_test->shape[0]);
}

static void head_text(struct buf *b, const struct nn_dataset *d) {
    char shape[NN_SHAPE_TEXT];
    const struct nn_tensor *x = d->x_train;
    parts_text(b, d);
    buf_printf(b, _("; cada ejemplo %s %s"),
               nn_shape_text(shape, x->ndim - 1, x->shape + 1), nn_dtype_name(x->dtype));
    if (d->n_classes)
        buf_printf(b, _("; %zu clases"), d->n_classes);
    cmd_augment_text(b, d);
}

int cmd_data_tostring(lua_State *L) {
    const struct nn_dataset *d = cmd_self(L, CMD_DATASET);
    struct buf *b = cmd_buf(L);
    head_text(b, d);
    if (b->failed)
        cmd_raise_nomem(L);
    lua_pushlstring(L, b->data, b->len);
    return 1;
}

/* Examples per class as doubles, for the bars; in scratch. */
static double *class_counts(lua_State *L, const struct nn_dataset *d) {
    size_t *count = cmd_scratch(L, d->n_classes, sizeof *count);
    double *value = cmd_scratch(L, d->n_classes, sizeof *value);
    struct err e = {0};
    if (nn_dataset_class_counts(count, d->n_classes, d->y_train, &e) < 0)
        cmd_raise(L, &e);
    for (size_t i = 0; i < d->n_classes; i++)
        value[i] = (double)count[i];
    return value;
}

static void counts_text(struct buf *b, const struct nn_dataset *d, const double *count) {
    char **name = cmd_class_names(d);
    head_text(b, d);
    for (size_t i = 0; i < d->n_classes; i++) {
        char number[24];
        (void)snprintf(number, sizeof number, "%zu", i);
        buf_printf(b, "\n  %zu", i);
        if (strcmp(number, name[i]) != 0)
            buf_printf(b, " %s", name[i]);
        buf_printf(b, ": %.0f", count[i]);
    }
}

/* The first PER_CLASS examples of each class, a column per class. */
static void pick_tiles(struct viz_tile *tile, size_t columns,
                       const struct nn_dataset *d) {
    const struct nn_tensor *x = d->x_train;
    char **name = cmd_class_names(d);
    size_t h = x->shape[1], w = x->shape[2], c = x->shape[3], left = columns * PER_CLASS;
    for (size_t k = 0; k < columns; k++)
        tile[k].title = name[k];
    for (size_t i = 0; i < x->shape[0] && left > 0; i++) {
        size_t k = (size_t)nn_tensor_i32(d->y_train)[i], row = 0;
        if (k >= columns)
            continue;
        while (row < PER_CLASS && tile[row * columns + k].pixels)
            row++;
        if (row == PER_CLASS)
            continue;
        struct viz_tile *t = &tile[row * columns + k];
        t->pixels = nn_tensor_u8(x) + i * h * w * c;
        t->h = h;
        t->w = w;
        t->c = c;
        left--;
    }
}

/* Below the first example of each class its variants, as training sees them. */
static void vary_tiles(lua_State *L, struct viz_tile *tile, size_t columns,
                       const struct nn_dataset *d) {
    const struct nn_augment *a = &d->augment;
    for (size_t i = columns; i < columns * PER_CLASS; i++) {
        const struct viz_tile *first = &tile[i % columns];
        if (!first->pixels)
            continue;
        uint8_t *pixels = cmd_scratch(L, a->h * a->w, a->c);
        nn_augment_bytes(a, pixels, first->pixels, i);
        tile[i].pixels = pixels;
        tile[i].h = a->h;
        tile[i].w = a->w;
        tile[i].c = a->c;
    }
}

static int show_images(lua_State *L, const struct nn_dataset *d,
                       struct mime_bundle *bundle, struct err *e) {
    size_t columns = MIN_OF(d->n_classes, (size_t)CLASSES_SHOWN);
    struct viz_tile *tile = cmd_scratch(L, columns * PER_CLASS, sizeof *tile);
    pick_tiles(tile, columns, d);
    if (nn_augment_any(&d->augment))
        vary_tiles(L, tile, columns, d);
    const double *count = class_counts(L, d);
    struct buf *plain = cmd_buf(L), *title = cmd_buf(L);
    counts_text(plain, d, count);
    if (nn_augment_any(&d->augment))
        buf_printf(title, _("%s: arriba, el original; debajo, variantes"), d->name);
    else
        parts_text(title, d);
    if (plain->failed || title->failed)
        return err_set(e, ERR_NOMEM, "%s", _("no queda memoria"));
    const struct viz_bars bars = {.title = _("Ejemplos por clase"),
                                  .names = (const char *const *)cmd_class_names(d),
                                  .values = count,
                                  .n = columns,
                                  .width = 240};
    const struct viz_grid grid = {.title = title->data,
                                  .tiles = tile,
                                  .n = columns * PER_CLASS,
                                  .columns = columns,
                                  .bars = &bars,
                                  .plain = plain->data};
    return viz_grid_bundle(bundle, &grid, e);
}

/* Points of one class as x and y in scratch; *n of them. */
static void class_points(lua_State *L, const struct nn_dataset *d, int32_t k, double **xs,
                         double **ys, size_t *n) {
    size_t rows = MIN_OF(d->x_train->shape[0], (size_t)POINTS_MAX);
    *xs = cmd_scratch(L, rows, sizeof **xs);
    *ys = cmd_scratch(L, rows, sizeof **ys);
    *n = 0;
    for (size_t i = 0; i < rows; i++) {
        if (nn_tensor_i32(d->y_train)[i] != k)
            continue;
        (*xs)[*n] = nn_tensor_get(d->x_train, 2 * i);
        (*ys)[(*n)++] = nn_tensor_get(d->x_train, 2 * i + 1);
    }
}

/* Classes named after a colour get it. */
static int class_color(const struct nn_dataset *d, size_t k) {
    static const struct {
        const char *name;
        int color;
    } named[] = {{"blue", VIZ_BLUE}, {"orange", VIZ_ORANGE}};
    for (size_t i = 0; d->classes_en && i < ARRAY_LEN(named); i++)
        if (strcmp(d->classes_en[k], named[i].name) == 0)
            return named[i].color;
    return (int)k;
}

static int show_points(lua_State *L, const struct nn_dataset *d,
                       struct mime_bundle *bundle, struct err *e) {
    size_t k = MIN_OF(d->n_classes, (size_t)VIZ_COLORS);
    struct viz_series *series = cmd_scratch(L, k, sizeof *series);
    char **name = cmd_class_names(d);
    for (size_t i = 0; i < k; i++) {
        double *xs, *ys;
        size_t n;
        class_points(L, d, (int32_t)i, &xs, &ys, &n);
        series[i] = (struct viz_series){.name = name[i],
                                        .x = xs,
                                        .y = ys,
                                        .n = n,
                                        .color = class_color(d, i),
                                        .points = true,
                                        .no_line = true};
    }
    struct buf *title = cmd_buf(L);
    parts_text(title, d);
    const struct viz_panel panel = {.x = {.label = d->features ? d->features[0] : "x₁"},
                                    .y = {.label = d->features ? d->features[1] : "x₂"},
                                    .series = series,
                                    .n_series = k};
    const struct viz_chart chart = {.title = title->data,
                                    .panels = &panel,
                                    .n_panels = 1,
                                    .height = 340,
                                    .width = 420};
    return viz_chart_bundle(bundle, &chart, VIZ_FINAL, e);
}

/* The first rows of a table of numbers. */
static int show_rows(lua_State *L, const struct nn_dataset *d, struct mime_bundle *bundle,
                     struct err *e) {
    const struct nn_tensor *x = d->x_train;
    size_t width = x->n / MAX_OF(x->shape[0], (size_t)1);
    size_t columns = MIN_OF(width, (size_t)HEAD_COLUMNS) + 1;
    size_t rows = MIN_OF(x->shape[0], (size_t)HEAD_ROWS);
    struct viz_column *column = cmd_scratch(L, columns, sizeof *column);
    const char **cell = cmd_scratch(L, rows * columns, sizeof *cell);
    for (size_t j = 0; j + 1 < columns; j++) {
        lua_pushfstring(L, "x%d", (int)j + 1);
        const char *own = lua_tostring(L, -1);
        column[j] = (struct viz_column){d->features ? d->features[j] : own, VIZ_RIGHT};
        luaL_checkstack(L, 8, NULL);
    }
    column[columns - 1] = (struct viz_column){_("etiqueta"), VIZ_RIGHT};
    luaL_checkstack(L, (int)(rows * columns) + 8, NULL);
    for (size_t i = 0; i < rows * columns; i++) {
        size_t r = i / columns, j = i % columns;
        double v = j + 1 < columns ? nn_tensor_get(x, r * width + j)
                                   : nn_tensor_get(d->y_train, r);
        char text[32];
        (void)snprintf(text, sizeof text, "%.5g", v);
        cell[i] = lua_pushstring(L, text);
    }
    struct buf *note = cmd_buf(L);
    head_text(note, d);
    const struct viz_table table = {.columns = column,
                                    .n_columns = columns,
                                    .cells = cell,
                                    .n_rows = rows,
                                    .note = note->data};
    return viz_table_bundle(bundle, &table, e);
}

int cmd_data_display(lua_State *L) {
    const struct nn_dataset *d = cmd_self(L, CMD_DATASET);
    const struct nn_tensor *x = d->x_train;
    struct err e = {0};
    struct mime_bundle *bundle = cell_bundle_push(L);
    int at = lua_gettop(L), rc;
    luaL_checkstack(L, 60 + CLASSES_SHOWN * PER_CLASS, NULL);
    if (x->ndim == 4 && x->dtype == NN_U8 && d->n_classes)
        rc = show_images(L, d, bundle, &e);
    else if (x->ndim == 2 && x->shape[1] == 2 && d->n_classes)
        rc = show_points(L, d, bundle, &e);
    else
        rc = show_rows(L, d, bundle, &e);
    if (rc < 0)
        cmd_raise(L, &e);
    lua_settop(L, at);
    return 1;
}
