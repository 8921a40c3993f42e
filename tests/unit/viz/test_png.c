/* test_png.c: the PNG writer, read back by Cairo's reader. */
#include "viz/scene.h"
#include "viz/style.h"

#include <cairo.h>

#include "check.h"

struct source {
    const char *data;
    size_t left;
};

static cairo_status_t read_bytes(void *closure, unsigned char *to, unsigned n) {
    struct source *s = closure;
    if (n > s->left)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(to, s->data, n);
    s->data += n;
    s->left -= n;
    return CAIRO_STATUS_SUCCESS;
}

/* Renders, decodes, and destroys the scene. */
static cairo_surface_t *decode(struct viz_scene *s) {
    struct buf b;
    buf_init(&b, VIZ_BYTES_MAX);
    assert_int_equal(viz_scene_render(s, VIZ_PNG, &b, NULL), 0);
    struct source from = {b.data, b.len};
    cairo_surface_t *image =
        cairo_image_surface_create_from_png_stream(read_bytes, &from);
    assert_int_equal(cairo_surface_status(image), CAIRO_STATUS_SUCCESS);
    assert_int_equal(from.left, 0); /* IEND is the last thing */
    buf_release(&b);
    viz_scene_free(s);
    return image;
}

/* 0xRRGGBB at a device pixel. */
static unsigned pixel(cairo_surface_t *image, int x, int y) {
    const unsigned char *p = cairo_image_surface_get_data(image) +
                             y * cairo_image_surface_get_stride(image) + 4 * x;
    return (unsigned)p[2] << 16 | (unsigned)p[1] << 8 | p[0];
}

static struct viz_scene *blank(double w, double h) {
    struct viz_scene *s = NULL;
    assert_int_equal(viz_scene_new(&s, w, h, NULL), 0);
    return s;
}

static void square(struct viz_scene *s, double x, double y, viz_color c) {
    viz_scene_rect(s, (struct viz_rect){x, y, 1, 1}, c, (struct viz_stroke){0}, 0);
}

static void test_colors_of_the_scene_are_exact(void **state) {
    (void)state;
    struct viz_scene *s = blank(20, 10);
    for (int i = 0; i < VIZ_COLORS; i++)
        square(s, i, 2, viz_style_series(i));
    cairo_surface_t *image = decode(s);
    assert_int_equal(cairo_image_surface_get_width(image), 40);
    assert_int_equal(pixel(image, 0, 0), 0xFFFFFF);
    for (int i = 0; i < VIZ_COLORS; i++)
        assert_int_equal(pixel(image, 2 * i + 1, 5), viz_style_series(i) & 0xFFFFFF);
    cairo_surface_destroy(image);
}

static int apart(unsigned a, unsigned b) {
    int worst = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        int d = (int)(a >> shift & 255) - (int)(b >> shift & 255);
        worst = MAX_OF(worst, d < 0 ? -d : d);
    }
    return worst;
}

/* A sequential map of a thousand shades in one palette of 256. */
static void test_many_colors_stay_close(void **state) {
    (void)state;
    struct viz_scene *s = blank(100, 10);
    for (int i = 0; i < 1000; i++)
        square(s, i % 100, i / 100, viz_style_sequential(i / 999.0));
    cairo_surface_t *image = decode(s);
    for (int i = 0; i < 1000; i++) {
        unsigned want = viz_style_sequential(i / 999.0) & 0xFFFFFF;
        assert_in_range(apart(pixel(image, i % 100 * 2, i / 100 * 2), want), 0, 17);
    }
    cairo_surface_destroy(image);
}

/* The whole cube of colours: far more than the palette and its table hold. */
static void test_more_colors_than_fit(void **state) {
    (void)state;
    struct viz_scene *s = blank(125, 125);
    for (int i = 0; i < 125 * 125; i++)
        square(s, i % 125, i / 125, 0xFF000000U | (unsigned)i * 1073U);
    cairo_surface_t *image = decode(s);
    for (int i = 0; i < 125 * 125; i++) /* written in true colour instead */
        assert_int_equal(pixel(image, i % 125 * 2, i / 125 * 2),
                         (unsigned)i * 1073U & 0xFFFFFF);
    cairo_surface_destroy(image);
}

static void test_images_are_true_colour(void **state) {
    (void)state;
    uint8_t rgb[16 * 16 * 3], grey[16 * 16];
    for (size_t i = 0; i < sizeof rgb; i++)
        rgb[i] = (uint8_t)(i * 5 + i / 7);
    for (size_t i = 0; i < sizeof grey; i++)
        grey[i] = (uint8_t)i;
    struct viz_scene *s = blank(32, 16);
    viz_scene_image(s, (struct viz_rect){0, 0, 16, 16}, rgb, 16, 16, 3);
    viz_scene_image(s, (struct viz_rect){16, 0, 16, 16}, grey, 16, 16, 1);
    cairo_surface_t *image = decode(s);
    for (int i = 0; i < 256; i++) {
        const uint8_t *p = rgb + 3 * i;
        unsigned want = (unsigned)p[0] << 16 | (unsigned)p[1] << 8 | p[2];
        for (int k = 0; k < 4; k++) { /* hard edges: four equal device pixels */
            int x = i % 16 * 2 + k % 2, y = i / 16 * 2 + k / 2;
            assert_int_equal(pixel(image, x, y), want);
            assert_int_equal(pixel(image, x + 32, y), (unsigned)i * 0x10101U);
        }
    }
    cairo_surface_destroy(image);
}

static void test_odd_sizes(void **state) {
    (void)state;
    static const double size[][2] = {{1, 1}, {1, 300}, {300, 1}, {33.3, 17.7}};
    for (size_t i = 0; i < ARRAY_LEN(size); i++) {
        cairo_surface_t *image = decode(blank(size[i][0], size[i][1]));
        assert_int_equal(pixel(image, 0, 0), 0xFFFFFF);
        cairo_surface_destroy(image);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_colors_of_the_scene_are_exact),
        cmocka_unit_test(test_many_colors_stay_close),
        cmocka_unit_test(test_more_colors_than_fit),
        cmocka_unit_test(test_images_are_true_colour),
        cmocka_unit_test(test_odd_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
