/* run.c: runs cells, expressions and files. What fails inside of one is a result. */
#include "base/oserr.h"
#include "lex.h"
#include "split.h"
#include "state.h"

#include <errno.h>

#define FILE_MAX ((size_t)16 << 20) /* bytes of a script */

static void add_name(void *arg, const char *s, size_t n) {
    struct cell_code *code = arg;
    buf_add(code->names, s, n);
    buf_putc(code->names, '\0');
}

/* The text with `return` before its last expression, or NULL when there is none. A variable
 * to be closed makes the call no tail call: the cell must stand in the traceback. */
static char *with_return(const char *code, size_t len, size_t at, size_t *n) {
    static const char word[] = "local __fin <close> = nil return ";
    size_t k = sizeof word - 1;
    char *s = len < SIZE_MAX / 2 ? malloc(len + k + 1) : NULL;
    if (!s)
        return NULL;
    memcpy(s, code, at);
    memcpy(s + at, word, k);
    memcpy(s + at + k, code + at, len - at);
    *n = len + k;
    return s;
}

int cell_compile(lua_State *L, const char *code, size_t len, const char *chunkname,
                 struct cell_code *out) {
    struct lex_list list;
    struct cell_split split = {0};
    if (cell_lex(&list, code, len)) {
        cell_split(&list, &split, out->names ? add_name : NULL, out);
        cell_lex_release(&list);
    }
    out->hushed = split.hushed;
    out->call = split.call;
    out->value = split.tail && !split.is_assert;
    if (out->value) {
        size_t n;
        char *s = with_return(code, len, split.start, &n);
        int status = s ? luaL_loadbufferx(L, s, n, chunkname, "t") : LUA_ERRMEM;
        free(s);
        if (status == LUA_OK)
            return LUA_OK;
        if (s)
            lua_pop(L, 1);
        out->value = false; /* the plain text gives the message for what is wrong */
    }
    return luaL_loadbufferx(L, code, len, chunkname, "t");
}

/* ---------------------------------------------------------------------- the values shown */

static bool is_rich(lua_State *L, int idx) {
    if (luaL_getmetafield(L, idx, "__display") == LUA_TNIL)
        return false;
    lua_pop(L, 1);
    return true;
}

static void join_texts(lua_State *L, int first, int last, struct mime_bundle *out) {
    struct buf *b = cell_buf_push(L, CELL_TEXT_MAX);
    for (int i = first; i <= last; i++) {
        if (i > first)
            buf_putc(b, '\t');
        cell_pretty(L, i, b, false);
    }
    if (!mime_add(out, "text/plain", b->data ? b->data : "", b->len))
        cell_raisef(L, ERR_NOMEM, "%s", _("no hay memoria para mostrar el valor"));
    lua_pop(L, 1);
}

/* One value is the result. Several plain ones are one line with tabs, as print shows them;
 * when one of them is rich, all but the last are shown before it. */
static void show_values(lua_State *L, int first, struct mime_bundle *out) {
    int last = lua_gettop(L);
    bool rich = false;
    for (int i = first; i <= last; i++)
        rich = rich || is_rich(L, i);
    if (last > first && !rich) {
        join_texts(L, first, last, out);
        return;
    }
    for (int i = first; i < last; i++)
        cell_display_send(L, i, NULL, false);
    cell_display_value(L, last, out);
}

static bool all_nil(lua_State *L, int first) {
    for (int i = lua_gettop(L); i >= first; i--)
        if (!lua_isnil(L, i))
            return false;
    return true;
}

/* ----------------------------------------------------------------------------- execution */

struct run {
    const char *code, *name; /* name: "celda 3" */
    int count;               /* In[n] of the parent shell, else 0 */
    size_t len;
    bool silent, expression;
    bool bad_syntax;
    struct mime_bundle value;
};

static void remember_locals(lua_State *L, const struct buf *names) {
    for (size_t i = 0; i < names->len; i += strlen(names->data + i) + 1)
        cell_strict_local(L, names->data + i, strlen(names->data + i));
}

static bool run_query(lua_State *L, const struct run *r) {
    const char *name;
    size_t n;
    int detail;
    if (!cell_help_query(r->code, r->len, &name, &n, &detail))
        return false;
    struct mime_bundle *b = cell_bundle_push(L);
    if (!cell_inspect_name(L, name, n, detail, b)) {
        char shown[128];
        struct buf *text = cell_buf_push(L, 4096);
        snprintf(shown, sizeof shown, "%.*s", (int)MIN_OF(n, 120U), name);
        cell_strict_sentence(L, shown, text);
        mime_add(b, "text/plain", text->data ? text->data : "", text->len);
    }
    const struct host *h = cell_host(L);
    h->page(h->self, b);
    return true;
}

