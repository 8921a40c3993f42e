/* sign.h: HMAC signatures of messages (messaging, "The Wire Protocol").
 *
 *     struct jup_signer s;
 *     jup_signer_init(&s, "hmac-sha256", key, strlen(key), &e);
 *     jup_signer_hex(&s, part, hex);              hex == "" without a key
 *     if (!jup_signer_check(&s, part, text, n)) drop it
 *
 * Threads: one signer per thread, made with jup_signer_copy. */
#ifndef JUP_SIGN_H
#define JUP_SIGN_H

#include "base/err.h"

#include <openssl/sha.h>
#include <stdbool.h>
#include <stddef.h>

enum { JUP_SIGNED_PARTS = 4, JUP_DIGEST_MAX = 64, JUP_HEX_MAX = 2 * JUP_DIGEST_MAX + 1 };

/* Bytes of a frame that was received, owned by who holds it. */
struct jup_frame {
    char *data;
    size_t len;
};

/* Bytes to be signed or sent, borrowed. */
struct jup_span {
    const char *data;
    size_t len;
};

enum jup_sign_kind { JUP_SIGN_NOTHING, JUP_SIGN_SHA256, JUP_SIGN_EVP };

struct jup_signer {
    enum jup_sign_kind kind;    /* JUP_SIGN_NOTHING: the key is empty */
    SHA256_CTX inner, outer;    /* hmac-sha256, after the key */
    struct evp_mac_ctx_st *ctx; /* any other scheme; else NULL */
};

/* scheme "hmac-<hash>" with any hash that OpenSSL has. ERR_ARG when it has it not. */
int jup_signer_init(struct jup_signer *s, const char *scheme, const char *key, size_t len,
                    struct err *e);
int jup_signer_copy(struct jup_signer *s, const struct jup_signer *from, struct err *e);
void jup_signer_release(struct jup_signer *s);

/* Lower-case hexadecimal of the HMAC over the four JSON frames, part[JUP_SIGNED_PARTS]. */
int jup_signer_hex(struct jup_signer *s, const struct jup_span *part,
                   char hex[JUP_HEX_MAX], struct err *e);

/* Does the text, of any length, sign these parts? Compares in constant time after the
 * lengths. Without a key everything passes. */
bool jup_signer_check(struct jup_signer *s, const struct jup_span *part,
                      const struct jup_frame *text);

#endif
