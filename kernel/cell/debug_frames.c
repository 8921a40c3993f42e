/* debug_frames.c: the levels of a stopped cell, those of the coroutines it is in as well, and
 * the variables of each. */
#include "debug.h"

static void add_levels(struct cell_debug *d, lua_State *L) {
    lua_Debug ar;
    for (int level = 0; d->n_frames < DEBUG_FRAMES && lua_getstack(L, level, &ar);
         level++) {
        lua_getinfo(L, "l", &ar);
        if (ar.currentline > 0) /* a function written in Lua */
            d->frame[d->n_frames++] = (struct debug_frame){.L = L, .level = level};
    }
}

void cell_debug_collect(struct cell *c, lua_State *L) {
    c->debug->n_frames = 0;
    add_levels(c->debug, L);
    for (const struct cell_link *k = c->links; k && k->co == L; k = k->outer) {
        L = k->from;
        add_levels(c->debug, L);
    }
}

/* Frame ids are made of the stop's number and the frame's. */
static json_int_t id_of(const struct cell_debug *d, size_t i) {
    return (json_int_t)d->stops * DEBUG_LOCALS + (json_int_t)i + 1;
}

const struct debug_frame *cell_debug_frame(const struct cell_debug *d, json_int_t id) {
    json_int_t first = id_of(d, 0);
    bool there = d->stopped && id >= first && id < first + (json_int_t)d->n_frames;
    return there ? &d->frame[id - first] : NULL;
}

static json_t *describe(struct debug_ask *a, size_t i) {
    const struct debug_frame *f = &a->d->frame[i];
    lua_Debug ar;
    char path[DEBUG_PATH], name[128];
    if (!lua_getstack(f->L, f->level, &ar))
        return NULL;
    lua_getinfo(f->L, "nSl", &ar);
    cell_debug_path(a->c, ar.source, ar.srclen, path);
    if (*ar.source != '=' && *ar.source != '@')
        cell_debug_keep(a->d, ar.source, ar.srclen);
    if (strcmp(ar.what, "main") == 0)
        (void)snprintf(name, sizeof name, "%s", ar.short_src);
    else if (ar.name)
        (void)snprintf(name, sizeof name, "%.120s", ar.name);
    else
        (void)snprintf(name, sizeof name, _("función de la línea %d"), ar.linedefined);
    return json_pack("{s:I, s:o, s:i, s:i, s:{s:o, s:o}}", "id", id_of(a->d, i), "name",
                     cell_debug_text_of(name, strlen(name)), "line", ar.currentline,
                     "column", 1, "source", "path",
                     cell_debug_text_of(path, strlen(path)), "name",
                     cell_debug_text_of(ar.short_src, strlen(ar.short_src)));
}

void cell_debug_stack(lua_State *L, struct debug_ask *a) {
    (void)L;
    json_t *list = json_array();
    json_int_t from = json_integer_value(json_object_get(a->args, "startFrame"));
    json_int_t most = json_integer_value(json_object_get(a->args, "levels"));
    json_int_t n = a->d->stopped ? (json_int_t)a->d->n_frames : 0, given = 0;
    a->body = json_pack("{s:o, s:I}", "stackFrames", list, "totalFrames", n);
    if (!a->body)
        return;
    for (json_int_t i = MAX_OF(from, 0); i < n && (most <= 0 || given < most); i++) {
        json_array_append_new(list, describe(a, (size_t)i));
        given++;
    }
}

static json_t *scope(const char *name, const char *hint, int reference, bool expensive) {
    return json_pack("{s:s, s:s, s:i, s:b}", "name", name, "presentationHint", hint,
                     "variablesReference", reference, "expensive", expensive);
}

void cell_debug_scopes(lua_State *L, struct debug_ask *a) {
    (void)L;
    json_int_t id = json_integer_value(json_object_get(a->args, "frameId"));
    const struct debug_frame *f = cell_debug_frame(a->d, id);
    if (!f) {
        cell_debug_refuse(a,
                          _("no hay ningún nivel %lld: la ejecución no está detenida "
                            "ahí"),
                          (long long)id);
        return;
    }
    int i = (int)(f - a->d->frame);
    a->body = json_pack(
        "{s:[o,o,o]}", "scopes", scope(_("Locales"), "locals", DEBUG_LOCALS + i, false),
        scope(_("De fuera (upvalues)"), "closure", DEBUG_UPVALUES + i, false),
        scope(_("Globales"), "globals", DEBUG_GLOBALS, false));
}

/* ----------------------------------------------------------------------------- variables */

/* Names that nobody wrote: the loop's own, temporaries, what makes the cell's value. */
bool cell_debug_hidden(const char *name) {
    return *name == '(' || strcmp(name, "__fin") == 0 || strcmp(name, "_ENV") == 0;
}

/* The innermost of that name: the last one that is alive. */
static int find_local(const struct debug_frame *f, lua_Debug *ar, const char *name) {
    int found = 0;
    const char *s;
    for (int n = 1; (s = lua_getlocal(f->L, ar, n)); n++) {
        lua_pop(f->L, 1);
        if (strcmp(s, name) == 0)
            found = n;
    }
    return found;
}

static int find_upvalue(const struct debug_frame *f, const char *name) {
    const char *s;
    for (int n = 1; (s = lua_getupvalue(f->L, -1, n)); n++) {
        lua_pop(f->L, 1);
        if (strcmp(s, name) == 0)
            return n;
    }
    return 0;
}

bool cell_debug_find(lua_State *L, const struct debug_frame *f, const char *name,
                     struct debug_place *at) {
    lua_Debug ar;
    luaL_checkstack(L, 4, NULL);
    if (cell_debug_hidden(name) || !lua_getstack(f->L, f->level, &ar))
        return false;
    at->n = find_local(f, &ar, name);
    at->upvalue = at->n == 0;
    if (at->n) {
        lua_getlocal(f->L, &ar, at->n);
        lua_xmove(f->L, L, 1);
        return true;
    }
    lua_getinfo(f->L, "f", &ar);
    at->n = find_upvalue(f, name);
    if (at->n) {
        lua_getupvalue(f->L, -1, at->n);
        lua_xmove(f->L, L, 1);
    }
    lua_pop(f->L, 1);
    return at->n != 0;
}

void cell_debug_assign(lua_State *L, const struct debug_frame *f, struct debug_place at) {
    lua_Debug ar;
    if (!lua_getstack(f->L, f->level, &ar)) {
        lua_pop(L, 1);
        return;
    }
    if (!at.upvalue) {
        lua_xmove(L, f->L, 1);
        lua_setlocal(f->L, &ar, at.n); /* pops it, whatever it finds */
        return;
    }
    lua_getinfo(f->L, "f", &ar);
    lua_xmove(L, f->L, 1);
    if (!lua_setupvalue(f->L, -2, at.n))
        lua_pop(f->L, 1);
    lua_pop(f->L, 1);
}