static int run_body(lua_State *L) {
    struct run *r = lua_touserdata(L, 1);
    if (!r->expression && run_query(L, r))
        return 0;
    struct cell_code code = {0};
    char chunkname[LUA_IDSIZE + 1];
    snprintf(chunkname, sizeof chunkname, "=%s", r->name);
    code.names = r->expression ? NULL : cell_buf_push(L, CELL_TEXT_MAX);
    int status = cell_compile(L, r->code, r->len, chunkname, &code);
    if (status == LUA_ERRMEM)
        return lua_error(L);
    if (status != LUA_OK) {
        size_t n;
        const char *msg = lua_tolstring(L, -1, &n);
        cell_trace_syntax(cell_of(L), msg ? msg : "", n);
        r->bad_syntax = true;
        return 0;
    }
    if (code.names)
        remember_locals(L, code.names);
    int first = lua_gettop(L);
    lua_call(L, 0, LUA_MULTRET);
    bool some = lua_gettop(L) >= first;
    bool quiet = !r->expression && (r->silent || code.hushed ||
                                    ((code.call || !code.value) && all_nil(L, first)));
    if (some && !quiet)
        show_values(L, first, &r->value);
    return 0;
}

static int fail(lua_State *L) {
    lua_pushnil(L);
    return lua_error(L);
}

/* What an endless recursion leaves: 60 MB of call records, of which each error frees half.
 * Every later cell would pay for a part. */
static void forget_levels(lua_State *L) {
    for (int i = 0; i < 20; i++) {
        lua_pushcfunction(L, fail);
        (void)lua_pcall(L, 0, 0, 0);
        lua_settop(L, 0);
    }
}

void cell_run_protected(struct cell *c, lua_CFunction body, void *arg,
                        const bool *bad_syntax, struct interp_result *out) {
    lua_State *L = c->L;
    const struct host *host = c->cfg.host;
    lua_settop(L, 0);
    cell_fault_clear(&c->fault);
    c->in_coroutine.n = 0;
    c->mem.refused = false;
    c->raised_ename = NULL;
    cell_stop_enter(c);
    lua_pushcfunction(L, cell_trace_handler);
    lua_pushcfunction(L, body);
    lua_pushlightuserdata(L, arg);
    int status = lua_pcall(L, 1, 0, 1);
    cell_stop_leave(c);
    c->cfg.host = host; /* whatever an error skipped */
    bool wrong = bad_syntax && *bad_syntax;
    out->ok = status == LUA_OK && !wrong;
    bool deep = c->fault.frames.deeper || status == LUA_ERRERR;
    if (wrong && status == LUA_OK)
        lua_pushnil(L); /* the place of an error value */
    if (!out->ok)
        cell_trace_result(c, status, &out->error);
    lua_settop(L, 0);
    if (deep)
        forget_levels(L);
    if (c->at_end) {
        lua_pushcfunction(L, c->at_end);
        (void)lua_pcall(L, 0, 0, 0); /* what it fails to send is sent next time */
        lua_settop(L, 0);
    }
    if (c->mem.refused)
        lua_gc(L, LUA_GCCOLLECT);
    cell_memory_give_back(&c->mem);
}

static void run(struct cell *c, struct run *r, struct interp_result *out) {
    cell_source_keep(c, r->name, r->code, r->len);
    cell_source_number(c, r->name, r->count);
    if (c->debug)
        cell_debug_enter(c, r->expression);
    cell_run_protected(c, run_body, r, &r->bad_syntax, out);
    if (c->debug)
        cell_debug_leave(c);
    if (out->ok)
        out->value = r->value;
    else
        mime_release(&r->value);
}

/* "celda 3"; each subshell counts for itself: "celda 3 (subshell 1)". */
static void name_of(const struct interp_request *req, char name[LUA_IDSIZE]) {
    const char *form = _("celda %d");
    const char *hole = strstr(form, "%d");
    char shell[32] = "";
    if (req->shell)
        snprintf(shell, sizeof shell, " (subshell %d)", req->shell);
    snprintf(name, LUA_IDSIZE, "%.*s%d%s%s", hole ? (int)(hole - form) : 0, form,
             req->execution_count, hole ? hole + 2 : "", shell);
}

