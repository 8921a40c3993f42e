/* complete.c: what may follow at the cursor: fields and methods of live values, option names
 * inside the braces of a command, choices of an option, files inside of a path, names and
 * keywords. Runs no code of the student: tables are read raw, metamethods only when written
 * in C. */
#include "chain.h"
#include "filenames.h"
#include "split.h"

#define MATCHES_MAX 1000

struct complete {
    lua_State *L;
    struct lex_list list; /* of the text up to the cursor */
    struct interp_completion *out;
    const char *word; /* what is typed so far */
    size_t word_len;
    const char *all; /* the whole cell */
    size_t all_len;
};

static bool fits(const struct complete *c, const char *s, size_t n) {
    return n >= c->word_len && memcmp(s, c->word, c->word_len) == 0;
}

static bool present(const struct complete *c, const char *s, size_t n) {
    for (size_t i = 0; i < c->out->n; i++)
        if (strlen(c->out->match[i].text) == n &&
            memcmp(c->out->match[i].text, s, n) == 0)
            return true;
    return false;
}

static void offer(struct complete *c, const char *s, size_t n, const char *type,
                  const char *signature) {
    struct interp_completion *o = c->out;
    if (!fits(c, s, n) || o->n >= MATCHES_MAX || present(c, s, n))
        return;
    if ((o->n & (o->n - 1)) == 0) { /* full at each power of two */
        size_t cap = o->n ? o->n * 2 : 1;
        struct interp_match *m = realloc(o->match, cap * sizeof *m);
        if (!m)
            return;
        o->match = m;
    }
    struct interp_match m = {.text = copy_bytes(s, n),
                             .type = type ? copy_text(type) : NULL,
                             .signature = signature ? copy_text(signature) : NULL};
    if (m.text) {
        o->match[o->n++] = m;
        return;
    }
    free(m.type);
    free(m.signature);
}

static const char *kind_word(const struct cell_help_row *row) {
    static const char *const words[] = {"function", "function", "field",
                                        "module",   "class",    "keyword"};
    return words[row->kind];
}

static void offer_row(struct complete *c, const struct cell_help_row *row,
                      const char *text) {
    if (!fits(c, text, strlen(text)))
        return;
    struct buf sig;
    buf_init(&sig, 4096);
    cell_help_signature(row, &sig);
    offer(c, text, strlen(text), kind_word(row), sig.failed ? NULL : sig.data);
    buf_release(&sig);
}

static bool is_identifier(const char *s, size_t n) {
    if (n == 0 || (s[0] >= '0' && s[0] <= '9') || cell_lex_keyword(s, n))
        return false;
    for (size_t i = 0; i < n; i++)
        if (s[i] != '_' && !((s[i] | 32) >= 'a' && (s[i] | 32) <= 'z') &&
            !(s[i] >= '0' && s[i] <= '9'))
            return false;
    return true;
}

static const char *value_word(lua_State *L, int idx) {
    int t = lua_type(L, idx);
    return t == LUA_TFUNCTION ? "function" : t == LUA_TTABLE ? "table" : "instance";
}

/* What a live value says of itself in a line, "tensor (3, 4) float64", when saying it runs
 * no code of the student. NULL: nothing. Something is pushed. */
static const char *describe(lua_State *L, int idx) {
    int top = lua_gettop(L), type = lua_type(L, idx);
    idx = lua_absindex(L, idx);
    if (type == LUA_TBOOLEAN)
        return lua_pushstring(L, lua_toboolean(L, idx) ? "true" : "false");
    if (type == LUA_TNUMBER) {
        lua_pushvalue(L, idx);
        return lua_tostring(L, -1);
    }
    if (type == LUA_TUSERDATA && luaL_getmetafield(L, idx, "__tostring") != LUA_TNIL &&
        lua_iscfunction(L, -1)) {
        lua_pushvalue(L, idx);
        if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_type(L, -1) == LUA_TSTRING) {
            size_t n;
            const char *text = lua_tolstring(L, -1, &n), *end = memchr(text, '\n', n);
            return lua_pushlstring(L, text, end ? (size_t)(end - text) : n);
        }
    }
    lua_settop(L, top);
    lua_pushnil(L);
    return NULL;
}

