/* test_contour.c: lines of equal value, and the surface of a chart. */
#include "viz/chart.h"

#include "../../../kernel/display/contour.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"

static struct viz_field grid(size_t rows, size_t cols, const double *z) {
    return (struct viz_field){.rows = rows,
                              .cols = cols,
                              .x1 = (double)cols - 1,
                              .y1 = (double)rows - 1,
                              .z = z};
}

static size_t lines(const struct contour *c) {
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        n += isnan(c->xy[2 * i]) ? 1 : 0;
    return n;
}

/* Every point of a traced circle lies on it, and the one line is closed. */
static void test_circle(void **state) {
    (void)state;
    enum { N = 41 };
    static double z[N * N];
    struct contour c;
    for (int r = 0; r < N; r++)
        for (int k = 0; k < N; k++)
            z[r * N + k] = hypot(r - 20, k - 20);
    struct viz_field f = grid(N, N, z);
    assert_int_equal(viz_contour_trace(&c, &f, 13.3, NULL), 0);
    assert_int_equal(lines(&c), 1);
    for (size_t i = 0; i + 1 < c.n; i++)
        assert_true(fabs(hypot(c.xy[2 * i] - 20, c.xy[2 * i + 1] - 20) - 13.3) < 0.01);
    assert_true(fabs(c.xy[0] - c.xy[2 * c.n - 4]) < 1e-9);
    assert_true(fabs(c.xy[1] - c.xy[2 * c.n - 3]) < 1e-9);
    free(c.xy);
}

/* z = col: an upright line from edge to edge, in one piece. */
static void test_open_line(void **state) {
    (void)state;
    double z[5 * 4];
    struct contour c;
    for (int i = 0; i < 20; i++)
        z[i] = i % 4;
    struct viz_field f = grid(5, 4, z);
    assert_int_equal(viz_contour_trace(&c, &f, 1.25, NULL), 0);
    assert_int_equal(lines(&c), 1);
    assert_int_equal(c.n, 6);
    for (size_t i = 0; i < 5; i++)
        assert_true(fabs(c.xy[2 * i] - 1.25) < 1e-12);
    assert_true(fabs(fabs(c.xy[1] - c.xy[9]) - 4) < 1e-12);
    free(c.xy);
    assert_int_equal(viz_contour_trace(&c, &f, 7, NULL), 0);
    assert_int_equal(c.n, 0);
    free(c.xy);
}

/* Two high corners: with a high middle they are connected, and the lines cut off the low
 * ones; with a low middle the other way round. */
static void test_saddle(void **state) {
    (void)state;
    const double high[] = {1, 0, 0, 1}, low[] = {0.6, 0, 0, 0.6};
    const double *const z[] = {high, low};
    for (int k = 0; k < 2; k++) {
        struct viz_field f = grid(2, 2, z[k]);
        struct contour c;
        assert_int_equal(viz_contour_trace(&c, &f, 0.4, NULL), 0);
        assert_int_equal(lines(&c), 2);
        /* Of each piece: does it part the corner (0, 0) or (1, 1) from the others? */
        double x = c.xy[0] + c.xy[2], y = c.xy[1] + c.xy[3];
        bool cuts_high = (x < 1 && y < 1) || (x > 1 && y > 1);
        assert_int_equal(cuts_high, k == 1);
        free(c.xy);
    }
}

static void test_holes(void **state) {
    (void)state;
    const double z[] = {0, 1, 0, 1, NAN, 1, 0, 1, 0};
    struct viz_field f = grid(3, 3, z);
    struct contour c;
    assert_int_equal(viz_contour_trace(&c, &f, 0.5, NULL), 0);
    assert_int_equal(c.n, 0);
    free(c.xy);
}

static struct viz_chart surface(void) {
    static double z[16 * 16];
    static const double levels[] = {10, 40, 90};
    static struct viz_field f;
    static struct viz_panel panel;
    static const struct viz_marker lowest = {VIZ_MARK_POINT, 0, 0, "mínimo", VIZ_BLACK};
    for (int i = 0; i < 256; i++)
        z[i] = (i % 16) * (i % 16) + (i / 16) * 3.0;
    f = grid(16, 16, z);
    f.levels = levels;
    f.n_levels = 3;
    panel = (struct viz_panel){.field = &f, .markers = &lowest, .n_markers = 1};
    return (struct viz_chart){.panels = &panel, .n_panels = 1};
}

static void test_bundle(void **state) {
    (void)state;
    struct viz_chart c = surface();
    struct mime_bundle b;
    assert_int_equal(viz_chart_bundle(&b, &c, VIZ_FINAL, NULL), 0);
    assert_null(mime_get(&b, "application/vnd.vegalite.v5+json"));
    assert_non_null(mime_get(&b, "image/svg+xml"));
    assert_non_null(mime_get(&b, "application/pdf"));
    assert_has(mime_get(&b, "text/plain")->data,
               "superficie de 0 a 270; niveles: 10, 40, 90");
    assert_has(mime_get(&b, "text/plain")->data, "* mínimo");
    mime_release(&b);
}

static void test_values_stand_on_lines(void **state) {
    (void)state;
    struct viz_chart c = surface();
    struct viz_scene *s;
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(viz_chart_scene(&s, &c, NULL), 0);
    assert_int_equal(viz_scene_dump(s, &b, NULL), 0);
    assert_has(b.data, "\"40\"");
    assert_has(b.data, "\"90\"");
    assert_int_equal(occurrences(b.data, "\nimage"), 1);
    viz_scene_free(s);
    buf_release(&b);
}

static void refused(struct viz_field f, const char *part) {
    struct viz_panel panel = {.field = &f};
    struct viz_chart c = {.panels = &panel, .n_panels = 1};
    struct mime_bundle b;
    struct err e = {0};
    assert_int_equal(viz_chart_bundle(&b, &c, VIZ_FINAL, &e), ERR_ARG);
    assert_has(e.msg, part);
}

static void test_refused(void **state) {
    (void)state;
    static const double z[4] = {0};
    struct viz_field f = grid(2, 2, z);
    refused(grid(1, 2, z), "1 x 2");
    refused(grid(2, 1000, z), "2 x 1000");
    f.n_levels = VIZ_LEVELS_MAX + 1;
    refused(f, "41");
    f.n_levels = 0;
    f.x1 = f.x0;
    refused(f, "a < b");
    f.x1 = NAN;
    refused(f, "a < b");
}

static int make(struct mime_bundle *out, struct err *e) {
    struct viz_chart c = surface();
    return viz_chart_bundle(out, &c, VIZ_FINAL, e);
}

static void test_short_memory(void **state) {
    (void)state;
    check_short_memory(make, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_circle),  cmocka_unit_test(test_open_line),
        cmocka_unit_test(test_saddle),  cmocka_unit_test(test_holes),
        cmocka_unit_test(test_bundle),  cmocka_unit_test(test_values_stand_on_lines),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
