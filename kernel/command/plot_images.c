/* plot_images.c: plot.images, plot.errors, plot.weights: grids of small pictures. */
#include "pictures.h"
#include "plot.h"

#include "register.h"
#include "show.h"
#include "tensor.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "viz/style.h"

#include <math.h>

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
    struct cmd_pictures p;
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
    cmd_pictures_read(&a, t, &p);
    size_t n = MIN_OF(p.n, (size_t)cmd_integer(&a, "n"));
    luaL_checkstack(L, (int)n * 4 + 20, NULL);
    struct viz_tile *tile = cmd_scratch(L, n, sizeof *tile);
    for (size_t i = 0; i < n; i++) {
        tile[i] = cmd_pictures_tile(L, &p, i);
        tile[i].title = label_text(&a, i, d);
    }
    struct viz_grid g = {
        .tiles = tile, .n = n, .columns = (size_t)cmd_integer(&a, "columns")};
    return cmd_grid_show(&a, &g);
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
    struct cmd_pictures p;
    size_t count;
    cmd_pictures_read(&a, o.part.x, &p);
    const struct mistake *m = find_mistakes(L, &o, &count);
    size_t n = MIN_OF(count, (size_t)cmd_integer(&a, "n"));
    if (n == 0) {
        lua_pushfstring(L, _("Sin errores: acertó los %d ejemplos."), (int)o.n);
        return 1;
    }
    luaL_checkstack(L, (int)n * 6 + 20, NULL);
    struct viz_tile *tile = cmd_scratch(L, n, sizeof *tile);
    for (size_t i = 0; i < n; i++) {
        tile[i] = cmd_pictures_tile(L, &p, m[i].row);
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
    return cmd_grid_show(&a, &g);
}

/* ------------------------------------------------------------------------- weights */

/* Kernels as pictures: `n` of h x w pixels. Of a dense layer one per unit, its channels
 * averaged; of a convolution one per filter and channel, or per filter in colour. */
struct kernels {
    const struct nn_tensor *t;
    size_t n, h, w, c; /* c: channels that a picture sums up or shows */
    size_t filters;    /* the last axis */
    bool conv, color;
    double top; /* the largest weight: the same scale for all */
};

/* false: the layer's weights are no pictures. */
static bool as_kernels(const struct nn_layer *l, struct kernels *k) {
    if (l->n_params == 0)
        return false;
    const struct nn_tensor *t = l->param[0].var->value;
    size_t side = 0;
    *k = (struct kernels){.t = t, .c = 1, .filters = t->ndim ? t->shape[t->ndim - 1] : 0};
    if (t->ndim == 4 && strstr(l->type->name, "Conv2D")) {
        k->conv = true;
        k->h = t->shape[0];
        k->w = t->shape[1];
        k->c = t->shape[2];
        k->color = k->c == 3 && k->h * k->w > 1;
        k->n = k->filters * (k->color ? 1 : k->c);
        return true;
    }
    if (strcmp(l->type->name, "Dense") != 0 || t->ndim != 2)
        return false;
    k->n = k->filters;
    bool flat = cmd_square_side(t->shape[0], &side);
    k->h = k->w = side;
    return flat;
}

/* A dense layer that looks at the model's image: what precedes it only reshapes. */
static bool sees_image(const struct nn_model *m, const struct nn_layer *l,
                       struct kernels *k) {
    bool image = m->in_ndim == 3 && (m->in_shape[2] == 1 || m->in_shape[2] == 3);
    if (strcmp(l->type->name, "Dense") != 0 || (!image && m->in_ndim != 2))
        return false;
    const struct nn_tensor *t = l->param[0].var->value;
    *k = (struct kernels){.t = t, .n = t->shape[1], .filters = t->shape[1]};
    k->h = m->in_shape[0];
    k->w = m->in_shape[1];
    k->c = image ? m->in_shape[2] : 1;
    return k->h * k->w * k->c == t->shape[0];
}

/* The first layer with kernels, also inside of others. */
static struct nn_layer *first_kernels(const struct nn_model *m, int n,
                                      struct nn_layer *const layer[], struct kernels *k) {
    for (int i = 0; i < n; i++) {
        struct nn_layer *found =
            first_kernels(m, layer[i]->n_children, layer[i]->child, k);
        if (found)
            return found;
        if (sees_image(m, layer[i], k) || as_kernels(layer[i], k))
            return layer[i];
    }
    return NULL;
}

