/* debug.c: the debugger's requests: who answers them, and the session from initialize to
 * disconnect. */
#include "debug.h"

enum { WHENEVER, STARTED };

struct request {
    const char *command;
    int when; /* STARTED: between attach and disconnect alone */
    void (*answer)(lua_State *L, struct debug_ask *a);
};

void cell_debug_event(struct cell *c, const char *name, json_t *body) {
    const struct host *h = c->true_host;
    json_t *event =
        json_pack("{s:s, s:I, s:s, s:o}", "type", "event", "seq", ++c->debug->seq,
                  "event", name, "body", body ? body : json_object());
    char *text = event && h->debug_event ? json_dumps(event, JSON_COMPACT) : NULL;
    if (text)
        h->debug_event(h->self, text);
    free(text);
    json_decref(event);
}

void cell_debug_refuse(struct debug_ask *a, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(a->message, sizeof a->message, fmt, ap);
    va_end(ap);
}

const char *cell_debug_string(const json_t *object, const char *key) {
    const char *s = json_string_value(json_object_get(object, key));
    return s && *s ? s : NULL;
}

void cell_debug_arm(struct cell *c) {
    const struct cell_debug *d = c->debug;
    cell_stop_lines(c, d->started && (d->n_points || d->pausing || d->step != DEBUG_RUN));
    if (c->watch)
        c->watch(c->watch_ctx, d->started && d->on_nan);
}

/* ------------------------------------------------------------------------------- session */

static void info(lua_State *L, struct debug_ask *a) {
    (void)L;
    char prefix[64];
    json_t *stopped = json_array();
    if (a->d->stopped)
        json_array_append_new(stopped, json_integer(DEBUG_THREAD));
    a->body = json_pack("{s:b, s:s, s:I, s:s, s:s, s:o, s:o, s:b, s:[], s:b}",
                        "isStarted", a->d->started, "hashMethod", "Murmur2", "hashSeed",
                        (json_int_t)CELL_DEBUG_SEED, "tmpFilePrefix",
                        cell_debug_prefix(prefix), "tmpFileSuffix", cell_debug_suffix(),
                        "breakpoints", cell_debug_points(a->d), "stoppedThreads", stopped,
                        "richRendering", 1, "exceptionPaths", "copyToGlobals", 1);
}

static json_t *filter(const char *name, const char *label, const char *about) {
    return json_pack("{s:s, s:s, s:s, s:b}", "filter", name, "label", label,
                     "description", about, "default", 0);
}

static void initialize(lua_State *L, struct debug_ask *a) {
    (void)L;
    json_t *filters = json_pack(
        "[o, o]",
        filter("error", _("Errores"), _("para donde falla la celda, si nada lo atrapa")),
        filter(
            "nan", _("NaN o infinito"),
            _("para en la operación cuyo resultado o gradiente deja de ser un número")));
    a->body =
        json_pack("{s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:o}",
                  "supportsConfigurationDoneRequest", 1, "supportsConditionalBreakpoints",
                  1, "supportsHitConditionalBreakpoints", 1, "supportsLogPoints", 1,
                  "supportsEvaluateForHovers", 1, "supportsSetVariable", 1,
                  "supportsModulesRequest", 1, "supportsTerminateRequest", 1,
                  "exceptionBreakpointFilters", filters);
}

static void attach(lua_State *L, struct debug_ask *a) {
    (void)L;
    a->d->started = true;
    a->body = json_object();
    cell_debug_arm(a->c);
    cell_debug_event(a->c, "initialized", NULL);
}

static void disconnect(lua_State *L, struct debug_ask *a) {
    (void)L;
    struct cell_debug *d = a->d;
    cell_debug_forget_points(d);
    d->started = d->on_error = d->on_nan = d->pausing = false;
    d->step = DEBUG_RUN;
    d->resume = true;
    a->body = json_object();
    cell_debug_arm(a->c);
}

static void terminate(lua_State *L, struct debug_ask *a) {
    disconnect(L, a);
    if (a->c->visit)
        cell_stop_request(&a->c->stop);
}

static void exceptions(lua_State *L, struct debug_ask *a) {
    (void)L;
    size_t i;
    json_t *name;
    a->d->on_error = a->d->on_nan = false;
    json_array_foreach(json_object_get(a->args, "filters"), i, name) {
        const char *s = json_string_value(name);
        a->d->on_error = a->d->on_error || (s && strcmp(s, "error") == 0);
        a->d->on_nan = a->d->on_nan || (s && strcmp(s, "nan") == 0);
    }
    cell_debug_arm(a->c);
    a->body = json_object();
}

static void nothing(lua_State *L, struct debug_ask *a) {
    (void)L;
    a->body = json_object();
}

