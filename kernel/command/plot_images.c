/* plot_images.c: plot.images, plot.errors, plot.weights: grids of small pictures. */
#include "plot.h"

#include "register.h"
#include "show.h"
#include "tensor.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "viz/grid.h"
#include "viz/style.h"

#include <math.h>

/* Pictures in a tensor: (n, h, w, c), (n, h, w), or vectors of a square side. */
struct pictures {
    const struct nn_tensor *t;
    size_t n, h, w, c;
};

static bool square_side(size_t n, size_t *side) {
    *side = (size_t)lround(sqrt((double)n));
    return *side > 1 && *side * *side == n;
}

static void read_pictures(const struct cmd_args *a, const struct nn_tensor *t,
                          struct pictures *p) {
    char shape[NN_SHAPE_TEXT];
    size_t side;
    *p = (struct pictures){.t = t, .c = 1};
    bool flat = t->ndim == 2 && square_side(t->shape[1], &side);
    if (t->ndim < 2 || t->ndim > 4 || (t->ndim == 2 && !flat) ||
        (t->ndim == 4 && t->shape[3] != 1 && t->shape[3] != 3))
        cell_raisef(a->L, ERR_SHAPE,
                    _("%s: las imágenes van como (n, alto, ancho, canales) con 1 o 3 "
                      "canales y llegó %s"),
                    a->row->name, nn_shape_text(shape, t->ndim, t->shape));
    p->n = t->shape[0];
    p->h = flat ? side : t->shape[1];
    p->w = flat ? side : t->shape[2];
    if (t->ndim == 4)
        p->c = t->shape[3];
}

/* Picture i as bytes: bytes as they are; reals from 0..1, or stretched when they leave
 * it. */
static const uint8_t *picture_bytes(lua_State *L, const struct pictures *p, size_t i) {
    size_t n = p->h * p->w * p->c;
    if (p->t->dtype == NN_U8)
        return nn_tensor_u8(p->t) + i * n;
    uint8_t *out = cmd_scratch(L, n, 1);
    double low = 0, high = 1;
    for (size_t k = 0; k < n; k++) {
        double v = nn_tensor_get(p->t, i * n + k);
        low = fmin(low, v);
        high = fmax(high, v);
    }
    for (size_t k = 0; k < n; k++) {
        double v = (nn_tensor_get(p->t, i * n + k) - low) / (high - low);
        out[k] = (uint8_t)lround(255 * (isfinite(v) ? v : 0));
    }
    return out;
}

static struct viz_tile make_tile(lua_State *L, const struct pictures *p, size_t i) {
    return (struct viz_tile){
        .pixels = picture_bytes(L, p, i), .h = p->h, .w = p->w, .c = p->c};
}

/* Shows the grid; its parts may lie anywhere on the stack. */
static int show_grid(const struct cmd_args *a, struct viz_grid *g) {
    lua_State *L = a->L;
    struct err e = {0};
    g->title = cmd_text(a, "title") ? cmd_text(a, "title") : g->title;
    g->caption = cmd_text(a, "caption");
    g->label = cmd_text(a, "label");
    if (viz_grid_bundle(cmd_figure_push(L), g, &e) < 0)
        cmd_raise(L, &e);
    cmd_show_now(L);
    return 1;
}

/* Titles: the labels at slot, texts or numbers; class numbers become names. */
static const char *label_text(const struct cmd_args *a, size_t i,
                              const struct nn_dataset *d) {
    lua_State *L = a->L;
    int slot = cmd_slot(a, "labels");
    struct nn_var *v = cmd_var_test(L, slot);
    if (d && lua_isnil(L, slot)) {
        size_t k = (size_t)nn_tensor_get(d->y_train, i);
        return d->n_classes ? cmd_class_names(d)[k] : NULL;
    }
    if (v && i < v->value->n)
        return lua_pushfstring(L, "%d", (int)nn_tensor_get(v->value, i));
    if (!lua_istable(L, slot))
        return NULL;
    lua_rawgeti(L, slot, (lua_Integer)i + 1); /* stays on the stack */
    return lua_isnil(L, -1) ? NULL : luaL_tolstring(L, -1, NULL);
}

