/* test_handshake.c: short memory and a launcher that does not answer, without a launcher; what
 * it says when there is one is in tests/protocol/test_handshake.py. And the stack of the crash
 * handler when there is no memory for one. */
#include "../../../kernel/jupyter/crash.h"
#include "../../../kernel/jupyter/handshake.h"

#include "../fail_alloc.h"
#include "base/util.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <zmq.h>

#include <cmocka.h>

/* libzmq ends the process when memory is short: what it asks for is always given. */
static bool not_ours(const void *caller) {
    Dl_info lib;
    return dladdr(caller, &lib) && lib.dli_fname &&
           (strstr(lib.dli_fname, "libzmq") || strstr(lib.dli_fname, "libstdc++"));
}

static const char file[] =
    "{\"registration_ip\":\"127.0.0.1\",\"registration_port\":%d,\"kernel_id\":\"k\","
    "\"key\":\"llave\",\"signature_scheme\":\"%s\"}";

static void without_an_answer(const char *scheme) {
    struct jup_connection c;
    struct jup_signer s;
    struct err e = {0};
    char text[300];
    void *context = zmq_ctx_new();
    (void)snprintf(text, sizeof text, file, 9, scheme);
    assert_int_equal(jup_connection_parse(&c, text, strlen(text), &e), 0);
    assert_int_equal(jup_signer_init(&s, scheme, "llave", 5, &e), 0);
    assert_int_equal(jup_handshake(&c, &s, context, 0.001, &e), ERR_IO);
    assert_non_null(strstr(e.msg, "no respondió"));
    for (long n = 0, failed = 1; fail_alloc_supported() && failed; n++) {
        assert_true(n < 500);
        err_clear(&e);
        fail_alloc_spares = not_ours;
        fail_alloc_after(n);
        int rc = jup_handshake(&c, &s, context, 0.001, &e);
        failed = fail_alloc_stop();
        assert_true(rc == ERR_IO || (failed && rc == ERR_NOMEM));
        assert_true(e.msg[0] != '\0');
    }
    jup_signer_release(&s);
    jup_connection_release(&c);
    zmq_ctx_term(context);
}

static void a_launcher_that_is_not_there(void **state) {
    (void)state;
    without_an_answer("hmac-sha256");
    without_an_answer("hmac-sha512");
}

static void no_stack_for_crashes(void **state) {
    (void)state;
    struct jup_crash x;
    struct sigaction before, now;
    sigaction(SIGSEGV, NULL, &before);
    assert_int_equal(jup_crash_init(&x, NULL), 0);
    if (fail_alloc_supported()) {
        fail_alloc_after(0);
        jup_crash_install(&x);
        assert_true(fail_alloc_stop());
        assert_false(x.installed);
    }
    jup_crash_uninstall(&x);
    sigaction(SIGSEGV, NULL, &now);
    assert_ptr_equal(now.sa_handler, before.sa_handler);
    jup_crash_install(&x);
    jup_crash_uninstall(&x);
    sigaction(SIGSEGV, NULL, &now);
    assert_ptr_equal(now.sa_handler, before.sa_handler);
    jup_crash_release(&x);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_launcher_that_is_not_there),
                                       cmocka_unit_test(no_stack_for_crashes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
