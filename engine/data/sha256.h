/* sha256.h: SHA-256 of bytes that come in pieces, over OpenSSL, whose headers name things
 * as base/err.h does and therefore stay in one file.
 * Threads: a context belongs to one thread. */
#ifndef NN_DATA_SHA256_H
#define NN_DATA_SHA256_H

#include <stdbool.h>
#include <stddef.h>

#define NN_SHA256_DIGITS 65 /* 64 lower-case hexadecimal digits and NUL */

struct nn_sha256;

struct nn_sha256 *nn_sha256_new(void);    /* NULL: memory is short */
void nn_sha256_free(struct nn_sha256 *h); /* NULL is allowed */
/* false: the library refused. */
bool nn_sha256_add(struct nn_sha256 *h, const void *bytes, size_t n);
/* Ends it; only free may follow. */
bool nn_sha256_text(struct nn_sha256 *h, char text[NN_SHA256_DIGITS]);

#endif