static int plot_images(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    int slot = cmd_slot(&a, "x");
    const struct nn_dataset *d = cmd_box_test(L, slot, CMD_DATASET);
    const struct nn_tensor *t = d ? d->x_train : cmd_to_var(L, slot, NN_F32, "x")->value;
    struct pictures p;
    size_t shape[NN_MAX_DIMS];
    struct nn_tensor **one = cmd_hold(L);
    struct err e = {0};
    if (t->ndim == 3 && (t->shape[2] == 1 || t->shape[2] == 3)) { /* a single image */
        memcpy(shape + 1, t->shape, 3 * sizeof *shape);
        shape[0] = 1;
        if (nn_tensor_reshape(one, cmd_var_test(L, slot)->value, 4, shape, &e) < 0)
            cmd_raise(L, &e);
        t = *one;
    }
    read_pictures(&a, t, &p);
    size_t n = MIN_OF(p.n, (size_t)cmd_integer(&a, "n"));
    luaL_checkstack(L, (int)n * 4 + 20, NULL);
    struct viz_tile *tile = cmd_scratch(L, n, sizeof *tile);
    for (size_t i = 0; i < n; i++) {
        tile[i] = make_tile(L, &p, i);
        tile[i].title = label_text(&a, i, d);
    }
    struct viz_grid g = {
        .tiles = tile, .n = n, .columns = (size_t)cmd_integer(&a, "columns")};
    return show_grid(&a, &g);
}

/* Examples that were taken for another class, worst first. */
struct mistake {
    size_t row;
    double loss; /* -ln of the probability given to the true class */
};

static int by_loss(const void *a, const void *b) {
    const struct mistake *p = a, *q = b;
    if (p->loss != q->loss)
        return p->loss > q->loss ? -1 : 1;
    return p->row < q->row ? -1 : 1;
}

static struct mistake *find_mistakes(lua_State *L, const struct cmd_outcome *o,
                                     size_t *count) {
    struct mistake *m = cmd_scratch(L, o->n, sizeof *m);
    *count = 0;
    for (size_t i = 0; i < o->n; i++) {
        int32_t truth = nn_tensor_i32(o->part.y)[i];
        if (truth < 0 || (size_t)truth >= o->classes)
            cell_raisef(L, ERR_RANGE,
                        _("la etiqueta %d (posición %d) está fuera de 0..%d"), (int)truth,
                        (int)i + 1, (int)o->classes - 1);
        if (truth == nn_tensor_i32(o->predicted)[i])
            continue;
        double p = o->chance[i * o->classes + (size_t)truth];
        m[(*count)++] = (struct mistake){i, -log(fmax(p, 1e-300))};
    }
    qsort(m, *count, sizeof *m, by_loss);
    return m;
}

static const char *class_text(lua_State *L, const struct cmd_outcome *o, int32_t k) {
    return o->names ? o->names[k] : lua_pushfstring(L, "%d", (int)k);
}

/* "camisa → abrigo\n(0.97)" */
static const char *mistake_title(lua_State *L, const struct cmd_outcome *o, size_t row) {
    char chance[32];
    int32_t truth = nn_tensor_i32(o->part.y)[row];
    int32_t guess = nn_tensor_i32(o->predicted)[row];
    (void)snprintf(chance, sizeof chance, "(%.2f)",
                   o->chance[row * o->classes + (size_t)guess]);
    return lua_pushfstring(L, "%s → %s\n%s", class_text(L, o, truth),
                           class_text(L, o, guess), chance);
}

