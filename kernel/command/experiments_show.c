/* experiments_show.c: the result of lab.experiments: its table, curves and models. */
#include "experiments.h"

#include "register.h"
#include "show.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "viz/chart.h"

#include <math.h>

static double number_of(lua_State *L, int row, const char *name) {
    double v = lua_getfield(L, row, name) == LUA_TNUMBER ? lua_tonumber(L, -1) : NAN;
    lua_pop(L, 1);
    return v;
}

/* ------------------------------------------------------------------- order */

/* The better run first: higher validation accuracy, then lower validation loss; what has
 * neither stands last. */
static bool is_better(lua_State *L, int a, int b) {
    double x = number_of(L, a, "val_accuracy"), y = number_of(L, b, "val_accuracy");
    if (isfinite(x) != isfinite(y))
        return isfinite(x);
    if (isfinite(x) && x != y)
        return x > y;
    x = number_of(L, a, "val_loss");
    y = number_of(L, b, "val_loss");
    if (isfinite(x) != isfinite(y))
        return isfinite(x);
    return isfinite(x) && x < y;
}

/* Insertion: equal runs keep the order in which they were written. */
static void sort_rows(lua_State *L, int rows) {
    int n = (int)lua_rawlen(L, rows);
    for (int i = 2; i <= n; i++) {
        lua_rawgeti(L, rows, i);
        int held = lua_gettop(L), k = i - 1;
        for (; k > 0; k--) {
            lua_rawgeti(L, rows, k);
            if (!is_better(L, held, held + 1)) {
                lua_pop(L, 1);
                break;
            }
            lua_rawseti(L, rows, k + 1);
        }
        lua_rawseti(L, rows, k + 1);
    }
}

/* ------------------------------------------------------------------- table */

static void number_cell(lua_State *L, struct cmd_table *t, int row, const char *name,
                        int decimals) {
    double v = number_of(L, row, name);
    if (isfinite(v))
        cmd_table_cell(L, t, "%.*f", decimals, v);
    else
        cmd_table_cell(L, t, "%s", "–");
}

/* "7 de 10": the epoch that the numbers are of. */
static void epoch_cell(lua_State *L, struct cmd_table *t, int row) {
    double best = number_of(L, row, "best_epoch"), n = number_of(L, row, "epochs");
    if (isfinite(best) && isfinite(n))
        cmd_table_cell(L, t, _("%d de %d"), (int)best, (int)n);
    else
        number_cell(L, t, row, "epochs", 0);
}

static void table_row(lua_State *L, struct cmd_table *t, int row) {
    lua_getfield(L, row, "name");
    cmd_table_cell(L, t, "%s", luaL_tolstring(L, -1, NULL));
    lua_getfield(L, row, "config");
    cmd_table_cell(L, t, "%s", luaL_tolstring(L, -1, NULL));
    lua_settop(L, row);
    number_cell(L, t, row, "val_accuracy", 4);
    number_cell(L, t, row, "val_loss", 4);
    number_cell(L, t, row, "accuracy", 4);
    number_cell(L, t, row, "parameters", 0);
    epoch_cell(L, t, row);
    number_cell(L, t, row, "seconds", 1);
    number_cell(L, t, row, "seed", 0);
}

void cmd_experiments_push(const struct cmd_args *a, const char *folder,
                          const char *note) {
    static const char *const headers[] = {
        N_("experimento"),  N_("opciones"),  N_("exactitud val."),
        N_("pérdida val."), N_("exactitud"), N_("parámetros"),
        N_("mejor época"),  N_("segundos"),  N_("semilla")};
    lua_State *L = a->L;
    int rows = lua_gettop(L);
    sort_rows(L, rows);
    struct cmd_table *t =
        cmd_table_push(L, ARRAY_LEN(headers), headers, "llrrrrrrr", CMD_EXPERIMENTS);
    int object = lua_gettop(L), n = (int)lua_rawlen(L, rows);
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, rows, i);
        table_row(L, t, lua_gettop(L));
        if (i == 1) {
            cmd_table_bold(t);
            lua_pushvalue(L, -1);
            lua_setfield(L, object, "best");
        }
        if (folder) {
            lua_pushstring(L, folder);
            lua_setfield(L, -2, "folder");
        }
        lua_rawseti(L, object, i);
    }
    if (note)
        cmd_table_note(L, t, note);
    cmd_table_caption(L, t, a);
    lua_replace(L, rows);
}

