/* download.h: finds the files of a published data set, and fetches what is missing.
 *
 *     char *path;
 *     if (nn_download_find(&path, nn_download_set("mnist"), 0, &opts, e) < 0) return
 * e->code;
 *
 * Search order: $NABLA_DATA/<set>/, then the cache ($XDG_CACHE_HOME/nabla/<set>/ or
 * ~/.cache/nabla/<set>/), then the mirrors of the set. $NABLA_MIRROR replaces the
 * mirrors: one or more addresses separated by blanks, to each of which <set>/<file> is
 * appended. A download goes to <file>.part in the cache, is resumed where an earlier one
 * broke off, must match the published SHA-256, and is then renamed. A lock file keeps two
 * processes from fetching the same file twice: the second waits and finds it there.
 * Limits: 20 s to connect, 30 s below 1 kB/s ends an attempt; files are never longer than
 * published. Failures: ERR_NET (no mirror answered: the sentence says which files to put
 * where by hand), ERR_CHECKSUM, ERR_IO, ERR_INTERRUPT (progress said so), ERR_NOMEM.
 * Threads: any. Network code is first touched when a file is really missing. */
#ifndef NN_DOWNLOAD_H
#define NN_DOWNLOAD_H

#include "base/err.h"
#include "base/util.h"

#define NN_DOWNLOAD_FILES   4
#define NN_DOWNLOAD_MIRRORS 4
#define NN_DOWNLOAD_ALSO    2

struct nn_download_file {
    const char *name;   /* "train-images-idx3-ubyte.gz" */
    const char *sha256; /* 64 lower-case hexadecimal digits */
    uint64_t bytes;
    const char *also[NN_DOWNLOAD_ALSO]; /* other names that serve: unpacked; or NULL */
    const char *sha256_also;            /* of those; NULL when they are folders */
};

struct nn_download_set {
    const char *name; /* "mnist", also the folder's name */
    size_t n_files;
    struct nn_download_file file[NN_DOWNLOAD_FILES];
    const char *mirror[NN_DOWNLOAD_MIRRORS]; /* end in '/'; NULL after the last */
};

/* "mnist", "fashion-mnist", "cifar-10"; NULL for another name. */
const struct nn_download_set *nn_download_set(const char *name);

struct nn_download_opts {
    /* Called several times a second while bytes arrive, on the calling thread. A nonzero
     * answer stops with ERR_INTERRUPT; what arrived is kept for the next attempt. May be
     * NULL. */
    int (*progress)(void *arg, const char *file, uint64_t done, uint64_t total);
    void *arg;
    bool offline; /* look in the folders only; a missing file is ERR_NOTFOUND */
};

/* *path becomes yours: the file in NABLA_DATA, in the cache, or freshly fetched. A file
 * that lies in one of the folders is not judged here: who parses it compares its sum. The
 * file's other names count too. Besides the failures above: ERR_NOTFOUND when offline. */
int nn_download_find(char **path, const struct nn_download_set *set, size_t file,
                     const struct nn_download_opts *opts, struct err *e);
/* The same in one folder that holds the files themselves. ERR_NOTFOUND, ERR_NOMEM. */
int nn_download_look(char **path, const char *folder, const struct nn_download_set *set,
                     size_t file, struct err *e);
/* The folder of the set in the cache (made when create is set). Yours to free. */
int nn_download_cache(char **folder, const struct nn_download_set *set, bool create,
                      struct err *e);

#endif