static int plot_errors(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct cmd_outcome o;
    cmd_outcome_read(&a, true, &o);
    struct pictures p;
    size_t count;
    read_pictures(&a, o.part.x, &p);
    const struct mistake *m = find_mistakes(L, &o, &count);
    size_t n = MIN_OF(count, (size_t)cmd_integer(&a, "n"));
    if (n == 0) {
        lua_pushfstring(L, _("Sin errores: acertó los %d ejemplos."), (int)o.n);
        return 1;
    }
    luaL_checkstack(L, (int)n * 6 + 20, NULL);
    struct viz_tile *tile = cmd_scratch(L, n, sizeof *tile);
    for (size_t i = 0; i < n; i++) {
        tile[i] = make_tile(L, &p, m[i].row);
        tile[i].title = mistake_title(L, &o, m[i].row);
        tile[i].color = VIZ_BAD;
    }
    struct viz_grid g = {
        .tiles = tile,
        .n = n,
        .columns = MIN_OF(n, (size_t)5),
        .tile = 84,
        .title = lua_pushfstring(L, _("%d errores en %d ejemplos: los %d peores"),
                                 (int)count, (int)o.n, (int)n)};
    return show_grid(&a, &g);
}

/* The first layer with a kernel that looks at images: its var, and the image's shape. */
static struct nn_var *first_kernel(const struct cmd_args *a, const struct nn_model *m,
                                   struct pictures *p) {
    if (!m->built)
        cell_raisef(a->L, ERR_STATE, "%s",
                    _("plot.weights: el modelo aún no tiene pesos; entrénalo o usa "
                      "m:build{…}"));
    size_t side = 0;
    bool image = m->in_ndim == 3 && (m->in_shape[2] == 1 || m->in_shape[2] == 3);
    bool flat = m->in_ndim == 1 && square_side(m->in_shape[0], &side);
    for (int i = 0; i < m->n_layers; i++) {
        const struct nn_layer *l = m->layer[i];
        if (strcmp(l->type->name, "Dense") != 0)
            continue;
        struct nn_var *k = l->param[0].var;
        size_t in = k->shape[0];
        *p = (struct pictures){.n = k->shape[1], .c = 1};
        p->h = image             ? m->in_shape[0]
               : flat            ? side
               : m->in_ndim == 2 ? m->in_shape[0]
                                 : 0;
        p->w = image             ? m->in_shape[1]
               : flat            ? side
               : m->in_ndim == 2 ? m->in_shape[1]
                                 : 0;
        if (image)
            p->c = m->in_shape[2];
        if (p->h * p->w * p->c == in && in > 0)
            return k;
        break;
    }
    cell_raisef(a->L, ERR_STATE, "%s",
                _("plot.weights: la primera capa densa no mira directamente imágenes"));
    return NULL;
}

/* Weights as colours: white 0, blue positive, vermillion negative; top: the largest. */
static void weight_color(uint8_t rgb[3], double v, double top) {
    static const double plus[3] = {0, 90, 170}, minus[3] = {200, 70, 0};
    double t = top > 0 ? fmin(fabs(v) / top, 1) : 0;
    const double *end = v >= 0 ? plus : minus;
    for (int k = 0; k < 3; k++)
        rgb[k] = (uint8_t)lround(255 + t * (end[k] - 255));
}

/* The weights of one unit as a picture; several channels are averaged. */
static const uint8_t *weight_picture(lua_State *L, const struct nn_tensor *k,
                                     const struct pictures *p, size_t unit, double top) {
    size_t pixels = p->h * p->w;
    uint8_t *out = cmd_scratch(L, pixels, 3);
    for (size_t i = 0; i < pixels; i++) {
        double v = 0;
        for (size_t c = 0; c < p->c; c++)
            v += nn_tensor_get(k, (i * p->c + c) * p->n + unit);
        weight_color(out + 3 * i, v / (double)p->c, top);
    }
    return out;
}

