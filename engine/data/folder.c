/* folder.c: pictures from sub-folders as one data set. All headers are read first: sizes
 * and colours are judged before anything is unpacked. */
#include "nn/folder.h"

#include "base/buf.h"
#include "base/i18n.h"
#include "base/oserr.h"
#include "datasets.h"
#include "folder_list.h"
#include "lazy_libraries.h"
#include "nn/png.h"
#include "nn/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

/* The pictures of one part, and the shape that all of them get. */
struct reading {
    const struct nn_folder_list *list;
    size_t h, w, c;
    bool resize;
    unsigned char *to; /* list->n pictures */
    /* the first failure in the order of the files, whatever the order of the threads */
    pthread_mutex_t lock;
    size_t failed; /* its file; list->n: none */
    struct err failure;
};

/* ---- one file */

/* Up to max bytes; a longer file is one byte longer here. */
static int read_file(struct buf *b, const char *path, size_t max, struct err *e) {
    enum { PIECE = 1 << 16 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_IO, _("%s: no se puede abrir: %s"), path, os_reason(errno));
    int rc = 0;
    buf_init(b, max + PIECE);
    for (ssize_t n = 1; n > 0 && b->len < max;) {
        size_t want = MIN_OF(max - b->len, (size_t)PIECE);
        if (!buf_reserve(b, want)) {
            rc = err_set(e, ERR_NOMEM, _("%s: falta memoria"), path);
            break;
        }
        n = read(fd, b->data + b->len, want);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n < 0)
            rc =
                err_set(e, ERR_IO, _("%s: no se puede leer: %s"), path, os_reason(errno));
        else
            b->len += (size_t)n;
    }
    (void)close(fd);
    return rc;
}

static int read_picture(const struct reading *r, size_t i, struct err *e) {
    const char *path = r->list->file[i].path;
    unsigned char *to = r->to + i * r->h * r->w * r->c;
    struct nn_tensor *t = NULL;
    struct buf b = {0};
    int rc = read_file(&b, path, NN_PNG_MAX_BYTES + 1, e);
    if (rc == 0)
        rc = nn_png_decode(&t, b.data, b.len, r->c == 1, path, e);
    buf_release(&b);
    if (rc < 0)
        return rc;
    if (r->resize)
        rc = nn_resize_bytes(to, r->h, r->w, nn_tensor_u8(t), t->shape[0], t->shape[1],
                             r->c, e);
    else if (t->shape[0] != r->h || t->shape[1] != r->w)
        rc = err_set(e, ERR_IO, _("%s: el archivo cambió mientras se leía"), path);
    else
        memcpy(to, nn_tensor_u8(t), t->n);
    nn_tensor_release(t);
    return rc;
}

static void read_pictures(void *ctx, size_t first, size_t last) {
    struct reading *r = ctx;
    for (size_t i = first; i < last; i++) {
        struct err own = {0};
        if (read_picture(r, i, &own) == 0)
            continue;
        pthread_mutex_lock(&r->lock);
        if (i < r->failed) {
            r->failed = i;
            r->failure = own;
        }
        pthread_mutex_unlock(&r->lock);
        return;
    }
}

/* ---- headers */

static int read_header(struct nn_png_info *info, const char *path, struct err *e) {
    struct buf b = {0};
    int rc = read_file(&b, path, NN_PNG_HEADER, e);
    if (rc == 0)
        rc = nn_png_header(info, b.data, b.len, path, e);
    buf_release(&b);
    return rc;
}

/* Shape of a part: of the first picture (unless both sizes are given), in colour when one
 * of them is. The sizes that are set in r already hold for this part too. */
static int judge(struct reading *r, const char *first, bool gray, struct err *e) {
    for (size_t i = 0; i < r->list->n; i++) {
        struct nn_png_info info;
        const char *path = r->list->file[i].path;
        int rc = read_header(&info, path, e);
        if (rc < 0)
            return rc;
        if (r->h == 0) {
            r->h = info.h;
            r->w = info.w;
        }
        if (!r->resize && (info.h != r->h || info.w != r->w))
            return err_set(e, ERR_SHAPE,
                           _("%s mide %zu×%zu píxeles y %s %zu×%zu; indica "
                             "size = {alto, ancho} para igualarlas"),
                           path, info.h, info.w, first, r->h, r->w);
        r->c = info.color && !gray ? 3 : MAX_OF(r->c, (size_t)1);
    }
    return 0;
}

/* ---- a part */

static int decode(struct reading *r, struct nn_tensor **x, struct nn_tensor **y,
                  struct err *e) {
    size_t n = r->list->n, bytes;
    if (!mul_size(&bytes, n, r->h * r->w * r->c) || bytes > NN_FOLDER_MAX_BYTES)
        return err_set(e, ERR_RANGE,
                       _("%zu imágenes de %zu×%zu×%zu superan el límite de %zu MB"), n,
                       r->h, r->w, r->c, NN_FOLDER_MAX_BYTES >> 20);
    int rc = nn_tensor_new(x, NN_U8, 4, (size_t[]){n, r->h, r->w, r->c}, e);
    if (rc == 0)
        rc = nn_tensor_new(y, NN_I32, 1, &n, e);
    if (rc == 0)
        rc = nn_png_load(e);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < n; i++)
        nn_tensor_i32(*y)[i] = r->list->file[i].label;
    r->to = nn_tensor_u8(*x);
    r->failed = n;
    pthread_mutex_init(&r->lock, NULL);
    nn_pool_run(read_pictures, r, n, 8);
    pthread_mutex_destroy(&r->lock);
    if (r->failed < n) {
        *e = r->failure;
        return r->failure.code;
    }
    return 0;
}

