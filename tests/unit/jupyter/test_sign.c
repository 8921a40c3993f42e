/* test_sign.c: HMAC by every scheme, checked against published vectors (RFC 4231, RFC 2202,
 * test case 2) and against wrong signatures. */
#include "../../../kernel/jupyter/sign.h"

#include "base/util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* "what do ya want for nothing?" in four parts. */
static const struct jup_span parts[JUP_SIGNED_PARTS] = {
    {"what do ya ", 11}, {"want ", 5}, {"for", 3}, {" nothing?", 9}};

static const struct {
    const char *scheme, *hex;
} vectors[] = {
    {"hmac-sha256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"hmac-sha1", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {"hmac-md5", "750c783e6ab0b503eaa86e310a5db738"},
    {"hmac-sha512", "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                    "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
};

static void published(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        struct jup_signer s, copy;
        char hex[JUP_HEX_MAX];
        assert_int_equal(jup_signer_init(&s, vectors[i].scheme, "Jefe", 4, NULL), 0);
        assert_int_equal(jup_signer_copy(&copy, &s, NULL), 0);
        for (int again = 0; again < 3; again++) { /* one context signs many messages */
            assert_int_equal(jup_signer_hex(&s, parts, hex, NULL), 0);
            assert_string_equal(hex, vectors[i].hex);
            assert_int_equal(jup_signer_hex(&copy, parts, hex, NULL), 0);
            assert_string_equal(hex, vectors[i].hex);
        }
        jup_signer_release(&s);
        jup_signer_release(&copy);
    }
}

/* Keys around the length of a block, and longer: SHA-256 by hand and by OpenSSL, which knows
 * it by another name as well, agree; and RFC 4231's test case 6. */
static void keys_of_all_lengths(void **state) {
    (void)state;
    char key[200], ours[JUP_HEX_MAX], theirs[JUP_HEX_MAX];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (char)(i * 7 + 1);
    for (size_t n = 1; n <= sizeof key; n++) {
        struct jup_signer a, b;
        assert_int_equal(jup_signer_init(&a, "hmac-sha256", key, n, NULL), 0);
        assert_int_equal(jup_signer_init(&b, "hmac-SHA2-256", key, n, NULL), 0);
        assert_int_equal(a.kind, JUP_SIGN_SHA256);
        assert_int_equal(b.kind, JUP_SIGN_EVP);
        assert_int_equal(jup_signer_hex(&a, parts, ours, NULL), 0);
        assert_int_equal(jup_signer_hex(&b, parts, theirs, NULL), 0);
        assert_string_equal(ours, theirs);
        jup_signer_release(&a);
        jup_signer_release(&b);
    }
    static const struct jup_span text[JUP_SIGNED_PARTS] = {
        {"Test Using Larger Than ", 23},
        {"Block-Size Key", 14},
        {" - ", 3},
        {"Hash Key First", 14}};
    struct jup_signer s;
    memset(key, 0xaa, 131);
    assert_int_equal(jup_signer_init(&s, "hmac-sha256", key, 131, NULL), 0);
    assert_int_equal(jup_signer_hex(&s, text, ours, NULL), 0);
    assert_string_equal(
        ours, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    jup_signer_release(&s);
}

static bool passes(struct jup_signer *s, const char *text, size_t n) {
    char *exact = copy_bytes(text, n); /* its end is the end of the memory */
    struct jup_frame f = {exact, n};
    bool ok = jup_signer_check(s, parts, &f);
    free(exact);
    return ok;
}

static void wrong_ones(void **state) {
    (void)state;
    struct jup_signer s;
    const char *good = vectors[0].hex;
    char hex[JUP_HEX_MAX];
    assert_int_equal(jup_signer_init(&s, "hmac-sha256", "Jefe", 4, NULL), 0);
    assert_true(passes(&s, good, 64));
    for (size_t n = 0; n < 64; n++)
        assert_false(passes(&s, good, n));
    strcpy(hex, good);
    strcat(hex, "0");
    assert_false(passes(&s, hex, 65));
    for (size_t i = 0; i < 64; i++) {
        strcpy(hex, good);
        hex[i] = hex[i] == '0' ? '1' : '0';
        assert_false(passes(&s, hex, 64));
    }
    jup_signer_release(&s);
}

static void no_key(void **state) {
    (void)state;
    struct jup_signer s;
    char hex[JUP_HEX_MAX] = "x";
    assert_int_equal(jup_signer_init(&s, "hmac-sha256", "", 0, NULL), 0);
    assert_int_equal(jup_signer_hex(&s, parts, hex, NULL), 0);
    assert_string_equal(hex, "");
    assert_true(passes(&s, "anything", 8));
    jup_signer_release(&s);
}

static void unknown_schemes(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "sha256",
                                      "hmac-",
                                      "hmac-nothing",
                                      "HMAC-SHA256x",
                                      "hmac-a-very-long-name-that-is-no-hash-at-all"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct jup_signer s;
        struct err e = {0};
        assert_int_equal(jup_signer_init(&s, bad[i], "k", 1, &e), ERR_ARG);
        assert_null(s.ctx);
        assert_int_equal(s.kind, JUP_SIGN_NOTHING);
        assert_non_null(strstr(e.msg, bad[i]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published), cmocka_unit_test(keys_of_all_lengths),
        cmocka_unit_test(wrong_ones), cmocka_unit_test(no_key),
        cmocka_unit_test(unknown_schemes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
