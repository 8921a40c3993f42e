/* lazy_libraries.h: libcurl and libarchive are loaded when a data set must be fetched or unpacked. */
#ifndef NN_LAZY_LIBRARIES_H
#define NN_LAZY_LIBRARIES_H

#include "base/err.h"

/* Call it before the first function of the library. ERR_NOTFOUND: it is not installed. */
int nn_curl_load(struct err *e);
int nn_archive_load(struct err *e);

#endif
