/* comm.c: comms: no target is known yet, and every message is answered accordingly. */
#include "state.h"

json_t *jup_answer_comm_info(struct jup_kernel *k, struct jup_message *m) {
    (void)k;
    (void)m;
    return json_pack("{s:s, s:{}}", "status", "ok", "comms");
}

/* An unknown target: the front end is told that its comm is closed (messaging, "Opening a
 * Comm"). */
json_t *jup_answer_comm_open(struct jup_kernel *k, struct jup_message *m) {
    const json_t *id = json_object_get(m->content, "comm_id");
    if (!json_is_string(id))
        return NULL;
    json_t *close = json_pack("{s:O, s:{}}", "comm_id", id, "data");
    char *text = close ? json_dumps(close, JSON_COMPACT) : NULL;
    json_decref(close);
    jup_pubqueue_message(&k->pub, m->origin, "comm_close", text, NULL, false);
    return NULL;
}

json_t *jup_answer_comm_ignored(struct jup_kernel *k, struct jup_message *m) {
    jup_log(&k->log, JUP_LOG_DEBUG, "%s for a comm that is not open", m->type);
    return NULL;
}
