/* plot.c: plot.line, plot.confusion: charts of numbers. */
#include "plot.h"

#include "metrics.h"
#include "register.h"
#include "show.h"
#include "tensor.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "nn/confusion.h"
#include "viz/chart.h"

#include <math.h>

enum { SERIES_MAX = 32 };

double *cmd_read_list(lua_State *L, int idx, const char *what, size_t *n) {
    idx = lua_absindex(L, idx);
    lua_pushvalue(L, idx);
    struct nn_var *v = cmd_to_var(L, -1, NN_F64, what);
    char shape[NN_SHAPE_TEXT];
    if (v->ndim > 1)
        cell_raisef(L, ERR_SHAPE,
                    _("%s: se esperaba una lista de números y llegó un "
                      "tensor de forma %s"),
                    what, nn_shape_text(shape, v->ndim, v->shape));
    double *out = cmd_scratch(L, v->value->n, sizeof *out);
    for (size_t i = 0; i < v->value->n; i++)
        out[i] = nn_tensor_get(v->value, i);
    *n = v->value->n;
    return out;
}

/* Is the value at idx a list of lists: several series? */
static bool nested(lua_State *L, int idx) {
    struct nn_var *v = cmd_var_test(L, idx);
    if (v)
        return v->ndim == 2;
    lua_rawgeti(L, idx, 1);
    bool yes =
        lua_istable(L, -1) || (cmd_var_test(L, -1) && cmd_var_test(L, -1)->ndim > 0);
    lua_pop(L, 1);
    return yes;
}

/* The series in y: one list, or several. */
static size_t read_series(const struct cmd_args *a, struct viz_series *s) {
    lua_State *L = a->L;
    int y = cmd_slot(a, "y"), x = cmd_slot(a, "x");
    if (lua_isnil(L, y)) { /* plot.line(y) */
        lua_pushvalue(L, x);
        lua_replace(L, y);
        lua_pushnil(L);
        lua_replace(L, x);
    }
    bool several = nested(L, y);
    size_t n = several ? (size_t)luaL_len(L, y) : 1, nx = 0;
    if (n == 0 || n > SERIES_MAX)
        cmd_refuse(a, "y", _("van de 1 a %d series y llegaron %d"), SERIES_MAX, (int)n);
    luaL_checkstack(L, (int)n * 4 + 20, NULL);
    const double *xs = lua_isnil(L, x) ? NULL : cmd_read_list(L, x, "x", &nx);
    for (size_t i = 0; i < n; i++) {
        if (several)
            lua_geti(L, y, (lua_Integer)i + 1);
        else
            lua_pushvalue(L, y);
        s[i].y = cmd_read_list(L, -1, "y", &s[i].n);
        s[i].x = xs;
        s[i].color = (int)i;
        if (xs && nx != s[i].n)
            cmd_refuse(a, "y", _("tiene %d números y x %d"), (int)s[i].n, (int)nx);
    }
    return n;
}

static void read_series_names(const struct cmd_args *a, struct viz_series *s, size_t n) {
    lua_State *L = a->L;
    int slot = cmd_slot(a, "names");
    bool points = cmd_boolean(a, "points");
    for (size_t i = 0; i < n; i++) {
        s[i].points = points;
        if (lua_type(L, slot) == LUA_TSTRING && i == 0)
            s[i].name = lua_tostring(L, slot);
        if (!lua_istable(L, slot))
            continue;
        lua_rawgeti(L, slot, (lua_Integer)i + 1);
        s[i].name = lua_tostring(L, -1); /* the list keeps the string */
        lua_pop(L, 1);
    }
}

static const struct {
    const char *name;
    bool dashed, points, no_line, hollow;
} styles[] = {{.name = "line"},
              {.name = "dashed", .dashed = true},
              {.name = "points", .points = true, .no_line = true},
              {.name = "rings", .points = true, .no_line = true, .hollow = true}};

/* The style on top of the stack for one series. */
static void set_style(const struct cmd_args *a, struct viz_series *s) {
    const char *name = lua_tostring(a->L, -1);
    for (size_t i = 0; name && i < ARRAY_LEN(styles); i++) {
        if (strcmp(name, styles[i].name) != 0)
            continue;
        s->dashed = styles[i].dashed;
        s->points = s->points || styles[i].points;
        s->no_line = styles[i].no_line;
        s->hollow = styles[i].hollow;
        return;
    }
    cmd_refuse(a, "styles",
               _("cada serie es \"line\", \"dashed\", \"points\" o \"rings\" "
                 "y llegó %s"),
               cmd_value_text(a->L, -1));
}

