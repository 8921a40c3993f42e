/* test_show.c: the display commands. */
#include "fixture.h"

static void test_display(void **state) {
    (void)state;
    want("display(3, 'a')", "");
    assert_int_equal(rec.n_shown, 2);
    assert_string_equal(recorder_shown(&rec, 1, "text/plain"), "a");
    assert_string_equal(rec.shown[0].id, "");
    recorder_reset(&rec);
    want("display(3, {caption = 'Pie', label = 'fig:a', display_id = 'q'})", "");
    assert_int_equal(rec.n_shown, 1);
    assert_string_equal(rec.shown[0].id, "q");
    assert_string_equal(rec.shown[0].bundle.metadata,
                        "{\"caption\":\"Pie\",\"label\":\"fig:a\"}");
    recorder_reset(&rec);
    want("display{1, 2}", "");
    assert_string_equal(recorder_shown(&rec, 0, "text/plain"), "{1, 2}");
    recorder_reset(&rec);
    want("display({['text/html'] = '<i>', ['text/plain'] = 'x'}, {raw = true})", "");
    assert_string_equal(recorder_shown(&rec, 0, "text/html"), "<i>");
    want_error("display()", "ValueError", "falta");
    want_error("display(1, {display_id = ''})", "ValueError", "display_id");
    want_error("display(1, {display_id = 5})", "ValueError", "display_id");
}

static void test_update(void **state) {
    (void)state;
    want("h = display{'0 %', display_id = true} h:update('50 %') update(h, '100 %')", "");
    assert_int_equal(rec.n_shown, 3);
    assert_int_equal(strlen(rec.shown[0].id), 32);
    assert_false(rec.shown[0].update);
    assert_true(rec.shown[1].update);
    assert_string_equal(rec.shown[0].id, rec.shown[2].id);
    assert_string_equal(recorder_shown(&rec, 2, "text/plain"), "100 %");
    want("h", "");
    want("update('q', 1) h:display(2)", "");
    assert_string_equal(rec.shown[3].id, "q");
    want_error("update(5, 1)", "ValueError", "update");
}

static void test_kinds(void **state) {
    (void)state;
    want("html('<b>x</b>') latex('$x$') markdown('**x**') svg('<svg/>')", "");
    assert_string_equal(recorder_shown(&rec, 0, "text/html"), "<b>x</b>");
    assert_string_equal(recorder_shown(&rec, 1, "text/latex"), "$x$");
    assert_string_equal(recorder_shown(&rec, 2, "text/markdown"), "**x**");
    assert_string_equal(recorder_shown(&rec, 3, "image/svg+xml"), "<svg/>");
    recorder_reset(&rec);
    want("png('\\x89PNG\\r\\n\\x1a\\n' .. 'resto')", "");
    const struct mime_item *m = mime_get(&rec.shown[0].bundle, "image/png");
    assert_non_null(m);
    assert_int_equal(m->len, 13);
    want_error("png('/no/existe.png')", "OSError", "/no/existe.png");
    want_error("svg('/etc/hostname')", "FormatError", "svg");
    want_error("html(5)", "TypeError", "se esperaba un texto");
    recorder_reset(&rec);
    want("html{'<p>', caption = 'Pie'}", "");
    assert_non_null(strstr(rec.shown[0].bundle.metadata, "Pie"));
    recorder_reset(&rec);
    want("vegalite{mark = 'line', data = {values = {{x = 0/0}}}}", "");
    assert_string_equal(recorder_shown(&rec, 0, "application/vnd.vegalite.v5+json"),
                        "{\"data\":{\"values\":[{\"x\":null}]},\"mark\":\"line\"}");
    want("vegalite('{\"mark\": \"bar\"}')", "");
    want_error("vegalite('{')", "FormatError", "JSON");
    want_error("vegalite{f = print}", "ValueError", "JSON");
}

static void test_mime(void **state) {
    (void)state;
    struct interp_result out =
        recorder_run(cell, "mime{['text/html'] = '<i>', ['text/plain'] = 'i'}");
    assert_true(out.ok);
    assert_string_equal(recorder_value(&out), "i");
    assert_string_equal(mime_get(&out.value, "text/html")->data, "<i>");
    interp_result_release(&out);
}

static void test_clear(void **state) {
    (void)state;
    want("clear_output()", "");
    assert_int_equal(rec.clears, 1);
    assert_false(rec.clear_wait);
    want("clear_output{wait = true}", "");
    assert_true(rec.clear_wait);
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(test_display), TEST(test_update),
                                       TEST(test_kinds), TEST(test_mime),
                                       TEST(test_clear)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
