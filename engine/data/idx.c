/* idx.c: the IDX files of MNIST: header proved first, then exactly the bytes it promises.
 */
#include "nn/idx.h"

#include "base/i18n.h"
#include "stream.h"

enum { MAGIC_LABELS = 0x00000801, MAGIC_IMAGES = 0x00000803, LABEL_CHUNK = 1 << 14 };

static uint32_t big_endian(const unsigned char *b) {
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Reads exactly n bytes; fewer is an error that says how many of how many. */
static int read_all(struct nn_stream *s, void *to, size_t n, const char *name,
                    const char *what, struct err *e) {
    size_t got;
    int rc = nn_stream_read(s, to, n, &got, e);
    if (rc == 0 && got < n)
        return err_set(
            e, ERR_FORMAT,
            _("%s: el archivo está truncado: tiene %zu de los %zu bytes de %s"), name,
            got, n, what);
    return rc;
}

static int read_magic(struct nn_stream *s, uint32_t want, const char *name,
                      struct err *e) {
    unsigned char head[4];
    int rc = read_all(s, head, sizeof head, name, _("la cabecera"), e);
    if (rc < 0)
        return rc;
    uint32_t magic = big_endian(head);
    if (magic == want)
        return 0;
    const char *hint = "";
    if (magic == MAGIC_LABELS)
        hint = _(" (es un archivo de etiquetas)");
    if (magic == MAGIC_IMAGES)
        hint = _(" (es un archivo de imágenes)");
    return err_set(e, ERR_FORMAT,
                   _("%s: número mágico 0x%08x%s; se esperaba 0x%08x de un archivo IDX"),
                   name, (unsigned)magic, hint, (unsigned)want);
}

static int check_count(uint32_t n, const char *name, struct err *e) {
    if (n == 0 || n > NN_IDX_MAX_COUNT)
        return err_set(e, ERR_RANGE,
                       _("%s: la cabecera dice %u ejemplos; se admiten de 1 a %u"), name,
                       (unsigned)n, NN_IDX_MAX_COUNT);
    return 0;
}

static int check_side(uint32_t rows, uint32_t cols, const char *name, struct err *e) {
    if (rows == 0 || cols == 0 || rows > NN_IDX_MAX_SIDE || cols > NN_IDX_MAX_SIDE)
        return err_set(
            e, ERR_RANGE,
            _("%s: la cabecera dice imágenes de %u×%u píxeles; cada lado admite "
              "de 1 a %u"),
            name, (unsigned)rows, (unsigned)cols, NN_IDX_MAX_SIDE);
    return 0;
}

static int read_images(struct nn_tensor **x, struct nn_stream *s, const char *name,
                       struct err *e) {
    unsigned char head[12];
    int rc = read_magic(s, MAGIC_IMAGES, name, e);
    if (rc == 0)
        rc = read_all(s, head, sizeof head, name, _("la cabecera"), e);
    if (rc < 0)
        return rc;
    uint32_t n = big_endian(head), rows = big_endian(head + 4),
             cols = big_endian(head + 8);
    rc = check_count(n, name, e);
    if (rc == 0)
        rc = check_side(rows, cols, name, e);
    if (rc == 0)
        rc = nn_tensor_new(x, NN_U8, 4, (size_t[]){n, rows, cols, 1}, e);
    if (rc == 0)
        rc = read_all(s, nn_tensor_u8(*x), (*x)->n, name, _("píxeles que anuncia"), e);
    return rc == 0 ? nn_stream_end(s, e) : rc;
}

static int copy_labels(int32_t *to, const unsigned char *from, size_t n, size_t first,
                       size_t n_classes, const char *name, struct err *e) {
    for (size_t i = 0; i < n; i++) {
        if (from[i] >= n_classes)
            return err_set(
                e, ERR_RANGE,
                _("%s: la etiqueta %u en la posición %zu está fuera de 0..%zu"), name,
                from[i], first + i + 1, n_classes - 1);
        to[i] = from[i];
    }
    return 0;
}

static int read_labels(struct nn_tensor **y, struct nn_stream *s, size_t n_classes,
                       const char *name, struct err *e) {
    unsigned char head[4], chunk[LABEL_CHUNK];
    int rc = read_magic(s, MAGIC_LABELS, name, e);
    if (rc == 0)
        rc = read_all(s, head, sizeof head, name, _("la cabecera"), e);
    if (rc == 0)
        rc = check_count(big_endian(head), name, e);
    if (rc == 0)
        rc = nn_tensor_new(y, NN_I32, 1, (size_t[]){big_endian(head)}, e);
    for (size_t done = 0; rc == 0 && done < (*y)->n;) {
        size_t n = MIN_OF((*y)->n - done, sizeof chunk), got;
        rc = nn_stream_read(s, chunk, n, &got, e);
        if (rc == 0 && got < n)
            return err_set(e, ERR_FORMAT,
                           _("%s: el archivo está truncado: tiene %zu de las %zu "
                             "etiquetas que anuncia"),
                           name, done + got, (*y)->n);
        if (rc == 0)
            rc =
                copy_labels(nn_tensor_i32(*y) + done, chunk, n, done, n_classes, name, e);
        done += n;
    }
    return rc == 0 ? nn_stream_end(s, e) : rc;
}

/* Reads labels when n_classes is given, else images; the tensor is dropped on failure. */
static int read_idx(struct nn_tensor **out, struct nn_stream *s, size_t n_classes,
                    const char *name, char *sha256, struct err *e) {
    struct nn_tensor *t = NULL;
    int rc =
        n_classes ? read_labels(&t, s, n_classes, name, e) : read_images(&t, s, name, e);
    if (rc == 0 && sha256)
        rc = nn_stream_sha256(s, sha256, e);
    if (rc < 0) {
        nn_tensor_release(t);
        return rc;
    }
    *out = t;
    return 0;
}

static int check_classes(size_t n_classes, const char *name, struct err *e) {
    if (n_classes == 0 || n_classes > 256)
        return err_set(e, ERR_RANGE,
                       _("%s: %zu clases; un archivo IDX admite de 1 a 256"), name,
                       n_classes);
    return 0;
}

static int load(struct nn_tensor **out, const char *path, size_t n_classes, char *sha256,
                struct err *e) {
    struct nn_stream *s = NULL;
    int rc = nn_stream_open(&s, path, sha256 != NULL, e);
    if (rc == 0)
        rc = read_idx(out, s, n_classes, path, sha256, e);
    nn_stream_free(s);
    return rc;
}

static int parse(struct nn_tensor **out, const void *bytes, size_t n, size_t n_classes,
                 const char *name, struct err *e) {
    struct nn_stream *s = NULL;
    int rc = nn_stream_open_memory(&s, bytes, n, name, e);
    if (rc == 0)
        rc = read_idx(out, s, n_classes, name, NULL, e);
    nn_stream_free(s);
    return rc;
}

int nn_idx_load_images(struct nn_tensor **out, const char *path,
                       char sha256[NN_SHA256_TEXT], struct err *e) {
    *out = NULL;
    return load(out, path, 0, sha256, e);
}

int nn_idx_load_labels(struct nn_tensor **out, const char *path, size_t n_classes,
                       char sha256[NN_SHA256_TEXT], struct err *e) {
    *out = NULL;
    int rc = check_classes(n_classes, path, e);
    return rc < 0 ? rc : load(out, path, n_classes, sha256, e);
}

int nn_idx_parse_images(struct nn_tensor **out, const void *bytes, size_t n,
                        const char *name, struct err *e) {
    *out = NULL;
    return parse(out, bytes, n, 0, name, e);
}

int nn_idx_parse_labels(struct nn_tensor **out, const void *bytes, size_t n,
                        size_t n_classes, const char *name, struct err *e) {
    *out = NULL;
    int rc = check_classes(n_classes, name, e);
    return rc < 0 ? rc : parse(out, bytes, n, n_classes, name, e);
}
