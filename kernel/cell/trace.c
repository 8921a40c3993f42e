/* trace.c: an error on its way up becomes ename, one sentence and a traceback: each Lua
 * level with its cell, line and source text, the failing one marked. C levels are left out.
 * The message handler copies into plain memory, so that the result holds no Lua value. */
#include "lex.h"
#include "state.h"

/* No hue: no red or green of a front end is readable on its light and its dark paper, and
 * on the tinted paper of errors. */
#define BOLD  "\x1b[1m"
#define DIM   "\x1b[2m"
#define PLACE "\x1b[4m" /* underlined */
#define PLAIN "\x1b[0m"

void cell_fault_clear(struct cell_fault *f) {
    free(f->text);
    *f = (struct cell_fault){0};
}

static void name_frame(lua_State *L, lua_Debug *ar, struct cell_frame *f) {
    lua_getinfo(L, "nSl", ar);
    memcpy(f->source, ar->short_src, sizeof f->source);
    f->line = ar->currentline;
    f->defined = ar->linedefined;
    if (strcmp(ar->what, "main") == 0)
        f->name[0] = '\0';
    else if (ar->name)
        snprintf(f->name, sizeof f->name, "%s", ar->name);
    else
        snprintf(f->name, sizeof f->name, "?");
}

int cell_depth(lua_State *L, int most) {
    lua_Debug ar;
    int below = 0, step = 1;
    while (below < most && lua_getstack(L, below + step - 1, &ar)) {
        below += step;
        step *= 2;
    }
    while ((step /= 2) > 0)
        if (below < most && lua_getstack(L, below + step - 1, &ar))
            below += step;
    return MIN_OF(below, most);
}

static void swap_frames(struct cell_frame *a, struct cell_frame *b) {
    struct cell_frame f = *a;
    *a = *b;
    *b = f;
}

/* A level of C has no line, and is left out. */
static void add_frame(lua_State *L, int level, struct cell_frames *out) {
    lua_Debug ar;
    struct cell_frame f = {0};
    if (!lua_getstack(L, level, &ar))
        return;
    name_frame(L, &ar, &f);
    if (f.line > 0)
        out->frame[out->n++] = f;
}

/* The innermost levels and, when they can be reached, the two that say where it began. */
void cell_trace_collect(lua_State *L, int level, struct cell_frames *out) {
    *out = (struct cell_frames){0};
    int depth = cell_depth(L, CELL_DEPTH), from = depth;
    for (; level < depth && out->n < CELL_FRAMES - 2; level++)
        add_frame(L, level, out);
    out->deeper = depth == CELL_DEPTH;
    while (!out->deeper && from > level && out->n < CELL_FRAMES)
        add_frame(L, --from, out);
    out->left_out = (size_t)(from - level);
    if (out->n == CELL_FRAMES) /* those two were found from below */
        swap_frames(&out->frame[out->n - 2], &out->frame[out->n - 1]);
}

static int text_of(lua_State *L) {
    luaL_tolstring(L, 1, NULL);
    return 1;
}

/* The error value as text; what its __tostring does wrong is not reported. */
static char *value_text(lua_State *L, int idx, size_t *n) {
    idx = lua_absindex(L, idx);
    struct buf b;
    buf_init(&b, CELL_TEXT_MAX);
    int t = lua_type(L, idx);
    bool own = luaL_getmetafield(L, idx, "__tostring") != LUA_TNIL;
    if (own)
        lua_pop(L, 1);
    if (t == LUA_TNIL || t == LUA_TNONE) {
        buf_puts(&b, _("error(nil): el error no lleva ningún mensaje"));
    } else if (t == LUA_TSTRING || t == LUA_TNUMBER || own) {
        lua_pushcfunction(L, text_of);
        lua_pushvalue(L, idx);
        size_t len = 0;
        bool ok = lua_pcall(L, 1, 1, 0) == LUA_OK && lua_type(L, -1) == LUA_TSTRING;
        const char *s = ok ? lua_tolstring(L, -1, &len) : NULL;
        cell_text_clean(&b, s ? s : _("un error sin texto"),
                        s ? len : strlen(_("un error sin texto")));
        lua_pop(L, 1);
    } else {
        buf_printf(&b, _("error con un valor de tipo %s: "), cell_type_name(L, idx));
        cell_brief(L, idx, &b);
    }
    return buf_take(&b, n);
}

