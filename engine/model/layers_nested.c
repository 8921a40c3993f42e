/* layers_nested.c: layers made of layers: Sequential, Residual and Concatenate. */
#include "layers.h"

#include "nn/rng.h"

/* What lies in the chain: the children but the shortcut. */
static int n_parts(const struct nn_layer *l) {
    return l->n_children - l->has_shortcut;
}

/* Each child has a stream of its own, so that one more at the end changes no other. */
static int build_child(struct nn_layer *l, int i, int ndim, const size_t *shape,
                       const struct nn_rng *r, struct err *e) {
    struct nn_rng own = nn_rng_split(r, (uint64_t)i);
    l->child[i]->param_limit =
        nn_limit_left(l->param_limit, nn_layer_count_params(l, false));
    return nn_layer_build(l->child[i], ndim, shape, &own, e);
}

/* The shape that comes out of the chain into l->out_*. */
static int build_chain(struct nn_layer *l, const struct nn_rng *r, struct err *e) {
    int rc = 0;
    l->out_ndim = l->in_ndim;
    memcpy(l->out_shape, l->in_shape, sizeof l->out_shape);
    for (int i = 0; rc == 0 && i < n_parts(l); i++) {
        rc = build_child(l, i, l->out_ndim, l->out_shape, r, e);
        l->out_ndim = l->child[i]->out_ndim;
        memcpy(l->out_shape, l->child[i]->out_shape, sizeof l->out_shape);
    }
    return rc;
}

int nn_chain_call(int n, struct nn_layer *const layer[], struct nn_var **out,
                  struct nn_var *x, const struct nn_call_mode *m, struct err *e) {
    struct nn_call_mode mode = *m;
    struct nn_var *now = nn_var_retain(x), *next = NULL;
    int rc = 0;
    for (int i = 0; rc == 0 && i < n; i++) {
        mode.skip_output = m->skip_output && i == n - 1;
        rc = nn_layer_call(layer[i], &next, now, &mode, e);
        nn_var_release(now);
        now = next;
    }
    *out = now;
    return rc;
}

/* ---- Sequential: y = f_n(... f_1(x)) */

static int sequential_build(struct nn_layer *l, struct nn_rng *r, struct err *e) {
    return build_chain(l, r, e);
}

static int sequential_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                           const struct nn_call_mode *m, struct err *e) {
    return nn_chain_call(l->n_children, l->child, out, x, m, e);
}

/* ---- Residual: y = act(s(x) + F(x)), s the shortcut or x itself */

static const struct nn_option_row residual_rows[] = {
    {.name = "activation",
     .kind = NN_OPT_TEXT,
     .choices = nn_activation_names,
     .help = N_("función de activación después de la suma")},
};

static bool same_shape(int a_ndim, const size_t *a, int b_ndim, const size_t *b) {
    return a_ndim == b_ndim && memcmp(a, b, (size_t)a_ndim * sizeof *a) == 0;
}

/* The layer that would bring x to the shape of F(x), as a student writes it. */
static void suggest_shortcut(char *text, size_t size, const struct nn_layer *l) {
    size_t last = l->out_ndim > 0 ? l->out_shape[l->out_ndim - 1] : 0;
    size_t stride = l->in_ndim == 3 && l->out_ndim == 3 && l->out_shape[0] > 0
                        ? (l->in_shape[0] + l->out_shape[0] - 1) / l->out_shape[0]
                        : 1;
    if (l->in_ndim == 3 && l->out_ndim == 3 && stride > 1)
        snprintf(text, size, "nn.Conv2D{%zu, 1, strides = %zu}", last, stride);
    else if (l->in_ndim == 3 && l->out_ndim == 3)
        snprintf(text, size, "nn.Conv2D(%zu, 1)", last);
    else
        snprintf(text, size, "nn.Dense(%zu)", last);
}

static int cannot_add(const struct nn_layer *l, int ndim, const size_t *shape,
                      struct err *e) {
    char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT], how[80];
    nn_shape_text(a, l->out_ndim, l->out_shape);
    nn_shape_text(b, ndim, shape);
    suggest_shortcut(how, sizeof how, l);
    if (l->has_shortcut)
        return err_set(e, ERR_SHAPE,
                       _("%s: la rama tiene forma %s y el atajo %s: no se pueden sumar; "
                         "el atajo sería shortcut = %s"),
                       l->name, a, b, how);
    return err_set(e, ERR_SHAPE,
                   _("%s: la rama tiene forma %s y la entrada %s: no se pueden sumar; "
                     "lleva la entrada a esa forma con shortcut = %s"),
                   l->name, a, b, how);
}

static int residual_build(struct nn_layer *l, struct nn_rng *r, struct err *e) {
    int n = n_parts(l);
    if (n == 0)
        return err_set(e, ERR_ARG, _("%s: falta al menos una capa dentro"), l->name);
    int rc = build_chain(l, r, e);
    if (rc == 0 && l->has_shortcut)
        rc = build_child(l, n, l->in_ndim, l->in_shape, r, e);
    if (rc < 0)
        return rc;
    const struct nn_layer *s = l->has_shortcut ? l->child[n] : NULL;
    int ndim = s ? s->out_ndim : l->in_ndim;
    const size_t *shape = s ? s->out_shape : l->in_shape;
    return same_shape(ndim, shape, l->out_ndim, l->out_shape)
               ? 0
               : cannot_add(l, ndim, shape, e);
}

