/* openssl_lazy.c: see openssl_lazy.h */
#define ERR_STATE OPENSSL_ERR_STATE /* OpenSSL has a type with our error code's name */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#undef ERR_STATE

#include "openssl_lazy.h"

#include "base/lazy.h"

static struct lazy_library library = {.name = "libcrypto.so.3"};

int jup_openssl_load(struct err *e) {
    return lazy_load(&library, e);
}

LAZY(library, int, OPENSSL_init_crypto,
     (uint64_t opts, const OPENSSL_INIT_SETTINGS *settings), (opts, settings))
LAZY(library, EVP_MD *, EVP_MD_fetch,
     (OSSL_LIB_CTX * ctx, const char *algorithm, const char *properties),
     (ctx, algorithm, properties))
LAZY_VOID(library, EVP_MD_free, (EVP_MD * md), (md))
LAZY(library, EVP_MAC *, EVP_MAC_fetch,
     (OSSL_LIB_CTX * libctx, const char *algorithm, const char *properties),
     (libctx, algorithm, properties))
LAZY_VOID(library, EVP_MAC_free, (EVP_MAC * mac), (mac))
LAZY(library, EVP_MAC_CTX *, EVP_MAC_CTX_new, (EVP_MAC * mac), (mac))
LAZY(library, EVP_MAC_CTX *, EVP_MAC_CTX_dup, (const EVP_MAC_CTX *src), (src))
LAZY_VOID(library, EVP_MAC_CTX_free, (EVP_MAC_CTX * ctx), (ctx))
LAZY(library, int, EVP_MAC_init,
     (EVP_MAC_CTX * ctx, const unsigned char *key, size_t keylen,
      const OSSL_PARAM params[]),
     (ctx, key, keylen, params))
LAZY(library, int, EVP_MAC_update,
     (EVP_MAC_CTX * ctx, const unsigned char *data, size_t datalen), (ctx, data, datalen))
LAZY(library, int, EVP_MAC_final,
     (EVP_MAC_CTX * ctx, unsigned char *out, size_t *outl, size_t outsize),
     (ctx, out, outl, outsize))
