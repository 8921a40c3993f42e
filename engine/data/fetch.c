/* fetch.c: one file over HTTP by libcurl: resume, ceiling, proof, rename. */
#include "fetch.h"

#include "base/buf.h"
#include "base/i18n.h"
#include "base/oserr.h"
#include "lazy_libraries.h"
#include "stream.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 4, CONNECT_SECONDS = 20, STALL_SECONDS = 30, STALL_BYTES = 1000 };

struct transfer {
    const struct nn_fetch *f;
    CURL *curl;
    int fd;           /* of the .part file */
    uint64_t at;      /* bytes in it */
    uint64_t resumed; /* bytes in it when this attempt began */
    bool begun;       /* the first body bytes were seen */
    bool too_long, interrupted;
    int io_errno;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool curl_ready;

static void start_curl(void) {
    curl_ready =
        nn_curl_load(NULL) == 0 && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

/* Starts over when the server sends the whole file (200) instead of the rest (206). */
static bool begin_body(struct transfer *t) {
    long status = 0;
    (void)curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    t->begun = true;
    if (status == 206 || t->at == 0)
        return true;
    t->at = t->resumed = 0;
    if (ftruncate(t->fd, 0) == 0)
        return true;
    t->io_errno = errno;
    return false;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *arg) {
    struct transfer *t = arg;
    size_t len = size * n; /* size is 1 by curl's contract */
    if (!t->begun && !begin_body(t))
        return 0;
    if (len > t->f->file->bytes - t->at) {
        t->too_long = true;
        return 0;
    }
    for (size_t done = 0; done < len;) {
        ssize_t w = pwrite(t->fd, bytes + done, len - done, (off_t)(t->at + done));
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0) {
            t->io_errno = w < 0 ? errno : ENOSPC;
            return 0;
        }
        done += (size_t)w;
    }
    t->at += len;
    return len;
}

static bool told_to_stop(const struct nn_fetch *f, uint64_t done) {
    const struct nn_download_opts *o = f->opts;
    return o && o->progress &&
           o->progress(o->arg, f->file->name, done, f->file->bytes) != 0;
}

static int on_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up_now) {
    struct transfer *t = arg;
    (void)total, (void)now, (void)up_total, (void)up_now;
    t->interrupted = t->interrupted || told_to_stop(t->f, t->at);
    return t->interrupted;
}

static void set_options(struct transfer *t, const char *url, char *range) {
    CURL *c = t->curl;
    curl_easy_reset(c);
    curl_easy_setopt(c, CURLOPT_URL, url);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(c, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS,
                     (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(c, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_BYTES);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)STALL_SECONDS);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "nabla/" NABLA_VERSION);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    if (t->at)
        curl_easy_setopt(c, CURLOPT_RANGE, range);
}

/* What went wrong, in words: a part of a sentence. */
static const char *reason(CURLcode rc, long status, char text[48]) {
    switch (rc) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return _("no se encuentra el servidor");
    case CURLE_COULDNT_CONNECT:
        return _("no se puede conectar con el servidor");
    case CURLE_OPERATION_TIMEDOUT:
        return _("el servidor no responde");
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
        return _("la conexión se cortó");
    case CURLE_OK: /* a log-in page of the network, say */
        return _("lo recibido no tiene la longitud publicada");
    case CURLE_HTTP_RETURNED_ERROR:
        (void)snprintf(text, 48, _("respuesta HTTP %ld"), status);
        return text;
    default:
        return curl_easy_strerror(rc);
    }
}

/* One attempt from where the .part file ends. 0 when all bytes are there. */
static int attempt(struct transfer *t, const char *url, struct err *e) {
    char range[32], text[48];
    (void)snprintf(range, sizeof range, "%llu-", (unsigned long long)t->at);
    t->begun = t->too_long = false;
    t->resumed = t->at;
    set_options(t, url, range);
    CURLcode rc = curl_easy_perform(t->curl);
    long status = 0;
    (void)curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    if (t->interrupted)
        return err_set(e, ERR_INTERRUPT, _("descarga de %s interrumpida"),
                       t->f->file->name);
    if (t->io_errno)
        return err_set(e, ERR_IO, _("%s/%s.part: no se puede escribir: %s"), t->f->folder,
                       t->f->file->name, os_reason(t->io_errno));
    if (t->too_long)
        return err_set(e, ERR_CHECKSUM,
                       _("%s: el servidor envía más de los %llu bytes publicados"), url,
                       (unsigned long long)t->f->file->bytes);
    if (rc == CURLE_OK && t->at == t->f->file->bytes)
        return 0;
    if (status == 416) { /* what we have is not a beginning of what the server has */
        t->at = 0;
        t->io_errno = ftruncate(t->fd, 0) < 0 ? errno : 0;
    }
    return err_set(e, ERR_NET, "%s: %s", url, reason(rc, status, text));
}

