/* fit.c: the training loop: batches in, plan forward and backward, optimizer, report. */
#include "fits.h"

#include "nn/vec.h"

#include <math.h>

static bool weights_finite(const struct nn_model *m) {
    for (int i = 0; i < nn_model_count(m); i++) {
        const struct nn_tensor *t = nn_model_param(m, i, NULL)->value;
        if (!nn_vec_all_finite(t->dtype, t->data, t->n))
            return false;
    }
    return true;
}

/* ---- reports */

static void event_init(struct nn_fit_event *ev, const struct nn_run *r) {
    *ev = (struct nn_fit_event){.epochs = r->epochs,
                                .batches = nn_feed_batches(r->feed),
                                .loss = NAN,
                                .accuracy = NAN,
                                .val_loss = NAN,
                                .val_accuracy = NAN,
                                .batch_loss = NAN,
                                .model = r->m,
                                .history = r->h};
}

static void event_scores(struct nn_fit_event *ev, const struct nn_run *r,
                         const struct nn_tally *t) {
    int accuracy = nn_metric_index(r->m, "accuracy");
    struct nn_scores s = nn_tally_scores(t, r->m);
    ev->loss = s.loss;
    if (accuracy >= 0)
        ev->accuracy = s.metric[accuracy];
}

/* true: go on. */
static bool report(struct nn_run *r, struct nn_fit_event *ev,
                   enum nn_fit_event_kind kind) {
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

/* A line that a callback has to say. */
static void note(void *ctx, const char *line) {
    struct nn_run *r = ctx;
    struct nn_fit_event ev;
    event_init(&ev, r);
    ev.kind = NN_FIT_NOTE;
    ev.epoch = r->epoch;
    ev.note = line;
    if (r->o->on_event)
        (void)r->o->on_event(r->o->ctx, &ev);
}

/* The optimizer's state may be as broken as the weights were: it starts again. */
static int not_a_number(struct nn_run *r, size_t batch, double loss, struct err *e) {
    double rate = r->m->optim->learning_rate;
    const char *what = isnan(loss) ? "NaN" : _("infinita");
    char where[256];
    nn_probe_blame(r->probe, r->batch_x, where, sizeof where);
    nn_snapshot_restore(&r->last, r->m);
    nn_optim_reset(r->m->optim);
    if (r->epoch == r->o->initial_epoch + 1)
        return err_set(e, ERR_NAN,
                       _("la pérdida se volvió %s en la época %d, lote %zu: %s. Prueba "
                         "con learning_rate menor que %g, recorta el gradiente con "
                         "clipnorm o revisa los datos. El modelo volvió a los pesos con "
                         "que empezó"),
                       what, r->epoch, batch, where, rate);
    return err_set(e, ERR_NAN,
                   _("la pérdida se volvió %s en la época %d, lote %zu: %s. Prueba con "
                     "learning_rate menor que %g o recorta el gradiente con clipnorm. El "
                     "modelo conserva los pesos del final de la época %d"),
                   what, r->epoch, batch, where, rate, r->epoch - 1);
}

/* Forward, backward and update of one batch; its loss into *loss. keep: the gradients are
 * looked at, now or after the epoch. */
static int train_batch(struct nn_run *r, struct nn_tensor *x, struct nn_tensor *y,
                       bool measure, bool keep, struct nn_tally *t, double *loss,
                       struct err *e) {
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
    struct nn_tensor *target = m->weighted ? nn_plan_kept(p, 2) : y;
    nn_tally_add(t, m, *loss, raw, nn_plan_kept(p, 1), target, x->shape[0]);
    double rate = keep ? 0 : nn_optim_plain_rate(m->optim);
    if (rate > 0)
        nn_plan_descend(p, rate);
    else
        nn_plan_backward(p);
    if (measure)
        nn_diagnose_before(r);
    rc = nn_optim_step(m->optim, e);
    if (measure)
        nn_diagnose_after(r);
    m->steps++;
    return rc;
}

static int train_epoch(struct nn_run *r, struct nn_fit_event *ev, struct nn_tally *t,
                       struct err *e) {
    struct nn_tensor *x, *y;
    nn_feed_start(r->feed, r->m->epochs);
    nn_diagnose_epoch_begin(r);
    for (size_t batch = 1; nn_feed_next(r->feed, &x, &y); batch++) {
        double loss;
        r->batch_x = x;
        bool measure = nn_diagnose_wanted(r, batch);
        bool keep = measure || batch >= ev->batches;
        int rc = train_batch(r, x, y, measure, keep, t, &loss, e);
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

/* ---- callbacks */

static struct nn_callback_run view(struct nn_run *r) {
    return (struct nn_callback_run){
        .m = r->m, .h = r->h, .epoch = r->epoch, .note = note, .ctx = r};
}

static int begin_callbacks(struct nn_run *r, struct err *e) {
    struct nn_callback_run v = view(r);
    int rc = 0;
    for (int i = 0; rc == 0 && i < r->o->n_callbacks; i++) {
        struct nn_callback *c = r->o->callback[i];
        rc = c->type->begin(c, &v, e);
    }
    return rc;
}

static int run_callbacks(struct nn_run *r, struct err *e) {
    struct nn_callback_run v = view(r);
    int rc = 0;
    for (int i = 0; rc == 0 && i < r->o->n_callbacks; i++)
        rc = r->o->callback[i]->type->epoch(r->o->callback[i], &v, e);
    r->finished = v.stop;
    return rc;
}

static void end_callbacks(struct nn_run *r) {
    struct nn_callback_run v = view(r);
    for (int i = 0; i < r->o->n_callbacks; i++)
        if (r->o->callback[i]->type->end)
            r->o->callback[i]->type->end(r->o->callback[i], &v);
}

static int validate(struct nn_run *r, struct nn_fit_event *ev, struct nn_scores *val,
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
static int finish_epoch(struct nn_run *r, struct nn_fit_event *ev,
                        const struct nn_tally *t, struct err *e) {
    struct nn_scores train = nn_tally_scores(t, r->m), val;
    if (!weights_finite(r->m))
        return not_a_number(r, ev->batch, NAN, e);
    nn_snapshot_take(&r->last, r->m);
    nn_diagnose_epoch_end(r);
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
    bool cut = r->stopped;
    report(r, ev, NN_FIT_EPOCH_END);
    return cut ? 0 : run_callbacks(r, e);
}

static int run_epochs(struct nn_run *r, struct err *e) {
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
        on = !r->stopped && !r->finished;
    }
    if (rc == 0 && !r->stopped)
        end_callbacks(r);
    r->h->stopped = r->stopped || r->finished;
    r->h->feed = nn_feed_stats(r->feed);
    report(r, &ev, NN_FIT_END);
    return rc;
}

static int check_options(struct nn_run *r, struct err *e) {
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

int nn_fit(struct nn_model *m, const struct nn_fit_data *d,
           const struct nn_fit_options *o, struct err *e) {
    struct nn_run r = {.m = m,
                       .o = o,
                       .epochs = o->epochs ? o->epochs : 1,
                       .batch = o->batch_size ? o->batch_size : 32};
    int rc = check_options(&r, e);
    if (rc == 0)
        rc = nn_run_prepare(&r, d, e);
    if (rc == 0)
        rc = begin_callbacks(&r, e);
    if (rc == 0) {
        m->input = d->input;
        m->training++;
        rc = run_epochs(&r, e);
        m->training--;
        nn_history_free(m->history);
        m->history = r.h;
        r.h = NULL;
    }
    nn_run_release(&r);
    return rc;
}
