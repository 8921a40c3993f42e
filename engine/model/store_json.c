/* store_json.c: a model without its numbers as JSON: layers with their options, the input
 * shape, optimizer, loss, metrics, classes. What comes back is checked by the same code
 * that checks a student's own words. */
#include "stores.h"

#define VERSION     1     /* of this description */
#define LAYERS_MAX  10000 /* in a file, however deep */
#define CLASSES_MAX 100000

/* ---- describing: short memory anywhere is noticed at the end, in failed */

void nn_json_append(json_t *a, json_t *v, bool *failed) {
    *failed |= json_array_append_new(a, v) != 0;
}

void nn_json_set(json_t *j, const char *name, json_t *v, bool *failed) {
    *failed |= json_object_set_new(j, name, v) != 0;
}

static json_t *shape_json(int ndim, const size_t *shape, bool *failed) {
    json_t *a = json_array();
    for (int k = 0; k < ndim; k++)
        nn_json_append(a, json_integer((json_int_t)shape[k]), failed);
    return a;
}

json_t *nn_options_describe(const struct nn_options *o, bool *failed) {
    json_t *j = json_object();
    for (int i = 0; i < o->n; i++) {
        const struct nn_option_value *v = &o->value[i];
        json_t *value = NULL;
        bool given = true;
        switch (o->row[i].kind) {
        case NN_OPT_BOOL:
            value = json_boolean(v->number != 0);
            break;
        case NN_OPT_INT:
            value = json_integer((json_int_t)v->number);
            break;
        case NN_OPT_NUMBER:
            value = json_real(v->number);
            break;
        case NN_OPT_TEXT:
            given = v->text[0] != '\0';
            value = given ? json_string(v->text) : NULL;
            break;
        case NN_OPT_SHAPE:
        case NN_OPT_PAIR:
            given = v->ndim > 0;
            value = given ? shape_json(v->ndim, v->shape, failed) : NULL;
            break;
        }
        if (given)
            nn_json_set(j, o->row[i].name, value, failed);
    }
    return j;
}

/* JSON's numbers do not hold 64 bits. */
enum { SEED_TEXT = 24 };

static const char *seed_text(char text[SEED_TEXT], uint64_t seed) {
    snprintf(text, SEED_TEXT, "%016llx", (unsigned long long)seed);
    return text;
}

/* One layer with the layers inside. */
static json_t *layer_json(const struct nn_layer *l, bool *failed) {
    json_t *j = json_pack("{s:s, s:s, s:b, s:o}", "type", l->type->name, "name", l->name,
                          "trainable", l->trainable, "options",
                          nn_options_describe(&l->options, failed));
    char seed[SEED_TEXT];
    nn_json_set(j, "seed", json_string(seed_text(seed, l->seed)), failed);
    if (!j || l->type->parts == NN_PARTS_NONE)
        return j;
    json_t *children = json_array();
    int n = l->n_children - l->has_shortcut;
    for (int i = 0; i < n; i++)
        nn_json_append(children, layer_json(l->child[i], failed), failed);
    nn_json_set(j, "layers", children, failed);
    if (l->has_shortcut)
        nn_json_set(j, "shortcut", layer_json(l->child[n], failed), failed);
    return j;
}

static json_t *layers_json(const struct nn_model *m, bool *failed) {
    json_t *a = json_array();
    for (int i = 0; i < m->n_layers; i++)
        nn_json_append(a, layer_json(m->layer[i], failed), failed);
    return a;
}

/* [[scale, offset], ...] */
static json_t *channels_json(const struct nn_normalise *n, bool *failed) {
    json_t *list = json_array();
    for (int k = 0; k < n->channels; k++)
        nn_json_append(list,
                       json_pack("[f, f]", (double)n->channel_scale[k],
                                 (double)n->channel_offset[k]),
                       failed);
    return list;
}

static json_t *classes_json(const struct nn_model *m, bool *failed) {
    json_t *names = json_array();
    for (int i = 0; i < m->n_classes; i++)
        nn_json_append(names, json_string(m->class_name[i]), failed);
    return names;
}

json_t *nn_model_describe(const struct nn_model *m, bool state) {
    char seed[SEED_TEXT];
    bool failed = false;
    json_t *j =
        json_pack("{s:i, s:o, s:o, s:s, s:f, s:f}", "version", VERSION, "input_shape",
                  shape_json(m->in_ndim, m->in_shape, &failed), "layers",
                  layers_json(m, &failed), "seed", seed_text(seed, m->seed), "scale",
                  (double)m->input.scale, "offset", (double)m->input.offset);
    if (m->input.channels > 0)
        nn_json_set(j, "channels", channels_json(&m->input, &failed), &failed);
    if (m->loss && m->optim)
        nn_json_set(j, "training", nn_training_describe(m, state, &failed), &failed);
    if (m->history && nn_history_worth(m->history))
        nn_json_set(j, "history", nn_history_describe(m->history, &failed), &failed);
    if (m->n_classes > 0)
        nn_json_set(j, "classes", classes_json(m, &failed), &failed);
    if (j && !failed)
        return j;
    json_decref(j);
    return NULL;
}

