/* lazy_libraries.h: libcurl, libarchive and libpng are loaded when a data set must be
 * fetched, unpacked or decoded. */
#ifndef NN_LAZY_LIBRARIES_H
#define NN_LAZY_LIBRARIES_H

#include "base/err.h"

/* Call it before the first function of the library. ERR_NOTFOUND: it is not installed. */
int nn_curl_load(struct err *e);
int nn_archive_load(struct err *e);
int nn_png_load(struct err *e);

#endif
