/* fuzz_wire.c: frames as they may come from a socket.
 *
 * Input: one byte (bit 0: with a key), then frames: two bytes of length, little endian, and
 * the bytes. With a key the second frame after the delimiter cannot be guessed, so a right
 * signature is put in when bit 1 is set. */
#include "../../kernel/jupyter/wire.h"

#include "base/util.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct jup_frames frames_of(const uint8_t *data, size_t size) {
    struct jup_frames f = {.frame = calloc(JUP_FRAMES_MAX, sizeof *f.frame)};
    while (f.frame && f.n < JUP_FRAMES_MAX && size >= 2) {
        size_t len = MIN_OF((size_t)(data[0] | data[1] << 8), size - 2);
        char *copy = malloc(len ? len : 1); /* no NUL after it: nothing may read there */
        if (!copy)
            break;
        memcpy(copy, data + 2, len);
        f.frame[f.n++] = (struct jup_frame){copy, len};
        f.bytes += len;
        data += 2 + len;
        size -= 2 + len;
    }
    return f;
}

static void sign(struct jup_wire *w, struct jup_frames *f) {
    size_t d = 0;
    while (d < f->n && (f->frame[d].len != sizeof JUP_DELIMITER ||
                        memcmp(f->frame[d].data, JUP_DELIMITER, sizeof JUP_DELIMITER)))
        d++;
    if (d + 6 > f->n)
        return;
    struct jup_span part[JUP_SIGNED_PARTS];
    char hex[JUP_HEX_MAX];
    for (size_t i = 0; i < JUP_SIGNED_PARTS; i++)
        part[i] = (struct jup_span){f->frame[d + 2 + i].data, f->frame[d + 2 + i].len};
    jup_signer_hex(&w->signer, part, hex, NULL);
    free(f->frame[d + 1].data);
    f->frame[d + 1] = (struct jup_frame){copy_text(hex), strlen(hex)};
}

/* What was accepted can be answered. */
static void answer(struct jup_wire *w, const struct jup_message *m) {
    struct jup_encoded x;
    struct jup_outgoing out = {.type = "execute_reply",
                               .id = m->origin->id,
                               .n_id = m->origin->n_id,
                               .parent = {m->origin->header, m->origin->header_len}};
    if (jup_wire_encode(w, &out, &x, NULL))
        abort();
    json_t *again = json_loadb(x.part[0].data, x.part[0].len, 0, NULL);
    if (!again || strcmp(jup_string(m->header, "msg_type"), m->type) != 0)
        abort();
    json_decref(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct jup_wire keyed, open;
    static struct jup_identity self;
    if (!self.username) {
        if (jup_identity_init(&self, NULL) ||
            jup_signer_init(&keyed.signer, "hmac-sha256", "key", 3, NULL))
            return 0;
        keyed.self = open.self = &self;
    }
    if (size == 0)
        return 0;
    struct jup_wire *w = data[0] & 1 ? &keyed : &open;
    struct jup_frames f = frames_of(data + 1, size - 1);
    if ((data[0] & 3) == 3)
        sign(w, &f);
    struct jup_message *m = NULL;
    struct err e = {0};
    if (jup_wire_decode(w, &f, &m, &e) == 0)
        answer(w, m);
    else if (e.msg[0] == '\0' || m)
        abort();
    jup_message_free(m);
    jup_frames_release(&f);
    return 0;
}