static const struct nn_layer *pick_kernels(const struct cmd_args *a,
                                           const struct nn_model *m, struct kernels *k) {
    const char *path = cmd_text(a, "layer");
    const struct nn_layer *l = NULL;
    if (!m->built)
        cell_raisef(a->L, ERR_STATE, "%s",
                    _("plot.weights: el modelo aún no tiene pesos; entrénalo o usa "
                      "m:build{…}"));
    if (!path) {
        l = first_kernels(m, m->n_layers, m->layer, k);
        if (!l)
            cell_raisef(a->L, ERR_STATE, "%s",
                        _("plot.weights: ninguna capa tiene pesos que se vean como "
                          "imágenes"));
        return l;
    }
    l = nn_model_find_layer(m, path);
    if (!l)
        cmd_refuse(a, "layer", _("el modelo no tiene una capa «%s»"), path);
    if (!sees_image(m, l, k) && !as_kernels(l, k))
        cmd_refuse(a, "layer", _("los pesos de %s no se ven como imágenes"), path);
    return l;
}

/* Picture i: of a dense layer the mean over channels, of a convolution filter i / c and
 * channel i % c, of a first layer on colours all three around grey. */
static const uint8_t *kernel_picture(lua_State *L, const struct kernels *k, size_t i) {
    size_t pixels = k->h * k->w;
    uint8_t *out = cmd_scratch(L, pixels, 3);
    bool single = k->conv && !k->color;
    size_t filter = single ? i / k->c : i, channel = single ? i % k->c : 0;
    for (size_t p = 0; p < pixels; p++) {
        double mean = 0;
        for (size_t c = 0; c < (single ? 1 : k->c); c++) {
            double v =
                nn_tensor_get(k->t, (p * k->c + channel + c) * k->filters + filter);
            mean += v / (double)(single ? 1 : k->c);
            if (k->color && k->top > 0)
                out[3 * p + c] = (uint8_t)lround(127.5 + 127.5 * v / k->top);
        }
        if (!k->color)
            cmd_signed_color(out + 3 * p, mean, k->top);
    }
    return out;
}

static int plot_weights(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_model *m = cmd_box_test(L, cmd_slot(&a, "model"), CMD_MODEL);
    struct kernels k;
    const struct nn_layer *l = pick_kernels(&a, m, &k);
    size_t n = MIN_OF(k.n, (size_t)cmd_integer(&a, "n"));
    size_t columns = (size_t)cmd_integer(&a, "columns");
    char title[200], path[NN_LAYER_PATH];
    for (size_t i = 0; i < k.t->n; i++)
        if (isfinite(nn_tensor_get(k.t, i)))
            k.top = fmax(k.top, fabs(nn_tensor_get(k.t, i)));
    luaL_checkstack(L, (int)n * 2 + 20, NULL);
    struct viz_tile *tile = cmd_scratch(L, n, sizeof *tile);
    for (size_t i = 0; i < n; i++)
        tile[i] = (struct viz_tile){
            .pixels = kernel_picture(L, &k, i), .h = k.h, .w = k.w, .c = 3};
    (void)snprintf(title, sizeof title,
                   k.color ? _("Pesos de %s en color, de %.2f a %.2f; gris es 0")
                           : _("Pesos de %s: azul positivo, naranja negativo, de %.2f a "
                               "%.2f"),
                   nn_layer_path(path, l), -k.top, k.top);
    if (k.conv && columns == 0) /* a filter a row */
        columns = k.color || k.c == 1 || k.c > 16 ? 8 : k.c;
    struct viz_grid g = {.tiles = tile, .n = n, .title = title, .columns = columns};
    return cmd_grid_show(&a, &g);
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
    {.name = "layer",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("nombre de la capa, \"conv2d\" o \"residual/conv2d\"; sin él, la primera "
               "con pesos que se ven")},
    COUNT("64", N_("cuántas imágenes como máximo")),
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
          N_("Los pesos de una capa como imágenes: de una densa una por neurona, de una "
             "convolución una por filtro y canal, todas con la misma escala."),
          TRAINED "plot.weights(m)")},
     plot_weights},
};

void cmd_plot_images_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
