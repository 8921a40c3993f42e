/* dataset_split.c: divides examples into parts, class by class, the same way for the same
 * seed. */
#include "datasets.h"

#include "base/i18n.h"
#include "nn/rng.h"
#include "nn/vec.h"

/* Rows grouped by class: rows[first[k]] .. rows[first[k + 1] - 1] are those of class k.
 */
struct groups {
    size_t n, k;
    size_t *rows;  /* n */
    size_t *first; /* k + 1 */
    size_t *quota; /* k: how many of each group are picked */
};

static void groups_release(struct groups *g) {
    free(g->rows);
    free(g->first);
    free(g->quota);
}

/* One group when y holds no classes; else as many as the largest label asks for. */
static int count_groups(size_t *k, const struct nn_tensor *y, struct err *e) {
    *k = 1;
    if (y->dtype != NN_I32)
        return 0;
    const int32_t *label = nn_tensor_i32(y);
    for (size_t i = 0; i < y->n; i++) {
        if (label[i] < 0 || label[i] >= NN_MAX_CLASSES)
            return err_set(e, ERR_RANGE,
                           _("la etiqueta %d en la posición %zu está fuera de 0..%d"),
                           (int)label[i], i + 1, NN_MAX_CLASSES - 1);
        *k = MAX_OF(*k, (size_t)label[i] + 1);
    }
    return 0;
}

static size_t group_of(const struct nn_tensor *y, size_t i) {
    return y->dtype == NN_I32 ? (size_t)nn_tensor_i32(y)[i] : 0;
}

static int groups_init(struct groups *g, const struct nn_tensor *y, struct err *e) {
    *g = (struct groups){.n = y->n};
    int rc = count_groups(&g->k, y, e);
    if (rc < 0)
        return rc;
    g->rows = calloc(g->n ? g->n : 1, sizeof *g->rows);
    g->first = calloc(g->k + 1, sizeof *g->first);
    g->quota = calloc(g->k, sizeof *g->quota);
    if (!g->rows || !g->first || !g->quota)
        return err_set(e, ERR_NOMEM, _("falta memoria para repartir %zu ejemplos"), g->n);
    for (size_t i = 0; i < g->n; i++)
        g->first[group_of(y, i) + 1]++;
    for (size_t k = 0; k < g->k; k++)
        g->first[k + 1] += g->first[k];
    for (size_t i = 0; i < g->n; i++) /* quota serves as fill counter here */
        g->rows[g->first[group_of(y, i)] + g->quota[group_of(y, i)]++] = i;
    return 0;
}

/* n_pick shared out in proportion to the groups: whole parts first, then one more to
 * those with the largest remainders (at equal ones the lower class). */
static void share_out(struct groups *g, size_t n_pick) {
    double share = g->n ? (double)n_pick / (double)g->n : 0.0;
    size_t given = 0;
    for (size_t k = 0; k < g->k; k++) {
        size_t size = g->first[k + 1] - g->first[k];
        g->quota[k] = MIN_OF((size_t)((double)size * share), size);
        given += g->quota[k];
    }
    while (given < n_pick) {
        size_t best = g->k;
        double most = 0;
        for (size_t k = 0; k < g->k; k++) {
            size_t size = g->first[k + 1] - g->first[k];
            double rest = (double)size * share - (double)g->quota[k];
            if (g->quota[k] < size && (best == g->k || rest > most)) {
                best = k;
                most = rest;
            }
        }
        if (best == g->k)
            return; /* n_pick is at most n, so every row is picked by now */
        g->quota[best]++;
        given++;
    }
}

/* picked[i] = 1 for n_pick of the rows, chosen at random within each class. */
static int pick_rows(unsigned char *picked, const struct nn_tensor *y, size_t n_pick,
                     uint64_t seed, struct err *e) {
    struct groups g;
    int rc = groups_init(&g, y, e);
    if (rc == 0) {
        struct nn_rng root;
        nn_rng_seed(&root, seed);
        share_out(&g, n_pick);
        for (size_t k = 0; k < g.k; k++) {
            struct nn_rng r = nn_rng_split(&root, k);
            size_t *rows = g.rows + g.first[k];
            nn_rng_shuffle(&r, rows, g.first[k + 1] - g.first[k]);
            for (size_t i = 0; i < g.quota[k]; i++)
                picked[rows[i]] = 1;
        }
    }
    groups_release(&g);
    return rc;
}

/* rows: those not picked, then those picked, both ascending. */
static int rows_by_pick(size_t *rows, const struct nn_tensor *y, size_t n_pick,
                        uint64_t seed, struct err *e) {
    unsigned char *picked = calloc(y->n ? y->n : 1, 1);
    if (!picked)
        return err_set(e, ERR_NOMEM, _("falta memoria para repartir %zu ejemplos"), y->n);
    int rc = pick_rows(picked, y, n_pick, seed, e);
    size_t a = 0, b = y->n - n_pick;
    for (size_t i = 0; rc == 0 && i < y->n; i++)
        rows[picked[i] ? b++ : a++] = i;
    free(picked);
    return rc;
}

int nn_dataset_split_rows(size_t *rows, size_t *n_first, const struct nn_tensor *y,
                          double share, uint64_t seed, struct err *e) {
    *n_first = 0;
    if (!(share > 0.0 && share < 1.0))
        return err_set(e, ERR_RANGE,
                       _("la fracción %g debe ser mayor que 0 y menor que 1"), share);
    size_t n_pick = (size_t)((double)y->n * share + 0.5);
    if (n_pick == 0 || n_pick >= y->n)
        return err_set(e, ERR_RANGE,
                       _("la fracción %g de %zu ejemplos deja una parte vacía"), share,
                       y->n);
    *n_first = y->n - n_pick;
    return rows_by_pick(rows, y, n_pick, seed, e);
}

