/* curl_lazy.c: libcurl, loaded with the first download (base/lazy.h) */
#include "lazy_libraries.h"

#include "base/lazy.h"

#include <curl/curl.h>

static struct lazy_library library = {.name = "libcurl.so.4"};

int nn_curl_load(struct err *e) {
    return lazy_load(&library, e);
}

LAZY_VOID(library, curl_easy_cleanup, (CURL * curl), (curl))
LAZY(library, CURL *, curl_easy_init, (void), ())
LAZY(library, CURLcode, curl_easy_perform, (CURL * curl), (curl))
LAZY_VOID(library, curl_easy_reset, (CURL * curl), (curl))
LAZY(library, const char *, curl_easy_strerror, (CURLcode p0), (p0))
LAZY(library, CURLcode, curl_global_init, (long flags), (flags))
LAZY(library, char *, curl_version, (void), ())

/* Options and results are a long, a pointer or a curl_off_t: each one machine word on the 64-bit
 * systems that this runs on. */
#undef curl_easy_setopt
CURLcode curl_easy_setopt(CURL *curl, CURLoption option, ...) {
    LAZY_CALL(library, curl_easy_setopt);
    va_list ap;
    va_start(ap, option);
    void *value = va_arg(ap, void *);
    va_end(ap);
    return call.object ? call.function(curl, option, value) : CURLE_FAILED_INIT;
}

#undef curl_easy_getinfo
CURLcode curl_easy_getinfo(CURL *curl, CURLINFO info, ...) {
    LAZY_CALL(library, curl_easy_getinfo);
    va_list ap;
    va_start(ap, info);
    void *result = va_arg(ap, void *);
    va_end(ap);
    return call.object ? call.function(curl, info, result) : CURLE_FAILED_INIT;
}
