/* files.c: atomic writing and whole reading of files. */
#include "files.h"

#include "base/oserr.h"
#include "base/util.h"
#include "nn/tensor.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- writing */

static bool write_all(int fd, const struct nn_piece *piece) {
    const char *p = piece->bytes;
    size_t n = piece->n;
    while (n) {
        ssize_t k = write(fd, p, MIN_OF(n, (size_t)1 << 30));
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

/* The new name is only safe on disk when its folder is. */
static void sync_folder(const char *path) {
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
}

static int cannot_write(const char *path, int reason, struct err *e) {
    return err_set(e, ERR_IO, _("no se pudo guardar «%s»: %s"), path, os_reason(reason));
}

/* Beside path, so that the rename stays within one file system. What an earlier process
 * of the same number left behind is removed. */
static int open_temp(char temp[PATH_MAX], const char *path) {
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    if (snprintf(temp, PATH_MAX, "%s.tmp-%ld", path, (long)getpid()) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = open(temp, flags, 0666);
    if (fd < 0 && errno == EEXIST && unlink(temp) == 0)
        fd = open(temp, flags, 0666);
    return fd;
}

int nn_file_replace(const char *path, const struct nn_piece *piece, size_t n,
                    struct err *e) {
    char temp[PATH_MAX];
    int fd = open_temp(temp, path);
    if (fd < 0)
        return cannot_write(path, errno, e);
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++)
        ok = write_all(fd, &piece[i]);
    ok = ok && fsync(fd) == 0;
    int reason = errno;
    if (close(fd) < 0 && ok) { /* some file systems tell of a full disk only here */
        reason = errno;
        ok = false;
    }
    if (ok && rename(temp, path) == 0) {
        sync_folder(path);
        return 0;
    }
    reason = ok ? errno : reason;
    unlink(temp);
    return cannot_write(path, reason, e);
}

/* ---- reading */

static int cannot_read(const char *path, struct err *e) {
    return err_set(e, errno == ENOENT ? ERR_NOTFOUND : ERR_IO,
                   _("no se pudo leer «%s»: %s"), path, os_reason(errno));
}

static int size_of(int fd, size_t *size, const char *path, struct err *e) {
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return err_set(e, ERR_IO, _("«%s» no es un archivo"), path);
    if ((uint64_t)st.st_size > nn_memory_limit())
        return err_set(e, ERR_NOMEM, _("«%s» no cabe en memoria"), path);
    *size = (size_t)st.st_size;
    return 0;
}

int nn_file_read(void **out, size_t *n, const char *path, struct err *e) {
    size_t size = 0, at = 0;
    *out = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return cannot_read(path, e);
    int rc = size_of(fd, &size, path, e);
    char *bytes = rc == 0 ? malloc(size + 1) : NULL;
    if (rc == 0 && !bytes)
        rc = err_set(e, ERR_NOMEM, _("no hay memoria para leer «%s»"), path);
    while (rc == 0 && at < size) {
        ssize_t k = read(fd, bytes + at, size - at);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            rc = cannot_read(path, e);
        if (k <= 0)
            break;
        at += (size_t)k;
    }
    close(fd);
    if (rc < 0) {
        free(bytes);
        return rc;
    }
    *out = bytes;
    *n = at;
    return 0;
}
