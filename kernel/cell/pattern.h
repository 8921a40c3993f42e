/* pattern.h: Lua's patterns (reference manual, 6.4.1), with a look at the interrupt every
 * few thousand steps: the library's own matcher can run for years and hears nothing.
 *
 *     struct cell_pattern m;
 *     cell_pattern_init(&m, L, s, n, p, k);
 *     const char *end = cell_pattern_match(&m, at, p);      NULL: no match at `at`
 *     cell_pattern_push(&m, at, end, whole);                pushes the captures
 *
 * Raises what the library raises for a pattern that is badly written. */
#ifndef CELL_PATTERN_H
#define CELL_PATTERN_H

#include <lua.h>
#include <stddef.h>

enum { PATTERN_CAPTURES = 32 };

struct cell_pattern {
    lua_State *L;
    const char *src, *src_end, *p_end;
    int depth;           /* of nested matches */
    unsigned long steps; /* since the last look at the interrupt */
    int level;           /* captures, finished or not */
    struct {
        const char *at;
        ptrdiff_t len; /* or one of the two below */
    } capture[PATTERN_CAPTURES];
};

enum { PATTERN_OPEN = -1, PATTERN_POSITION = -2 };

void cell_pattern_init(struct cell_pattern *m, lua_State *L, const char *s, size_t n,
                       const char *p, size_t k);

/* The end of the match of p that begins at s, or NULL. Forgets earlier captures. */
const char *cell_pattern_match(struct cell_pattern *m, const char *s, const char *p);

/* Pushes the captures; the whole match (s, e) when there are none and s is not NULL. */
int cell_pattern_push(struct cell_pattern *m, const char *s, const char *e);

/* Pushes capture number i (from 0; 0 is the whole match when there are none). */
void cell_pattern_push_one(struct cell_pattern *m, int i, const char *s, const char *e);

#endif