static int note_skipped(struct nn_dataset *d, size_t skipped, struct err *e) {
    char line[200];
    if (skipped == 0)
        return 0;
    (void)snprintf(line, sizeof line, _("%s: se omitieron %zu archivos que no son .png."),
                   d->name, skipped);
    return nn_dataset_note(d, line, e);
}

/* The classes of the test part must be those of training. */
static int same_classes(const struct nn_names *a, const struct nn_names *b,
                        const char *path, struct err *e) {
    for (size_t i = 0; i < b->n; i++)
        if (!nn_names_have(a, b->name[i]))
            return err_set(e, ERR_FORMAT, _("%s: la clase %s de test no está en train"),
                           path, b->name[i]);
    for (size_t i = 0; i < a->n; i++)
        if (!nn_names_have(b, a->name[i]))
            return err_set(e, ERR_FORMAT, _("%s: la clase %s de train no está en test"),
                           path, a->name[i]);
    return 0;
}

static int build(struct nn_dataset *d, const struct nn_folder_list *train,
                 const struct nn_folder_list *test, const struct nn_folder_opts *o,
                 struct err *e) {
    const char *first = train->file[0].path;
    struct reading r = {
        .list = train, .h = o->height, .w = o->width, .resize = o->height > 0, .c = 1};
    int rc = nn_dataset_set_classes(d, train->classes.n,
                                    (const char *const *)train->classes.name, NULL, e);
    if (rc == 0)
        rc = judge(&r, first, o->gray, e);
    if (rc == 0 && test->n) {
        r.list = test;
        rc = judge(&r, first, o->gray, e);
        r.list = train;
    }
    if (rc == 0)
        rc = decode(&r, &d->x_train, &d->y_train, e);
    r.list = test;
    if (rc == 0 && test->n)
        rc = decode(&r, &d->x_test, &d->y_test, e);
    if (rc == 0)
        rc = note_skipped(d, train->skipped + test->skipped, e);
    d->input.scale = 1 / 255.0f;
    return rc == 0 ? nn_dataset_check(d, e) : rc;
}

/* ---- the folder */

/* Are the sub-folders train and test, and no others? */
static int has_parts(bool *parts, const char *path, struct err *e) {
    struct nn_names names = {0};
    int rc = nn_names_read(&names, path, true, e);
    *parts = rc == 0 && names.n == 2 && nn_names_have(&names, "train") &&
             nn_names_have(&names, "test");
    nn_names_release(&names);
    return rc;
}

static int list_part(struct nn_folder_list *l, const char *path, const char *part,
                     struct err *e) {
    struct buf b;
    buf_init(&b, 1 << 14);
    buf_printf(&b, "%s/%s", path, part);
    int rc = b.failed ? err_set(e, ERR_NOMEM, _("%s: falta memoria"), path)
                      : nn_folder_list_read(l, b.data, e);
    buf_release(&b);
    return rc;
}

static int list_all(struct nn_folder_list *train, struct nn_folder_list *test,
                    const char *path, const struct nn_folder_opts *o, struct err *e) {
    bool parts;
    int rc = has_parts(&parts, path, e);
    if (rc < 0 || !parts)
        return rc < 0 ? rc : nn_folder_list_read(train, path, e);
    if (o->test > 0)
        return err_set(e, ERR_ARG,
                       _("%s ya trae una carpeta test; no indiques test = %g"), path,
                       o->test);
    rc = list_part(train, path, "train", e);
    if (rc == 0)
        rc = list_part(test, path, "test", e);
    return rc == 0 ? same_classes(&train->classes, &test->classes, path, e) : rc;
}

static int check_opts(const struct nn_folder_opts *o, struct err *e) {
    if ((o->height == 0) != (o->width == 0) || o->height > NN_PNG_MAX_SIDE ||
        o->width > NN_PNG_MAX_SIDE)
        return err_set(e, ERR_RANGE,
                       _("el tamaño %zu×%zu no vale; se admite de 1 a %d por lado"),
                       o->height, o->width, NN_PNG_MAX_SIDE);
    if (!(o->test >= 0 && o->test < 1))
        return err_set(e, ERR_RANGE, _("test = %g; debe ser de 0 a menos de 1"), o->test);
    return 0;
}

/* The folder's own name, without the way to it. */
static int new_dataset(struct nn_dataset **d, const char *path, struct err *e) {
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    char *name = strndup(path + start, end - start);
    int rc = name ? nn_dataset_new(d, *name ? name : path, e)
                  : err_set(e, ERR_NOMEM, _("%s: falta memoria"), path);
    free(name);
    return rc;
}

int nn_folder_load(struct nn_dataset **out, const char *path,
                   const struct nn_folder_opts *opts, struct err *e) {
    struct nn_folder_opts o = opts ? *opts : (struct nn_folder_opts){0};
    struct nn_folder_list train = {0}, test = {0};
    struct nn_dataset *d = NULL;
    *out = NULL;
    int rc = check_opts(&o, e);
    if (rc == 0)
        rc = list_all(&train, &test, path, &o, e);
    if (rc == 0)
        rc = new_dataset(&d, path, e);
    if (rc == 0)
        rc = build(d, &train, &test, &o, e);
    if (rc == 0 && o.test > 0)
        rc = nn_dataset_cut_test(out, d, o.test, o.seed, e);
    else if (rc == 0)
        *out = nn_dataset_retain(d);
    nn_dataset_release(d);
    nn_folder_list_release(&train);
    nn_folder_list_release(&test);
    return rc;
}
