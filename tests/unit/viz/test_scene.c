/* test_scene.c: the display list and its three formats. */
#include "viz/scene.h"
#include "viz/style.h"

#include <math.h>

#include "check.h"

static const struct viz_stroke thin = {VIZ_INK, 1, NULL};

static struct viz_scene *sample(void) {
    struct viz_scene *s = NULL;
    assert_int_equal(viz_scene_new(&s, 200, 100, NULL), 0);
    viz_scene_rect(s, (struct viz_rect){10, 10, 50, 20}, 0xFF0072B2, thin, 3);
    viz_scene_line(s, 0, 50, 200, 50, (struct viz_stroke){VIZ_INK, 1, viz_dash});
    viz_scene_circle(s, 100, 50, 5, VIZ_PAPER, thin);
    viz_scene_group_begin(s, 5, 5, (struct viz_rect){0, 0, 100, 80});
    viz_scene_text(s, 20, 60, "Época ŷ λ", (struct viz_text){.size = 11, .angle = -30});
    viz_scene_group_end(s);
    return s;
}

static void render(const struct viz_scene *s, enum viz_format f, struct buf *b) {
    struct err e = {0};
    buf_init(b, VIZ_BYTES_MAX);
    assert_int_equal(viz_scene_render(s, f, b, &e), 0);
}

static void test_sizes(void **state) {
    (void)state;
    static const double bad[] = {0, -1, 0.5, VIZ_SIDE_MAX + 1, NAN, INFINITY};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct viz_scene *s = (void *)1;
        struct err e = {0};
        assert_int_equal(viz_scene_new(&s, bad[i], 10, &e), ERR_RANGE);
        assert_null(s);
        assert_has(e.msg, "4000");
    }
    struct viz_scene *s = NULL;
    assert_int_equal(viz_scene_new(&s, 320, 200, NULL), 0);
    assert_true(viz_scene_width(s) == 320 && viz_scene_height(s) == 200);
    viz_scene_free(s);
    viz_scene_free(NULL);
}

static void test_formats(void **state) {
    (void)state;
    struct viz_scene *s = sample();
    struct buf b;
    render(s, VIZ_SVG, &b);
    assert_has(b.data, "<svg");
    assert_has(b.data, "width=\"200px\"");
    assert_has(b.data, "</svg>");
    buf_release(&b);
    render(s, VIZ_PNG, &b);
    assert_memory_equal(b.data, "\x89PNG\r\n\x1a\n", 8);
    assert_memory_equal(b.data + 16, "\0\0\x01\x90\0\0\0\xC8", 8); /* 400 x 200 */
    buf_release(&b);
    render(s, VIZ_PDF, &b);
    assert_memory_equal(b.data, "%PDF-1.5", 8);
    const char *date = memmem(b.data, b.len, "20000101000000", 14);
    assert_non_null(date); /* fixed: the same figure is the same file on any day */
    buf_release(&b);
    viz_scene_free(s);
}

static void test_same_scene_same_bytes(void **state) {
    (void)state;
    static const uint8_t pixels[4] = {0, 100, 200, 255};
    for (int f = VIZ_SVG; f <= VIZ_PDF; f++) {
        struct viz_scene *s = sample(), *t = sample();
        viz_scene_image(s, (struct viz_rect){0, 0, 8, 8}, pixels, 2, 2, 1);
        viz_scene_image(t, (struct viz_rect){0, 0, 8, 8}, pixels, 2, 2, 1);
        struct buf a, b;
        render(s, (enum viz_format)f, &a);
        render(t, (enum viz_format)f, &b);
        assert_int_equal(a.len, b.len);
        assert_memory_equal(a.data, b.data, a.len);
        buf_release(&a);
        buf_release(&b);
        viz_scene_free(s);
        viz_scene_free(t);
    }
}

/* The first id of a document, as `id="...` up to the quote. */
static void first_id(const char *svg, char out[64]) {
    const char *p = strstr(svg, " id=\"");
    assert_non_null(p);
    (void)snprintf(out, 64, "%.*s", (int)strcspn(p + 5, "\""), p + 5);
}

/* Two figures in one page: no id of one names something in the other. */
static void test_svg_ids_are_its_own(void **state) {
    (void)state;
    struct viz_scene *s = sample(), *t = sample();
    viz_scene_text(t, 5, 5, "otra", (struct viz_text){0});
    struct buf a, b;
    char id_a[64], id_b[64], href[80];
    render(s, VIZ_SVG, &a);
    render(t, VIZ_SVG, &b);
    first_id(a.data, id_a);
    first_id(b.data, id_b);
    assert_string_not_equal(id_a, id_b);
    assert_lacks(b.data, id_a);
    (void)snprintf(href, sizeof href, "\"#%.7s", id_a);
    assert_int_equal(occurrences(a.data, "href=\"#"), occurrences(a.data, href));
    (void)snprintf(href, sizeof href, "url(#%.7s", id_a);
    assert_int_equal(occurrences(a.data, "url(#"), occurrences(a.data, href));
    (void)snprintf(href, sizeof href, " id=\"%.7s", id_a);
    assert_int_equal(occurrences(a.data, " id=\""), occurrences(a.data, href));
    buf_release(&a);
    buf_release(&b);
    viz_scene_free(s);
    viz_scene_free(t);
}

