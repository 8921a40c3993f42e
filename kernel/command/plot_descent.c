/* plot_descent.c: plot.descent{f, x0 = , learning_rate = , steps = }: gradient descent as
 * a picture: the way over the curve or surface, and the value after each step. */
#include "plot.h"

#include "register.h"
#include "show.h"
#include "surface.h"

#include "base/i18n.h"
#include "viz/style.h"

#include <math.h>

enum { RUNS_MAX = 6, STEPS_MAX = 1000, CURVE_POINTS = 161, TANGENTS_MAX = 4 };

/* The steps of one learning rate. */
struct run {
    double rate;
    double *x, *y; /* the way; y is unused with one dimension */
    double *value;
    double slope[TANGENTS_MAX]; /* at the first points, with one dimension */
    size_t n;                   /* points: the start and one a step */
    bool diverges;
    char name[96];
};

struct descent {
    struct cmd_args a;
    struct cmd_surface f;
    double x0[2];
    size_t steps, n_runs;
    struct run run[RUNS_MAX];
    double window[2][2]; /* what is shown of x and y */
    double step[STEPS_MAX + 1];
};

static void walk(struct descent *d, struct run *r) {
    lua_State *L = d->a.L;
    double at[2] = {d->x0[0], d->x0[1]}, g[2] = {0};
    r->x = cmd_scratch(L, d->steps + 1, sizeof(double));
    r->y = cmd_scratch(L, d->steps + 1, sizeof(double));
    r->value = cmd_scratch(L, d->steps + 1, sizeof(double));
    for (r->n = 0; r->n <= d->steps && isfinite(at[0]) && isfinite(at[1]);) {
        r->x[r->n] = at[0];
        r->y[r->n] = at[1];
        r->value[r->n] = cmd_surface_value(&d->f, at);
        if (!isfinite(r->value[r->n]))
            break;
        if (r->n < d->steps || r->n < TANGENTS_MAX)
            cmd_surface_gradient(&d->f, at, g);
        if (r->n < TANGENTS_MAX)
            r->slope[r->n] = g[0];
        r->n++;
        for (int i = 0; i < d->f.dims; i++)
            at[i] -= r->rate * g[i];
    }
    if (r->n == 0)
        cmd_refuse(&d->a, "x0", "%s", _("la función no es finita en ese punto"));
    double first = r->value[0], last = r->value[r->n - 1];
    r->diverges = r->n <= d->steps || last - first > 1e-9 * fmax(1, fabs(first));
}

/* The window is centred on the lowest point that a way reached, and shows all ways that
 * do not diverge, of the others the beginning. */
static void find_window(struct descent *d, int axis) {
    double lowest = INFINITY, centre = d->x0[axis], reach = 0;
    for (size_t k = 0; k < d->n_runs; k++)
        for (size_t i = 0; i < d->run[k].n; i++)
            if (d->run[k].value[i] < lowest) {
                lowest = d->run[k].value[i];
                centre = (axis ? d->run[k].y : d->run[k].x)[i];
            }
    for (size_t k = 0; k < d->n_runs; k++) {
        const struct run *r = &d->run[k];
        size_t n = r->diverges ? MIN_OF(r->n, (size_t)3) : r->n;
        for (size_t i = 0; i < n; i++)
            reach = fmax(reach, fabs((axis ? r->y : r->x)[i] - centre));
    }
    reach = reach > 1e-12 ? reach : 1;
    d->window[axis][0] = centre - 1.3 * reach;
    d->window[axis][1] = centre + 1.3 * reach;
}

static bool in_window(const struct descent *d, const struct run *r, size_t i) {
    bool in = r->x[i] >= d->window[0][0] && r->x[i] <= d->window[0][1];
    return in &&
           (d->f.dims == 1 || (r->y[i] >= d->window[1][0] && r->y[i] <= d->window[1][1]));
}

/* A way that leaves the window for good ends with the first step outside, and says so. */
static void clip_run(const struct descent *d, struct run *r) {
    if (!r->diverges) {
        (void)snprintf(r->name, sizeof r->name, "η = %.4g", r->rate);
        return;
    }
    size_t inside = r->n;
    while (inside > 1 && !in_window(d, r, inside - 1))
        inside--;
    r->n = MIN_OF(r->n, inside + 1);
    (void)snprintf(r->name, sizeof r->name, _("η = %.4g: diverge (sale en el paso %d)"),
                   r->rate, (int)inside);
}

