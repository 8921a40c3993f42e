/* message.c: requests, origins, and what is read out of JSON. */
#include "message.h"

#include "base/util.h"

struct jup_origin *jup_origin_new(char *header, size_t len, struct jup_frame *id,
                                  size_t n_id) {
    struct jup_origin *o = calloc(1, sizeof *o);
    if (!o)
        return NULL;
    atomic_init(&o->refs, 1);
    o->header = header;
    o->header_len = len;
    o->id = id;
    o->n_id = n_id;
    o->busy = (struct jup_pub){.kind = JUP_PUB_STATUS,
                               .type = "status",
                               .literal = "{\"execution_state\":\"busy\"}",
                               .embedded = true};
    o->idle = o->busy;
    o->idle.literal = "{\"execution_state\":\"idle\"}";
    return o;
}

struct jup_origin *jup_origin_ref(struct jup_origin *o) {
    if (o)
        atomic_fetch_add(&o->refs, 1);
    return o;
}

void jup_origin_unref(struct jup_origin *o) {
    if (!o || atomic_fetch_sub(&o->refs, 1) != 1)
        return;
    for (size_t i = 0; i < o->n_id; i++)
        free(o->id[i].data);
    free(o->id);
    free(o->header);
    free(o);
}

void jup_send_free(struct jup_send *s) {
    if (!s)
        return;
    free(s->content);
    free(s->metadata);
    jup_origin_unref(s->origin);
    free(s);
}

void jup_message_free(struct jup_message *m) {
    if (!m)
        return;
    for (size_t i = 0; i < m->n_buffer; i++)
        free(m->buffer[i].data);
    free(m->buffer);
    json_decref(m->header);
    json_decref(m->parent);
    json_decref(m->metadata);
    json_decref(m->content);
    jup_send_free(m->reply);
    jup_origin_unref(m->origin);
    free(m);
}

const char *jup_string(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

bool jup_bool(const json_t *object, const char *key, bool otherwise) {
    const json_t *v = json_object_get(object, key);
    return json_is_boolean(v) ? json_is_true(v) : otherwise;
}

json_t *jup_text(const char *text, size_t n) {
    struct buf clean;
    buf_init(&clean, SIZE_MAX / 4);
    jup_clean_text(text, n, &clean);
    json_t *s =
        clean.failed ? NULL : json_stringn(clean.len ? clean.data : "", clean.len);
    buf_release(&clean);
    return s;
}