static void test_svg_is_tidy(void **state) {
    (void)state;
    static const uint8_t pixels[3] = {255, 0, 0};
    struct viz_scene *s = sample();
    viz_scene_image(s, (struct viz_rect){0, 0, 8, 8}, pixels, 1, 1, 3);
    struct buf b;
    render(s, VIZ_SVG, &b);
    assert_has(b.data, "#0072b2");
    assert_has(b.data, "image-rendering:pixelated");
    assert_lacks(b.data, "rgb(");
    assert_lacks(b.data, "stroke-miterlimit");
    buf_release(&b);
    viz_scene_free(s);
}

static void test_dump(void **state) {
    (void)state;
    struct viz_scene *s = sample();
    struct buf b;
    buf_init(&b, 10000);
    assert_int_equal(viz_scene_dump(s, &b, NULL), 0);
    assert_string_equal(
        b.data,
        "scene 200.00x100.00\n"
        "rect 10.00,10.00 50.00x20.00 fill=ff0072b2 line=ff22262b/1.00 radius=3.00\n"
        "line line=ff22262b/1.00 dash=5.0,3.0 0.00,50.00 200.00,50.00\n"
        "circle 100.00,50.00 r=5.00 fill=ffffffff line=ff22262b/1.00\n"
        "group 5.00,5.00 clip 0.00,0.00 100.00x80.00\n"
        "text 20.00,60.00 11.00 ff22262b lb angle=-30.0 \"Época ŷ λ\"\n"
        "end\n");
    buf_release(&b);
    viz_scene_free(s);
}

static void test_odd_values(void **state) {
    (void)state;
    struct viz_scene *s = NULL;
    assert_int_equal(viz_scene_new(&s, 50, 50, NULL), 0);
    viz_scene_line(s, NAN, 0, 1, 1, thin);
    viz_scene_rect(s, (struct viz_rect){0, 0, INFINITY, 1}, VIZ_INK, thin, 0);
    viz_scene_circle(s, 1, 1, NAN, VIZ_INK, thin);
    viz_scene_circle(s, 1, 1, 0, VIZ_INK, thin);
    viz_scene_text(s, 1, NAN, "x", (struct viz_text){0});
    viz_scene_text(s, 1, 1, NULL, (struct viz_text){0});
    viz_scene_text(s, 1, 1, "", (struct viz_text){0});
    viz_scene_polyline(s, NULL, 0, thin);
    viz_scene_polygon(s, (double[]){0, 0, NAN, 1}, 2, VIZ_INK, thin);
    viz_scene_image(s, (struct viz_rect){0, 0, 5, 5}, NULL, 5, 5, 1);
    viz_scene_image(s, (struct viz_rect){0, 0, 5, 5}, (uint8_t[]){1, 2}, 1, 1, 2);
    viz_scene_group_end(s); /* nothing is open */
    struct buf b;
    buf_init(&b, 10000);
    assert_int_equal(viz_scene_dump(s, &b, NULL), 0);
    assert_string_equal(b.data, "scene 50.00x50.00\n");
    buf_clear(&b);
    viz_scene_polyline(s, (double[]){0, 0, 1, NAN, 2, 1e300}, 3, thin);
    viz_scene_text(s, 1, 1, "a\x01\xff b", (struct viz_text){.size = -3});
    assert_int_equal(viz_scene_dump(s, &b, NULL), 0);
    assert_has(b.data, " 0.00,0.00 gap 2.00,1000000.00\n");
    assert_has(b.data, "11.00 ff22262b lb \"a \xEF\xBF\xBD b\"");
    buf_release(&b);
    for (int f = VIZ_SVG; f <= VIZ_PDF; f++) {
        render(s, (enum viz_format)f, &b);
        buf_release(&b);
    }
    viz_scene_free(s);
}

static void test_open_group(void **state) {
    (void)state;
    struct viz_scene *s = NULL;
    struct err e = {0};
    struct buf b;
    assert_int_equal(viz_scene_new(&s, 50, 50, NULL), 0);
    viz_scene_group_begin(s, 0, 0, (struct viz_rect){0});
    buf_init(&b, 10000);
    assert_int_equal(viz_scene_render(s, VIZ_SVG, &b, &e), ERR_STATE);
    assert_has(e.msg, "1 grupos");
    viz_scene_group_end(s);
    assert_int_equal(viz_scene_render(s, (enum viz_format)9, &b, &e), ERR_ARG);
    assert_int_equal(viz_scene_render(s, VIZ_SVG, &b, &e), 0);
    buf_release(&b);
    buf_init(&b, 100); /* a ceiling that no figure keeps */
    for (int f = VIZ_SVG; f <= VIZ_PDF; f++) {
        assert_int_equal(viz_scene_render(s, (enum viz_format)f, &b, &e), ERR_NOMEM);
        buf_release(&b);
    }
    viz_scene_free(s);
}

