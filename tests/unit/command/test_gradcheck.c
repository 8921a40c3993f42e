/* test_gradcheck.c: how the check of a gradient shows itself: colours, caption, words. */
#include "session.h"

static const struct mime_item *part(const struct interp_result *r, const char *type) {
    const struct mime_item *m = mime_get(&r->value, type);
    assert_non_null(m);
    return m;
}

static void has(const struct interp_result *r, const char *type, const char *text) {
    const char *data = part(r, type)->data;
    if (!strstr(data, text))
        fail_msg("%s: %s", text, data);
}

static void verdicts_have_colours(void **state) {
    struct session *s = *state;
    struct interp_result out;
    session_run(s,
                "w = var{0.8, name = \"w\"} b = var{0.2, name = \"b\"} "
                "function f() return square(sigmoid(w * 0.5 + b) - 1) end "
                "return gradcheck{f, {w = w, b = b}, caption = \"Revisión\", "
                "label = \"tab:r\", given = {w = 0.081068, b = grad(f(), b)}}",
                &out);
    has(&out, "text/html",
        "color: color-mix(in srgb, #00875F 70%, "
        "currentColor)\"><strong>correcto</strong>");
    has(&out, "text/html",
        "color: color-mix(in srgb, #CC4E00 70%, "
        "currentColor)\"><strong>incorrecto</strong>");
    has(&out, "text/latex", "\\textcolor[HTML]{CC4E00}{incorrecto}");
    has(&out, "text/plain", "incorrecto");
    has(&out, "text/plain", "signo"); /* the mistake by its name */
    assert_non_null(strstr(out.value.metadata, "tab:r"));
    interp_result_release(&out);
}

#define T(f) cmocka_unit_test_setup_teardown(f, session_open, session_close)

int main(void) {
    const struct CMUnitTest tests[] = {T(verdicts_have_colours)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