/* ---- and back */

int nn_bad_description(struct err *e, const char *what) {
    return err_set(e, ERR_FORMAT, _("el modelo guardado no es válido: %s"), what);
}

static int parse_shape(int *ndim, size_t shape[NN_MAX_DIMS], const json_t *j,
                       json_int_t least, struct err *e) {
    if (!json_is_array(j) || json_array_size(j) < 1 || json_array_size(j) > NN_MAX_DIMS)
        return nn_bad_description(e, _("una forma no es una lista de números"));
    *ndim = (int)json_array_size(j);
    for (int k = 0; k < *ndim; k++) {
        const json_t *v = json_array_get(j, (size_t)k);
        if (!json_is_integer(v) || json_integer_value(v) < least)
            return nn_bad_description(e, _("una forma no es una lista de números"));
        shape[k] = (size_t)json_integer_value(v);
    }
    return 0;
}

/* What nobody gave stays as nobody gave it. */
static bool is_default(const struct nn_options *o, const char *name, const json_t *v) {
    int i = nn_options_index(o, name);
    const struct nn_option_row *r = i < 0 ? NULL : &o->row[i];
    if (!r || r->required)
        return false;
    if (r->kind == NN_OPT_TEXT)
        return json_is_string(v) && r->text && strcmp(json_string_value(v), r->text) == 0;
    if (r->kind == NN_OPT_BOOL)
        return json_is_boolean(v) && json_is_true(v) == (r->number != 0);
    return r->kind != NN_OPT_SHAPE && json_is_number(v) &&
           json_number_value(v) == r->number;
}

static int set_option(struct nn_options *o, const char *name, const json_t *v,
                      struct err *e) {
    size_t shape[NN_MAX_DIMS];
    int ndim;
    if (is_default(o, name, v))
        return 0;
    if (json_is_boolean(v))
        return nn_options_set_bool(o, name, json_is_true(v), e);
    if (json_is_number(v))
        return nn_options_set_number(o, name, json_number_value(v), e);
    if (json_is_string(v))
        return nn_options_set_text(o, name, json_string_value(v), e);
    int rc = parse_shape(&ndim, shape, v, 0, e);
    return rc < 0 ? rc : nn_options_set_shape(o, name, ndim, shape, e);
}

