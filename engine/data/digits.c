/* digits.c: the built-in data set: which digit each image is, drawn in parallel. */
#include "nn/digits.h"

#include "base/i18n.h"
#include "digit_draw.h"
#include "nn/pool.h"

enum { PIXELS = NN_DIGITS_SIDE * NN_DIGITS_SIDE, N_CLASSES = 10 };

/* The set that the notebooks use. */
static const uint64_t default_seed = 20240229;

struct job {
    struct nn_rng part; /* stream of this part; images split from it */
    unsigned char *pixels;
    int32_t *label;
};

/* Every ten images hold each digit once, in an order of their own. */
static int label_of(const struct job *j, size_t i) {
    size_t order[N_CLASSES];
    struct nn_rng r = nn_rng_split(&j->part, 2 * (i / N_CLASSES) + 1);
    nn_rng_permutation(&r, order, N_CLASSES);
    return (int)order[i % N_CLASSES];
}

static void draw_images(void *ctx, size_t first, size_t last) {
    const struct job *j = ctx;
    for (size_t i = first; i < last; i++) {
        struct nn_rng r = nn_rng_split(&j->part, 2 * i);
        int digit = label_of(j, i);
        nn_digit_draw(j->pixels + i * PIXELS, digit, &r);
        j->label[i] = digit;
    }
}

static int draw_part(struct nn_tensor **x, struct nn_tensor **y, size_t n, uint64_t seed,
                     uint64_t part, struct err *e) {
    int rc =
        nn_tensor_new(x, NN_U8, 4, (size_t[]){n, NN_DIGITS_SIDE, NN_DIGITS_SIDE, 1}, e);
    if (rc == 0)
        rc = nn_tensor_new(y, NN_I32, 1, &n, e);
    if (rc < 0)
        return rc;
    struct nn_rng root;
    nn_rng_seed(&root, seed);
    struct job j = {nn_rng_split(&root, part), nn_tensor_u8(*x), nn_tensor_i32(*y)};
    nn_pool_run(draw_images, &j, n, 50);
    return 0;
}

int nn_digits_new(struct nn_dataset **out, const struct nn_digits_opts *opts,
                  struct err *e) {
    static const char *const names[N_CLASSES] = {"0", "1", "2", "3", "4",
                                                 "5", "6", "7", "8", "9"};
    *out = NULL;
    struct nn_digits_opts o = opts ? *opts : (struct nn_digits_opts){0};
    o.n_train = o.n_train ? o.n_train : 6000;
    o.n_test = o.n_test ? o.n_test : 1000;
    o.seed = o.seed ? o.seed : default_seed;
    size_t most = MAX_OF(o.n_train, o.n_test);
    if (most > NN_DIGITS_MAX)
        return err_set(e, ERR_RANGE, _("digits: n = %zu; se admite de 1 a %d"), most,
                       NN_DIGITS_MAX);
    struct nn_dataset *d = NULL;
    int rc = nn_dataset_new(&d, "digits", e);
    if (rc == 0)
        rc = nn_dataset_set_classes(d, N_CLASSES, names, NULL, e);
    if (rc == 0)
        rc = draw_part(&d->x_train, &d->y_train, o.n_train, o.seed, 0, e);
    if (rc == 0)
        rc = draw_part(&d->x_test, &d->y_test, o.n_test, o.seed, 1, e);
    if (rc < 0) {
        nn_dataset_release(d);
        return rc;
    }
    d->input.scale = 1.0f / 255.0f;
    *out = d;
    return 0;
}
