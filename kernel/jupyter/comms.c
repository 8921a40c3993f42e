/* comms.c: the table of open comms. */
#include "comms.h"

#include "base/i18n.h"

#include <string.h>

int jup_comms_init(struct jup_comms *c, struct err *e) {
    pthread_mutex_init(&c->lock, NULL);
    c->open = json_object();
    return c->open ? 0 : err_set(e, ERR_NOMEM, _("no queda memoria"));
}

void jup_comms_release(struct jup_comms *c) {
    json_decref(c->open);
    pthread_mutex_destroy(&c->lock);
}

static int add(struct jup_comms *c, const char *id, const char *target, struct err *e) {
    if (strlen(id) > JUP_COMM_ID_MAX)
        return err_set(e, ERR_RANGE,
                       _("el nombre de un comm tiene %zu letras y caben %d"), strlen(id),
                       (int)JUP_COMM_ID_MAX);
    if (json_object_get(c->open, id))
        return err_set(e, ERR_STATE, _("el comm «%s» ya está abierto"), id);
    if (json_object_size(c->open) >= JUP_COMMS_MAX)
        return err_set(e, ERR_RANGE, _("ya hay %d comms abiertos, y no caben más"),
                       (int)JUP_COMMS_MAX);
    if (json_object_set_new(c->open, id, json_string(target)))
        return err_set(e, ERR_NOMEM, _("no queda memoria"));
    return 0;
}

int jup_comms_add(struct jup_comms *c, const char *id, const char *target,
                  struct err *e) {
    pthread_mutex_lock(&c->lock);
    int rc = add(c, id, target, e);
    pthread_mutex_unlock(&c->lock);
    return rc;
}

bool jup_comms_remove(struct jup_comms *c, const char *id) {
    pthread_mutex_lock(&c->lock);
    bool was = json_object_del(c->open, id) == 0;
    pthread_mutex_unlock(&c->lock);
    return was;
}

bool jup_comms_has(struct jup_comms *c, const char *id) {
    pthread_mutex_lock(&c->lock);
    bool has = json_object_get(c->open, id) != NULL;
    pthread_mutex_unlock(&c->lock);
    return has;
}

json_t *jup_comms_list(struct jup_comms *c, const char *target) {
    json_t *list = json_object();
    const char *id;
    json_t *name;
    bool ok = list != NULL;
    pthread_mutex_lock(&c->lock);
    json_object_foreach(c->open, id, name) {
        if (ok && (!target || strcmp(target, json_string_value(name)) == 0))
            ok = json_object_set_new(list, id, json_pack("{s:O}", "target_name", name)) ==
                 0;
    }
    pthread_mutex_unlock(&c->lock);
    if (ok)
        return list;
    json_decref(list);
    return NULL;
}
