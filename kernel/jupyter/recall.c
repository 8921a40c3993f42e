/* recall.c: history_request. */
#include "state.h"

#include "base/i18n.h"

static json_int_t integer(const json_t *content, const char *key, json_int_t otherwise) {
    const json_t *v = json_object_get(content, key);
    return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

json_t *jup_answer_history(struct jup_kernel *k, struct jup_message *m) {
    const json_t *c = m->content;
    const char *access = jup_string(c, "hist_access_type");
    struct jup_history_query q = {
        .own = jup_router_session(&k->router, m->shell),
        .session = integer(c, "session", 0),
        .start = integer(c, "start", 0),
        .stop = integer(c, "stop", -1),
        .pattern = jup_string(c, "pattern"),
        .unique = jup_bool(c, "unique", false),
        .output = jup_bool(c, "output", false),
    };
    if (access && strcmp(access, "tail") == 0) {
        q.access = JUP_HISTORY_TAIL;
        q.n = integer(c, "n", 10);
    } else if (access && strcmp(access, "range") == 0) {
        q.access = JUP_HISTORY_RANGE;
    } else if (access && strcmp(access, "search") == 0) {
        q.access = JUP_HISTORY_SEARCH;
        q.n = integer(c, "n", -1);
    } else {
        return jup_error_content("ProtocolError",
                                 _("hist_access_type: se espera tail, range o search"));
    }
    json_t *list = jup_history_query(&k->history, &q);
    return json_pack("{s:s, s:o}", "status", "ok", "history", list);
}
