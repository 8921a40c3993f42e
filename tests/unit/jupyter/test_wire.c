/* test_wire.c: messages out of frames and back, and frames that are no message. */
#include "../../../kernel/jupyter/wire.h"

#include "../fail_alloc.h"

#include "base/util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define HEADER "{ \"msg_id\":\"m1\", \"msg_type\":\"execute_request\",\"x\":1 }"

static struct jup_identity self;
static struct jup_wire wire;

static int set_up(void **state) {
    (void)state;
    wire = (struct jup_wire){.self = &self};
    return jup_identity_init(&self, NULL) ||
           jup_signer_init(&wire.signer, "hmac-sha256", "key", 3, NULL);
}

static int tear_down(void **state) {
    (void)state;
    jup_identity_release(&self);
    jup_signer_release(&wire.signer);
    return 0;
}

/* Frames of the texts; NULL ends. A text "SIGN" becomes the right signature. */
static struct jup_frames frames_of(const char *const *text) {
    struct jup_frames f = {.frame = calloc(32, sizeof *f.frame)};
    for (; text[f.n]; f.n++) {
        f.frame[f.n] = (struct jup_frame){copy_text(text[f.n]), strlen(text[f.n])};
        f.bytes += strlen(text[f.n]);
    }
    for (size_t i = 0; i < f.n; i++) {
        if (strcmp(text[i], "SIGN") != 0)
            continue;
        struct jup_span part[4];
        char hex[JUP_HEX_MAX];
        for (size_t k = 0; k < 4; k++)
            part[k] = (struct jup_span){f.frame[i + 1 + k].data, f.frame[i + 1 + k].len};
        jup_signer_hex(&wire.signer, part, hex, NULL);
        free(f.frame[i].data);
        f.frame[i] = (struct jup_frame){copy_text(hex), strlen(hex)};
    }
    return f;
}

static int decode(const char *const *text, struct jup_message **m, struct err *e) {
    struct jup_frames f = frames_of(text);
    int rc = jup_wire_decode(&wire, &f, m, e);
    jup_frames_release(&f);
    return rc;
}

static const char *const good[] = {"id1",
                                   "id2",
                                   "<IDS|MSG>",
                                   "SIGN",
                                   HEADER,
                                   "{}",
                                   "{\"cellId\":\"c\"}",
                                   "{\"code\":\"1\"}",
                                   "buf",
                                   "",
                                   NULL};

static void whole(void **state) {
    (void)state;
    struct jup_message *m = NULL;
    assert_int_equal(decode(good, &m, NULL), 0);
    assert_string_equal(m->type, "execute_request");
    assert_int_equal(m->origin->n_id, 2);
    assert_string_equal(m->origin->id[1].data, "id2");
    assert_int_equal(m->origin->header_len, strlen(HEADER));
    assert_string_equal(m->origin->header, HEADER); /* byte for byte */
    assert_string_equal(jup_string(m->content, "code"), "1");
    assert_string_equal(jup_string(m->metadata, "cellId"), "c");
    assert_int_equal(m->n_buffer, 2);
    assert_int_equal(m->buffer[0].len, 3);
    jup_message_free(m);
}

static void refused(void **state) {
    (void)state;
    static const struct {
        const char *const text[10];
        int code;
    } bad[] = {
        {{"id", NULL}, ERR_FORMAT},
        {{"<IDS|MSG>", NULL}, ERR_FORMAT},
        {{"<IDS|MSG>", "", HEADER, "{}", "{}", NULL}, ERR_FORMAT},
        {{"<IDS|MSG>", "", HEADER, "{}", "{}", "{}", NULL}, ERR_AUTH},
        {{"<IDS|MSG>", "00", HEADER, "{}", "{}", "{}", NULL}, ERR_AUTH},
        {{"<IDS|MSG>", "SIGN", "{", "{}", "{}", "{}", NULL}, ERR_FORMAT},
        {{"<IDS|MSG>", "SIGN", HEADER, "[]", "{}", "{}", NULL}, ERR_FORMAT},
        {{"<IDS|MSG>", "SIGN", HEADER, "{}", "3", "{}", NULL}, ERR_FORMAT},
        {{"<IDS|MSG>", "SIGN", HEADER, "{}", "{}", "{\"a\":NaN}", NULL}, ERR_FORMAT},
        {{"<IDS|MSG>", "SIGN", HEADER, "{}", "{}", "{\"a\":\"\xFF\"}", NULL}, ERR_FORMAT},
        {{"<IDS|MSG>", "SIGN", "{\"msg_id\":\"x\"}", "{}", "{}", "{}", NULL}, ERR_FORMAT},
        {{"<IDS|MSG>", "SIGN", "{\"msg_id\":\"x\",\"msg_type\":\"\"}", "{}", "{}", "{}",
          NULL},
         ERR_FORMAT},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct jup_message *m = NULL;
        struct err e = {0};
        assert_int_equal(decode(bad[i].text, &m, &e), bad[i].code);
        assert_null(m);
        assert_true(e.msg[0] != '\0');
    }
}

