/* plot_histogram.c: plot.histogram{values}: how numbers are spread, several lists over each
 * other in common bins. */
#include "plot.h"

#include "register.h"
#include "show.h"
#include "tensor.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "viz/chart.h"

#include <math.h>

enum { LISTS_MAX = 12, BINS_MAX = 400, NAME_MAX_BYTES = 200 };

struct histogram {
    struct cmd_args a;
    size_t n, bins;
    const double *value[LISTS_MAX];
    size_t count[LISTS_MAX], odd[LISTS_MAX]; /* numbers, and those that are not finite */
    const char *name[LISTS_MAX];
    double low, high;
    double *edge, *y[LISTS_MAX]; /* bins + 1 each */
};

/* All numbers of the value on top, a tensor of any shape or nested lists. */
static void add_list(struct histogram *h, const char *name) {
    lua_State *L = h->a.L;
    if (h->n == LISTS_MAX)
        cmd_refuse(&h->a, "values", _("van hasta %d listas de números"), LISTS_MAX);
    luaL_checkstack(L, 8, NULL);
    lua_pushvalue(L, -1);
    const struct nn_tensor *t = cmd_to_var(L, -1, NN_F64, "values")->value;
    double *v = cmd_scratch(L, t->n + 1, sizeof *v);
    for (size_t i = 0; i < t->n; i++)
        v[i] = nn_tensor_get(t, i);
    h->value[h->n] = v;
    h->count[h->n] = t->n;
    h->name[h->n++] = name;
}

/* A list whose items are lists or tensors is several lists, a tensor never is. */
static bool is_several(lua_State *L, int idx) {
    if (cmd_var_test(L, idx) || lua_rawlen(L, idx) == 0)
        return false;
    lua_rawgeti(L, idx, 1);
    const struct nn_var *v = cmd_var_test(L, -1);
    bool several = lua_istable(L, -1) || (v && v->ndim > 0);
    lua_pop(L, 1);
    return several;
}

/* The kernels of a model's layers, by name. */
static void add_model(struct histogram *h, struct nn_model *m) {
    lua_State *L = h->a.L;
    for (int i = 0; i < nn_model_count(m) && h->n < LISTS_MAX; i++) {
        struct nn_var *p = nn_model_param(m, i, NULL);
        if (p->ndim < 2)
            continue;
        struct nn_var **box = cmd_var_push(L);
        *box = nn_var_retain(p);
        add_list(h, p->name);
    }
    if (h->n == 0)
        cmd_refuse(&h->a, "values", "%s",
                   _("el modelo no tiene pesos todavía: falta m:build o m:fit"));
}

static void read_values(struct histogram *h) {
    lua_State *L = h->a.L;
    int slot = cmd_slot(&h->a, "values"), names = cmd_slot(&h->a, "names");
    struct nn_model *m = cmd_box_test(L, slot, CMD_MODEL);
    if (m) {
        add_model(h, m);
    } else if (is_several(L, slot)) {
        for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, slot); i++) {
            lua_rawgeti(L, slot, i);
            add_list(h, NULL);
        }
    } else {
        lua_pushvalue(L, slot);
        add_list(h, NULL);
    }
    for (size_t i = 0; i < h->n && !lua_isnil(L, names); i++) {
        if (lua_istable(L, names))
            lua_rawgeti(L, names, (lua_Integer)i + 1);
        else
            lua_pushvalue(L, names);
        if (lua_type(L, -1) == LUA_TSTRING && (i == 0 || lua_istable(L, names)))
            h->name[i] = lua_tostring(L, -1); /* the list keeps it */
        lua_pop(L, 1);
    }
}

/* The option range, or what the numbers have. */
static void find_range(struct histogram *h) {
    lua_State *L = h->a.L;
    size_t n = 2;
    const double *given = NULL;
    if (cmd_given(&h->a, "range"))
        given = cmd_read_list(L, cmd_slot(&h->a, "range"), "range", &n);
    if (given && (n != 2 || !(given[0] < given[1]) || !isfinite(given[1] - given[0])))
        cmd_refuse(&h->a, "range", "%s", _("van dos números, {menor, mayor}"));
    h->low = given ? given[0] : INFINITY;
    h->high = given ? given[1] : -INFINITY;
    for (size_t k = 0; k < h->n; k++)
        for (size_t i = 0; i < h->count[k]; i++) {
            double v = h->value[k][i];
            h->odd[k] += isfinite(v) ? 0 : 1;
            if (given || !isfinite(v))
                continue;
            h->low = fmin(h->low, v);
            h->high = fmax(h->high, v);
        }
    if (h->low > h->high)
        cmd_refuse(&h->a, "values", "%s", _("no hay ningún número finito"));
    if (h->low == h->high) { /* all equal: one bin in the middle */
        double d = fmax(fabs(h->low) * 0.05, 0.5);
        h->low -= d;
        h->high += d;
    }
}

