/* fit_prepare.c: everything that a training needs before its first step; after it nothing
 * is allocated. */
#include "fits.h"

#include <math.h>

/* The last part of the data, before any shuffling, as Keras. */
static int split(struct nn_run *r, double share, struct err *e) {
    size_t n = r->x->shape[0], n_train = (size_t)floor((double)n * (1 - share));
    struct nn_tensor *x = NULL, *y = NULL;
    if (!(share > 0 && share < 1) || n_train == 0 || n_train == n)
        return err_set(
            e, ERR_RANGE,
            _("validation_split es %g: debe estar entre 0 y 1 y dejar ejemplos "
              "en las dos partes (hay %zu)"),
            share, n);
    int rc = nn_tensor_rows(&r->x_val, r->x, n_train, n - n_train, e);
    if (rc == 0)
        rc = nn_tensor_rows(&r->y_val, r->y, n_train, n - n_train, e);
    if (rc == 0)
        rc = nn_tensor_rows(&x, r->x, 0, n_train, e);
    if (rc == 0)
        rc = nn_tensor_rows(&y, r->y, 0, n_train, e);
    if (rc < 0) {
        nn_tensor_release(x);
        return rc;
    }
    nn_tensor_release(r->x);
    nn_tensor_release(r->y);
    r->x = x;
    r->y = y;
    return 0;
}

static int prepare_data(struct nn_run *r, const struct nn_fit_data *d, struct err *e) {
    struct nn_model *m = r->m;
    int rc = nn_prepare_x(&r->x, m, d->x, e);
    if (rc == 0)
        rc = nn_model_build(m, r->x->ndim - 1, r->x->shape + 1, e);
    if (rc == 0)
        rc = nn_prepare_y(&r->y, m, d->y, e);
    if (rc == 0)
        rc = nn_check_targets(m, r->x, r->y, _("entrenamiento"), e);
    if (rc == 0 && d->x_val && d->y_val) {
        rc = nn_prepare_x(&r->x_val, m, d->x_val, e);
        if (rc == 0)
            rc = nn_prepare_y(&r->y_val, m, d->y_val, e);
        if (rc == 0)
            rc = nn_check_targets(m, r->x_val, r->y_val, _("validación"), e);
    } else if (rc == 0 && r->o->validation_split != 0) {
        rc = split(r, r->o->validation_split, e);
    }
    return rc;
}

static bool attached(const struct nn_model *m) {
    const struct nn_optim *o = m->optim;
    int k = 0;
    for (int i = 0; i < nn_model_count(m); i++) {
        bool trainable;
        struct nn_var *p = nn_model_param(m, i, &trainable);
        if (trainable && (k >= o->n || o->slot[k++].var != p))
            return false;
    }
    return o->slot && k == o->n;
}

/* The optimizer keeps its state from one fit to the next, as Keras'. Layers that were
 * frozen or thawed since make another list, and other plans. */
int nn_model_attach(struct nn_model *m, struct err *e) {
    if (attached(m))
        return 0;
    nn_plans_clear(m);
    int n = nn_model_count(m), k = 0;
    struct nn_var **params = calloc((size_t)n + 1, sizeof(struct nn_var *));
    if (!params)
        return err_set(e, ERR_NOMEM, _("no hay memoria para el optimizador"));
    for (int i = 0; i < n; i++) {
        bool trainable;
        struct nn_var *p = nn_model_param(m, i, &trainable);
        if (trainable)
            params[k++] = p;
    }
    int rc = nn_optim_attach(m->optim, k, params, e);
    free(params);
    return rc;
}

static int make_feed(struct nn_run *r, const struct nn_fit_data *d, struct err *e) {
    struct nn_plan *unused;
    size_t n = r->x->shape[0];
    struct nn_feed_options fo = {.batch = MIN_OF(r->batch, n),
                                 .input = d->input,
                                 .shuffle = !r->o->no_shuffle,
                                 .seed = r->m->seed ^ 0x5b1ff1e5u,
                                 .augment = d->augment,
                                 .augment_ctx = d->augment_ctx};
    r->input = d->input;
    r->batch = fo.batch;
    int rc = nn_plans_train(&unused, r->m, fo.batch, r->y, e);
    if (rc == 0 && n % fo.batch)
        rc = nn_plans_train(&unused, r->m, n % fo.batch, r->y, e);
    return rc == 0 ? nn_feed_new(&r->feed, r->x, r->y, &fo, e) : rc;
}

int nn_run_prepare(struct nn_run *r, const struct nn_fit_data *d, struct err *e) {
    int rc = prepare_data(r, d, e);
    if (rc == 0)
        rc = nn_run_weigh(r, d->x->shape[0], e);
    if (rc == 0)
        rc = nn_model_attach(r->m, e);
    if (rc == 0 && r->m->optim->n == 0)
        rc = err_set(e, ERR_STATE,
                     _("no hay nada que entrenar: ninguna capa tiene parámetros con "
                       "trainable = true"));
    if (rc == 0)
        rc = make_feed(r, d, e);
    if (rc == 0)
        rc = nn_snapshot_init(&r->last, r->m, e);
    if (rc == 0)
        rc = nn_history_new(&r->h, r->m, r->epochs - r->o->initial_epoch,
                            r->x_val != NULL, e);
    if (rc < 0)
        return rc;
    r->h->samples = r->x->shape[0];
    r->h->batches = nn_feed_batches(r->feed);
    r->h->batch_size = r->batch;
    rc = nn_diagnose_new(r, e);
    return rc == 0 ? nn_probe_new(&r->probe, r, e) : rc;
}

void nn_run_release(struct nn_run *r) {
    r->m->weighted = false;
    nn_history_free(r->h);
    nn_feed_free(r->feed);
    nn_probe_free(r->probe);
    nn_snapshot_release(&r->last);
    nn_snapshot_release(&r->before);
    nn_tensor_release(r->x);
    nn_tensor_release(r->y);
    nn_tensor_release(r->x_val);
    nn_tensor_release(r->y_val);
}
