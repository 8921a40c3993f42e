/* layer.c: layers whatever their type: creation, parameters, shapes. */
#include "layers.h"

#include "nn/rng.h"

static const struct nn_layer_type *const families[] = {nn_layers_basic, nn_layers_image,
                                                       nn_layers_norm, nn_layers_nested,
                                                       nn_layers_features};

const struct nn_layer_type *nn_layer_type_row(int i) {
    for (size_t f = 0; f < ARRAY_LEN(families); f++)
        for (const struct nn_layer_type *t = families[f]; t->name; t++)
            if (i-- == 0)
                return t;
    return NULL;
}

const struct nn_layer_type *nn_layer_type_find(const char *name) {
    const struct nn_layer_type *t;
    for (int i = 0; (t = nn_layer_type_row(i)); i++)
        if (strcmp(t->name, name) == 0)
            return t;
    return NULL;
}

static int unknown_type(const char *name, struct err *e) {
    char list[512], near[NN_OPTION_TEXT];
    size_t used = 0;
    const struct nn_layer_type *t;
    list[0] = '\0';
    for (int i = 0; (t = nn_layer_type_row(i)) && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? "|" : "",
                                 t->name);
    if (nn_nearest_word(near, name, list))
        return err_set(e, ERR_NOTFOUND, _("no existe la capa «%s»; ¿querías decir «%s»?"),
                       name, near);
    return err_set(e, ERR_NOTFOUND, _("no existe la capa «%s»"), name);
}

int nn_layer_new(struct nn_layer **out, const char *type, struct err *e) {
    const struct nn_layer_type *t = nn_layer_type_find(type);
    *out = NULL;
    if (!t)
        return unknown_type(type, e);
    struct nn_layer *l = calloc(1, sizeof *l);
    if (!l)
        return err_set(e, ERR_NOMEM, _("no hay memoria para la capa %s"), type);
    l->refs = 1;
    l->type = t;
    l->trainable = true;
    nn_options_init(&l->options, t->row, t->n_rows, t->name);
    snprintf(l->name, sizeof l->name, "%s", t->stem);
    *out = l;
    return 0;
}

struct nn_layer *nn_layer_retain(struct nn_layer *l) {
    l->refs++;
    return l;
}

void nn_layer_free(struct nn_layer *l) {
    if (!l || --l->refs > 0)
        return;
    for (int i = 0; i < l->n_children; i++) {
        l->child[i]->parent = NULL;
        l->child[i]->adopted = false;
        nn_layer_free(l->child[i]);
    }
    free(l->child);
    for (int i = 0; i < l->n_params; i++)
        nn_var_release(l->param[i].var);
    free(l);
}

size_t nn_limit_left(size_t limit, size_t used) {
    return limit == 0 ? 0 : limit > used ? limit - used : 1;
}

int nn_layer_add_param(struct nn_layer *l, const char *name, const char *initializer,
                       int ndim, const size_t *shape, size_t fan_in, size_t fan_out,
                       struct nn_rng *r, struct err *e) {
    struct nn_tensor *t = NULL;
    struct nn_var *v = NULL;
    char full[NN_LAYER_PATH + NN_OPTION_TEXT], path[NN_LAYER_PATH];
    if (l->n_params == NN_LAYER_MAX_PARAMS)
        return err_set(e, ERR_RANGE, _("%s: demasiados parámetros"), l->name);
    size_t n = 1, limit = nn_limit_left(l->param_limit, nn_layer_count_params(l, false));
    for (int k = 0; k < ndim; k++)
        if (!mul_size(&n, n, shape[k]) || (limit && n >= limit))
            return err_set(e, ERR_RANGE, _("%s: el parámetro %s es demasiado grande"),
                           l->name, name);
    int rc = nn_tensor_new(&t, NN_F32, ndim, shape, e);
    if (rc == 0 && !limit) /* a file brings every number itself */
        rc = nn_initialize(t, initializer, fan_in, fan_out, r, e);
    if (rc == 0)
        rc = nn_var_new(&v, t, e);
    snprintf(full, sizeof full, "%s/%s", nn_layer_path(path, l), name);
    if (rc == 0)
        rc = nn_var_set_name(v, full, e);
    nn_tensor_release(t);
    if (rc < 0) {
        nn_var_release(v);
        return rc;
    }
    v->requires_grad = l->trainable;
    struct nn_penalty penalty = nn_layer_penalty(l, name);
    l->param[l->n_params++] =
        (struct nn_layer_param){.var = v, .trainable = true, .penalty = penalty};
    return 0;
}