int nn_options_restore(struct nn_options *o, json_t *j, struct err *e) {
    const char *name;
    json_t *v;
    if (!json_is_object(j))
        return nn_bad_description(e, _("faltan opciones"));
    json_object_foreach(j, name, v) {
        int rc = set_option(o, name, v, e);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* What a file may ask for. */
struct budget {
    size_t elements; /* of all parameters, and 1 */
    size_t layers;   /* still to come */
};

static int make_layer(struct nn_layer **out, const json_t *j, struct budget *b, int depth,
                      struct err *e);

static int add_children(struct nn_layer *l, const json_t *j, struct budget *b, int depth,
                        struct err *e) {
    const json_t *list = json_object_get(j, "layers");
    const json_t *shortcut = json_object_get(j, "shortcut");
    struct nn_layer *child;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
        rc = make_layer(&child, json_array_get(list, i), b, depth + 1, e);
        if (rc == 0 && (rc = nn_layer_add_child(l, child, e)) < 0)
            nn_layer_free(child);
    }
    if (rc == 0 && shortcut) {
        rc = make_layer(&child, shortcut, b, depth + 1, e);
        if (rc == 0 && (rc = nn_layer_set_shortcut(l, child, e)) < 0)
            nn_layer_free(child);
    }
    return rc;
}

static int make_layer(struct nn_layer **out, const json_t *j, struct budget *b, int depth,
                      struct err *e) {
    const char *type = json_string_value(json_object_get(j, "type"));
    const char *name = json_string_value(json_object_get(j, "name"));
    struct nn_layer *l;
    *out = NULL;
    if (!type || !name)
        return nn_bad_description(e, _("una capa no tiene tipo o nombre"));
    if (depth > NN_LAYER_MAX_DEPTH || b->layers == 0)
        return nn_bad_description(e, _("tiene demasiadas capas"));
    b->layers--;
    int rc = nn_layer_new(&l, type, e);
    if (rc < 0)
        return rc;
    rc = nn_layer_set_name(l, name, e);
    if (rc == 0)
        rc = nn_options_restore(&l->options, json_object_get(j, "options"), e);
    l->param_limit = b->elements;
    if (rc == 0)
        rc = add_children(l, j, b, depth, e);
    l->trainable = !json_is_false(json_object_get(j, "trainable"));
    if (rc < 0) {
        nn_layer_free(l);
        return rc;
    }
    *out = l;
    return 0;
}

static int add_layers(struct nn_model *m, const json_t *a, size_t limit, struct err *e) {
    struct budget b = {.elements = limit, .layers = LAYERS_MAX};
    if (json_array_size(a) < 1)
        return nn_bad_description(e, _("no tiene capas"));
    for (size_t i = 0; i < json_array_size(a); i++) {
        struct nn_layer *l;
        int rc = make_layer(&l, json_array_get(a, i), &b, 1, e);
        if (rc == 0 && (rc = nn_model_add(m, l, e)) < 0)
            nn_layer_free(l);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* A layer that was built before it came into the model keeps the seed of its masks; the
 * others have the model's again. */
static void set_seed(struct nn_layer *l, const json_t *j) {
    const char *seed = json_string_value(json_object_get(j, "seed"));
    const json_t *list = json_object_get(j, "layers");
    int n = l->n_children - l->has_shortcut;
    if (seed)
        l->seed = strtoull(seed, NULL, 16);
    for (int i = 0; i < n; i++)
        set_seed(l->child[i], json_array_get(list, (size_t)i));
    if (l->has_shortcut)
        set_seed(l->child[n], json_object_get(j, "shortcut"));
}

static int set_classes(struct nn_model *m, const json_t *a, struct err *e) {
    size_t n = json_array_size(a);
    if (n == 0)
        return 0;
    if (n > CLASSES_MAX)
        return nn_bad_description(e, _("tiene demasiadas clases"));
    m->class_name = calloc(n, sizeof(char *));
    if (!m->class_name)
        return err_set(e, ERR_NOMEM, _("no hay memoria para las clases"));
    for (size_t i = 0; i < n; i++) {
        const char *name = json_string_value(json_array_get(a, i));
        if (!name)
            return nn_bad_description(e, _("una clase no tiene nombre"));
        if (!(m->class_name[i] = copy_text(name)))
            return err_set(e, ERR_NOMEM, _("no hay memoria para las clases"));
        m->n_classes++;
    }
    return 0;
}

/* A file may come from anywhere: any refusal of its words is one of format. */
static int as_format(int rc, struct err *e) {
    if (rc < 0 && rc != ERR_NOMEM) {
        if (e)
            e->code = ERR_FORMAT;
        return ERR_FORMAT;
    }
    return rc;
}

/* How the data was normalised. */
static int set_input(struct nn_model *m, const json_t *j, struct err *e) {
    const json_t *list = json_object_get(j, "channels"), *pair;
    size_t k, n = json_array_size(list);
    m->input.scale = (float)json_number_value(json_object_get(j, "scale"));
    m->input.offset = (float)json_number_value(json_object_get(j, "offset"));
    if (n > NN_CHANNELS_MAX || (list && n == 0))
        return nn_bad_description(
            e, _("la normalización tiene un número de canales imposible"));
    json_array_foreach(list, k, pair) {
        m->input.channel_scale[k] = (float)json_number_value(json_array_get(pair, 0));
        m->input.channel_offset[k] = (float)json_number_value(json_array_get(pair, 1));
    }
    m->input.channels = (int)n;
    return 0;
}

int nn_model_from_description(struct nn_model **out, const json_t *j, size_t limit,
                              struct err *e) {
    struct nn_model *m = NULL;
    size_t shape[NN_MAX_DIMS];
    int ndim = 0;
    const char *seed = json_string_value(json_object_get(j, "seed"));
    json_int_t version = json_integer_value(json_object_get(j, "version"));
    *out = NULL;
    if (version > VERSION)
        return err_set(e, ERR_FORMAT,
                       _("el modelo se guardó con una versión más nueva de Nabla "
                         "(formato %lld; aquí se lee hasta el %d)"),
                       (long long)version, VERSION);
    int rc = nn_model_new(&m, e);
    if (rc < 0)
        return rc;
    nn_model_set_seed(m, seed ? strtoull(seed, NULL, 16) : 0);
    rc = set_input(m, j, e);
    if (rc == 0)
        rc = add_layers(m, json_object_get(j, "layers"), limit, e);
    if (rc == 0)
        rc = parse_shape(&ndim, shape, json_object_get(j, "input_shape"), 1, e);
    if (rc == 0)
        rc = nn_model_build(m, ndim, shape, e);
    for (int i = 0; rc == 0 && i < m->n_layers; i++)
        set_seed(m->layer[i], json_array_get(json_object_get(j, "layers"), (size_t)i));
    if (rc == 0)
        rc = set_classes(m, json_object_get(j, "classes"), e);
    if (rc == 0 && json_object_get(j, "training"))
        rc = nn_training_restore(m, json_object_get(j, "training"), e);
    if (rc == 0 && json_object_get(j, "history"))
        rc = nn_history_restore(m, json_object_get(j, "history"), e);
    if (rc < 0) {
        nn_model_free(m);
        return as_format(rc, e);
    }
    *out = m;
    return 0;
}
