/* debug_points.c: breakpoints: where they are put, and whether the one that is reached wants
 * to stop (its condition, its count) or to write a line (a log point). */
#include "debug.h"

static void point_free(struct debug_point *p) {
    if (!p)
        return;
    free(p->path);
    free(p->condition);
    free(p->hits);
    free(p->log);
    free(p);
}

static void renew_lines(struct cell_debug *d) {
    d->lines = 0;
    for (size_t i = 0; i < d->n_points; i++)
        d->lines |= (uint64_t)1 << (d->point[i]->line % 64);
}

static void forget(struct cell_debug *d, const char *path) {
    size_t n = 0;
    for (size_t i = 0; i < d->n_points; i++) {
        if (path && strcmp(d->point[i]->path, path) != 0)
            d->point[n++] = d->point[i];
        else
            point_free(d->point[i]);
    }
    d->n_points = n;
    renew_lines(d);
}

void cell_debug_forget_points(struct cell_debug *d) {
    forget(d, NULL);
}

static bool take_text(const json_t *asked, const char *key, char **out) {
    const char *s = cell_debug_string(asked, key);
    *out = s ? copy_text(s) : NULL;
    return !s || *out;
}

static bool add_point(struct cell_debug *d, const char *path, int line,
                      const json_t *asked) {
    struct debug_point *p = calloc(1, sizeof *p);
    if (!p || d->n_points == DEBUG_POINTS) {
        free(p);
        return false;
    }
    p->path = copy_text(path);
    p->line = line;
    p->hashed = cell_debug_hash_of_path(path, &p->hash);
    bool ok = take_text(asked, "condition", &p->condition);
    ok = take_text(asked, "hitCondition", &p->hits) && ok;
    ok = take_text(asked, "logMessage", &p->log) && ok;
    if (!p->path || !ok) {
        point_free(p);
        return false;
    }
    d->point[d->n_points++] = p;
    return true;
}

/* The first line from the asked one on that has code; 0: there is none. */
static int next_line(const struct buf *marks, json_int_t asked) {
    for (json_int_t i = MAX_OF(asked, 1); marks && i < (json_int_t)marks->len; i++)
        if (marks->data[i])
            return (int)i;
    return 0;
}

static json_t *set_one(struct cell_debug *d, const char *path, const struct buf *marks,
                       const json_t *asked, size_t id) {
    json_int_t wanted = json_integer_value(json_object_get(asked, "line"));
    int line = next_line(marks, wanted);
    const char *why = NULL;
    if (!marks)
        why = _("el texto no se puede compilar, o no se conoce");
    else if (!line)
        why = _("desde esta línea no hay código que se ejecute");
    else if (!add_point(d, path, line, asked))
        why = _("no caben más puntos de parada, o no hay memoria");
    json_t *j = json_pack("{s:I, s:b, s:I, s:{s:s}}", "id", (json_int_t)id, "verified",
                          why == NULL, "line", line ? (json_int_t)line : wanted, "source",
                          "path", path);
    if (j && why)
        json_object_set_new(j, "message", json_string(why));
    return j;
}

void cell_debug_set_points(lua_State *L, struct debug_ask *a) {
    const char *path = cell_debug_string(json_object_get(a->args, "source"), "path");
    if (!path || strlen(path) >= DEBUG_PATH) {
        cell_debug_refuse(a, _("a %s le falta «%s»"), a->command, "source.path");
        return;
    }
    size_t len = 0;
    bool known = cell_debug_text(L, a->c, path);
    const char *text = known ? lua_tolstring(L, -1, &len) : NULL;
    const struct buf *marks = text ? cell_debug_lines(L, text, len) : NULL;
    json_t *all = json_array(), *asked;
    a->body = json_pack("{s:o}", "breakpoints", all);
    if (!a->body)
        return;
    forget(a->d, path);
    size_t i;
    json_array_foreach(json_object_get(a->args, "breakpoints"), i, asked) {
        if (i >= DEBUG_POINTS)
            break;
        json_array_append_new(all, set_one(a->d, path, marks, asked, i + 1));
    }
    renew_lines(a->d);
    cell_debug_arm(a->c);
}

/* debugInfo's list: the sources, each with its breakpoints. */
json_t *cell_debug_points(const struct cell_debug *d) {
    json_t *all = json_array();
    for (size_t i = 0; all && i < d->n_points; i++) {
        const struct debug_point *p = d->point[i];
        json_t *list = NULL, *entry;
        size_t k;
        json_array_foreach(
            all, k, entry) if (strcmp(json_string_value(json_object_get(entry, "source")),
                                      p->path) == 0) list =
            json_object_get(entry, "breakpoints");
        if (!list) {
            entry = json_pack("{s:s, s:[]}", "source", p->path, "breakpoints");
            if (!entry || json_array_append_new(all, entry))
                break;
            list = json_object_get(entry, "breakpoints");
        }
        json_array_append_new(list, json_pack("{s:i, s:b, s:{s:s}}", "line", p->line,
                                              "verified", 1, "source", "path", p->path));
    }
    return all;
}

