/* pretty.c: values as text. Tables on one line while they fit, else one item a line; keys in
 * order, cycles marked, depth, items and length limited. Access is raw. In quiet mode no
 * metamethod written in Lua runs. */
#include "lex.h"
#include "state.h"

#include <ctype.h>

enum {
    WIDTH = 76,      /* bytes of a table that stays on one line */
    DEPTH = 6,       /* nested levels shown */
    ITEMS = 100,     /* items of one table shown */
    KEYS = 4096,     /* keys of one table that are sorted */
    STRING_MAX = 300 /* bytes of a string inside of a table */
};

struct key {
    int type; /* LUA_TNUMBER, LUA_TSTRING, LUA_TBOOLEAN */
    bool integer;
    lua_Integer i;
    lua_Number d; /* order among numbers */
    const char *s;
    size_t n;
};

struct pretty {
    lua_State *L;
    struct buf *out;
    bool quiet;
    bool one_line;
    size_t limit; /* out->len at which a try on one line is given up */
    const void *above[DEPTH + 1];
    int depth;
};

static void put_value(struct pretty *p, int idx);

static bool too_long(const struct pretty *p) {
    return p->out->failed || (p->one_line && p->out->len > p->limit);
}

static void put_string(struct pretty *p, int idx) {
    size_t n;
    const char *s = lua_tolstring(p->L, idx, &n);
    size_t shown = MIN_OF(n, (size_t)STRING_MAX);
    while (shown < n && shown > 0 && ((unsigned char)s[shown] & 0xC0) == 0x80)
        shown--;
    struct buf *b = p->out;
    buf_putc(b, '"');
    for (size_t i = 0; i < shown;) {
        size_t step = cell_utf8_len(s + i, shown - i);
        if (step == 1 && (s[i] == '"' || s[i] == '\\')) {
            buf_putc(b, '\\');
            buf_putc(b, s[i]);
        } else if (step == 1 && s[i] == '\n') {
            buf_puts(b, "\\n");
        } else if (step == 1 && s[i] == '\t') {
            buf_puts(b, "\\t");
        } else {
            cell_text_clean(b, s + i, step ? step : 1);
        }
        i += step ? step : 1;
    }
    buf_puts(b, shown < n ? "…\"" : "\"");
}

/* A metamethod that may run here: any in normal mode, one written in C in quiet mode. */
static bool may_run(struct pretty *p, int idx, const char *name) {
    if (luaL_getmetafield(p->L, idx, name) == LUA_TNIL)
        return false;
    bool ok = !p->quiet || lua_iscfunction(p->L, -1);
    lua_pop(p->L, 1);
    return ok;
}

static int tostring_at(lua_State *L) {
    luaL_tolstring(L, 1, NULL);
    return 1;
}

/* In quiet mode a raise (of a C __tostring) is no reason to fail. */
static bool put_tostring(struct pretty *p, int idx) {
    lua_State *L = p->L;
    idx = lua_absindex(L, idx);
    lua_pushcfunction(L, tostring_at);
    lua_pushvalue(L, idx);
    if (!p->quiet)
        lua_call(L, 1, 1);
    else if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
        lua_pop(L, 1);
        return false;
    }
    size_t n;
    const char *s = lua_tolstring(L, -1, &n);
    if (s)
        cell_text_clean(p->out, s, n);
    lua_pop(L, 1);
    return s != NULL;
}

static void put_function(struct pretty *p, int idx) {
    lua_State *L = p->L;
    const struct cell_help_row *row = cell_help_of_value(L, idx);
    buf_puts(p->out, _("función"));
    if (row) {
        buf_printf(p->out, " %s", row->name);
        return;
    }
    lua_Debug ar;
    lua_pushvalue(L, idx);
    lua_getinfo(L, ">S", &ar);
    if (strcmp(ar.what, "Lua") == 0) {
        buf_puts(p->out, " (");
        buf_puts(p->out, ar.short_src);
        buf_printf(p->out, _(", línea %d"), ar.linedefined);
        buf_putc(p->out, ')');
    }
}

static int compare_keys(const void *va, const void *vb) {
    const struct key *a = va, *b = vb;
    if (a->type != b->type)
        return (a->type == LUA_TNUMBER   ? 0
                : a->type == LUA_TSTRING ? 1
                                         : 2) -
               (b->type == LUA_TNUMBER   ? 0
                : b->type == LUA_TSTRING ? 1
                                         : 2);
    if (a->type == LUA_TNUMBER)
        return a->integer && b->integer ? (a->i > b->i) - (a->i < b->i)
                                        : (a->d > b->d) - (a->d < b->d);
    if (a->type == LUA_TBOOLEAN)
        return (a->i > b->i) - (a->i < b->i);
    int c = memcmp(a->s, b->s, MIN_OF(a->n, b->n));
    return c ? c : (a->n > b->n) - (a->n < b->n);
}

