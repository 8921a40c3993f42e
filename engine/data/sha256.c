/* sha256.c: SHA-256 by OpenSSL's libcrypto, linked from its archive (see the Makefile): the
 * functions without the EVP interface, which would bring all of it along. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "sha256.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

struct nn_sha256 {
    SHA256_CTX hash;
};

struct nn_sha256 *nn_sha256_new(void) {
    struct nn_sha256 *h = calloc(1, sizeof *h);
    if (h)
        SHA256_Init(&h->hash);
    return h;
}

void nn_sha256_free(struct nn_sha256 *h) {
    free(h);
}

bool nn_sha256_add(struct nn_sha256 *h, const void *bytes, size_t n) {
    return SHA256_Update(&h->hash, bytes, n) == 1;
}

bool nn_sha256_text(struct nn_sha256 *h, char text[NN_SHA256_DIGITS]) {
    unsigned char sum[SHA256_DIGEST_LENGTH];
    if (SHA256_Final(sum, &h->hash) != 1)
        return false;
    for (size_t i = 0; i < sizeof sum; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", sum[i]);
    return true;
}
