/* sign.c: HMAC through OpenSSL's EVP_MAC. */
#define ERR_STATE OPENSSL_ERR_STATE /* OpenSSL has a type with our error code's name */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#undef ERR_STATE

#include "sign.h"

#include "base/i18n.h"

#include <string.h>

int jup_signer_init(struct jup_signer *s, const char *scheme, const char *key, size_t len,
                    struct err *e) {
    *s = (struct jup_signer){0};
    /* the system's openssl.cnf changes nothing here and costs time at the start */
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    int rc = 0;
    EVP_MAC *mac = NULL;
    EVP_MD *md = NULL;
    char hash[32] = "";
    if (strncmp(scheme, "hmac-", 5) == 0 && strlen(scheme + 5) < sizeof hash)
        strcpy(hash, scheme + 5);
    if (hash[0] != '\0')
        md = EVP_MD_fetch(NULL, hash, NULL);
    if (!md) {
        rc = err_set(e, ERR_ARG,
                     _("signature_scheme: «%s» no es hmac-<hash> con un hash conocido "
                       "(por ejemplo hmac-sha256)"),
                     scheme);
        goto done;
    }
    if (len == 0)
        goto done;
    mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    s->ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, hash, 0),
        OSSL_PARAM_construct_end()};
    if (!s->ctx || !EVP_MAC_init(s->ctx, (const unsigned char *)key, len, params))
        rc = err_set(e, ERR_NOMEM, _("firma: no se pudo preparar HMAC con %s"), hash);
done:
    if (rc)
        jup_signer_release(s);
    EVP_MAC_free(mac);
    EVP_MD_free(md);
    return rc;
}

int jup_signer_copy(struct jup_signer *s, const struct jup_signer *from, struct err *e) {
    *s = (struct jup_signer){0};
    if (!from->ctx)
        return 0;
    s->ctx = EVP_MAC_CTX_dup(from->ctx);
    return s->ctx ? 0 : err_set(e, ERR_NOMEM, _("firma: no queda memoria"));
}

void jup_signer_release(struct jup_signer *s) {
    EVP_MAC_CTX_free(s->ctx);
    s->ctx = NULL;
}

int jup_signer_hex(struct jup_signer *s, const struct jup_span *part,
                   char hex[JUP_HEX_MAX], struct err *e) {
    hex[0] = '\0';
    if (!s->ctx)
        return 0;
    unsigned char digest[JUP_DIGEST_MAX];
    size_t n = 0;
    bool ok = EVP_MAC_init(s->ctx, NULL, 0, NULL); /* again with the same key */
    for (int i = 0; ok && i < JUP_SIGNED_PARTS; i++)
        ok = EVP_MAC_update(s->ctx, (const unsigned char *)part[i].data, part[i].len);
    ok = ok && EVP_MAC_final(s->ctx, digest, &n, sizeof digest);
    if (!ok)
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
    if (!s->ctx)
        return true;
    char hex[JUP_HEX_MAX];
    if (jup_signer_hex(s, part, hex, NULL))
        return false;
    size_t n = strlen(hex);
    return text->len == n && CRYPTO_memcmp(text->data, hex, n) == 0;
}
