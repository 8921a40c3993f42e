/* optim.c: what every optimizer shares: state, clipping, the rate, the step. The kinds are
 * in optim_types.c. */
#include "nn/optim.h"

#include "base/i18n.h"

#include "nn/vec.h"

#include <math.h>

static int unknown_type(const char *type, struct err *e) {
    char near[NN_OPTION_TEXT], list[256];
    const struct nn_optim_type *t;
    size_t used = 0;
    for (int i = 0; (t = nn_optim_type_row(i)) && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? "|" : "",
                                 t->name);
    if (nn_nearest_word(near, type, list))
        return err_set(e, ERR_NOTFOUND,
                       _("no existe el optimizador «%s»; ¿querías decir «%s»?"), type,
                       near);
    return err_set(e, ERR_NOTFOUND,
                   _("no existe el optimizador «%s»; los que hay son %s"), type, list);
}

int nn_optim_new(struct nn_optim **out, const char *type, struct err *e) {
    const struct nn_optim_type *t = nn_optim_type_find(type);
    *out = NULL;
    if (!t)
        return unknown_type(type, e);
    struct nn_optim *o = calloc(1, sizeof *o);
    if (!o)
        return err_set(e, ERR_NOMEM, _("no hay memoria para el optimizador"));
    o->type = t;
    o->refs = 1;
    nn_options_init(&o->options, t->row, t->n_rows, t->name);
    o->learning_rate = nn_option_number(&o->options, "learning_rate");
    *out = o;
    return 0;
}

/* The rate of the next step where nobody has set another one. */
static void set_first_rate(struct nn_optim *o) {
    o->learning_rate = o->schedule.type ? nn_schedule_rate(&o->schedule, o->steps)
                                        : nn_option_number(&o->options, "learning_rate");
}

int nn_optim_new_like(struct nn_optim **out, const struct nn_optim *o, struct err *e) {
    int rc = nn_optim_new(out, o->type->name, e);
    if (rc < 0)
        return rc;
    (*out)->options = o->options;
    (*out)->schedule = o->schedule;
    set_first_rate(*out);
    return 0;
}

struct nn_optim *nn_optim_retain(struct nn_optim *o) {
    if (o)
        o->refs++;
    return o;
}

static void slots_free(struct nn_optim_slot *slot, int n) {
    for (int i = 0; slot && i < n; i++) {
        nn_var_release(slot[i].var);
        for (size_t k = 0; k < ARRAY_LEN(slot[i].state); k++)
            nn_tensor_release(slot[i].state[k]);
    }
    free(slot);
}

void nn_optim_free(struct nn_optim *o) {
    if (!o || --o->refs > 0)
        return;
    slots_free(o->slot, o->n);
    free(o);
}

/* Options that each shorten the gradient; 0: not. */
static const char *const clips[] = {"clipnorm", "global_clipnorm", "clipvalue"};

int nn_optim_check(const struct nn_optim *o, struct err *e) {
    const char *first = NULL;
    for (size_t i = 0; i < ARRAY_LEN(clips); i++) {
        if (nn_option_number(&o->options, clips[i]) == 0)
            continue;
        if (first)
            return err_set(e, ERR_ARG,
                           _("%s: «%s» y «%s» recortan los dos el gradiente; da solo "
                             "una de estas opciones"),
                           o->type->name, first, clips[i]);
        first = clips[i];
    }
    return nn_options_check(&o->options, e);
}

/* ---- state */

static bool uses(const struct nn_optim *o, int k) {
    return k < o->type->n_state && (!o->type->uses || o->type->uses(&o->options, k));
}

static double start_of(const struct nn_optim *o) {
    return o->type->start ? o->type->start(&o->options) : 0;
}

static int make_slot(struct nn_optim_slot *s, const struct nn_optim *o, struct nn_var *p,
                     struct err *e) {
    int rc = 0;
    s->var = nn_var_retain(p);
    for (int k = 0; rc == 0 && k < NN_OPTIM_STATES; k++) {
        if (!uses(o, k))
            continue;
        rc = nn_tensor_like(&s->state[k], p->value, e);
        if (rc == 0)
            nn_tensor_fill(s->state[k], start_of(o));
    }
    return rc;
}

int nn_optim_attach(struct nn_optim *o, int n, struct nn_var *const params[],
                    struct err *e) {
    struct nn_optim_slot *slot = calloc((size_t)n + 1, sizeof *slot);
    int rc = nn_optim_check(o, e);
    if (!slot)
        rc = err_set(e, ERR_NOMEM, _("no hay memoria para el estado del optimizador"));
    for (int i = 0; rc == 0 && i < n; i++) {
        struct nn_var *p = params[i];
        if (p->op || !p->value || !p->requires_grad)
            rc = err_set(e, ERR_ARG,
                         _("el optimizador ajusta hojas marcadas con var(...); el "
                           "parámetro %d no lo es"),
                         i + 1);
        else
            rc = make_slot(&slot[i], o, p, e);
    }
    if (rc < 0) {
        slots_free(slot, n);
        return rc;
    }
    slots_free(o->slot, o->n);
    o->slot = slot;
    o->n = n;
    o->steps = 0;
    set_first_rate(o);
    return 0;
}

