/* test_chart_free.c: the labels of marked points lie on no curve, on no other label and inside the
 * plot, whatever runs past the points. */
#include "../../../kernel/display/chart_scene.h"
#include "../../../kernel/display/scene_list.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"

enum { N = 241, ZIGZAG = 30, MINIMA = 4 };

static double x[N], valley[N], wave[N], way_x[ZIGZAG], way_y[ZIGZAG];

static bool inside(struct viz_rect box, double px, double py) {
    return px > box.x && px < box.x + box.w && py > box.y && py < box.y + box.h;
}

static void assert_off_curves(const struct panel_plan *p, struct viz_rect box) {
    for (size_t i = 0; i < p->panel->n_series; i++) {
        double *xy = NULL;
        size_t n = 0;
        struct err e = {0};
        assert_int_equal(viz_chart_series_px(&xy, &n, p, &p->panel->series[i], &e), 0);
        for (size_t k = 0; k + 1 < n; k++)
            for (int f = 0; f <= 100; f++)
                assert_false(
                    inside(box, xy[2 * k] + f / 100.0 * (xy[2 * k + 2] - xy[2 * k]),
                           xy[2 * k + 1] + f / 100.0 * (xy[2 * k + 3] - xy[2 * k + 1])));
        free(xy);
    }
}

static void make_curves(double steep) {
    for (int i = 0; i < N; i++) {
        x[i] = -2 + 10.0 * i / (N - 1);
        valley[i] = steep * (x[i] - 3) * (x[i] - 3);
        wave[i] = 8 + 6 * sin(x[i]);
    }
    for (int i = 0; i < ZIGZAG; i++) { /* back and forth over the minimum */
        way_x[i] = 3 + (i % 2 ? 1 : -1) * 4 * pow(0.85, i);
        way_y[i] = steep * (way_x[i] - 3) * (way_x[i] - 3);
    }
}

static void check(double width, double height, double steep, size_t n_markers) {
    struct viz_series series[] = {
        {.name = "L", .x = x, .y = valley, .n = N},
        {.name = "onda", .x = x, .y = wave, .n = N},
        {.name = "camino", .x = way_x, .y = way_y, .n = ZIGZAG, .points = true}};
    struct viz_marker marker[MINIMA];
    for (size_t i = 0; i < MINIMA; i++)
        marker[i] = (struct viz_marker){.kind = VIZ_MARK_POINT,
                                        .x = 3 + 0.02 * (double)i,
                                        .label = "mínimo: 0 en w = 3"};
    const struct viz_panel panel = {
        .series = series, .n_series = 3, .markers = marker, .n_markers = n_markers};
    const struct viz_chart chart = {
        .panels = &panel, .n_panels = 1, .width = width, .height = height};
    struct viz_rect box[MINIMA];
    struct viz_scene *s = NULL;
    struct chart_plan plan;
    struct err e = {0};
    make_curves(steep);
    assert_int_equal(viz_scene_new(&s, 10, 10, &e), 0);
    viz_chart_plan_make(&plan, &chart, s);
    const struct viz_rect in = plan.panel[0].plot;
    for (size_t i = 0; i < n_markers; i++) {
        const struct panel_plan *p = &plan.panel[0];
        assert_int_equal(viz_chart_marker_place(&box[i], p, &marker[i], s, &e), 0);
        assert_off_curves(p, box[i]);
        assert_true(box[i].x >= in.x && box[i].x + box[i].w <= in.x + in.w);
        assert_true(box[i].y >= in.y && box[i].y + box[i].h <= in.y + in.h);
        for (size_t k = 0; k < i; k++)
            assert_true(
                box[k].x + box[k].w <= box[i].x || box[i].x + box[i].w <= box[k].x ||
                box[k].y + box[k].h <= box[i].y || box[i].y + box[i].h <= box[k].y);
    }
    viz_scene_free(s);
}

static void test_labels_are_free(void **state) {
    (void)state;
    for (double steep = 0.25; steep < 3; steep *= 2)
        for (size_t n = 1; n <= MINIMA; n++)
            check(480, 300, steep, n);
    check(720, 400, 1, MINIMA);
}

/* Nowhere to go: the label stays beside its point. */
static void test_a_full_plot(void **state) {
    (void)state;
    const struct viz_series series = {.x = x, .y = valley, .n = N};
    const struct viz_marker marker = {.kind = VIZ_MARK_POINT,
                                      .x = 3,
                                      .label =
                                          "una etiqueta mucho más ancha que su figura"};
    const struct viz_panel panel = {
        .series = &series, .n_series = 1, .markers = &marker, .n_markers = 1};
    const struct viz_chart chart = {
        .panels = &panel, .n_panels = 1, .width = 160, .height = 120};
    struct viz_rect box;
    struct viz_scene *s = NULL;
    struct chart_plan plan;
    struct err e = {0};
    make_curves(1);
    assert_int_equal(viz_scene_new(&s, 10, 10, &e), 0);
    viz_chart_plan_make(&plan, &chart, s);
    assert_int_equal(viz_chart_marker_place(&box, &plan.panel[0], &marker, s, &e), 0);
    assert_true(box.w > plan.panel[0].plot.w && isfinite(box.x) && isfinite(box.y));
    viz_scene_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_labels_are_free),
        cmocka_unit_test(test_a_full_plot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
