/* subshell.c: create, delete and list requests (JEP 91), and the router's side of them. */
#include "state.h"

#include "base/i18n.h"

#include <stdio.h>

int jup_router_shell_new(struct jup_router *r, char *id, struct err *e) {
    const char *made;
    pthread_mutex_lock(&r->lock);
    int rc = jup_shells_add(&r->shells, &made, e);
    if (!rc)
        snprintf(id, 37, "%s", made);
    pthread_mutex_unlock(&r->lock);
    return rc;
}

bool jup_router_shell_delete(struct jup_router *r, const char *id) {
    pthread_mutex_lock(&r->lock);
    int number = jup_shells_find(&r->shells, id);
    bool there = jup_shells_remove(&r->shells, id);
    for (struct jup_message *m = r->first; there && m; m = m->next)
        if (m->shell == number)
            m->shell = JUP_SHELL_UNKNOWN;
    pthread_mutex_unlock(&r->lock);
    return there;
}

json_t *jup_router_shell_list(struct jup_router *r) {
    json_t *list = json_array();
    pthread_mutex_lock(&r->lock);
    for (int i = 1; i <= r->shells.n; i++)
        json_array_append_new(list, json_string(r->shells.shell[i].id));
    pthread_mutex_unlock(&r->lock);
    return list;
}

int jup_router_count(struct jup_router *r, int shell, int add) {
    pthread_mutex_lock(&r->lock);
    struct jup_shell *s = jup_shells_get(&r->shells, shell);
    int count = s ? (s->count += add) : 0;
    pthread_mutex_unlock(&r->lock);
    return count;
}

int64_t jup_router_session(struct jup_router *r, int shell) {
    pthread_mutex_lock(&r->lock);
    const struct jup_shell *s = jup_shells_get(&r->shells, shell);
    int64_t session = s ? s->session : 0;
    pthread_mutex_unlock(&r->lock);
    return session;
}

void jup_router_set_session(struct jup_router *r, int shell, int64_t session) {
    pthread_mutex_lock(&r->lock);
    struct jup_shell *s = jup_shells_get(&r->shells, shell);
    if (s)
        s->session = session;
    pthread_mutex_unlock(&r->lock);
}

json_t *jup_answer_shell_new(struct jup_kernel *k, struct jup_message *m) {
    (void)m;
    char id[37];
    struct err e = {0};
    if (jup_router_shell_new(&k->router, id, &e))
        return jup_error_content("SubshellError", e.msg);
    return json_pack("{s:s, s:s}", "status", "ok", "subshell_id", id);
}

json_t *jup_answer_shell_delete(struct jup_kernel *k, struct jup_message *m) {
    const char *id = jup_string(m->content, "subshell_id");
    if (!id || !jup_router_shell_delete(&k->router, id))
        return jup_answer_no_shell(k, m);
    return json_pack("{s:s}", "status", "ok");
}

json_t *jup_answer_shell_list(struct jup_kernel *k, struct jup_message *m) {
    (void)m;
    return json_pack("{s:s, s:o}", "status", "ok", "subshell_id",
                     jup_router_shell_list(&k->router));
}

json_t *jup_answer_no_shell(struct jup_kernel *k, struct jup_message *m) {
    (void)k;
    (void)m;
    return jup_error_content("SubshellError",
                             _("no hay ninguna subshell con ese nombre"));
}
