/* fit.c: the training loop: batches in, plan forward and backward, optimizer, report. */
#include "models.h"

#include "nn/vec.h"

#include <math.h>

/* The weights at the end of the last finished epoch, to go back to. */
struct snapshot {
    int n;
    struct nn_tensor **copy;
};

struct run {
    struct nn_model *m;
    const struct nn_fit_options *o;
    struct nn_history *h;
    struct nn_tensor *x, *y, *x_val, *y_val; /* prepared; owned */
    struct nn_normalise input;
    struct nn_feed *feed;
    struct snapshot last;
    size_t batch;
    int epochs, epoch; /* epoch from 1 */
    double began, epoch_began;
    bool stopped;
};

/* ---- the weights to go back to */

static void snapshot_release(struct snapshot *s) {
    for (int i = 0; i < s->n; i++)
        nn_tensor_release(s->copy[i]);
    free(s->copy);
    *s = (struct snapshot){0};
}

static int snapshot_init(struct snapshot *s, const struct nn_model *m, struct err *e) {
    int n = nn_model_count(m), rc = 0;
    s->copy = calloc((size_t)n + 1, sizeof(struct nn_tensor *));
    if (!s->copy)
        return err_set(e, ERR_NOMEM, _("no hay memoria para guardar los pesos"));
    for (int i = 0; rc == 0 && i < n; i++) {
        rc = nn_tensor_copy(&s->copy[i], nn_model_param(m, i, NULL)->value, e);
        s->n += rc == 0;
    }
    return rc;
}

static void copy_data(struct nn_tensor *to, const struct nn_tensor *from) {
    memcpy(to->data, from->data, from->n * nn_dtype_size(from->dtype));
}

static bool weights_finite(const struct nn_model *m) {
    for (int i = 0; i < nn_model_count(m); i++) {
        const struct nn_tensor *t = nn_model_param(m, i, NULL)->value;
        if (!nn_vec_all_finite(t->dtype, t->data, t->n))
            return false;
    }
    return true;
}

static void snapshot_take(struct snapshot *s, const struct nn_model *m) {
    for (int i = 0; i < s->n; i++)
        copy_data(s->copy[i], nn_model_param(m, i, NULL)->value);
}

/* The optimizer's state may be as broken as the weights were: it starts again. */
static void snapshot_restore(const struct snapshot *s, struct nn_model *m) {
    for (int i = 0; i < s->n; i++)
        copy_data(nn_model_param(m, i, NULL)->value, s->copy[i]);
    nn_optim_reset(m->optim);
}

/* ---- reports */

static void event_init(struct nn_fit_event *ev, const struct run *r) {
    *ev = (struct nn_fit_event){.epochs = r->epochs,
                                .batches = nn_feed_batches(r->feed),
                                .loss = NAN,
                                .accuracy = NAN,
                                .val_loss = NAN,
                                .val_accuracy = NAN,
                                .batch_loss = NAN,
                                .model = r->m};
}

static void event_scores(struct nn_fit_event *ev, const struct run *r,
                         const struct nn_tally *t) {
    int accuracy = nn_metric_index(r->m, "accuracy");
    struct nn_scores s = nn_tally_scores(t, r->m);
    ev->loss = s.loss;
    if (accuracy >= 0)
        ev->accuracy = s.metric[accuracy];
}

/* true: go on. */
static bool report(struct run *r, struct nn_fit_event *ev, enum nn_fit_event_kind kind) {
    double now = clock_seconds();
    ev->kind = kind;
    ev->epoch = r->epoch;
    ev->seconds = r->epoch_began > 0 ? now - r->epoch_began : 0;
    ev->total_seconds = now - r->began;
    ev->learning_rate = r->m->optim->learning_rate;
    if (r->o->on_event && r->o->on_event(r->o->ctx, ev) != 0 && kind != NN_FIT_END)
        r->stopped = true;
    return !r->stopped;
}

/* ---- one epoch */