/* Numbers beyond the range are left out; the greatest one belongs to the last bin. */
static void count_bins(struct histogram *h) {
    lua_State *L = h->a.L;
    bool density = cmd_boolean(&h->a, "density");
    double width = (h->high - h->low) / (double)h->bins;
    h->edge = cmd_scratch(L, h->bins + 1, sizeof *h->edge);
    for (size_t i = 0; i <= h->bins; i++)
        h->edge[i] = h->low + (h->high - h->low) * (double)i / (double)h->bins;
    for (size_t k = 0; k < h->n; k++) {
        double *y = h->y[k] = cmd_scratch(L, h->bins + 1, sizeof *y);
        for (size_t i = 0; i < h->count[k]; i++) {
            double v = h->value[k][i];
            if (!(v >= h->low && v <= h->high))
                continue;
            size_t bin = (size_t)((v - h->low) / width);
            y[MIN_OF(bin, h->bins - 1)]++;
        }
        for (size_t i = 0; density && i < h->bins && h->count[k] > h->odd[k]; i++)
            y[i] /= (double)(h->count[k] - h->odd[k]);
        y[h->bins] = y[h->bins - 1];
    }
}

static double greatest(const struct histogram *h) {
    double top = 0;
    for (size_t k = 0; k < h->n; k++)
        for (size_t i = 0; i < h->bins; i++)
            top = fmax(top, h->y[k][i]);
    return top;
}

/* "pesos (2 no finitos)" */
static const char *series_name(struct histogram *h, size_t k) {
    lua_State *L = h->a.L;
    const char *name = h->name[k];
    if (h->odd[k] == 0)
        return name;
    lua_pushfstring(L, _("%s (%d no finitos)"), name ? name : _("valores"),
                    (int)h->odd[k]);
    return lua_tostring(L, -1); /* stays on the stack */
}

static void push_figure(struct histogram *h) {
    lua_State *L = h->a.L;
    struct viz_series series[LISTS_MAX];
    struct err e = {0};
    bool log = cmd_boolean(&h->a, "log"), density = cmd_boolean(&h->a, "density");
    luaL_checkstack(L, LISTS_MAX + 8, NULL);
    for (size_t k = 0; k < h->n; k++)
        series[k] = (struct viz_series){.name = series_name(h, k),
                                        .x = h->edge,
                                        .y = h->y[k],
                                        .n = h->bins + 1,
                                        .color = (int)k,
                                        .stairs = true};
    const char *ylabel = density ? _("fracción") : _("cuántos");
    double top = greatest(h), least = density ? 1e-4 : 0.7;
    struct viz_axis y = {
        .label = ylabel, .log = log, .fixed = top > 0, .integer = !density && !log};
    y.max = log ? fmax(top, least * 10) * 1.5 : top * 1.06;
    y.min = log ? least : 0;
    const char *xlabel = cmd_text(&h->a, "xlabel");
    const struct viz_panel panel = {.x = {.label = xlabel ? xlabel : _("valor")},
                                    .y = y,
                                    .series = series,
                                    .n_series = h->n};
    const struct viz_chart chart = {.title = cmd_text(&h->a, "title"),
                                    .panels = &panel,
                                    .n_panels = 1,
                                    .caption = cmd_text(&h->a, "caption"),
                                    .label = cmd_text(&h->a, "label")};
    if (viz_chart_bundle(cmd_figure_push(L), &chart, VIZ_FINAL, &e) < 0)
        cmd_raise(L, &e);
}

static int plot_histogram(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct histogram *h = cmd_scratch(L, 1, sizeof *h);
    h->a = a;
    h->bins = (size_t)cmd_integer(&a, "bins");
    luaL_checkstack(L, 6 * LISTS_MAX + 20, NULL);
    read_values(h);
    find_range(h);
    count_bins(h);
    push_figure(h);
    cmd_show_now(L);
    return 1;
}

static const struct cell_help_param p_histogram[] = {
    {.name = "values",
     .types = CELL_TENSOR | CELL_TABLE | CELL_MODEL,
     .flags = CELL_REQUIRED | CELL_AUTO,
     .doc = N_("los números: un tensor de cualquier forma o una lista; una lista de "
               "ellos los dibuja juntos; un modelo, los pesos de cada capa")},
    {.name = "names",
     .types = CELL_LIST_STRING | CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("los nombres, uno por lista")},
    {.name = "bins",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED | CELL_MIN | CELL_MAX,
     .min = 1,
     .max = BINS_MAX,
     .fallback = "30",
     .doc = N_("en cuántos intervalos se cuenta")},
    {.name = "range",
     .types = CELL_LIST_NUMBER,
     .flags = CELL_NAMED,
     .doc = N_("{menor, mayor}: lo de fuera no se cuenta; sin range, todo")},
    {.name = "log",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("eje vertical logarítmico")},
    {.name = "density",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("fracciones en vez de cuentas: para comparar listas de distinto largo")},
    {.name = "xlabel",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("qué es el eje horizontal")},
    CMD_TITLE,
    CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "plot.histogram",
      .kind = CELL_FUNCTION,
      .params = p_histogram,
      .n_params = ARRAY_LEN(p_histogram),
      .returns = N_("la figura, que se muestra"),
      .doc = N_("Cómo se reparten los números de un tensor, o de varios en los mismos "
                "intervalos."),
      .example = "plot.histogram{{tensor.randn(500), tensor.uniform(500)}, names = "
                 "{\"normal\", \"uniforme\"}}",
      .see_also = "plot.gradients plot.weights"},
     plot_histogram},
};

void cmd_plot_histogram_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