static int residual_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                         const struct nn_call_mode *m, struct err *e) {
    struct nn_var *f = NULL, *s = NULL, *sum = NULL;
    struct nn_call_mode inner = *m;
    bool skip = m->skip_output && nn_layer_final_activation(l);
    int n = n_parts(l), rc;
    inner.skip_output = false;
    rc = nn_chain_call(n, l->child, &f, x, &inner, e);
    if (rc == 0 && l->has_shortcut)
        rc = nn_layer_call(l->child[n], &s, x, &inner, e);
    else if (rc == 0)
        s = nn_var_retain(x);
    if (rc == 0)
        rc = nn_apply(&sum, "add", NULL, f, s, e);
    if (rc == 0)
        rc = nn_activation_apply(
            out, skip ? "linear" : nn_option_text(&l->options, "activation"), sum, e);
    nn_var_release(f);
    nn_var_release(s);
    nn_var_release(sum);
    return rc;
}

/* ---- Concatenate: the outputs of its branches side by side along one axis */

static const struct nn_option_row concatenate_rows[] = {
    {.name = "axis",
     .kind = NN_OPT_INT,
     .number = -1,
     .min = -NN_MAX_DIMS,
     .max = NN_MAX_DIMS,
     .help = N_("eje a lo largo del cual se unen; 1 es el del lote, -1 el último")},
};

/* The axis of a sample, from 0; -1 and a sentence when there is none. */
static int sample_axis(const struct nn_layer *l, int ndim, struct err *e) {
    int given = (int)nn_option_number(&l->options, "axis");
    int axis = given < 0 ? ndim + given : given - 2;
    char text[NN_SHAPE_TEXT];
    if (given != 0 && axis >= 0 && axis < ndim)
        return axis;
    err_set(e, ERR_RANGE,
            _("%s: el eje %d no se puede unir: un ejemplo tiene forma %s, cuyos ejes son "
              "de 2 a %d (1 es el del lote)"),
            l->name, given, nn_shape_text(text, ndim, l->child[0]->out_shape), ndim + 1);
    return -1;
}

/* Adds branch i to the shape so far: equal but along the axis. */
static int join_shape(struct nn_layer *l, int i, int axis, struct err *e) {
    const struct nn_layer *b = l->child[i];
    bool fits = b->out_ndim == l->out_ndim;
    for (int k = 0; fits && k < l->out_ndim; k++)
        fits = k == axis || b->out_shape[k] == l->out_shape[k];
    if (!fits) {
        char first[NN_SHAPE_TEXT], other[NN_SHAPE_TEXT];
        const struct nn_layer *a = l->child[0];
        return err_set(
            e, ERR_SHAPE,
            _("%s: la rama 1 sale con forma %s y la rama %d con %s; solo pueden "
              "diferir en el eje que se une"),
            l->name, nn_shape_text(first, a->out_ndim, a->out_shape), i + 1,
            nn_shape_text(other, b->out_ndim, b->out_shape));
    }
    if (b->out_shape[axis] > SIZE_MAX / 2 - l->out_shape[axis])
        return err_set(e, ERR_RANGE, _("%s: el ejemplo es demasiado grande"), l->name);
    l->out_shape[axis] += b->out_shape[axis];
    return 0;
}

static int concatenate_build(struct nn_layer *l, struct nn_rng *r, struct err *e) {
    if (l->n_children < 1 || l->n_children > NN_OP_MAX_IN)
        return err_set(e, ERR_ARG, _("%s: une de 1 a %d ramas y tiene %d"), l->name,
                       NN_OP_MAX_IN, l->n_children);
    int rc = 0, axis = 0;
    for (int i = 0; rc == 0 && i < l->n_children; i++) {
        rc = build_child(l, i, l->in_ndim, l->in_shape, r, e);
        if (rc == 0 && i == 0) {
            l->out_ndim = l->child[0]->out_ndim;
            memcpy(l->out_shape, l->child[0]->out_shape, sizeof l->out_shape);
            axis = sample_axis(l, l->out_ndim, e);
            rc = axis < 0 ? ERR_RANGE : 0;
        } else if (rc == 0) {
            rc = join_shape(l, i, axis, e);
        }
    }
    return rc;
}

static int concatenate_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                            const struct nn_call_mode *m, struct err *e) {
    struct nn_var *branch[NN_OP_MAX_IN] = {0};
    struct nn_call_mode inner = *m;
    struct nn_attrs a = {.n_axes = 1, .axis = {sample_axis(l, l->out_ndim, e) + 1}};
    int rc = 0;
    inner.skip_output = false;
    for (int i = 0; rc == 0 && i < l->n_children; i++)
        rc = nn_layer_call(l->child[i], &branch[i], x, &inner, e);
    if (rc == 0 && l->n_children == 1)
        *out = nn_var_retain(branch[0]);
    else if (rc == 0)
        rc = nn_var_apply(out, nn_op_find("concat"), &a, l->n_children, branch, e);
    for (int i = 0; i < l->n_children; i++)
        nn_var_release(branch[i]);
    return rc;
}

#define OPTIONS(rows) .row = rows, .n_rows = ARRAY_LEN(rows)
const struct nn_layer_type nn_layers_nested[] = {
    {.name = "Sequential",
     .stem = "sequential",
     .help = N_("Capas una detrás de otra, como una sola."),
     .parts = NN_PARTS_CHAIN,
     .build = sequential_build,
     .call = sequential_call},
    {.name = "Residual",
     .stem = "residual",
     .help = N_("Suma a la entrada lo que calculan sus capas: y = x + F(x)."),
     OPTIONS(residual_rows),
     .parts = NN_PARTS_CHAIN,
     .takes_shortcut = true,
     .build = residual_build,
     .call = residual_call},
    {.name = "Concatenate",
     .stem = "concatenate",
     .help = N_("Une las salidas de varias ramas que miran la misma entrada."),
     OPTIONS(concatenate_rows),
     .parts = NN_PARTS_BRANCHES,
     .build = concatenate_build,
     .call = concatenate_call},
    {0}};
