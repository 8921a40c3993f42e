/* optim.c: SGD and Adam over the vectorised steps of nn/vec.h, and what every optimizer
 * shares. */
#include "nn/optim.h"

#include "base/i18n.h"

#include "nn/vec.h"

#include <strings.h>

static void sgd_step(const struct nn_optim *o, struct nn_tensor *value,
                     const struct nn_tensor *grad, struct nn_tensor *const s[]) {
    struct nn_sgd how = {.learning_rate = o->learning_rate,
                         .momentum = nn_option_number(&o->options, "momentum"),
                         .weight_decay = nn_option_number(&o->options, "weight_decay"),
                         .nesterov = nn_option_bool(&o->options, "nesterov")};
    nn_vec_sgd(value->dtype, value->data, grad->data, s[0] ? s[0]->data : NULL, &how,
               value->n);
}

static void adam_step(const struct nn_optim *o, struct nn_tensor *value,
                      const struct nn_tensor *grad, struct nn_tensor *const s[]) {
    struct nn_adam how = {.learning_rate = o->learning_rate,
                          .beta1 = nn_option_number(&o->options, "beta_1"),
                          .beta2 = nn_option_number(&o->options, "beta_2"),
                          .epsilon = nn_option_number(&o->options, "epsilon"),
                          .weight_decay = nn_option_number(&o->options, "weight_decay"),
                          .decoupled = true, /* as Keras' weight_decay */
                          .step = o->steps + 1};
    nn_vec_adam(value->dtype, value->data, grad->data, s[0]->data, s[1]->data, &how,
                value->n);
}

#define LEARNING_RATE(v)                                                                 \
    {                                                                                    \
        .name = "learning_rate", .kind = NN_OPT_NUMBER, .number = v, .min = 0,           \
        .max = 1e6, .help = N_("tamaño del paso")                                        \
    }
#define WEIGHT_DECAY                                                                     \
    {                                                                                    \
        .name = "weight_decay", .kind = NN_OPT_NUMBER, .min = 0, .max = 1e3,             \
        .help = N_("cuánto se encogen los pesos en cada paso")                           \
    }

static const struct nn_option_row sgd_rows[] = {
    LEARNING_RATE(0.01),
    {.name = "momentum",
     .kind = NN_OPT_NUMBER,
     .min = 0,
     .max = 0.9999999,
     .help = N_("parte del paso anterior que se conserva")},
    {.name = "nesterov",
     .kind = NN_OPT_BOOL,
     .help = N_("mira el gradiente un paso más adelante")},
    WEIGHT_DECAY,
};

static const struct nn_option_row adam_rows[] = {
    LEARNING_RATE(0.001),
    {.name = "beta_1",
     .kind = NN_OPT_NUMBER,
     .number = 0.9,
     .min = 0,
     .max = 0.9999999,
     .help = N_("memoria del gradiente medio")},
    {.name = "beta_2",
     .kind = NN_OPT_NUMBER,
     .number = 0.999,
     .min = 0,
     .max = 0.9999999,
     .help = N_("memoria del gradiente cuadrado medio")},
    {.name = "epsilon",
     .kind = NN_OPT_NUMBER,
     .number = 1e-7,
     .min = 1e-30,
     .max = 1,
     .help = N_("evita dividir por cero")},
    WEIGHT_DECAY,
};

#define OPTIONS(rows) .row = rows, .n_rows = ARRAY_LEN(rows)
static const struct nn_optim_type types[] = {
    {.name = "SGD",
     .help = N_("Descenso del gradiente, con momentum si se pide."),
     OPTIONS(sgd_rows),
     .n_state = 1,
     .state_name = {"velocity"},
     .step = sgd_step},
    {.name = "Adam",
     .help = N_("Descenso con un paso propio para cada parámetro."),
     OPTIONS(adam_rows),
     .n_state = 2,
     .state_name = {"momentum", "velocity"},
     .step = adam_step},
};

const struct nn_optim_type *nn_optim_type_row(int i) {
    return i >= 0 && (size_t)i < ARRAY_LEN(types) ? &types[i] : NULL;
}

const struct nn_optim_type *nn_optim_type_find(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (strcasecmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

int nn_optim_new(struct nn_optim **out, const char *type, struct err *e) {
    const struct nn_optim_type *t = nn_optim_type_find(type);
    *out = NULL;
    if (!t) {
        char near[NN_OPTION_TEXT], list[256];
        size_t used = 0;
        for (size_t i = 0; i < ARRAY_LEN(types); i++)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                     i ? "|" : "", types[i].name);
        if (nn_nearest_word(near, type, list))
            return err_set(e, ERR_NOTFOUND,
                           _("no existe el optimizador «%s»; ¿querías decir «%s»?"), type,
                           near);
        return err_set(e, ERR_NOTFOUND,
                       _("no existe el optimizador «%s»; los que hay son %s"), type,
                       list);
    }
    struct nn_optim *o = calloc(1, sizeof *o);
    if (!o)
        return err_set(e, ERR_NOMEM, _("no hay memoria para el optimizador"));
    o->type = t;
    nn_options_init(&o->options, t->row, t->n_rows, t->name);
    o->learning_rate = nn_option_number(&o->options, "learning_rate");
    *out = o;
    return 0;
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
    if (!o)
        return;
    slots_free(o->slot, o->n);
    free(o);
}

/* SGD without momentum has no use for its state. */
static int states_needed(const struct nn_optim *o) {
    bool plain =
        o->type->step == sgd_step && nn_option_number(&o->options, "momentum") == 0;
    return plain ? 0 : o->type->n_state;
}

int nn_optim_attach(struct nn_optim *o, int n, struct nn_var *const params[],
                    struct err *e) {
    struct nn_optim_slot *slot = calloc((size_t)n + 1, sizeof *slot);
    int rc = nn_options_check(&o->options, e);
    if (!slot)
        rc = err_set(e, ERR_NOMEM, _("no hay memoria para el estado del optimizador"));
    for (int i = 0; rc == 0 && i < n; i++) {
        struct nn_var *p = params[i];
        if (p->op || !p->value || !p->requires_grad) {
            rc = err_set(e, ERR_ARG,
                         _("el optimizador ajusta hojas marcadas con var(...); el "
                           "parámetro %d no lo es"),
                         i + 1);
            break;
        }
        slot[i].var = nn_var_retain(p);
        for (int k = 0; rc == 0 && k < states_needed(o); k++)
            rc = nn_tensor_like(&slot[i].state[k], p->value, e);
    }
    if (rc < 0) {
        slots_free(slot, n);
        return rc;
    }
    slots_free(o->slot, o->n);
    o->slot = slot;
    o->n = n;
    o->steps = 0;
    o->learning_rate = nn_option_number(&o->options, "learning_rate");
    return 0;
}

int nn_optim_step(struct nn_optim *o, struct err *e) {
    if (!o->slot)
        return err_set(e, ERR_STATE, _("el optimizador todavía no tiene parámetros"));
    if (o->schedule)
        o->learning_rate = o->schedule(o->schedule_ctx, o->steps,
                                       nn_option_number(&o->options, "learning_rate"));
    for (int i = 0; i < o->n; i++) {
        struct nn_var *p = o->slot[i].var;
        if (p->grad && p->requires_grad)
            o->type->step(o, p->value, p->grad, o->slot[i].state);
    }
    o->steps++;
    return 0;
}

void nn_optim_zero_grad(struct nn_optim *o) {
    for (int i = 0; i < o->n; i++)
        nn_var_zero_grad(o->slot[i].var);
}
