/* history.c: the history of a training as a Lua table. */
#include "history.h"

#include "curves.h"
#include "objects.h"
#include "register.h"

#include "base/i18n.h"

#include <math.h>

static void push_column(lua_State *L, const double *v, int n) {
    lua_createtable(L, n, 0);
    for (int i = 0; i < n; i++) {
        lua_pushnumber(L, v[i]);
        lua_rawseti(L, -2, i + 1);
    }
}

/* A column without a finite number (val_loss without validation) stays out. */
static bool worth(const double *v, int n) {
    for (int i = 0; v && i < n; i++)
        if (isfinite(v[i]))
            return true;
    return false;
}

/* Field `name` of the table on top: {low, high, n, zeros, counts}. */
static void push_histogram(lua_State *L, const char *name, const struct nn_histogram *h) {
    if (h->n == 0)
        return;
    lua_createtable(L, 0, 5);
    lua_pushnumber(L, h->low);
    lua_setfield(L, -2, "low");
    lua_pushnumber(L, h->high);
    lua_setfield(L, -2, "high");
    lua_pushinteger(L, (lua_Integer)h->n);
    lua_setfield(L, -2, "n");
    lua_pushinteger(L, (lua_Integer)h->zeros);
    lua_setfield(L, -2, "zeros");
    lua_createtable(L, NN_HISTOGRAM_BINS, 0);
    for (int i = 0; i < NN_HISTOGRAM_BINS; i++) {
        lua_pushinteger(L, (lua_Integer)h->count[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "counts");
    lua_setfield(L, -2, name);
}

/* The list of layers with a list per measure; the layers' names are keys as well. */
static void push_diagnostics(lua_State *L, const struct nn_history *h) {
    lua_createtable(L, h ? h->n_layers : 0, h ? h->n_layers : 0);
    for (int i = 0; h && i < h->n_layers; i++) {
        const struct nn_layer_record *r = &h->layer[i];
        const struct {
            const char *name;
            const double *v;
        } column[] = {{"gradient_norm", r->gradient_norm},
                      {"weight_norm", r->weight_norm},
                      {"update_ratio", r->update_ratio},
                      {"dead", r->dead},
                      {"saturated", r->saturated}};
        lua_createtable(L, 0, 6);
        lua_pushstring(L, r->name);
        lua_setfield(L, -2, "layer");
        for (size_t k = 0; k < ARRAY_LEN(column); k++) {
            if (!worth(column[k].v, h->n))
                continue;
            push_column(L, column[k].v, h->n);
            lua_setfield(L, -2, column[k].name);
        }
        push_histogram(L, "gradients", &r->gradients);
        push_histogram(L, "weights", &r->weights);
        push_histogram(L, "activations", &r->activations);
        lua_pushvalue(L, -1);
        lua_setfield(L, -3, r->name);
        lua_rawseti(L, -2, i + 1);
    }
}

void cmd_history_push(lua_State *L, const struct nn_history *h, double seconds) {
    char name[64];
    lua_createtable(L, 0, 6);
    lua_newtable(L);
    for (int i = 0; h && nn_history_column_name(h, i, name); i++) {
        const double *v = nn_history_column(h, name);
        if (!worth(v, h->n))
            continue;
        push_column(L, v, h->n);
        lua_setfield(L, -2, name);
    }
    lua_setfield(L, -2, "history");
    lua_pushinteger(L, h ? h->n : 0);
    lua_setfield(L, -2, "epochs");
    lua_pushinteger(L, h ? h->epochs : 0);
    lua_setfield(L, -2, "epochs_asked");
    lua_pushnumber(L, seconds);
    lua_setfield(L, -2, "seconds");
    lua_pushboolean(L, h && h->stopped);
    lua_setfield(L, -2, "stopped");
    if (h && h->best > 0) {
        lua_pushinteger(L, h->best);
        lua_setfield(L, -2, "best_epoch");
    }
    push_diagnostics(L, h);
    lua_setfield(L, -2, "diagnostics");
    luaL_setmetatable(L, CMD_HISTORY);
}

/* Number i of column `name` in the history at idx; NAN when it is not there. */
static double column_at(lua_State *L, int idx, const char *name, lua_Integer i) {
    double v = NAN;
    int top = lua_gettop(L);
    if (lua_getfield(L, idx, "history") == LUA_TTABLE &&
        lua_getfield(L, -1, name) == LUA_TTABLE && lua_rawgeti(L, -1, i) == LUA_TNUMBER)
        v = lua_tonumber(L, -1);
    lua_settop(L, top);
    return v;
}

static lua_Integer best_epoch(lua_State *L, int idx, lua_Integer n) {
    lua_Integer best = 0;
    double low = INFINITY;
    for (lua_Integer i = 1; i <= n; i++) {
        double v = column_at(L, idx, "val_loss", i);
        if (v < low) {
            low = v;
            best = i;
        }
    }
    return best;
}

static int history_text(lua_State *L) {
    struct buf *b = cmd_buf(L);
    lua_getfield(L, 1, "epochs");
    lua_Integer n = lua_tointeger(L, -1);
    lua_getfield(L, 1, "seconds");
    double seconds = lua_tonumber(L, -1);
    lua_getfield(L, 1, "stopped");
    bool stopped = lua_toboolean(L, -1);
    buf_printf(
        b,
        ngettext_("Historial: %d época en %.1f s", "Historial: %d épocas en %.1f s", n),
        (int)n, seconds);
    double loss = column_at(L, 1, "loss", n), accuracy = column_at(L, 1, "accuracy", n);
    if (isfinite(loss))
        buf_printf(b, _(" · pérdida %.4g"), loss);
    if (isfinite(accuracy))
        buf_printf(b, _(" · exactitud %.4f"), accuracy);
    lua_Integer best = best_epoch(L, 1, n);
    if (best > 0)
        buf_printf(b, _(" · mejor val_loss %.4g (época %d)"),
                   column_at(L, 1, "val_loss", best), (int)best);
    if (stopped)
        buf_puts(b, _(" · detenido"));
    if (b->failed)
        cmd_raise_nomem(L);
    lua_pushlstring(L, b->data, b->len);
    return 1;
}

#define FIELD(title, back, text)                                                         \
    { {.name = title, .kind = CELL_FIELD, .returns = back, .doc = text}, NULL }

static const struct cmd_command commands[] = {
    {{.name = "History",
      .kind = CELL_CLASS,
      .doc = N_("Lo que pasó en un entrenamiento, época por época."),
      .see_also = "Model:fit plot.history"},
     NULL},
    FIELD("History.history", N_("una tabla de listas"),
          N_("loss, accuracy, val_loss, val_accuracy …: un número por época.")),
    FIELD("History.epochs", N_("un entero"), N_("Las épocas hechas.")),
    FIELD("History.epochs_asked", N_("un entero"), N_("Las épocas pedidas.")),
    FIELD("History.seconds", N_("un número"), N_("Lo que duró, en segundos.")),
    FIELD("History.best_epoch", N_("un entero o nil"),
          N_("La época con la menor val_loss (o loss), o la mejor de EarlyStopping.")),
    FIELD("History.diagnostics", N_("una tabla de capas"),
          N_("Por capa, un número por época: gradient_norm, weight_norm, update_ratio "
             "(log10 del paso entre los pesos), dead y saturated.")),
    FIELD("History.stopped", N_("un booleano"), N_("Si se detuvo antes de terminar.")),
    FIELD("History.interrupted", N_("un booleano o nil"),
          N_("Si lo detuvo el botón de interrumpir.")),
};

void cmd_history_open(lua_State *L) {
    luaL_newmetatable(L, CMD_HISTORY);
    lua_pushcfunction(L, history_text);
    lua_setfield(L, -2, "__tostring");
    lua_pushcfunction(L, history_text);
    lua_setfield(L, -2, "__display");
    lua_pop(L, 1);
    cmd_register(L, commands, ARRAY_LEN(commands));
}
