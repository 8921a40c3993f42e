/* strings.c: the functions of string whose C loops can run for long, made to look at the
 * interrupt: rep, find, match, gmatch, gsub. They do what the library's do (reference
 * manual, 6.4). rep doubles what it has, so that a gigabyte is a few copies. */
#include "pattern.h"
#include "state.h"

#define STEP ((size_t)32 << 20) /* bytes copied between two looks */

static void fill(lua_State *L, char *to, size_t have, size_t total) {
    while (have < total) {
        size_t n = MIN_OF(MIN_OF(have, total - have), STEP);
        memcpy(to + have, to, n);
        have += n;
        if (n == STEP)
            cell_stop_check(L);
    }
}

static int l_rep(lua_State *L) {
    size_t len, sep_len, one, total;
    const char *s = luaL_checklstring(L, 1, &len);
    lua_Integer n = luaL_checkinteger(L, 2);
    const char *sep = luaL_optlstring(L, 3, "", &sep_len);
    if (n <= 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if (!add_size(&one, len, sep_len) || !mul_size(&total, one, (size_t)n) ||
        total > (size_t)PTRDIFF_MAX / 2)
        return luaL_error(L, "resulting string too large");
    if (total == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    luaL_Buffer b;
    char *to = luaL_buffinitsize(L, &b, total);
    if (len)
        memcpy(to, s, len);
    if (sep_len)
        memcpy(to + len, sep, sep_len);
    fill(L, to, one, total);
    luaL_pushresultsize(&b, total - sep_len);
    return 1;
}

/* Where a search begins, from 0; len + 1 when it is past the end. */
static size_t start_of(lua_State *L, int arg, size_t len) {
    lua_Integer i = luaL_optinteger(L, arg, 1);
    if (i > 0)
        return MIN_OF((size_t)i - 1, len + 1);
    if (i == 0 || (size_t)0 - (size_t)i > len)
        return 0;
    return len - ((size_t)0 - (size_t)i);
}

static bool is_plain(const char *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (p[i] && strchr("^$*+?.([%-", p[i]))
            return false;
    return true;
}

static int search(lua_State *L, bool find) {
    size_t n, k;
    const char *s = luaL_checklstring(L, 1, &n), *p = luaL_checklstring(L, 2, &k);
    size_t from = start_of(L, 3, n);
    if (from > n) {
        luaL_pushfail(L);
        return 1;
    }
    if (find && (lua_toboolean(L, 4) || is_plain(p, k))) {
        const char *at = k ? memmem(s + from, n - from, p, k) : s + from;
        if (!at) {
            luaL_pushfail(L);
            return 1;
        }
        lua_pushinteger(L, at - s + 1);
        lua_pushinteger(L, at - s + (lua_Integer)k);
        return 2;
    }
    struct cell_pattern m;
    bool anchored = k && *p == '^';
    cell_pattern_init(&m, L, s, n, p, k);
    for (const char *at = s + from; at <= m.src_end; at++) {
        const char *e = cell_pattern_match(&m, at, p + anchored);
        if (e && !find)
            return cell_pattern_push(&m, at, e);
        if (e) {
            lua_pushinteger(L, at - s + 1);
            lua_pushinteger(L, e - s);
            return cell_pattern_push(&m, NULL, NULL) + 2;
        }
        if (anchored)
            break;
    }
    luaL_pushfail(L);
    return 1;
}

static int l_find(lua_State *L) {
    return search(L, true);
}

static int l_match(lua_State *L) {
    return search(L, false);
}

/* ------------------------------------------------------------------------------- gmatch */

struct walk {
    size_t at;   /* where the next search begins */
    size_t last; /* where the latest match ended, SIZE_MAX before the first */
};

static int gmatch_next(lua_State *L) {
    size_t n, k;
    const char *s = lua_tolstring(L, lua_upvalueindex(1), &n);
    const char *p = lua_tolstring(L, lua_upvalueindex(2), &k);
    struct walk *w = lua_touserdata(L, lua_upvalueindex(3));
    struct cell_pattern m;
    cell_pattern_init(&m, L, s, n, p, k);
    for (; w->at <= n; w->at++) {
        const char *from = s + w->at, *e = cell_pattern_match(&m, from, p);
        if (!e || (size_t)(e - s) == w->last)
            continue;
        w->at = w->last = (size_t)(e - s);
        return cell_pattern_push(&m, from, e);
    }
    return 0;
}

static int l_gmatch(lua_State *L) {
    size_t n;
    luaL_checklstring(L, 1, &n);
    luaL_checkstring(L, 2);
    size_t from = start_of(L, 3, n);
    lua_settop(L, 2);
    struct walk *w = lua_newuserdatauv(L, sizeof *w, 0);
    *w = (struct walk){.at = from, .last = SIZE_MAX};
    lua_pushcclosure(L, gmatch_next, 3);
    return 1;
}

/* --------------------------------------------------------------------------------- gsub */

/* %0 to %9 and %% of the replacement at 3. */
static void add_text(struct cell_pattern *m, struct buf *b, const char *s,
                     const char *e) {
    lua_State *L = m->L;
    size_t n;
    const char *r = lua_tolstring(L, 3, &n);
    for (size_t i = 0; i < n; i++) {
        if (r[i] != '%') {
            buf_putc(b, r[i]);
            continue;
        }
        char c = ++i < n ? r[i] : '\0';
        if (c == '%') {
            buf_putc(b, '%');
        } else if (c == '0') {
            buf_add(b, s, (size_t)(e - s));
        } else if (c >= '1' && c <= '9') {
            if (c - '1' >= m->level && c != '1')
                luaL_error(L, "invalid capture index %%%d in replacement string",
                           c - '0');
            cell_pattern_push_one(m, c - '1', s, e);
            size_t len;
            const char *text = lua_tolstring(L, -1, &len);
            buf_add(b, text, len);
            lua_pop(L, 1);
        } else {
            luaL_error(L, "invalid use of '%%' in replacement string");
        }
    }
}

/* The replacement of one match; false: it stays as it was. */
static bool add_value(struct cell_pattern *m, struct buf *b, const char *s,
                      const char *e) {
    lua_State *L = m->L;
    int t = lua_type(L, 3);
    if (t == LUA_TFUNCTION) {
        lua_pushvalue(L, 3);
        int n = cell_pattern_push(m, s, e);
        lua_call(L, n, 1);
    } else if (t == LUA_TTABLE) {
        cell_pattern_push_one(m, 0, s, e);
        lua_gettable(L, 3);
    } else {
        add_text(m, b, s, e);
        return true;
    }
    size_t n;
    bool keep = !lua_toboolean(L, -1);
    if (!keep && !lua_isstring(L, -1))
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    const char *text = keep ? NULL : lua_tolstring(L, -1, &n);
    if (keep)
        buf_add(b, s, (size_t)(e - s));
    else
        buf_add(b, text, n);
    lua_pop(L, 1);
    return !keep;
}

static int l_gsub(lua_State *L) {
    size_t n, k;
    const char *s = luaL_checklstring(L, 1, &n), *p = luaL_checklstring(L, 2, &k);
    int t = lua_type(L, 3);
    luaL_argexpected(
        L, t == LUA_TNUMBER || t == LUA_TSTRING || t == LUA_TFUNCTION || t == LUA_TTABLE,
        3, "string/function/table");
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)MIN_OF(n, SIZE_MAX / 4) + 1);
    lua_Integer count = 0;
    bool anchored = k && *p == '^', changed = false;
    struct buf *b = cell_buf_push(L, cell_memory_max(L));
    struct cell_pattern m;
    cell_pattern_init(&m, L, s, n, p, k);
    const char *at = s, *last = NULL;
    while (count < most) {
        const char *e = cell_pattern_match(&m, at, p + anchored);
        if (e && e != last) {
            count++;
            changed = add_value(&m, b, at, e) || changed;
            at = last = e;
        } else if (at < m.src_end) {
            buf_putc(b, *at++);
        } else {
            break;
        }
        if (anchored)
            break;
    }
    buf_add(b, at, (size_t)(m.src_end - at));
    if (b->failed)
        return luaL_error(L, "not enough memory");
    if (changed)
        lua_pushlstring(L, b->data ? b->data : "", b->len);
    else
        lua_pushvalue(L, 1);
    buf_release(b);
    lua_pushinteger(L, count);
    return 2;
}

void cell_string_open(lua_State *L) {
    static const luaL_Reg functions[] = {{"rep", l_rep},     {"find", l_find},
                                         {"match", l_match}, {"gmatch", l_gmatch},
                                         {"gsub", l_gsub},   {NULL, NULL}};
    lua_getglobal(L, "string");
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
