/* test_check.c: lab.check and lab.grade as front ends and nbgrader see them: the forms of
 * the line, nothing that tells the answer, nothing on stderr, short memory. */
#include "../fail_alloc.h"
#include "session.h"

#include "nn/tensor.h"

static const char *shown(struct session *s, const char *type) {
    assert_true(s->r.n_shown > 0);
    const struct mime_item *m = mime_get(&s->r.shown[s->r.n_shown - 1].bundle, type);
    assert_non_null(m);
    return m->data;
}

static void line_has_html_and_text(void **state) {
    struct session *s = *state;
    session_do(s, "lab.check{\"a<b\", 1, expected = 1}");
    assert_string_equal(shown(s, "text/plain"), "✓ a<b: correcto.");
    assert_string_equal(shown(s, "text/html"),
                        "<div><strong style=\"color: #00875F; color: color-mix(in srgb, "
                        "#00875F 70%, currentColor)\">✓ a&lt;b</strong>: "
                        "correcto.</div>");
    session_do(s, "lab.check{\"a\", -0.5, expected = 0.5, hint = \"<b>\"}");
    assert_non_null(
        strstr(shown(s, "text/html"),
               "color: color-mix(in srgb, #CC4E00 70%, currentColor)\">✗ a</strong>"));
    assert_non_null(strstr(shown(s, "text/html"), "al revés. &lt;b&gt;"));
}

static void check_has_no_value_and_grade_has_points(void **state) {
    struct session *s = *state;
    struct interp_result out;
    session_run(s, "lab.check{\"a\", 1, expected = 2}", &out);
    assert_int_equal(out.value.n, 0);
    interp_result_release(&out);
    session_shows(s,
                  "lab.grade{{\"a\", 1, expected = 1, points = 2}, {\"b\", 1, "
                  "expected = 3}}",
                  "2.0");
    assert_non_null(strstr(shown(s, "text/html"), "2 de 3"));
    assert_non_null(strstr(shown(s, "text/latex"), "\\toprule"));
    session_shows(s, "lab.grade{{\"a\", 1, expected = 2}}", "0.0");
}

/* Wrong answers of every kind for what is 0.7310585786, and the distances from it. */
static void answer_is_never_told(void **state) {
    struct session *s = *state;
    static const char *const wrong[] = {"0.5",
                                        "-0.7",
                                        "0.73",
                                        "7310.585786",
                                        "0.73105",
                                        "nil",
                                        "\"0.7\"",
                                        "{0.1}",
                                        "0 / 0",
                                        "1 / 0",
                                        "{0.1, 2}",
                                        "tensor{0.3}",
                                        "function() end",
                                        "true",
                                        "{}",
                                        "0.7310585786 * 3",
                                        "1e300",
                                        "-1e-300"};
    static const char *const telling[] = {"7310", "0.73",   "231",  "1.431", "0.00105",
                                          "5857", "0.2310", "-0.2", "1.46",  "73 %"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char code[200];
        (void)snprintf(code, sizeof code,
                       "lab.check{\"s\", %s, expected = 0.7310585786} "
                       "lab.grade{{\"s\", %s, expected = 0.7310585786}}",
                       wrong[i], wrong[i]);
        recorder_reset(&s->r);
        session_do(s, code);
        assert_int_equal(s->r.n_shown, 2);
        for (size_t k = 0; k < sizeof telling / sizeof *telling; k++)
            for (size_t d = 0; d < 2; d++)
                if (strstr(mime_get(&s->r.shown[d].bundle, "text/plain")->data,
                           telling[k]))
                    fail_msg("%s: %s", wrong[i],
                             mime_get(&s->r.shown[d].bundle, "text/plain")->data);
    }
}

static void nothing_on_stderr(void **state) {
    struct session *s = *state;
    session_do(s, "lab.check{\"a\", function() error(\"x\") end, expected = 1} "
                  "lab.check{\"a\", nil, expected = 1} return lab.grade{{\"a\", nil, "
                  "expected = 1}}");
    assert_int_equal(s->r.err.len, 0);
}

/* The engine's memory is as before once the garbage is collected. */
static void nothing_is_kept(void **state) {
    struct session *s = *state;
    const char *code =
        "w = var{{1, 2}, name = \"w\"} function f() return square(w - 3):mean() end "
        "lab.check{\"w\", tensor{5, 6}, loss = f, params = w} w = nil f = nil "
        "lab.check{\"t\", tensor.ones(1000), expected = tensor.zeros(1000)}";
    session_do(s, code);
    session_do(s, "collectgarbage() collectgarbage()");
    size_t before = nn_memory_in_use();
    for (int i = 0; i < 10; i++)
        session_do(s, code);
    session_do(s, "collectgarbage() collectgarbage()");
    assert_int_equal(nn_memory_in_use(), before);
}

static void walk(struct session *s, const char *code) {
    if (!fail_alloc_supported())
        return;
    session_do(s, code);
    bool done = false;
    for (long n = 0; n < 4000 && !done; n++) {
        fail_alloc_after(n);
        struct interp_result out = recorder_run(s->cell, code);
        bool hit = fail_alloc_stop();
        done = !hit && out.ok;
        interp_result_release(&out);
        recorder_reset(&s->r);
    }
    assert_true(done);
    session_shows(s, "1 + 1", "2");
}

static void short_memory_is_survived(void **state) {
    struct session *s = *state;
    walk(s, "return lab.check{\"a\", function(x) return 2 * x end, expected = "
            "function(x) return x end, on = {{1}, {2}}, factors = {k = 3}}");
    walk(s,
         "return lab.check{\"t\", {a = {1, 2}, b = \"x\"}, expected = {a = {1, 2}, b = "
         "\"y\"}}");
    walk(s, "return lab.grade{{\"a\", {1, 2}, expected = {1, 2}}, {\"b\", 1, expected = "
            "2}}");
    session_do(s, "w = var{0.8, name = \"w\"} function f() return (w * 0.5 - 1) ^ 2 end");
    walk(s, "return lab.check{\"dw\", 0.6, loss = f, params = {w}}");
}

#define T(f) cmocka_unit_test_setup_teardown(f, session_open, session_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(line_has_html_and_text), T(check_has_no_value_and_grade_has_points),
        T(answer_is_never_told),   T(nothing_on_stderr),
        T(nothing_is_kept),        T(short_memory_is_survived)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
