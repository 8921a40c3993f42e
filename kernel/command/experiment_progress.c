/* experiment_progress.c: the line that says where a series of experiments is, and within one
 * of them the epoch. It lives in a userdata of its own: a callback that somebody keeps
 * beyond the series changes the line, and nothing else. */
#include "experiments.h"

#include "base/i18n.h"
#include "cell/cell.h"
#include "cell/display.h"

#include <math.h>

static const double interval = 0.25; /* s between two lines of one experiment */

struct cmd_progress *cmd_progress_push(lua_State *L, int n) {
    struct cmd_progress *p = cmd_scratch(L, 1, sizeof *p);
    p->n = n;
    return p;
}

static void say(lua_State *L, struct cmd_progress *p, struct buf *line) {
    const struct host *h = cell_host(L);
    struct mime_bundle b = {0};
    if (p->stored > 0)
        buf_printf(
            line,
            ngettext_(" (%d ya estaba hecho)", " (%d ya estaban hechos)", p->stored),
            p->stored);
    if (line->failed)
        return; /* the next one will come */
    if (!p->shown)
        cell_display_id(p->id);
    if (mime_add_text(&b, "text/plain", line->data) &&
        mime_set_metadata(&b, "{\"sin_informe\": true}")) /* no line for a report */
        h->display(h->self, ORIGIN_CURRENT, &b, p->id, p->shown);
    p->shown = true;
    mime_release(&b);
}

void cmd_progress_begin(lua_State *L, struct cmd_progress *p, int i, const char *name) {
    struct buf line;
    buf_init(&line, 1000);
    p->i = i;
    p->next = 0;
    (void)snprintf(p->name, sizeof p->name, "%s", name);
    buf_printf(&line, _("Experimento %d de %d: %s"), i, p->n, p->name);
    say(L, p, &line);
    buf_release(&line);
}

void cmd_progress_end(lua_State *L, struct cmd_progress *p, bool interrupted, int done) {
    struct buf line;
    buf_init(&line, 1000);
    if (interrupted)
        buf_printf(&line, _("Interrumpido: %d de %d experimentos hechos"), done, p->n);
    else
        buf_printf(&line, ngettext_("%d experimento", "%d experimentos", p->n), p->n);
    say(L, p, &line);
    buf_release(&line);
}

static double number_of(lua_State *L, int idx, const char *name) {
    double v = lua_getfield(L, idx, name) == LUA_TNUMBER ? lua_tonumber(L, -1) : NAN;
    lua_pop(L, 1);
    return v;
}

/* function(log), after each epoch; upvalues: the line and the epochs that are asked for. */
static int on_epoch(lua_State *L) {
    struct cmd_progress *p = lua_touserdata(L, lua_upvalueindex(1));
    lua_Integer epochs = lua_tointeger(L, lua_upvalueindex(2));
    if (!lua_istable(L, 1))
        return 0;
    double now = clock_seconds(), epoch = number_of(L, 1, "epoch");
    if (!isfinite(epoch) || (now < p->next && (lua_Integer)epoch < epochs))
        return 0;
    p->next = now + interval;
    double accuracy = number_of(L, 1, "val_accuracy"), loss = number_of(L, 1, "val_loss");
    struct buf line;
    buf_init(&line, 1000);
    buf_printf(&line, _("Experimento %d de %d: %s"), p->i, p->n, p->name);
    if (epochs > 0)
        buf_printf(&line, _(" · época %d de %d"), (int)epoch, (int)epochs);
    else
        buf_printf(&line, _(" · época %d"), (int)epoch);
    if (isfinite(accuracy))
        buf_printf(&line, _(" · exactitud val. %.4f"), accuracy);
    else if (isfinite(loss))
        buf_printf(&line, _(" · pérdida val. %.4g"), loss);
    say(L, p, &line);
    buf_release(&line);
    return 0;
}

void cmd_progress_push_callback(lua_State *L, int progress, lua_Integer epochs) {
    lua_pushvalue(L, progress);
    lua_pushinteger(L, epochs);
    lua_pushcclosure(L, on_epoch, 2);
}
