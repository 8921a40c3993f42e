/* test_labels.c: no label is cut off and none lies on another, from 2 to 100 classes and from 1 to
 * 1000 epochs: the boxes of all texts of a scene, measured. */
#include "../../../kernel/display/scene_list.h"

#include "viz/bars.h"
#include "viz/chart.h"
#include "viz/confusion.h"
#include "viz/grid.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"

enum { TEXTS_MAX = 4000, CLASSES_MAX = 100, EPOCHS_MAX = 1000 };

#define CAPITAL 0.73 /* height of a capital over the size of the font */

struct label {
    const char *text;
    double x0, y0, x1, y1; /* around the corners */
    double x[4], y[4];     /* corners, one after the other */
    double angle;
};

static struct label label[TEXTS_MAX];

static struct label box_of(struct viz_scene *s, const struct scene_item *it, double dx,
                           double dy) {
    double size = it->style.size > 0 ? it->style.size : VIZ_SIZE_LABEL;
    double w = viz_scene_text_width(s, viz_item_text(it), &it->style), h = CAPITAL * size;
    double left = it->style.h == VIZ_START ? 0 : it->style.h == VIZ_MIDDLE ? -w / 2 : -w;
    double top = it->style.v == VIZ_BASELINE ? -h
                 : it->style.v == VIZ_CENTER ? -h / 2
                                             : 0;
    double a = it->style.angle * acos(-1) / 180, cx = cos(a), cy = sin(a);
    struct label l = {.text = viz_item_text(it),
                      .x0 = INFINITY,
                      .y0 = INFINITY,
                      .x1 = -INFINITY,
                      .y1 = -INFINITY,
                      .angle = a};
    for (int i = 0; i < 4; i++) {
        double x = left + (i == 1 || i == 2 ? w : 0), y = top + (i >= 2 ? h : 0);
        double px = it->r.x + dx + x * cx - y * cy, py = it->r.y + dy + x * cy + y * cx;
        l.x[i] = px;
        l.y[i] = py;
        l.x0 = fmin(l.x0, px);
        l.x1 = fmax(l.x1, px);
        l.y0 = fmin(l.y0, py);
        l.y1 = fmax(l.y1, py);
    }
    return l;
}

static size_t collect(struct viz_scene *s) {
    double dx[16] = {0}, dy[16] = {0};
    size_t depth = 0, n = 0, items = s->n;
    for (size_t i = 0; i < items; i++) {
        const struct scene_item *it = &s->item[i];
        if (it->kind == SCENE_GROUP) {
            assert_true(depth + 1 < ARRAY_LEN(dx));
            dx[depth + 1] = dx[depth] + it->r.x;
            dy[depth + 1] = dy[depth] + it->r.y;
            depth++;
        } else if (it->kind == SCENE_END) {
            depth--;
        } else if (it->kind == SCENE_TEXT && viz_item_text(it)[0]) {
            assert_true(n < TEXTS_MAX);
            label[n++] = box_of(s, it, dx[depth], dy[depth]);
        }
    }
    return n;
}

/* How far two boxes reach into each other along a direction. */
static double depth_along(const struct label *a, const struct label *b, double dx,
                          double dy) {
    double a0 = INFINITY, a1 = -INFINITY, b0 = INFINITY, b1 = -INFINITY;
    for (int i = 0; i < 4; i++) {
        double u = a->x[i] * dx + a->y[i] * dy, v = b->x[i] * dx + b->y[i] * dy;
        a0 = fmin(a0, u);
        a1 = fmax(a1, u);
        b0 = fmin(b0, v);
        b1 = fmax(b1, v);
    }
    return fmin(a1, b1) - fmax(a0, b0);
}

/* Two boxes, turned or not, share a place when no side separates them. */
static bool overlap(const struct label *a, const struct label *b) {
    const double angles[] = {a->angle, b->angle};
    for (int k = 0; k < 2; k++) {
        double c = cos(angles[k]), s = sin(angles[k]);
        if (depth_along(a, b, c, s) <= 0.75 || depth_along(a, b, -s, c) <= 0.75)
            return false;
    }
    return true;
}

static void check_scene(struct viz_scene *s, const char *what, size_t k) {
    size_t n = collect(s);
    assert_true(n > 0);
    for (size_t i = 0; i < n; i++) {
        const struct label *l = &label[i];
        if (l->x0 < -0.5 || l->y0 < -0.5 || l->x1 > s->width + 0.5 ||
            l->y1 > s->height + 0.5)
            fail_msg("%s %zu: «%s» is cut: %.1f..%.1f x %.1f..%.1f in %.0f x %.0f", what,
                     k, l->text, l->x0, l->x1, l->y0, l->y1, s->width, s->height);
        for (size_t j = 0; j < i; j++)
            if (overlap(l, &label[j]))
                fail_msg("%s %zu: «%s» lies on «%s» (%.1f,%.1f %.1f,%.1f)", what, k,
                         l->text, label[j].text, l->x0, l->y0, label[j].x0, label[j].y0);
    }
    viz_scene_free(s);
}

/* ------------------------------------------------------------------------- curves */

static double loss[EPOCHS_MAX], val[EPOCHS_MAX];