static void read_descent(struct descent *d, lua_State *L) {
    double rate[RUNS_MAX];
    int dims = (int)cmd_read_numbers(&d->a, "x0", d->x0, 2);
    cmd_surface_init(&d->f, &d->a, "f", dims);
    d->steps = (size_t)cmd_integer(&d->a, "steps");
    d->n_runs = cmd_read_numbers(&d->a, "learning_rate", rate, RUNS_MAX);
    luaL_checkstack(L, 60, NULL);
    for (size_t i = 0; i <= d->steps; i++)
        d->step[i] = (double)i;
    for (size_t k = 0; k < d->n_runs; k++) {
        d->run[k].rate = rate[k];
        walk(d, &d->run[k]);
    }
    for (int i = 0; i < dims; i++)
        if (!cmd_read_range(&d->a, i ? "y" : "x", d->window[i]))
            find_window(d, i);
    for (size_t k = 0; k < d->n_runs; k++)
        clip_run(d, &d->run[k]);
}

/* -------------------------------------------------------------------------- drawing */

/* Colours that stand out from the curve, or from the blue bands. */
static int run_color(const struct descent *d, size_t k) {
    static const int over_bands[RUNS_MAX] = {VIZ_VERMILLION, VIZ_BLACK,  VIZ_GREEN,
                                             VIZ_PURPLE,     VIZ_ORANGE, VIZ_SKY};
    return d->f.dims == 2 ? over_bands[k] : (int)k;
}

struct way_parts {
    struct viz_series series[VIZ_SERIES_MAX];
    size_t n;
    double x[CURVE_POINTS], y[CURVE_POINTS];
    double tx[RUNS_MAX][3 * TANGENTS_MAX], ty[RUNS_MAX][3 * TANGENTS_MAX];
    struct viz_field field;
    struct viz_marker lowest;
};

static void add_curve(struct descent *d, struct way_parts *p) {
    double lo = d->window[0][0], hi = d->window[0][1];
    for (int i = 0; i < CURVE_POINTS; i++) {
        p->x[i] = lo + (hi - lo) * i / (CURVE_POINTS - 1);
        p->y[i] = cmd_surface_value(&d->f, &p->x[i]);
    }
    p->series[p->n++] = (struct viz_series){
        .name = "f(x)", .x = p->x, .y = p->y, .n = CURVE_POINTS, .color = VIZ_BLACK};
}

/* Short pieces of the tangents at the first points: all of them for a single way, at the
 * start alone for several. */
static void add_tangents(const struct descent *d, struct way_parts *p) {
    double half = (d->window[0][1] - d->window[0][0]) / 10;
    for (size_t k = 0; k < (d->n_runs > 1 ? 1 : d->n_runs); k++) {
        const struct run *r = &d->run[k];
        size_t n = d->n_runs > 1 ? 1 : MIN_OF(r->n, (size_t)TANGENTS_MAX);
        for (size_t i = 0; i < n; i++)
            for (int j = 0; j < 3; j++) { /* left end, right end, gap */
                double dx = j == 2 ? (double)NAN : (2 * j - 1) * half;
                p->tx[k][3 * i + (size_t)j] = r->x[i] + dx;
                p->ty[k][3 * i + (size_t)j] = r->value[i] + r->slope[i] * dx;
            }
        p->series[p->n++] =
            (struct viz_series){.name = n > 1 ? _("tangentes") : _("tangente"),
                                .x = p->tx[k],
                                .y = p->ty[k],
                                .n = 3 * n,
                                .color = VIZ_ORANGE,
                                .dashed = true};
    }
}

static void add_ways(const struct descent *d, struct way_parts *p) {
    for (size_t k = 0; k < d->n_runs; k++) {
        const struct run *r = &d->run[k];
        p->series[p->n++] = (struct viz_series){.name = r->name,
                                                .x = r->x,
                                                .y = d->f.dims == 2 ? r->y : r->value,
                                                .n = r->n,
                                                .color = run_color(d, k),
                                                .points = true};
    }
    p->series[p->n++] =
        (struct viz_series){.name = _("inicio"),
                            .x = d->run[0].x,
                            .y = d->f.dims == 2 ? d->run[0].y : d->run[0].value,
                            .n = 1,
                            .color = VIZ_BLACK,
                            .no_line = true,
                            .hollow = true};
}

/* The vertical window of a curve: what the curve itself needs. */
static struct viz_axis curve_axis(const struct way_parts *p) {
    struct viz_axis y = {
        .label = "f(x)", .fixed = true, .min = INFINITY, .max = -INFINITY};
    for (int i = 0; i < CURVE_POINTS; i++) {
        if (!isfinite(p->y[i]))
            continue;
        y.min = fmin(y.min, p->y[i]);
        y.max = fmax(y.max, p->y[i]);
    }
    y.min -= 0.04 * (y.max - y.min);
    return y;
}