/* One style for all series, or a list with one for each. */
static void read_series_styles(const struct cmd_args *a, struct viz_series *s, size_t n) {
    lua_State *L = a->L;
    int slot = cmd_slot(a, "styles");
    for (size_t i = 0; !lua_isnil(L, slot) && i < n; i++) {
        if (lua_istable(L, slot))
            lua_rawgeti(L, slot, (lua_Integer)i + 1);
        else
            lua_pushvalue(L, slot);
        if (!lua_isnil(L, -1))
            set_style(a, &s[i]);
        lua_pop(L, 1);
    }
}

int cmd_show_panel(const struct cmd_args *a, const struct viz_panel *panel,
                   double height) {
    const struct viz_chart chart = {.title = cmd_text(a, "title"),
                                    .panels = panel,
                                    .n_panels = 1,
                                    .height = height,
                                    .caption = cmd_text(a, "caption"),
                                    .label = cmd_text(a, "label")};
    struct err e = {0};
    if (viz_chart_bundle(cmd_figure_push(a->L), &chart, VIZ_FINAL, &e) < 0)
        cmd_raise(a->L, &e);
    cmd_show_now(a->L);
    return 1;
}

static int plot_line(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct viz_series *s = cmd_scratch(L, SERIES_MAX, sizeof *s);
    size_t n = read_series(&a, s);
    read_series_names(&a, s, n);
    read_series_styles(&a, s, n);
    const struct viz_panel panel = {
        .series = s,
        .n_series = n,
        .x = {.label = cmd_text(&a, "xlabel"), .log = cmd_boolean(&a, "xlog")},
        .y = {.label = cmd_text(&a, "ylabel"), .log = cmd_boolean(&a, "log")}};
    return cmd_show_panel(&a, &panel, 0);
}

/* Rows to probabilities: as they are when they sum to 1, else softmax; a single output
 * is the probability (or logit) of class 1. */
static const double *chances(lua_State *L, const struct nn_tensor *y, size_t *classes) {
    size_t rows = y->shape[0], c = rows ? y->n / rows : 0;
    *classes = MAX_OF(c, (size_t)2);
    double *p = cmd_scratch(L, rows * *classes, sizeof *p);
    for (size_t r = 0; r < rows && c > 1; r++) {
        double *row = p + r * c, sum = 0, top = -INFINITY, low = INFINITY;
        for (size_t k = 0; k < c; k++) {
            row[k] = nn_tensor_get(y, r * c + k);
            sum += row[k];
            top = fmax(top, row[k]);
            low = fmin(low, row[k]);
        }
        if (low >= 0 && fabs(sum - 1) < 1e-3)
            continue;
        sum = 0;
        for (size_t k = 0; k < c; k++)
            sum += row[k] = exp(row[k] - top);
        for (size_t k = 0; k < c; k++)
            row[k] /= sum;
    }
    for (size_t r = 0; r < rows && c == 1; r++) {
        double v = nn_tensor_get(y, r);
        v = v >= 0 && v <= 1 ? v : 1 / (1 + exp(-v));
        p[2 * r] = 1 - v;
        p[2 * r + 1] = v;
    }
    return p;
}

/* Classes by probability: one prediction serves both. */
static void classify(lua_State *L, const double *p, size_t n, size_t classes) {
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_new(hold, NN_I32, 1, &n, &e) < 0)
        cmd_raise(L, &e);
    for (size_t r = 0; r < n; r++) {
        size_t best = 0;
        for (size_t k = 1; k < classes; k++)
            if (p[r * classes + k] > p[r * classes + best])
                best = k;
        nn_tensor_i32(*hold)[r] = (int32_t)best;
    }
    cmd_hold_finish(L);
}

