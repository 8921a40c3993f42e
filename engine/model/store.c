/* store.c: a model to a file and back. */
#include "nn/store.h"

#include "files.h"
#include "stores.h"

#define METADATA_KEY "nabla.model"

/* ---- saving */

/* Counts, or writes where there is a place. A name that is too long stays cut and is found
 * by check_names. */
static void list_add(struct nn_container *c, const char *name, struct nn_tensor *t) {
    if (c->item) {
        snprintf(c->item[c->n].name, NN_STORE_NAME, "%s", name);
        c->item[c->n].tensor = t;
    }
    c->n++;
}

static void slot_name(char name[NN_STORE_NAME], const struct nn_optim *o, int i, int k) {
    snprintf(name, NN_STORE_NAME, "optimizer/%s/%s", o->slot[i].var->name,
             o->type->state_name[k]);
}

/* Parameters, then the optimizer's state as "optimizer/dense/kernel/momentum". */
static void list_tensors(struct nn_container *c, const struct nn_model *m,
                         bool with_optimizer) {
    char name[NN_STORE_NAME];
    const struct nn_optim *o = with_optimizer ? m->optim : NULL;
    c->n = 0;
    for (int i = 0; i < nn_model_count(m); i++) {
        struct nn_var *p = nn_model_param(m, i, NULL);
        list_add(c, p->name, p->value);
    }
    for (int i = 0; o && i < o->n; i++)
        for (int k = 0; k < o->type->n_state; k++) {
            if (!o->slot[i].state[k])
                continue;
            slot_name(name, o, i, k);
            list_add(c, name, o->slot[i].state[k]);
        }
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Two tensors of one name would be one tensor in the file. */
static int check_names(const struct nn_container *c, struct err *e) {
    const char **name = calloc(c->n + 1, sizeof *name);
    int rc = 0;
    if (!name)
        return err_set(e, ERR_NOMEM, _("no hay memoria para guardar el modelo"));
    for (size_t i = 0; i < c->n; i++)
        name[i] = c->item[i].name;
    qsort(name, c->n, sizeof *name, by_name);
    for (size_t i = 0; rc == 0 && i < c->n; i++)
        if (strlen(name[i]) == NN_STORE_NAME - 1 ||
            (i > 0 && strcmp(name[i - 1], name[i]) == 0))
            rc = err_set(e, ERR_STATE,
                         _("el modelo tiene dos parámetros con el nombre «%.80s», o es "
                           "demasiado largo: no se puede guardar"),
                         name[i]);
    free(name);
    return rc;
}

int nn_model_save_as(struct nn_model *m, const char *path,
                     const struct nn_save_options *o, struct err *e) {
    struct nn_container c = {0};
    bool with_optimizer = !o->no_optimizer;
    if (!m->built)
        return err_set(
            e, ERR_STATE,
            _("el modelo todavía no tiene pesos que guardar: entrénalo antes"));
    json_t *about = nn_model_describe(m, with_optimizer);
    char *text = about ? json_dumps(about, JSON_COMPACT) : NULL;
    list_tensors(&c, m, with_optimizer);
    c.item = calloc(c.n + 1, sizeof *c.item);
    c.metadata =
        text ? json_pack("{s:s, s:s}", "format", "nabla", METADATA_KEY, text) : NULL;
    int rc = 0;
    if (!c.metadata || !c.item)
        rc = err_set(e, ERR_NOMEM, _("no hay memoria para guardar «%s»"), path);
    if (rc == 0) {
        list_tensors(&c, m, with_optimizer);
        rc = check_names(&c, e);
    }
    if (rc == 0)
        rc = nn_container_write(&c, path, e);
    free(text);
    json_decref(about);
    nn_container_release(&c);
    return rc;
}

int nn_model_save(struct nn_model *m, const char *path, struct err *e) {
    return nn_model_save_as(m, path, &(struct nn_save_options){0}, e);
}

/* ---- loading */

static int copy_tensor(struct nn_tensor *to, const char *name,
                       const struct nn_container *c, struct err *e) {
    const struct nn_named *from = nn_container_find(c, name);
    if (!from)
        return err_set(e, ERR_FORMAT, _("al modelo guardado le falta el tensor «%s»"),
                       name);
    if (from->type->kind != (to->dtype == NN_F64 ? NN_NUMBER_F64 : NN_NUMBER_F32))
        return err_set(e, ERR_FORMAT,
                       _("el tensor guardado «%s» es de tipo %s y la capa espera %s"),
                       name, from->type->name, nn_dtype_name(to->dtype));
    if (from->ndim != to->ndim ||
        memcmp(from->shape, to->shape, (size_t)to->ndim * sizeof(size_t)) != 0) {
        char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];
        return err_set(e, ERR_FORMAT,
                       _("el tensor guardado «%s» tiene forma %s y la capa espera %s"),
                       name, nn_shape_text(a, from->ndim, from->shape),
                       nn_shape_text(b, to->ndim, to->shape));
    }
    if (to->n)
        memcpy(to->data, c->data + from->begin, from->end - from->begin);
    return 0;
}

