/* sha256.c: SHA-256 by OpenSSL's EVP interface. */
#include "sha256.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

struct nn_sha256 {
    EVP_MD_CTX *md;
};

struct nn_sha256 *nn_sha256_new(void) {
    struct nn_sha256 *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->md = EVP_MD_CTX_new();
    if (!h->md || EVP_DigestInit_ex(h->md, EVP_sha256(), NULL) != 1) {
        nn_sha256_free(h);
        return NULL;
    }
    return h;
}

void nn_sha256_free(struct nn_sha256 *h) {
    if (!h)
        return;
    EVP_MD_CTX_free(h->md);
    free(h);
}

bool nn_sha256_add(struct nn_sha256 *h, const void *bytes, size_t n) {
    return EVP_DigestUpdate(h->md, bytes, n) == 1;
}

bool nn_sha256_text(struct nn_sha256 *h, char text[NN_SHA256_DIGITS]) {
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    if (EVP_DigestFinal_ex(h->md, sum, &n) != 1 || n != 32)
        return false;
    for (size_t i = 0; i < n; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", sum[i]);
    return true;
}
