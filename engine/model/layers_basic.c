/* layers_basic.c: Dense, Flatten, Reshape, Dropout, Activation and Input as compositions of ops. */
#include "layers.h"

const char nn_activation_names[] =
    "linear|relu|sigmoid|tanh|softmax|log_softmax|leaky_relu|elu|selu|gelu|silu|swish|"
    "softplus|softsign|exp|exponential";

int nn_activation_apply(struct nn_var **out, const char *activation, struct nn_var *x,
                        struct err *e) {
    if (!activation[0] || strcmp(activation, "linear") == 0) {
        *out = nn_var_retain(x);
        return 0;
    }
    struct nn_attrs attrs = {0};
    if (strcmp(activation, "leaky_relu") == 0)
        attrs.value = 0.2; /* Keras' slope as an activation */
    else if (strcmp(activation, "elu") == 0)
        attrs.value = 1;
    return nn_apply(out, activation, &attrs, x, NULL, e);
}

/* What the loss does itself is left out when asked. */
int nn_layer_activate(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                      const struct nn_call_mode *m, struct err *e) {
    bool skip = m->skip_output && nn_layer_final_activation(l);
    return nn_activation_apply(
        out, skip ? "linear" : nn_option_text(&l->options, "activation"), x, e);
}

int nn_layer_same_shape(struct nn_layer *l, struct nn_rng *r, struct err *e) {
    (void)r;
    (void)e;
    l->out_ndim = l->in_ndim;
    memcpy(l->out_shape, l->in_shape, sizeof l->out_shape);
    return 0;
}

/* ---- Dense: y = act(x W + b), W (in, units) */

static const struct nn_option_row dense_rows[] = {
    {.name = "units",
     .kind = NN_OPT_INT,
     .required = true,
     .min = 1,
     .max = 1e7,
     .help = N_("neuronas de la capa")},
    NN_ACTIVATION_ROW(false),
    NN_USE_BIAS_ROW,
    NN_KERNEL_INITIALIZER_ROW("kernel_initializer"),
    NN_BIAS_INITIALIZER_ROW,
    NN_KERNEL_REGULARIZER_ROW("kernel_regularizer"),
    NN_BIAS_REGULARIZER_ROW,
};

static int dense_build(struct nn_layer *l, struct nn_rng *r, struct err *e) {
    const struct nn_options *o = &l->options;
    if (l->in_ndim < 1)
        return err_set(e, ERR_SHAPE, _("%s: cada ejemplo debe tener al menos un eje"),
                       l->name);
    size_t units = (size_t)nn_option_number(o, "units");
    size_t in = l->in_shape[l->in_ndim - 1];
    if (in == 0)
        return err_set(e, ERR_SHAPE, _("%s: la entrada no tiene columnas"), l->name);
    nn_layer_same_shape(l, r, e);
    l->out_shape[l->out_ndim - 1] = units;
    int rc = nn_layer_add_param(l, "kernel", nn_option_text(o, "kernel_initializer"), 2,
                                (size_t[]){in, units}, in, units, r, e);
    if (rc == 0 && nn_option_bool(o, "use_bias"))
        rc = nn_layer_add_param(l, "bias", nn_option_text(o, "bias_initializer"), 1,
                                &units, in, units, r, e);
    return rc;
}

/* (n, a, b, in) as (n a b, in): the product takes matrices. */
static int as_rows(struct nn_var **out, struct nn_var *x, struct err *e) {
    if (x->ndim == 2) {
        *out = nn_var_retain(x);
        return 0;
    }
    struct nn_attrs a = {.ndim = 2, .shape = {1, x->shape[x->ndim - 1]}};
    for (int k = 0; k < x->ndim - 1; k++)
        a.shape[0] *= x->shape[k];
    return nn_apply(out, "reshape", &a, x, NULL, e);
}

static int as_before(struct nn_var **out, struct nn_var *y, const struct nn_var *x,
                     struct err *e) {
    struct nn_attrs a = {.ndim = x->ndim};
    memcpy(a.shape, x->shape, sizeof a.shape);
    a.shape[x->ndim - 1] = y->shape[1];
    if (x->ndim == 2) {
        *out = nn_var_retain(y);
        return 0;
    }
    return nn_apply(out, "reshape", &a, y, NULL, e);
}

static int dense_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                      const struct nn_call_mode *m, struct err *e) {
    struct nn_var *rows = NULL, *product = NULL, *sum = NULL, *shaped = NULL;
    *out = NULL;
    int rc = as_rows(&rows, x, e);
    if (rc == 0)
        rc = nn_apply(&product, "matmul", NULL, rows, l->param[0].var, e);
    if (rc == 0 && l->n_params == 2)
        rc = nn_apply(&sum, "add", NULL, product, l->param[1].var, e);
    else if (rc == 0)
        sum = nn_var_retain(product);
    if (rc == 0)
        rc = as_before(&shaped, sum, x, e);
    if (rc == 0)
        rc = nn_layer_activate(l, out, shaped, m, e);
    nn_var_release(rows);
    nn_var_release(product);
    nn_var_release(sum);
    nn_var_release(shaped);
    return rc;
}

/* ---- Flatten: one axis per sample */

static int flatten_build(struct nn_layer *l, struct nn_rng *r, struct err *e) {
    (void)r;
    l->out_ndim = 1;
    l->out_shape[0] = 1;
    for (int k = 0; k < l->in_ndim; k++)
        if (!mul_size(&l->out_shape[0], l->out_shape[0], l->in_shape[k]))
            return err_set(e, ERR_RANGE, _("%s: el ejemplo es demasiado grande"),
                           l->name);
    return 0;
}

