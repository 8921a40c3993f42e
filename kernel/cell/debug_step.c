/* debug_step.c: where a cell stops, how it waits, and how it goes on.
 *
 * The line hook is set only while there are breakpoints, a step or a pause. A step is over
 * at the first line whose depth fits, in the coroutine where it began or, when that one has
 * been left, in whichever runs. */
#include "debug.h"

#include "cell/watch.h"

static void tell_stopped(struct cell *c, const char *reason, const char *text) {
    json_t *body = json_pack("{s:s, s:i, s:b}", "reason", reason, "threadId",
                             DEBUG_THREAD, "allThreadsStopped", 1);
    if (body && text) {
        json_object_set_new(body, "description", cell_debug_text_of(text, strlen(text)));
        json_object_set_new(body, "text", cell_debug_text_of(text, strlen(text)));
    }
    cell_debug_event(c, "stopped", body);
}

/* Waits until a request lets the cell go on; true: it was interrupted meanwhile. */
static bool stop(lua_State *L, const char *reason, const char *text) {
    struct cell *c = cell_of(L);
    struct cell_debug *d = c->debug;
    lua_State *running = c->running;
    c->running = L;
    d->stops++;
    d->step = DEBUG_RUN;
    d->pausing = d->resume = false;
    cell_debug_collect(c, L);
    d->stopped = true;
    unsigned requests = atomic_load(&c->stop.requests);
    tell_stopped(c, reason, text);
    bool interrupted = cell_stop_hold(L, requests, &d->resume);
    d->stopped = false;
    d->n_frames = 0;
    if (interrupted)
        d->step = DEBUG_RUN;
    cell_debug_event(
        c, "continued",
        json_pack("{s:i, s:b}", "threadId", DEBUG_THREAD, "allThreadsContinued", 1));
    c->running = running;
    cell_debug_arm(c);
    return interrupted;
}

static bool can_stop(const struct cell *c) {
    const struct cell_debug *d = c->debug;
    return d && d->started && !d->stopped && !d->serving && c->true_host->visit &&
           c->true_host->debug_event;
}

/* Is that one among the states that wait for each other, down to the one that runs? */
static bool is_active(const struct cell *c, const lua_State *L) {
    if (L == c->L)
        return true;
    for (const struct cell_link *k = c->links; k; k = k->outer)
        if (k->co == L)
            return true;
    return false;
}

/* More than n levels. */
static bool deeper(lua_State *L, int n) {
    lua_Debug ar;
    return n >= 0 && lua_getstack(L, n, &ar);
}

static bool step_over(lua_State *L, const struct cell_debug *d) {
    switch (d->step) {
    case DEBUG_RUN:
        return false;
    case DEBUG_IN:
        return true;
    case DEBUG_OVER:
    case DEBUG_OUT:
        break;
    }
    if (L != d->step_state)
        return !is_active(cell_of(L), d->step_state);
    return !deeper(L, d->step_depth - (d->step == DEBUG_OUT));
}

/* Text that cells, scripts or load brought in; not what is made inside of the lab. */
static bool is_known(lua_State *L, lua_Debug *ar) {
    size_t len;
    lua_getinfo(L, "S", ar);
    return *ar->source != '=' || cell_source_text(cell_of(L), ar->source + 1, &len);
}

void cell_debug_line(lua_State *L, lua_Debug *ar) {
    struct cell *c = cell_of(L);
    struct cell_debug *d = c->debug;
    const char *reason = NULL;
    if (!can_stop(c))
        return;
    if (d->n_points && cell_debug_reached(L, ar))
        reason = "breakpoint";
    else if (d->pausing && is_known(L, ar))
        reason = "pause";
    else if (step_over(L, d) && is_known(L, ar))
        reason = "step";
    if (reason && stop(L, reason, NULL))
        cell_raise_interrupt(L);
}

/* The cell ends with its own error, however long it was looked at. A callback's error comes
 * again when the command that called it fails: that is no news. */
void cell_debug_fault(lua_State *L, const char *ename, const char *text) {
    struct cell *c = cell_of(L);
    if (!can_stop(c) || c->debug->quiet)
        return;
    struct cell_debug *d = c->debug;
    char source[LUA_IDSIZE];
    int line;
    if (text)
        text += cell_position(text, strlen(text), source, &line);
    bool again = text && *d->told && strstr(text, d->told);
    bool nan = ename && strcmp(ename, "FloatingPointError") == 0;
    *d->told = '\0';
    if (again || !(d->on_error || (nan && d->on_nan && !d->nan_told)))
        return;
    (void)snprintf(d->told, sizeof d->told, "%s", text ? text : "");
    stop(L, "exception", text);
}

void cell_watch_register(lua_State *L, void (*set)(void *ctx, bool on), void *ctx) {
    cell_of(L)->watch = set;
    cell_of(L)->watch_ctx = ctx;
}

/* Where the innermost Lua function stands: "celda 3:5". */
static void position(lua_State *L, char *at, size_t size) {
    lua_Debug ar;
    *at = '\0';
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline > 0) {
            (void)snprintf(at, size, "%s:%d", ar.short_src, ar.currentline);
            return;
        }
    }
}

void cell_watch_found(lua_State *L, const char *text, bool first) {
    struct cell *c = cell_of(L);
    char at[sizeof c->debug->nan_at];
    if (!can_stop(c) || c->debug->quiet || !c->debug->on_nan || !cell_stop_is_here(c))
        return;
    struct cell_debug *d = c->debug;
    position(c->running, at, sizeof at);
    if (d->nan_told && (!first || strcmp(at, d->nan_at) == 0))
        return;
    d->nan_told = true;
    memcpy(d->nan_at, at, sizeof at);
    stop(c->running, "exception", text);
}

void cell_debug_enter(struct cell *c, bool expression) {
    c->debug->quiet = expression;
    c->debug->nan_told = false;
    *c->debug->told = '\0';
}

/* A step or a pause that the cell's end overtook is not for the next cell; each cell counts
 * from one. */
void cell_debug_leave(struct cell *c) {
    if (c->visit || c->debug->serving)
        return;
    c->debug->step = DEBUG_RUN;
    c->debug->pausing = false;
    for (size_t i = 0; i < c->debug->n_points; i++)
        c->debug->point[i]->count = 0;
    cell_debug_arm(c);
}

/* ---------------------------------------------------------------------------- requests */

void cell_debug_go(lua_State *L, struct debug_ask *a) {
    (void)L;
    struct cell_debug *d = a->d;
    if (!d->stopped) {
        cell_debug_refuse(a, "%s", _("la ejecución no está detenida"));
        return;
    }
    d->step = strcmp(a->command, "next") == 0      ? DEBUG_OVER
              : strcmp(a->command, "stepIn") == 0  ? DEBUG_IN
              : strcmp(a->command, "stepOut") == 0 ? DEBUG_OUT
                                                   : DEBUG_RUN;
    if (d->n_frames) { /* counted from the level that stopped */
        d->step_state = d->frame[0].L;
        d->step_depth = cell_depth(d->frame[0].L, INT_MAX / 4) - d->frame[0].level;
    }
    d->resume = true;
    a->body = json_pack("{s:b}", "allThreadsContinued", 1);
}

void cell_debug_pause(lua_State *L, struct debug_ask *a) {
    (void)L;
    if (!a->c->visit) {
        cell_debug_refuse(a, "%s", _("no hay ninguna celda en marcha que parar"));
        return;
    }
    if (!a->d->stopped)
        a->d->pausing = true;
    cell_debug_arm(a->c);
    a->body = json_object();
}
