/* cifar_files.c: brings the six files of CIFAR-10 in, through libarchive or from a folder.
 */
#include "cifar_files.h"

#include "base/buf.h"
#include "base/i18n.h"
#include "base/oserr.h"
#include "lazy_libraries.h"
#include "nn/cifar.h"
#include "stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { BLOCK = 1 << 17, MAX_ENTRIES = 1000 };
static const size_t max_bytes = (size_t)NN_CIFAR_MAX_RECORDS * NN_CIFAR_RECORD;

const char *const nn_cifar_file_names[NN_CIFAR_FILES] = {
    "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
    "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};

/* Of the published archive's contents. */
static const char *const sums[NN_CIFAR_FILES] = {
    "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
    "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
    "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
    "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
    "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
    "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"};

void nn_cifar_files_release(struct nn_cifar_files *f) {
    for (int i = 0; i < NN_CIFAR_FILES; i++)
        free(f->data[i]);
    *f = (struct nn_cifar_files){0};
}

static int check_all(const struct nn_cifar_files *f, const char *where, struct err *e) {
    for (int i = 0; i < NN_CIFAR_FILES; i++)
        if (!f->data[i])
            return err_set(e, ERR_FORMAT, _("%s: falta el archivo %s de CIFAR-10"), where,
                           nn_cifar_file_names[i]);
    return 0;
}

static int too_long(const char *name, struct err *e) {
    return err_set(e, ERR_RANGE, _("%s: supera el límite de %d registros"), name,
                   NN_CIFAR_MAX_RECORDS);
}

/* ---- archive */

/* Where the archive's bytes come from, with the sum of all that passed. */
struct source {
    const char *path;
    int fd;
    struct nn_sha256 *sha;
    unsigned char *block;
    bool end, failed;
};

static la_ssize_t on_read(struct archive *a, void *arg, const void **bytes) {
    struct source *s = arg;
    ssize_t n;
    *bytes = s->block;
    do
        n = read(s->fd, s->block, BLOCK);
    while (n < 0 && errno == EINTR);
    if (n < 0 || (n > 0 && !nn_sha256_add(s->sha, s->block, (size_t)n))) {
        s->failed = true;
        archive_set_error(a, n < 0 ? errno : EIO, "read");
        return -1;
    }
    s->end = n == 0;
    return n;
}

static int damaged(struct archive *a, const char *name, struct err *e) {
    if (archive_errno(a) == ENOMEM)
        return err_set(e, ERR_NOMEM, _("%s: falta memoria para descomprimir"), name);
    const char *why = archive_error_string(a);
    return err_set(e, ERR_FORMAT,
                   _("%s: no es un archivo comprimido entero de CIFAR-10 (%s)"), name,
                   why ? why : "?");
}

static const char *base_name(const char *path) {
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path ? path : "";
}

static int file_index(const char *path) {
    for (int i = 0; i < NN_CIFAR_FILES; i++)
        if (strcmp(base_name(path), nn_cifar_file_names[i]) == 0)
            return i;
    return -1;
}

/* Reads on until the entry ends; grows as bytes really come, not by what the entry says.
 */
static int read_entry(struct buf *b, struct archive *a, const char *name, struct err *e) {
    for (;;) {
        if (!buf_reserve(b, BLOCK))
            return b->len + BLOCK > b->max
                       ? too_long(name, e)
                       : err_set(e, ERR_NOMEM, _("%s: falta memoria"), name);
        la_ssize_t n = archive_read_data(a, b->data + b->len, BLOCK);
        if (n < 0)
            return damaged(a, name, e);
        if (n == 0)
            return 0;
        b->len += (size_t)n;
    }
}

static int keep_entry(struct nn_cifar_files *f, struct archive *a, int i, int64_t size,
                      struct err *e) {
    struct buf b;
    buf_init(&b, max_bytes + BLOCK);
    if (size > 0 && (uint64_t)size <= max_bytes && size < (int64_t)64 << 20)
        (void)buf_reserve(&b, (size_t)size + BLOCK);
    b.failed = false;
    int rc = read_entry(&b, a, nn_cifar_file_names[i], e);
    if (rc == 0) {
        free(f->data[i]);
        f->data[i] = (unsigned char *)buf_take(&b, &f->len[i]);
    }
    buf_release(&b);
    return rc;
}

static int read_entries(struct nn_cifar_files *f, struct archive *a, const char *name,
                        struct err *e) {
    for (int n = 0; n < MAX_ENTRIES; n++) {
        struct archive_entry *entry;
        int state = archive_read_next_header(a, &entry);
        if (state == ARCHIVE_EOF)
            return check_all(f, name, e);
        if (state != ARCHIVE_OK && state != ARCHIVE_WARN)
            return damaged(a, name, e);
        int i = file_index(archive_entry_pathname(entry));
        int rc = i < 0 ? 0 : keep_entry(f, a, i, archive_entry_size(entry), e);
        if (rc < 0)
            return rc;
    }
    return err_set(e, ERR_RANGE, _("%s: tiene más de %d archivos"), name, MAX_ENTRIES);
}

/* NULL with the sentence in e. */
static struct archive *new_reader(const char *name, struct err *e) {
    if (nn_archive_load(e) < 0)
        return NULL;
    struct archive *a = archive_read_new();
    if (!a)
        (void)err_set(e, ERR_NOMEM, _("%s: falta memoria para leer el archivo"), name);
    if (a) {
        /* by name: "all" would let a file start outside programs */
        archive_read_support_filter_gzip(a);
        archive_read_support_filter_bzip2(a);
        archive_read_support_filter_xz(a);
        archive_read_support_filter_zstd(a);
        archive_read_support_format_tar(a);
    }
    return a;
}

/* Bytes behind the archive's end belong to its sum too. */
static bool read_rest(struct source *s, struct archive *a) {
    const void *bytes;
    while (!s->end && !s->failed)
        (void)on_read(a, s, &bytes);
    return !s->failed;
}

static int open_source(struct source *s, const char *path, struct err *e) {
    *s = (struct source){.path = path, .fd = -1};
    s->block = malloc(BLOCK);
    s->sha = nn_sha256_new();
    if (!s->block || !s->sha)
        return err_set(e, ERR_NOMEM, _("%s: falta memoria para leer el archivo"), path);
    s->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0)
        return err_set(e, ERR_IO, _("%s: no se puede abrir: %s"), path, os_reason(errno));
    return 0;
}