/* ------------------------------------------------------------------- methods */

static void check_self(lua_State *L, const char *method) {
    bool ok = lua_istable(L, 1) && lua_getmetatable(L, 1);
    if (ok) {
        luaL_getmetatable(L, CMD_EXPERIMENTS);
        ok = lua_rawequal(L, -1, -2);
        lua_pop(L, 2);
    }
    if (!ok)
        cell_raisef(L, ERR_ARG,
                    _("%s: va delante lo que devuelve lab.experiments{…}. ¿Escribiste "
                      "«.» en lugar de «:»?"),
                    method);
}

static int m_model(lua_State *L) {
    struct cmd_args a;
    check_self(L, "Experiments:model");
    cmd_args_read(&a, L, 2);
    const char *name = cmd_text(&a, "name");
    int n = (int)lua_rawlen(L, 1);
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, 1, i);
        lua_getfield(L, -1, "name");
        if (!name || strcmp(luaL_tolstring(L, -1, NULL), name) == 0) {
            int row = lua_gettop(L) - (name ? 2 : 1);
            if (lua_getfield(L, row, "model") == LUA_TUSERDATA)
                return 1;
            if (lua_getfield(L, row, "folder") != LUA_TSTRING)
                break;
            lua_getglobal(L, "nn");
            lua_getfield(L, -1, "load");
            lua_getfield(L, row, "folder");
            lua_getfield(L, row, "key");
            lua_pushfstring(L, "%s/%s.safetensors", lua_tostring(L, -2),
                            lua_tostring(L, -1));
            lua_replace(L, -3);
            lua_pop(L, 1);
            lua_call(L, 1, 1);
            return 1;
        }
        lua_settop(L, a.base + (int)a.row->n_params - 1);
    }
    return cmd_refuse(&a, "name", _("no hay un modelo de «%s»"), name ? name : "");
}

/* The numbers of history.<name> of the row on top; *n of them. */
static const double *column_of(lua_State *L, int row, const char *name, size_t *n) {
    *n = 0;
    if (lua_getfield(L, row, "history") != LUA_TTABLE ||
        lua_getfield(L, -1, name) != LUA_TTABLE)
        return NULL;
    int list = lua_gettop(L);
    size_t len = lua_rawlen(L, list);
    double *v = cmd_scratch(L, len, sizeof *v);
    for (size_t i = 0; i < len; i++) {
        v[i] = lua_rawgeti(L, list, (lua_Integer)i + 1) == LUA_TNUMBER
                   ? lua_tonumber(L, -1)
                   : NAN;
        lua_pop(L, 1);
    }
    *n = len;
    return v;
}

/* One curve per run; the columns stay on the stack. */
static size_t read_curves(lua_State *L, const char *column, struct viz_series *s) {
    size_t k = 0;
    int n = MIN_OF((int)lua_rawlen(L, 1), (int)VIZ_SERIES_MAX);
    luaL_checkstack(L, 8 * n + 20, "plot");
    for (int i = 1; i <= n; i++) {
        size_t len;
        lua_rawgeti(L, 1, i);
        int row = lua_gettop(L);
        lua_getfield(L, row, "name");
        const char *name = lua_tostring(L, -1);
        const double *y = column_of(L, row, column, &len);
        if (y && len > 0)
            s[k++] = (struct viz_series){.name = name,
                                         .y = y,
                                         .n = len,
                                         .color = (i - 1) % VIZ_COLORS,
                                         .dashed = i > VIZ_COLORS,
                                         .points = len <= 30};
    }
    return k;
}

