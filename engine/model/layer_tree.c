/* layer_tree.c: layers within layers: who is whose, names, depth, and walks over all the
 * parameters below a layer. */
#include "layers.h"

/* ---- names and depth */

int nn_layer_check_name(const char *name, struct err *e) {
    if (name[0] && strlen(name) < NN_OPTION_TEXT && !strchr(name, '/'))
        return 0;
    return err_set(e, ERR_ARG,
                   _("«%.60s» no sirve de nombre de capa: son de 1 a %d letras, sin «/»"),
                   name, NN_OPTION_TEXT - 1);
}

int nn_layer_set_name(struct nn_layer *l, const char *name, struct err *e) {
    if (l->adopted)
        return err_set(e, ERR_STATE,
                       _("%s ya es parte de un modelo: su nombre no cambia"), l->name);
    int rc = nn_layer_check_name(name, e);
    if (rc < 0)
        return rc;
    snprintf(l->name, sizeof l->name, "%s", name);
    l->named = true;
    return 0;
}

char *nn_layer_path(char text[NN_LAYER_PATH], const struct nn_layer *l) {
    const struct nn_layer *way[NN_LAYER_MAX_DEPTH + 1];
    int n = 0;
    size_t used = 0;
    text[0] = '\0';
    for (; l && n <= NN_LAYER_MAX_DEPTH; l = l->parent)
        way[n++] = l;
    while (n-- > 0 && used < NN_LAYER_PATH)
        used += (size_t)snprintf(text + used, NN_LAYER_PATH - used, "%s%s",
                                 used ? "/" : "", way[n]->name);
    return text;
}

static int height(const struct nn_layer *l) {
    int most = 0;
    for (int i = 0; i < l->n_children; i++)
        most = MAX_OF(most, height(l->child[i]));
    return most + 1;
}

static int depth(const struct nn_layer *l) {
    int n = 0;
    for (; l; l = l->parent)
        n++;
    return n;
}

static bool name_taken(const char *name, int n, struct nn_layer *const sibling[]) {
    for (int i = 0; i < n; i++)
        if (strcmp(sibling[i]->name, name) == 0)
            return true;
    return false;
}

/* dense, dense_1, dense_2 ... as Keras counts. */
static int give_name(struct nn_layer *l, int n, struct nn_layer *const sibling[],
                     struct err *e) {
    if (l->named && name_taken(l->name, n, sibling))
        return err_set(e, ERR_ARG, _("hay dos capas con el nombre «%s»"), l->name);
    for (int k = 0; name_taken(l->name, n, sibling); k++)
        snprintf(l->name, sizeof l->name, "%.30s_%d", l->type->stem, k + 1);
    return 0;
}

int nn_layer_adopt(struct nn_layer *l, struct nn_layer *parent, int n,
                   struct nn_layer *const sibling[], struct err *e) {
    if (l->adopted)
        return err_set(e, ERR_STATE, _("%s ya es parte de un modelo; crea otra"),
                       l->name);
    int rc = nn_options_check(&l->options, e);
    if (rc < 0)
        return rc;
    if (depth(parent) + height(l) > NN_LAYER_MAX_DEPTH)
        return err_set(e, ERR_RANGE, _("%s: hay más de %d capas una dentro de otra"),
                       l->name, NN_LAYER_MAX_DEPTH);
    rc = give_name(l, n, sibling, e);
    if (rc < 0)
        return rc;
    l->adopted = true;
    l->kept = l->built;
    l->parent = parent;
    return 0;
}

/* ---- children */

