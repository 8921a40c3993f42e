/* layers_norm.c: BatchNormalization and LayerNormalization over the last axis. */
#include "layers.h"

#define SHARED_ROWS                                                                      \
    {.name = "epsilon",                                                                  \
     .kind = NN_OPT_NUMBER,                                                              \
     .number = 1e-3,                                                                     \
     .min = 1e-12,                                                                       \
     .max = 1,                                                                           \
     .help = N_("se suma a la varianza para no dividir entre cero")},                    \
        {.name = "center",                                                               \
         .kind = NN_OPT_BOOL,                                                            \
         .number = 1,                                                                    \
         .help = N_("suma un desplazamiento que se aprende, beta")},                     \
        {.name = "scale",                                                                \
         .kind = NN_OPT_BOOL,                                                            \
         .number = 1,                                                                    \
         .help = N_("multiplica por una escala que se aprende, gamma")},                 \
        NN_INITIALIZER_ROW("beta_initializer", "zeros",                                  \
                           N_("valores iniciales de beta")),                             \
        NN_INITIALIZER_ROW("gamma_initializer", "ones",                                  \
                           N_("valores iniciales de gamma"))

static const struct nn_option_row batch_rows[] = {
    {.name = "momentum",
     .kind = NN_OPT_NUMBER,
     .number = 0.99,
     .min = 0,
     .max = 1,
     .help = N_("cuánto se conserva en cada paso de la media y la varianza móviles")},
    SHARED_ROWS,
    NN_INITIALIZER_ROW("moving_mean_initializer", "zeros",
                       N_("valores iniciales de la media móvil")),
    NN_INITIALIZER_ROW("moving_variance_initializer", "ones",
                       N_("valores iniciales de la varianza móvil")),
};
static const struct nn_option_row layer_rows[] = {SHARED_ROWS};

/* One number per channel. option: its initializer. */
static int add_channels(struct nn_layer *l, const char *name, struct nn_rng *r,
                        struct err *e) {
    char option[NN_OPTION_TEXT];
    size_t n = l->in_shape[l->in_ndim - 1];
    snprintf(option, sizeof option, "%s_initializer", name);
    return nn_layer_add_param(l, name, nn_option_text(&l->options, option), 1, &n, n, n,
                              r, e);
}

/* gamma and beta as Keras orders them. */
static int learned_build(struct nn_layer *l, struct nn_rng *r, struct err *e) {
    char text[NN_SHAPE_TEXT];
    if (l->in_ndim < 1 || l->in_shape[l->in_ndim - 1] == 0)
        return err_set(e, ERR_SHAPE, _("%s: la entrada %s no tiene canales"), l->name,
                       nn_shape_text(text, l->in_ndim, l->in_shape));
    int rc = nn_layer_same_shape(l, r, e);
    if (rc == 0 && nn_option_bool(&l->options, "scale"))
        rc = add_channels(l, "gamma", r, e);
    if (rc == 0 && nn_option_bool(&l->options, "center"))
        rc = add_channels(l, "beta", r, e);
    return rc;
}

static int moving_build(struct nn_layer *l, const char *name, struct nn_rng *r,
                        struct err *e) {
    int rc = add_channels(l, name, r, e);
    if (rc < 0)
        return rc;
    struct nn_layer_param *p = &l->param[l->n_params - 1];
    p->trainable = false;
    p->var->requires_grad = false;
    return 0;
}

static int batch_build(struct nn_layer *l, struct nn_rng *r, struct err *e) {
    int rc = learned_build(l, r, e);
    if (rc == 0)
        rc = moving_build(l, "moving_mean", r, e);
    return rc < 0 ? rc : moving_build(l, "moving_variance", r, e);
}

static struct nn_attrs attrs_of(const struct nn_layer *l) {
    return (struct nn_attrs){.scale = nn_option_bool(&l->options, "scale"),
                             .center = nn_option_bool(&l->options, "center"),
                             .epsilon = nn_option_number(&l->options, "epsilon")};
}

/* A frozen layer keeps its moving statistics and uses them, as in Keras. */
static int batch_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                      const struct nn_call_mode *m, struct err *e) {
    struct nn_attrs a = attrs_of(l);
    int learned = l->n_params - 2;
    struct nn_var *in[5] = {x, l->param[learned].var, l->param[learned + 1].var};
    a.training = m->training && l->trainable;
    a.momentum = nn_option_number(&l->options, "momentum");
    for (int i = 0; i < learned; i++)
        in[3 + i] = l->param[i].var;
    return nn_var_apply(out, nn_op_find("batch_norm"), &a, 3 + learned, in, e);
}

static int layer_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                      const struct nn_call_mode *m, struct err *e) {
    struct nn_attrs a = attrs_of(l);
    struct nn_var *in[3] = {x};
    (void)m;
    for (int i = 0; i < l->n_params; i++)
        in[1 + i] = l->param[i].var;
    return nn_var_apply(out, nn_op_find("layer_norm"), &a, 1 + l->n_params, in, e);
}

#define OPTIONS(rows) .row = rows, .n_rows = ARRAY_LEN(rows)
const struct nn_layer_type nn_layers_norm[] = {
    {.name = "BatchNormalization",
     .stem = "batch_normalization",
     .help = N_("Normaliza cada canal con la media y la varianza del lote."),
     OPTIONS(batch_rows),
     .build = batch_build,
     .call = batch_call},
    {.name = "LayerNormalization",
     .stem = "layer_normalization",
     .help = N_("Normaliza los canales de cada posición con su propia media y varianza."),
     OPTIONS(layer_rows),
     .build = learned_build,
     .call = layer_call},
    {0}};
