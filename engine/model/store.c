/* store.c: a model to a file and back. */
#include "nn/store.h"
#include "base/oserr.h"

#include "stores.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define METADATA_KEY "nabla.model"

/* ---- saving */

/* Parameters, then the optimizer's state as "optimizer/dense/kernel/momentum". */
static size_t list_tensors(struct nn_named *item, const struct nn_model *m) {
    size_t n = 0;
    for (int i = 0; i < nn_model_count(m); i++, n++) {
        struct nn_var *p = nn_model_param(m, i, NULL);
        if (item) {
            snprintf(item[n].name, NN_STORE_NAME, "%s", p->name);
            item[n].tensor = p->value;
        }
    }
    for (int i = 0; m->optim && i < m->optim->n; i++)
        for (int k = 0; k < m->optim->type->n_state; k++) {
            const struct nn_optim_slot *s = &m->optim->slot[i];
            if (!s->state[k])
                continue;
            if (item) {
                snprintf(item[n].name, NN_STORE_NAME, "optimizer/%s/%s", s->var->name,
                         m->optim->type->state_name[k]);
                item[n].tensor = s->state[k];
            }
            n++;
        }
    return n;
}

int nn_model_save(struct nn_model *m, const char *path, struct err *e) {
    struct nn_container c = {0};
    if (!m->built)
        return err_set(
            e, ERR_STATE,
            _("el modelo todavía no tiene pesos que guardar: entrénalo antes"));
    json_t *about = nn_model_describe(m);
    char *text = about ? json_dumps(about, JSON_COMPACT) : NULL;
    c.n = list_tensors(NULL, m);
    c.item = calloc(c.n + 1, sizeof *c.item);
    c.metadata =
        text ? json_pack("{s:s, s:s}", "format", "nabla", METADATA_KEY, text) : NULL;
    int rc;
    if (c.metadata && c.item) {
        list_tensors(c.item, m);
        rc = nn_container_write(&c, path, e);
    } else {
        rc = err_set(e, ERR_NOMEM, _("no hay memoria para guardar «%s»"), path);
    }
    free(text);
    json_decref(about);
    nn_container_release(&c);
    return rc;
}

/* ---- loading */

static int copy_tensor(struct nn_tensor *to, const char *name,
                       const struct nn_container *c, struct err *e) {
    const struct nn_named *from = nn_container_find(c, name);
    if (!from)
        return err_set(e, ERR_FORMAT, _("al modelo guardado le falta el tensor «%s»"),
                       name);
    if (from->dtype != to->dtype || from->ndim != to->ndim ||
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

static int fill_model(struct nn_model *m, const struct nn_container *c, struct err *e) {
    char name[NN_STORE_NAME];
    int rc = 0;
    for (int i = 0; rc == 0 && i < nn_model_count(m); i++) {
        struct nn_var *p = nn_model_param(m, i, NULL);
        rc = copy_tensor(p->value, p->name, c, e);
    }
    for (int i = 0; rc == 0 && m->optim && i < m->optim->n; i++)
        for (int k = 0; rc == 0 && k < m->optim->type->n_state; k++) {
            const struct nn_optim_slot *s = &m->optim->slot[i];
            snprintf(name, sizeof name, "optimizer/%s/%s", s->var->name,
                     m->optim->type->state_name[k]);
            if (s->state[k] && nn_container_find(c, name))
                rc = copy_tensor(s->state[k], name, c, e);
        }
    return rc;
}

int nn_model_parse(struct nn_model **out, const void *bytes, size_t n, struct err *e) {
    struct nn_container c;
    struct nn_model *m = NULL;
    *out = NULL;
    int rc = nn_container_parse(&c, bytes, n, e);
    if (rc < 0)
        return rc;
    const char *text = json_string_value(json_object_get(c.metadata, METADATA_KEY));
    json_t *about = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (!about)
        rc = err_set(e, ERR_FORMAT,
                     _("el archivo tiene pesos pero no la arquitectura: no lo guardó "
                       "Nabla"));
    if (rc == 0)
        rc = nn_model_from_description(&m, about, c.size / sizeof(float) + 1, e);
    if (rc == 0)
        rc = fill_model(m, &c, e);
    json_decref(about);
    nn_container_release(&c);
    if (rc < 0) {
        nn_model_free(m);
        return rc;
    }
    *out = m;
    return 0;
}

static int cannot_read(const char *path, struct err *e) {
    return err_set(e, errno == ENOENT ? ERR_NOTFOUND : ERR_IO,
                   _("no se pudo leer «%s»: %s"), path, os_reason(errno));
}

static int read_file(void **out, size_t *n, const char *path, struct err *e) {
    struct stat st;
    *out = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
    if (fd < 0)
        return cannot_read(path, e);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        rc = err_set(e, ERR_IO, _("«%s» no es un archivo"), path);
    else if ((uint64_t)st.st_size > nn_memory_limit())
        rc = err_set(e, ERR_NOMEM, _("«%s» no cabe en memoria"), path);
    size_t size = rc == 0 ? (size_t)st.st_size : 0, at = 0;
    char *bytes = rc == 0 ? malloc(size + 1) : NULL;
    if (rc == 0 && !bytes)
        rc = err_set(e, ERR_NOMEM, _("no hay memoria para leer «%s»"), path);
    while (rc == 0 && at < size) {
        ssize_t k = read(fd, bytes + at, size - at);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            rc = cannot_read(path, e);
        if (k <= 0)
            break;
        at += (size_t)k;
    }
    close(fd);
    if (rc < 0) {
        free(bytes);
        return rc;
    }
    *out = bytes;
    *n = at;
    return 0;
}

int nn_model_load(struct nn_model **out, const char *path, struct err *e) {
    void *bytes;
    size_t n = 0;
    *out = NULL;
    int rc = read_file(&bytes, &n, path, e);
    if (rc == 0)
        rc = nn_model_parse(out, bytes, n, e);
    free(bytes);
    return rc;
}