static int flatten_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                        const struct nn_call_mode *m, struct err *e) {
    (void)m;
    if (x->ndim == 2) {
        *out = nn_var_retain(x);
        return 0;
    }
    struct nn_attrs a = {.ndim = 2, .shape = {x->shape[0], l->out_shape[0]}};
    return nn_apply(out, "reshape", &a, x, NULL, e);
}

/* ---- Reshape: another shape for each sample */

static const struct nn_option_row reshape_rows[] = {
    {.name = "target_shape",
     .kind = NN_OPT_SHAPE,
     .required = true,
     .min = 1,
     .max = 1e9,
     .help = N_("forma de cada ejemplo, sin el eje del lote")},
};

static int reshape_build(struct nn_layer *l, struct nn_rng *r, struct err *e) {
    const struct nn_option_value *v = nn_option_get(&l->options, "target_shape");
    size_t have = 1, want = 1;
    char from[NN_SHAPE_TEXT], to[NN_SHAPE_TEXT];
    (void)r;
    bool fits = v->ndim < NN_MAX_DIMS;
    for (int k = 0; k < l->in_ndim; k++)
        fits &= mul_size(&have, have, l->in_shape[k]);
    for (int k = 0; k < v->ndim; k++)
        fits &= mul_size(&want, want, v->shape[k]);
    if (!fits || have != want)
        return err_set(e, ERR_SHAPE,
                       _("%s: un ejemplo de forma %s no puede tomar la forma %s"),
                       l->name, nn_shape_text(from, l->in_ndim, l->in_shape),
                       nn_shape_text(to, v->ndim, v->shape));
    l->out_ndim = v->ndim;
    memcpy(l->out_shape, v->shape, sizeof l->out_shape);
    return 0;
}

static int reshape_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                        const struct nn_call_mode *m, struct err *e) {
    struct nn_attrs a = {.ndim = l->out_ndim + 1, .shape = {x->shape[0]}};
    (void)m;
    memcpy(a.shape + 1, l->out_shape, (size_t)l->out_ndim * sizeof(size_t));
    return nn_apply(out, "reshape", &a, x, NULL, e);
}

/* ---- Dropout: only while training */

static const struct nn_option_row dropout_rows[] = {
    {.name = "rate",
     .kind = NN_OPT_NUMBER,
     .required = true,
     .min = 0,
     .max = 0.999,
     .help = N_("parte de las salidas que se apaga en cada paso")},
};

static int dropout_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                        const struct nn_call_mode *m, struct err *e) {
    double rate = nn_option_number(&l->options, "rate");
    if (!m->training || rate == 0) {
        *out = nn_var_retain(x);
        return 0;
    }
    struct nn_attrs a = {.value = rate, .seed = l->seed, .step = m->step};
    return nn_apply(out, "dropout", &a, x, NULL, e);
}

/* ---- Activation */

static const struct nn_option_row activation_rows[] = {NN_ACTIVATION_ROW(true)};

/* ---- Input: says the shape of a sample, so that the model is built at once */

static const struct nn_option_row input_rows[] = {
    {.name = "shape",
     .kind = NN_OPT_SHAPE,
     .required = true,
     .min = 1,
     .max = 1e9,
     .help = N_("forma de un ejemplo, sin el eje del lote")},
};

static int pass_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                     const struct nn_call_mode *m, struct err *e) {
    (void)l;
    (void)m;
    (void)e;
    *out = nn_var_retain(x);
    return 0;
}

static int input_build(struct nn_layer *l, struct nn_rng *r, struct err *e) {
    const struct nn_option_value *v = nn_option_get(&l->options, "shape");
    char asked[NN_SHAPE_TEXT], got[NN_SHAPE_TEXT];
    if (v->ndim != l->in_ndim ||
        memcmp(v->shape, l->in_shape, (size_t)v->ndim * sizeof(size_t)) != 0)
        return err_set(e, ERR_SHAPE,
                       _("la entrada se declaró con forma %s y los datos traen %s"),
                       nn_shape_text(asked, v->ndim, v->shape),
                       nn_shape_text(got, l->in_ndim, l->in_shape));
    return nn_layer_same_shape(l, r, e);
}

#define OPTIONS(rows) .row = rows, .n_rows = ARRAY_LEN(rows)
const struct nn_layer_type nn_layers_basic[] = {
    {.name = "Dense",
     .stem = "dense",
     .help = N_("Capa densa: cada neurona mira todas las entradas."),
     OPTIONS(dense_rows),
     .n_positional = 2,
     .build = dense_build,
     .call = dense_call},
    {.name = "Flatten",
     .stem = "flatten",
     .help = N_("Convierte cada ejemplo en un vector."),
     .build = flatten_build,
     .call = flatten_call},
    {.name = "Reshape",
     .stem = "reshape",
     .help = N_("Da otra forma a cada ejemplo."),
     OPTIONS(reshape_rows),
     .n_positional = 1,
     .build = reshape_build,
     .call = reshape_call},
    {.name = "Dropout",
     .stem = "dropout",
     .help = N_("Apaga al azar una parte de las salidas mientras se entrena."),
     OPTIONS(dropout_rows),
     .n_positional = 1,
     .build = nn_layer_same_shape,
     .call = dropout_call},
    {.name = "Activation",
     .stem = "activation",
     .help = N_("Aplica una función de activación."),
     OPTIONS(activation_rows),
     .n_positional = 1,
     .build = nn_layer_same_shape,
     .call = nn_layer_activate},
    {.name = "Input",
     .stem = "input",
     .help = N_("Declara la forma de un ejemplo."),
     OPTIONS(input_rows),
     .n_positional = 1,
     .build = input_build,
     .call = pass_call},
    {0}};
