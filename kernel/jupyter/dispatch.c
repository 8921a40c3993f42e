/* dispatch.c: which request is answered by whom, and the frame around every answer: busy,
 * what it does, reply, idle. */
#include "frames.h"
#include "state.h"

#include "base/i18n.h"

enum { ON_SHELL = 1, ON_CONTROL = 2, ON_BOTH = 3 };

static const struct row {
    const char *request, *reply; /* reply NULL: none is sent */
    int where;
    jup_answer *answer;
} table[] = {
    {"execute_request", "execute_reply", ON_SHELL, jup_answer_execute},
    {"kernel_info_request", "kernel_info_reply", ON_BOTH, jup_answer_info},
    {"complete_request", "complete_reply", ON_SHELL, jup_answer_complete},
    {"inspect_request", "inspect_reply", ON_SHELL, jup_answer_inspect},
    {"is_complete_request", "is_complete_reply", ON_SHELL, jup_answer_is_complete},
    {"history_request", "history_reply", ON_SHELL, jup_answer_history},
    {"comm_info_request", "comm_info_reply", ON_SHELL, jup_answer_comm_info},
    {"comm_open", NULL, ON_SHELL, jup_answer_comm_open},
    {"comm_msg", NULL, ON_SHELL, jup_answer_comm_msg},
    {"comm_close", NULL, ON_SHELL, jup_answer_comm_close},
    {"connect_request", "connect_reply", ON_BOTH, jup_answer_connect},
    {"interrupt_request", "interrupt_reply", ON_CONTROL, jup_answer_interrupt},
    {"usage_request", "usage_reply", ON_CONTROL, jup_answer_usage},
    {"debug_request", "debug_reply", ON_CONTROL, jup_answer_debug},
    {"create_subshell_request", "create_subshell_reply", ON_CONTROL,
     jup_answer_shell_new},
    {"delete_subshell_request", "delete_subshell_reply", ON_CONTROL,
     jup_answer_shell_delete},
    {"list_subshell_request", "list_subshell_reply", ON_CONTROL, jup_answer_shell_list},
};

json_t *jup_error_content(const char *ename, const char *evalue) {
    return json_pack("{s:s, s:s, s:s, s:[]}", "status", "error", "ename", ename, "evalue",
                     evalue, "traceback");
}

static const struct row *find(const struct jup_message *m, int where) {
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if ((table[i].where & where) && strcmp(table[i].request, m->type) == 0)
            return &table[i];
    return NULL;
}

static void set_reply(struct jup_send *s, const struct row *row, json_t *content) {
    s->type = row->reply;
    s->content = content && s->type ? json_dumps(content, JSON_COMPACT) : NULL;
    json_decref(content);
    if (s->type && !s->content)
        s->literal = "{\"status\":\"error\",\"ename\":\"MemoryError\",\"evalue\":\"\","
                     "\"traceback\":[],\"execution_count\":0}";
}

/* Fills m->reply. Whatever fails, there is a content to send. */
static void answer(struct jup_kernel *k, struct jup_message *m, int where) {
    const struct row *row = find(m, where);
    struct jup_send *s = m->reply;
    if (!row) {
        jup_log(&k->log, JUP_LOG_WARN, "%.80s is not known here", m->type);
        return;
    }
    jup_answer *by = row->answer;
    if (m->aborted)
        by = jup_answer_aborted;
    else if (m->shell == JUP_SHELL_UNKNOWN)
        by = jup_answer_no_shell;
    set_reply(s, row, by(k, m));
}

