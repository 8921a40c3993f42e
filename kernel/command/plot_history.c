/* plot_history.c: plot.history(h) of one training, plot.history{h1, h2, ...} of several in
 * one figure. */
#include "plot.h"

#include "curves.h"
#include "register.h"
#include "show.h"

#include "base/i18n.h"

#include <math.h>

enum { RUNS_MAX = 12, LOSS = 0, VAL_LOSS, ACCURACY, VAL_ACCURACY, COLUMNS };

/* What one training recorded: columns of n numbers, NULL where there is none. */
struct run {
    double *column[COLUMNS];
    size_t n;
    int epochs; /* asked for */
    const char *name;
};

/* The history in the list at slot `history`, number i from 1. */
static void read_run(const struct cmd_args *a, int list, int i, struct run *r) {
    static const char *const names[] = {"loss", "val_loss", "accuracy", "val_accuracy"};
    lua_State *L = a->L;
    size_t n[COLUMNS] = {0};
    luaL_checkstack(L, 40, NULL);
    lua_rawgeti(L, list, i);
    int history = lua_gettop(L);
    bool fields = lua_istable(L, -1) || lua_isuserdata(L, -1);
    if (!fields || lua_getfield(L, history, "history") != LUA_TTABLE)
        cmd_refuse(a, "history", "%s", _("se esperaba lo que devuelve m:fit{…}"));
    int table = lua_gettop(L);
    for (int k = 0; k < COLUMNS; k++)
        if (lua_getfield(L, table, names[k]) == LUA_TTABLE)
            r->column[k] = cmd_read_list(L, -1, names[k], &n[k]);
    for (int k = 1; k < COLUMNS; k++)
        if (r->column[k] && n[k] != n[0])
            cmd_refuse(a, "history", _("%s tiene %d números y loss %d"), names[k],
                       (int)n[k], (int)n[0]);
    if (!r->column[LOSS] || n[0] == 0 || n[0] > INT32_MAX)
        cmd_refuse(a, "history", "%s", _("no tiene épocas"));
    r->n = n[0];
    lua_getfield(L, history, "epochs_asked");
    r->epochs = (int)MAX_OF(lua_tointeger(L, -1), (lua_Integer)n[0]);
}

/* names[i], or "entrenamiento 2". */
static const char *run_name(const struct cmd_args *a, int i) {
    lua_State *L = a->L;
    int slot = cmd_slot(a, "names");
    if (lua_istable(L, slot)) {
        lua_rawgeti(L, slot, i);
        if (lua_type(L, -1) == LUA_TSTRING)
            return lua_tostring(L, -1); /* the list keeps it */
    }
    return lua_pushfstring(L, _("entrenamiento %d"), i);
}

static int show_chart(const struct cmd_args *a, int rc, const struct err *e) {
    if (rc < 0)
        cmd_raise(a->L, e);
    cmd_show_now(a->L);
    return 1;
}

static int show_one(const struct cmd_args *a, const struct run *r) {
    double *x = cmd_scratch(a->L, r->n, sizeof *x);
    for (size_t i = 0; i < r->n; i++)
        x[i] = (double)i + 1;
    struct cmd_curves c = {.n = (int)r->n,
                           .x = x,
                           .loss = r->column[LOSS],
                           .epochs = r->epochs,
                           .val_loss = r->column[VAL_LOSS],
                           .accuracy = r->column[ACCURACY],
                           .val_accuracy = r->column[VAL_ACCURACY],
                           .title = cmd_text(a, "title"),
                           .caption = cmd_text(a, "caption"),
                           .label = cmd_text(a, "label"),
                           .log = cmd_boolean(a, "log")};
    struct err e = {0};
    int rc = cmd_curves_bundle(cmd_figure_push(a->L), &c, VIZ_FINAL, &e);
    return show_chart(a, rc, &e);
}

/* ------------------------------------------------------------------- several trainings */

/* A panel while it is filled. */
struct overlay {
    struct viz_series series[2 * RUNS_MAX];
    struct viz_marker marker[RUNS_MAX];
    char name[RUNS_MAX][128];
    size_t n, n_markers;
};

/* The epoch with the lowest loss, of validation where there is one. */
static int best_epoch(const struct run *r) {
    const double *v = r->column[VAL_LOSS] ? r->column[VAL_LOSS] : r->column[LOSS];
    return cmd_curves_best(v, (int)r->n);
}

/* Training solid, validation dashed in the same colour, the best epoch as a ring; the
 * legend says which epoch, since labels at the rings would lie on each other. */