static bool take_key(lua_State *L, struct key *k) {
    *k = (struct key){.type = lua_type(L, -2)};
    if (k->type == LUA_TSTRING) {
        k->s = lua_tolstring(L, -2, &k->n);
    } else if (k->type == LUA_TNUMBER) {
        k->integer = lua_isinteger(L, -2);
        k->i = k->integer ? lua_tointeger(L, -2) : 0;
        k->d = lua_tonumber(L, -2);
    } else if (k->type == LUA_TBOOLEAN) {
        k->i = lua_toboolean(L, -2);
    } else {
        return false;
    }
    return true;
}

/* The keys beyond 1..len, sorted, in a buffer on the stack. *rest: how many are not there. */
static struct key *sorted_keys(lua_State *L, int idx, lua_Integer len, size_t *n,
                               size_t *rest) {
    struct buf *b = cell_buf_push(L, KEYS * sizeof(struct key));
    *rest = 0;
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
        struct key k;
        bool plain = take_key(L, &k);
        if (plain && k.integer && k.i >= 1 && k.i <= len)
            continue;
        if (!plain || b->len + sizeof k > b->max)
            (*rest)++;
        else
            buf_add(b, &k, sizeof k);
    }
    *n = b->len / sizeof(struct key);
    struct key *keys = (struct key *)(void *)b->data;
    if (*n)
        qsort(keys, *n, sizeof *keys, compare_keys);
    return keys;
}

static void push_key(lua_State *L, const struct key *k) {
    if (k->type == LUA_TSTRING)
        lua_pushlstring(L, k->s, k->n);
    else if (k->type == LUA_TBOOLEAN)
        lua_pushboolean(L, (int)k->i);
    else if (k->integer)
        lua_pushinteger(L, k->i);
    else
        lua_pushnumber(L, k->d);
}

static bool is_identifier(const struct key *k) {
    if (k->n == 0 || isdigit((unsigned char)k->s[0]) || cell_lex_keyword(k->s, k->n))
        return false;
    for (size_t i = 0; i < k->n; i++) {
        unsigned char c = (unsigned char)k->s[i];
        if (c >= 128 || (c != '_' && !isalnum(c)))
            return false;
    }
    return true;
}

static void put_key(struct pretty *p, const struct key *k) {
    if (k->type == LUA_TSTRING && is_identifier(k)) {
        buf_add(p->out, k->s, k->n);
    } else {
        buf_putc(p->out, '[');
        push_key(p->L, k);
        put_value(p, lua_gettop(p->L));
        lua_pop(p->L, 1);
        buf_putc(p->out, ']');
    }
    buf_puts(p->out, " = ");
}

static void separate(struct pretty *p, bool first) {
    if (!first)
        buf_putc(p->out, ',');
    if (!p->one_line) {
        buf_putc(p->out, '\n');
        for (int i = 0; i < p->depth; i++)
            buf_puts(p->out, "  ");
    } else if (!first) {
        buf_putc(p->out, ' ');
    }
}

static void put_items(struct pretty *p, int idx) {
    lua_State *L = p->L;
    int top = lua_gettop(L);
    lua_Integer len = (lua_Integer)lua_rawlen(L, idx);
    size_t n, rest, shown = 0, total;
    struct key *keys = sorted_keys(L, idx, len, &n, &rest);
    total = (size_t)len + n + rest;
    for (lua_Integer i = 1; i <= len && shown < ITEMS && !too_long(p); i++, shown++) {
        separate(p, shown == 0);
        lua_rawgeti(L, idx, i);
        put_value(p, lua_gettop(L));
        lua_pop(L, 1);
    }
    for (size_t i = 0; i < n && shown < ITEMS && !too_long(p); i++, shown++) {
        separate(p, shown == 0);
        put_key(p, &keys[i]);
        push_key(L, &keys[i]);
        lua_rawget(L, idx);
        put_value(p, lua_gettop(L));
        lua_pop(L, 1);
    }
    if (shown < total && !too_long(p)) {
        separate(p, shown == 0);
        buf_printf(p->out, _("… (%zu en total)"), total);
    }
    lua_settop(L, top);
}

