/* plot_contour.c: plot.contour{f, x = {a, b}, y = {c, d}}: a surface from above. */
#include "plot.h"

#include "register.h"
#include "show.h"
#include "surface.h"
#include "tensor.h"
#include "ways.h"

#include "base/i18n.h"
#include "viz/style.h"

#include <math.h>

/* A list of levels, or how many. */
static void read_levels(const struct cmd_args *a, struct viz_field *f) {
    lua_State *L = a->L;
    double *level = cmd_scratch(L, VIZ_LEVELS_MAX, sizeof *level);
    size_t n = cmd_read_numbers(a, "levels", level, VIZ_LEVELS_MAX);
    if (!lua_istable(L, cmd_slot(a, "levels"))) {
        if (!(level[0] >= 1 && level[0] <= VIZ_LEVELS_MAX))
            cmd_refuse(a, "levels", _("va de 1 a %d y llegó %g"), VIZ_LEVELS_MAX,
                       level[0]);
        cmd_surface_levels(L, f, (size_t)level[0]);
        return;
    }
    for (size_t i = 1; i < n; i++)
        if (!(level[i - 1] < level[i]))
            cmd_refuse(a, "levels", "%s", _("los niveles van de menor a mayor"));
    f->levels = level;
    f->n_levels = n;
}

/* points = {{x, y}, ...}: a way over the surface, as a series with its first point. */
static size_t read_points(const struct cmd_args *a, struct viz_series s[2]) {
    lua_State *L = a->L;
    char shape[NN_SHAPE_TEXT];
    if (!cmd_given(a, "points"))
        return 0;
    lua_pushvalue(L, cmd_slot(a, "points"));
    const struct nn_var *v = cmd_to_var(L, -1, NN_F64, "points");
    if (v->ndim != 2 || v->shape[1] != 2)
        cmd_refuse(a, "points", _("se esperaban puntos (n, 2) y llegó %s"),
                   nn_shape_text(shape, v->ndim, v->shape));
    size_t n = v->shape[0];
    double *x = cmd_scratch(L, n + 1, sizeof *x), *y = cmd_scratch(L, n + 1, sizeof *y);
    for (size_t i = 0; i < n; i++) {
        x[i] = nn_tensor_get(v->value, 2 * i);
        y[i] = nn_tensor_get(v->value, 2 * i + 1);
    }
    s[0] = (struct viz_series){.name = _("camino"),
                               .x = x,
                               .y = y,
                               .n = n,
                               .color = VIZ_VERMILLION,
                               .points = true};
    s[1] = (struct viz_series){.name = _("inicio"),
                               .x = x,
                               .y = y,
                               .n = MIN_OF(n, (size_t)1),
                               .color = VIZ_BLACK,
                               .no_line = true,
                               .hollow = true};
    return 2;
}

/* ways = {a, b}, names = {...}: several ways of a descent, told apart from the bands. */
static size_t read_ways(const struct cmd_args *a, const struct viz_field *f,
                        struct viz_series *s) {
    static const int over_bands[] = {VIZ_VERMILLION, VIZ_BLACK, VIZ_GREEN, VIZ_PURPLE,
                                     VIZ_ORANGE};
    struct cmd_way way[CMD_WAYS_MAX];
    size_t n = cmd_read_ways(a, 2, 0, way);
    for (size_t i = 0; i < n; i++) {
        cmd_clip_way(&way[i], (double[]){f->x0, f->x1}, (double[]){f->y0, f->y1});
        s[i] = (struct viz_series){.name = way[i].name,
                                   .x = way[i].x,
                                   .y = way[i].y,
                                   .n = way[i].n,
                                   .color = over_bands[i % ARRAY_LEN(over_bands)],
                                   .points = true};
    }
    return n;
}

