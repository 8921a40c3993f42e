/* stream.c: reads a file once: SHA-256 over the raw bytes, inflate where it is gzip. */
#include "stream.h"

#include "base/i18n.h"
#include "base/oserr.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

enum { RAW_BYTES = 1 << 17 };

struct nn_stream {
    const char *name; /* stands in the messages */
    char *name_owned;
    int fd;                   /* -1: memory */
    const unsigned char *raw; /* bytes not yet used: raw_left of them */
    size_t raw_left;
    bool raw_end;           /* the source has no more */
    bool gzip, member_open; /* member_open: inside a gzip member */
    bool inflate_ready;
    uint64_t unpacked;
    z_stream z;
    struct nn_sha256 *sha; /* NULL: not asked for */
    unsigned char *buf;    /* RAW_BYTES, only for files */
};

/* Brings the next raw bytes in when none are left. */
static int refill(struct nn_stream *s, struct err *e) {
    if (s->raw_left || s->raw_end)
        return 0;
    if (s->fd < 0) {
        s->raw_end = true;
        return 0;
    }
    ssize_t n;
    do
        n = read(s->fd, s->buf, RAW_BYTES);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_set(e, ERR_IO, _("%s: no se puede leer: %s"), s->name,
                       os_reason(errno));
    if (n > 0 && s->sha && !nn_sha256_add(s->sha, s->buf, (size_t)n))
        return err_set(e, ERR_NOMEM, _("%s: falló el cálculo de SHA-256"), s->name);
    s->raw_end = n == 0;
    s->raw = s->buf;
    s->raw_left = (size_t)n;
    return 0;
}

/* Looks at the first two bytes; 16 + 15 tells zlib to expect a gzip header and trailer.
 */
static int recognise(struct nn_stream *s, struct err *e) {
    int rc = refill(s, e);
    if (rc < 0)
        return rc;
    if (s->raw_left < 2 || s->raw[0] != 0x1f || s->raw[1] != 0x8b)
        return 0;
    if (inflateInit2(&s->z, 16 + 15) != Z_OK)
        return err_set(e, ERR_NOMEM, _("%s: falta memoria para descomprimir"), s->name);
    s->gzip = s->inflate_ready = s->member_open = true;
    return 0;
}

static int open_common(struct nn_stream *s, bool hash, struct err *e) {
    if (hash) {
        s->sha = nn_sha256_new();
        if (!s->sha)
            return err_set(e, ERR_NOMEM, _("%s: falta memoria para SHA-256"), s->name);
    }
    return recognise(s, e);
}

static int open_file(struct nn_stream *s, const char *path, struct err *e) {
    s->name_owned = copy_text(path);
    s->buf = malloc(RAW_BYTES);
    if (!s->name_owned || !s->buf)
        return err_set(e, ERR_NOMEM, _("%s: falta memoria para leer el archivo"), path);
    s->name = s->name_owned;
    s->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0)
        return err_set(e, ERR_IO, _("%s: no se puede abrir: %s"), path, os_reason(errno));
    (void)posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return 0;
}

int nn_stream_open(struct nn_stream **out, const char *path, bool hash, struct err *e) {
    *out = NULL;
    struct nn_stream *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(e, ERR_NOMEM, _("%s: falta memoria para leer el archivo"), path);
    s->fd = -1;
    int rc = open_file(s, path, e);
    if (rc == 0)
        rc = open_common(s, hash, e);
    if (rc < 0)
        nn_stream_free(s);
    else
        *out = s;
    return rc;
}

int nn_stream_open_memory(struct nn_stream **out, const void *bytes, size_t n,
                          const char *name, struct err *e) {
    *out = NULL;
    struct nn_stream *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(e, ERR_NOMEM, _("%s: falta memoria para leer"), name);
    s->fd = -1;
    s->name = name;
    s->raw = bytes;
    s->raw_left = n;
    int rc = open_common(s, false, e);
    if (rc < 0)
        nn_stream_free(s);
    else
        *out = s;
    return rc;
}

void nn_stream_free(struct nn_stream *s) {
    if (!s)
        return;
    if (s->inflate_ready)
        (void)inflateEnd(&s->z);
    if (s->fd >= 0)
        (void)close(s->fd);
    nn_sha256_free(s->sha);
    free(s->name_owned);
    free(s->buf);
    free(s);
}