/* What is not signed is not parsed: garbage is an authentication error. */
static void signature_first(void **state) {
    (void)state;
    struct jup_message *m = NULL;
    const char *const text[] = {"<IDS|MSG>", "00", "garbage", "x", "y", "z", NULL};
    assert_int_equal(decode(text, &m, NULL), ERR_AUTH);
}

static void replayed(void **state) {
    (void)state;
    struct jup_replay seen;
    struct jup_message *m = NULL;
    jup_replay_init(&seen);
    wire.seen = &seen;
    const char *const forged[] = {"<IDS|MSG>", "00", HEADER, "{}", "{}", "{}", NULL};
    assert_int_equal(decode(forged, &m, NULL), ERR_AUTH);
    assert_int_equal(seen.recent.n, 0); /* only what was verified is remembered */
    assert_int_equal(decode(good, &m, NULL), 0);
    jup_message_free(m);
    assert_int_equal(decode(good, &m, NULL), ERR_AUTH);
    assert_null(m);
    wire.seen = NULL;
    jup_replay_release(&seen);
}

static void there_and_back(void **state) {
    (void)state;
    struct jup_encoded x;
    struct jup_message *m = NULL;
    struct jup_outgoing out = {.type = "status", .content = {"{\"a\":1}", 7}};
    assert_int_equal(jup_wire_encode(&wire, &out, &x, NULL), 0);
    char text[4][600];
    for (int i = 0; i < 4; i++) {
        memcpy(text[i], x.part[i].data, x.part[i].len);
        text[i][x.part[i].len] = '\0';
    }
    const char *const frames[] = {"<IDS|MSG>", x.signature, text[0], text[1],
                                  text[2],     text[3],     NULL};
    assert_int_equal(decode(frames, &m, NULL), 0);
    assert_string_equal(m->type, "status");
    assert_string_equal(jup_string(m->header, "session"), self.session);
    assert_string_equal(jup_string(m->header, "version"), "5.5");
    assert_string_equal(jup_string(m->header, "msg_id"), x.msg_id);
    const char *date = jup_string(m->header, "date");
    assert_int_equal(strlen(date), strlen("2026-01-01T00:00:00.000000Z"));
    assert_true(date[19] == '.' && date[26] == 'Z');
    assert_int_equal(json_object_size(m->parent), 0);
    jup_message_free(m);
}

static void names_are_quoted(void **state) {
    (void)state;
    struct jup_identity odd;
    setenv("USER", "a\"b\\\n", 1);
    assert_int_equal(jup_identity_init(&odd, NULL), 0);
    assert_string_equal(odd.username, "\"a\\\"b\\\\\\n\"");
    jup_identity_release(&odd);
    unsetenv("USER");
    assert_int_equal(jup_identity_init(&odd, NULL), 0);
    assert_string_equal(odd.username, "\"nabla\"");
    assert_string_not_equal(odd.session, self.session);
    jup_identity_release(&odd);
}

static void short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    for (long n = 0;; n++) {
        struct jup_message *m = NULL;
        struct jup_frames f = frames_of(good);
        fail_alloc_after(n);
        int rc = jup_wire_decode(&wire, &f, &m, NULL);
        bool failed = fail_alloc_stop();
        jup_frames_release(&f);
        if (!failed) {
            assert_int_equal(rc, 0);
            jup_message_free(m);
            break;
        }
        /* OpenSSL was short of it, or jansson did not say so */
        assert_true(rc == ERR_NOMEM || rc == ERR_AUTH || rc == ERR_FORMAT);
        assert_null(m);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole),           cmocka_unit_test(refused),
        cmocka_unit_test(signature_first), cmocka_unit_test(replayed),
        cmocka_unit_test(there_and_back),  cmocka_unit_test(names_are_quoted),
        cmocka_unit_test(short_memory)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