/* Built before: the same shape again, and names that may have changed since. */
static int built_already(struct nn_layer *l, int ndim, const size_t *in_shape,
                         struct err *e) {
    char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];
    if (ndim != l->in_ndim ||
        memcmp(in_shape, l->in_shape, (size_t)ndim * sizeof *in_shape) != 0)
        return err_set(e, ERR_SHAPE,
                       _("%s ya tiene pesos para ejemplos de forma %s y aquí recibe %s"),
                       l->name, nn_shape_text(a, l->in_ndim, l->in_shape),
                       nn_shape_text(b, ndim, in_shape));
    return nn_layer_rename_params(l, e);
}

/* The longest way to a layer has room for the names of its parameters behind it. */
static int check_path(const struct nn_layer *l, struct err *e) {
    char path[NN_LAYER_PATH];
    if (strlen(nn_layer_path(path, l)) + 1 < sizeof path)
        return 0;
    return err_set(e, ERR_RANGE,
                   _("el nombre «%s…» es demasiado largo: una capa con las que la "
                     "contienen tiene a lo más %d letras"),
                   path, NN_LAYER_PATH - 2);
}

int nn_layer_build(struct nn_layer *l, int ndim, const size_t *in_shape, struct nn_rng *r,
                   struct err *e) {
    int rc = nn_options_check(&l->options, e);
    if (rc == 0)
        rc = check_path(l, e);
    if (rc < 0)
        return rc;
    if (ndim < 0 || ndim >= NN_MAX_DIMS)
        return err_set(e, ERR_SHAPE, _("%s: el ejemplo tiene %d ejes; el máximo es %d"),
                       l->name, ndim, NN_MAX_DIMS - 1);
    if (l->built)
        return built_already(l, ndim, in_shape, e);
    l->in_ndim = ndim;
    if (ndim > 0)
        memcpy(l->in_shape, in_shape, (size_t)ndim * sizeof *in_shape);
    l->seed = nn_rng_next(r);
    rc = l->type->build(l, r, e);
    if (rc < 0) { /* as before: it can be built again */
        nn_layer_forget(l);
        return rc;
    }
    l->built = true;
    return 0;
}

static bool fits(const struct nn_layer *l, const struct nn_var *x) {
    return x->ndim == l->in_ndim + 1 &&
           memcmp(x->shape + 1, l->in_shape, (size_t)l->in_ndim * sizeof(size_t)) == 0;
}

int nn_layer_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                  const struct nn_call_mode *m, struct err *e) {
    *out = NULL;
    if (!l->built)
        return err_set(e, ERR_STATE, _("%s todavía no está construida"), l->name);
    if (!fits(l, x)) {
        char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];
        return err_set(e, ERR_SHAPE,
                       _("%s espera ejemplos de forma %s y el lote tiene forma %s"),
                       l->name, nn_shape_text(a, l->in_ndim, l->in_shape),
                       nn_shape_text(b, x->ndim, x->shape));
    }
    return l->type->call(l, out, x, m, e);
}

size_t nn_layer_count_params(const struct nn_layer *l, bool trainable_only) {
    size_t n = 0;
    for (int i = 0; i < l->n_params; i++)
        if (!trainable_only || (l->trainable && l->param[i].trainable))
            n += l->param[i].var->value->n;
    for (int i = 0; i < l->n_children; i++)
        n += nn_layer_count_params(l->child[i], trainable_only);
    return n;
}

const char *nn_layer_final_activation(const struct nn_layer *l) {
    /* a chain without an activation of its own ends like its last layer */
    while (l->n_children && nn_options_index(&l->options, "activation") < 0 &&
           l->type->parts == NN_PARTS_CHAIN)
        l = l->child[l->n_children - 1];
    const char *a = nn_option_text(&l->options, "activation");
    return strcmp(a, "softmax") == 0 || strcmp(a, "sigmoid") == 0 ? a : NULL;
}
