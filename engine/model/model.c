/* model.c: a stack of layers: adding, building, compiling, calling. */
#include "layers.h"
#include "models.h"

#include "nn/rng.h"
#include "nn/seed.h"

int nn_model_new(struct nn_model **out, struct err *e) {
    *out = calloc(1, sizeof **out);
    return *out ? 0 : err_set(e, ERR_NOMEM, _("no hay memoria para el modelo"));
}

void nn_model_free(struct nn_model *m) {
    if (!m)
        return;
    nn_plans_clear(m);
    free(m->plans);
    for (int i = 0; i < m->n_layers; i++) {
        m->layer[i]->adopted = false;
        nn_layer_free(m->layer[i]);
    }
    for (int i = 0; m->class_name && i < m->n_classes; i++)
        free(m->class_name[i]);
    free(m->class_name);
    free(m->layer);
    nn_optim_free(m->optim);
    nn_history_free(m->history);
    free(m);
}

int nn_model_add(struct nn_model *m, struct nn_layer *layer, struct err *e) {
    if (m->built)
        return err_set(e, ERR_STATE,
                       _("el modelo ya está construido: no se le pueden agregar capas"));
    size_t bytes;
    if (!mul_size(&bytes, (size_t)m->n_layers + 1, sizeof(struct nn_layer *)))
        return err_set(e, ERR_NOMEM, _("no hay memoria para la capa %s"), layer->name);
    struct nn_layer **grown = realloc(m->layer, bytes);
    if (!grown)
        return err_set(e, ERR_NOMEM, _("no hay memoria para la capa %s"), layer->name);
    m->layer = grown;
    int rc = nn_layer_adopt(layer, NULL, m->n_layers, m->layer, e);
    if (rc == 0)
        m->layer[m->n_layers++] = layer;
    return rc;
}

int nn_model_pop(struct nn_model *m, struct nn_layer **out, struct err *e) {
    *out = NULL;
    if (m->built)
        return err_set(e, ERR_STATE,
                       _("el modelo ya está construido: no se le pueden quitar capas"));
    if (m->n_layers == 0)
        return err_set(e, ERR_STATE, _("el modelo no tiene capas"));
    *out = m->layer[--m->n_layers];
    (*out)->adopted = false;
    return 0;
}

int nn_model_set_name(struct nn_model *m, const char *name, struct err *e) {
    int rc = nn_layer_check_name(name, e);
    if (rc == 0)
        snprintf(m->name, sizeof m->name, "%s", name);
    return rc;
}

int nn_model_to_layer(struct nn_layer **out, struct nn_model *m, struct err *e) {
    struct nn_layer *l;
    int rc = nn_layer_new(&l, "Sequential", e);
    *out = NULL;
    if (rc < 0)
        return rc;
    if (m->name[0]) {
        l->named = true;
        memcpy(l->name, m->name, sizeof l->name);
    }
    l->child = m->layer;
    l->n_children = m->n_layers;
    l->built = m->built;
    l->in_ndim = l->out_ndim = m->in_ndim;
    memcpy(l->in_shape, m->in_shape, sizeof l->in_shape);
    memcpy(l->out_shape, m->in_shape, sizeof l->out_shape);
    if (l->n_children > 0) {
        const struct nn_layer *last = l->child[l->n_children - 1];
        l->out_ndim = last->out_ndim;
        memcpy(l->out_shape, last->out_shape, sizeof l->out_shape);
    }
    for (int i = 0; i < l->n_children; i++)
        l->child[i]->parent = l;
    m->layer = NULL;
    m->n_layers = 0;
    *out = l;
    return 0;
}

void nn_model_take_back(struct nn_model *m, struct nn_layer *l) {
    for (int i = 0; i < l->n_children; i++)
        l->child[i]->parent = NULL;
    m->layer = l->child;
    m->n_layers = l->n_children;
    l->child = NULL;
    l->n_children = 0;
    nn_layer_free(l);
}

void nn_model_set_seed(struct nn_model *m, uint64_t seed) {
    m->seed = seed;
    m->has_seed = true;
}

static int already_built(const struct nn_model *m, int ndim, const size_t *shape,
                         struct err *e) {
    char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];
    if (ndim == m->in_ndim &&
        memcmp(shape, m->in_shape, (size_t)ndim * sizeof *shape) == 0)
        return 0;
    return err_set(e, ERR_SHAPE, _("el modelo espera ejemplos de forma %s y recibió %s"),
                   nn_shape_text(a, m->in_ndim, m->in_shape),
                   nn_shape_text(b, ndim, shape));
}

