/* rescue.c: where the cell was and what it can save, when the process crashes. */
#include "cell/rescue.h"

#include "state.h"

void cell_rescue_begin(lua_State *L, struct cell_rescue *r) {
    struct cell *c = cell_of(L);
    r->outer = c->rescue;
    c->rescue = r;
}

void cell_rescue_end(lua_State *L, struct cell_rescue *r) {
    cell_of(L)->rescue = r->outer;
}

void cell_rescue_detail(lua_State *L, bool (*detail)(char *text, size_t size)) {
    cell_of(L)->crash_detail = detail;
}

/* Reads the state that the held thread was working on: nothing is allocated, nothing is
 * written. */
void cell_crash_position(void *self, char *text, size_t size) {
    struct cell *c = self;
    lua_Debug ar;
    text[0] = '\0';
    if (!atomic_load(&c->stop.executing))
        return;
    for (int level = 0; lua_getstack(c->running, level, &ar); level++) {
        if (!lua_getinfo(c->running, "Sl", &ar) || ar.currentline <= 0)
            continue;
        char line[LUA_IDSIZE + 40], what[300];
        (void)snprintf(line, sizeof line, _("%s, línea %d"), ar.short_src,
                       ar.currentline);
        if (c->crash_detail && c->crash_detail(what, sizeof what))
            (void)snprintf(text, size, "%s (%s)", line, what);
        else
            (void)snprintf(text, size, "%s", line);
        return;
    }
}

void cell_crash_rescue(void *self, char *text, size_t size) {
    struct cell *c = self;
    text[0] = '\0';
    if (c->rescue)
        c->rescue->save(c->rescue->ctx, text, size);
}