void cmd_outcome_read(const struct cmd_args *a, bool with_chance, struct cmd_outcome *o) {
    lua_State *L = a->L;
    struct nn_model *m = cmd_box_test(L, cmd_slot(a, "model"), CMD_MODEL);
    luaL_checkstack(L, 30, NULL);
    *o = (struct cmd_outcome){0};
    cmd_read_part(a, "x", "y", true, true, &o->part);
    if (o->part.y->dtype != NN_I32 || o->part.y->ndim != 1)
        cmd_refuse(a, "y", "%s",
                   _("las clases van como enteros desde 0, una por ejemplo"));
    struct err e = {0};
    struct nn_tensor **out = cmd_hold(L);
    if (nn_model_predict(out, m, o->part.x, 0, &e) < 0)
        cmd_raise(L, &e);
    o->n = o->part.x->shape[0];
    o->chance = chances(L, *out, &o->classes);
    classify(L, o->chance, o->n, o->classes);
    o->predicted = cmd_var_test(L, -1)->value;
    if (!with_chance)
        o->chance = NULL;
    lua_pushnil(L);
    char **names = o->part.data ? cmd_class_names(o->part.data) : m->class_name;
    size_t n_names = o->part.data ? o->part.data->n_classes : (size_t)m->n_classes;
    o->names = cmd_names(L, lua_gettop(L), o->classes, names, n_names);
}

static int plot_confusion(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct cmd_outcome o;
    cmd_outcome_read(&a, false, &o);
    cmd_confusion_push(L, nn_tensor_i32(o.part.y), nn_tensor_i32(o.predicted), o.n,
                       o.classes, o.names);
    int table = lua_gettop(L);
    struct mime_bundle *b = cmd_figure_push(L);
    int figure = lua_gettop(L);
    cmd_confusion_figure(L, table, b, cmd_text(&a, "title"), cmd_text(&a, "caption"),
                         cmd_text(&a, "label"));
    lua_settop(L, figure);
    cmd_show_now(L);
    return 1;
}

static const struct cell_help_param p_line[] = {
    {.name = "x",
     .types = CELL_TENSOR,
     .flags = CELL_REQUIRED | CELL_AUTO,
     .doc = N_("valores horizontales; con una sola lista, los verticales")},
    {.name = "y",
     .types = CELL_TENSOR | CELL_TABLE,
     .flags = CELL_AUTO,
     .doc = N_("valores verticales: una lista, o una lista de series")},
    {.name = "names",
     .types = CELL_LIST_STRING | CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("nombres de las series")},
    {.name = "xlabel",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("qué es el eje horizontal")},
    {.name = "ylabel",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("qué es el eje vertical")},
    {.name = "log",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("eje vertical logarítmico")},
    {.name = "xlog",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("eje horizontal logarítmico")},
    {.name = "styles",
     .types = CELL_LIST_STRING | CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_(
         "cómo se dibuja cada serie: \"line\", \"dashed\", \"points\" o \"rings\"; uno "
         "para todas, o una lista")},
    {.name = "points",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("un punto en cada valor")},
    CMD_TITLE,
    CMD_CAPTION};
static const struct cell_help_param p_confusion[] = {CMD_MODEL_XY, CMD_TITLE,
                                                     CMD_CAPTION};

#define ROW(title, list, text, ex)                                                       \
    .name = title, .kind = CELL_FUNCTION, .params = list, .n_params = ARRAY_LEN(list),   \
    .returns = N_("la figura, que se muestra"), .doc = text, .example = ex
#define TRAINED                                                                          \
    "d = data.gauss{n = 80}; m = nn.Sequential{nn.Dense(2)}; m:compile{loss = "          \
    "\"sparse_categorical_crossentropy\"}; h = m:fit{d, epochs = 2, verbose = 0}; "

static const struct cmd_command commands[] = {
    {{.name = "plot",
      .kind = CELL_MODULE,
      .doc =
          N_("Figuras. Se muestran al hacerlas; caption y label las llevan al informe."),
      .see_also = "plot.history plot.line plot.confusion"},
     NULL},
    {{ROW("plot.line", p_line, N_("Una o más series de números como líneas."),
          "plot.line({1, 2, 3}, {1, 4, 9}, {xlabel = \"x\", ylabel = \"x²\"})")},
     plot_line},
    {{ROW("plot.confusion", p_confusion,
          N_("La matriz de confusión de un modelo: filas reales, columnas predichas."),
          TRAINED "plot.confusion(m, d)")},
     plot_confusion},
    {{.name = "Figure",
      .kind = CELL_CLASS,
      .doc = N_("Una figura: display(fig) la muestra otra vez."),
      .see_also = "plot"},
     NULL},
};

void cmd_plot_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
