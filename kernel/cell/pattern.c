/* pattern.c: the matcher: backtracking by recursion, bounded in depth, interruptible. */
#include "pattern.h"
#include "state.h"

#include <ctype.h>

enum { DEPTH_MAX = 200, LOOK_EVERY = 1 << 14 };

static const char *match(struct cell_pattern *m, const char *s, const char *p);

void cell_pattern_init(struct cell_pattern *m, lua_State *L, const char *s, size_t n,
                       const char *p, size_t k) {
    m->L = L;
    m->src = s;
    m->src_end = s + n;
    m->p_end = p + k;
    m->depth = m->level = 0;
    m->steps = 0;
}

static void look(struct cell_pattern *m) {
    if (++m->steps < LOOK_EVERY)
        return;
    m->steps = 0;
    cell_stop_check(m->L);
}

/* The end of the single character class at p. */
static const char *class_end(struct cell_pattern *m, const char *p) {
    if (*p++ == '%') {
        if (p == m->p_end)
            luaL_error(m->L, "malformed pattern (ends with '%%')");
        return p + 1;
    }
    if (p[-1] != '[')
        return p;
    p += p < m->p_end && *p == '^';
    do { /* a ] that comes first is a plain one */
        if (p == m->p_end)
            luaL_error(m->L, "malformed pattern (missing ']')");
        if (*p++ == '%')
            p += p < m->p_end;
    } while (p == m->p_end || *p != ']');
    return p + 1;
}

static bool in_class(int c, int letter) {
    bool yes;
    switch (tolower(letter)) {
    case 'a':
        yes = isalpha(c);
        break;
    case 'c':
        yes = iscntrl(c);
        break;
    case 'd':
        yes = isdigit(c);
        break;
    case 'g':
        yes = isgraph(c);
        break;
    case 'l':
        yes = islower(c);
        break;
    case 'p':
        yes = ispunct(c);
        break;
    case 's':
        yes = isspace(c);
        break;
    case 'u':
        yes = isupper(c);
        break;
    case 'w':
        yes = isalnum(c);
        break;
    case 'x':
        yes = isxdigit(c);
        break;
    default:
        return letter == c;
    }
    return isupper(letter) ? !yes : yes;
}

/* p: the opening bracket; end: the closing one. */
static bool in_set(int c, const char *p, const char *end) {
    bool found = true;
    if (*++p == '^') {
        found = false;
        p++;
    }
    for (; p < end; p++) {
        if (*p == '%') {
            if (in_class(c, (unsigned char)*++p))
                return found;
        } else if (p + 2 < end && p[1] == '-') {
            if ((unsigned char)p[0] <= c && c <= (unsigned char)p[2])
                return found;
            p += 2;
        } else if ((unsigned char)*p == c) {
            return found;
        }
    }
    return !found;
}

static bool single(const struct cell_pattern *m, const char *s, const char *p,
                   const char *end) {
    if (s >= m->src_end)
        return false;
    int c = (unsigned char)*s;
    return *p == '.'   ? true
           : *p == '%' ? in_class(c, (unsigned char)p[1])
           : *p == '[' ? in_set(c, p, end - 1)
                       : (unsigned char)*p == c;
}

static const char *balanced(struct cell_pattern *m, const char *s, const char *p) {
    if (m->p_end - p < 2)
        luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
    if (s >= m->src_end || *s != *p)
        return NULL;
    size_t depth = 1;
    while (++s < m->src_end) {
        look(m);
        if (*s == p[1] && --depth == 0)
            return s + 1;
        if (*s == p[0] && p[0] != p[1])
            depth++;
    }
    return NULL;
}

/* As many as there are, then fewer. */
static const char *most(struct cell_pattern *m, const char *s, const char *p,
                        const char *end) {
    ptrdiff_t n = 0;
    while (single(m, s + n, p, end))
        n++;
    for (; n >= 0; n--) {
        look(m);
        const char *e = match(m, s + n, end + 1);
        if (e)
            return e;
    }
    return NULL;
}

/* As few as there can be, then more. */
static const char *least(struct cell_pattern *m, const char *s, const char *p,
                         const char *end) {
    for (;; s++) {
        look(m);
        const char *e = match(m, s, end + 1);
        if (e)
            return e;
        if (!single(m, s, p, end))
            return NULL;
    }
}

static const char *open_capture(struct cell_pattern *m, const char *s, const char *p,
                                ptrdiff_t len) {
    if (m->level >= PATTERN_CAPTURES)
        luaL_error(m->L, "too many captures");
    m->capture[m->level].at = s;
    m->capture[m->level].len = len;
    m->level++;
    const char *e = match(m, s, p);
    if (!e)
        m->level--;
    return e;
}

static const char *close_capture(struct cell_pattern *m, const char *s, const char *p) {
    int i = m->level - 1;
    while (i >= 0 && m->capture[i].len != PATTERN_OPEN)
        i--;
    if (i < 0)
        luaL_error(m->L, "invalid pattern capture");
    m->capture[i].len = s - m->capture[i].at;
    const char *e = match(m, s, p);
    if (!e)
        m->capture[i].len = PATTERN_OPEN;
    return e;
}

