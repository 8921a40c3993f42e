/* test_clean.c: what may reach a notebook, whole and in pieces. */
#include "../../../kernel/jupyter/clean.h"

#include "base/util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define FFFD "\xEF\xBF\xBD"

static const struct {
    const char *in, *out;
    size_t n; /* 0: strlen */
} cases[] = {
    {"plain\n\t\r", "plain\n\t\r", 0},
    {"ñ€😀", "ñ€😀", 0},
    {"a\0b", "ab", 3},
    {"\x07\x08\x0B\x0C\x7F", "", 0},
    {"\x1B[31;1mrojo\x1B[0m", "\x1B[31;1mrojo\x1B[0m", 0},
    {"\x1B[38:5:1mx\x1B[m", "\x1B[38:5:1mx\x1B[m", 0},
    {"\x1B[2Ja\x1B[?25lb\x1B[1Ac", "abc", 0},
    {"\x1B]0;title\x07x\x1B]8;;u\x1B\\y", "xy", 0},
    {"\x1B]unfinished\nnext", "\nnext", 0},
    {"\x1B(Bx\x1B"
     "7y\x1B=z",
     "xyz", 0},
    {"\x1B\x1B[31mx", "\x1B[31mx", 0},
    {"\x1B[31\nx", "\nx", 0},
    {"\x1Bñ", "ñ", 0},
    {"\xC2\x85", "", 0},         /* C1 */
    {"\xC2\xA0", "\xC2\xA0", 0}, /* U+00A0 is no control */
    {"\xFF\xFE", FFFD FFFD, 0},
    {"\x80", FFFD, 0},
    {"\xC3", FFFD, 0},
    {"\xC3(", FFFD "(", 0},
    {"\xC0\xAF", FFFD FFFD, 0},                   /* overlong */
    {"\xE0\x80\x80", FFFD FFFD FFFD, 0},          /* overlong */
    {"\xED\xA0\x80", FFFD FFFD FFFD, 0},          /* a surrogate */
    {"\xF0\x9F\x98", FFFD, 0},                    /* one maximal subpart */
    {"\xF4\x90\x80\x80", FFFD FFFD FFFD FFFD, 0}, /* above U+10FFFF */
    {"\xE2\x82\xC3\xB1", FFFD "ñ", 0},
};

static void check(const char *in, size_t n, size_t piece, const char *out) {
    struct jup_clean c = {0};
    struct buf b;
    buf_init(&b, 1 << 20);
    for (size_t i = 0; i < n; i += piece)
        jup_clean_feed(&c, in + i, MIN_OF(piece, n - i), &b);
    jup_clean_finish(&c, &b);
    assert_int_equal(b.len, strlen(out));
    assert_string_equal(b.data ? b.data : "", out);
    buf_release(&b);
}

static void cases_in_pieces(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t n = cases[i].n ? cases[i].n : strlen(cases[i].in);
        for (size_t piece = 1; piece <= n; piece++)
            check(cases[i].in, n, piece, cases[i].out);
    }
}

/* Sequences without an end do not swallow everything, nor grow. */
static void long_sequences(void **state) {
    (void)state;
    struct buf b;
    struct jup_clean c = {0};
    char parameters[200], title[10000];
    buf_init(&b, 1 << 20);
    memset(parameters, '1', sizeof parameters);
    memset(title, 't', sizeof title);
    jup_clean_feed(&c, "\x1B[", 2, &b);
    jup_clean_feed(&c, parameters, sizeof parameters, &b);
    jup_clean_feed(&c, "mok", 3, &b);
    assert_string_equal(b.data, "ok");
    jup_clean_feed(&c, "\x1B]", 2, &b);
    jup_clean_feed(&c, title, sizeof title, &b);
    assert_int_equal(b.len, 2 + 10000 - 4096);
    buf_release(&b);
}

/* Every byte after every byte: the result is valid UTF-8 without control bytes. */
static void any_bytes(void **state) {
    (void)state;
    uint64_t x = 88172645463325252u;
    for (int round = 0; round < 2000; round++) {
        char in[64];
        struct buf once, twice;
        buf_init(&once, 4096);
        buf_init(&twice, 4096);
        for (size_t i = 0; i < sizeof in; i++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            in[i] = (char)(x >> 32);
            if (x % 5 == 0)
                in[i] = "\x1B[]m;1"[x / 5 % 6];
        }
        jup_clean_text(in, sizeof in, &once);
        jup_clean_text(once.data ? once.data : "", once.len, &twice);
        assert_int_equal(once.len, twice.len); /* clean text stays as it is */
        if (once.len)
            assert_memory_equal(once.data, twice.data, once.len);
        buf_release(&once);
        buf_release(&twice);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(cases_in_pieces),
                                       cmocka_unit_test(long_sequences),
                                       cmocka_unit_test(any_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
