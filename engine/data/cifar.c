/* cifar.c: CIFAR-10 records, six files of them, from an archive or from a folder. */
#include "nn/cifar.h"

#include "base/buf.h"
#include "base/i18n.h"
#include "cifar_files.h"
#include "nn/pool.h"
#include "published.h"

#include <sys/stat.h>

enum { SIDE = 32, PIXELS = SIDE * SIDE, N_CLASSES = 10 };

static const char *const names_es[N_CLASSES] = {"avión",  "auto",  "pájaro", "gato",
                                                "venado", "perro", "rana",   "caballo",
                                                "barco",  "camión"};
static const char *const names_en[N_CLASSES] = {"airplane", "automobile", "bird", "cat",
                                                "deer",     "dog",        "frog", "horse",
                                                "ship",     "truck"};

struct unpack {
    const unsigned char *from;
    unsigned char *to;
};

/* Three planes of 1024 become 1024 pixels of three. */
static void unpack_records(void *ctx, size_t first, size_t last) {
    const struct unpack *u = ctx;
    for (size_t i = first; i < last; i++) {
        const unsigned char *r = u->from + i * NN_CIFAR_RECORD + 1;
        unsigned char *p = u->to + i * PIXELS * 3;
        for (size_t k = 0; k < PIXELS; k++) {
            p[3 * k] = r[k];
            p[3 * k + 1] = r[k + PIXELS];
            p[3 * k + 2] = r[k + 2 * PIXELS];
        }
    }
}

static int check_size(size_t n, const char *name, struct err *e) {
    if (n == 0 || n % NN_CIFAR_RECORD)
        return err_set(e, ERR_FORMAT,
                       _("%s: %zu bytes no son registros enteros de %d bytes"), name, n,
                       NN_CIFAR_RECORD);
    if (n / NN_CIFAR_RECORD > NN_CIFAR_MAX_RECORDS)
        return err_set(e, ERR_RANGE, _("%s: %zu registros superan el límite de %d"), name,
                       n / NN_CIFAR_RECORD, NN_CIFAR_MAX_RECORDS);
    return 0;
}

/* n bytes into rows at.. of x and y. */
static int put_records(struct nn_tensor *x, struct nn_tensor *y, size_t at,
                       const unsigned char *bytes, size_t n, const char *name,
                       struct err *e) {
    size_t records = n / NN_CIFAR_RECORD;
    for (size_t i = 0; i < records; i++) {
        unsigned label = bytes[i * NN_CIFAR_RECORD];
        if (label >= N_CLASSES)
            return err_set(e, ERR_RANGE,
                           _("%s: la etiqueta %u en la posición %zu está fuera de 0..%d"),
                           name, label, i + 1, N_CLASSES - 1);
        nn_tensor_i32(y)[at + i] = (int32_t)label;
    }
    struct unpack u = {bytes, nn_tensor_u8(x) + at * PIXELS * 3};
    nn_pool_run(unpack_records, &u, records, 64);
    return 0;
}

static int new_tensors(struct nn_tensor **x, struct nn_tensor **y, size_t records,
                       struct err *e) {
    int rc = nn_tensor_new(x, NN_U8, 4, (size_t[]){records, SIDE, SIDE, 3}, e);
    return rc == 0 ? nn_tensor_new(y, NN_I32, 1, &records, e) : rc;
}

int nn_cifar_parse_records(struct nn_tensor **x, struct nn_tensor **y, const void *bytes,
                           size_t n, const char *name, struct err *e) {
    *x = *y = NULL;
    int rc = check_size(n, name, e);
    if (rc == 0)
        rc = new_tensors(x, y, n / NN_CIFAR_RECORD, e);
    if (rc == 0)
        rc = put_records(*x, *y, 0, bytes, n, name, e);
    if (rc < 0) {
        nn_tensor_release(*x);
        nn_tensor_release(*y);
        *x = *y = NULL;
    }
    return rc;
}