static int not_a_number(struct run *r, size_t batch, double loss, struct err *e) {
    double rate = r->m->optim->learning_rate;
    snapshot_restore(&r->last, r->m);
    if (r->epoch == r->o->initial_epoch + 1)
        return err_set(
            e, ERR_NAN,
            _("la pérdida se volvió %s en la época %d, lote %zu; prueba con "
              "learning_rate menor que %g o revisa los datos. El modelo volvió "
              "a los pesos con que empezó"),
            isnan(loss) ? "NaN" : "infinita", r->epoch, batch, rate);
    return err_set(e, ERR_NAN,
                   _("la pérdida se volvió %s en la época %d, lote %zu; prueba con "
                     "learning_rate menor que %g. El modelo conserva los pesos del final "
                     "de la época %d"),
                   isnan(loss) ? "NaN" : "infinita", r->epoch, batch, rate, r->epoch - 1);
}

/* Forward, backward and update of one batch; its loss into *loss. */
static int train_batch(struct run *r, struct nn_tensor *x, struct nn_tensor *y,
                       struct nn_tally *t, double *loss, struct err *e) {
    struct nn_model *m = r->m;
    struct nn_plan *p;
    int rc = nn_plans_train(&p, m, x->shape[0], y, e);
    if (rc == 0)
        rc = nn_plan_bind(p, 0, x, e);
    if (rc == 0)
        rc = nn_plan_bind(p, 1, y, e);
    if (rc < 0)
        return rc;
    nn_plan_forward(p);
    *loss = nn_tensor_get(nn_plan_root(p), 0);
    if (!isfinite(*loss))
        return 0;
    struct nn_tensor *raw = nn_plan_kept(p, 0);
    struct nn_tensor *out = nn_metrics_want_output(m) ? nn_plan_kept(p, 1) : raw;
    nn_tally_add(t, m, *loss, raw, out, y, x->shape[0]);
    nn_plan_backward(p);
    rc = nn_optim_step(m->optim, e);
    m->steps++;
    return rc;
}

static int train_epoch(struct run *r, struct nn_fit_event *ev, struct nn_tally *t,
                       struct err *e) {
    struct nn_tensor *x, *y;
    nn_feed_start(r->feed, r->m->epochs);
    for (size_t batch = 1; nn_feed_next(r->feed, &x, &y); batch++) {
        double loss;
        int rc = train_batch(r, x, y, t, &loss, e);
        if (rc < 0)
            return rc;
        if (!isfinite(loss))
            return not_a_number(r, batch, loss, e);
        ev->batch = batch;
        ev->batch_loss = loss;
        event_scores(ev, r, t);
        if (!report(r, ev, NN_FIT_BATCH))
            break;
    }
    return 0;
}

static int validate(struct run *r, struct nn_fit_event *ev, struct nn_scores *val,
                    struct err *e) {
    int accuracy = nn_metric_index(r->m, "accuracy");
    /* reals beside bytes are taken as they are */
    bool alike = r->x_val->dtype == r->x->dtype;
    int rc = nn_evaluate_prepared(val, r->m, r->x_val, r->y_val, alike ? &r->input : NULL,
                                  0, e);
    ev->val_loss = val->loss;
    if (accuracy >= 0)
        ev->val_accuracy = val->metric[accuracy];
    return rc;
}

/* The last step may have broken weights whose loss nobody has seen yet. */
static int finish_epoch(struct run *r, struct nn_fit_event *ev, const struct nn_tally *t,
                        struct err *e) {
    struct nn_scores train = nn_tally_scores(t, r->m), val;
    if (!weights_finite(r->m))
        return not_a_number(r, ev->batch, NAN, e);
    snapshot_take(&r->last, r->m);
    bool whole = ev->batch == ev->batches;
    bool validated = r->x_val && whole && !r->stopped;
    if (validated) {
        int rc = validate(r, ev, &val, e);
        if (rc < 0)
            return rc;
    }
    nn_history_add(r->h, &train, validated ? &val : NULL,
                   clock_seconds() - r->epoch_began, r->m->optim->learning_rate);
    r->m->epochs++;
    report(r, ev, NN_FIT_EPOCH_END);
    return 0;
}

