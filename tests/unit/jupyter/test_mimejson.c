/* test_mimejson.c: bundles as the protocol wants them. */
#include "../../../kernel/jupyter/mimejson.h"

#include "../fail_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const struct jup_log quiet = {.fd = -1};

static void expect(const struct mime_bundle *b, bool need_text, const char *json) {
    json_t *data = jup_mime_data(b, need_text, &quiet);
    char *text = json_dumps(data, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text, json);
    free(text);
    json_decref(data);
}

static void kinds(void **state) {
    (void)state;
    struct mime_bundle b = {0};
    mime_add_text(&b, "text/plain", "a\x1B[2J");
    mime_add_text(&b, "application/vnd.vegalite.v5+json", "{\"n\": [1, null]}");
    mime_add(&b, "image/png", "\x89P\0", 3);
    mime_add_text(&b, "image/svg+xml", "<svg/>");
    mime_add(&b, "application/pdf", "%PDF", 4);
    expect(
        &b, true,
        "{\"application/pdf\":\"JVBERg==\",\"application/vnd.vegalite.v5+json\":{\"n\":"
        "[1,null]},\"image/png\":\"iVAA\",\"image/svg+xml\":\"<svg/>\","
        "\"text/plain\":\"a\"}");
    mime_release(&b);
}

static void what_cannot_be_read_is_left_out(void **state) {
    (void)state;
    static const char *const bad_types[] = {"",      "text",   "/plain", "text/",
                                            "a/b/c", "a/b; c", "tëxt/x"};
    struct mime_bundle b = {0};
    for (size_t i = 0; i < ARRAY_LEN(bad_types); i++)
        mime_add_text(&b, bad_types[i], "x");
    mime_add_text(&b, "application/json", "{\"loss\": NaN}");
    expect(&b, false, "{}");
    expect(&b, true, "{\"text/plain\":\"\"}");
    mime_release(&b);
}

static void metadata(void **state) {
    (void)state;
    static const char *const in[] = {"{\"caption\":\"c\"}", "[1]", "{", NULL};
    static const char *const out[] = {"{\"caption\":\"c\"}", "{}", "{}", "{}"};
    for (size_t i = 0; i < ARRAY_LEN(in); i++) {
        struct mime_bundle b = {0};
        if (in[i])
            mime_set_metadata(&b, in[i]);
        json_t *m = jup_mime_metadata(&b, &quiet);
        char *text = json_dumps(m, JSON_COMPACT);
        assert_string_equal(text, out[i]);
        free(text);
        json_decref(m);
        mime_release(&b);
    }
}

static void short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    struct mime_bundle b = {0};
    mime_add_text(&b, "text/plain", "x");
    mime_add(&b, "image/png", "123", 3);
    for (long n = 0;; n++) {
        fail_alloc_after(n);
        json_t *data = jup_mime_data(&b, true, &quiet);
        bool failed = fail_alloc_stop();
        assert_true(failed || json_object_size(data) == 2);
        json_decref(data);
        if (!failed)
            break;
    }
    mime_release(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds), cmocka_unit_test(what_cannot_be_read_is_left_out),
        cmocka_unit_test(metadata), cmocka_unit_test(short_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
