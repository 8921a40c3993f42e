/* boundary.c: the plane as a model sees it, and plot.boundary. */
#include "boundary.h"

#include "plot.h"
#include "register.h"
#include "show.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "viz/style.h"

#include <math.h>

enum { GRID = 81, CLASSES_SHOWN = VIZ_SERIES_MAX / 2 };

static const double level[] = {0.5};

/* Class 0 is warm and class 1 blue: the toys call them orange and blue. */
static int class_color(size_t class) {
    static const int colors[VIZ_COLORS] = {
        VIZ_VERMILLION, VIZ_BLUE, VIZ_GREEN, VIZ_PURPLE, VIZ_ORANGE, VIZ_SKY, VIZ_BLACK};
    return colors[class % VIZ_COLORS];
}

struct cmd_boundary {
    struct nn_model *model;
    struct nn_tensor *grid; /* (GRID * GRID, 2) float32 */
    uint8_t *rgb;
    double *chance; /* of class 1, for the line */
    struct viz_field field;
    struct viz_series series[VIZ_SERIES_MAX];
    size_t n_series;
    char name[VIZ_SERIES_MAX][64];
    const char *label[2];
};

static void check_points(lua_State *L, const char *what, const struct nn_tensor *x,
                         const struct nn_tensor *y) {
    char shape[NN_SHAPE_TEXT];
    if (x->ndim != 2 || x->shape[1] != 2 || x->shape[0] == 0 || x->dtype == NN_U8)
        cell_raisef(L, ERR_SHAPE,
                    _("%s: hacen falta puntos del plano, (n, 2), y llegó %s"), what,
                    nn_shape_text(shape, x->ndim, x->shape));
    if (y->dtype != NN_I32 || y->ndim != 1 || y->shape[0] != x->shape[0])
        cell_raisef(L, ERR_DTYPE,
                    _("%s: las clases van como enteros desde 0, una por punto"), what);
    for (size_t i = 0; i < y->n; i++)
        if (nn_tensor_i32(y)[i] < 0 || nn_tensor_i32(y)[i] >= CLASSES_SHOWN)
            cell_raisef(L, ERR_RANGE, _("%s: la clase %d está fuera de 0..%d"), what,
                        (int)nn_tensor_i32(y)[i], CLASSES_SHOWN - 1);
}

/* The points of one class as dots or rings; none: no series. */
static void add_points(struct cmd_boundary *b, lua_State *L, const struct nn_tensor *x,
                       const struct nn_tensor *y, int class, const char *name,
                       bool test) {
    double *at[2];
    size_t n = 0, most = x->shape[0];
    for (int k = 0; k < 2; k++)
        at[k] = cmd_scratch(L, most, sizeof(double));
    for (size_t i = 0; i < most; i++) {
        if (nn_tensor_i32(y)[i] != class)
            continue;
        at[0][n] = nn_tensor_get(x, 2 * i);
        at[1][n++] = nn_tensor_get(x, 2 * i + 1);
    }
    if (n == 0)
        return;
    char *text = b->name[b->n_series];
    (void)snprintf(text, sizeof b->name[0], test ? _("%s (prueba)") : "%s", name);
    b->series[b->n_series++] = (struct viz_series){.name = text,
                                                   .x = at[0],
                                                   .y = at[1],
                                                   .n = n,
                                                   .color = class_color((size_t) class),
                                                   .no_line = true,
                                                   .hollow = test};
}

static int most_class(const struct nn_tensor *y, int most) {
    for (size_t i = 0; y && i < y->n; i++)
        most = MAX_OF(most, (int)nn_tensor_i32(y)[i]);
    return most;
}

static void add_classes(struct cmd_boundary *b, lua_State *L,
                        const struct cmd_points *p) {
    int most = most_class(p->y_test, most_class(p->y, 0));
    luaL_checkstack(L, 4 * most + 20, NULL);
    for (int k = 0; k <= most; k++) {
        char number[32];
        const char *name = number;
        (void)snprintf(number, sizeof number, _("clase %d"), k);
        if (p->names && (size_t)k < p->n_names)
            name = p->names[k];
        add_points(b, L, p->x, p->y, k, name, false);
        if (p->x_test)
            add_points(b, L, p->x_test, p->y_test, k, name, true);
    }
}

