/* helpcmd.c: help(), ?name, and what inspection knows of a name: its row, or what the live
 * value says of itself. */
#include "chain.h"

#include <ctype.h>

static bool is_name_byte(char c) {
    return c == '_' || c == '.' || c == ':' || isalnum((unsigned char)c);
}

bool cell_help_query(const char *code, size_t len, const char **name, size_t *n,
                     int *detail) {
    size_t from = 0, to = len, before = 0, after = 0;
    while (from < to && isspace((unsigned char)code[from]))
        from++;
    while (to > from && isspace((unsigned char)code[to - 1]))
        to--;
    for (; from < to && code[from] == '?'; from++)
        before++;
    for (; to > from && code[to - 1] == '?'; to--)
        after++;
    while (from < to && code[from] == ' ')
        from++;
    while (to > from && code[to - 1] == ' ')
        to--;
    if (before + after == 0 || before + after > 2 || (before && after) || from == to)
        return false;
    for (size_t i = from; i < to; i++)
        if (!is_name_byte(code[i]))
            return false;
    *name = code + from;
    *n = to - from;
    *detail = before + after > 1;
    return true;
}

/* The first sentence of a text. */
static void put_first(const char *doc, struct buf *out) {
    const char *dot = strstr(doc, ". ");
    buf_add(out, doc, dot ? (size_t)(dot - doc) + 1 : strlen(doc));
}

/* The rows that begin with prefix and one of . or :, one line each. */
static void put_members(lua_State *L, const char *prefix, struct buf *out) {
    size_t n, k = strlen(prefix);
    const struct cell_help_row *const *row = cell_help_all(L, &n);
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        const char *s = row[i]->name;
        if (strncmp(s, prefix, k) != 0 || (s[k] != '.' && s[k] != ':'))
            continue;
        buf_puts(out, any ? "" : "\n");
        any = true;
        buf_printf(out, "- `%s`: ", s);
        put_first(row[i]->doc ? _(row[i]->doc) : "", out);
        buf_putc(out, '\n');
    }
}

static bool add_both(struct mime_bundle *out, struct buf *plain, struct buf *md) {
    return !plain->failed && !md->failed &&
           mime_add(out, "text/plain", plain->data ? plain->data : "", plain->len) &&
           mime_add(out, "text/markdown", md->data ? md->data : "", md->len);
}

static bool row_bundle(lua_State *L, const struct cell_help_row *row, const char *value,
                       struct mime_bundle *out) {
    struct buf *plain = cell_buf_push(L, CELL_TEXT_MAX);
    struct buf *md = cell_buf_push(L, CELL_TEXT_MAX);
    if (value) {
        buf_printf(plain, "%s\n\n", value);
        buf_printf(md, "```\n%s\n```\n\n", value);
    }
    cell_help_plain(row, plain);
    cell_help_markdown(row, md);
    if (row->kind == CELL_MODULE || row->kind == CELL_CLASS) {
        put_members(L, row->name, plain);
        put_members(L, row->name, md);
    }
    bool ok = add_both(out, plain, md);
    lua_pop(L, 2);
    return ok;
}

/* name(a, b, ...) of a Lua function, from its debug information. */
static void put_lua_signature(lua_State *L, int idx, const char *name, size_t n,
                              struct buf *out) {
    lua_Debug ar;
    lua_pushvalue(L, idx);
    lua_getinfo(L, ">Su", &ar);
    buf_add(out, name, n);
    buf_putc(out, '(');
    for (int i = 1; i <= ar.nparams; i++) {
        lua_pushvalue(L, idx);
        const char *param = lua_getlocal(L, NULL, i);
        buf_printf(out, "%s%s", i > 1 ? ", " : "", param ? param : "?");
    }
    if (ar.isvararg)
        buf_puts(out, ar.nparams ? ", ..." : "...");
    buf_putc(out, ')');
}

