/* openssl_lazy.h: OpenSSL's EVP interface, loaded for signature schemes other than hmac-sha256
 * (base/lazy.h). What every kernel needs, SHA-256 itself, is linked from libcrypto's archive: the
 * shared library is a third of an idle kernel's memory and of its start. */
#ifndef JUP_OPENSSL_LAZY_H
#define JUP_OPENSSL_LAZY_H

#include "base/err.h"

/* Call it before the first EVP function. ERR_NOTFOUND: it is not installed. */
int jup_openssl_load(struct err *e);

#endif