static int run_epochs(struct run *r, struct err *e) {
    struct nn_fit_event ev;
    r->began = clock_seconds();
    event_init(&ev, r);
    int rc = 0;
    bool on = report(r, &ev, NN_FIT_BEGIN);
    for (int i = r->o->initial_epoch; rc == 0 && on && i < r->epochs; i++) {
        struct nn_tally t = {0};
        r->epoch = i + 1;
        r->epoch_began = clock_seconds();
        event_init(&ev, r);
        if (!report(r, &ev, NN_FIT_EPOCH_BEGIN))
            break;
        rc = train_epoch(r, &ev, &t, e);
        if (rc == 0)
            rc = finish_epoch(r, &ev, &t, e);
        on = !r->stopped;
    }
    r->h->stopped = r->stopped;
    r->h->feed = nn_feed_stats(r->feed);
    report(r, &ev, NN_FIT_END);
    return rc;
}

/* ---- before the first step */

/* The last part of the data, before any shuffling, as Keras. */
static int split(struct run *r, double share, struct err *e) {
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

static int prepare_data(struct run *r, const struct nn_fit_data *d, struct err *e) {
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

static int check_options(struct run *r, struct err *e) {
    if (r->m->training)
        return nn_model_refuse_training(e);
    if (!r->m->loss || !r->m->optim)
        return err_set(e, ERR_STATE, _("llama a compile antes de fit"));
    if (r->epochs < 1 || r->epochs > 1000000)
        return err_set(e, ERR_RANGE, _("epochs es %d y debe estar entre 1 y 1000000"),
                       r->epochs);
    if (r->o->initial_epoch < 0 || r->o->initial_epoch >= r->epochs)
        return err_set(e, ERR_RANGE,
                       _("initial_epoch es %d y debe ser menor que epochs, "
                         "que es %d"),
                       r->o->initial_epoch, r->epochs);
    return 0;
}

/* Everything that allocates: batches, both plans (whole and short batch), history. */
static int prepare(struct run *r, const struct nn_fit_data *d, struct err *e) {
    struct nn_plan *unused;
    int rc = prepare_data(r, d, e);
    if (rc == 0)
        rc = nn_model_attach(r->m, e);
    if (rc == 0 && r->m->optim->n == 0)
        rc = err_set(e, ERR_STATE,
                     _("no hay nada que entrenar: ninguna capa tiene parámetros con "
                       "trainable = true"));
    if (rc < 0)
        return rc;
    size_t n = r->x->shape[0];
    struct nn_feed_options fo = {.batch = MIN_OF(r->batch, n),
                                 .input = d->input,
                                 .shuffle = !r->o->no_shuffle,
                                 .seed = r->m->seed ^ 0x5b1ff1e5u,
                                 .augment = d->augment,
                                 .augment_ctx = d->augment_ctx};
    r->input = d->input;
    rc = nn_plans_train(&unused, r->m, fo.batch, r->y, e);
    if (rc == 0 && n % fo.batch)
        rc = nn_plans_train(&unused, r->m, n % fo.batch, r->y, e);
    if (rc == 0)
        rc = nn_feed_new(&r->feed, r->x, r->y, &fo, e);
    if (rc == 0)
        rc = snapshot_init(&r->last, r->m, e);
    if (rc == 0)
        rc = nn_history_new(&r->h, r->m, r->epochs - r->o->initial_epoch,
                            r->x_val != NULL, e);
    if (rc == 0) {
        r->h->samples = n;
        r->h->batches = nn_feed_batches(r->feed);
        r->h->batch_size = fo.batch;
    }
    return rc;
}

int nn_fit(struct nn_model *m, const struct nn_fit_data *d,
           const struct nn_fit_options *o, struct err *e) {
    struct run r = {.m = m,
                    .o = o,
                    .epochs = o->epochs ? o->epochs : 1,
                    .batch = o->batch_size ? o->batch_size : 32};
    int rc = check_options(&r, e);
    if (rc == 0)
        rc = prepare(&r, d, e);
    if (rc == 0) {
        m->input = d->input;
        m->training++;
        rc = run_epochs(&r, e);
        m->training--;
        nn_history_free(m->history);
        m->history = r.h;
        r.h = NULL;
    }
    nn_history_free(r.h);
    nn_feed_free(r.feed);
    snapshot_release(&r.last);
    nn_tensor_release(r.x);
    nn_tensor_release(r.y);
    nn_tensor_release(r.x_val);
    nn_tensor_release(r.y_val);
    return rc;
}