static void check_curves(size_t n, double scale, size_t panels, bool log) {
    struct viz_series s[2] = {
        {.name = "entrenamiento", .y = loss, .n = n},
        {.name = "validación con un nombre largo", .y = val, .n = n, .dashed = true}};
    char best[64];
    struct viz_marker m = {.kind = VIZ_MARK_POINT, .x = (double)n, .label = best};
    struct viz_panel p[VIZ_PANELS_MAX];
    struct viz_scene *scene;
    struct err e = {0};
    for (size_t i = 0; i < n; i++) {
        loss[i] = scale * (0.1 + exp(-(double)i / 20));
        val[i] = scale * (0.2 + exp(-(double)i / 25));
    }
    m.y = val[n - 1];
    (void)snprintf(best, sizeof best, "mejor época: %zu", n);
    for (size_t i = 0; i < panels; i++)
        p[i] = (struct viz_panel){.title = i ? "Exactitud" : "Pérdida de validación",
                                  .x = {.label = "época",
                                        .integer = true,
                                        .fixed = n > 1,
                                        .min = 1,
                                        .max = (double)n},
                                  .y = {.label = "valor", .log = log},
                                  .series = s,
                                  .n_series = 2,
                                  .markers = &m,
                                  .n_markers = 1};
    const struct viz_chart c = {.title = "Un título largo que dice qué se entrenó y cómo",
                                .panels = p,
                                .n_panels = panels,
                                .per_row = panels > 3 ? 3 : 0};
    assert_int_equal(viz_chart_scene(&scene, &c, &e), 0);
    check_scene(scene, "curves of", n);
}

static void curves_at_any_length(void **state) {
    (void)state;
    static const size_t epochs[] = {1, 2, 3, 5, 10, 30, 99, 100, 101, 500, 1000};
    static const double scales[] = {1, 1e-7, 12345, 1e9};
    for (size_t i = 0; i < ARRAY_LEN(epochs); i++)
        for (size_t k = 0; k < ARRAY_LEN(scales); k++)
            for (size_t panels = 1; panels <= 6; panels++)
                check_curves(epochs[i], scales[k], panels, k == 2);
}

/* --------------------------------------------------------------------- confusion */

static char name_text[CLASSES_MAX][40];
static const char *names[CLASSES_MAX];

static void name_classes(bool lengthy) {
    static const char *const words[] = {"gato", "automóvil", "pantalón vaquero ancho",
                                        "pez", "0"};
    for (int i = 0; i < CLASSES_MAX; i++) {
        if (lengthy)
            (void)snprintf(name_text[i], sizeof name_text[i], "%s %d", words[i % 5], i);
        else
            (void)snprintf(name_text[i], sizeof name_text[i], "%d", i);
        names[i] = name_text[i];
    }
}

static void confusion_of_any_size(void **state) {
    (void)state;
    static int64_t counts[CLASSES_MAX * CLASSES_MAX];
    for (int named = 0; named < 3; named++)
        for (size_t n = 2; n <= CLASSES_MAX; n += n < 40 ? 1 : 15) {
            struct viz_scene *scene;
            struct err e = {0};
            name_classes(named == 2);
            for (size_t i = 0; i < n * n; i++)
                counts[i] = i % (n + 1) == 0 ? 60000 : (int64_t)(i * 7919 % 1200);
            const struct viz_confusion c = {.title = "Matriz de confusión",
                                            .counts = counts,
                                            .n = n,
                                            .names = named ? names : NULL};
            assert_int_equal(viz_confusion_scene(&scene, &c, &e), 0);
            check_scene(scene, named == 2 ? "confusion with long names" : "confusion", n);
        }
}

/* ------------------------------------------------------------------- bars and grids */

static void bars_of_any_number(void **state) {
    (void)state;
    static double values[CLASSES_MAX];
    name_classes(true);
    for (size_t n = 1; n <= CLASSES_MAX; n += n < 12 ? 1 : 11) {
        struct viz_scene *scene;
        struct err e = {0};
        for (size_t i = 0; i < n; i++)
            values[i] = (double)(i * 977 % 70000);
        const struct viz_bars b = {.title = "Ejemplos por clase",
                                   .names = names,
                                   .values = values,
                                   .n = n,
                                   .xlabel = "ejemplos"};
        assert_int_equal(viz_bars_scene(&scene, &b, &e), 0);
        check_scene(scene, "bars", n);
    }
}

static void grids_of_any_number(void **state) {
    (void)state;
    static uint8_t pixels[28 * 28];
    static struct viz_tile tiles[CLASSES_MAX];
    static char titles[CLASSES_MAX][64];
    name_classes(true);
    for (int two = 0; two < 2; two++)
        for (size_t n = 1; n <= CLASSES_MAX; n += n < 12 ? 1 : 11) {
            struct viz_scene *scene;
            struct err e = {0};
            for (size_t i = 0; i < n; i++) {
                (void)snprintf(titles[i], sizeof titles[i],
                               two ? "%s → %s\n(0.48)" : "%s", names[i],
                               names[CLASSES_MAX - 1 - i]);
                tiles[i] = (struct viz_tile){
                    .pixels = pixels, .h = 28, .w = 28, .c = 1, .title = titles[i]};
            }
            const struct viz_grid g = {
                .title = "Los peores errores de este modelo", .tiles = tiles, .n = n};
            assert_int_equal(viz_grid_scene(&scene, &g, &e), 0);
            check_scene(scene, two ? "grid of mistakes" : "grid", n);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_at_any_length),
        cmocka_unit_test(confusion_of_any_size),
        cmocka_unit_test(bars_of_any_number),
        cmocka_unit_test(grids_of_any_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