/* The string keys of the table at the top; prefix: name of the table for its rows. */
static void offer_keys(struct complete *c, const char *prefix, bool methods,
                       bool globals) {
    lua_State *L = c->L;
    int t = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) {
        size_t n;
        if (lua_type(L, -2) != LUA_TSTRING)
            continue;
        const char *s = lua_tolstring(L, -2, &n);
        if (!fits(c, s, n) || !is_identifier(s, n) ||
            (methods && lua_type(L, -1) != LUA_TFUNCTION) ||
            (s[0] == '_' && c->word_len == 0))
            continue;
        char full[160];
        int k = globals ? snprintf(full, sizeof full, "%s", s)
                        : snprintf(full, sizeof full, "%s.%s", prefix, s);
        const struct cell_help_row *row =
            k > 0 && (size_t)k < sizeof full ? cell_help_find(L, full, (size_t)k) : NULL;
        if (row) {
            offer_row(c, row, s);
            continue;
        }
        int value = lua_gettop(L);
        offer(c, s, n, value_word(L, value), describe(L, value));
        lua_settop(L, value);
    }
}

/* Rows "Type:x" and "Type.x". */
static void offer_members(struct complete *c, const char *type, bool methods) {
    size_t n, k = strlen(type);
    const struct cell_help_row *const *row = cell_help_all(c->L, &n);
    for (size_t i = 0; i < n; i++) {
        const char *s = row[i]->name;
        if (strncmp(s, type, k) == 0 && (s[k] == ':' || (s[k] == '.' && !methods)))
            offer_row(c, row[i], s + k + 1);
    }
}

/* Names that an object's C function __complete gives: {"loss", "val_loss"}. */
static void offer_dynamic(struct complete *c, int idx) {
    lua_State *L = c->L;
    if (luaL_getmetafield(L, idx, "__complete") == LUA_TNIL)
        return;
    if (lua_iscfunction(L, -1)) {
        lua_pushvalue(L, idx);
        if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_istable(L, -1)) {
            lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
            for (lua_Integer i = 1; i <= n; i++) {
                size_t len;
                if (lua_rawgeti(L, -1, i) == LUA_TSTRING) {
                    const char *s = lua_tolstring(L, -1, &len);
                    offer(c, s, len, "field", NULL);
                }
                lua_pop(L, 1);
            }
        }
    }
    lua_pop(L, 1);
}

/* The fields of the value at the top, through its __index tables. */
static void offer_fields(struct complete *c, const char *name, bool methods) {
    lua_State *L = c->L;
    int value = lua_gettop(L);
    const char *type = cell_resolve_type(L, value);
    if (lua_type(L, value) == LUA_TSTRING)
        name = "string";
    else if (type)
        offer_members(c, type, methods);
    if (!methods)
        offer_dynamic(c, value);
    lua_pushvalue(L, value);
    for (int depth = 0; depth < 8; depth++) {
        if (lua_istable(L, -1))
            offer_keys(c, type ? type : name, methods, false);
        if (luaL_getmetafield(L, -1, "__index") == LUA_TNIL || !lua_istable(L, -1))
            break;
    }
    lua_settop(L, value);
}

/* All methods that any row has: the object before the colon is not known. */
static void offer_any_method(struct complete *c) {
    size_t n;
    const struct cell_help_row *const *row = cell_help_all(c->L, &n);
    for (size_t i = 0; i < n; i++) {
        const char *colon = strchr(row[i]->name, ':');
        if (colon)
            offer_row(c, row[i], colon + 1);
    }
}

/* After a . or : that is token at. */
static void after_dot(struct complete *c, size_t at) {
    lua_State *L = c->L;
    bool methods = cell_lex_is(&c->list, at, ":");
    const struct lex_token *before = at ? &c->list.tok[at - 1] : NULL;
    struct buf *name = cell_buf_push(L, 4096);
    size_t first;
    if (before &&
        (before->kind == LEX_STRING || (cell_lex_is(&c->list, at - 1, ")") && at >= 3 &&
                                        c->list.tok[at - 2].kind == LEX_STRING &&
                                        cell_lex_is(&c->list, at - 3, "(")))) {
        lua_pushliteral(L, "");
        offer_fields(c, "string", methods);
        return;
    }
    bool known = before && before->kind == LEX_NAME &&
                 cell_chain(&c->list, at - 1, name, &first) && name->data &&
                 cell_resolve(L, name->data, name->len);
    if (known)
        offer_fields(c, name->data, methods);
    else if (methods)
        offer_any_method(c);
}

