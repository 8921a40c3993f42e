/* plot_curve.c: plot.curve{f, x = {a, b}}: functions of one number as curves, with what a
 * lesson points at: the minimum, tangents, points of data, ways of a descent. */
#include "plot.h"

#include "register.h"
#include "show.h"
#include "surface.h"
#include "tensor.h"
#include "ways.h"

#include "base/i18n.h"
#include "viz/style.h"

#include <math.h>

enum { CURVES_MAX = 8, TANGENTS_MAX = 6, TEXT = 96 };

struct curves {
    struct cmd_args a;
    struct cmd_surface f[CURVES_MAX];
    size_t n_curves, n; /* functions, values of each */
    double x[2], y[2];  /* the window */
    double *at;         /* the n places */
    double *value[CURVES_MAX];
    struct viz_series series[VIZ_SERIES_MAX];
    size_t n_series, n_tangents;
    struct viz_marker marker[CURVES_MAX];
    size_t n_markers;
    char text[CURVES_MAX + TANGENTS_MAX][TEXT];
    double tangent_x[TANGENTS_MAX][2], tangent_y[TANGENTS_MAX][2];
    double touch_x[TANGENTS_MAX], touch_y[TANGENTS_MAX];
    struct cmd_way way[CMD_WAYS_MAX];
};

/* Leaves each function on the stack, where its surface finds it. */
static void read_functions(struct curves *c) {
    lua_State *L = c->a.L;
    int slot = cmd_slot(&c->a, "f");
    bool list = lua_istable(L, slot);
    size_t n = list ? lua_rawlen(L, slot) : 1;
    if (n < 1 || n > CURVES_MAX)
        cmd_refuse(&c->a, "f", _("van de 1 a %d funciones y llegaron %d"), CURVES_MAX,
                   (int)n);
    luaL_checkstack(L, (int)n + 60, NULL);
    for (size_t k = 0; k < n; k++) {
        if (list)
            lua_rawgeti(L, slot, (lua_Integer)k + 1);
        else
            lua_pushvalue(L, slot);
        if (!lua_isfunction(L, -1))
            cmd_refuse(&c->a, "f", _("se esperaba una función y llegó %s"),
                       cmd_value_text(L, -1));
        cmd_surface_init(&c->f[k], &c->a, "f", 1);
        c->f[k].slot = lua_gettop(L);
    }
    c->n_curves = n;
}

static void add_curves(struct curves *c) {
    c->n = (size_t)cmd_integer(&c->a, "n");
    c->at = cmd_scratch(c->a.L, c->n, sizeof(double));
    for (size_t i = 0; i < c->n; i++)
        c->at[i] = c->x[0] + (c->x[1] - c->x[0]) * (double)i / (double)(c->n - 1);
    for (size_t k = 0; k < c->n_curves; k++) {
        c->value[k] = cmd_scratch(c->a.L, c->n, sizeof(double));
        for (size_t i = 0; i < c->n; i++)
            c->value[k][i] = cmd_surface_value(&c->f[k], &c->at[i]);
        c->series[c->n_series++] =
            (struct viz_series){.name = cmd_name_at(&c->a, "names", k),
                                .x = c->at,
                                .y = c->value[k],
                                .n = c->n,
                                .color = (int)k};
    }
}

/* The vertical window is what the curves need, with a little air. */
static void find_window(struct curves *c) {
    if (cmd_read_range(&c->a, "y", c->y))
        return;
    double lo = INFINITY, hi = -INFINITY;
    for (size_t k = 0; k < c->n_curves; k++)
        for (size_t i = 0; i < c->n; i++)
            if (isfinite(c->value[k][i])) {
                lo = fmin(lo, c->value[k][i]);
                hi = fmax(hi, c->value[k][i]);
            }
    double air = hi > lo ? 0.05 * (hi - lo) : 1;
    c->y[0] = lo - air;
    c->y[1] = hi + air;
}

/* The lowest value of curve k by golden section between the neighbours of the lowest of
 * the values drawn. false: it lies at the border, or there is none. */