void cell_pretty_each(lua_State *L, int idx, size_t from, size_t max,
                      void (*each)(lua_State *L, void *arg), void *arg) {
    luaL_checkstack(L, 12, NULL);
    int top = lua_gettop(L);
    lua_Integer len = (lua_Integer)lua_rawlen(L, idx);
    size_t n, rest, done = 0;
    const struct key *keys = sorted_keys(L, idx, len, &n, &rest);
    for (size_t i = from; i < (size_t)len && done < max; i++, done++) {
        lua_pushinteger(L, (lua_Integer)i + 1);
        lua_rawgeti(L, idx, (lua_Integer)i + 1);
        each(L, arg);
        lua_settop(L, top + 1);
    }
    size_t skip = from > (size_t)len ? from - (size_t)len : 0;
    for (size_t i = skip; i < n && done < max; i++, done++) {
        push_key(L, &keys[i]);
        lua_pushvalue(L, -1);
        lua_rawget(L, idx);
        each(L, arg);
        lua_settop(L, top + 1);
    }
    lua_settop(L, top);
}

static void put_table(struct pretty *p, int idx) {
    lua_State *L = p->L;
    const void *self = lua_topointer(L, idx);
    for (int i = 0; i < p->depth; i++) {
        if (p->above[i] == self) {
            buf_puts(p->out, _("<ciclo>"));
            return;
        }
    }
    if (p->depth == DEPTH || !lua_checkstack(L, 16)) {
        buf_puts(p->out, "{…}");
        return;
    }
    p->above[p->depth++] = self;
    size_t start = p->out->len;
    bool inner = p->one_line;
    buf_putc(p->out, '{');
    if (!inner) {
        p->one_line = true;
        p->limit = start + WIDTH;
    }
    put_items(p, idx);
    if (!inner) {
        bool fits = !too_long(p);
        p->one_line = false;
        if (!fits && !p->out->failed) {
            p->out->len = start + 1;
            p->out->data[p->out->len] = '\0';
            put_items(p, idx);
            p->depth--;
            separate(p, true);
            p->depth++;
        }
    }
    buf_putc(p->out, '}');
    p->depth--;
}

static void put_other(struct pretty *p, int idx) {
    const char *type = cell_resolve_type(p->L, idx);
    int t = lua_type(p->L, idx);
    if (t == LUA_TTHREAD)
        buf_puts(p->out, _("corrutina"));
    else if (type)
        buf_printf(p->out, "<%.60s>", type);
    else
        buf_puts(p->out, _("objeto"));
}

static void put_value(struct pretty *p, int idx) {
    lua_State *L = p->L;
    int t = lua_type(L, idx);
    if (t == LUA_TSTRING) {
        put_string(p, idx);
    } else if (t == LUA_TNIL || t == LUA_TBOOLEAN || t == LUA_TNUMBER) {
        put_tostring(p, idx);
    } else if (may_run(p, idx, "__tostring")) {
        if (!put_tostring(p, idx))
            put_other(p, idx);
    } else if (t == LUA_TTABLE) {
        put_table(p, idx);
    } else if (t == LUA_TFUNCTION) {
        put_function(p, idx);
    } else {
        put_other(p, idx);
    }
}

void cell_pretty(lua_State *L, int idx, struct buf *out, bool quiet) {
    luaL_checkstack(L, 16, NULL);
    struct pretty p = {.L = L, .out = out, .quiet = quiet};
    size_t n;
    idx = lua_absindex(L, idx);
    if (lua_type(L, idx) == LUA_TSTRING) {
        const char *s = lua_tolstring(L, idx, &n);
        size_t most =
            (out->max - MIN_OF(out->len, out->max)) / 5; /* what cleaning adds */
        cell_text_clean(out, s, MIN_OF(n, most));
        if (n > most)
            buf_printf(out, _("… (%zu bytes en total)"), n);
    } else {
        put_value(&p, idx);
    }
}

static int brief_body(lua_State *L) {
    struct pretty p = {.L = L, .out = lua_touserdata(L, 2), .quiet = true};
    p.one_line = true;
    p.limit = p.out->len + 2 * WIDTH;
    put_value(&p, 1);
    return 0;
}

void cell_brief(lua_State *L, int idx, struct buf *out) {
    struct buf mine;
    buf_init(&mine, 4096);
    lua_pushvalue(L, idx);
    lua_pushcfunction(L, brief_body);
    lua_insert(L, -2);
    lua_pushlightuserdata(L, &mine);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK)
        lua_pop(L, 1);
    size_t n = mine.len, cut = MIN_OF(n, (size_t)(2 * WIDTH));
    while (cut < n && cut > 0 && ((unsigned char)mine.data[cut] & 0xC0) == 0x80)
        cut--;
    for (size_t i = 0; i < cut; i++)
        if (mine.data[i] == '\n')
            mine.data[i] = ' ';
    if (cut)
        buf_add(out, mine.data, cut);
    if (cut < n)
        buf_puts(out, "…");
    buf_release(&mine);
}