static bool used_option(const struct complete *c, size_t opener, const char *name) {
    size_t depth = 0, n = c->list.n;
    for (size_t i = opener + 1; i + 1 < n; i++) {
        if (cell_lex_is(&c->list, i, "{") || cell_lex_is(&c->list, i, "("))
            depth++;
        else if ((cell_lex_is(&c->list, i, "}") || cell_lex_is(&c->list, i, ")")) &&
                 depth)
            depth--;
        else if (depth == 0 && cell_lex_is(&c->list, i, name) &&
                 cell_lex_is(&c->list, i + 1, "="))
            return true;
    }
    return false;
}

static void offer_options(struct complete *c, const struct cell_help_row *row,
                          size_t opener) {
    for (size_t i = 0; i < row->n_params; i++) {
        const struct cell_help_param *p = &row->params[i];
        if ((p->flags & (CELL_HIDDEN | CELL_REST)) || used_option(c, opener, p->name))
            continue;
        char text[96];
        int n = snprintf(text, sizeof text, "%s=", p->name);
        struct buf sig;
        buf_init(&sig, 4096);
        cell_help_param_line(p, &sig);
        if (n > 0 && (size_t)n < sizeof text)
            offer(c, text, (size_t)n, "option", sig.failed ? NULL : sig.data);
        buf_release(&sig);
    }
}

/* Is token at the value of a name, as in "name = |"? */
static bool is_named(const struct lex_list *list, size_t at) {
    return at > 1 && at != SIZE_MAX && cell_lex_is(list, at - 1, "=") &&
           list->tok[at - 2].kind == LEX_NAME;
}

/* The parameter whose name stands before the value at token at. */
static const struct cell_help_param *named(const struct complete *c,
                                           const struct cell_help_row *row, size_t at) {
    const struct lex_token *t = &c->list.tok[at - 2];
    return cell_help_param_find(row, c->list.src + t->start, t->end - t->start);
}

/* The k-th command whose options a table in the braces of row may hold. */
static const struct cell_help_row *taken(lua_State *L, const struct cell_help_row *row,
                                         int k) {
    const char *s = row && row->takes ? row->takes : "";
    for (; *s && k > 0; k--) {
        s += strcspn(s, " ");
        s += *s == ' ';
    }
    return *s ? cell_help_find(L, s, strcspn(s, " ")) : NULL;
}

/* As param_at, for a value in a table that is an argument itself: an item of a list, as
 * "mae" in metrics = {"mae"}, or an option in a table of options. */
static const struct cell_help_param *param_inside(struct complete *c, size_t at,
                                                  size_t open,
                                                  const struct cell_help_row **row) {
    const struct lex_list *list = &c->list;
    const struct cell_help_param *p = NULL;
    if (open == SIZE_MAX || !cell_lex_is(list, open, "{"))
        return NULL;
    const struct cell_help_row *outer =
        cell_chain_callee(c->L, list, cell_chain_opener(list, open));
    bool item = at == open + 1 || cell_lex_is(list, at - 1, ",");
    *row = outer;
    if (outer && item && is_named(list, open))
        return named(c, outer, open);
    for (int k = 0; !p && is_named(list, at) && (*row = taken(c->L, outer, k)); k++)
        p = named(c, *row, at);
    return p;
}

/* The parameter that the value at token at is for: by its name before an =, or by its
 * place. *row: the command, or NULL. */
