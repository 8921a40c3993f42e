/* test_mime.c: bundles, the copies of util.h, checked sizes and the error struct. */
#include "../fail_alloc.h"
#include "base/err.h"
#include "base/mime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_bundle(void **state) {
    (void)state;
    struct mime_bundle b = {0};
    assert_true(mime_add_text(&b, "text/plain", "42"));
    assert_true(mime_add(&b, "image/png", "\x89P\0G", 4));
    assert_int_equal(mime_get(&b, "image/png")->len, 4);
    assert_memory_equal(mime_get(&b, "image/png")->data, "\x89P\0G", 5);
    assert_true(mime_add_text(&b, "text/plain", "cuarenta y dos"));
    assert_int_equal(b.n, 2);
    assert_string_equal(mime_get(&b, "text/plain")->data, "cuarenta y dos");
    assert_null(mime_get(&b, "text/html"));
    assert_true(mime_set_metadata(&b, "{}"));
    assert_true(mime_set_metadata(&b, "{\"caption\":\"x\"}"));
    assert_string_equal(b.metadata, "{\"caption\":\"x\"}");
    mime_release(&b);
    assert_int_equal(b.n, 0);
}

static void test_bundle_is_full(void **state) {
    (void)state;
    struct mime_bundle b = {0};
    char type[32];
    for (int i = 0; i < MIME_MAX; i++) {
        (void)snprintf(type, sizeof type, "text/x-%d", i);
        assert_true(mime_add_text(&b, type, "x"));
    }
    assert_false(mime_add_text(&b, "text/x-other", "x"));
    assert_true(mime_add_text(&b, "text/x-0", "y"));
    assert_int_equal(b.n, MIME_MAX);
    mime_release(&b);
}

static void test_short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        return;
    for (long n = 0;; n++) {
        struct mime_bundle b = {0};
        fail_alloc_after(n);
        bool ok = mime_add_text(&b, "text/plain", "1") &&
                  mime_add_text(&b, "text/plain", "2") && mime_set_metadata(&b, "{}");
        bool failed = fail_alloc_stop();
        assert_int_equal(ok, !failed);
        mime_release(&b);
        if (!failed)
            break;
    }
}

static void test_sizes(void **state) {
    (void)state;
    size_t n = 1;
    assert_true(mul_size(&n, 6, 7));
    assert_int_equal(n, 42);
    assert_false(mul_size(&n, SIZE_MAX, 2));
    assert_int_equal(n, 0);
    assert_true(add_size(&n, SIZE_MAX - 1, 1));
    assert_false(add_size(&n, SIZE_MAX, 1));
    assert_int_equal(n, 0);
    assert_null(copy_bytes("x", SIZE_MAX));
    char *s = copy_bytes("abc", 2);
    assert_string_equal(s, "ab");
    free(s);
}

static void test_clock(void **state) {
    (void)state;
    double a = clock_seconds(), b = clock_seconds();
    assert_true(b >= a);
}

static void test_text_in_list(void **state) {
    (void)state;
    assert_true(text_in_list("mse", "mse|mae") && text_in_list("mae", "mse|mae"));
    assert_false(text_in_list("ms", "mse|mae") || text_in_list("mse|", "mse|mae"));
    assert_false(text_in_list("", "mse") || text_in_list("mse", "") ||
                 text_in_list("mse", NULL));
    assert_true(text_in_list("", "mse||mae"));
}

static void test_err(void **state) {
    (void)state;
    struct err e = {0};
    assert_int_equal(err_set(&e, ERR_RANGE, "etiqueta %d, límite %d", 12, 10), ERR_RANGE);
    assert_int_equal(e.code, ERR_RANGE);
    assert_string_equal(e.msg, "etiqueta 12, límite 10");
    err_clear(&e);
    assert_int_equal(e.code, ERR_OK);
    assert_string_equal(e.msg, "");
    assert_int_equal(err_set(NULL, ERR_IO, "nadie escucha"), ERR_IO);
    err_clear(NULL);
    char big[2000];
    memset(big, 'z', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    (void)err_set(&e, ERR_ARG, "%s", big);
    assert_int_equal(strlen(e.msg), sizeof e.msg - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bundle),       cmocka_unit_test(test_bundle_is_full),
        cmocka_unit_test(test_short_memory), cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_clock),        cmocka_unit_test(test_text_in_list),
        cmocka_unit_test(test_err)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