/* The rows of t as a new tensor. */
static int take_rows(struct nn_tensor **out, const struct nn_tensor *t,
                     const size_t *rows, size_t n, struct err *e) {
    size_t shape[NN_MAX_DIMS];
    memcpy(shape, t->shape, sizeof shape);
    size_t row_bytes = t->n / t->shape[0] * nn_dtype_size(t->dtype);
    shape[0] = n;
    int rc = nn_tensor_new(out, t->dtype, t->ndim, shape, e);
    if (rc == 0)
        nn_vec_gather((*out)->data, t->data, rows, n, row_bytes);
    return rc;
}

static size_t *rows_new(size_t n, const char *name, struct err *e) {
    size_t *rows = calloc(n ? n : 1, sizeof *rows);
    if (!rows)
        (void)err_set(e, ERR_NOMEM, _("%s: falta memoria para repartir %zu ejemplos"),
                      name, n);
    return rows;
}

/* The training part of d divided into x, y (the share) and s->x_train, s->y_train. */
static int divide(struct nn_dataset *s, struct nn_tensor **x, struct nn_tensor **y,
                  const struct nn_dataset *d, double share, uint64_t seed,
                  struct err *e) {
    size_t n = d->y_train->n, n_train = 0;
    size_t *rows = rows_new(n, d->name, e);
    int rc = rows ? nn_dataset_split_rows(rows, &n_train, d->y_train, share, seed, e)
                  : ERR_NOMEM;
    if (rc == 0)
        rc = take_rows(&s->x_train, d->x_train, rows, n_train, e);
    if (rc == 0)
        rc = take_rows(&s->y_train, d->y_train, rows, n_train, e);
    if (rc == 0)
        rc = take_rows(x, d->x_train, rows + n_train, n - n_train, e);
    if (rc == 0)
        rc = take_rows(y, d->y_train, rows + n_train, n - n_train, e);
    free(rows);
    return rc;
}

int nn_dataset_split(struct nn_dataset **out, const struct nn_dataset *d, double fraction,
                     uint64_t seed, struct err *e) {
    *out = NULL;
    struct nn_dataset *s = NULL;
    int rc = nn_dataset_like(&s, d, e);
    if (rc == 0)
        rc = divide(s, &s->x_valid, &s->y_valid, d, fraction, seed, e);
    if (rc < 0) {
        nn_dataset_release(s);
        return rc;
    }
    s->x_test = nn_tensor_retain(d->x_test);
    s->y_test = nn_tensor_retain(d->y_test);
    *out = s;
    return 0;
}

int nn_dataset_cut_test(struct nn_dataset **out, const struct nn_dataset *d,
                        double fraction, uint64_t seed, struct err *e) {
    *out = NULL;
    struct nn_dataset *s = NULL;
    int rc = nn_dataset_like(&s, d, e);
    if (rc == 0)
        rc = divide(s, &s->x_test, &s->y_test, d, fraction, seed, e);
    if (rc < 0) {
        nn_dataset_release(s);
        return rc;
    }
    s->x_valid = nn_tensor_retain(d->x_valid);
    s->y_valid = nn_tensor_retain(d->y_valid);
    *out = s;
    return 0;
}

/* n examples of one part, 0 for all of them; part names it in the message. */
static int take_part(struct nn_tensor **x, struct nn_tensor **y, struct nn_tensor *from_x,
                     struct nn_tensor *from_y, size_t n, const char *part, uint64_t seed,
                     struct err *e) {
    if (!from_y || n == 0 || n == from_y->n) {
        *x = nn_tensor_retain(from_x);
        *y = nn_tensor_retain(from_y);
        return 0;
    }
    size_t all = from_y->n;
    if (n > all)
        return err_set(e, ERR_RANGE, _("subset: se piden %zu ejemplos y %s tiene %zu"), n,
                       part, all);
    size_t *rows = rows_new(all, "subset", e);
    int rc = rows ? rows_by_pick(rows, from_y, n, seed, e) : ERR_NOMEM;
    if (rc == 0)
        rc = take_rows(x, from_x, rows + (all - n), n, e);
    if (rc == 0)
        rc = take_rows(y, from_y, rows + (all - n), n, e);
    free(rows);
    return rc;
}

int nn_dataset_subset(struct nn_dataset **out, const struct nn_dataset *d, size_t n_train,
                      size_t n_test, uint64_t seed, struct err *e) {
    *out = NULL;
    struct nn_dataset *s = NULL;
    int rc = nn_dataset_like(&s, d, e);
    if (rc == 0 && n_test && !d->y_test)
        rc = err_set(e, ERR_RANGE,
                     _("subset: se piden %zu ejemplos de prueba y %s no tiene ninguno"),
                     n_test, d->name);
    if (rc == 0)
        rc = take_part(&s->x_train, &s->y_train, d->x_train, d->y_train, n_train,
                       "x_train", seed, e);
    if (rc == 0)
        rc = take_part(&s->x_test, &s->y_test, d->x_test, d->y_test, n_test, "x_test",
                       seed + 1, e);
    if (rc < 0) {
        nn_dataset_release(s);
        return rc;
    }
    s->x_valid = nn_tensor_retain(d->x_valid);
    s->y_valid = nn_tensor_retain(d->y_valid);
    *out = s;
    return 0;
}
