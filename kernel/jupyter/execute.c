/* execute.c: execute_request (messaging, "Execute"). */
#include "mimejson.h"
#include "state.h"

#include "base/i18n.h"

/* What the request asks for. */
struct wish {
    const char *code;
    size_t len;
    bool silent, store_history, stop_on_error;
};

static struct wish wish_of(const struct jup_message *m) {
    const json_t *c = m->content, *code = json_object_get(c, "code");
    struct wish w = {.code = json_string_value(code), .len = json_string_length(code)};
    w.silent = jup_bool(c, "silent", false);
    w.store_history = jup_bool(c, "store_history", !w.silent) && !w.silent;
    w.stop_on_error = jup_bool(c, "stop_on_error", true);
    return w;
}

static char *dumped(json_t *content) {
    char *text = content ? json_dumps(content, JSON_COMPACT) : NULL;
    json_decref(content);
    return text;
}

static void publish(struct jup_kernel *k, struct jup_message *m, const char *type,
                    json_t *content) {
    if (!jup_pubqueue_message(&k->pub, m->origin, type, dumped(content), NULL, false))
        jup_log(&k->log, JUP_LOG_WARN, "iopub: %s was not published", type);
}

static json_t *text_or(const char *s, const char *otherwise) {
    if (!s)
        s = otherwise;
    return jup_text(s, strlen(s));
}

/* {ename, evalue, traceback} */
static json_t *error_content(const struct interp_error *x) {
    json_t *lines = json_array();
    for (size_t i = 0; i < x->lines; i++)
        if (json_array_append_new(lines, text_or(x->traceback[i], "")))
            break;
    return json_pack("{s:o, s:o, s:o}", "ename", text_or(x->ename, "Error"), "evalue",
                     text_or(x->evalue, ""), "traceback", lines);
}

static void interrupted(struct interp_result *r) {
    r->ok = false;
    r->error.ename = copy_text("KeyboardInterrupt");
    r->error.evalue = copy_text(_("la celda se interrumpió antes de empezar"));
}

/* Each expression on its own: one that fails does not touch the others. */
static json_t *user_expressions(struct jup_kernel *k, const struct jup_message *m) {
    json_t *out = json_object(),
           *wanted = json_object_get(m->content, "user_expressions");
    const char *name;
    json_t *code;
    json_object_foreach(wanted, name, code) {
        struct interp_result r = {0};
        if (json_is_string(code))
            k->interp->evaluate(k->interp->self, json_string_value(code),
                                json_string_length(code), &r);
        json_t *one = r.ok ? json_pack("{s:s, s:o, s:o}", "status", "ok", "data",
                                       jup_mime_data(&r.value, true, &k->log), "metadata",
                                       jup_mime_metadata(&r.value, &k->log))
                           : error_content(&r.error);
        if (!r.ok)
            json_object_set_new(one, "status", json_string("error"));
        json_object_set_new(out, name, one);
        interp_result_release(&r);
    }
    return out;
}

static json_t *take_payload(struct jup_kernel *k) {
    pthread_mutex_lock(&k->cell_lock);
    json_t *payload = k->cell.payload;
    k->cell.payload = NULL;
    pthread_mutex_unlock(&k->cell_lock);
    return payload ? payload : json_array();
}

static json_t *answer_ok(struct jup_kernel *k, struct jup_message *m,
                         const struct wish *w, const struct interp_result *r) {
    if (!w->silent && r->value.n > 0) {
        json_t *data = jup_mime_data(&r->value, true, &k->log);
        k->cell.output = json_incref(json_object_get(data, "text/plain"));
        publish(k, m, "execute_result",
                json_pack("{s:i, s:o, s:o}", "execution_count", k->cell.count, "data",
                          data, "metadata", jup_mime_metadata(&r->value, &k->log)));
    }
    json_t *expressions = user_expressions(k, m);
    jup_capture_drain(&k->capture);
    jup_pubqueue_finish(&k->pub, m->origin);
    return json_pack("{s:s, s:i, s:o, s:o}", "status", "ok", "execution_count",
                     k->cell.count, "payload", take_payload(k), "user_expressions",
                     expressions);
}

static json_t *answer_error(struct jup_kernel *k, struct jup_message *m,
                            const struct wish *w, const struct interp_result *r) {
    json_t *content = error_content(&r->error);
    if (!w->silent)
        publish(k, m, "error", json_incref(content));
    jup_capture_drain(&k->capture);
    jup_pubqueue_finish(&k->pub, m->origin);
    json_decref(take_payload(k));
    m->reply->abort = w->stop_on_error && !w->silent;
    json_object_set_new(content, "status", json_string("error"));
    json_object_set_new(content, "execution_count", json_integer(k->cell.count));
    return content;
}

/* LAB's cell timing reads started. */
static void set_metadata(struct jup_message *m, const char *started, bool ok) {
    char text[128];
    snprintf(text, sizeof text, "{\"started\":\"%s\",\"status\":\"%s\"}", started,
             ok ? "ok" : "error");
    m->reply->metadata = copy_text(text);
}

json_t *jup_answer_execute(struct jup_kernel *k, struct jup_message *m) {
    struct wish w = wish_of(m);
    char started[32];
    jup_date(started);
    if (!w.code)
        return jup_error_content("ProtocolError", _("execute_request sin «code»"));
    k->cell.allow_stdin = jup_bool(m->content, "allow_stdin", false);
    k->cell.count = jup_router_count(&k->router, m->shell, w.store_history);
    k->cell.remember = w.store_history;
    k->cell.shell = m->shell;
    if (!w.silent)
        publish(k, m, "execute_input",
                json_pack("{s:O, s:i}", "code", json_object_get(m->content, "code"),
                          "execution_count", k->cell.count));
    struct interp_request req = {.code = w.code,
                                 .len = w.len,
                                 .silent = w.silent,
                                 .store_history = w.store_history,
                                 .execution_count = k->cell.count,
                                 .shell = m->shell,
                                 .cell_id = jup_string(m->metadata, "cellId")};
    struct interp_result r = {0};
    if (jup_interrupt_enter(&k->interrupt))
        k->interp->execute(k->interp->self, &req, &r);
    else
        interrupted(&r);
    json_t *content = r.ok ? answer_ok(k, m, &w, &r) : answer_error(k, m, &w, &r);
    set_metadata(m, started, r.ok);
    interp_result_release(&r);
    return content;
}

/* Not the deprecated status "aborted": "error" is what every front end understands. */
json_t *jup_answer_aborted(struct jup_kernel *k, struct jup_message *m) {
    json_t *content = jup_error_content(
        "ExecutionAborted", _("no se ejecutó porque una celda anterior falló"));
    json_object_set_new(content, "execution_count",
                        json_integer(jup_router_count(&k->router, m->shell, 0)));
    return content;
}

/* Each subshell has a session of its own, made with its first cell. */
static int64_t session_of(struct jup_kernel *k, int shell) {
    int64_t session = jup_router_session(&k->router, shell);
    if (shell != JUP_SHELL_PARENT && session == 0) {
        session = jup_history_new_session(&k->history);
        jup_router_set_session(&k->router, shell, session);
    }
    return session;
}

void jup_execute_after(struct jup_kernel *k, struct jup_message *m) {
    struct jup_cell *cell = &k->cell;
    const json_t *code = json_object_get(m->content, "code");
    if (cell->remember)
        jup_history_store(&k->history, session_of(k, cell->shell), cell->count,
                          json_string_value(code), json_string_length(code),
                          json_string_value(cell->output));
    json_decref(cell->output);
    cell->output = NULL;
    cell->remember = false;
    cell->allow_stdin = false;
}
