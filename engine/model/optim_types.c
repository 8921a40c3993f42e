/* optim_types.c: the kinds of optimizers: options, state and the step of nn/vec.h. */
#include "nn/optim.h"

#include "base/i18n.h"

#include "nn/vec.h"

#include <strings.h>

static double option(const struct nn_optim *o, const char *name) {
    return nn_option_number(&o->options, name);
}

static void *data(const struct nn_tensor *t) {
    return t ? t->data : NULL;
}

static void sgd_step(const struct nn_optim *o, struct nn_tensor *value,
                     const struct nn_tensor *grad, struct nn_tensor *const s[]) {
    struct nn_sgd how = {.learning_rate = o->learning_rate,
                         .momentum = option(o, "momentum"),
                         .weight_decay = option(o, "weight_decay"),
                         .nesterov = nn_option_bool(&o->options, "nesterov")};
    nn_vec_sgd(value->dtype, value->data, grad->data, data(s[0]), &how, value->n);
}

static void adam_step(const struct nn_optim *o, struct nn_tensor *value,
                      const struct nn_tensor *grad, struct nn_tensor *const s[]) {
    struct nn_adam how = {.learning_rate = o->learning_rate,
                          .beta1 = option(o, "beta_1"),
                          .beta2 = option(o, "beta_2"),
                          .epsilon = option(o, "epsilon"),
                          .weight_decay = option(o, "weight_decay"),
                          .decoupled = true,
                          .step = o->steps + 1};
    nn_vec_adam(value->dtype, value->data, grad->data, data(s[0]), data(s[1]), data(s[2]),
                &how, value->n);
}

static void rmsprop_step(const struct nn_optim *o, struct nn_tensor *value,
                         const struct nn_tensor *grad, struct nn_tensor *const s[]) {
    struct nn_rmsprop how = {.learning_rate = o->learning_rate,
                             .rho = option(o, "rho"),
                             .momentum = option(o, "momentum"),
                             .epsilon = option(o, "epsilon"),
                             .weight_decay = option(o, "weight_decay")};
    nn_vec_rmsprop(value->dtype, value->data, grad->data, data(s[0]), data(s[1]),
                   data(s[2]), &how, value->n);
}

static void adagrad_step(const struct nn_optim *o, struct nn_tensor *value,
                         const struct nn_tensor *grad, struct nn_tensor *const s[]) {
    struct nn_adagrad how = {.learning_rate = o->learning_rate,
                             .epsilon = option(o, "epsilon"),
                             .weight_decay = option(o, "weight_decay")};
    nn_vec_adagrad(value->dtype, value->data, grad->data, data(s[0]), &how, value->n);
}

/* ---- which state the options need */

static bool sgd_uses(const struct nn_options *o, int k) {
    (void)k;
    return nn_option_number(o, "momentum") > 0;
}

static bool sgd_plain(const struct nn_options *o) {
    return !sgd_uses(o, 0) && nn_option_number(o, "weight_decay") == 0;
}

static bool adam_uses(const struct nn_options *o, int k) {
    return k < 2 || nn_option_bool(o, "amsgrad");
}

static bool rmsprop_uses(const struct nn_options *o, int k) {
    if (k == 1)
        return nn_option_number(o, "momentum") > 0;
    return k == 0 || nn_option_bool(o, "centered");
}

static double adagrad_start(const struct nn_options *o) {
    return nn_option_number(o, "initial_accumulator_value");
}

/* ---- options */

#define SHARE_MAX 0.9999999 /* of what decays: below 1 */

#define NUMBER(title, v, low, high, text)                                                \
    {                                                                                    \
        .name = title, .kind = NN_OPT_NUMBER, .number = v, .min = low, .max = high,      \
        .help = text                                                                     \
    }
#define LEARNING_RATE(v)                                                                 \
    NUMBER("learning_rate", v, 1e-30, 1e6, N_("tamaño del paso, mayor que 0"))
#define EPSILON NUMBER("epsilon", 1e-7, 1e-30, 1, N_("evita dividir por cero"))
#define MOMENTUM                                                                         \
    NUMBER("momentum", 0, 0, SHARE_MAX, N_("parte del paso anterior que se conserva"))