/* The comment lines right above a function, without their dashes. */
static void put_comment(struct cell *c, const char *source, int line, struct buf *out) {
    int first = line;
    const char *s;
    size_t n;
    while (first > 1 && cell_source_line(c, source, first - 1, &s, &n) && n >= 2 &&
           s[0] == '-' && s[1] == '-')
        first--;
    for (; first < line && cell_source_line(c, source, first, &s, &n); first++) {
        size_t skip = 2;
        while (skip < n && (s[skip] == ' ' || s[skip] == '-'))
            skip++;
        cell_text_clean(out, s + skip, n - skip);
        buf_putc(out, '\n');
    }
}

static void put_source(struct cell *c, const lua_Debug *ar, struct buf *out) {
    const char *s;
    size_t n;
    for (int i = ar->linedefined; i <= ar->lastlinedefined && i > 0; i++) {
        if (!cell_source_line(c, ar->short_src, i, &s, &n))
            return;
        cell_text_clean(out, s, n);
        buf_putc(out, '\n');
    }
}

static void put_function(lua_State *L, int idx, const char *name, size_t n, int detail,
                         struct buf *plain, struct buf *md) {
    lua_Debug ar;
    lua_pushvalue(L, idx);
    lua_getinfo(L, ">S", &ar);
    if (ar.what[0] == 'C') {
        buf_add(plain, name, n);
        buf_printf(plain, "(...)\n\n%s\n", _("función escrita en C"));
        buf_add(md, plain->data, plain->len);
        return;
    }
    struct buf *text = cell_buf_push(L, CELL_TEXT_MAX);
    put_lua_signature(L, idx, name, n, plain);
    buf_printf(md, "```lua\n%s\n```\n\n", plain->data ? plain->data : "");
    put_comment(cell_of(L), ar.short_src, ar.linedefined, text);
    buf_puts(text, ar.short_src);
    buf_printf(text, _(", línea %d"), ar.linedefined);
    buf_puts(plain, "\n\n");
    buf_add(plain, text->data, text->len);
    buf_add(md, text->data, text->len);
    if (detail > 0) {
        buf_clear(text);
        put_source(cell_of(L), &ar, text);
        buf_printf(plain, "\n\n%s", text->data ? text->data : "");
        buf_printf(md, "\n\n```lua\n%s```\n", text->data ? text->data : "");
    }
    lua_pop(L, 1);
}

/* What a value without a row says of itself. */
static bool value_bundle(lua_State *L, int idx, const char *name, size_t n, int detail,
                         struct mime_bundle *out) {
    idx = lua_absindex(L, idx);
    struct buf *plain = cell_buf_push(L, CELL_TEXT_MAX);
    struct buf *md = cell_buf_push(L, CELL_TEXT_MAX);
    if (lua_type(L, idx) == LUA_TFUNCTION) {
        put_function(L, idx, name, n, detail, plain, md);
    } else {
        buf_add(plain, name, n);
        buf_printf(plain, ": %s", cell_type_name(L, idx));
        buf_printf(md, "**%.*s**: %s\n\n```\n", (int)MIN_OF(n, 200U), name,
                   cell_type_name(L, idx));
        buf_puts(plain, "\n\n");
        cell_pretty(L, idx, plain, true);
        cell_pretty(L, idx, md, true);
        buf_puts(md, "\n```\n");
    }
    bool ok = add_both(out, plain, md);
    lua_pop(L, 2);
    return ok;
}