/* Files first..last-1 as one tensor, each file's bytes dropped once they are in. */
static int join(struct nn_tensor **x, struct nn_tensor **y, struct nn_cifar_files *f,
                size_t first, size_t last, struct err *e) {
    size_t records = 0, at = 0;
    for (size_t i = first; i < last; i++) {
        int rc = check_size(f->len[i], nn_cifar_file_names[i], e);
        if (rc < 0)
            return rc;
        records += f->len[i] / NN_CIFAR_RECORD;
    }
    int rc = new_tensors(x, y, records, e);
    for (size_t i = first; rc == 0 && i < last; i++) {
        rc = put_records(*x, *y, at, f->data[i], f->len[i], nn_cifar_file_names[i], e);
        at += f->len[i] / NN_CIFAR_RECORD;
        free(f->data[i]);
        f->data[i] = NULL;
    }
    return rc;
}

static int build(struct nn_dataset **out, struct nn_cifar_files *f, struct err *e) {
    struct nn_dataset *d = NULL;
    int rc = nn_dataset_new(&d, "cifar-10", e);
    if (rc == 0)
        rc = nn_dataset_set_classes(d, N_CLASSES, names_es, names_en, e);
    if (rc == 0)
        rc = join(&d->x_train, &d->y_train, f, 0, NN_CIFAR_FILES - 1, e);
    if (rc == 0)
        rc = join(&d->x_test, &d->y_test, f, NN_CIFAR_FILES - 1, NN_CIFAR_FILES, e);
    if (rc == 0)
        rc = nn_dataset_check(d, e);
    if (rc < 0) {
        nn_dataset_release(d);
        return rc;
    }
    d->input.scale = 1.0f / 255.0f;
    *out = d;
    return 0;
}

static int note_files(struct nn_dataset *d, const struct nn_cifar_files *f,
                      const char *path, struct err *e) {
    const struct nn_download_set *set = nn_download_set("cifar-10");
    if (f->sum[0])
        return nn_published_note(d, &set->file[0], set->file[0].name, f->sum, e);
    if (!f->differs[0])
        return 0;
    struct buf b;
    buf_init(&b, 1 << 14);
    buf_printf(&b,
               _("%s/%s no es el archivo publicado: su SHA-256 es otro; se usa tal "
                 "como está."),
               path, f->differs);
    int rc = b.failed ? err_set(e, ERR_NOMEM, _("%s: falta memoria para una nota"), path)
                      : nn_dataset_note(d, b.data, e);
    buf_release(&b);
    return rc;
}

static int finish(struct nn_dataset **out, struct nn_cifar_files *f, const char *path,
                  int rc, struct err *e) {
    struct nn_dataset *d = NULL;
    if (rc == 0)
        rc = build(&d, f, e);
    if (rc == 0)
        rc = note_files(d, f, path, e);
    if (rc < 0)
        nn_dataset_release(d);
    else
        *out = d;
    nn_cifar_files_release(f);
    return rc;
}

/* Length of the folder's path when path names the first of the files; else 0. */
static size_t first_file(const char *path) {
    const char *name = nn_cifar_file_names[0];
    size_t n = strlen(path), k = strlen(name);
    bool it_is = n > k + 1 && path[n - k - 1] == '/' && strcmp(path + n - k, name) == 0;
    return it_is ? n - k - 1 : 0;
}

int nn_cifar_load_path(struct nn_dataset **out, const char *path, struct err *e) {
    *out = NULL;
    struct stat st;
    struct nn_cifar_files f = {0};
    char *own = first_file(path) ? strndup(path, first_file(path)) : NULL;
    if (first_file(path) && !own)
        return err_set(e, ERR_NOMEM, _("%s: falta memoria"), path);
    const char *from = own ? own : path;
    bool folder = stat(from, &st) == 0 && S_ISDIR(st.st_mode);
    int rc =
        folder ? nn_cifar_files_folder(&f, from, e) : nn_cifar_files_archive(&f, from, e);
    rc = finish(out, &f, from, rc, e);
    free(own);
    return rc;
}

int nn_cifar_parse_archive(struct nn_dataset **out, const void *bytes, size_t n,
                           const char *name, struct err *e) {
    *out = NULL;
    struct nn_cifar_files f = {0};
    int rc = nn_cifar_files_memory(&f, bytes, n, name, e);
    return finish(out, &f, name, rc, e);
}

int nn_cifar_load(struct nn_dataset **out, const struct nn_download_opts *opts,
                  struct err *e) {
    *out = NULL;
    char *path;
    int rc = nn_download_find(&path, nn_download_set("cifar-10"), 0, opts, e);
    if (rc == 0)
        rc = nn_cifar_load_path(out, path, e);
    free(path);
    return rc;
}