static struct viz_panel way_panel(struct descent *d, struct way_parts *p) {
    struct viz_panel panel = {.title = _("Camino"), .x = {.label = "x"}};
    if (d->f.dims == 1) {
        add_curve(d, p);
        add_tangents(d, p);
        panel.y = curve_axis(p);
        panel.x.fixed = true;
        panel.x.min = d->window[0][0];
        panel.x.max = d->window[0][1];
    } else {
        cmd_surface_grid(&d->f, &p->field, d->window[0], d->window[1], 61);
        cmd_surface_levels(d->a.L, &p->field, 10);
        panel.field = &p->field;
        panel.y.label = "y";
    }
    add_ways(d, p);
    panel.series = p->series;
    panel.n_series = p->n;
    return panel;
}

static struct viz_panel value_panel(const struct descent *d,
                                    struct viz_series series[RUNS_MAX]) {
    double lo = INFINITY, hi = 0;
    for (size_t k = 0; k < d->n_runs; k++) {
        const struct run *r = &d->run[k];
        series[k] = (struct viz_series){.x = d->step,
                                        .y = r->value,
                                        .n = r->n,
                                        .color = run_color(d, k),
                                        .points = true};
        for (size_t i = 0; i < r->n; i++) {
            lo = fmin(lo, r->value[i]);
            hi = fmax(hi, r->value[i]);
        }
    }
    return (struct viz_panel){.title = _("Valor después de cada paso"),
                              .series = series,
                              .n_series = d->n_runs,
                              .x = {.label = _("paso"), .integer = true},
                              .y = {.log = lo > 0 && hi > 200 * lo}};
}

static int plot_descent(lua_State *L) {
    struct cmd_args a;
    struct viz_series values[RUNS_MAX];
    cmd_args_read(&a, L, 1);
    struct descent *d = cmd_scratch(L, 1, sizeof *d);
    struct way_parts *parts = cmd_scratch(L, 1, sizeof *parts);
    d->a = a;
    read_descent(d, L);
    const struct viz_panel panel[] = {way_panel(d, parts), value_panel(d, values)};
    const struct viz_chart chart = {.title = cmd_text(&d->a, "title"),
                                    .panels = panel,
                                    .n_panels = 2,
                                    .height = 340,
                                    .caption = cmd_text(&d->a, "caption"),
                                    .label = cmd_text(&d->a, "label")};
    struct err e = {0};
    if (viz_chart_bundle(cmd_figure_push(L), &chart, VIZ_FINAL, &e) < 0)
        cmd_raise(L, &e);
    cmd_show_now(L);
    return 1;
}

static const struct cell_help_param params[] = {
    {.name = "f",
     .types = CELL_FUNCTION_VALUE,
     .flags = CELL_REQUIRED,
     .doc = N_("función de uno o dos números")},
    {.name = "x0",
     .types = CELL_NUMBER | CELL_LIST_NUMBER,
     .flags = CELL_REQUIRED,
     .doc = N_("desde dónde: un número, o {x, y}")},
    {.name = "learning_rate",
     .types = CELL_NUMBER | CELL_LIST_NUMBER,
     .flags = CELL_MIN_OPEN,
     .min = 0,
     .fallback = "0.1",
     .doc = N_("la tasa de aprendizaje, o varias: {0.05, 0.5, 1.05}")},
    {.name = "steps",
     .types = CELL_INTEGER,
     .flags = CELL_MIN | CELL_MAX,
     .min = 1,
     .max = STEPS_MAX,
     .fallback = "20",
     .doc = N_("cuántos pasos")},
    {.name = "x",
     .types = CELL_LIST_NUMBER,
     .flags = CELL_NAMED,
     .doc = N_("rango horizontal {a, b}; sin él, según los caminos")},
    {.name = "y",
     .types = CELL_LIST_NUMBER,
     .flags = CELL_NAMED,
     .doc = N_("rango vertical {c, d} con dos números")},
    CMD_TITLE,
    CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "plot.descent",
      .kind = CELL_FUNCTION,
      .params = params,
      .n_params = ARRAY_LEN(params),
      .returns = N_("la figura, que se muestra"),
      .doc = N_("El descenso del gradiente paso a paso, con una o varias tasas. El "
                "gradiente sale de autograd si la función lo permite; si no, de "
                "diferencias."),
      .formula = "x \\leftarrow x - \\eta\\, f'(x)",
      .example = "plot.descent{function(w) return (w - 3)^2 end, x0 = 0, learning_rate = "
                 "{0.05, 0.5, 1.05}, steps = 20}",
      .see_also = "plot.contour optim.SGD"},
     plot_descent},
};

void cmd_plot_descent_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
