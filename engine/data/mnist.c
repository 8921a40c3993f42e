/* mnist.c: MNIST and Fashion-MNIST from their four IDX files. */
#include "nn/mnist.h"

#include "base/buf.h"
#include "base/i18n.h"
#include "nn/idx.h"
#include "nn/pool.h"
#include "published.h"

enum { TRAIN_X, TRAIN_Y, TEST_X, TEST_Y, N_FILES, N_CLASSES = 10 };

static const char *const digit_names[N_CLASSES] = {"0", "1", "2", "3", "4",
                                                   "5", "6", "7", "8", "9"};
static const char *const fashion_es[N_CLASSES] = {
    "camiseta", "pantalón", "suéter",    "vestido", "abrigo",
    "sandalia", "camisa",   "zapatilla", "bolso",   "botín"};
static const char *const fashion_en[N_CLASSES] = {
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};

/* One file: where it is, what came of it. */
struct part {
    char *path;
    struct nn_tensor *t;
    char sum[NN_SHA256_TEXT];
    struct err e;
    int rc;
};

static void read_images(void *ctx) {
    struct part *p = ctx;
    p->rc = nn_idx_load_images(&p->t, p->path, p->sum, &p->e);
}

static void read_labels(void *ctx) {
    struct part *p = ctx;
    p->rc = nn_idx_load_labels(&p->t, p->path, N_CLASSES, p->sum, &p->e);
}

/* The training images are most of the work: the other three files go to the helper thread
 * meanwhile. */
static int read_files(struct part p[N_FILES], struct err *e) {
    struct nn_task task[N_FILES] = {0};
    nn_pool_async(&task[TEST_X], read_images, &p[TEST_X]);
    nn_pool_async(&task[TRAIN_Y], read_labels, &p[TRAIN_Y]);
    nn_pool_async(&task[TEST_Y], read_labels, &p[TEST_Y]);
    read_images(&p[TRAIN_X]);
    for (int i = 0; i < N_FILES; i++)
        nn_pool_wait(&task[i]);
    for (int i = 0; i < N_FILES; i++)
        if (p[i].rc < 0)
            return err_set(e, p[i].rc, "%s", p[i].e.msg);
    return 0;
}

static int check_pair(const struct part *x, const struct part *y, struct err *e) {
    if (x->t->shape[0] != y->t->n)
        return err_set(e, ERR_FORMAT, _("%s tiene %zu imágenes y %s %zu etiquetas"),
                       x->path, x->t->shape[0], y->path, y->t->n);
    return 0;
}

static struct nn_tensor *take(struct part *p) {
    struct nn_tensor *t = p->t;
    p->t = NULL;
    return t;
}

static int build(struct nn_dataset *d, struct part p[N_FILES],
                 const struct nn_download_set *set, bool fashion, struct err *e) {
    int rc = read_files(p, e);
    if (rc == 0)
        rc = check_pair(&p[TRAIN_X], &p[TRAIN_Y], e);
    if (rc == 0)
        rc = check_pair(&p[TEST_X], &p[TEST_Y], e);
    if (rc == 0)
        rc = nn_dataset_set_classes(d, N_CLASSES, fashion ? fashion_es : digit_names,
                                    fashion ? fashion_en : digit_names, e);
    for (size_t i = 0; rc == 0 && i < N_FILES; i++)
        rc = nn_published_note(d, &set->file[i], p[i].path, p[i].sum, e);
    if (rc < 0)
        return rc;
    d->input.scale = 1.0f / 255.0f;
    d->x_train = take(&p[TRAIN_X]);
    d->y_train = take(&p[TRAIN_Y]);
    d->x_test = take(&p[TEST_X]);
    d->y_test = take(&p[TEST_Y]);
    return nn_dataset_check(d, e);
}

static const struct nn_download_set *the_set(bool fashion) {
    return nn_download_set(fashion ? "fashion-mnist" : "mnist");
}

/* Reads the four paths of p, which stay the caller's, and drops what is left in p. */
static int load(struct nn_dataset **out, struct part p[N_FILES], bool fashion,
                struct err *e) {
    struct nn_dataset *d = NULL;
    int rc = nn_dataset_new(&d, the_set(fashion)->name, e);
    if (rc == 0)
        rc = build(d, p, the_set(fashion), fashion, e);
    for (int i = 0; i < N_FILES; i++)
        nn_tensor_release(p[i].t);
    if (rc < 0)
        nn_dataset_release(d);
    else
        *out = d;
    return rc;
}

static void free_paths(struct part p[N_FILES]) {
    for (int i = 0; i < N_FILES; i++)
        free(p[i].path);
}

static int search(struct nn_dataset **out, const struct nn_download_opts *opts,
                  bool fashion, struct err *e) {
    *out = NULL;
    struct part p[N_FILES] = {0};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < N_FILES; i++)
        rc = nn_download_find(&p[i].path, the_set(fashion), i, opts, e);
    if (rc == 0)
        rc = load(out, p, fashion, e);
    free_paths(p);
    return rc;
}

int nn_mnist_load(struct nn_dataset **out, const struct nn_download_opts *opts,
                  struct err *e) {
    return search(out, opts, false, e);
}

int nn_mnist_load_fashion(struct nn_dataset **out, const struct nn_download_opts *opts,
                          struct err *e) {
    return search(out, opts, true, e);
}

int nn_mnist_load_folder(struct nn_dataset **out, const char *folder, bool fashion,
                         struct err *e) {
    *out = NULL;
    struct part p[N_FILES] = {0};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < N_FILES; i++)
        rc = nn_download_look(&p[i].path, folder, the_set(fashion), i, e);
    if (rc == 0)
        rc = load(out, p, fashion, e);
    free_paths(p);
    return rc;
}