static void place(struct cell_fault *f) {
    if (f->line > 0 || !f->frames.n)
        return;
    memcpy(f->source, f->frames.frame[0].source, sizeof f->source);
    f->line = f->frames.frame[0].line;
}

/* Splits off the position and translates what is not a command's own; text is used up. */
static void set_text(lua_State *L, struct cell_fault *f, char *text, size_t n, bool own) {
    struct buf b;
    buf_init(&b, CELL_TEXT_MAX);
    const char *ename = NULL;
    size_t at = text ? cell_position(text, n, f->source, &f->line) : 0;
    if (text && !own && cell_translate(L, text + at, n - at, &b, &ename)) {
        free(text);
        f->text = buf_take(&b, NULL);
    } else {
        if (text)
            memmove(text, text + at, n - at + 1);
        f->text = text;
    }
    buf_release(&b);
    if (!f->ename)
        f->ename = ename ? ename : "RuntimeError";
}

/* Adds to the sentence; without memory it stays as it is. */
static void append_text(struct cell_fault *f, const char *lead, const char *text) {
    struct buf b;
    buf_init(&b, CELL_TEXT_MAX);
    buf_puts(&b, f->text);
    buf_puts(&b, lead);
    buf_puts(&b, text);
    if (!b.failed) {
        free(f->text);
        f->text = buf_take(&b, NULL);
    }
    buf_release(&b);
}

/* A missing method or function: the nearest one that some object or module has. */
static void suggest_method(lua_State *L, struct cell_fault *f, const char *raw) {
    static const char method[] = "attempt to call a nil value (method '",
                      field[] = "attempt to call a nil value (field '";
    const char *at = raw ? strstr(raw, method) : NULL;
    const char *dot = raw && !at ? strstr(raw, field) : NULL; /* xs.append(3) */
    const char *name = at ? at + sizeof method - 1 : dot ? dot + sizeof field - 1 : NULL;
    const char *end = name ? strchr(name, '\'') : NULL;
    if (!end || !f->text)
        return;
    const char *habit = cell_habit_method(name, (size_t)(end - name));
    if (habit) {
        append_text(f, ". ", habit);
        return;
    }
    struct cell_nearest near;
    cell_nearest_init(&near, name, (size_t)(end - name));
    size_t n;
    const struct cell_help_row *const *row = cell_help_all(L, &n);
    for (size_t i = 0; i < n; i++) {
        const char *mark = strchr(row[i]->name, at ? ':' : '.');
        if (mark)
            cell_nearest_offer(&near, mark + 1, strlen(mark + 1));
    }
    const char *best = cell_nearest_best(&near);
    struct buf b;
    buf_init(&b, CELL_TEXT_MAX);
    if (!best)
        return;
    buf_printf(&b, _(". ¿Querías decir «%s»?"), best);
    if (!b.failed)
        append_text(f, "", b.data);
    buf_release(&b);
}

/* A line that Python would read otherwise. */
static void suggest_running(struct cell *c, struct cell_fault *f) {
    const char *line;
    size_t n;
    if (!f->text || !f->ename || !cell_source_line(c, f->source, f->line, &line, &n))
        return;
    const char *habit = cell_habit_running(line, n, strcmp(f->ename, "NameError") == 0);
    size_t len = strlen(f->text);
    if (habit)
        append_text(f, len > 0 && f->text[len - 1] == '?' ? " " : ". ", habit);
}

int cell_trace_handler(lua_State *L) {
    struct cell *c = cell_of(L);
    struct cell_fault *f = &c->fault;
    cell_fault_clear(f);
    f->seen = true;
    cell_trace_collect(L, 1, &f->frames);
    if (cell_special_at(L, 1) == CELL_IS_INTERRUPT) {
        f->ename = "KeyboardInterrupt";
        f->text = copy_text(_("la ejecución se interrumpió"));
        place(f);
        return 1;
    }
    if (lua_type(L, 1) == LUA_TSTRING)
        f->ename = cell_raised_name(L, 1);
    size_t n = 0;
    char *text = value_text(L, 1, &n);
    char *raw = text ? copy_bytes(text, n) : NULL;
    set_text(L, f, text, n, cell_raised_own(f->ename));
    suggest_method(L, f, raw);
    free(raw);
    place(f);
    suggest_running(c, f);
    if (c->debug)
        cell_debug_fault(L, f->ename, f->text);
    return 1;
}

