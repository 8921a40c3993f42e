/* published.c: compares a file of the user's own with the published one. */
#include "published.h"

#include "base/buf.h"
#include "base/i18n.h"

static bool ends_with(const char *text, const char *end) {
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

int nn_published_note(struct nn_dataset *d, const struct nn_download_file *f,
                      const char *path, const char *sum, struct err *e) {
    const char *want = ends_with(path, f->name) ? f->sha256 : f->sha256_also;
    if (!want || strcmp(sum, want) == 0)
        return 0;
    struct buf b;
    buf_init(&b, 1 << 14);
    buf_printf(&b,
               _("%s no es el archivo publicado: su SHA-256 empieza por %.16s y no por "
                 "%.16s; se usa tal como está."),
               path, sum, want);
    int rc = b.failed ? err_set(e, ERR_NOMEM, _("%s: falta memoria para una nota"), path)
                      : nn_dataset_note(d, b.data, e);
    buf_release(&b);
    return rc;
}
