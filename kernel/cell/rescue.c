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
        (void)snprintf(text, size, _("%s, línea %d"), ar.short_src, ar.currentline);
        return;
    }
}

void cell_crash_rescue(void *self, char *text, size_t size) {
    struct cell *c = self;
    text[0] = '\0';
    if (c->rescue)
        c->rescue->save(c->rescue->ctx, text, size);
}
