/* comm.c: comms, both ways (messaging, "Custom Messages"). */
#include "state.h"

#include "base/i18n.h"

static const char *const type_of[] = {"comm_open", "comm_msg", "comm_close"};

/* ---- to the front end */

static bool copy_buffers(const struct host_comm *m, struct jup_comm_frames *f) {
    f->buffer = m->n_buffers ? calloc(m->n_buffers, sizeof *f->buffer) : NULL;
    if (m->n_buffers && !f->buffer)
        return false;
    for (size_t i = 0; i < m->n_buffers; i++) {
        char *data = copy_bytes(m->buffer[i].data, m->buffer[i].len);
        if (!data)
            return false;
        f->buffer[f->n_buffers++] = (struct jup_frame){data, m->buffer[i].len};
    }
    return true;
}

/* A JSON object of the text; {} for NULL. NULL: it is none. */
static json_t *object_of(const char *text) {
    json_t *o = text ? json_loads(text, 0, NULL) : json_object();
    if (json_is_object(o))
        return o;
    json_decref(o);
    return NULL;
}

static int frames_of(const struct host_comm *m, struct jup_comm_frames *f,
                     struct err *e) {
    json_t *data = object_of(m->data), *metadata = object_of(m->metadata);
    bool fine = data && metadata;
    if (fine) {
        json_t *content = json_pack("{s:s, s:O}", "comm_id", m->id, "data", data);
        if (content && m->kind == HOST_COMM_OPEN)
            json_object_set_new(content, "target_name", json_string(m->target));
        f->content = content ? json_dumps(content, JSON_COMPACT) : NULL;
        f->metadata = json_dumps(metadata, JSON_COMPACT);
        json_decref(content);
    }
    json_decref(data);
    json_decref(metadata);
    if (!fine)
        return err_set(e, ERR_FORMAT, _("los datos de un comm van en un objeto JSON"));
    if (!f->content || !f->metadata || !copy_buffers(m, f))
        return err_set(e, ERR_NOMEM, _("no queda memoria para un comm"));
    return 0;
}

int jup_comm_send(struct jup_kernel *k, uint64_t number, const struct host_comm *m,
                  struct err *e) {
    struct jup_comm_frames f = {0};
    int rc = 0;
    if (m->kind == HOST_COMM_OPEN)
        rc = jup_comms_add(&k->comms, m->id, m->target ? m->target : "", e);
    else if (!jup_comms_has(&k->comms, m->id))
        rc = err_set(e, ERR_STATE, _("el comm «%s» no está abierto"), m->id);
    if (rc)
        return rc;
    rc = frames_of(m, &f, e);
    struct jup_origin *o = jup_origins_find(&k->origins, number);
    if (rc)
        jup_comm_frames_release(&f);
    else if (!jup_pubqueue_comm(&k->pub, o, type_of[m->kind], &f))
        rc = err_set(e, ERR_NOMEM, _("no queda memoria para un comm"));
    jup_origin_unref(o);
    if (m->kind == HOST_COMM_CLOSE || (rc && m->kind == HOST_COMM_OPEN))
        jup_comms_remove(&k->comms, m->id);
    return rc;
}

/* ---- from the front end */

json_t *jup_answer_comm_info(struct jup_kernel *k, struct jup_message *m) {
    json_t *comms = jup_comms_list(&k->comms, jup_string(m->content, "target_name"));
    return comms ? json_pack("{s:s, s:o}", "status", "ok", "comms", comms) : NULL;
}

/* The front end is told that its comm is closed ("Opening a Comm"). */
static void refuse(struct jup_kernel *k, struct jup_message *m, const char *id) {
    json_t *close = json_pack("{s:s, s:{}}", "comm_id", id, "data");
    char *text = close ? json_dumps(close, JSON_COMPACT) : NULL;
    json_decref(close);
    jup_pubqueue_message(&k->pub, m->origin, "comm_close", text, NULL, false);
}

static bool deliver(struct jup_kernel *k, struct jup_message *m, struct host_comm *c) {
    if (!k->interp->comm || !jup_interrupt_enter(&k->interrupt))
        return false;
    json_t *data = json_object_get(m->content, "data");
    char *text = json_is_object(data) ? json_dumps(data, JSON_COMPACT) : copy_text("{}");
    char *metadata = json_dumps(m->metadata, JSON_COMPACT);
    struct host_buffer *b = calloc(m->n_buffer + 1, sizeof *b);
    bool known = false;
    if (text && b) {
        for (size_t i = 0; i < m->n_buffer; i++)
            b[i] = (struct host_buffer){m->buffer[i].data, m->buffer[i].len};
        c->data = text;
        c->metadata = metadata;
        c->buffer = b;
        c->n_buffers = m->n_buffer;
        known = k->interp->comm(k->interp->self, c);
    }
    free(text);
    free(metadata);
    free(b);
    return known;
}

json_t *jup_answer_comm_open(struct jup_kernel *k, struct jup_message *m) {
    const char *id = jup_string(m->content, "comm_id");
    const char *target = jup_string(m->content, "target_name");
    struct host_comm c = {.kind = HOST_COMM_OPEN, .id = id, .target = target};
    struct err e = {0};
    if (!id)
        return NULL;
    if (!target || jup_comms_add(&k->comms, id, target, &e)) {
        if (e.code != ERR_STATE) /* what is open stays so */
            refuse(k, m, id);
        return NULL;
    }
    if (!deliver(k, m, &c)) {
        jup_comms_remove(&k->comms, id);
        refuse(k, m, id);
    }
    jup_capture_drain(&k->capture);
    jup_pubqueue_finish(&k->pub, m->origin);
    return NULL;
}

static void pass_on(struct jup_kernel *k, struct jup_message *m,
                    enum host_comm_kind kind) {
    const char *id = jup_string(m->content, "comm_id");
    struct host_comm c = {.kind = kind, .id = id};
    if (!id || !jup_comms_has(&k->comms, id)) {
        jup_log(&k->log, JUP_LOG_DEBUG, "%s for a comm that is not open", m->type);
        return;
    }
    if (kind == HOST_COMM_CLOSE)
        jup_comms_remove(&k->comms, id);
    deliver(k, m, &c);
    jup_capture_drain(&k->capture);
    jup_pubqueue_finish(&k->pub, m->origin);
}

json_t *jup_answer_comm_msg(struct jup_kernel *k, struct jup_message *m) {
    pass_on(k, m, HOST_COMM_MSG);
    return NULL;
}

json_t *jup_answer_comm_close(struct jup_kernel *k, struct jup_message *m) {
    pass_on(k, m, HOST_COMM_CLOSE);
    return NULL;
}
