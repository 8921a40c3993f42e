/* test_oserr.c: base/oserr.h: the system's reasons, without a catalogue. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/oserr.h"

static void common_reasons_are_spanish(void **state) {
    (void)state;
    assert_string_equal(os_reason(ENOENT), "no existe ese archivo o carpeta");
    assert_string_equal(os_reason(EACCES), os_reason(EPERM));
    assert_string_equal(os_reason(ENOSPC), os_reason(EDQUOT));
    assert_string_equal(os_reason(EMFILE), "hay demasiados archivos abiertos");
}

static void a_rare_reason_is_the_systems(void **state) {
    (void)state;
    assert_string_equal(os_reason(EILSEQ), strerror(EILSEQ));
    assert_string_equal(os_reason(0), strerror(0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(common_reasons_are_spanish),
        cmocka_unit_test(a_rare_reason_is_the_systems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