static const struct cell_help_param *param_at(struct complete *c, size_t at,
                                              const struct cell_help_row **row) {
    const struct lex_list *list = &c->list;
    size_t open = cell_chain_opener(list, at), place = 0, depth = 0;
    bool bare = at > 0 && list->tok[at - 1].kind == LEX_NAME; /* f"text" */
    *row = cell_chain_callee(c->L, list, bare ? at : open);
    if (bare)
        return *row && (*row)->n_params ? &(*row)->params[0] : NULL;
    if (!*row)
        return param_inside(c, at, open, row);
    if (is_named(list, at))
        return named(c, *row, at);
    if (at != open + 1 && !cell_lex_is(list, at - 1, ","))
        return NULL;
    for (size_t i = open + 1; i < at; i++) {
        bool in = cell_lex_is(list, i, "{") || cell_lex_is(list, i, "(");
        bool out = cell_lex_is(list, i, "}") || cell_lex_is(list, i, ")");
        depth = in ? depth + 1 : out && depth ? depth - 1 : depth;
        place += depth == 0 && cell_lex_is(list, i, ",");
    }
    return place < (*row)->n_params ? &(*row)->params[place] : NULL;
}

/* The choices of the value at token at; quoted: with their quotes. */
static void offer_choices(struct complete *c, size_t at, bool quoted) {
    const struct cell_help_row *row;
    const struct cell_help_param *p = param_at(c, at, &row);
    for (const char *const *s = p ? p->choices : NULL; s && *s; s++) {
        char text[96];
        int n = snprintf(text, sizeof text, quoted ? "\"%s\"" : "%s", *s);
        if (n > 0 && (size_t)n < sizeof text)
            offer(c, text, (size_t)n, "option", NULL);
    }
}

/* Names that the cell itself makes: local, for, function parameters, assignments. */
static void offer_cell_names(struct complete *c, size_t skip) {
    struct lex_list all;
    if (!cell_lex(&all, c->all, c->all_len))
        return;
    for (size_t i = 0; i < all.n; i++) {
        const struct lex_token *t = &all.tok[i];
        if (t->kind != LEX_NAME || t->start == skip)
            continue;
        bool declared =
            i > 0 &&
            (cell_lex_is(&all, i - 1, "local") || cell_lex_is(&all, i - 1, "for") ||
             cell_lex_is(&all, i - 1, "function") ||
             (cell_lex_is(&all, i - 1, ",") &&
              (cell_lex_is(&all, i + 1, "=") || cell_lex_is(&all, i + 1, "in"))));
        size_t open = cell_chain_opener(&all, i);
        bool parameter = open != SIZE_MAX && open > 0 && cell_lex_is(&all, open, "(") &&
                         (cell_lex_is(&all, open - 1, "function") ||
                          (open > 1 && cell_lex_is(&all, open - 2, "function")));
        bool assigned = open == SIZE_MAX && cell_lex_is(&all, i + 1, "=") &&
                        (i == 0 || (!cell_lex_is(&all, i - 1, ".")));
        if (declared || parameter || assigned)
            offer(c, all.src + t->start, t->end - t->start, "instance", NULL);
        if (i > 4000)
            break; /* the search for brackets is quadratic, and cells are short */
    }
    cell_lex_release(&all);
}

static int compare_matches(const void *a, const void *b) {
    const struct interp_match *x = a, *y = b;
    bool ox = x->type && strcmp(x->type, "option") == 0;
    bool oy = y->type && strcmp(y->type, "option") == 0;
    return ox != oy ? (oy - ox) : strcmp(x->text, y->text);
}

static void offer_file(void *ctx, const char *path, size_t n) {
    offer(ctx, path, n, "path", NULL);
}

/* Inside of a string that is token at: is it a path? */
static void offer_files(struct complete *c, size_t at) {
    static const char *const readers[] = {"io.open", "io.lines", "loadfile",
                                          "dofile",  "svg",      "png"};
    const struct cell_help_row *row;
    const struct cell_help_param *p = param_at(c, at, &row);
    bool path = p && strcmp(p->name, "path") == 0;
    for (size_t i = 0; row && i < ARRAY_LEN(readers); i++)
        path = path || (strcmp(row->name, readers[i]) == 0 &&
                        (cell_chain_opener(&c->list, at) == at - 1 ||
                         c->list.tok[at - 1].kind == LEX_NAME));
    if (path)
        cell_filenames(c->word, c->word_len, offer_file, c);
    size_t n = 0;
    bool help = row && strcmp(row->name, "help") == 0;
    const struct cell_help_row *const *known = help ? cell_help_all(c->L, &n) : NULL;
    for (size_t i = 0; i < n; i++)
        offer_row(c, known[i], known[i]->name);
}

