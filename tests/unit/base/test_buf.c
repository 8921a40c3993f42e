/* test_buf.c: the growing buffer: contents, ceiling, take, and short memory. */
#include "../fail_alloc.h"
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_appends(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    buf_puts(&b, "uno ");
    buf_printf(&b, "%d y %s", 2, "tres");
    buf_putc(&b, '!');
    assert_string_equal(b.data, "uno 2 y tres!");
    assert_int_equal(b.len, 13);
    assert_false(b.failed);
    buf_clear(&b);
    assert_int_equal(b.len, 0);
    assert_string_equal(b.data, "");
    buf_release(&b);
    assert_null(b.data);
}

static void test_holds_zero_bytes(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 10);
    buf_add(&b, "a\0b", 3);
    buf_add(&b, NULL, 0);
    assert_int_equal(b.len, 3);
    assert_memory_equal(b.data, "a\0b", 4);
    buf_release(&b);
}

static void test_ceiling(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 8);
    buf_puts(&b, "12345678");
    assert_false(b.failed);
    buf_putc(&b, '9');
    assert_true(b.failed);
    assert_string_equal(b.data, "12345678");
    buf_puts(&b, "");
    assert_true(b.failed);
    buf_clear(&b);
    buf_puts(&b, "otra");
    assert_string_equal(b.data, "otra");
    buf_release(&b);
    assert_false(buf_reserve(&b, SIZE_MAX));
    buf_release(&b);
}

static void test_take(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    size_t n = 7;
    assert_null(buf_take(&b, &n));
    assert_int_equal(n, 0);
    buf_puts(&b, "mío");
    char *mine = buf_take(&b, &n);
    assert_string_equal(mine, "mío");
    assert_int_equal(n, 4);
    assert_null(b.data);
    assert_int_equal(b.max, 100);
    free(mine);
}

static void test_short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        return;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_puts(&b, "antes");
    char big[5000];
    memset(big, 'x', sizeof big);
    fail_alloc_after(0);
    buf_add(&b, big, sizeof big);
    assert_true(fail_alloc_stop());
    assert_true(b.failed);
    assert_string_equal(b.data, "antes");
    buf_release(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appends), cmocka_unit_test(test_holds_zero_bytes),
        cmocka_unit_test(test_ceiling), cmocka_unit_test(test_take),
        cmocka_unit_test(test_short_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