int nn_model_build(struct nn_model *m, int ndim, const size_t *shape, struct err *e) {
    if (m->built)
        return already_built(m, ndim, shape, e);
    if (m->n_layers == 0)
        return err_set(e, ERR_STATE, _("el modelo no tiene capas"));
    if (ndim < 1 || ndim >= NN_MAX_DIMS)
        return err_set(e, ERR_SHAPE,
                       _("cada ejemplo debe tener entre 1 y %d ejes y tiene %d"),
                       NN_MAX_DIMS - 1, ndim);
    if (!m->has_seed)
        nn_model_set_seed(m, nn_seed_next());
    struct nn_rng base;
    nn_rng_seed(&base, m->seed);
    size_t now[NN_MAX_DIMS], used = 0;
    int rc = 0, now_ndim = ndim;
    memcpy(now, shape, (size_t)ndim * sizeof *shape);
    for (int i = 0; rc == 0 && i < m->n_layers; i++) {
        struct nn_rng own = nn_rng_split(&base, (uint64_t)i);
        m->layer[i]->param_limit = nn_limit_left(m->layer[i]->param_limit, used);
        rc = nn_layer_build(m->layer[i], now_ndim, now, &own, e);
        used += nn_layer_count_params(m->layer[i], false);
        now_ndim = m->layer[i]->out_ndim;
        memcpy(now, m->layer[i]->out_shape, sizeof now);
    }
    if (rc < 0) {
        for (int i = 0; i < m->n_layers; i++)
            nn_layer_forget(m->layer[i]);
        return rc;
    }
    m->in_ndim = ndim;
    memcpy(m->in_shape, shape, (size_t)ndim * sizeof *shape);
    m->built = true;
    return 0;
}

static int unknown(const char *what, const char *given, const char *list, struct err *e) {
    char near[NN_OPTION_TEXT];
    if (nn_nearest_word(near, given, list))
        return err_set(e, ERR_NOTFOUND, _("no existe %s «%s»; ¿querías decir «%s»?"),
                       what, given, near);
    return err_set(e, ERR_NOTFOUND, _("no existe %s «%s»; hay %s"), what, given, list);
}

static int find_loss(const struct nn_loss_type **out, const char *name, struct err *e) {
    *out = nn_loss_find(name);
    if (*out)
        return 0;
    char list[512];
    size_t used = 0;
    const struct nn_loss_type *l;
    for (int i = 0; (l = nn_loss_row(i)); i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? "|" : "",
                                 l->name);
    return unknown(_("la pérdida"), name, list, e);
}

int nn_model_refuse_training(struct err *e) {
    return err_set(
        e, ERR_STATE, "%s",
        _("este modelo se está entrenando ahora: detenlo o espera a que termine"));
}

int nn_model_compile(struct nn_model *m, struct nn_optim *optim, const char *loss,
                     int n_metrics, const char *const metrics[], struct err *e) {
    const struct nn_loss_type *l;
    const struct nn_metric *known[NN_MODEL_MAX_METRICS];
    if (m->training)
        return nn_model_refuse_training(e);
    int rc = find_loss(&l, loss, e);
    if (rc == 0 && n_metrics > NN_MODEL_MAX_METRICS)
        rc = err_set(e, ERR_RANGE, _("se dieron %d métricas; el máximo es %d"), n_metrics,
                     NN_MODEL_MAX_METRICS);
    for (int i = 0; rc == 0 && i < n_metrics; i++) {
        known[i] = nn_metric_find(metrics[i]);
        if (!known[i])
            rc = unknown(_("la métrica"), metrics[i], nn_metric_names, e);
    }
    if (rc == 0)
        rc = nn_optim_check(optim, e);
    if (rc < 0)
        return rc;
    for (int i = 0; i < n_metrics; i++)
        snprintf(m->metric[i], NN_OPTION_TEXT, "%s", known[i]->name);
    m->n_metrics = n_metrics;
    m->loss = l;
    m->loss_value = l->option ? l->option->number : 0;
    nn_optim_free(m->optim);
    m->optim = optim;
    nn_plans_clear(m);
    return 0;
}