bool cell_inspect_name(lua_State *L, const char *name, size_t n, int detail,
                       struct mime_bundle *out) {
    luaL_checkstack(L, 20, NULL);
    int top = lua_gettop(L);
    bool live = cell_resolve(L, name, n), done = false;
    const struct cell_help_row *row = cell_help_find(L, name, n);
    if (live && row && row->kind == CELL_FUNCTION && lua_type(L, -1) == LUA_TFUNCTION &&
        !lua_iscfunction(L, -1))
        row = NULL; /* the student's own function of that name */
    if (!row)
        row = cell_member_row(L, name, n);
    if (!row && live)
        row = cell_help_of_value(L, -1);
    if (row && live && lua_type(L, -1) != LUA_TFUNCTION && row->kind == CELL_CLASS) {
        struct buf *text = cell_buf_push(L, CELL_TEXT_MAX);
        buf_add(text, name, n);
        buf_puts(text, ": ");
        cell_brief(L, -2, text);
        done = row_bundle(L, row, text->data, out);
    } else if (row) {
        done = row_bundle(L, row, NULL, out);
    } else if (live) {
        done = value_bundle(L, -1, name, n, detail, out);
    }
    lua_settop(L, top);
    return done;
}

/* -------------------------------------------------------------------------------- help() */

static const char guide_head[] =
    N_("# Guía de Nabla\n\n"
       "Una celda es un programa en Lua; el valor de su última expresión se muestra.\n\n"
       "- `help \"nombre\"` o `?nombre` explica un nombre; `??nombre` enseña su código.\n"
       "- El tabulador completa nombres y, entre llaves, las opciones de cada orden.\n"
       "- Las opciones se dan por posición, `f(1, 2)`, o por nombre, `f{1, paso = 2}`.\n"
       "- Los índices empiezan en 1; las etiquetas de clase, en 0.\n"
       "- El botón ■ detiene un entrenamiento y conserva lo aprendido; dos veces, "
       "interrumpe la celda.\n");

static void put_rows(lua_State *L, bool modules, struct buf *out) {
    size_t n;
    const struct cell_help_row *const *row = cell_help_all(L, &n);
    for (size_t i = 0; i < n; i++) {
        bool is_module = row[i]->kind == CELL_MODULE;
        bool plain = row[i]->kind == CELL_FUNCTION && !strpbrk(row[i]->name, ".:");
        if (modules ? !is_module : !plain)
            continue;
        buf_printf(out, "- `%s`: ", row[i]->name);
        put_first(row[i]->doc ? _(row[i]->doc) : "", out);
        buf_putc(out, '\n');
    }
}

static void guide(lua_State *L, struct mime_bundle *b) {
    struct buf *text = cell_buf_push(L, CELL_TEXT_MAX);
    buf_puts(text, _(guide_head));
    buf_printf(text, "\n## %s\n\n", _("Módulos"));
    put_rows(L, true, text);
    buf_printf(text, "\n## %s\n\n", _("Funciones"));
    put_rows(L, false, text);
    if (!add_both(b, text, text))
        cell_raisef(L, ERR_NOMEM, "%s", _("no hay memoria para mostrar la ayuda"));
    lua_pop(L, 1);
}

static void help_on(lua_State *L, struct mime_bundle *b) {
    size_t n;
    if (lua_type(L, 1) == LUA_TSTRING) {
        const char *name = lua_tolstring(L, 1, &n);
        if (cell_inspect_name(L, name, n, 0, b))
            return;
        struct buf *text = cell_buf_push(L, 4096);
        cell_strict_sentence(L, name, text);
        cell_raisef(L, ERR_NOTFOUND, "%s", text->data ? text->data : "?");
    }
    const struct cell_help_row *row = cell_help_of_value(L, 1);
    bool ok = row ? row_bundle(L, row, NULL, b)
                  : value_bundle(L, 1, _("valor"), strlen(_("valor")), 0, b);
    if (!ok)
        cell_raisef(L, ERR_NOMEM, "%s", _("no hay memoria para mostrar la ayuda"));
}

static int l_help(lua_State *L) {
    struct mime_bundle *b = cell_bundle_push(L);
    if (lua_gettop(L) == 1)
        guide(L, b);
    else
        help_on(L, b);
    const struct host *h = cell_host(L);
    h->display(h->self, ORIGIN_CURRENT, b, NULL, false);
    return 0;
}

void cell_help_open(lua_State *L) {
    lua_register(L, "help", l_help);
}