void cell_execute(void *self, const struct interp_request *req,
                  struct interp_result *out) {
    struct cell *c = self;
    char name[LUA_IDSIZE];
    c->count = req->execution_count;
    name_of(req, name);
    struct run r = {.code = req->code ? req->code : "",
                    .len = req->code ? req->len : 0,
                    .name = name,
                    .count = req->shell ? 0 : req->execution_count,
                    .silent = req->silent};
    run(c, &r, out);
}

void cell_evaluate(void *self, const char *code, size_t len, struct interp_result *out) {
    struct run r = {.code = code, .len = len, .name = _("expresión"), .expression = true};
    run(self, &r, out);
    if (out->ok && !out->value.n)
        mime_add_text(&out->value, "text/plain", "");
}

/* --------------------------------------------------------------------------------- files */

static int read_script(const char *path, struct buf *b, struct err *e) {
    FILE *f = fopen(path, "rbe");
    if (!f)
        return err_set(e, ERR_IO, _("no se puede abrir «%s»: %s"), path,
                       os_reason(errno));
    char part[16384];
    size_t n;
    while ((n = fread(part, 1, sizeof part, f)) > 0 && !b->failed)
        buf_add(b, part, n);
    int bad = ferror(f) ? errno : 0;
    fclose(f);
    if (bad)
        return err_set(e, ERR_IO, _("no se puede leer «%s»: %s"), path, os_reason(bad));
    if (b->failed)
        return err_set(e, ERR_NOMEM, _("«%s» pasa de 16 MiB o no hay memoria"), path);
    if (b->len > 1 && b->data[0] == '#')
        for (size_t i = 0; i < b->len && b->data[i] != '\n'; i++)
            b->data[i] = i < 2 ? '-' : ' '; /* a #! line is a comment */
    return 0;
}

struct script {
    const char *path;
    int argc;
    const char *const *argv;
    const struct buf *text;
    bool bad_syntax;
};

/* arg, and the script's folder first in package.path. */
static void set_arguments(lua_State *L, const struct script *s) {
    lua_createtable(L, s->argc, 1);
    lua_pushstring(L, s->path);
    lua_rawseti(L, -2, 0);
    for (int i = 0; i < s->argc; i++) {
        lua_pushstring(L, s->argv[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setglobal(L, "arg");
    const char *slash = strrchr(s->path, '/');
    if (!slash)
        return;
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "path");
    lua_pushlstring(L, s->path, (size_t)(slash - s->path));
    lua_pushfstring(L, "%s/?.lua;%s", lua_tostring(L, -1), lua_tostring(L, -2));
    lua_setfield(L, -4, "path");
    lua_settop(L, 1);
}

static int script_body(lua_State *L) {
    struct script *s = lua_touserdata(L, 1);
    struct cell *c = cell_of(L);
    set_arguments(L, s);
    lua_pushfstring(L, "@%s", s->path);
    int status = luaL_loadbufferx(L, s->text->data ? s->text->data : "", s->text->len,
                                  lua_tostring(L, -1), "t");
    if (status != LUA_OK) {
        size_t n;
        const char *msg = lua_tolstring(L, -1, &n);
        cell_source_keep(c, s->path, s->text->data, s->text->len);
        cell_trace_syntax(c, msg ? msg : "", n);
        s->bad_syntax = true;
        return 0;
    }
    lua_Debug ar;
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">S", &ar);
    cell_source_keep(c, ar.short_src, s->text->data ? s->text->data : "", s->text->len);
    int first = lua_gettop(L);
    for (int i = 0; i < s->argc; i++) {
        luaL_checkstack(L, 4, NULL);
        lua_pushstring(L, s->argv[i]);
    }
    lua_call(L, lua_gettop(L) - first, 0);
    return 0;
}

int cell_run_file(struct cell *c, const char *path, int argc, const char *const argv[],
                  int *status, struct interp_result *out, struct err *e) {
    struct buf text;
    buf_init(&text, FILE_MAX);
    *status = 1;
    c->exit_status = -1;
    int rc = read_script(path, &text, e);
    if (rc < 0)
        goto done;
    struct script s = {.path = path, .argc = argc, .argv = argv, .text = &text};
    cell_run_protected(c, script_body, &s, &s.bad_syntax, out);
    if (!out->ok && c->exit_status >= 0) { /* os.exit: not an error */
        interp_result_release(out);
        out->ok = true;
        *status = c->exit_status;
    } else if (out->ok) {
        *status = 0;
    }
done:
    buf_release(&text);
    return rc;
}
