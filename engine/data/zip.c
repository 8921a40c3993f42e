/* zip.c: writes a zip archive with libarchive. */
#include "nn/zip.h"

#include "lazy_libraries.h"

#include "base/oserr.h"
#include "base/util.h"

#include <archive.h>
#include <archive_entry.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *last_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int check_names(const char *const files[], size_t n, struct err *e) {
    if (n > NN_ZIP_FILES_MAX)
        return err_set(e, ERR_ARG, _("zip: %zu archivos; caben %d"), n, NN_ZIP_FILES_MAX);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(last_name(files[i]), last_name(files[k])) == 0)
                return err_set(e, ERR_ARG, _("zip: dos archivos se llaman %s"),
                               last_name(files[i]));
    return ERR_OK;
}

static int refuse(struct archive *a, const char *name, struct err *e) {
    const char *why = archive_error_string(a);
    return err_set(e, ERR_IO, "zip: %s: %s", name, why ? why : os_reason(errno));
}

static int write_body(struct archive *a, FILE *f, const char *name, struct err *e) {
    char part[16384];
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        if (archive_write_data(a, part, n) < 0)
            return refuse(a, name, e);
    return ferror(f)
               ? err_set(e, ERR_IO, _("%s: no se puede leer: %s"), name, os_reason(errno))
               : ERR_OK;
}

static int add_file(struct archive *a, const char *file, struct err *e) {
    struct stat st;
    FILE *f = fopen(file, "rb");
    if (!f || fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode)) {
        int reason = f && errno == 0 ? EISDIR : errno;
        if (f)
            (void)fclose(f);
        return err_set(e, ERR_IO, _("%s: no se puede leer: %s"), file, os_reason(reason));
    }
    struct archive_entry *x = archive_entry_new();
    int rc = x ? ERR_OK : err_set(e, ERR_NOMEM, _("zip: no hay memoria"));
    if (x) {
        archive_entry_set_pathname_utf8(x, last_name(file));
        archive_entry_set_filetype(x, AE_IFREG);
        archive_entry_set_perm(x, 0644);
        archive_entry_set_mtime(x, st.st_mtime, 0);
        archive_entry_set_size(x, st.st_size);
        rc = archive_write_header(a, x) == ARCHIVE_OK ? write_body(a, f, file, e)
                                                      : refuse(a, file, e);
    }
    archive_entry_free(x);
    (void)fclose(f);
    return rc;
}

static int fill(const char *path, const char *const files[], size_t n, struct err *e) {
    struct archive *a = archive_write_new();
    if (!a)
        return err_set(e, ERR_NOMEM, _("zip: no hay memoria"));
    int rc = ERR_OK;
    /* names are UTF-8 whatever the locale */
    if (archive_write_set_format_zip(a) != ARCHIVE_OK ||
        archive_write_set_options(a, "hdrcharset=UTF-8") != ARCHIVE_OK ||
        archive_write_open_filename(a, path) != ARCHIVE_OK)
        rc = refuse(a, path, e);
    for (size_t i = 0; i < n && rc == ERR_OK; i++)
        rc = add_file(a, files[i], e);
    if (archive_write_close(a) != ARCHIVE_OK && rc == ERR_OK)
        rc = refuse(a, path, e);
    (void)archive_write_free(a);
    return rc;
}

int nn_zip_write(const char *path, const char *const files[], size_t n, struct err *e) {
    char temporary[PATH_MAX];
    int rc = check_names(files, n, e);
    if (rc == ERR_OK)
        rc = nn_archive_load(e);
    if (rc < 0)
        return rc;
    (void)snprintf(temporary, sizeof temporary, "%s.%ld.part", path, (long)getpid());
    rc = fill(temporary, files, n, e);
    if (rc == ERR_OK && rename(temporary, path) != 0)
        rc = err_set(e, ERR_IO, _("no se puede escribir %s: %s"), path, os_reason(errno));
    if (rc < 0)
        (void)unlink(temporary);
    return rc;
}