/* Inside of the braces of a command, or of a table of options in them. */
static void offer_options_at(struct complete *c, size_t opener) {
    lua_State *L = c->L;
    const struct cell_help_row *row = cell_chain_callee(L, &c->list, opener);
    if (row) {
        offer_options(c, row, opener);
        return;
    }
    const struct cell_help_row *outer =
        cell_chain_callee(L, &c->list, cell_chain_opener(&c->list, opener));
    for (int k = 0; (row = taken(L, outer, k)); k++)
        offer_options(c, row, opener);
}

static void offer_names(struct complete *c, size_t at, size_t skip) {
    lua_State *L = c->L;
    size_t opener = cell_chain_opener(&c->list, at);
    bool key_place = opener != SIZE_MAX && cell_lex_is(&c->list, opener, "{") && at > 0 &&
                     (at - 1 == opener || cell_lex_is(&c->list, at - 1, ",") ||
                      cell_lex_is(&c->list, at - 1, ";"));
    if (key_place)
        offer_options_at(c, opener);
    if (is_named(&c->list, at))
        offer_choices(c, at, true);
    if (c->word_len == 0 && c->out->n)
        return; /* options or choices alone: the globals would drown them */
    offer_cell_names(c, skip);
    lua_pushglobaltable(L);
    offer_keys(c, "", false, true);
    lua_pop(L, 1);
    for (const char *const *k = cell_lex_keywords; *k && c->word_len; k++)
        offer(c, *k, strlen(*k), "keyword", NULL);
}

struct request {
    const char *code;
    size_t len, cursor;
    struct interp_completion *out;
    struct lex_list list; /* released by the caller whatever happens */
};

static void set_range(struct request *r, size_t from, size_t to) {
    r->out->start = cell_lex_points_of(r->code, r->len, from);
    r->out->end = cell_lex_points_of(r->code, r->len, to);
}

static int complete_body(lua_State *L) {
    struct request *r = lua_touserdata(L, 1);
    size_t end = cell_lex_byte_of(r->code, r->len, r->cursor), n = r->list.n;
    const struct lex_token *last = n ? &r->list.tok[n - 1] : NULL;
    struct complete c = {.L = L,
                         .list = r->list,
                         .out = r->out,
                         .word = r->code + end,
                         .all = r->code,
                         .all_len = r->len};
    set_range(r, end, end);
    if (last && last->open && last->kind == LEX_COMMENT)
        return 0;
    if (last && last->open && last->kind == LEX_STRING) {
        size_t from = MIN_OF(last->start + 1, end);
        c.word = r->code + from;
        c.word_len = end - from;
        offer_choices(&c, n - 1, false);
        offer_files(&c, n - 1);
        set_range(r, from, end);
        return 0;
    }
    size_t at = n; /* the token that the word is, or that would come */
    if (last && last->end == end &&
        (last->kind == LEX_NAME || last->kind == LEX_KEYWORD)) {
        at = n - 1;
        c.word = r->code + last->start;
        c.word_len = end - last->start;
    } else if (last && last->end == end && last->kind == LEX_NUMBER) {
        return 0;
    }
    size_t from = end - c.word_len;
    set_range(r, from, end);
    if (at > 0 &&
        (cell_lex_is(&c.list, at - 1, ".") || cell_lex_is(&c.list, at - 1, ":")))
        after_dot(&c, at - 1);
    else
        offer_names(&c, at, from);
    return 0;
}

void cell_complete(void *self, const char *code, size_t len, size_t cursor,
                   struct interp_completion *out) {
    struct cell *cell = self;
    lua_State *L = cell->L;
    *out = (struct interp_completion){0};
    struct request r = {.code = code ? code : "", .len = code ? len : 0, .out = out};
    r.cursor = cursor;
    size_t end = cell_lex_byte_of(r.code, r.len, cursor);
    if (!cell_lex_comments(&r.list, r.code, end))
        return;
    int top = lua_gettop(L);
    lua_pushcfunction(L, complete_body);
    lua_pushlightuserdata(L, &r);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK)
        lua_settop(L, top);
    cell_lex_release(&r.list);
    if (out->n)
        qsort(out->match, out->n, sizeof *out->match, compare_matches);
}
