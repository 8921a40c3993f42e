/* experiment_progress.c: one display, updated: "Experimento 2 de 8: dropout · época 3 de 10
 * · exactitud val. 0.8123 (1 ya estaba hecho)". */
#include "experiment_progress.h"

#include "base/i18n.h"
#include "base/util.h"
#include "cell/cell.h"
#include "cell/display.h"

#include <lauxlib.h>
#include <stdio.h>

#define INTERVAL 0.25 /* seconds between two epochs that are shown */

static void show(struct cmd_progress *p, const char *text) {
    const struct host *h = cell_host(p->L);
    struct mime_bundle b = {0};
    char line[500], stored[80] = "";
    if (p->stored > 0)
        (void)snprintf(
            stored, sizeof stored,
            ngettext_(" (%d ya estaba hecho)", " (%d ya estaban hechos)", p->stored),
            p->stored);
    (void)snprintf(line, sizeof line, "%.400s%s", text, stored);
    if (!p->shown)
        cell_display_id(p->id);
    if (mime_add_text(&b, "text/plain", line))
        h->display(h->self, ORIGIN_CURRENT, &b, p->id, p->shown);
    p->shown = true;
    mime_release(&b);
}

void cmd_progress_run(struct cmd_progress *p, int i, const char *name) {
    char line[300];
    p->at = i;
    p->name = name;
    p->last = 0;
    (void)snprintf(line, sizeof line, _("Experimento %d de %d: %.200s"), i, p->total,
                   name);
    show(p, line);
}

void cmd_progress_end(struct cmd_progress *p, int done, bool interrupted) {
    char line[200];
    if (!p->shown)
        return;
    if (interrupted)
        (void)snprintf(line, sizeof line, _("Interrumpido: %d de %d experimentos hechos"),
                       done, p->total);
    else
        (void)snprintf(line, sizeof line,
                       ngettext_("%d experimento", "%d experimentos", p->total),
                       p->total);
    show(p, line);
}

/* Called with the results of an epoch; the line and the number of epochs are upvalues. */
static int on_epoch(lua_State *L) {
    struct cmd_progress *p = lua_touserdata(L, lua_upvalueindex(1));
    int epochs = (int)lua_tointeger(L, lua_upvalueindex(2));
    double now = clock_seconds();
    char line[400];
    if (now - p->last < INTERVAL)
        return 0;
    p->last = now;
    lua_getfield(L, 1, "epoch");
    int n =
        snprintf(line, sizeof line, _("Experimento %d de %d: %.200s · época %d de %d"),
                 p->at, p->total, p->name, (int)lua_tointeger(L, -1), epochs);
    if (lua_getfield(L, 1, "val_accuracy") == LUA_TNUMBER && n > 0 &&
        (size_t)n < sizeof line)
        (void)snprintf(line + n, sizeof line - (size_t)n, _(" · exactitud val. %.4f"),
                       lua_tonumber(L, -1));
    show(p, line);
    return 0;
}

void cmd_progress_follow(struct cmd_progress *p, int idx, int epochs) {
    lua_State *L = p->L;
    idx = lua_absindex(L, idx);
    lua_newtable(L);
    int list = lua_gettop(L);
    int type = lua_getfield(L, idx, "callbacks");
    lua_Integer n = type == LUA_TTABLE ? (lua_Integer)lua_rawlen(L, -1) : 0;
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, -1, i);
        lua_rawseti(L, list, i);
    }
    if (type != LUA_TNIL && type != LUA_TTABLE) { /* one alone */
        lua_rawseti(L, list, ++n);
        lua_pushnil(L);
    }
    lua_pop(L, 1);
    lua_pushlightuserdata(L, p);
    lua_pushinteger(L, epochs);
    lua_pushcclosure(L, on_epoch, 2);
    lua_rawseti(L, list, n + 1);
    lua_setfield(L, idx, "callbacks");
}