int nn_cifar_files_archive(struct nn_cifar_files *f, const char *path, struct err *e) {
    struct source s;
    struct archive *a = NULL;
    int rc = open_source(&s, path, e);
    if (rc < 0)
        goto done;
    struct err own = {0};
    a = new_reader(path, &own);
    if (!a) {
        rc = err_set(e, own.code, "%s", own.msg);
        goto done;
    }
    if (archive_read_open(a, &s, NULL, on_read, NULL) != ARCHIVE_OK)
        rc = damaged(a, path, e);
    else
        rc = read_entries(f, a, path, e);
    if (rc == 0 && !(read_rest(&s, a) && nn_sha256_text(s.sha, f->sum)))
        rc = err_set(e, ERR_IO, _("%s: no se puede leer entero"), path);
done:
    if (a)
        archive_read_free(a);
    if (s.fd >= 0)
        (void)close(s.fd);
    nn_sha256_free(s.sha);
    free(s.block);
    return rc;
}

int nn_cifar_files_memory(struct nn_cifar_files *f, const void *bytes, size_t n,
                          const char *name, struct err *e) {
    struct err own = {0};
    struct archive *a = new_reader(name, &own);
    if (!a)
        return err_set(e, own.code, "%s", own.msg);
    int rc = archive_read_open_memory(a, bytes, n) == ARCHIVE_OK
                 ? read_entries(f, a, name, e)
                 : damaged(a, name, e);
    archive_read_free(a);
    return rc;
}

/* ---- folder */

static int read_stream(struct buf *b, struct nn_stream *s, const char *path,
                       struct err *e) {
    for (size_t got = BLOCK; got == BLOCK;) {
        if (!buf_reserve(b, BLOCK))
            return b->len + BLOCK > b->max
                       ? too_long(path, e)
                       : err_set(e, ERR_NOMEM, _("%s: falta memoria"), path);
        int rc = nn_stream_read(s, b->data + b->len, BLOCK, &got, e);
        if (rc < 0)
            return rc;
        b->len += got;
    }
    return nn_stream_end(s, e);
}

static int read_file(struct nn_cifar_files *f, int i, const char *path, struct err *e) {
    char sum[NN_SHA256_DIGITS];
    struct nn_stream *s = NULL;
    struct buf b;
    buf_init(&b, max_bytes + BLOCK);
    int rc = nn_stream_open(&s, path, true, e);
    if (rc == 0)
        rc = read_stream(&b, s, path, e);
    if (rc == 0)
        rc = nn_stream_sha256(s, sum, e);
    if (rc == 0 && strcmp(sum, sums[i]) != 0 && !f->differs[0])
        (void)snprintf(f->differs, sizeof f->differs, "%s", nn_cifar_file_names[i]);
    if (rc == 0)
        f->data[i] = (unsigned char *)buf_take(&b, &f->len[i]);
    buf_release(&b);
    nn_stream_free(s);
    return rc;
}

int nn_cifar_files_folder(struct nn_cifar_files *f, const char *folder, struct err *e) {
    for (int i = 0; i < NN_CIFAR_FILES; i++) {
        struct buf path;
        buf_init(&path, 1 << 14);
        buf_printf(&path, "%s/%s", folder, nn_cifar_file_names[i]);
        int rc = path.failed ? err_set(e, ERR_NOMEM, _("%s: falta memoria"), folder) : 0;
        if (rc == 0 && access(path.data, F_OK) != 0)
            rc = err_set(e, ERR_FORMAT, _("%s: falta el archivo %s de CIFAR-10"), folder,
                         nn_cifar_file_names[i]);
        if (rc == 0)
            rc = read_file(f, i, path.data, e);
        buf_release(&path);
        if (rc < 0)
            return rc;
    }
    return 0;
}