static void add_run(struct overlay *o, const struct run *r, int color, int train,
                    int val) {
    const double *t = r->column[train], *v = r->column[val];
    bool checked = v && cmd_curves_best(v, (int)r->n) >= 0;
    const double *marked = checked ? v : t;
    int best = best_epoch(r);
    char *name = o->name[color];
    if (t) {
        if (!checked)
            (void)snprintf(name, sizeof o->name[0], _("%s (mejor época: %d)"), r->name,
                           best + 1);
        o->series[o->n++] = (struct viz_series){
            .name = checked ? r->name : name, .y = t, .n = r->n, .color = color};
    }
    if (checked) {
        (void)snprintf(name, sizeof o->name[0], _("%s (validación; mejor época: %d)"),
                       r->name, best + 1);
        o->series[o->n++] = (struct viz_series){
            .name = name, .y = v, .n = r->n, .color = color, .dashed = true};
    }
    if (best >= 0 && marked && isfinite(marked[best]))
        o->marker[o->n_markers++] = (struct viz_marker){
            .kind = VIZ_MARK_POINT, .x = best + 1, .y = marked[best], .color = color};
}

static struct viz_panel fill_panel(struct overlay *o, const struct run *r, int n,
                                   int train, int val) {
    int epochs = 1;
    for (int i = 0; i < n; i++) {
        add_run(o, &r[i], i, train, val);
        epochs = MAX_OF(epochs, (int)r[i].n);
    }
    return (struct viz_panel){.series = o->series,
                              .n_series = o->n,
                              .markers = o->marker,
                              .n_markers = o->n_markers,
                              .x = {.label = _("época"),
                                    .integer = true,
                                    .fixed = true,
                                    .min = 0,
                                    .max = epochs}};
}

static int show_several(const struct cmd_args *a, const struct run *r, int n) {
    lua_State *L = a->L;
    struct overlay *o = cmd_scratch(L, 2, sizeof *o);
    struct viz_panel panel[2];
    size_t panels = 1;
    panel[0] = fill_panel(&o[0], r, n, LOSS, VAL_LOSS);
    panel[0].title = _("Pérdida");
    panel[0].y = (struct viz_axis){.label = _("pérdida"), .log = cmd_boolean(a, "log")};
    panel[1] = fill_panel(&o[1], r, n, ACCURACY, VAL_ACCURACY);
    panel[1].title = _("Exactitud");
    panel[1].y.label = _("exactitud");
    if (o[1].n > 0)
        panels = 2;
    const struct viz_chart chart = {.title = cmd_text(a, "title"),
                                    .panels = panel,
                                    .n_panels = panels,
                                    .height = 280 + 16.0 * ((double)n / 2),
                                    .caption = cmd_text(a, "caption"),
                                    .label = cmd_text(a, "label")};
    struct err e = {0};
    int rc = viz_chart_bundle(cmd_figure_push(L), &chart, VIZ_FINAL, &e);
    return show_chart(a, rc, &e);
}

static int plot_history(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    int list = cmd_slot(&a, "history");
    size_t n = lua_istable(L, list) ? lua_rawlen(L, list) : 0;
    if (n < 1 || n > RUNS_MAX)
        cmd_refuse(&a, "history", _("van de 1 a %d entrenamientos y llegaron %d"),
                   RUNS_MAX, (int)n);
    luaL_checkstack(L, 40 + (int)n * 14, NULL);
    struct run *r = cmd_scratch(L, n, sizeof *r);
    for (size_t i = 0; i < n; i++) {
        read_run(&a, list, (int)i + 1, &r[i]);
        r[i].name = run_name(&a, (int)i + 1);
    }
    return n == 1 ? show_one(&a, r) : show_several(&a, r, (int)n);
}

static const struct cell_help_param params[] = {
    {.name = "history",
     .types = CELL_HISTORY | CELL_TABLE,
     .flags = CELL_REST,
     .doc = N_("lo que devuelve m:fit{…}; varios, para compararlos")},
    {.name = "names",
     .types = CELL_LIST_STRING,
     .flags = CELL_NAMED,
     .doc = N_("nombres de los entrenamientos")},
    {.name = "log",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("pérdida en escala logarítmica")},
    CMD_TITLE,
    CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "plot.history",
      .kind = CELL_FUNCTION,
      .params = params,
      .n_params = ARRAY_LEN(params),
      .returns = N_("la figura, que se muestra"),
      .doc =
          N_("Las curvas de aprendizaje de uno o de varios entrenamientos, con la mejor "
             "época marcada."),
      .example =
          "d = data.gauss{n = 80}; function run(rate) local m = "
          "nn.Sequential{nn.Dense(2)}; m:compile{optimizer = optim.SGD(rate), loss = "
          "\"sparse_categorical_crossentropy\"}; return m:fit{d, epochs = 4, verbose "
          "= 0} end; plot.history{run(0.01), run(0.1), names = {\"0.01\", \"0.1\"}}",
      .see_also = "Model:fit plot.gradients"},
     plot_history},
};

void cmd_plot_history_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