void jup_serve_shell(struct jup_kernel *k, struct jup_message *m) {
    m->origin->silent = jup_bool(m->content, "silent", false);
    int state = jup_interrupt_begin(&k->interrupt);
    struct jup_origin *outer = jup_origins_begin(&k->origins, m->origin);
    jup_pubqueue_status(&k->pub, m->origin, &m->origin->busy);
    bool debug = m->shell == JUP_SHELL_DEBUG;
    m->within = k->serving;
    k->serving = m;
    answer(k, m, debug ? ON_CONTROL : ON_SHELL);
    k->serving = m->within;
    jup_interrupt_leave(&k->interrupt, state);
    jup_origins_end(&k->origins, outer);
    if (debug) {
        jup_router_done(&k->router);
        jup_control_done(&k->control, m);
        return;
    }
    jup_router_reply(&k->router, m);
    jup_execute_after(k, m);
    jup_message_free(m);
}

void jup_answer_instead(struct jup_kernel *k, struct jup_message *m, json_t *content) {
    bool debug = m->shell == JUP_SHELL_DEBUG;
    const struct row *row = find(m, debug ? ON_CONTROL : ON_SHELL);
    if (row)
        set_reply(m->reply, row, content);
    else
        json_decref(content);
    if (debug) {
        jup_router_done(&k->router);
        jup_control_done(&k->control, m);
        return;
    }
    jup_router_reply(&k->router, m);
    jup_message_free(m);
}

/* What a request keeps of itself while it is answered. */
static struct jup_cell swap_cell(struct jup_kernel *k, struct jup_cell next) {
    pthread_mutex_lock(&k->cell_lock);
    struct jup_cell before = k->cell;
    k->cell = next;
    pthread_mutex_unlock(&k->cell_lock);
    return before;
}

void jup_serve_visitors(struct jup_kernel *k) {
    if (!jup_router_has_visitor(&k->router) || !k->interp->begin_visit(k->interp->self))
        return; /* they stay in the list until the cell ends */
    struct jup_cell outer = swap_cell(k, (struct jup_cell){0});
    struct jup_message *m;
    while ((m = jup_router_visit(&k->router)))
        jup_serve_shell(k, m);
    swap_cell(k, outer);
    k->interp->end_visit(k->interp->self);
}

void jup_send_here(struct jup_kernel *k, struct jup_message *m, struct jup_wire *w,
                   enum jup_socket on) {
    const struct jup_send *s = m->reply;
    const char *text = s->literal ? s->literal : s->content;
    struct jup_outgoing out = {.type = s->type,
                               .id = m->origin->id,
                               .n_id = m->origin->n_id,
                               .parent = {m->origin->header, m->origin->header_len},
                               .content = {text, text ? strlen(text) : 0}};
    struct err e = {0};
    if (s->type && jup_frames_send(w, k->sockets.socket[on], &out, &e))
        jup_log(&k->log, JUP_LOG_WARN, "%s: %s", s->type, e.msg);
}

void jup_serve_control(struct jup_kernel *k, struct jup_message *m, struct jup_wire *w) {
    jup_pubqueue_status(&k->pub, m->origin, &m->origin->busy);
    answer(k, m, ON_CONTROL);
    jup_send_here(k, m, w, JUP_CONTROL);
    jup_pubqueue_status(&k->pub, m->origin, &m->origin->idle);
}

bool jup_answer_shutdown(struct jup_kernel *k, struct jup_message *m, struct jup_wire *w,
                         enum jup_socket on) {
    if (strcmp(m->type, "shutdown_request") != 0)
        return false;
    bool restart = jup_bool(m->content, "restart", false);
    jup_pubqueue_status(&k->pub, m->origin, &m->origin->busy);
    m->reply->type = "shutdown_reply";
    m->reply->literal = restart ? "{\"status\":\"ok\",\"restart\":true}"
                                : "{\"status\":\"ok\",\"restart\":false}";
    jup_send_here(k, m, w, on);
    jup_pubqueue_message(&k->pub, m->origin, "shutdown_reply",
                         copy_text(m->reply->literal), NULL, false);
    jup_pubqueue_status(&k->pub, m->origin, &m->origin->idle);
    jup_kernel_shutdown(k);
    return true;
}