int nn_model_set_loss_value(struct nn_model *m, double v, struct err *e) {
    const struct nn_option_row *o = m->loss ? m->loss->option : NULL;
    if (!o && v != 0)
        return err_set(e, ERR_ARG, _("la pérdida %s no tiene opciones"),
                       m->loss ? m->loss->name : "");
    if (o && !(v >= o->min && v <= o->max))
        return err_set(e, ERR_RANGE,
                       _("%s: la opción «%s» es %g y debe estar entre %g y %g"),
                       m->loss->name, o->name, v, o->min, o->max);
    m->loss_value = v;
    nn_plans_clear(m);
    return 0;
}

int nn_model_call(struct nn_model *m, struct nn_var **out, struct nn_var *x,
                  bool training, struct err *e) {
    *out = NULL;
    if (x->ndim < 2)
        return err_set(e, ERR_SHAPE,
                       _("el modelo recibe un lote: el primer eje cuenta los ejemplos, y "
                         "la entrada tiene %d ejes"),
                       x->ndim);
    int rc = nn_model_build(m, x->ndim - 1, x->shape + 1, e);
    if (rc < 0)
        return rc;
    struct nn_call_mode mode = {.training = training, .step = &m->steps};
    rc = nn_chain_call(m->n_layers, m->layer, out, x, &mode, e);
    if (training)
        m->steps++;
    return rc;
}

int nn_model_count(const struct nn_model *m) {
    int n = 0;
    for (int i = 0; i < m->n_layers; i++)
        n += nn_layer_n_params(m->layer[i]);
    return n;
}

struct nn_var *nn_model_param(const struct nn_model *m, int i, bool *trainable) {
    for (int k = 0; k < m->n_layers; k++) {
        int n = nn_layer_n_params(m->layer[k]);
        if (i < n)
            return nn_layer_param_at(m->layer[k], i, trainable);
        i -= n;
    }
    return NULL;
}

size_t nn_model_count_params(const struct nn_model *m, bool trainable_only) {
    size_t n = 0;
    for (int i = 0; i < m->n_layers; i++)
        n += nn_layer_count_params(m->layer[i], trainable_only);
    return n;
}

void nn_model_set_trainable(struct nn_model *m, bool on) {
    for (int i = 0; i < m->n_layers; i++)
        nn_layer_set_trainable(m->layer[i], on);
}

bool nn_model_trainable(const struct nn_model *m) {
    bool any = false;
    for (int i = 0; i < m->n_layers; i++)
        any |= m->layer[i]->trainable;
    return any;
}

/* The layer that is number *i in preorder below the list; counts *i down. */
static struct nn_layer *nth(int n, struct nn_layer *const layer[], int *i, int *depth) {
    for (int k = 0; k < n; k++) {
        if ((*i)-- == 0)
            return layer[k];
        ++*depth;
        struct nn_layer *l = nth(layer[k]->n_children, layer[k]->child, i, depth);
        if (l)
            return l;
        --*depth;
    }
    return NULL;
}

int nn_model_layer_info(const struct nn_model *m, int i, struct nn_layer_info *out) {
    int left = i, depth = 0;
    struct nn_layer *l = i < 0 ? NULL : nth(m->n_layers, m->layer, &left, &depth);
    *out = (struct nn_layer_info){0};
    if (!l)
        return ERR_RANGE;
    *out = (struct nn_layer_info){.layer = l,
                                  .name = l->name,
                                  .type = l->type->name,
                                  .depth = depth,
                                  .built = l->built,
                                  .frozen = !l->trainable,
                                  .out_ndim = l->out_ndim,
                                  .params = nn_layer_count_params(l, false),
                                  .trainable = nn_layer_count_params(l, true)};
    memcpy(out->out_shape, l->out_shape, sizeof out->out_shape);
    return 0;
}

struct nn_layer *nn_model_find_layer(const struct nn_model *m, const char *path) {
    int n = m->n_layers;
    struct nn_layer *const *list = m->layer;
    struct nn_layer *found = NULL;
    do {
        size_t len = strcspn(path, "/");
        found = NULL;
        for (int i = 0; i < n; i++)
            if (strncmp(list[i]->name, path, len) == 0 && !list[i]->name[len])
                found = list[i];
        path += len + (path[len] == '/');
        n = found ? found->n_children : 0;
        list = found ? found->child : NULL;
    } while (found && *path);
    return found;
}