static void test_too_many_items(void **state) {
    (void)state;
    struct viz_scene *s = NULL;
    struct buf b;
    assert_int_equal(viz_scene_new(&s, 50, 50, NULL), 0);
    for (int i = 0; i <= VIZ_ITEMS_MAX; i++)
        viz_scene_circle(s, 1, 1, 1, VIZ_INK, thin);
    buf_init(&b, 1 << 20);
    assert_int_equal(viz_scene_render(s, VIZ_PNG, &b, NULL), ERR_NOMEM);
    buf_release(&b);
    viz_scene_free(s);
}

static void test_text_width_and_fit(void **state) {
    (void)state;
    struct viz_scene *s = NULL;
    struct viz_text style = {.size = 10};
    assert_int_equal(viz_scene_new(&s, 50, 50, NULL), 0);
    assert_true(viz_scene_text_width(s, "", &style) == 0);
    assert_true(viz_scene_text_width(s, NULL, &style) == 0);
    double one = viz_scene_text_width(s, "0", &style);
    assert_true(fabs(one - 6.36) < 0.05); /* DejaVu Sans digits are 0.636 em */
    assert_true(fabs(viz_scene_text_width(s, "000", &style) - 3 * one) < 0.01);
    static const struct {
        const char *text, *fit;
        double max;
    } row[] = {{"validación", "validación", 200},
               {"validación", "valid…", 40},
               {"una época", "una…", 34}, /* no blank before the dots */
               {"validación", "…", 1},
               {NULL, "", 10}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        char *fit = viz_scene_text_fit(s, row[i].text, &style, row[i].max);
        assert_string_equal(fit, row[i].fit);
        free(fit);
    }
    viz_scene_free(s);
}

static void test_bundle_metadata(void **state) {
    (void)state;
    struct viz_scene *s = sample();
    struct mime_bundle b;
    struct err e = {0};
    assert_int_equal(viz_scene_bundle(&b, s, VIZ_WITH_PNG, "texto",
                                      "Una \"figura\" 100 %", "fig:una", &e),
                     0);
    assert_int_equal(b.n, 2);
    assert_string_equal(mime_get(&b, "text/plain")->data, "texto");
    assert_string_equal(b.metadata,
                        "{\"caption\":\"Una \\\"figura\\\" 100 %\",\"label\":\"fig:una\","
                        "\"image/png\":{\"width\":200,\"height\":100}}");
    mime_release(&b);
    assert_int_equal(viz_scene_bundle(&b, s, VIZ_WITH_SVG, NULL, "\xff", NULL, &e), 0);
    assert_string_equal(b.metadata, "{\"caption\":\"\xEF\xBF\xBD\"}");
    mime_release(&b);
    viz_scene_free(s);
}

static int make_bundle(struct mime_bundle *out, struct err *e) {
    static const uint8_t pixels[4] = {0, 100, 200, 255};
    struct viz_scene *s = NULL;
    *out = (struct mime_bundle){0};
    int rc = viz_scene_new(&s, 60, 40, e);
    if (rc)
        return rc;
    viz_scene_line(s, 0, 0, 10, 10, thin);
    viz_scene_image(s, (struct viz_rect){0, 0, 8, 8}, pixels, 2, 2, 1);
    char *fit =
        viz_scene_text_fit(s, "demasiado largo", &(struct viz_text){.size = 10}, 40);
    viz_scene_text(s, 2, 20, fit, (struct viz_text){.size = 10, .h = VIZ_MIDDLE});
    free(fit);
    rc = viz_scene_bundle(out, s, VIZ_WITH_SVG | VIZ_WITH_PNG | VIZ_WITH_PDF, "x", "c",
                          "l", e);
    viz_scene_free(s);
    return rc;
}

static void test_short_memory(void **state) {
    (void)state;
    check_short_memory(make_bundle, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_same_scene_same_bytes),
        cmocka_unit_test(test_svg_ids_are_its_own),
        cmocka_unit_test(test_svg_is_tidy),
        cmocka_unit_test(test_dump),
        cmocka_unit_test(test_odd_values),
        cmocka_unit_test(test_open_group),
        cmocka_unit_test(test_too_many_items),
        cmocka_unit_test(test_text_width_and_fit),
        cmocka_unit_test(test_bundle_metadata),
        cmocka_unit_test(test_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