static int m_plot(lua_State *L) {
    struct cmd_args a;
    struct err e = {0};
    check_self(L, "Experiments:plot");
    cmd_args_read(&a, L, 2);
    struct viz_series *loss = cmd_scratch(L, VIZ_SERIES_MAX, sizeof *loss);
    struct viz_series *accuracy = cmd_scratch(L, VIZ_SERIES_MAX, sizeof *accuracy);
    struct viz_panel panel[2];
    size_t n = 0, k = read_curves(L, "val_loss", loss);
    const struct viz_axis x = {.label = _("época"), .integer = true};
    if (k > 0)
        panel[n++] = (struct viz_panel){
            .title = _("Pérdida de validación"),
            .x = x,
            .y = {.label = _("pérdida"), .log = cmd_boolean(&a, "log")},
            .series = loss,
            .n_series = k};
    k = read_curves(L, "val_accuracy", accuracy);
    if (k > 0)
        panel[n++] = (struct viz_panel){.title = _("Exactitud de validación"),
                                        .x = x,
                                        .y = {.label = _("exactitud")},
                                        .series = accuracy,
                                        .n_series = k};
    if (n == 0)
        return cell_raisef(L, ERR_STATE, "%s",
                           _("Experiments:plot: ningún experimento tiene curvas de "
                             "validación"));
    struct mime_bundle *b = cmd_figure_push(L);
    const struct viz_chart chart = {.title = cmd_text(&a, "title"),
                                    .panels = panel,
                                    .n_panels = n,
                                    .caption = cmd_text(&a, "caption"),
                                    .label = cmd_text(&a, "label")};
    if (viz_chart_bundle(b, &chart, VIZ_FINAL, &e) < 0)
        cmd_raise(L, &e);
    cmd_show_now(L);
    return 1;
}

static const struct cell_help_param p_model[] = {
    {.name = "name",
     .types = CELL_STRING,
     .doc = N_("nombre del experimento; sin él, el mejor")}};
static const struct cell_help_param p_plot[] = {
    {.name = "log",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("pérdida en escala logarítmica")},
    {.name = "title",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("título de la figura")},
    CMD_CAPTION};

#define FIELD(title, back, text)                                                         \
    { {.name = title, .kind = CELL_FIELD, .returns = back, .doc = text}, NULL }

static const struct cmd_command commands[] = {
    {{.name = "Experiments",
      .kind = CELL_CLASS,
      .doc = N_("Lo que devuelve lab.experiments: una fila por experimento, el mejor "
                "primero."),
      .see_also = "lab.experiments Experiments:model Experiments:plot"},
     NULL},
    FIELD("Experiments.best", N_("una tabla"),
          N_("El mejor: name, val_accuracy, val_loss, accuracy, parameters, epochs, "
             "best_epoch, seconds, seed, history; los números son los de best_epoch.")),
    {{.name = "Experiments:model",
      .kind = CELL_METHOD,
      .params = p_model,
      .n_params = ARRAY_LEN(p_model),
      .returns = N_("un modelo entrenado"),
      .doc = N_("El modelo de un experimento; si se entrenó en otra sesión, se lee del "
                "disco."),
      .example = "r = lab.experiments{chica = {units = 4}, data = data.gauss{n = 60},\n"
                 "  base = {epochs = 1}, store = false, model = function(cfg)\n"
                 "    return nn.Sequential{nn.Dense(cfg.units), nn.Dense(2)}\n  end}\n"
                 "r:model(\"chica\"):summary()",

      .see_also = "lab.experiments"},
     m_model},
    {{.name = "Experiments:plot",
      .kind = CELL_METHOD,
      .params = p_plot,
      .n_params = ARRAY_LEN(p_plot),
      .returns = N_("una figura"),
      .doc = N_("Las curvas de validación de todos los experimentos, juntas."),
      .example = "r = lab.experiments{chica = {units = 4}, data = data.gauss{n = 60},\n"
                 "  base = {epochs = 1}, store = false, model = function(cfg)\n"
                 "    return nn.Sequential{nn.Dense(cfg.units), nn.Dense(2)}\n  end}\n"
                 "r:plot()",

      .see_also = "lab.experiments plot.history"},
     m_plot}};

void cmd_experiments_show_open(lua_State *L) {
    cmd_table_class(L, CMD_EXPERIMENTS);
    cmd_register(L, commands, ARRAY_LEN(commands));
}