/* Proves the finished .part file. A wrong one is emptied, so that nothing resumes it. */
static int prove(struct transfer *t, const char *part, struct err *e) {
    char sum[NN_SHA256_DIGITS];
    if (fsync(t->fd) < 0)
        return err_set(e, ERR_IO, _("%s: no se puede escribir: %s"), part,
                       os_reason(errno));
    int rc = nn_stream_file_sha256(part, sum, e);
    if (rc < 0)
        return rc;
    if (strcmp(sum, t->f->file->sha256) == 0)
        return 0;
    t->at = 0;
    if (ftruncate(t->fd, 0) < 0)
        return err_set(e, ERR_IO, _("%s: no se puede escribir: %s"), part,
                       os_reason(errno));
    return err_set(e, ERR_CHECKSUM,
                   _("%s: la suma SHA-256 de lo descargado es %.16s… y la publicada "
                     "%.16s…"),
                   t->f->file->name, sum, t->f->file->sha256);
}

/* One address: tried again while it brings new bytes, or when the sum of a resumed file
 * was wrong. */
static int from_address(struct transfer *t, const char *url, const char *part,
                        struct err *e) {
    int rc = ERR_NET;
    for (int i = 0; i < TRIES; i++) {
        uint64_t before = t->at;
        rc = before == t->f->file->bytes ? 0 : attempt(t, url, e);
        if (rc == 0) {
            rc = prove(t, part, e);
            if (rc != ERR_CHECKSUM || before == 0)
                return rc;
        } else if (rc != ERR_NET || t->at == before) {
            return rc;
        }
    }
    return rc;
}

static int all_addresses(struct transfer *t, const char *part, struct err *e) {
    int rc = ERR_NET;
    for (size_t i = 0; i < t->f->n_urls; i++) {
        rc = from_address(t, t->f->url[i], part, e);
        if (rc != ERR_NET && rc != ERR_CHECKSUM)
            return rc;
    }
    return rc;
}

static int open_part(struct transfer *t, const char *part, struct err *e) {
    struct stat st;
    t->fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (t->fd < 0 || fstat(t->fd, &st) < 0)
        return err_set(e, ERR_IO, _("%s: no se puede crear: %s"), part, os_reason(errno));
    t->at = (uint64_t)st.st_size;
    if (t->at > t->f->file->bytes) {
        t->at = 0;
        if (ftruncate(t->fd, 0) < 0)
            return err_set(e, ERR_IO, _("%s: no se puede escribir: %s"), part,
                           os_reason(errno));
    }
    return 0;
}

static int transfer_file(const struct nn_fetch *f, const char *path, const char *part,
                         struct err *e) {
    struct transfer t = {.f = f, .fd = -1};
    if (nn_curl_load(e) < 0)
        return ERR_NOTFOUND;
    (void)pthread_once(&once, start_curl);
    t.curl = curl_ready ? curl_easy_init() : NULL;
    int rc = t.curl ? open_part(&t, part, e)
                    : err_set(e, ERR_NOMEM, _("%s: falta memoria para la descarga"),
                              f->file->name);
    if (rc == 0)
        rc = all_addresses(&t, part, e);
    if (rc == 0 && rename(part, path) < 0)
        rc = err_set(e, ERR_IO, _("%s: no se puede crear: %s"), path, os_reason(errno));
    if (t.fd >= 0)
        (void)close(t.fd);
    if (t.curl)
        curl_easy_cleanup(t.curl);
    return rc;
}

/* Waits for the lock and asks about stopping ten times a second. */
static int take_lock(const struct nn_fetch *f, int fd, struct err *e) {
    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return err_set(e, ERR_IO, _("%s: no se puede bloquear: %s"), f->folder,
                           os_reason(errno));
        if (told_to_stop(f, 0))
            return err_set(e, ERR_INTERRUPT, _("descarga de %s interrumpida"),
                           f->file->name);
        (void)nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
    return 0;
}

static int under_lock(const struct nn_fetch *f, const char *lock, const char *path,
                      const char *part, struct err *e) {
    int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return err_set(e, ERR_IO, _("%s: no se puede crear: %s"), lock, os_reason(errno));
    int rc = take_lock(f, fd, e);
    if (rc == 0 && access(path, F_OK) != 0) /* unless another process brought it */
        rc = transfer_file(f, path, part, e);
    (void)close(fd);
    return rc;
}

int nn_fetch_run(const struct nn_fetch *f, struct err *e) {
    struct buf path, part, lock;
    buf_init(&path, 1 << 14);
    buf_init(&part, 1 << 14);
    buf_init(&lock, 1 << 14);
    buf_printf(&path, "%s/%s", f->folder, f->file->name);
    buf_printf(&part, "%s/%s.part", f->folder, f->file->name);
    buf_printf(&lock, "%s/.%s.lock", f->folder, f->file->name);
    int rc;
    if (path.failed || part.failed || lock.failed)
        rc =
            err_set(e, ERR_NOMEM, _("%s: falta memoria para la descarga"), f->file->name);
    else
        rc = under_lock(f, lock.data, path.data, part.data, e);
    buf_release(&path);
    buf_release(&part);
    buf_release(&lock);
    return rc;
}
