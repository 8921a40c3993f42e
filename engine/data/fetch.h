/* fetch.h: brings one published file over the network into a folder.
 *
 * The file arrives as <name>.part, is resumed where an earlier attempt broke off, proved
 * against its sum and renamed. Addresses are tried in order, each again as long as it
 * brings new bytes. Threads: any; two callers of one file, also of different processes,
 * take turns through a lock file beside it. */
#ifndef NN_DATA_FETCH_H
#define NN_DATA_FETCH_H

#include "nn/download.h"

struct nn_fetch {
    const char *folder; /* exists and is writable */
    const struct nn_download_file *file;
    const char *const *url; /* n_urls whole addresses of the file */
    size_t n_urls;
    const struct nn_download_opts *opts; /* may be NULL */
};

/* ERR_NET (e holds the reason of the last attempt alone: the caller writes the sentence),
 * ERR_CHECKSUM, ERR_IO, ERR_INTERRUPT, ERR_NOMEM. */
int nn_fetch_run(const struct nn_fetch *f, struct err *e);

#endif