/* The points' box and a margin of a twelfth. */
static void find_range(const struct cmd_points *p, size_t axis, double *lo, double *hi) {
    const struct nn_tensor *part[] = {p->x, p->x_test};
    *lo = INFINITY;
    *hi = -INFINITY;
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; part[k] && i < part[k]->shape[0]; i++) {
            double v = nn_tensor_get(part[k], 2 * i + axis);
            if (!isfinite(v))
                continue;
            *lo = fmin(*lo, v);
            *hi = fmax(*hi, v);
        }
    if (!(*lo < *hi)) {
        double middle = isfinite(*lo) ? *lo : 0;
        *lo = middle - 1;
        *hi = middle + 1;
    }
    double margin = (*hi - *lo) / 12;
    *lo -= margin;
    *hi += margin;
}

static void fill_grid(const struct cmd_boundary *b) {
    const struct viz_field *f = &b->field;
    float *xy = nn_tensor_f32(b->grid);
    for (size_t i = 0; i < (size_t)GRID * GRID; i++) {
        size_t row = i / GRID, col = i % GRID;
        double u = (double)col / (GRID - 1), v = (double)row / (GRID - 1);
        xy[2 * i] = (float)(f->x0 + (f->x1 - f->x0) * u);
        xy[2 * i + 1] = (float)(f->y0 + (f->y1 - f->y0) * v);
    }
}

struct cmd_boundary *cmd_boundary_push(lua_State *L, const char *what, struct nn_model *m,
                                       const struct cmd_points *p) {
    const size_t shape[] = {(size_t)GRID * GRID, 2};
    struct err e = {0};
    luaL_checkstack(L, 20, NULL);
    check_points(L, what, p->x, p->y);
    if (p->x_test)
        check_points(L, what, p->x_test, p->y_test);
    struct cmd_boundary *b = cmd_scratch(L, 1, sizeof *b);
    struct nn_tensor **grid = cmd_hold(L);
    if (nn_tensor_new(grid, NN_F32, 2, shape, &e) < 0)
        cmd_raise(L, &e);
    b->model = m;
    b->grid = *grid;
    b->rgb = cmd_scratch(L, shape[0], 3);
    b->chance = cmd_scratch(L, shape[0], sizeof(double));
    b->label[0] = p->features ? p->features[0] : "x₁";
    b->label[1] = p->features ? p->features[1] : "x₂";
    b->field = (struct viz_field){.rows = GRID, .cols = GRID, .rgb = b->rgb};
    find_range(p, 0, &b->field.x0, &b->field.x1);
    find_range(p, 1, &b->field.y0, &b->field.y1);
    fill_grid(b);
    add_classes(b, L, p);
    return b;
}

/* --------------------------------------------------------------------------- colours */

/* The winner of a row of outputs and its chance; of two classes also that of class 1. A
 * row is probabilities when it sums to 1, else what goes into a softmax. */
struct verdict {
    size_t class;
    double chance, second;
};

static struct verdict judge(const double *row, size_t n) {
    struct verdict v = {0};
    double sum = 0, plain = 0, low = 0;
    for (size_t k = 0; k < n; k++) {
        v.class = row[k] > row[v.class] ? k : v.class;
        low = fmin(low, row[k]);
        plain += row[k];
    }
    bool chances = low >= 0 && fabs(plain - 1) < 1e-3;
    for (size_t k = 0; k < n; k++)
        sum += chances ? row[k] : exp(row[k] - row[v.class]);
    v.chance = (chances ? row[v.class] : 1) / sum;
    v.second = (chances ? row[1] : exp(row[1] - row[v.class])) / sum;
    return v;
}

/* One output is the chance of class 1, or what goes into a sigmoid. */
static struct verdict judge_single(const struct nn_model *m, double y) {
    const char *last = nn_layer_final_activation(m->layer[m->n_layers - 1]);
    bool logit = !last && m->loss && m->loss->fuses;
    double p = logit ? 1 / (1 + exp(-y)) : fmin(fmax(y, 0), 1);
    return (struct verdict){.class = p > 0.5, .chance = fmax(p, 1 - p), .second = p};
}

/* Between white, for a mere guess, and half of the class's colour, for certainty. */
static void shade(uint8_t rgb[3], size_t class, double chance, size_t classes) {
    double guess = 1 / (double)classes, t = (chance - guess) / (1 - guess);
    viz_color c = viz_style_series(class_color(class));
    t = isfinite(t) ? 0.06 + 0.46 * fmin(fmax(t, 0), 1) : 0;
    for (int k = 0; k < 3; k++) {
        double full = (double)(c >> (16 - 8 * k) & 255);
        rgb[k] = (uint8_t)lround(255 + t * (full - 255));
    }
}