static int plot_weights(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_model *m = cmd_box_test(L, cmd_slot(&a, "model"), CMD_MODEL);
    struct pictures p;
    const struct nn_tensor *k = first_kernel(&a, m, &p)->value;
    size_t n = MIN_OF(p.n, (size_t)cmd_integer(&a, "n"));
    double top = 0;
    for (size_t i = 0; i < k->n; i++)
        top = fmax(top, fabs(nn_tensor_get(k, i)));
    luaL_checkstack(L, (int)n * 2 + 20, NULL);
    struct viz_tile *tile = cmd_scratch(L, n, sizeof *tile);
    for (size_t i = 0; i < n; i++)
        tile[i] = (struct viz_tile){
            .pixels = weight_picture(L, k, &p, i, top), .h = p.h, .w = p.w, .c = 3};
    char title[160];
    (void)snprintf(
        title, sizeof title,
        _("Pesos de la primera capa: azul positivo, naranja negativo, de %.2f a "
          "%.2f"),
        -top, top);
    struct viz_grid g = {.tiles = tile,
                         .n = n,
                         .title = title,
                         .columns = (size_t)cmd_integer(&a, "columns")};
    return show_grid(&a, &g);
}

#define COUNT(value, text)                                                               \
    {                                                                                    \
        .name = "n", .types = CELL_INTEGER, .flags = CELL_NAMED | CELL_MIN | CELL_MAX,   \
        .min = 1, .max = VIZ_TILES_MAX, .fallback = value, .doc = text                   \
    }
#define COLUMNS                                                                          \
    {                                                                                    \
        .name = "columns", .types = CELL_INTEGER, .flags = CELL_NAMED | CELL_MIN,        \
        .min = 0, .fallback = "0", .doc = N_("columnas; 0: las que quepan")              \
    }

static const struct cell_help_param p_images[] = {
    {.name = "x",
     .types = CELL_TENSOR | CELL_DATASET,
     .flags = CELL_REQUIRED,
     .doc = N_("imágenes (n, alto, ancho, canales), o un conjunto de datos")},
    {.name = "labels",
     .types = CELL_TENSOR | CELL_TABLE,
     .flags = CELL_NAMED,
     .doc = N_("un título por imagen: textos o clases")},
    COUNT("20", N_("cuántas como máximo")),
    COLUMNS,
    CMD_TITLE,
    CMD_CAPTION};
static const struct cell_help_param p_errors[] = {
    CMD_MODEL_XY, COUNT("25", N_("cuántos como máximo")), CMD_TITLE, CMD_CAPTION};
static const struct cell_help_param p_weights[] = {
    {.name = "model",
     .types = CELL_MODEL,
     .flags = CELL_REQUIRED,
     .doc = N_("el modelo")},
    COUNT("64", N_("cuántas neuronas como máximo")),
    COLUMNS,
    CMD_TITLE,
    CMD_CAPTION};

#define ROW(title, list, text, ex)                                                       \
    .name = title, .kind = CELL_FUNCTION, .params = list, .n_params = ARRAY_LEN(list),   \
    .returns = N_("la figura, que se muestra"), .doc = text, .example = ex
#define TRAINED                                                                          \
    "d = data.digits{n_train = 100, n_test = 50}; m = nn.Sequential{nn.Flatten(), "      \
    "nn.Dense(10)}; m:compile{loss = \"sparse_categorical_crossentropy\"}; "             \
    "m:fit{d, epochs = 1, verbose = 0}; "

static const struct cmd_command commands[] = {
    {{ROW("plot.images", p_images, N_("Imágenes una al lado de la otra."),
          "plot.images{data.digits{n_train = 20}, n = 10}")},
     plot_images},
    {{ROW("plot.errors", p_errors,
          N_("Los peores errores de un modelo: real → predicha y su probabilidad."),
          TRAINED "plot.errors(m, d)")},
     plot_errors},
    {{ROW("plot.weights", p_weights,
          N_("Los pesos de la primera capa densa como imágenes, una por neurona."),
          TRAINED "plot.weights(m)")},
     plot_weights},
};

void cmd_plot_images_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