static int plot_contour(lua_State *L) {
    struct cmd_args a;
    struct cmd_surface s;
    struct viz_field f;
    struct viz_series series[2 + CMD_WAYS_MAX];
    struct viz_marker lowest = {.kind = VIZ_MARK_POINT, .color = VIZ_BLACK};
    double x[2] = {0}, y[2] = {0}, at[2], z;
    char text[96];
    cmd_args_read(&a, L, 1);
    cmd_surface_init(&s, &a, "f", 2);
    cmd_read_range(&a, "x", x);
    cmd_read_range(&a, "y", y);
    cmd_surface_grid(&s, &f, x, y, (size_t)cmd_integer(&a, "n"));
    read_levels(&a, &f);
    size_t n_series = read_points(&a, series);
    n_series += read_ways(&a, &f, series + n_series);
    struct viz_panel panel = {.field = &f,
                              .series = series,
                              .n_series = n_series,
                              .x = {.label = cmd_text(&a, "xlabel")},
                              .y = {.label = cmd_text(&a, "ylabel")}};
    if (cmd_boolean(&a, "minimum") && cmd_surface_lowest(&f, at, &z)) {
        cmd_surface_settle(&s, &f, at, &z);
        (void)snprintf(text, sizeof text, _("mínimo: %.3g en (%.3g, %.3g)"), z, at[0],
                       at[1]);
        lowest.x = at[0];
        lowest.y = at[1];
        lowest.label = text;
        panel.markers = &lowest;
        panel.n_markers = 1;
    }
    return cmd_show_panel(&a, &panel, 360);
}

static const struct cell_help_param params[] = {
    {.name = "f",
     .types = CELL_FUNCTION_VALUE,
     .flags = CELL_REQUIRED,
     .doc = N_("función de dos números, como function(w, b) ... end")},
    {.name = "x",
     .types = CELL_LIST_NUMBER,
     .flags = CELL_REQUIRED,
     .doc = N_("rango horizontal {a, b}")},
    {.name = "y",
     .types = CELL_LIST_NUMBER,
     .flags = CELL_REQUIRED,
     .doc = N_("rango vertical {c, d}")},
    {.name = "levels",
     .types = CELL_INTEGER | CELL_LIST_NUMBER,
     .flags = CELL_NAMED,
     .fallback = "10",
     .doc = N_("cuántas curvas de nivel, o sus valores")},
    {.name = "points",
     .types = CELL_TENSOR | CELL_TABLE,
     .flags = CELL_NAMED,
     .doc = N_("un camino encima: {{x, y}, ...}")},
    {.name = "ways",
     .types = CELL_TABLE | CELL_TENSOR,
     .flags = CELL_NAMED,
     .doc = N_("caminos encima: lo que devuelve trace, una lista de puntos, o varios")},
    {.name = "names",
     .types = CELL_LIST_STRING | CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("nombres de los caminos")},
    {.name = "minimum",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "true",
     .doc = N_("marca el punto más bajo")},
    {.name = "n",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED | CELL_MIN | CELL_MAX,
     .min = 8,
     .max = 200,
     .fallback = "61",
     .doc = N_("puntos de la grilla por lado")},
    {.name = "xlabel",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .fallback = "\"w\"",
     .doc = N_("qué es el eje horizontal")},
    {.name = "ylabel",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .fallback = "\"b\"",
     .doc = N_("qué es el eje vertical")},
    CMD_TITLE,
    CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "plot.contour",
      .kind = CELL_FUNCTION,
      .params = params,
      .n_params = ARRAY_LEN(params),
      .returns = N_("la figura, que se muestra"),
      .doc = N_("Curvas de nivel de una función de dos números: la pérdida vista desde "
                "arriba."),
      .example = "plot.contour{function(w, b) return (w - 1)^2 + 4 * (b + 1)^2 end, x = "
                 "{-2, 4}, y = {-3, 1}, points = {{-1, 0}, {0, -1}, {1, -1}}}",
      .see_also = "plot.descent"},
     plot_contour},
};

void cmd_plot_contour_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
