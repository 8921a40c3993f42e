/* layers_features.c: Features: what a small network gets beside its inputs: their squares,
 * products and sines, as in the TensorFlow playground. No parameters. */
#include "layers.h"

#include "nn/op.h"

enum { PRODUCTS_MAX = 32 /* inputs whose products are taken */ };

static const struct nn_option_row features_rows[] = {
    {.name = "squares",
     .kind = NN_OPT_BOOL,
     .help = N_("agrega el cuadrado de cada entrada")},
    {.name = "products",
     .kind = NN_OPT_BOOL,
     .help = N_("agrega el producto de cada par de entradas")},
    {.name = "sines", .kind = NN_OPT_BOOL, .help = N_("agrega el seno de cada entrada")},
};

static int features_build(struct nn_layer *l, struct nn_rng *r, struct err *e) {
    const struct nn_options *o = &l->options;
    char text[NN_SHAPE_TEXT];
    size_t d = l->in_ndim == 1 ? l->in_shape[0] : 0;
    (void)r;
    if (d == 0)
        return err_set(
            e, ERR_SHAPE,
            _("%s: cada ejemplo va como una lista de números y tiene forma %s"), l->name,
            nn_shape_text(text, l->in_ndim, l->in_shape));
    if (nn_option_bool(o, "products") && d > PRODUCTS_MAX)
        return err_set(
            e, ERR_RANGE,
            _("%s: los productos se hacen con hasta %d entradas y llegaron %zu"), l->name,
            PRODUCTS_MAX, d);
    if (d > SIZE_MAX / 4)
        return err_set(e, ERR_RANGE, _("%s: el ejemplo es demasiado grande"), l->name);
    l->out_ndim = 1;
    l->out_shape[0] = d + (nn_option_bool(o, "squares") ? d : 0) +
                      (nn_option_bool(o, "products") ? d * (d - 1) / 2 : 0) +
                      (nn_option_bool(o, "sines") ? d : 0);
    return 0;
}

/* *all becomes [*all, more]; more is released. */
static int join(struct nn_var **all, struct nn_var *more, struct err *e) {
    const struct nn_attrs last = {.n_axes = 1, .axis = {1}};
    struct nn_var *both = NULL;
    int rc = nn_apply(&both, "concat", &last, *all, more, e);
    nn_var_release(more);
    if (rc == 0) {
        nn_var_release(*all);
        *all = both;
    }
    return rc;
}

/* Columns from..from+count of x. */
static int columns(struct nn_var **out, struct nn_var *x, size_t from, size_t count,
                   struct err *e) {
    const struct nn_attrs a = {
        .ndim = 2, .start = {0, from}, .count = {x->shape[0], count}};
    return nn_apply(out, "slice", &a, x, NULL, e);
}

/* x_i by each of the columns behind it: (n, 1) (n, d-1-i). */
static int products_of(struct nn_var **out, struct nn_var *x, size_t i, struct err *e) {
    struct nn_var *one = NULL, *rest = NULL;
    *out = NULL;
    int rc = columns(&one, x, i, 1, e);
    if (rc == 0)
        rc = columns(&rest, x, i + 1, x->shape[1] - i - 1, e);
    if (rc == 0)
        rc = nn_apply(out, "mul", NULL, one, rest, e);
    nn_var_release(one);
    nn_var_release(rest);
    return rc;
}

/* (n, d) to (n, d + ...): x, then squares, products and sines. */
static int features_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                         const struct nn_call_mode *m, struct err *e) {
    const struct nn_options *o = &l->options;
    struct nn_var *all = nn_var_retain(x), *more = NULL;
    int rc = 0;
    (void)m;
    if (nn_option_bool(o, "squares") &&
        (rc = nn_apply(&more, "square", NULL, x, NULL, e)) == 0)
        rc = join(&all, more, e);
    for (size_t i = 0; nn_option_bool(o, "products") && rc == 0 && i + 1 < x->shape[1];
         i++)
        if ((rc = products_of(&more, x, i, e)) == 0)
            rc = join(&all, more, e);
    if (rc == 0 && nn_option_bool(o, "sines") &&
        (rc = nn_apply(&more, "sin", NULL, x, NULL, e)) == 0)
        rc = join(&all, more, e);
    if (rc < 0)
        nn_var_release(all);
    *out = rc < 0 ? NULL : all;
    return rc;
}

const struct nn_layer_type nn_layers_features[] = {
    {.name = "Features",
     .stem = "features",
     .help = N_("Agrega a las entradas sus cuadrados, productos o senos."),
     .row = features_rows,
     .n_rows = ARRAY_LEN(features_rows),
     .build = features_build,
     .call = features_call},
    {0},
};