static int check_output(const struct nn_tensor *y, struct err *e) {
    char shape[NN_SHAPE_TEXT];
    if (y->ndim == 2 && y->shape[1] <= NN_MAX_CLASSES)
        return 0;
    return err_set(
        e, ERR_SHAPE,
        _("la frontera necesita un modelo con una salida por clase, (n, clases), "
          "y la de este es %s"),
        nn_shape_text(shape, y->ndim, y->shape));
}

int cmd_boundary_draw(struct cmd_boundary *b, struct viz_panel *out, struct err *e) {
    struct nn_tensor *y = NULL;
    double *row = NULL;
    int rc = nn_model_predict(&y, b->model, b->grid, 0, e);
    if (rc == 0)
        rc = check_output(y, e);
    if (rc < 0)
        goto done;
    size_t n = y->shape[1], classes = MAX_OF(n, (size_t)2);
    row = malloc(n * sizeof *row);
    if (!row) {
        rc = err_set(e, ERR_NOMEM, "%s", _("no queda memoria para la figura"));
        goto done;
    }
    for (size_t i = 0; i < y->shape[0]; i++) {
        for (size_t k = 0; k < n; k++)
            row[k] = nn_tensor_get(y, i * n + k);
        struct verdict v = n > 1 ? judge(row, n) : judge_single(b->model, row[0]);
        shade(b->rgb + 3 * i, v.class, v.chance, classes);
        b->chance[i] = v.second;
    }
    if (classes == 2) {
        b->field.z = b->chance;
        b->field.levels = level;
        b->field.n_levels = 1;
    }
    *out = (struct viz_panel){.title = _("Frontera de decisión"),
                              .field = &b->field,
                              .series = b->series,
                              .n_series = b->n_series,
                              .x = {.label = b->label[0]},
                              .y = {.label = b->label[1]}};
done:
    free(row);
    nn_tensor_release(y);
    return rc;
}

/* --------------------------------------------------------------------------- command */

static int plot_boundary(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_model *m = cmd_box_test(L, cmd_slot(&a, "model"), CMD_MODEL);
    const struct nn_dataset *d = cmd_box_test(L, cmd_slot(&a, "data"), CMD_DATASET);
    struct cmd_boundary *b =
        cmd_boundary_push(L, "plot.boundary", m,
                          &(struct cmd_points){.x = d->x_train,
                                               .y = d->y_train,
                                               .x_test = d->x_test,
                                               .y_test = d->y_test,
                                               .names = cmd_class_names(d),
                                               .n_names = d->n_classes,
                                               .features = d->features});
    struct viz_panel panel;
    struct err e = {0};
    if (cmd_boundary_draw(b, &panel, &e) < 0)
        cmd_raise(L, &e);
    if (cmd_text(&a, "title"))
        panel.title = cmd_text(&a, "title");
    const struct viz_chart chart = {.panels = &panel,
                                    .n_panels = 1,
                                    .height = 420,
                                    .caption = cmd_text(&a, "caption"),
                                    .label = cmd_text(&a, "label")};
    if (viz_chart_bundle(cmd_figure_push(L), &chart, VIZ_FINAL, &e) < 0)
        cmd_raise(L, &e);
    cmd_show_now(L);
    return 1;
}

static const struct cell_help_param params[] = {
    {.name = "model",
     .types = CELL_MODEL,
     .flags = CELL_REQUIRED,
     .doc = N_("el modelo entrenado, con dos entradas")},
    {.name = "data",
     .types = CELL_DATASET,
     .flags = CELL_REQUIRED,
     .doc = N_("puntos del plano con sus clases: data.spiral{}, data.xor{}, ...")},
    CMD_TITLE,
    CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "plot.boundary",
      .kind = CELL_FUNCTION,
      .params = params,
      .n_params = ARRAY_LEN(params),
      .returns = N_("la figura, que se muestra"),
      .doc = N_("La frontera de decisión: qué clase da el modelo a cada punto del plano. "
                "Mientras entrena: m:fit{d, live = \"boundary\"}."),
      .example =
          "d = data.circle{n = 80}; m = nn.Sequential{nn.Dense{8, activation = "
          "\"tanh\"}, nn.Dense(2)}; m:compile{loss = "
          "\"sparse_categorical_crossentropy\"}; m:fit{d, epochs = 2, verbose = 0}; "
          "plot.boundary(m, d)",
      .see_also = "Model:fit data.spiral plot.contour"},
     plot_boundary},
};

void cmd_plot_boundary_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
