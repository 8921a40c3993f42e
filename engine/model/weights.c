/* weights.c: which tensor of a file goes into which parameter. */
#include "files.h"
#include "stores.h"

#include <ctype.h>

enum { MANY = 1000 };

struct matching {
    const struct nn_weights_options *o;
    const struct nn_container *c;
    /* One per parameter, in the model's order. */
    struct nn_weight *w;
    size_t n;
    /* The file's tensors of numbers, without an optimizer's. */
    const struct nn_named **rest;
    size_t n_rest;
    /* PyTorch: names without the part behind the last point; owned. */
    char **module;
    size_t n_modules;
};

/* ---- the model's side */

/* The image whose pixels became the features of x; kept until a dense layer mixes them. */
static void follow_image(size_t image[3], const struct nn_layer *l) {
    const char *type = l->type->name;
    bool flattens = strcmp(type, "Flatten") == 0 || strcmp(type, "Reshape") == 0;
    if (flattens && l->in_ndim == 3 && l->out_ndim == 1)
        memcpy(image, l->in_shape, 3 * sizeof *image);
    else if (l->out_ndim != 1 || strcmp(type, "Dense") == 0)
        memset(image, 0, 3 * sizeof *image);
}

static void list_own(struct matching *k, const struct nn_layer *l,
                     const size_t image[3]) {
    for (int i = 0; i < l->n_params; i++) {
        struct nn_weight *w = &k->w[k->n++];
        const char *slash = strrchr(l->param[i].var->name, '/');
        *w = (struct nn_weight){.var = l->param[i].var,
                                .layer = l,
                                .part = slash ? slash + 1 : l->param[i].var->name};
        if (w->var->value->shape[0] == image[0] * image[1] * image[2])
            memcpy(w->image, image, sizeof w->image);
        if (w->var->value->ndim == 1 && strcmp(l->type->name, "Dense") == 0)
            memset(w->image, 0, sizeof w->image); /* its bias counts outputs */
    }
}

/* Sums and branches mix the features of a flattened image in an order that the layers
 * behind cannot know. */
static int cannot_follow(const struct nn_layer *l, struct err *e) {
    return err_set(e, ERR_ARG,
                   _("load_weights: %s une los píxeles de una imagen aplanada, que "
                     "PyTorch ordena de otra manera; pon nn.Dense antes o usa "
                     "GlobalAveragePooling2D"),
                   l->name);
}

static int list_layer(struct matching *k, const struct nn_layer *l, size_t image[3],
                      struct err *e) {
    bool chain = strcmp(l->type->name, "Sequential") == 0;
    bool torch = k->o->layout == NN_WEIGHTS_PYTORCH;
    int rc = 0;
    list_own(k, l, image);
    for (int i = 0; rc == 0 && i < l->n_children; i++) {
        if (torch && !chain && image[2] > 1)
            return cannot_follow(l, e);
        rc = list_layer(k, l->child[i], image, e);
    }
    if (rc == 0 && torch && !chain && l->n_children && image[2] > 1)
        return cannot_follow(l, e);
    if (l->n_children == 0)
        follow_image(image, l);
    return rc;
}

/* ---- the file's side */

