/* chain.c: see chain.h. */
#include "chain.h"

bool cell_chain(const struct lex_list *list, size_t last, struct buf *out,
                size_t *first) {
    size_t i = last;
    bool whole = true;
    for (;;) {
        if (i < 2 || !(cell_lex_is(list, i - 1, ".") || cell_lex_is(list, i - 1, ":")))
            break;
        if (list->tok[i - 2].kind != LEX_NAME) {
            whole = false;
            break;
        }
        i -= 2;
    }
    *first = i;
    for (; i <= last; i++) {
        const struct lex_token *t = &list->tok[i];
        buf_add(out, list->src + t->start, t->end - t->start);
    }
    return whole && !out->failed;
}

size_t cell_chain_opener(const struct lex_list *list, size_t at) {
    size_t depth = 0;
    for (size_t i = at; i-- > 0;) {
        bool closes = cell_lex_is(list, i, ")") || cell_lex_is(list, i, "]") ||
                      cell_lex_is(list, i, "}");
        bool opens = cell_lex_is(list, i, "(") || cell_lex_is(list, i, "[") ||
                     cell_lex_is(list, i, "{");
        if (opens && depth == 0)
            return i;
        depth += closes;
        depth -= opens;
    }
    return SIZE_MAX;
}

/* A row "Any:member", when the object is not known. */
static const struct cell_help_row *some_method(lua_State *L, const char *member,
                                               size_t len) {
    size_t n;
    const struct cell_help_row *const *row = cell_help_all(L, &n);
    for (size_t i = 0; i < n; i++) {
        const char *colon = strchr(row[i]->name, ':');
        if (colon && strlen(colon + 1) == len && memcmp(colon + 1, member, len) == 0)
            return row[i];
    }
    return NULL;
}

const struct cell_help_row *cell_member_row(lua_State *L, const char *name, size_t n) {
    size_t cut = n;
    while (cut > 0 && name[cut - 1] != '.' && name[cut - 1] != ':')
        cut--;
    char member[80], full[96];
    if (cut == 0 || n - cut >= sizeof member || n == cut)
        return NULL;
    memcpy(member, name + cut, n - cut);
    member[n - cut] = '\0';
    if (cut < 2 || !cell_resolve(L, name, cut - 1))
        return name[cut - 1] == ':' ? some_method(L, member, n - cut) : NULL;
    const char *type = cell_resolve_type(L, -1);
    const struct cell_help_row *row = type ? cell_help_member(L, type, member) : NULL;
    if (!row && lua_type(L, -1) == LUA_TSTRING) {
        int k = snprintf(full, sizeof full, "string.%s", member);
        row = cell_help_find(L, full, (size_t)k);
    }
    lua_pop(L, 1);
    return row;
}

const struct cell_help_row *cell_chain_method(lua_State *L, const struct lex_list *list,
                                              size_t i) {
    if (i < 2 || !cell_lex_is(list, i - 1, ":"))
        return NULL;
    const struct lex_token *t = &list->tok[i];
    const char *name = list->src + t->start;
    bool text = list->tok[i - 2].kind == LEX_STRING ||
                (i >= 4 && cell_lex_is(list, i - 2, ")") &&
                 list->tok[i - 3].kind == LEX_STRING && cell_lex_is(list, i - 4, "("));
    char full[96];
    if (!text)
        return some_method(L, name, t->end - t->start);
    int n = snprintf(full, sizeof full, "string.%.*s",
                     (int)MIN_OF(t->end - t->start, 80U), name);
    return cell_help_find(L, full, (size_t)n);
}

const struct cell_help_row *cell_chain_callee(lua_State *L, const struct lex_list *list,
                                              size_t opener) {
    if (opener == SIZE_MAX || opener == 0 || cell_lex_is(list, opener, "["))
        return NULL;
    size_t last = opener - 1, first;
    if (cell_lex_is(list, opener, "{") && cell_lex_is(list, last, "(")) {
        if (last == 0)
            return NULL;
        last--; /* f({ ... }) */
    }
    if (list->tok[last].kind != LEX_NAME)
        return NULL;
    struct buf *b = cell_buf_push(L, 4096);
    bool whole = cell_chain(list, last, b, &first);
    const struct cell_help_row *row = NULL;
    if (whole)
        row = cell_help_find(L, b->data, b->len);
    if (!row && whole)
        row = cell_member_row(L, b->data, b->len);
    if (!row)
        row = cell_chain_method(L, list, last);
    lua_pop(L, 1);
    return row;
}