/* -------------------------------------------------------------- when the line is reached */

/* "5" and "== 5": the fifth time; "> 5", ">= 5", "< 5", "<= 5"; "% 5": each fifth. */
static bool counted(const char *rule, unsigned long long n) {
    char op[3] = "";
    unsigned long long limit = 0;
    if (sscanf(rule, " %2[<>=%%] %llu", op, &limit) != 2 &&
        sscanf(rule, " %llu", &limit) != 1)
        return true; /* a rule that says nothing holds nobody back */
    switch (op[0]) {
    case '>':
        return op[1] == '=' ? n >= limit : n > limit;
    case '<':
        return op[1] == '=' ? n <= limit : n < limit;
    case '%':
        return limit == 0 || n % limit == 0;
    default:
        return n == limit;
    }
}

static void say(struct cell *c, const char *text, size_t n) {
    const struct host *h = c->cfg.host;
    h->stream(h->self, ORIGIN_CURRENT, HOST_STDOUT, text, n);
}

/* A condition that fails stops: the student sees where, and the reason is printed. */
static bool holds(struct cell *c, const struct debug_frame *f, const char *condition) {
    char *why = NULL;
    if (!cell_debug_eval(c, f, condition, &why)) {
        struct buf b;
        buf_init(&b, 4096);
        buf_printf(&b, _("la condición «%.200s» del punto de parada falla: %s\n"),
                   condition, why ? why : "");
        say(c, b.data ? b.data : "", b.len);
        buf_release(&b);
        free(why);
        return true;
    }
    bool yes = lua_toboolean(c->L, -1);
    lua_pop(c->L, 1);
    return yes;
}

/* "x vale {x}": each {...} is evaluated. */
static void write_log(struct cell *c, const struct debug_frame *f, const char *s) {
    struct buf b, code;
    buf_init(&b, 16384);
    buf_init(&code, 4096);
    while (*s) {
        const char *end = *s == '{' ? strchr(s, '}') : NULL;
        if (!end) {
            buf_putc(&b, *s++);
            continue;
        }
        buf_clear(&code);
        buf_add(&code, s + 1, (size_t)(end - s) - 1);
        char *why = NULL;
        if (code.len && cell_debug_eval(c, f, code.data, &why)) {
            cell_brief(c->L, -1, &b);
            lua_pop(c->L, 1);
        } else {
            buf_puts(&b, why ? why : "{}");
        }
        free(why);
        s = end + 1;
    }
    buf_putc(&b, '\n');
    say(c, b.data ? b.data : "\n", b.len);
    buf_release(&b);
    buf_release(&code);
}

/* Counts the visit of one breakpoint; Lua runs on a coroutine of its own. */
static bool wants_stop(lua_State *L, struct debug_point *p) {
    struct cell *c = cell_of(L);
    if (!p->condition && !p->log)
        return !p->hits || counted(p->hits, ++p->count);
    struct debug_frame f = {.L = L, .level = 0};
    lua_State *running = c->running;
    c->running = L;
    bool stop = !p->log;
    if (cell_visit_begin(c)) {
        c->debug->serving = true;
        if (p->condition && !holds(c, &f, p->condition))
            stop = false;
        else if (p->hits && !counted(p->hits, ++p->count))
            stop = false;
        else if (p->log)
            write_log(c, &f, p->log);
        c->debug->serving = false;
        cell_visit_end(c);
    }
    c->running = running;
    return stop;
}

static bool is_in(const struct debug_point *p, const lua_Debug *ar, bool hashed,
                  uint32_t hash) {
    if (hashed)
        return p->hashed && p->hash == hash;
    return !p->hashed && strcmp(p->path, ar->source + 1) == 0;
}

/* Most lines are told from those with breakpoints by their number alone; of the rest no path
 * is made, as this may be asked a million times a second. */
bool cell_debug_reached(lua_State *L, lua_Debug *ar) {
    struct cell_debug *d = cell_of(L)->debug;
    int line = ar->currentline;
    uint32_t hash = 0;
    if (!(d->lines >> (line % 64) & 1))
        return false;
    lua_getinfo(L, "S", ar);
    bool hashed = cell_debug_hashed(cell_of(L), ar->source, ar->srclen, &hash);
    for (size_t i = 0; i < d->n_points; i++)
        if (d->point[i]->line == line && is_in(d->point[i], ar, hashed, hash))
            return wants_stop(L, d->point[i]);
    return false;
}