/* What every optimizer has, at the end. */
#define COMMON(decay)                                                                    \
    NUMBER("weight_decay", decay, 0, 1e3,                                                \
           N_("cuánto se encogen los pesos en cada paso")),                              \
        NUMBER("clipnorm", 0, 0, 1e30,                                                   \
               N_("norma más grande de cada gradiente; 0: sin límite")),                 \
        NUMBER("global_clipnorm", 0, 0, 1e30,                                            \
               N_("norma más grande de todos los gradientes juntos; 0: sin límite")),    \
        NUMBER("clipvalue", 0, 0, 1e30,                                                  \
               N_("valor absoluto más grande de un gradiente; 0: sin límite"))

static const struct nn_option_row sgd_rows[] = {
    LEARNING_RATE(0.01),
    MOMENTUM,
    {.name = "nesterov",
     .kind = NN_OPT_BOOL,
     .help = N_("mira el gradiente un paso más adelante")},
    COMMON(0),
};

#define ADAM_ROWS(decay)                                                                 \
    LEARNING_RATE(0.001),                                                                \
        NUMBER("beta_1", 0.9, 0, SHARE_MAX, N_("memoria del gradiente medio")),          \
        NUMBER("beta_2", 0.999, 0, SHARE_MAX,                                            \
               N_("memoria del gradiente cuadrado medio")),                              \
        EPSILON,                                                                         \
        {.name = "amsgrad",                                                              \
         .kind = NN_OPT_BOOL,                                                            \
         .help = N_("divide por el mayor gradiente cuadrado medio que hubo")},           \
        COMMON(decay)

static const struct nn_option_row adam_rows[] = {ADAM_ROWS(0)};
static const struct nn_option_row adamw_rows[] = {ADAM_ROWS(0.004)};

static const struct nn_option_row rmsprop_rows[] = {
    LEARNING_RATE(0.001),
    NUMBER("rho", 0.9, 0, SHARE_MAX, N_("memoria del gradiente cuadrado medio")),
    MOMENTUM,
    EPSILON,
    {.name = "centered",
     .kind = NN_OPT_BOOL,
     .help = N_("divide por la varianza del gradiente")},
    COMMON(0),
};

static const struct nn_option_row adagrad_rows[] = {
    LEARNING_RATE(0.001),
    NUMBER("initial_accumulator_value", 0.1, 0, 1e6,
           N_("donde empieza la suma de cuadrados")),
    EPSILON,
    COMMON(0),
};

#define OPTIONS(rows) .row = rows, .n_rows = ARRAY_LEN(rows)
#define ADAM                                                                             \
    .n_state = 3, .state_name = {"momentum", "velocity", "velocity_hat"},                \
    .uses = adam_uses, .step = adam_step
static const struct nn_optim_type types[] = {
    {.name = "SGD",
     .help = N_("Descenso del gradiente, con momentum si se pide."),
     OPTIONS(sgd_rows),
     .n_state = 1,
     .state_name = {"velocity"},
     .uses = sgd_uses,
     .plain = sgd_plain,
     .step = sgd_step},
    {.name = "Adam",
     .help = N_("Descenso con un paso propio para cada parámetro."),
     OPTIONS(adam_rows),
     ADAM},
    {.name = "AdamW",
     .help = N_("Adam que además encoge los pesos en cada paso."),
     OPTIONS(adamw_rows),
     ADAM},
    {.name = "RMSprop",
     .help = N_("Divide cada paso por el tamaño reciente del gradiente."),
     OPTIONS(rmsprop_rows),
     .n_state = 3,
     .state_name = {"velocity", "momentum", "average_gradient"},
     .uses = rmsprop_uses,
     .step = rmsprop_step},
    {.name = "Adagrad",
     .help = N_("Divide cada paso por todo el gradiente que hubo hasta ahora."),
     OPTIONS(adagrad_rows),
     .n_state = 1,
     .state_name = {"accumulator"},
     .start = adagrad_start,
     .step = adagrad_step},
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
