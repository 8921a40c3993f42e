/* test_scene_svg.c: what the scan over Cairo's SVG changes, and what it leaves alone. */
#include "../../../kernel/display/scene_list.h"

#include "check.h"

/* The document after the scan, with its prefix (7 characters) replaced by P. */
static void assert_tidy(const char *svg, const char *want) {
    struct buf b, shown;
    struct err e = {0};
    buf_init(&b, 10000);
    buf_init(&shown, 10000);
    buf_puts(&shown, "");
    assert_int_equal(viz_scene_svg_tidy(&b, svg, strlen(svg), &e), 0);
    const char *id = strstr(b.data, " id=\"n");
    char prefix[8] = "";
    if (id)
        memcpy(prefix, id + 5, 7);
    for (const char *p = b.data; *p;) {
        bool here = id && strncmp(p, prefix, 7) == 0;
        buf_puts(&shown, here ? "P" : "");
        if (!here)
            buf_putc(&shown, *p);
        p += here ? 7 : 1;
    }
    assert_string_equal(shown.data, want);
    buf_release(&b);
    buf_release(&shown);
}

static void test_numbers(void **state) {
    (void)state;
    assert_tidy("M 1.234 -5.678 L 0.995 9.999", "M 1.23 -5.68 L 1 10");
    assert_tidy("12.5 3.25 7 100", "12.5 3.25 7 100");
    assert_tidy("0.100000 2.000000 0.004", "0.1 2 0");
    assert_tidy("matrix(0.70710678,-0.70710678,1,2)",
                "matrix(0.70710678,-0.70710678,1,2)");
    assert_tidy("123456789012.3456", "123456789012.3456");
    assert_tidy("1.", "1.");
}

/* printf's own "%.2f", without zeros at its end; a tie goes up here, to even there. */
static void test_numbers_are_those_of_printf(void **state) {
    (void)state;
    for (int i = 0; i < 200000; i++) {
        char given[32], want[32], got[32];
        struct buf b;
        long millionths = (long)i * (i % 3 ? 4799 : 99991) % 2000000000L;
        if (millionths % 10000 == 5000)
            continue;
        (void)snprintf(given, sizeof given, "%.6f", (double)millionths / 1e6);
        int n = snprintf(want, sizeof want, "%.2f", (double)millionths / 1e6);
        while (want[n - 1] == '0')
            want[--n] = '\0';
        if (want[n - 1] == '.')
            want[n - 1] = '\0';
        buf_init(&b, sizeof got);
        assert_int_equal(viz_scene_svg_tidy(&b, given, strlen(given), NULL), 0);
        (void)snprintf(got, sizeof got, "%s", b.data);
        buf_release(&b);
        assert_string_equal(got, want);
    }
}

/* Every part of 255 as Cairo writes it in per cent. */
static void test_colours_come_back_exact(void **state) {
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        char given[80], want[16];
        double percent = i * 100 / 255.0;
        (void)snprintf(given, sizeof given, "rgb(%f%%,%.8g%%, %g%%)", percent, percent,
                       percent);
        (void)snprintf(want, sizeof want, "#%02x%02x%02x", i, i, i);
        assert_tidy(given, want);
    }
    assert_tidy("rgb(101%,0%,0%) rgb(1%,2%", "rgb(101%,0%,0%) rgb(1%,2%");
}

static void test_ids(void **state) {
    (void)state;
    assert_tidy("<g id=\"glyph0-1\"/><use xlink:href=\"#glyph0-1\" x=\"1.2345\"/>",
                "<g id=\"Pglyph0-1\"/><use xlink:href=\"#Pglyph0-1\" x=\"1.23\"/>");
    assert_tidy("<clipPath id=\"clip1\"/><g clip-path=\"url(#clip1)\"/>",
                "<clipPath id=\"Pclip1\"/><g clip-path=\"url(#Pclip1)\"/>");
    assert_tidy(
        "<g id=\"surface1516\"><image id=\"image77\"/></g><use href=\"#image77\"/>",
        "<g id=\"Psurface0\"><image style=\"image-rendering:pixelated\" "
        "id=\"Pimage1\"/></g><use href=\"#Pimage1\"/>");
}

static void test_wide_documents_have_no_size(void **state) {
    (void)state;
    assert_tidy("<svg x=\"y\" width=\"1388px\" height=\"167px\" viewBox=\"0 0 1388 167\" "
                "v=\"1\">",
                "<svg x=\"y\" viewBox=\"0 0 1388 167\" v=\"1\">");
    assert_tidy("<svg width=\"881\" height=\"20\" viewBox=\"0 0 881 20\">",
                "<svg viewBox=\"0 0 881 20\">");
    assert_tidy("<svg width=\"880\" height=\"2000\" viewBox=\"0 0 880 2000\">",
                "<svg width=\"880\" height=\"2000\" viewBox=\"0 0 880 2000\">");
    assert_tidy("<svg width=\"wide\" height=\"1\">", "<svg width=\"wide\" height=\"1\">");
    assert_tidy("<svg width=\"900\" height=\"1", "<svg width=\"900\" height=\"1");
}

static void test_styles(void **state) {
    (void)state;
    assert_tidy("style=\"fill:rgb(100%,0%,50%);fill-opacity:1;stroke:none;\"",
                "style=\"fill:#ff0080;\"");
    assert_tidy("<path style=\"stroke:none;\" d=\"\"/>", "<path d=\"\"/>");
    assert_tidy("fill-opacity:0.5;", "fill-opacity:0.5;");
    assert_tidy("<path fill=\"rgb(0%, 0%, 0%)\" fill-opacity=\"1\"/>",
                "<path fill=\"#000000\"/>"); /* as Cairo 1.18 writes it */
    assert_tidy("rgb(1,2,3) rgb(", "rgb(1,2,3) rgb(");
}

static void test_data_stays(void **state) {
    (void)state;
    assert_tidy("href=\"data:image/png;base64,1.23456 id=\"", /* ends with the document */
                "href=\"data:image/png;base64,1.23456 id=\"");
    assert_tidy("href=\"data:1.23456", "href=\"data:1.23456");
}

static void test_prefix_follows_content(void **state) {
    (void)state;
    static const char *const svg[] = {"<g id=\"surface1\">a</g>",
                                      "<g id=\"surface99\">a</g>",
                                      "<g id=\"surface1\">b</g>"};
    char prefix[3][8] = {{0}};
    for (int i = 0; i < 3; i++) {
        struct buf b;
        buf_init(&b, 1000);
        assert_int_equal(viz_scene_svg_tidy(&b, svg[i], strlen(svg[i]), NULL), 0);
        memcpy(prefix[i], b.data + 7, 7);
        buf_release(&b);
    }
    assert_string_equal(prefix[0], prefix[1]);
    assert_string_not_equal(prefix[0], prefix[2]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_numbers_are_those_of_printf),
        cmocka_unit_test(test_colours_come_back_exact),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_wide_documents_have_no_size),
        cmocka_unit_test(test_styles),
        cmocka_unit_test(test_data_stays),
        cmocka_unit_test(test_prefix_follows_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