static bool lowest(struct curves *c, size_t k, double *x, double *y) {
    size_t best = 0;
    const double *v = c->value[k], ratio = (sqrt(5) - 1) / 2;
    for (size_t i = 1; i < c->n; i++)
        if (!isfinite(v[best]) || v[i] < v[best])
            best = i;
    if (best == 0 || best == c->n - 1 || !isfinite(v[best]))
        return false;
    double a = c->at[best - 1], b = c->at[best + 1];
    for (int i = 0; i < 60; i++) {
        double p = b - ratio * (b - a), q = a + ratio * (b - a);
        if (cmd_surface_value(&c->f[k], &p) <= cmd_surface_value(&c->f[k], &q))
            b = q;
        else
            a = p;
    }
    *x = (a + b) / 2;
    *y = cmd_surface_value(&c->f[k], x);
    if (v[best] <= *y) { /* a node was exact */
        *x = c->at[best];
        *y = v[best];
    }
    return true;
}

static void add_minima(struct curves *c) {
    const char *xlabel = cmd_text(&c->a, "xlabel");
    for (size_t k = 0; k < c->n_curves && cmd_boolean(&c->a, "minimum"); k++) {
        double x, y;
        if (!lowest(c, k, &x, &y))
            continue;
        char *text = c->text[c->n_markers];
        (void)snprintf(text, TEXT, _("mínimo: %.4g en %s = %.4g"),
                       fabs(y) < 1e-12 ? 0.0 : y, xlabel, fabs(x) < 1e-9 ? 0.0 : x);
        c->marker[c->n_markers++] =
            (struct viz_marker){.kind = VIZ_MARK_POINT,
                                .x = x,
                                .y = y,
                                .label = text,
                                .color = c->n_curves > 1 ? (int)k : VIZ_BLACK};
    }
}

/* Tangents to the first curve, each with its slope in the legend. */
static void add_tangents(struct curves *c) {
    double at[TANGENTS_MAX];
    if (!cmd_given(&c->a, "tangents"))
        return;
    size_t n = cmd_read_numbers(&c->a, "tangents", at, TANGENTS_MAX);
    double half = (c->x[1] - c->x[0]) / 6;
    c->n_tangents = n;
    for (size_t i = 0; i < n; i++) {
        double slope = 0, y = cmd_surface_value(&c->f[0], &at[i]);
        char *text = c->text[CURVES_MAX + i];
        int color = 1 + (int)(c->n_curves + i - 1) % (VIZ_COLORS - 2);
        cmd_surface_gradient(&c->f[0], &at[i], &slope);
        (void)snprintf(text, TEXT, _("pendiente %.4g en %s = %.4g"),
                       fabs(slope) < 1e-9 ? 0.0 : slope, cmd_text(&c->a, "xlabel"),
                       at[i]);
        for (int j = 0; j < 2; j++) {
            c->tangent_x[i][j] = at[i] + (2 * j - 1) * half;
            c->tangent_y[i][j] = y + slope * (2 * j - 1) * half;
        }
        c->touch_x[i] = at[i];
        c->touch_y[i] = y;
        c->series[c->n_series++] = (struct viz_series){.name = text,
                                                       .x = c->tangent_x[i],
                                                       .y = c->tangent_y[i],
                                                       .n = 2,
                                                       .color = color,
                                                       .dashed = true};
        c->series[c->n_series++] = (struct viz_series){.x = &c->touch_x[i],
                                                       .y = &c->touch_y[i],
                                                       .n = 1,
                                                       .color = color,
                                                       .points = true};
    }
}

static void add_points(struct curves *c) {
    lua_State *L = c->a.L;
    char shape[NN_SHAPE_TEXT];
    if (!cmd_given(&c->a, "points"))
        return;
    lua_pushvalue(L, cmd_slot(&c->a, "points"));
    const struct nn_var *v = cmd_to_var(L, -1, NN_F64, "points");
    if (v->ndim != 2 || v->shape[1] != 2)
        cmd_refuse(&c->a, "points", _("se esperaban puntos (n, 2) y llegó %s"),
                   nn_shape_text(shape, v->ndim, v->shape));
    size_t n = v->shape[0];
    double *x = cmd_scratch(L, n + 1, sizeof *x), *y = cmd_scratch(L, n + 1, sizeof *y);
    for (size_t i = 0; i < n; i++) {
        x[i] = nn_tensor_get(v->value, 2 * i);
        y[i] = nn_tensor_get(v->value, 2 * i + 1);
        c->y[0] = fmin(c->y[0], isfinite(y[i]) ? y[i] : c->y[0]);
        c->y[1] = fmax(c->y[1], isfinite(y[i]) ? y[i] : c->y[1]);
    }
    c->series[c->n_series++] = (struct viz_series){.name = _("datos"),
                                                   .x = x,
                                                   .y = y,
                                                   .n = n,
                                                   .color = VIZ_BLACK,
                                                   .points = true,
                                                   .no_line = true};
}