/* has_state: the file says that the optimizer's state is in it. */
static int fill_model(struct nn_model *m, const struct nn_container *c, bool has_state,
                      struct err *e) {
    char name[NN_STORE_NAME];
    const struct nn_optim *o = has_state ? m->optim : NULL;
    int rc = 0;
    for (int i = 0; rc == 0 && i < nn_model_count(m); i++) {
        struct nn_var *p = nn_model_param(m, i, NULL);
        rc = copy_tensor(p->value, p->name, c, e);
    }
    for (int i = 0; rc == 0 && o && i < o->n; i++)
        for (int k = 0; rc == 0 && k < o->type->n_state; k++) {
            if (!o->slot[i].state[k])
                continue;
            slot_name(name, o, i, k);
            rc = copy_tensor(o->slot[i].state[k], name, c, e);
        }
    return rc;
}

/* The architecture is JSON inside a string of the header. */
static int read_about(json_t **out, const struct nn_container *c, struct err *e) {
    const char *why,
        *text = json_string_value(json_object_get(c->metadata, METADATA_KEY));
    *out = NULL;
    if (!text)
        return err_set(e, ERR_FORMAT,
                       _("el archivo tiene pesos pero no la arquitectura: no lo guardó "
                         "Nabla; arma el modelo y usa m:load_weights"));
    *out = nn_json_read(text, strlen(text), &why);
    if (*out)
        return 0;
    return why ? err_set(e, ERR_FORMAT, _("el modelo guardado no es válido: %s"), why)
               : err_set(e, ERR_NOMEM, _("no hay memoria para leer el modelo"));
}

int nn_model_parse(struct nn_model **out, const void *bytes, size_t n, struct err *e) {
    struct nn_container c;
    struct nn_model *m = NULL;
    *out = NULL;
    int rc = nn_container_parse(&c, bytes, n, e);
    if (rc < 0)
        return rc;
    json_t *about;
    rc = read_about(&about, &c, e);
    if (rc == 0)
        rc = nn_model_from_description(&m, about, c.size / sizeof(float) + 1, e);
    if (rc == 0)
        rc = fill_model(m, &c, nn_description_has_state(about), e);
    json_decref(about);
    nn_container_release(&c);
    if (rc < 0) {
        nn_model_free(m);
        return rc;
    }
    *out = m;
    return 0;
}

int nn_model_load(struct nn_model **out, const char *path, struct err *e) {
    void *bytes;
    size_t n = 0;
    *out = NULL;
    int rc = nn_file_read(&bytes, &n, path, e);
    if (rc == 0)
        rc = nn_model_parse(out, bytes, n, e);
    free(bytes);
    return rc;
}