static const char *back_reference(struct cell_pattern *m, const char *s, int digit) {
    int i = digit - '1';
    if (i < 0 || i >= m->level || m->capture[i].len == PATTERN_OPEN)
        luaL_error(m->L, "invalid capture index %%%d", i + 1);
    ptrdiff_t n = m->capture[i].len;
    if (n < 0 || m->src_end - s < n ||
        /* a position is no text to repeat */ memcmp(m->capture[i].at, s, (size_t)n) != 0)
        return NULL;
    return s + n;
}

/* The place between a character outside of the set and one inside of it. */
static bool at_frontier(struct cell_pattern *m, const char *s, const char *p,
                        const char **after) {
    if (p >= m->p_end || *p != '[')
        luaL_error(m->L, "missing '[' after '%%f' in pattern");
    *after = class_end(m, p);
    int before = s == m->src ? 0 : (unsigned char)s[-1];
    int here = s < m->src_end ? (unsigned char)*s : 0;
    return !in_set(before, p, *after - 1) && in_set(here, p, *after - 1);
}

/* The items that take more than one character class: *rest is where to go on; false when
 * the answer (*out) is final. */
static bool special(struct cell_pattern *m, const char **s, const char **p,
                    const char **out) {
    *out = NULL;
    switch ((*p)[1]) {
    case 'b':
        *s = balanced(m, *s, *p + 2);
        *p += 4;
        return *s != NULL;
    case 'f':
        return at_frontier(m, *s, *p + 2, p);
    default:
        *s = back_reference(m, *s, (unsigned char)(*p)[1]);
        *p += 2;
        return *s != NULL;
    }
}

/* One class with its repetition. true: go on at *s, *p; false: *out is the answer. */
static bool repeated(struct cell_pattern *m, const char **s, const char **p,
                     const char **out) {
    const char *end = class_end(m, *p);
    char mark = end < m->p_end ? *end : '\0';
    bool one = mark == '*' || mark == '-' ? false : single(m, *s, *p, end);
    if (mark == '?') {
        *out = one ? match(m, *s + 1, end + 1) : NULL;
        if (*out)
            return false;
        *p = end + 1;
        return true;
    }
    if (mark == '+' || mark == '*' || mark == '-') {
        *out = mark == '-'   ? least(m, *s, *p, end)
               : mark == '*' ? most(m, *s, *p, end)
               : one         ? most(m, *s + 1, *p, end)
                             : NULL;
        return false;
    }
    *out = NULL;
    (*s)++;
    *p = end;
    return one;
}

static const char *match_here(struct cell_pattern *m, const char *s, const char *p) {
    const char *out;
    while (p < m->p_end) {
        look(m);
        if (*p == '(')
            return p + 1 < m->p_end && p[1] == ')'
                       ? open_capture(m, s, p + 2, PATTERN_POSITION)
                       : open_capture(m, s, p + 1, PATTERN_OPEN);
        if (*p == ')')
            return close_capture(m, s, p + 1);
        if (*p == '$' && p + 1 == m->p_end)
            return s == m->src_end ? s : NULL;
        bool is_special = *p == '%' && p + 1 < m->p_end &&
                          (p[1] == 'b' || p[1] == 'f' || isdigit((unsigned char)p[1]));
        if (!(is_special ? special(m, &s, &p, &out) : repeated(m, &s, &p, &out)))
            return out;
    }
    return s;
}

static const char *match(struct cell_pattern *m, const char *s, const char *p) {
    if (++m->depth > DEPTH_MAX)
        luaL_error(m->L, "pattern too complex");
    const char *e = match_here(m, s, p);
    m->depth--;
    return e;
}

const char *cell_pattern_match(struct cell_pattern *m, const char *s, const char *p) {
    m->level = 0;
    m->depth = 0;
    return match(m, s, p);
}

void cell_pattern_push_one(struct cell_pattern *m, int i, const char *s, const char *e) {
    if (i >= m->level) {
        if (i != 0)
            luaL_error(m->L, "invalid capture index %%%d", i + 1);
        lua_pushlstring(m->L, s, (size_t)(e - s));
        return;
    }
    ptrdiff_t n = m->capture[i].len;
    if (n == PATTERN_OPEN)
        luaL_error(m->L, "unfinished capture");
    if (n == PATTERN_POSITION)
        lua_pushinteger(m->L, m->capture[i].at - m->src + 1);
    else
        lua_pushlstring(m->L, m->capture[i].at, (size_t)n);
}

int cell_pattern_push(struct cell_pattern *m, const char *s, const char *e) {
    int n = m->level == 0 && s ? 1 : m->level;
    luaL_checkstack(m->L, n, "too many captures");
    for (int i = 0; i < n; i++)
        cell_pattern_push_one(m, i, s, e);
    return n;
}