static int read_plain(struct nn_stream *s, unsigned char *to, size_t n, size_t *got,
                      struct err *e) {
    while (*got < n) {
        int rc = refill(s, e);
        if (rc < 0)
            return rc;
        if (!s->raw_left)
            break;
        size_t take = MIN_OF(n - *got, s->raw_left);
        memcpy(to + *got, s->raw, take);
        s->raw += take;
        s->raw_left -= take;
        *got += take;
    }
    return 0;
}

/* Between two gzip members: another header begins a new one, anything else is refused. */
static int next_member(struct nn_stream *s, bool *more, struct err *e) {
    *more = false;
    int rc = refill(s, e);
    if (rc < 0 || !s->raw_left)
        return rc;
    if (s->raw[0] != 0x1f)
        return err_set(e, ERR_FORMAT,
                       _("%s: sobran bytes después del final del gzip (%llu bytes "
                         "descomprimidos)"),
                       s->name, (unsigned long long)s->unpacked);
    if (inflateReset(&s->z) != Z_OK)
        return err_set(e, ERR_FORMAT, _("%s: el gzip está dañado"), s->name);
    s->member_open = *more = true;
    return 0;
}

/* One call of inflate into to[0..n-1]. */
static int inflate_some(struct nn_stream *s, unsigned char *to, size_t n, size_t *made,
                        struct err *e) {
    s->z.next_in = (unsigned char *)(uintptr_t)s->raw; /* zlib does not write there */
    s->z.avail_in = (uInt)MIN_OF(s->raw_left, (size_t)1 << 30);
    s->z.next_out = to;
    s->z.avail_out = (uInt)MIN_OF(n, (size_t)1 << 30);
    uInt in = s->z.avail_in, room = s->z.avail_out;
    int z = inflate(&s->z, Z_NO_FLUSH);
    s->raw += in - s->z.avail_in;
    s->raw_left -= in - s->z.avail_in;
    *made = room - s->z.avail_out;
    s->unpacked += *made;
    if (z == Z_MEM_ERROR)
        return err_set(e, ERR_NOMEM, _("%s: falta memoria para descomprimir"), s->name);
    if (z != Z_OK && z != Z_STREAM_END && z != Z_BUF_ERROR)
        return err_set(e, ERR_FORMAT,
                       _("%s: el gzip está dañado tras %llu bytes descomprimidos"),
                       s->name, (unsigned long long)s->unpacked);
    s->member_open = z != Z_STREAM_END;
    return 0;
}

static int read_gzip(struct nn_stream *s, unsigned char *to, size_t n, size_t *got,
                     struct err *e) {
    while (*got < n) {
        bool more = true;
        int rc = s->member_open ? refill(s, e) : next_member(s, &more, e);
        if (rc < 0)
            return rc;
        if (!more)
            break;
        if (!s->raw_left)
            return err_set(e, ERR_FORMAT,
                           _("%s: el gzip está truncado: termina tras %llu bytes "
                             "descomprimidos"),
                           s->name, (unsigned long long)s->unpacked);
        size_t made;
        rc = inflate_some(s, to + *got, n - *got, &made, e);
        if (rc < 0)
            return rc;
        *got += made;
    }
    return 0;
}

int nn_stream_read(struct nn_stream *s, void *bytes, size_t n, size_t *got,
                   struct err *e) {
    *got = 0;
    return s->gzip ? read_gzip(s, bytes, n, got, e) : read_plain(s, bytes, n, got, e);
}

int nn_stream_end(struct nn_stream *s, struct err *e) {
    unsigned char one;
    size_t got;
    int rc = nn_stream_read(s, &one, 1, &got, e);
    if (rc == 0 && got)
        return err_set(e, ERR_FORMAT, _("%s: sobran bytes al final del archivo"),
                       s->name);
    return rc;
}

int nn_stream_sha256(struct nn_stream *s, char text[NN_SHA256_DIGITS], struct err *e) {
    if (!s->sha || !s->raw_end || !nn_sha256_text(s->sha, text))
        return err_set(e, ERR_STATE, _("%s: el archivo aún no se ha leído entero"),
                       s->name);
    return 0;
}

int nn_stream_file_sha256(const char *path, char text[NN_SHA256_DIGITS], struct err *e) {
    struct nn_stream *s = NULL;
    int rc = nn_stream_open(&s, path, true, e);
    while (rc == 0 && !s->raw_end) {
        s->raw_left = 0;
        rc = refill(s, e);
    }
    if (rc == 0)
        rc = nn_stream_sha256(s, text, e);
    nn_stream_free(s);
    return rc;
}