static int by_begin(const void *a, const void *b) {
    const struct nn_named *x = *(const struct nn_named *const *)a,
                          *y = *(const struct nn_named *const *)b;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

static int list_file(struct matching *k, struct err *e) {
    k->rest = calloc(k->c->n + 1, sizeof *k->rest);
    if (!k->rest)
        return err_set(e, ERR_NOMEM, _("no hay memoria para leer los pesos"));
    for (size_t i = 0; i < k->c->n; i++) {
        const struct nn_named *t = &k->c->item[i];
        if (t->type->kind != NN_NUMBER_OTHER && strncmp(t->name, "optimizer/", 10) != 0)
            k->rest[k->n_rest++] = t;
    }
    qsort(k->rest, k->n_rest, sizeof *k->rest, by_begin);
    return 0;
}

/* Letters by value, runs of digits as numbers: "layer2" before "layer10". */
static int natural(const char *a, const char *b) {
    while (*a && *b) {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            a += strspn(a, "0");
            b += strspn(b, "0");
            size_t na = strspn(a, "0123456789"), nb = strspn(b, "0123456789");
            int order = na == nb ? strncmp(a, b, na) : na < nb ? -1 : 1;
            if (order)
                return order;
            a += na;
            b += nb;
        } else if (*a != *b) {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    return (*a != 0) - (*b != 0);
}

static int by_module(const void *a, const void *b) {
    return natural(*(const char *const *)a, *(const char *const *)b);
}

/* ---- PyTorch: "features.0" has "features.0.weight" and its like */

static const char *torch_part(const char *part) {
    static const char *const same[][2] = {{"kernel", "weight"},
                                          {"depthwise_kernel", "weight"},
                                          {"gamma", "weight"},
                                          {"bias", "bias"},
                                          {"beta", "bias"},
                                          {"moving_mean", "running_mean"},
                                          {"moving_variance", "running_var"}};
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        if (strcmp(same[i][0], part) == 0)
            return same[i][1];
    return part;
}

static bool in_module(const char *name, const char *module) {
    size_t n = strlen(module);
    const char *point = strrchr(name, '.');
    return point && (size_t)(point - name) == n && strncmp(name, module, n) == 0;
}

static int list_modules(struct matching *k, struct err *e) {
    k->module = calloc(k->n_rest + 1, sizeof(char *));
    if (!k->module)
        return err_set(e, ERR_NOMEM, _("no hay memoria para leer los pesos"));
    for (size_t i = 0; i < k->n_rest; i++) {
        const char *name = k->rest[i]->name, *point = strrchr(name, '.');
        bool known = !point;
        for (size_t j = 0; !known && j < k->n_modules; j++)
            known = in_module(name, k->module[j]);
        if (known)
            continue;
        char *module = copy_bytes(name, (size_t)(point - name));
        if (!module)
            return err_set(e, ERR_NOMEM, _("no hay memoria para leer los pesos"));
        k->module[k->n_modules++] = module;
    }
    qsort(k->module, k->n_modules, sizeof(char *), by_module);
    return 0;
}

static int missing(const struct nn_weight *w, const char *name, struct err *e) {
    return err_set(e, ERR_NOTFOUND,
                   _("load_weights: el archivo no tiene «%.120s», que es %s del modelo"),
                   name, w->var->name);
}

static int match_modules(struct matching *k, struct err *e) {
    char name[NN_STORE_NAME + 32];
    const char *const *module =
        k->o->module ? k->o->module : (const char *const *)k->module;
    size_t n_modules = k->o->module ? k->o->n_modules : k->n_modules, at = 0, layers = 0;
    for (size_t i = 0; i < k->n; i++)
        layers += i == 0 || k->w[i].layer != k->w[i - 1].layer;
    if (layers != n_modules)
        return err_set(e, ERR_SHAPE,
                       _("load_weights: el archivo tiene %zu módulos con pesos y el "
                         "modelo %zu capas con pesos"),
                       n_modules, layers);
    for (size_t i = 0; i < k->n; i++) {
        struct nn_weight *w = &k->w[i];
        at += i > 0 && w->layer != k->w[i - 1].layer;
        (void)snprintf(name, sizeof name, "%.250s.%s", module[at], torch_part(w->part));
        w->from = nn_container_find(k->c, name);
        if (!w->from)
            return missing(w, name, e);
    }
    return 0;
}

/* ---- ours: by name, or one after the other */

static int match_names(struct matching *k, struct err *e) {
    for (size_t i = 0; i < k->n; i++) {
        k->w[i].from = nn_container_find(k->c, k->w[i].var->name);
        if (!k->w[i].from)
            return missing(&k->w[i], k->w[i].var->name, e);
    }
    return 0;
}

static int other_count(const struct matching *k, struct err *e) {
    return err_set(e, ERR_SHAPE,
                   _("load_weights: el archivo tiene %zu tensores de pesos y el modelo "
                     "%zu parámetros"),
                   k->n_rest, k->n);
}

static int match_order(struct matching *k, struct err *e) {
    if (k->n_rest != k->n)
        return other_count(k, e);
    for (size_t i = 0; i < k->n; i++)
        k->w[i].from = k->rest[i];
    return 0;
}

static bool knows_names(const struct matching *k) {
    for (size_t i = 0; i < k->n; i++)
        if (nn_container_find(k->c, k->w[i].var->name))
            return true;
    return false;
}

/* ---- both */

/* A tensor that nobody takes would be a part of another network. */
static int check_all_used(const struct matching *k, struct err *e) {
    for (size_t i = 0; i < k->n_rest; i++) {
        bool used = false;
        for (size_t j = 0; !used && j < k->n; j++)
            used = k->w[j].from == k->rest[i];
        if (!used)
            return err_set(e, ERR_NOTFOUND,
                           _("load_weights: el archivo tiene «%.120s» y el modelo no "
                             "tiene dónde ponerlo"),
                           k->rest[i]->name);
    }
    return 0;
}

static bool same_shape(const struct nn_named *t, int ndim, const size_t *shape) {
    return t->ndim == ndim && memcmp(t->shape, shape, (size_t)ndim * sizeof *shape) == 0;
}

static int check_shapes(const struct matching *k, struct err *e) {
    for (size_t i = 0; i < k->n; i++) {
        const struct nn_weight *w = &k->w[i];
        size_t want[NN_MAX_DIMS], torch[NN_MAX_DIMS];
        int ndim = nn_weight_shape(w, k->o->layout, want);
        char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];
        if (w->from->type->kind == NN_NUMBER_OTHER)
            return err_set(e, ERR_DTYPE,
                           _("load_weights: «%.120s» es de tipo %s: no son pesos"),
                           w->from->name, w->from->type->name);
        if (same_shape(w->from, ndim, want))
            continue;
        int n = nn_weight_shape(w, NN_WEIGHTS_PYTORCH, torch);
        bool hint = k->o->layout == NN_WEIGHTS_OURS && same_shape(w->from, n, torch);
        return err_set(e, ERR_SHAPE,
                       _("load_weights: «%.120s» tiene forma %s y para %s se espera "
                         "%s%s"),
                       w->from->name, nn_shape_text(a, w->from->ndim, w->from->shape),
                       w->var->name, nn_shape_text(b, ndim, want),
                       hint ? _("; si el archivo es de PyTorch, usa layout = \"pytorch\"")
                            : "");
    }
    return 0;
}

static int match(struct matching *k, struct nn_model *m, struct err *e) {
    size_t image[3] = {0}, n = (size_t)nn_model_count(m);
    k->w = calloc(n + 1, sizeof *k->w);
    if (!k->w)
        return err_set(e, ERR_NOMEM, _("no hay memoria para leer los pesos"));
    int rc = 0;
    for (int i = 0; rc == 0 && i < m->n_layers; i++)
        rc = list_layer(k, m->layer[i], image, e);
    if (rc == 0)
        rc = list_file(k, e);
    if (rc == 0 && k->n_rest > k->n + MANY) /* before every name is looked at */
        rc = other_count(k, e);
    if (rc == 0 && k->o->layout == NN_WEIGHTS_PYTORCH) {
        rc = list_modules(k, e);
        if (rc == 0)
            rc = match_modules(k, e);
    } else if (rc == 0) {
        rc = knows_names(k) ? match_names(k, e) : match_order(k, e);
    }
    if (rc == 0)
        rc = check_all_used(k, e);
    return rc < 0 ? rc : check_shapes(k, e);
}

static void matching_release(struct matching *k) {
    for (size_t i = 0; i < k->n_modules; i++)
        free(k->module[i]);
    free(k->module);
    free(k->rest);
    free(k->w);
}

int nn_model_parse_weights(struct nn_model *m, const void *bytes, size_t n,
                           const struct nn_weights_options *o, struct err *e) {
    struct nn_container c;
    if (!m->built)
        return err_set(e, ERR_STATE,
                       _("load_weights: el modelo aún no conoce su entrada; usa "
                         "m:build{28, 28, 1} o m(x) antes"));
    int rc = nn_container_parse(&c, bytes, n, e);
    if (rc < 0)
        return rc;
    struct matching k = {.o = o, .c = &c};
    rc = match(&k, m, e);
    for (size_t i = 0; rc == 0 && i < k.n; i++)
        nn_weight_read(&k.w[i], o->layout, c.data);
    matching_release(&k);
    nn_container_release(&c);
    return rc;
}

int nn_model_load_weights(struct nn_model *m, const char *path,
                          const struct nn_weights_options *o, struct err *e) {
    void *bytes;
    size_t n = 0;
    int rc = nn_file_read(&bytes, &n, path, e);
    if (rc == 0)
        rc = nn_model_parse_weights(m, bytes, n, o, e);
    free(bytes);
    return rc;
}
