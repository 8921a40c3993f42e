/* store_training.c: how a model is trained as JSON: loss, metrics, optimizer and schedule
 * with their options, and how far it has come. */
#include "stores.h"

#include <math.h>

/* ---- describing */

static json_t *numbers_json(const double *v, int n, bool *failed) {
    json_t *a = json_array();
    for (int i = 0; i < n; i++)
        nn_json_append(a, json_real(v[i]), failed);
    return a;
}

static json_t *schedule_json(const struct nn_schedule *s, bool *failed) {
    json_t *j = json_pack("{s:s, s:o}", "type", s->type->name, "options",
                          nn_options_describe(&s->options, failed));
    if (s->type->pieces) {
        nn_json_set(j, "boundaries", numbers_json(s->boundary, s->n, failed), failed);
        nn_json_set(j, "values", numbers_json(s->value, s->n + 1, failed), failed);
    }
    return j;
}

/* Steps taken belong to the optimizer's state: without it they start again. */
json_t *nn_training_describe(const struct nn_model *m, bool state, bool *failed) {
    const struct nn_optim *o = m->optim;
    json_t *metrics = json_array();
    for (int i = 0; i < m->n_metrics; i++)
        nn_json_append(metrics, json_string(m->metric[i]), failed);
    json_t *j =
        json_pack("{s:s, s:o, s:s, s:o, s:I, s:I, s:b}", "loss", m->loss->name, "metrics",
                  metrics, "optimizer", o->type->name, "options",
                  nn_options_describe(&o->options, failed), "steps", (json_int_t)m->steps,
                  "epochs", (json_int_t)m->epochs, "state", state && o->slot != NULL);
    if (m->loss->option)
        nn_json_set(j, "loss_value", json_real(m->loss_value), failed);
    if (o->schedule.type)
        nn_json_set(j, "schedule", schedule_json(&o->schedule, failed), failed);
    if (state) {
        nn_json_set(j, "optimizer_steps", json_integer((json_int_t)o->steps), failed);
        nn_json_set(j, "learning_rate", json_real(o->learning_rate), failed);
    }
    return j;
}

bool nn_description_has_state(const json_t *j) {
    return json_is_true(json_object_get(json_object_get(j, "training"), "state"));
}

/* ---- and back */

static uint64_t count_of(const json_t *j, const char *name) {
    json_int_t v = json_integer_value(json_object_get(j, name));
    return v > 0 ? (uint64_t)v : 0;
}

static int read_pieces(struct nn_schedule *s, const json_t *j, struct err *e) {
    const json_t *boundaries = json_object_get(j, "boundaries");
    const json_t *values = json_object_get(j, "values");
    double boundary[NN_SCHEDULE_PIECES], value[NN_SCHEDULE_PIECES + 1];
    size_t n = json_array_size(boundaries);
    if (n > NN_SCHEDULE_PIECES || json_array_size(values) != n + 1)
        return nn_bad_description(e, _("los tramos de la tasa no son una lista"));
    for (size_t i = 0; i < n; i++)
        boundary[i] = json_number_value(json_array_get(boundaries, i));
    for (size_t i = 0; i <= n; i++)
        value[i] = json_number_value(json_array_get(values, i));
    return nn_schedule_set_pieces(s, (int)n, boundary, value, e);
}

static int set_schedule(struct nn_optim *o, const json_t *j, struct err *e) {
    const char *type = json_string_value(json_object_get(j, "type"));
    struct nn_schedule s;
    if (!type)
        return nn_bad_description(e, _("la tasa de aprendizaje no tiene tipo"));
    int rc = nn_schedule_init(&s, type, e);
    if (rc == 0)
        rc = nn_options_restore(&s.options, json_object_get(j, "options"), e);
    if (rc == 0 && s.type->pieces)
        rc = read_pieces(&s, j, e);
    return rc < 0 ? rc : nn_optim_set_schedule(o, &s, e);
}

static int read_optim(struct nn_optim **out, const json_t *j, struct err *e) {
    const char *type = json_string_value(json_object_get(j, "optimizer"));
    const json_t *schedule = json_object_get(j, "schedule");
    *out = NULL;
    if (!type)
        return nn_bad_description(e, _("el estado del entrenamiento está incompleto"));
    int rc = nn_optim_new(out, type, e);
    if (rc == 0)
        rc = nn_options_restore(&(*out)->options, json_object_get(j, "options"), e);
    if (rc == 0 && schedule)
        rc = set_schedule(*out, schedule, e);
    return rc;
}

static int compile(struct nn_model *m, struct nn_optim *o, const json_t *j,
                   struct err *e) {
    const char *loss = json_string_value(json_object_get(j, "loss"));
    const json_t *metrics = json_object_get(j, "metrics");
    const char *metric[NN_MODEL_MAX_METRICS];
    size_t n = json_array_size(metrics);
    if (!loss || n > NN_MODEL_MAX_METRICS)
        return nn_bad_description(e, _("el estado del entrenamiento está incompleto"));
    for (size_t i = 0; i < n; i++)
        if (!(metric[i] = json_string_value(json_array_get(metrics, i))))
            return nn_bad_description(e, _("una métrica no tiene nombre"));
    return nn_model_compile(m, o, loss, (int)n, metric, e);
}

int nn_training_restore(struct nn_model *m, const json_t *j, struct err *e) {
    struct nn_optim *o;
    int rc = read_optim(&o, j, e);
    if (rc == 0)
        rc = compile(m, o, j, e);
    if (rc < 0) {
        nn_optim_free(o);
        return rc;
    }
    const json_t *value = json_object_get(j, "loss_value");
    if (value)
        rc = nn_model_set_loss_value(m, json_number_value(value), e);
    if (rc == 0)
        rc = nn_model_attach(m, e);
    if (rc < 0)
        return rc;
    double rate = json_number_value(json_object_get(j, "learning_rate"));
    nn_optim_resume(m->optim, count_of(j, "optimizer_steps"),
                    rate > 0 && isfinite(rate) ? rate : m->optim->learning_rate);
    m->steps = count_of(j, "steps");
    m->epochs = count_of(j, "epochs");
    return 0;
}
