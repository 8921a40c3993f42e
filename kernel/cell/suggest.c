/* suggest.c: the nearest name by optimal string alignment (Damerau-Levenshtein without
 * repeated edits of one place), in half steps: a difference of case costs one, any other
 * edit two. */
#include "state.h"

#include <ctype.h>
#include <strings.h>

#define LONGEST (sizeof((struct cell_nearest *)0)->want - 1)

void cell_nearest_init(struct cell_nearest *n, const char *want, size_t len) {
    *n = (struct cell_nearest){.distance = UINT32_MAX};
    if (len > LONGEST)
        return;
    memcpy(n->want, want, len);
    n->want_len = len;
}

static unsigned substitution(char a, char b) {
    if (a == b)
        return 0;
    bool same = tolower((unsigned char)a) == tolower((unsigned char)b);
    return same ? 1 : 2;
}

static unsigned distance(const char *a, size_t n, const char *b, size_t m) {
    unsigned row[3][LONGEST + 1];
    for (size_t j = 0; j <= m; j++)
        row[0][j] = (unsigned)(2 * j);
    for (size_t i = 1; i <= n; i++) {
        unsigned *now = row[i % 3], *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];
        now[0] = (unsigned)(2 * i);
        for (size_t j = 1; j <= m; j++) {
            unsigned edit = a[i - 1] == '_' ? 1 : 2, insert = b[j - 1] == '_' ? 1 : 2;
            unsigned best = up[j - 1] + substitution(a[i - 1], b[j - 1]);
            best = MIN_OF(best, up[j] + edit);
            best = MIN_OF(best, now[j - 1] + insert);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = MIN_OF(best, up2[j - 2] + 2);
            now[j] = best;
        }
    }
    return row[n % 3][m];
}

void cell_nearest_offer(struct cell_nearest *n, const char *name, size_t len) {
    if (!n->want_len || len == 0 || len > LONGEST)
        return;
    size_t longer = MAX_OF(len, n->want_len), shorter = MIN_OF(len, n->want_len);
    size_t limit = MAX_OF((longer * 2) / 3, (size_t)2); /* a third, in half steps */
    if (longer - shorter > limit)
        return;
    bool other_case = len == n->want_len && strncasecmp(n->want, name, len) == 0;
    unsigned d = distance(n->want, n->want_len, name, len);
    if (other_case && d > 1)
        d = 1; /* one slip however many letters it has: sgd for SGD */
    bool shared = tolower((unsigned char)n->want[0]) == tolower((unsigned char)name[0]);
    if (d == 0 || d > limit || (longer < 3 && d > 1) || (d * 2 > longer && !shared))
        return;
    bool better =
        d < n->distance || (d == n->distance && strncmp(name, n->best, len) < 0);
    if (!better)
        return;
    n->distance = d;
    memcpy(n->best, name, len);
    n->best[len] = '\0';
}

const char *cell_nearest_best(const struct cell_nearest *n) {
    return n->best[0] ? n->best : NULL;
}

static void offer_keys(lua_State *L, int idx, struct cell_nearest *n) {
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            continue;
        size_t len;
        const char *s = lua_tolstring(L, -2, &len);
        cell_nearest_offer(n, s, len);
    }
}

void cell_nearest_offer_table(lua_State *L, int idx, struct cell_nearest *n) {
    luaL_checkstack(L, 8, NULL);
    int top = lua_gettop(L);
    lua_pushvalue(L, idx);
    for (int depth = 0; depth < 8 && lua_istable(L, -1); depth++) {
        offer_keys(L, lua_gettop(L), n);
        if (luaL_getmetafield(L, -1, "__index") == LUA_TNIL)
            break;
    }
    lua_settop(L, top);
}