static int add_at(struct nn_layer *l, struct nn_layer *child, int at, struct err *e) {
    size_t bytes;
    if (l->built)
        return err_set(e, ERR_STATE,
                       _("%s ya está construida: no se le pueden agregar capas"),
                       l->name);
    for (const struct nn_layer *p = l; p; p = p->parent)
        if (p == child)
            return err_set(e, ERR_ARG, _("%s no puede ser parte de sí misma"), l->name);
    if (!mul_size(&bytes, (size_t)l->n_children + 1, sizeof(struct nn_layer *)))
        return err_set(e, ERR_NOMEM, _("no hay memoria para la capa %s"), child->name);
    struct nn_layer **grown = realloc(l->child, bytes);
    if (!grown)
        return err_set(e, ERR_NOMEM, _("no hay memoria para la capa %s"), child->name);
    l->child = grown;
    int rc = nn_layer_adopt(child, l, l->n_children, l->child, e);
    if (rc < 0)
        return rc;
    for (int i = l->n_children; i > at; i--)
        l->child[i] = l->child[i - 1];
    l->child[at] = child;
    l->n_children++;
    if (!l->trainable)
        nn_layer_set_trainable(child, false);
    return 0;
}

int nn_layer_add_child(struct nn_layer *l, struct nn_layer *child, struct err *e) {
    if (l->type->parts == NN_PARTS_NONE)
        return err_set(e, ERR_ARG, _("una capa %s no contiene otras"), l->type->name);
    return add_at(l, child, l->n_children - l->has_shortcut, e);
}

int nn_layer_set_shortcut(struct nn_layer *l, struct nn_layer *child, struct err *e) {
    if (!l->type->takes_shortcut)
        return err_set(e, ERR_ARG, _("una capa %s no tiene atajo"), l->type->name);
    if (l->has_shortcut)
        return err_set(e, ERR_STATE, _("%s ya tiene un atajo"), l->name);
    if (!child->named && !child->adopted)
        snprintf(child->name, sizeof child->name, "shortcut");
    int rc = add_at(l, child, l->n_children, e);
    if (rc == 0)
        l->has_shortcut = true;
    return rc;
}

/* ---- parameters */

void nn_layer_set_trainable(struct nn_layer *l, bool on) {
    l->trainable = on;
    for (int i = 0; i < l->n_params; i++)
        if (l->param[i].trainable)
            l->param[i].var->requires_grad = on;
    for (int i = 0; i < l->n_children; i++)
        nn_layer_set_trainable(l->child[i], on);
}

int nn_layer_n_params(const struct nn_layer *l) {
    int n = l->n_params;
    for (int i = 0; i < l->n_children; i++)
        n += nn_layer_n_params(l->child[i]);
    return n;
}

struct nn_var *nn_layer_param_at(const struct nn_layer *l, int i, bool *trainable) {
    if (i < l->n_params) {
        if (trainable)
            *trainable = l->trainable && l->param[i].trainable;
        return l->param[i].var;
    }
    i -= l->n_params;
    for (int k = 0; k < l->n_children; k++) {
        int n = nn_layer_n_params(l->child[k]);
        if (i < n)
            return nn_layer_param_at(l->child[k], i, trainable);
        i -= n;
    }
    return NULL;
}

void nn_layer_forget(struct nn_layer *l) {
    if (l->kept)
        return;
    while (l->n_params)
        nn_var_release(l->param[--l->n_params].var);
    l->built = false;
    for (int i = 0; i < l->n_children; i++)
        nn_layer_forget(l->child[i]);
}

int nn_layer_rename_params(struct nn_layer *l, struct err *e) {
    char path[NN_LAYER_PATH], full[NN_LAYER_PATH + NN_OPTION_TEXT];
    int rc = 0;
    nn_layer_path(path, l);
    for (int i = 0; rc == 0 && i < l->n_params; i++) {
        const char *was = l->param[i].var->name, *slash = was ? strrchr(was, '/') : NULL;
        snprintf(full, sizeof full, "%s/%.40s", path, slash ? slash + 1 : "");
        if (!was || strcmp(full, was) != 0)
            rc = nn_var_set_name(l->param[i].var, full, e);
    }
    for (int i = 0; rc == 0 && i < l->n_children; i++)
        rc = nn_layer_rename_params(l->child[i], e);
    return rc;
}
