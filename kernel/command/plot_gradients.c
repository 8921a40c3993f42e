/* plot_gradients.c: plot.gradients(h): how the layers fared in a training. */
#include "plot.h"

#include "register.h"
#include "show.h"

#include "base/i18n.h"
#include "viz/chart.h"

#include <math.h>

enum { LAYERS_MAX = VIZ_SERIES_MAX / 2, PANELS = 6, BINS_MAX = 1000 };

/* A panel while it is filled. */
struct lines {
    struct viz_series series[VIZ_SERIES_MAX];
    size_t n;
    int keep; /* stack index of a table that keeps the numbers alive */
};

/* Field `name` of the layer on top of the stack, a list of numbers, as one more line. */
static void add_line(lua_State *L, struct lines *l, const char *name, const char *legend,
                     int color, bool dashed) {
    if (lua_getfield(L, -1, name) == LUA_TTABLE) {
        size_t n = MIN_OF(lua_rawlen(L, -1), (size_t)VIZ_POINTS_MAX);
        double *v = cmd_scratch(L, n + 1, sizeof *v);
        lua_rawseti(L, l->keep, (lua_Integer)lua_rawlen(L, l->keep) + 1);
        for (size_t i = 0; i < n; i++) {
            lua_rawgeti(L, -1, (lua_Integer)i + 1);
            v[i] = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : (double)NAN;
            lua_pop(L, 1);
        }
        l->series[l->n++] = (struct viz_series){.name = legend,
                                                .y = v,
                                                .n = n,
                                                .color = color,
                                                .dashed = dashed,
                                                .points = n <= 60};
    }
    lua_pop(L, 1);
}

static struct viz_panel panel(const struct lines *l, const char *title,
                              const char *label) {
    size_t n = 1;
    for (size_t i = 0; i < l->n; i++)
        n = MAX_OF(n, l->series[i].n);
    return (struct viz_panel){.title = title,
                              .series = l->series,
                              .n_series = l->n,
                              .x = {.label = _("época"),
                                    .integer = true,
                                    .fixed = true,
                                    .min = 0,
                                    .max = (double)n},
                              .y = {.label = label}};
}

static double number_field(lua_State *L, const char *name) {
    lua_getfield(L, -1, name);
    double v = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : (double)NAN;
    lua_pop(L, 1);
    return v;
}

/* Field `name` of the layer on top, {low, high, n, counts}, as shares of all numbers. */
static void add_stairs(lua_State *L, struct lines *l, const char *name,
                       const char *legend, int color) {
    int top = lua_gettop(L);
    if (lua_getfield(L, -1, name) != LUA_TTABLE) {
        lua_settop(L, top);
        return;
    }
    double low = number_field(L, "low"), high = number_field(L, "high"),
           all = number_field(L, "n");
    size_t bins = lua_getfield(L, -1, "counts") == LUA_TTABLE
                      ? MIN_OF(lua_rawlen(L, -1), (size_t)BINS_MAX)
                      : 0;
    if (bins > 0 && all > 0 && high > low) {
        double *v = cmd_scratch(L, 2 * (bins + 1), sizeof *v), *x = v + bins + 1;
        lua_rawseti(L, l->keep, (lua_Integer)lua_rawlen(L, l->keep) + 1);
        for (size_t i = 0; i <= bins; i++) {
            lua_rawgeti(L, -1, (lua_Integer)MIN_OF(i + 1, bins));
            v[i] = lua_tonumber(L, -1) / all;
            x[i] = low + (high - low) * (double)i / (double)bins;
            lua_pop(L, 1);
        }
        l->series[l->n++] = (struct viz_series){.name = legend,
                                                .x = x,
                                                .y = v,
                                                .n = bins + 1,
                                                .color = color,
                                                .stairs = true};
    }
    lua_settop(L, top);
}

static const struct viz_marker guide = {
    .kind = VIZ_MARK_HLINE, .y = -3, .label = "−3", .color = VIZ_BLACK};

/* How the numbers of the last epoch are spread. */
static struct viz_panel spread(const struct lines *l, const char *title,
                               const char *label) {
    double top = 0, low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < l->n; i++) {
        const struct viz_series *s = &l->series[i];
        for (size_t k = 0; k + 1 < s->n; k++) {
            if (!(s->y[k] > 0))
                continue;
            top = fmax(top, s->y[k]);
            low = fmin(low, s->x[k]);
            high = fmax(high, s->x[k + 1]);
        }
    }
    return (struct viz_panel){
        .title = title,
        .series = l->series,
        .n_series = l->n,
        .no_legend = true,
        .x = {.label = label, .fixed = true, .min = low, .max = high},
        .y = {.label = _("fracción"), .fixed = top > 0, .max = top * 1.06}};
}

/* A row of three panels over the epochs and one of the last epoch's histograms, without
 * those that no layer has something for. */