void cell_trace_syntax(struct cell *c, const char *msg, size_t len) {
    struct cell_fault *f = &c->fault;
    cell_fault_clear(f);
    f->seen = true;
    f->ename = "SyntaxError";
    struct buf b;
    buf_init(&b, CELL_TEXT_MAX);
    cell_text_clean(&b, msg, len);
    size_t n;
    char *text = buf_take(&b, &n);
    char *raw = text ? copy_bytes(text, n) : NULL;
    set_text(c->L, f, text, n, false);
    const char *line, *habit = NULL;
    bool whole = false;
    size_t line_len;
    /* the compiler may stop only in the line after the one that is wrong; it reads past the
     * head of a loop as long as xs: print(x) is a call for it */
    int back = raw && strstr(raw, "'do' expected") ? 5 : 1;
    for (int at = f->line; f->text && !habit && at > 0 && at >= f->line - back; at--)
        if (cell_source_line(c, f->source, at, &line, &line_len))
            habit = cell_habit_line(line, line_len, raw, &whole);
    if (habit && whole)
        f->text[0] = '\0';
    if (habit && whole)
        append_text(f, "", habit);
    else if (habit)
        append_text(f, ". ", habit);
    free(raw);
}

/* ---------------------------------------------------------------- what the student sees */

struct lines {
    char **line;
    size_t n, cap;
};

static void add_line(struct lines *l, struct buf *b) {
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 16;
        char **line = realloc(l->line, cap * sizeof *line);
        if (!line) {
            buf_release(b);
            return;
        }
        l->line = line;
        l->cap = cap;
    }
    char *s = b->failed ? NULL : buf_take(b, NULL);
    if (!s)
        s = copy_text("");
    if (s)
        l->line[l->n++] = s;
    buf_release(b);
}

/* Columns that the first n bytes take, tabs as one (they are printed as one space). */
static size_t columns(const char *s, size_t n) {
    return cell_lex_points_of(s, n, n);
}

static void add_source_line(struct cell *c, struct lines *l, const char *source, int line,
                            bool marked, const char *text) {
    const char *s;
    size_t n, at = 0, len = 0;
    if (!cell_source_line(c, source, line, &s, &n))
        return;
    n = MIN_OF(n, 200U);
    struct buf b;
    buf_init(&b, 4096);
    buf_printf(&b, marked ? BOLD "→" PLAIN " %4d │ " : "  " DIM "%4d │ ", line);
    cell_text_clean(&b, s, n);
    if (!marked)
        buf_puts(&b, PLAIN);
    for (size_t i = 0; i < b.len; i++)
        if (b.data[i] == '\t')
            b.data[i] = ' ';
    add_line(l, &b);
    if (!marked || !cell_culprit(text, s, n, &at, &len))
        return;
    buf_printf(&b, "       │ %*s" BOLD, (int)columns(s, at), "");
    for (size_t i = columns(s + at, len); i > 0; i--)
        buf_putc(&b, '^');
    buf_puts(&b, PLAIN);
    add_line(l, &b);
}

static void add_place(struct cell *c, struct lines *l, const char *source, int line,
                      const char *name, const char *text) {
    struct buf b;
    buf_init(&b, 4096);
    buf_puts(&b, PLACE);
    buf_puts(&b, source);
    buf_printf(&b, _(", línea %d"), line);
    buf_puts(&b, PLAIN);
    if (name && strcmp(name, "?") == 0) {
        buf_printf(&b, " %s", _("en una función sin nombre"));
    } else if (name && *name) {
        buf_puts(&b, " ");
        buf_printf(&b, _("en la función «%s»"), name);
    }
    add_line(l, &b);
    if (text && line > 1)
        add_source_line(c, l, source, line - 1, false, NULL);
    add_source_line(c, l, source, line, true, text);
}

