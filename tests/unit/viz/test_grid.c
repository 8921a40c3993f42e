/* test_grid.c: grids of images. */
#include "viz/grid.h"
#include "viz/style.h"

#include <stdio.h>
#include <stdlib.h>

#include "check.h"

static uint8_t pixels[32 * 32 * 3];
static struct viz_tile tiles[VIZ_TILES_MAX];

static struct viz_grid grid(size_t n, size_t side, size_t channels) {
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 7);
    for (size_t i = 0; i < n; i++)
        tiles[i] = (struct viz_tile){.pixels = pixels,
                                     .h = side,
                                     .w = side,
                                     .c = channels,
                                     .title = "camisa → abrigo\n0.97",
                                     .color = VIZ_BAD};
    return (struct viz_grid){.tiles = tiles, .n = n, .title = "Peores errores"};
}

static char *dump(const struct viz_grid *g) {
    struct viz_scene *s = NULL;
    struct err e = {0};
    struct buf b;
    buf_init(&b, 1 << 24);
    assert_int_equal(viz_grid_scene(&s, g, &e), 0);
    assert_int_equal(viz_scene_dump(s, &b, &e), 0);
    viz_scene_free(s);
    return buf_take(&b, NULL);
}

static void test_tiles(void **state) {
    (void)state;
    struct viz_grid g = grid(25, 28, 1);
    char *text = dump(&g);
    assert_int_equal(occurrences(text, "\nimage"), 25);
    assert_int_equal(occurrences(text, "70.00x70.00 pixels=28x28x1"),
                     25); /* 2.5 px each */
    assert_int_equal(occurrences(text, "\"camisa → abrigo\""), 25);
    assert_int_equal(occurrences(text, "\"0.97\""), 25);
    assert_has(text, "\"Peores errores\"");
    free(text);
    g = grid(4, 32, 3);
    text = dump(&g);
    assert_int_equal(occurrences(text, "64.00x64.00 pixels=32x32x3"), 4);
    free(text);
}

/* Formats: photographs are no drawings. */
static void test_bundle(void **state) {
    (void)state;
    struct mime_bundle b;
    struct viz_grid g = grid(10, 28, 1);
    g.caption = "Ejemplos";
    assert_int_equal(viz_grid_bundle(&b, &g, NULL), 0);
    assert_int_equal(b.n, 3);
    assert_non_null(mime_get(&b, "image/png"));
    assert_non_null(mime_get(&b, "application/pdf"));
    assert_null(mime_get(&b, "image/svg+xml"));
    assert_has(mime_get(&b, "text/plain")->data,
               "Peores errores: 10 imágenes de 28×28 píxeles\n");
    mime_release(&b);
    g.plain = "lo mío";
    assert_int_equal(viz_grid_bundle(&b, &g, NULL), 0);
    assert_string_equal(mime_get(&b, "text/plain")->data, "lo mío");
    mime_release(&b);
}

static void test_sizes(void **state) {
    (void)state;
    static const size_t n[] = {1, 3, 5, 26, 100, 1024};
    for (size_t i = 0; i < ARRAY_LEN(n); i++) {
        struct viz_grid g = grid(n[i], 28, 1);
        char *text = dump(&g);
        double w = 0, h = 0;
        assert_int_equal(sscanf(text, "scene %lfx%lf", &w, &h), 2);
        assert_true(w <= 1000 && h <= 2500);
        assert_int_equal(occurrences(text, "\nimage"), n[i]);
        free(text);
    }
}

static void test_odd_tiles(void **state) {
    (void)state;
    struct viz_grid g = grid(4, 28, 1);
    tiles[0].pixels = NULL;
    tiles[1].title = NULL;
    tiles[2].h = 1;
    tiles[2].w = 2;
    tiles[3].title =
        "un título muy largo que no cabe sobre una imagen pequeña de ninguna manera";
    g.columns = 9; /* more than there are */
    char *text = dump(&g);
    assert_int_equal(occurrences(text, "\nimage"), 3);
    free(text);
    g = grid(25, 28, 1);
    for (size_t i = 0; i < 25; i++)
        tiles[i].title =
            "un título muy largo que no cabe sobre una imagen pequeña de ninguna manera";
    text = dump(&g);
    assert_has(text, "…\"");
    free(text);
}

static void test_bars_beside(void **state) {
    (void)state;
    static const char *const names[] = {"0", "1"};
    static const double values[] = {60, 40};
    const struct viz_bars bars = {.names = names, .values = values, .n = 2, .width = 280};
    struct viz_grid g = grid(10, 28, 1);
    g.bars = &bars;
    char *text = dump(&g);
    assert_has(text, "\"60\"");
    free(text);
    struct buf b;
    buf_init(&b, 10000);
    assert_int_equal(viz_grid_text(&b, &g, NULL), 0);
    assert_has(b.data, "0  60  ####");
    buf_release(&b);
}

static void test_refused(void **state) {
    (void)state;
    struct mime_bundle b;
    struct err e = {0};
    struct viz_grid g = grid(2, 28, 1);
    g.n = 0;
    assert_int_equal(viz_grid_bundle(&b, &g, &e), ERR_ARG);
    g.n = VIZ_TILES_MAX + 1;
    assert_int_equal(viz_grid_bundle(&b, &g, &e), ERR_ARG);
    g = grid(2, 28, 2);
    assert_int_equal(viz_grid_bundle(&b, &g, &e), ERR_ARG);
    assert_has(e.msg, "no 2");
    g = grid(2, 0, 1);
    assert_int_equal(viz_grid_bundle(&b, &g, &e), ERR_RANGE);
    assert_int_equal(b.n, 0);
}

static int make(struct mime_bundle *out, struct err *e) {
    struct viz_grid g = grid(3, 28, 1);
    return viz_grid_bundle(out, &g, e);
}

static void test_short_memory(void **state) {
    (void)state;
    check_short_memory(make, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tiles),        cmocka_unit_test(test_bundle),
        cmocka_unit_test(test_sizes),        cmocka_unit_test(test_odd_tiles),
        cmocka_unit_test(test_bars_beside),  cmocka_unit_test(test_refused),
        cmocka_unit_test(test_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
