/* test_maps.c: rows of small pictures. */
#include "viz/maps.h"

#include <stdlib.h>

#include "check.h"

static const uint8_t pixels[12] = {0, 50, 100, 150, 200, 250};
static const struct viz_tile two[] = {{.pixels = pixels, .h = 2, .w = 2, .c = 1},
                                      {.pixels = pixels, .h = 2, .w = 2, .c = 1}};
static const struct viz_tile strip = {.pixels = pixels, .h = 1, .w = 4, .c = 3};
static const struct viz_map_row rows[] = {{"conv2d", two, 2}, {NULL, &strip, 1}};
static const struct viz_maps sample = {.title = "Capas", .rows = rows, .n_rows = 2};

static void test_text(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 10000);
    assert_int_equal(viz_maps_text(&b, &sample, NULL), 0);
    assert_string_equal(b.data, "Capas\n  conv2d (2 imágenes)\n  - (1 imagen)\n");
    buf_release(&b);
}

static void test_scene(void **state) {
    (void)state;
    struct viz_scene *s = NULL;
    struct buf b;
    buf_init(&b, 100000);
    assert_int_equal(viz_maps_scene(&s, &sample, NULL), 0);
    assert_int_equal(viz_scene_dump(s, &b, NULL), 0);
    assert_int_equal(occurrences(b.data, "\nimage"), 3);
    assert_has(b.data, "\"conv2d\"");
    viz_scene_free(s);
    buf_release(&b);
}

static void refused(size_t n_rows, struct viz_map_row row, const char *part) {
    struct mime_bundle b;
    struct err e = {0};
    struct viz_maps m = {.rows = &row, .n_rows = n_rows};
    assert_int_equal(viz_maps_bundle(&b, &m, &e), ERR_ARG);
    assert_has(e.msg, part);
    assert_int_equal(b.n, 0);
}

static void test_refused(void **state) {
    (void)state;
    struct viz_tile odd = two[0];
    refused(0, rows[0], "64");
    refused(VIZ_MAP_ROWS_MAX + 1, rows[0], "65");
    refused(1, (struct viz_map_row){"a", two, 0}, "32");
    refused(1, (struct viz_map_row){"a", two, VIZ_MAP_TILES_MAX + 1}, "33");
    odd.c = 2;
    refused(1, (struct viz_map_row){"a", &odd, 1}, "2 canales");
    odd = (struct viz_tile){0};
    refused(1, (struct viz_map_row){"a", &odd, 1}, "0×0");
}

static int make(struct mime_bundle *out, struct err *e) {
    return viz_maps_bundle(out, &sample, e);
}

static void test_short_memory(void **state) {
    (void)state;
    check_short_memory(make, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text), cmocka_unit_test(test_scene),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_short_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