static void modules(lua_State *L, struct debug_ask *a) {
    (void)L;
    a->body = json_pack("{s:[], s:i}", "modules", "totalModules", 0);
}

static void threads(lua_State *L, struct debug_ask *a) {
    (void)L;
    a->body =
        json_pack("{s:[{s:i, s:s}]}", "threads", "id", DEBUG_THREAD, "name", _("celdas"));
}

/* ------------------------------------------------------------------------------ dispatch */

static const struct request requests[] = {
    {"debugInfo", WHENEVER, info},
    {"initialize", WHENEVER, initialize},
    {"attach", WHENEVER, attach},
    {"inspectVariables", WHENEVER, cell_debug_inspect},
    {"richInspectVariables", WHENEVER, cell_debug_rich},
    {"variables", WHENEVER, cell_debug_variables},
    {"modules", WHENEVER, modules},
    {"copyToGlobals", WHENEVER, cell_debug_copy},
    {"dumpCell", WHENEVER, cell_debug_dump_cell},
    {"disconnect", WHENEVER, disconnect},
    {"terminate", WHENEVER, terminate},
    {"configurationDone", STARTED, nothing},
    {"setBreakpoints", STARTED, cell_debug_set_points},
    {"setExceptionBreakpoints", STARTED, exceptions},
    {"threads", STARTED, threads},
    {"stackTrace", STARTED, cell_debug_stack},
    {"scopes", STARTED, cell_debug_scopes},
    {"setVariable", STARTED, cell_debug_set_variable},
    {"source", STARTED, cell_debug_source},
    {"evaluate", STARTED, cell_debug_evaluate},
    {"continue", STARTED, cell_debug_go},
    {"next", STARTED, cell_debug_go},
    {"stepIn", STARTED, cell_debug_go},
    {"stepOut", STARTED, cell_debug_go},
    {"pause", STARTED, cell_debug_pause},
};

static int answer_body(lua_State *L) {
    struct debug_ask *a = lua_touserdata(L, 1);
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        if (strcmp(requests[i].command, a->command) != 0)
            continue;
        if (requests[i].when == STARTED && !a->d->started)
            cell_debug_refuse(a, _("%s: el depurador no está en marcha"), a->command);
        else
            requests[i].answer(L, a);
        return 0;
    }
    cell_debug_refuse(a, _("el depurador no conoce «%.80s»"), a->command);
    return 0;
}

/* What raises (memory alone) becomes a refusal. */
static void answer(struct cell *c, struct debug_ask *a) {
    lua_State *L = c->L;
    bool before = c->debug->serving;
    c->debug->serving = true;
    if (!lua_checkstack(L, 8)) {
        cell_debug_refuse(a, "%s", _("no hay memoria"));
    } else {
        lua_pushcfunction(L, answer_body);
        lua_pushlightuserdata(L, a);
        if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
            cell_debug_refuse(a, "%s", _("no hay memoria"));
            lua_pop(L, 1);
        }
    }
    c->debug->serving = before;
    if (!a->body && !a->message[0])
        cell_debug_refuse(a, "%s", _("no hay memoria"));
}

static char *respond(struct cell *c, const json_t *request) {
    struct debug_ask a = {.c = c, .d = c->debug};
    const char *command = cell_debug_string(request, "command");
    json_int_t seq = json_integer_value(json_object_get(request, "seq"));
    json_t *args = json_object_get(request, "arguments");
    json_t *none = json_object();
    a.command = command ? command : "";
    a.args = json_is_object(args) ? args : none;
    answer(c, &a);
    bool ok = !a.message[0];
    json_t *r = json_pack("{s:s, s:I, s:I, s:b, s:s}", "type", "response", "seq", seq,
                          "request_seq", seq, "success", ok, "command", a.command);
    if (r && ok)
        json_object_set(r, "body", a.body);
    else if (r)
        json_object_set_new(r, "message",
                            cell_debug_text_of(a.message, strlen(a.message)));
    char *text = r ? json_dumps(r, JSON_COMPACT) : NULL;
    json_decref(r);
    json_decref(a.body);
    json_decref(none);
    return text;
}

char *cell_debug(void *self, const char *request, size_t len) {
    struct cell *c = self;
    if (!c->debug)
        c->debug = calloc(1, sizeof *c->debug);
    json_t *j = c->debug ? json_loadb(request, len, 0, NULL) : NULL;
    if (c->debug && !j)
        j = json_object();
    char *text = j ? respond(c, j) : NULL;
    json_decref(j);
    return text;
}

void cell_debug_free(struct cell *c) {
    if (!c->debug)
        return;
    cell_debug_forget_points(c->debug);
    for (size_t i = 0; i < DEBUG_TEXTS; i++)
        free(c->debug->text[i].text);
    free(c->debug);
}
