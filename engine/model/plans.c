/* plans.c: the model's layers traced once per batch size into a plan that is replayed. */
#include "models.h"

void nn_plans_clear(struct nn_model *m) {
    for (int i = 0; m->plans && i < NN_PLANS_MAX; i++) {
        nn_plan_free(m->plans->entry[i].plan);
        m->plans->entry[i] = (struct nn_plan_entry){0};
    }
}

bool nn_model_fuses_output(const struct nn_model *m) {
    const char *last = nn_layer_final_activation(m->layer[m->n_layers - 1]);
    return m->loss && m->loss->fuses && last && strcmp(last, m->loss->fuses) == 0;
}

/* The layers on a deferred batch. raw: what the loss works on; final: the output. */
static int trace(struct nn_model *m, struct nn_var *x, bool training, struct nn_var **raw,
                 struct nn_var **final, struct err *e) {
    bool fuse = nn_model_fuses_output(m);
    struct nn_call_mode mode = {.training = training, .step = &m->steps};
    struct nn_var *now = nn_var_retain(x), *next = NULL;
    int rc = 0;
    *raw = *final = NULL;
    for (int i = 0; rc == 0 && i < m->n_layers; i++) {
        mode.skip_output = fuse && i == m->n_layers - 1;
        rc = nn_layer_call(m->layer[i], &next, now, &mode, e);
        nn_var_release(now);
        now = next;
    }
    if (rc < 0)
        return rc;
    *raw = now;
    if (!fuse)
        *final = nn_var_retain(now);
    else
        rc = nn_apply(final, m->loss->fuses, NULL, now, NULL, e);
    return rc;
}

static int batch_var(struct nn_var **out, const struct nn_model *m, size_t batch,
                     struct err *e) {
    size_t shape[NN_MAX_DIMS] = {batch};
    memcpy(shape + 1, m->in_shape, (size_t)m->in_ndim * sizeof *shape);
    return nn_var_deferred(out, NN_F32, m->in_ndim + 1, shape, e);
}

static int make_train(struct nn_plan **out, struct nn_model *m, size_t batch,
                      const struct nn_tensor *y, struct err *e) {
    struct nn_var *in[2] = {0}, *raw = NULL, *final = NULL, *loss = NULL, *target = NULL;
    size_t shape[NN_MAX_DIMS];
    *out = NULL;
    memcpy(shape, y->shape, sizeof shape);
    shape[0] = batch;
    int rc = batch_var(&in[0], m, batch, e);
    if (rc == 0)
        rc = nn_var_deferred(&in[1], y->dtype, y->ndim, shape, e);
    if (rc == 0)
        rc = trace(m, in[0], true, &raw, &final, e);
    if (rc == 0 && m->weighted)
        rc = nn_weighted_loss(&loss, &target, m, raw, in[1], e);
    else if (rc == 0)
        rc = nn_apply(&loss, m->loss->op, &(struct nn_attrs){.value = m->loss_value}, raw,
                      in[1], e);
    if (rc == 0)
        rc = nn_model_penalise(m, &loss, e);
    struct nn_var *keep[3] = {raw, nn_metrics_want_output(m) ? final : raw, target};
    if (rc == 0)
        rc = nn_plan_new(out, loss, 2, in, target ? 3 : 2, keep, NN_PLAN_TRAIN, e);
    nn_var_release(in[0]);
    nn_var_release(in[1]);
    nn_var_release(raw);
    nn_var_release(final);
    nn_var_release(loss);
    nn_var_release(target);
    return rc;
}

static int make_infer(struct nn_plan **out, struct nn_model *m, size_t batch,
                      struct err *e) {
    struct nn_var *in = NULL, *raw = NULL, *final = NULL;
    *out = NULL;
    int rc = batch_var(&in, m, batch, e);
    if (rc == 0)
        rc = trace(m, in, false, &raw, &final, e);
    if (rc == 0)
        rc = nn_plan_new(out, final, 1, &in, 1, &raw, NN_PLAN_FORWARD, e);
    nn_var_release(in);
    nn_var_release(raw);
    nn_var_release(final);
    return rc;
}

static bool same_key(const struct nn_plan_entry *a, const struct nn_plan_entry *b) {
    return a->mode == b->mode && a->batch == b->batch && a->y_dtype == b->y_dtype &&
           a->y_ndim == b->y_ndim && a->y_row == b->y_row && a->weighted == b->weighted;
}

/* The entry with that key, or the one to replace: an empty one or the longest unused. */
static struct nn_plan_entry *find(struct nn_plans *p, const struct nn_plan_entry *key) {
    struct nn_plan_entry *oldest = &p->entry[0];
    for (int i = 0; i < NN_PLANS_MAX; i++) {
        struct nn_plan_entry *t = &p->entry[i];
        if (t->plan && same_key(t, key))
            return t;
        if (t->used < oldest->used)
            oldest = t;
    }
    return oldest;
}

static int cached(struct nn_plan **out, struct nn_model *m, enum nn_plan_mode mode,
                  size_t batch, const struct nn_tensor *y, struct err *e) {
    struct nn_plan_entry key = {.mode = mode, .batch = batch};
    *out = NULL;
    if (y) {
        key.y_dtype = y->dtype;
        key.y_ndim = y->ndim;
        key.y_row = y->n / y->shape[0];
        key.weighted = m->weighted;
    }
    if (!m->plans && !(m->plans = calloc(1, sizeof *m->plans)))
        return err_set(e, ERR_NOMEM, _("no hay memoria para el plan de entrenamiento"));
    struct nn_plan_entry *t = find(m->plans, &key);
    if (!t->plan || !same_key(t, &key)) {
        int rc = mode == NN_PLAN_TRAIN ? make_train(&key.plan, m, batch, y, e)
                                       : make_infer(&key.plan, m, batch, e);
        if (rc < 0)
            return rc;
        nn_plan_free(t->plan);
        *t = key;
    }
    t->used = ++m->plans->clock;
    *out = t->plan;
    return 0;
}

int nn_plans_train(struct nn_plan **out, struct nn_model *m, size_t batch,
                   const struct nn_tensor *y, struct err *e) {
    return cached(out, m, NN_PLAN_TRAIN, batch, y, e);
}

int nn_plans_infer(struct nn_plan **out, struct nn_model *m, size_t batch,
                   struct err *e) {
    return cached(out, m, NN_PLAN_FORWARD, batch, NULL, e);
}
