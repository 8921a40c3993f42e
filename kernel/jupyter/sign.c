/* sign.c: HMAC (RFC 2104): over libcrypto's SHA-256 by hand, over every other hash through
 * OpenSSL's EVP_MAC, which has to be loaded first. */
#define OPENSSL_SUPPRESS_DEPRECATED /* SHA-256 without the EVP interface */
#define ERR_STATE                   OPENSSL_ERR_STATE /* OpenSSL has a type with our error code's name */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#undef ERR_STATE

#include "sign.h"

#include "base/i18n.h"
#include "openssl_lazy.h"

#include <string.h>
#include <strings.h>

/* ---- SHA-256 */

/* The states after the key's block: each message starts from copies of them. */
static void begin_sha256(struct jup_signer *s, const char *key, size_t len) {
    unsigned char block[SHA256_CBLOCK] = {0}, inner[SHA256_CBLOCK], outer[SHA256_CBLOCK];
    SHA256_CTX *hash = &s->inner;
    SHA256_Init(hash);
    if (len <= sizeof block) {
        memcpy(block, key, len);
    } else {
        SHA256_Update(hash, key, len);
        SHA256_Final(block, hash);
        SHA256_Init(hash);
    }
    for (size_t i = 0; i < sizeof block; i++) {
        inner[i] = block[i] ^ 0x36;
        outer[i] = block[i] ^ 0x5C;
    }
    SHA256_Update(hash, inner, sizeof inner);
    SHA256_Init(&s->outer);
    SHA256_Update(&s->outer, outer, sizeof outer);
    s->kind = JUP_SIGN_SHA256;
}

static size_t sum_sha256(const struct jup_signer *s, const struct jup_span *part,
                         unsigned char digest[JUP_DIGEST_MAX]) {
    SHA256_CTX hash = s->inner;
    for (int i = 0; i < JUP_SIGNED_PARTS; i++)
        SHA256_Update(&hash, part[i].data, part[i].len);
    SHA256_Final(digest, &hash);
    hash = s->outer;
    SHA256_Update(&hash, digest, SHA256_DIGEST_LENGTH);
    SHA256_Final(digest, &hash);
    return SHA256_DIGEST_LENGTH;
}

/* ---- any hash */

static int begin_evp(struct jup_signer *s, char *hash, const char *key, size_t len,
                     struct err *e) {
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    s->ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
    OSSL_PARAM params[2] = {{.key = OSSL_MAC_PARAM_DIGEST,
                             .data_type = OSSL_PARAM_UTF8_STRING,
                             .data = hash,
                             .data_size = strlen(hash),
                             .return_size = OSSL_PARAM_UNMODIFIED}};
    bool ok = s->ctx && EVP_MAC_init(s->ctx, (const unsigned char *)key, len, params);
    EVP_MAC_free(mac);
    s->kind = JUP_SIGN_EVP;
    return ok ? 0
              : err_set(e, ERR_NOMEM, _("firma: no se pudo preparar HMAC con %s"), hash);
}

static size_t sum_evp(struct jup_signer *s, const struct jup_span *part,
                      unsigned char digest[JUP_DIGEST_MAX]) {
    size_t n = 0;
    bool ok = EVP_MAC_init(s->ctx, NULL, 0, NULL); /* again with the same key */
    for (int i = 0; ok && i < JUP_SIGNED_PARTS; i++)
        ok = EVP_MAC_update(s->ctx, (const unsigned char *)part[i].data, part[i].len);
    return ok && EVP_MAC_final(s->ctx, digest, &n, JUP_DIGEST_MAX) ? n : 0;
}

static bool is_known(const char *hash) {
    EVP_MD *md = hash[0] ? EVP_MD_fetch(NULL, hash, NULL) : NULL;
    EVP_MD_free(md);
    return md != NULL;
}

/* ---- both */

int jup_signer_init(struct jup_signer *s, const char *scheme, const char *key, size_t len,
                    struct err *e) {
    *s = (struct jup_signer){.kind = JUP_SIGN_NOTHING};
    if (strcasecmp(scheme, "hmac-sha256") == 0) {
        if (len)
            begin_sha256(s, key, len);
        return 0;
    }
    char hash[32] = "";
    int rc = jup_openssl_load(e);
    if (rc)
        return rc;
    /* the system's openssl.cnf changes nothing here and costs time at the start */
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    if (strncmp(scheme, "hmac-", 5) == 0 && strlen(scheme + 5) < sizeof hash)
        strcpy(hash, scheme + 5);
    if (!is_known(hash))
        rc = err_set(e, ERR_ARG,
                     _("signature_scheme: «%s» no es hmac-<hash> con un hash conocido "
                       "(por ejemplo hmac-sha256)"),
                     scheme);
    else if (len)
        rc = begin_evp(s, hash, key, len, e);
    if (rc)
        jup_signer_release(s);
    return rc;
}

int jup_signer_copy(struct jup_signer *s, const struct jup_signer *from, struct err *e) {
    *s = *from;
    if (!from->ctx)
        return 0;
    s->ctx = EVP_MAC_CTX_dup(from->ctx);
    if (s->ctx)
        return 0;
    s->kind = JUP_SIGN_NOTHING;
    return err_set(e, ERR_NOMEM, _("firma: no queda memoria"));
}

void jup_signer_release(struct jup_signer *s) {
    if (s->ctx)
        EVP_MAC_CTX_free(s->ctx);
    *s = (struct jup_signer){.kind = JUP_SIGN_NOTHING};
}

int jup_signer_hex(struct jup_signer *s, const struct jup_span *part,
                   char hex[JUP_HEX_MAX], struct err *e) {
    hex[0] = '\0';
    if (s->kind == JUP_SIGN_NOTHING)
        return 0;
    unsigned char digest[JUP_DIGEST_MAX];
    size_t n = s->kind == JUP_SIGN_SHA256 ? sum_sha256(s, part, digest)
                                          : sum_evp(s, part, digest);
    if (n == 0)
        return err_set(e, ERR_NOMEM, _("firma: OpenSSL no pudo calcular el HMAC"));
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        hex[2 * i] = digit[digest[i] >> 4];
        hex[2 * i + 1] = digit[digest[i] & 15];
    }
    hex[2 * n] = '\0';
    return 0;
}

bool jup_signer_check(struct jup_signer *s, const struct jup_span *part,
                      const struct jup_frame *text) {
    if (s->kind == JUP_SIGN_NOTHING)
        return true;
    char hex[JUP_HEX_MAX];
    if (jup_signer_hex(s, part, hex, NULL))
        return false;
    size_t n = strlen(hex);
    return text->len == n && CRYPTO_memcmp(text->data, hex, n) == 0;
}