void nn_optim_reset(struct nn_optim *o) {
    for (int i = 0; i < o->n; i++)
        for (int k = 0; k < NN_OPTIM_STATES; k++)
            if (o->slot[i].state[k])
                nn_tensor_fill(o->slot[i].state[k], start_of(o));
    o->steps = 0;
    if (o->schedule.type)
        set_first_rate(o);
}

struct nn_tensor *nn_optim_state(const struct nn_optim *o, int i, int k) {
    return i >= 0 && i < o->n && k >= 0 && k < NN_OPTIM_STATES ? o->slot[i].state[k]
                                                               : NULL;
}

const char *nn_optim_state_name(const struct nn_optim *o, int k) {
    return k >= 0 && k < o->type->n_state ? o->type->state_name[k] : NULL;
}

void nn_optim_resume(struct nn_optim *o, uint64_t steps, double learning_rate) {
    o->steps = steps;
    o->learning_rate = learning_rate;
    if (o->schedule.type)
        set_first_rate(o);
}

/* ---- the rate */

int nn_optim_set_learning_rate(struct nn_optim *o, double rate, struct err *e) {
    if (o->schedule.type)
        return err_set(e, ERR_STATE,
                       _("la tasa de %s la pone %s en cada paso: no se puede fijar"),
                       o->type->name, o->schedule.type->name);
    int rc = nn_options_set_number(&o->options, "learning_rate", rate, e);
    if (rc == 0)
        o->learning_rate = rate;
    return rc;
}

int nn_optim_set_schedule(struct nn_optim *o, const struct nn_schedule *s,
                          struct err *e) {
    int rc = s ? nn_schedule_check(s, e) : 0;
    if (rc < 0)
        return rc;
    o->schedule = s ? *s : (struct nn_schedule){0};
    set_first_rate(o);
    return 0;
}

/* ---- clipping */

static bool moves(const struct nn_var *p) {
    return p->grad && p->requires_grad;
}

static double squared_norm(const struct nn_tensor *g) {
    return nn_vec_dot(g->dtype, g->data, g->data, g->n);
}

static void shorten(struct nn_tensor *g, double norm, double limit) {
    if (norm > limit)
        nn_vec_scale(g->dtype, g->data, g->data, limit / norm, g->n);
}

static void clip_all_together(struct nn_optim *o, double limit) {
    double sum = 0;
    for (int i = 0; i < o->n; i++)
        if (moves(o->slot[i].var))
            sum += squared_norm(o->slot[i].var->grad);
    for (int i = 0; i < o->n; i++)
        if (moves(o->slot[i].var))
            shorten(o->slot[i].var->grad, sqrt(sum), limit);
}

static void clip_one(struct nn_tensor *g, double norm, double value) {
    if (norm > 0)
        shorten(g, sqrt(squared_norm(g)), norm);
    if (value > 0) {
        nn_vec_binary_scalar(NN_MAX, g->dtype, g->data, g->data, -value, g->n);
        nn_vec_binary_scalar(NN_MIN, g->dtype, g->data, g->data, value, g->n);
    }
}

int nn_optim_step(struct nn_optim *o, struct err *e) {
    if (!o->slot)
        return err_set(e, ERR_STATE, _("el optimizador todavía no tiene parámetros"));
    double norm = nn_option_number(&o->options, "clipnorm");
    double value = nn_option_number(&o->options, "clipvalue");
    double all = nn_option_number(&o->options, "global_clipnorm");
    if (all > 0)
        clip_all_together(o, all);
    for (int i = 0; i < o->n; i++) {
        struct nn_var *p = o->slot[i].var;
        if (!moves(p))
            continue;
        clip_one(p->grad, norm, value);
        o->type->step(o, p->value, p->grad, o->slot[i].state);
    }
    o->steps++;
    if (o->schedule.type)
        set_first_rate(o);
    return 0;
}

double nn_optim_plain_rate(const struct nn_optim *o) {
    for (size_t i = 0; i < ARRAY_LEN(clips); i++)
        if (nn_option_number(&o->options, clips[i]) != 0)
            return 0;
    return o->type->plain && o->type->plain(&o->options) ? o->learning_rate : 0;
}

void nn_optim_zero_grad(struct nn_optim *o) {
    for (int i = 0; i < o->n; i++)
        nn_var_zero_grad(o->slot[i].var);
}