static size_t make_panels(struct viz_panel p[PANELS], struct lines l[PANELS],
                          size_t *first_row) {
    p[0] = panel(&l[0], _("Norma del gradiente"), _("norma"));
    p[0].y.log = true;
    p[1] = panel(&l[1], _("Paso entre pesos"), _("log10 del cociente"));
    p[1].markers = &guide;
    p[1].n_markers = 1;
    p[2] = panel(&l[2], _("Apagadas y saturadas"), _("fracción"));
    p[2].y.fixed = true;
    p[2].y.max = 1;
    size_t n = l[2].n ? 3 : 2;
    *first_row = n;
    if (l[3].n)
        p[n++] = spread(&l[3], _("Gradientes, al final"), _("log10 del tamaño"));
    if (l[4].n)
        p[n++] = spread(&l[4], _("Pesos, al final"), _("valor"));
    if (l[5].n)
        p[n++] = spread(&l[5], _("Activaciones, al final"), _("valor"));
    return n;
}

/* The lines of the layer on top of the stack. */
static void add_layer(lua_State *L, struct lines *l, int color, bool histograms) {
    lua_getfield(L, -1, "layer");
    const char *name = lua_tostring(L, -1); /* the history keeps it */
    lua_pop(L, 1);
    add_line(L, &l[0], "gradient_norm", name, color, false);
    add_line(L, &l[1], "update_ratio", name, color, false);
    add_line(L, &l[2], "dead", name, color, false);
    const char *flat = lua_pushfstring(L, _("%s (sat.)"), name);
    lua_rawseti(L, l->keep, (lua_Integer)lua_rawlen(L, l->keep) + 1);
    add_line(L, &l[2], "saturated", flat, color, true);
    if (!histograms)
        return;
    add_stairs(L, &l[3], "gradients", name, color);
    add_stairs(L, &l[4], "weights", name, color);
    add_stairs(L, &l[5], "activations", name, color);
}

static int plot_gradients(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    luaL_checkstack(L, 3 * LAYERS_MAX + 40, NULL);
    struct lines *l = cmd_scratch(L, PANELS, sizeof *l);
    lua_newtable(L);
    for (int i = 0; i < PANELS; i++)
        l[i].keep = lua_gettop(L);
    lua_getfield(L, cmd_slot(&a, "history"), "diagnostics");
    lua_Integer n = lua_istable(L, -1) ? (lua_Integer)lua_rawlen(L, -1) : 0;
    if (n == 0)
        return cmd_refuse(
            &a, "history", "%s",
            _("no tiene diagnostics: se esperaba lo que devuelve m:fit{…}"));
    const char *title = cmd_text(&a, "title"), *caption = cmd_text(&a, "caption"),
               *label = cmd_text(&a, "label");
    for (lua_Integer i = 1; i <= MIN_OF(n, (lua_Integer)LAYERS_MAX); i++) {
        lua_rawgeti(L, -1, i);
        add_layer(L, l, (int)(i - 1) % VIZ_COLORS, cmd_boolean(&a, "histograms"));
        lua_pop(L, 1);
    }
    struct viz_panel p[PANELS];
    size_t per_row, n_panels = make_panels(p, l, &per_row);
    const struct viz_chart chart = {.title = title,
                                    .panels = p,
                                    .n_panels = n_panels,
                                    .per_row = MIN_OF(per_row, n_panels),
                                    .caption = caption,
                                    .label = label};
    struct err e = {0};
    if (viz_chart_bundle(cmd_figure_push(L), &chart, VIZ_FINAL, &e) < 0)
        cmd_raise(L, &e);
    cmd_show_now(L);
    return 1;
}

static const struct cell_help_param p_gradients[] = {
    {.name = "history",
     .types = CELL_HISTORY | CELL_TABLE,
     .flags = CELL_REQUIRED,
     .doc = N_("lo que devuelve m:fit{…}")},
    {.name = "histograms",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "true",
     .doc = N_("también cómo se reparten gradientes, pesos y activaciones en la última "
               "época")},
    CMD_TITLE,
    CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "plot.gradients",
      .kind = CELL_FUNCTION,
      .params = p_gradients,
      .n_params = ARRAY_LEN(p_gradients),
      .returns = N_("la figura, que se muestra"),
      .doc = N_("Cómo estuvo cada capa: norma del gradiente, tamaño del paso junto a los "
                "pesos (cerca de −3 es sano), unidades apagadas o saturadas, y los "
                "histogramas de la última época."),
      .example = "d = data.gauss{n = 80}; m = nn.Sequential{nn.Dense{8, activation = "
                 "\"relu\"}, nn.Dense(2)}; m:compile{loss = "
                 "\"sparse_categorical_crossentropy\"}; h = m:fit{d, epochs = 3, verbose "
                 "= 0}; plot.gradients(h)",
      .see_also = "plot.history plot.histogram Model:fit History.diagnostics"},
     plot_gradients},
};

void cmd_plot_gradients_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