/* A way has its points on the first curve and ends with the first one outside. */
static void add_ways(struct curves *c) {
    size_t n = cmd_read_ways(&c->a, 1, c->n_curves, c->way);
    for (size_t k = 0; k < n; k++) {
        struct cmd_way *w = &c->way[k];
        cmd_clip_way(w, c->x, NULL);
        double *y = cmd_scratch(c->a.L, w->n + 1, sizeof *y);
        for (size_t i = 0; i < w->n; i++)
            y[i] = cmd_surface_value(&c->f[0], &w->x[i]);
        c->series[c->n_series++] = (struct viz_series){
            .name = w->name,
            .x = w->x,
            .y = y,
            .n = w->n,
            .color = (int)(c->n_curves + c->n_tangents + k) % VIZ_COLORS,
            .points = true};
    }
}

static int plot_curve(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct curves *c = cmd_scratch(L, 1, sizeof *c);
    *c = (struct curves){.a = a};
    cmd_read_range(&a, "x", c->x);
    read_functions(c);
    add_curves(c);
    find_window(c);
    add_tangents(c);
    add_points(c);
    add_ways(c);
    add_minima(c);
    const struct viz_panel panel = {
        .series = c->series,
        .n_series = c->n_series,
        .markers = c->marker,
        .n_markers = c->n_markers,
        .x = {cmd_text(&a, "xlabel"), true, c->x[0], c->x[1], false, false},
        .y = {cmd_text(&a, "ylabel"), true, c->y[0], c->y[1], false, false}};
    return cmd_show_panel(&a, &panel, 300);
}

static const struct cell_help_param params[] = {
    {.name = "f",
     .types = CELL_FUNCTION_VALUE | CELL_TABLE,
     .flags = CELL_REQUIRED,
     .doc = N_("función de un número, o una lista de funciones")},
    {.name = "x",
     .types = CELL_LIST_NUMBER,
     .flags = CELL_REQUIRED,
     .doc = N_("rango horizontal {a, b}")},
    {.name = "y",
     .types = CELL_LIST_NUMBER,
     .flags = CELL_NAMED,
     .doc = N_("rango vertical {c, d}; sin él, el de las curvas")},
    {.name = "names",
     .types = CELL_LIST_STRING | CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("nombres para la leyenda: primero las funciones, después los caminos")},
    {.name = "minimum",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("marca el mínimo de cada curva")},
    {.name = "tangents",
     .types = CELL_NUMBER | CELL_LIST_NUMBER,
     .flags = CELL_NAMED,
     .doc = N_("dónde dibujar la tangente de la primera curva: 1, o {1, 5}")},
    {.name = "points",
     .types = CELL_TENSOR | CELL_TABLE,
     .flags = CELL_NAMED,
     .doc = N_("datos: {{x, y}, ...}")},
    {.name = "ways",
     .types = CELL_TABLE | CELL_TENSOR,
     .flags = CELL_NAMED,
     .doc = N_("caminos sobre la primera curva: lo que devuelve trace, una lista de "
               "números, o varios")},
    {.name = "n",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED | CELL_MIN | CELL_MAX,
     .min = 8,
     .max = 5000,
     .fallback = "241",
     .doc = N_("puntos de cada curva")},
    {.name = "xlabel",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .fallback = "\"x\"",
     .doc = N_("qué es el eje horizontal")},
    {.name = "ylabel",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("qué es el eje vertical")},
    CMD_TITLE,
    CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "plot.curve",
      .kind = CELL_FUNCTION,
      .params = params,
      .n_params = ARRAY_LEN(params),
      .returns = N_("la figura, que se muestra"),
      .doc = N_("Funciones de un número como curvas, con su mínimo, sus tangentes, datos "
                "o el camino de un descenso."),
      .example = "plot.curve{function(w) return (w - 3)^2 end, x = {-1, 7}, minimum = "
                 "true, tangents = {1, 5}, xlabel = \"w\", ylabel = \"L(w)\"}",
      .see_also = "plot.line plot.contour plot.descent trace"},
     plot_curve},
};

void cmd_plot_curve_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