static bool same_frame(const struct cell_frame *a, const struct cell_frame *b) {
    return a->line == b->line && strcmp(a->source, b->source) == 0 &&
           strcmp(a->name, b->name) == 0;
}

static void add_left_out(struct lines *l, size_t n, bool deeper) {
    struct buf b;
    if (n == 0)
        return;
    buf_init(&b, 256);
    if (deeper)
        buf_printf(&b, _("  … y más de %zu niveles más …"), n);
    else
        buf_printf(&b, ngettext_("  … y %zu nivel más …", "  … y %zu niveles más …", n),
                   n);
    add_line(l, &b);
}

/* Frames from the given one on; runs of the same line (a recursion) are told once. */
static void add_frames(struct cell *c, struct lines *l, const struct cell_frames *fs,
                       size_t from) {
    size_t skipped = 0;
    for (size_t i = from; i < fs->n; i++) {
        const struct cell_frame *f = &fs->frame[i];
        if (fs->left_out && !fs->deeper && i == fs->n - 2)
            skipped += fs->left_out;
        if (i > 0 && same_frame(f, f - 1)) {
            skipped++;
            continue;
        }
        add_left_out(l, skipped, false);
        skipped = 0;
        add_place(c, l, f->source, f->line, f->name, NULL);
    }
    if (fs->deeper)
        skipped += fs->left_out;
    add_left_out(l, skipped, fs->deeper);
}

static void add_headline(struct lines *l, const char *ename, const char *text) {
    struct buf b;
    buf_init(&b, CELL_TEXT_MAX + 256);
    buf_printf(&b, BOLD "%s" PLAIN ": %s", ename, text);
    add_line(l, &b);
}

/* The failing line first: it is what a student has to change. */
static void render(struct cell *c, struct cell_fault *f, struct interp_error *out) {
    const char *text = f->text ? f->text : _("no queda memoria para describir el error");
    struct lines l = {0};
    add_headline(&l, f->ename, text);
    const struct cell_frames *co = &c->in_coroutine, *fs = &f->frames;
    bool listed = false;
    if (co->n && co->frame[0].line == f->line &&
        strcmp(co->frame[0].source, f->source) == 0) {
        add_place(c, &l, f->source, f->line, co->frame[0].name, text);
        add_frames(c, &l, co, 1);
        listed = true;
    }
    size_t from = 0;
    if (!listed && f->line > 0) {
        bool first = fs->n && fs->frame[0].line == f->line &&
                     strcmp(fs->frame[0].source, f->source) == 0;
        add_place(c, &l, f->source, f->line, first ? fs->frame[0].name : "", text);
        from = first;
    }
    add_frames(c, &l, fs, from);
    out->ename = copy_text(f->ename);
    out->evalue = copy_text(text);
    out->traceback = l.line;
    out->lines = l.n;
}

static void memory_fault(struct cell *c) {
    struct cell_fault *f = &c->fault;
    cell_fault_clear(f);
    char limit[32];
    cell_memory_words(c->mem.max, limit);
    struct buf b;
    buf_init(&b, 512);
    buf_printf(
        &b,
        _("no queda memoria: el límite es %s. Las variables siguen aquí: borra las "
          "grandes (x = nil) o reinicia el núcleo"),
        limit);
    f->ename = "MemoryError";
    f->text = buf_take(&b, NULL);
    if (c->mem.refused) {
        memcpy(f->source, c->mem.where, sizeof f->source);
        f->line = c->mem.line;
    }
}

void cell_trace_result(struct cell *c, int status, struct interp_error *out) {
    struct cell_fault *f = &c->fault;
    if (status == LUA_ERRMEM)
        memory_fault(c);
    else if (!f->seen)
        cell_trace_syntax(c, "error in error handling",
                          strlen("error in error handling"));
    if (!f->ename || status == LUA_ERRERR)
        f->ename = "RuntimeError";
    render(c, f, out);
    lua_settop(c->L, lua_gettop(c->L) - 1);
    cell_fault_clear(f);
}

void cell_error_fill(struct interp_error *out, const char *ename, const char *evalue) {
    struct lines l = {0};
    add_headline(&l, ename, evalue);
    out->ename = copy_text(ename);
    out->evalue = copy_text(evalue);
    out->traceback = l.line;
    out->lines = l.n;
}
