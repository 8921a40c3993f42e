/* inspect.c: what is at the cursor (Shift-Tab), and whether a cell is complete. */
#include "chain.h"
#include "split.h"

struct look {
    const char *code;
    size_t len, cursor;
    int detail;
    struct mime_bundle *out;
    struct lex_list list;
};

/* The name token that the cursor (in bytes) is in or right behind; SIZE_MAX when none. */
static size_t token_at(const struct lex_list *list, size_t at) {
    for (size_t i = 0; i < list->n && list->tok[i].start <= at; i++)
        if ((list->tok[i].kind == LEX_NAME || list->tok[i].kind == LEX_KEYWORD) &&
            at <= list->tok[i].end)
            return i;
    return SIZE_MAX;
}

/* An option name before its = inside of a command's braces. */
static bool inspect_option(lua_State *L, const struct look *k, size_t i) {
    if (!cell_lex_is(&k->list, i + 1, "="))
        return false;
    const struct cell_help_row *row =
        cell_chain_callee(L, &k->list, cell_chain_opener(&k->list, i));
    const struct lex_token *t = &k->list.tok[i];
    const struct cell_help_param *p =
        row ? cell_help_param_find(row, k->code + t->start, t->end - t->start) : NULL;
    if (!p)
        return false;
    struct buf *b = cell_buf_push(L, 65536);
    buf_printf(b, "%s\n", row->name);
    cell_help_param_line(p, b);
    bool ok = !b->failed && mime_add(k->out, "text/plain", b->data, b->len);
    lua_pop(L, 1);
    return ok;
}

/* The command whose arguments the cursor is in. */
static void inspect_callee(lua_State *L, const struct look *k, size_t byte) {
    size_t at = 0;
    while (at < k->list.n && k->list.tok[at].end <= byte)
        at++;
    for (size_t open = cell_chain_opener(&k->list, at); open != SIZE_MAX;
         open = cell_chain_opener(&k->list, open)) {
        const struct cell_help_row *row = cell_chain_callee(L, &k->list, open);
        if (row) {
            cell_help_bundle(row, k->out);
            return;
        }
    }
}

static int inspect_body(lua_State *L) {
    struct look *k = lua_touserdata(L, 1);
    size_t byte = cell_lex_byte_of(k->code, k->len, k->cursor), first;
    size_t i = token_at(&k->list, byte);
    if (i == SIZE_MAX && byte > 0) /* right behind an opening bracket: what is called */
        i = token_at(&k->list, byte - 1);
    if (i != SIZE_MAX) {
        if (inspect_option(L, k, i))
            return 0;
        struct buf *name = cell_buf_push(L, 4096);
        bool whole = cell_chain(&k->list, i, name, &first);
        if (whole && cell_inspect_name(L, name->data, name->len, k->detail, k->out))
            return 0;
        const struct cell_help_row *row = whole && name->data
                                              ? cell_member_row(L, name->data, name->len)
                                              : cell_chain_method(L, &k->list, i);
        if (row) {
            cell_help_bundle(row, k->out);
            return 0;
        }
    }
    inspect_callee(L, k, byte);
    return 0;
}

void cell_inspect(void *self, const char *code, size_t len, size_t cursor, int detail,
                  struct mime_bundle *out) {
    struct cell *c = self;
    lua_State *L = c->L;
    struct look k = {.code = code ? code : "",
                     .len = code ? len : 0,
                     .cursor = cursor,
                     .detail = detail,
                     .out = out};
    if (!cell_lex(&k.list, k.code, k.len))
        return;
    int top = lua_gettop(L);
    lua_pushcfunction(L, inspect_body);
    lua_pushlightuserdata(L, &k);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
        lua_settop(L, top);
        mime_release(out);
    }
    cell_lex_release(&k.list);
}

/* -------------------------------------------------------------------------- is_complete */

struct test {
    const char *code;
    size_t len;
    enum interp_completeness answer;
};

static int complete_body(lua_State *L) {
    struct test *t = lua_touserdata(L, 1);
    struct cell_code how = {0};
    if (cell_compile(L, t->code, t->len, "=celda", &how) == LUA_OK) {
        t->answer = INTERP_COMPLETE;
        return 0;
    }
    size_t n;
    static const char mark[] = "<eof>";
    const size_t k = sizeof mark - 1;
    const char *msg = lua_tolstring(L, -1, &n);
    /* near <eof>, or for what is not finished near '<eof>' */
    bool end = msg && ((n >= k && memcmp(msg + n - k, mark, k) == 0) ||
                       (n > k && memcmp(msg + n - k - 1, "<eof>'", k + 1) == 0));
    if (msg && strstr(msg, ": unfinished string near "))
        end = false; /* a quoted text cannot go on in the next line */
    t->answer = end ? INTERP_INCOMPLETE : INTERP_INVALID;
    return 0;
}

static void put_indent(const char *code, size_t len, char *indent, size_t size) {
    struct lex_list list;
    indent[0] = '\0';
    if (!cell_lex(&list, code, len))
        return;
    size_t spaces = 4 * MIN_OF(cell_split_depth(&list), (size_t)20);
    if (list.n && list.tok[list.n - 1].open)
        spaces = 0; /* inside of a long string its own text decides */
    cell_lex_release(&list);
    spaces = MIN_OF(spaces, size - 1);
    memset(indent, ' ', spaces);
    indent[spaces] = '\0';
}

enum interp_completeness cell_is_complete(void *self, const char *code, size_t len,
                                          char *indent, size_t size) {
    struct cell *c = self;
    lua_State *L = c->L;
    if (size)
        indent[0] = '\0';
    const char *name;
    size_t n;
    int detail;
    struct test t = {.code = code ? code : "", .len = code ? len : 0};
    t.answer = INTERP_UNKNOWN;
    if (cell_help_query(t.code, t.len, &name, &n, &detail))
        return INTERP_COMPLETE;
    int top = lua_gettop(L);
    lua_pushcfunction(L, complete_body);
    lua_pushlightuserdata(L, &t);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK)
        lua_settop(L, top);
    if (t.answer == INTERP_INCOMPLETE && size)
        put_indent(t.code, t.len, indent, size);
    return t.answer;
}
