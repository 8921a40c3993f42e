/* host.c: jupyter/host.h over the publish queue, the router and the current cell. */
#include "mimejson.h"
#include "state.h"

#include "base/i18n.h"

static uint64_t origin(void *self) {
    struct jup_kernel *k = self;
    return jup_origins_number(&k->origins);
}

static void stream(void *self, uint64_t number, enum host_stream to, const char *text,
                   size_t n) {
    struct jup_kernel *k = self;
    struct jup_origin *o = jup_origins_find(&k->origins, number);
    jup_pubqueue_stream(&k->pub, o, to == HOST_STDERR ? HOST_STDERR : HOST_STDOUT, text,
                        n);
    jup_origin_unref(o);
}

static void display(void *self, uint64_t number, const struct mime_bundle *b,
                    const char *display_id, bool update) {
    struct jup_kernel *k = self;
    struct jup_origin *o = jup_origins_find(&k->origins, number);
    update = update && display_id;
    const char *type = update ? "update_display_data" : "display_data";
    if (!o->silent) {
        json_t *transient = json_object();
        if (display_id)
            json_object_set_new(transient, "display_id",
                                jup_text(display_id, strlen(display_id)));
        json_t *content =
            json_pack("{s:o, s:o, s:o}", "data", jup_mime_data(b, false, &k->log),
                      "metadata", jup_mime_metadata(b, &k->log), "transient", transient);
        char *text = content ? json_dumps(content, JSON_COMPACT) : NULL;
        json_decref(content);
        if (!jup_pubqueue_message(&k->pub, o, type, text, display_id, update))
            jup_log(&k->log, JUP_LOG_WARN, "iopub: %s was not published", type);
    }
    jup_origin_unref(o);
}

static void clear_output(void *self, uint64_t number, bool wait) {
    struct jup_kernel *k = self;
    struct jup_origin *o = jup_origins_find(&k->origins, number);
    if (!o->silent)
        jup_pubqueue_message(&k->pub, o, "clear_output",
                             copy_text(wait ? "{\"wait\":true}" : "{\"wait\":false}"),
                             NULL, false);
    jup_origin_unref(o);
}

static char *question(const char *prompt, bool password) {
    json_t *content = json_pack("{s:o, s:b}", "prompt", jup_text(prompt, strlen(prompt)),
                                "password", password);
    char *text = content ? json_dumps(content, JSON_COMPACT) : NULL;
    json_decref(content);
    return text;
}

static int input(void *self, const char *prompt, bool password, char **line,
                 struct err *e) {
    struct jup_kernel *k = self;
    *line = NULL;
    if (!k->cell.allow_stdin)
        return err_set(e, ERR_STATE, _("input: el cuaderno no permite preguntar aquí"));
    if (k->router.ask.state != JUP_ASK_NONE)
        return err_set(e, ERR_STATE, "%s",
                       _("input: otra celda ya está esperando una respuesta"));
    if (atomic_load(&k->closing))
        return err_set(e, ERR_INTERRUPT, _("input: el núcleo se está cerrando"));
    jup_pubqueue_flush(&k->pub);
    struct jup_origin *o = jup_origins_find(&k->origins, ORIGIN_CURRENT);
    size_t len = 0;
    int rc = jup_router_ask(&k->router, o, question(prompt, password), line, &len, e);
    jup_origin_unref(o);
    if (!rc && len == 1 && (*line)[0] == '\x04') {
        free(*line);
        *line = NULL;
        rc = err_set(e, ERR_IO, _("input: fin de la entrada"));
    }
    return rc;
}

/* Adds to the payloads of the cell; takes the entry. A second set_next_input takes the
 * place of the first. */
static void add_payload(struct jup_kernel *k, json_t *entry, const char *only_one_of) {
    struct jup_cell *cell = &k->cell;
    pthread_mutex_lock(&k->cell_lock);
    if (!cell->payload)
        cell->payload = json_array();
    for (size_t i = json_array_size(cell->payload); only_one_of && i > 0; i--) {
        const char *source = jup_string(json_array_get(cell->payload, i - 1), "source");
        if (source && strcmp(source, only_one_of) == 0)
            json_array_remove(cell->payload, i - 1);
    }
    if (json_array_append_new(cell->payload, entry))
        jup_log(&k->log, JUP_LOG_WARN, "a payload was lost: no memory");
    pthread_mutex_unlock(&k->cell_lock);
}

static void page(void *self, const struct mime_bundle *b) {
    struct jup_kernel *k = self;
    add_payload(k,
                json_pack("{s:s, s:o, s:i}", "source", "page", "data",
                          jup_mime_data(b, true, &k->log), "start", 0),
                NULL);
}

static void set_next_input(void *self, const char *text, bool replace) {
    struct jup_kernel *k = self;
    add_payload(k,
                json_pack("{s:s, s:o, s:b}", "source", "set_next_input", "text",
                          jup_text(text, strlen(text)), "replace", replace),
                "set_next_input");
}

static int comm(void *self, uint64_t number, const struct host_comm *m, struct err *e) {
    return jup_comm_send(self, number, m, e);
}

static void debug_event(void *self, const char *json) {
    struct jup_kernel *k = self;
    struct jup_origin *o = jup_origins_find(&k->origins, ORIGIN_CURRENT);
    if (!jup_pubqueue_message(&k->pub, o, "debug_event", copy_text(json), NULL, false))
        jup_log(&k->log, JUP_LOG_WARN, "iopub: debug_event was not published");
    jup_origin_unref(o);
}

static void visit(void *self) {
    jup_serve_visitors(self);
}

void jup_host_init(struct jup_kernel *k) {
    k->host = (struct host){.self = k,
                            .origin = origin,
                            .stream = stream,
                            .display = display,
                            .clear_output = clear_output,
                            .input = input,
                            .page = page,
                            .visit = visit,
                            .comm = comm,
                            .debug_event = debug_event,
                            .set_next_input = set_next_input};
}
