/* plot_activations.c: plot.activations(m, x): one image on its way through the layers. */
#include "plot.h"

#include "register.h"
#include "show.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "viz/maps.h"

#include <math.h>

/* What is shown while the image goes through the layers. */
struct walk {
    lua_State *L;
    struct viz_map_row row[VIZ_MAP_ROWS_MAX];
    size_t n_rows, most; /* maps of a layer at most */
    struct nn_var *now;  /* the input of the next layer */
};

void cmd_signed_color(uint8_t rgb[3], double v, double top) {
    static const double plus[3] = {0, 90, 170}, minus[3] = {200, 70, 0};
    double t = top > 0 ? fmin(fabs(v) / top, 1) : 0;
    const double *end = v >= 0 ? plus : minus;
    for (int k = 0; k < 3; k++)
        rgb[k] = isfinite(v) ? (uint8_t)lround(255 + t * (end[k] - 255)) : 128;
}

/* Convolutions and whatever puts them together are maps, dense layers strips; what only
 * reshapes or pools is passed over. */
static bool is_shown(const struct nn_layer *l, const struct nn_tensor *y) {
    bool learns = l->n_params > 0 || l->n_children > 0;
    bool activation = strcmp(l->type->name, "Activation") == 0;
    bool norm = strstr(l->type->name, "Normalization") != NULL;
    return (learns || activation) && !norm && (y->ndim == 4 || y->ndim == 2);
}

static double greatest(const struct nn_tensor *y) {
    double top = 0;
    for (size_t i = 0; i < y->n; i++)
        if (isfinite(nn_tensor_get(y, i)))
            top = fmax(top, fabs(nn_tensor_get(y, i)));
    return top;
}

/* Channels (or units) that are 0 everywhere for this image. */
static size_t count_silent(const struct nn_tensor *y, size_t channels) {
    size_t silent = 0;
    for (size_t c = 0; c < channels; c++) {
        bool quiet = true;
        for (size_t i = c; quiet && i < y->n; i += channels)
            quiet = nn_tensor_get(y, i) == 0;
        silent += quiet ? 1 : 0;
    }
    return silent;
}

static const char *row_title(lua_State *L, const struct nn_layer *l,
                             const struct nn_tensor *y, double top) {
    char text[200], shape[NN_SHAPE_TEXT];
    size_t channels = y->shape[y->ndim - 1], silent = count_silent(y, channels);
    int n = snprintf(text, sizeof text, "%s %s · ±%.3g", l->name,
                     nn_shape_text(shape, y->ndim - 1, y->shape + 1), top);
    if (nn_layer_unit(l) == NN_UNIT_RELU || silent > 0)
        (void)snprintf(text + n, sizeof text - (size_t)n,
                       y->ndim == 4 ? _(" · mapas en cero: %zu de %zu (%.0f %%)")
                                    : _(" · unidades en cero: %zu de %zu (%.0f %%)"),
                       silent, channels, 100.0 * (double)silent / (double)channels);
    return lua_pushstring(L, text);
}

static void add_row(struct walk *w, const struct nn_layer *l, const struct nn_tensor *y) {
    lua_State *L = w->L;
    bool map = y->ndim == 4;
    size_t channels = y->shape[y->ndim - 1];
    size_t n = map ? MIN_OF(channels, w->most) : 1;
    size_t pixels = map ? y->shape[1] * y->shape[2] : MIN_OF(channels, (size_t)512);
    double top = greatest(y);
    if (w->n_rows == VIZ_MAP_ROWS_MAX)
        return;
    luaL_checkstack(L, (int)n + 10, NULL);
    struct viz_tile *tile = cmd_scratch(L, n, sizeof *tile);
    for (size_t k = 0; k < n; k++) {
        uint8_t *rgb = cmd_scratch(L, pixels, 3);
        for (size_t i = 0; i < pixels; i++)
            cmd_signed_color(rgb + 3 * i, nn_tensor_get(y, map ? i * channels + k : i),
                             top);
        tile[k] = (struct viz_tile){.pixels = rgb,
                                    .h = map ? y->shape[1] : 1,
                                    .w = map ? y->shape[2] : pixels,
                                    .c = 3};
    }
    w->row[w->n_rows++] =
        (struct viz_map_row){.title = row_title(L, l, y, top), .tiles = tile, .n = n};
}

/* One layer after the other; a chain is walked through, branches are taken as a whole. */
static void pass(struct walk *w, struct nn_layer *l) {
    if (l->type->parts == NN_PARTS_CHAIN && !l->type->takes_shortcut) {
        for (int i = 0; i < l->n_children; i++)
            pass(w, l->child[i]);
        return;
    }
    const struct nn_call_mode mode = {.training = false};
    struct err e = {0};
    luaL_checkstack(w->L, 10, NULL);
    struct nn_var **out = cmd_var_push(w->L);
    bool before = nn_grad_set_enabled(false);
    int rc = nn_layer_call(l, out, w->now, &mode, &e);
    nn_grad_set_enabled(before);
    if (rc < 0)
        cmd_raise(w->L, &e);
    w->now = *out;
    if (is_shown(l, w->now->value))
        add_row(w, l, w->now->value);
}

/* Example n of x as the network sees it, (1, ...) float32; pushes its box. */
static struct nn_var *push_example(const struct cmd_args *a, const struct nn_model *m,
                                   const struct nn_tensor *x) {
    lua_State *L = a->L;
    size_t shape[NN_MAX_DIMS] = {1}, size = 1, at = (size_t)cmd_integer(a, "index") - 1;
    char want[NN_SHAPE_TEXT], got[NN_SHAPE_TEXT];
    struct err e = {0};
    memcpy(shape + 1, m->in_shape, (size_t)m->in_ndim * sizeof *shape);
    for (int k = 0; k < m->in_ndim; k++)
        size *= m->in_shape[k];
    bool single = x->ndim == m->in_ndim;
    const size_t *example = x->shape + (single ? 0 : 1);
    if ((!single && x->ndim != m->in_ndim + 1) ||
        memcmp(example, m->in_shape, (size_t)m->in_ndim * sizeof *example) != 0)
        cmd_refuse(a, "x", _("el modelo espera ejemplos de forma %s y llegó %s"),
                   nn_shape_text(want, m->in_ndim, m->in_shape),
                   nn_shape_text(got, x->ndim, x->shape));
    size_t rows = single ? 1 : x->shape[0];
    if (at >= rows)
        cmd_refuse(a, "index", _("hay %d ejemplos y se pidió el %d"), (int)rows,
                   (int)at + 1);
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_new(hold, NN_F32, m->in_ndim + 1, shape, &e) < 0)
        cmd_raise(L, &e);
    size_t pairs = nn_normalise_count(&m->input);
    for (size_t i = 0; i < size; i++) {
        float scale = 1, offset = 0;
        if (x->dtype == NN_U8)
            nn_normalise_get(&m->input, NN_U8, i % pairs, &scale, &offset);
        nn_tensor_f32(*hold)[i] = (float)nn_tensor_get(x, at * size + i) * scale + offset;
    }
    cmd_hold_finish(L);
    return cmd_var_test(L, -1);
}

/* The image itself, as the network sees it, on top. */
static void add_input(struct walk *w) {
    const struct nn_tensor *x = w->now->value;
    size_t c = x->ndim == 4 ? x->shape[3] : 0, n = x->n;
    double low = INFINITY, high = -INFINITY;
    if (c != 1 && c != 3)
        return;
    uint8_t *out = cmd_scratch(w->L, n, 1);
    struct viz_tile *tile = cmd_scratch(w->L, 1, sizeof *tile);
    for (size_t i = 0; i < n; i++) {
        low = fmin(low, nn_tensor_get(x, i));
        high = fmax(high, nn_tensor_get(x, i));
    }
    for (size_t i = 0; i < n && high > low; i++)
        out[i] = (uint8_t)lround(255 * (nn_tensor_get(x, i) - low) / (high - low));
    *tile = (struct viz_tile){.pixels = out, .h = x->shape[1], .w = x->shape[2], .c = c};
    w->row[w->n_rows++] =
        (struct viz_map_row){.title = _("entrada"), .tiles = tile, .n = 1};
}

static int plot_activations(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    const struct nn_model *m = cmd_box_test(L, cmd_slot(&a, "model"), CMD_MODEL);
    int slot = cmd_slot(&a, "x");
    const struct nn_dataset *d = cmd_box_test(L, slot, CMD_DATASET);
    luaL_checkstack(L, 40, NULL);
    if (!m->built)
        cell_raisef(L, ERR_STATE, "%s",
                    _("plot.activations: el modelo aún no tiene pesos; entrénalo o usa "
                      "m:build{…}"));
    const struct nn_tensor *x =
        d ? (d->x_test ? d->x_test : d->x_train) : cmd_model_input(L, slot, "x");
    struct walk *w = cmd_scratch(L, 1, sizeof *w);
    w->L = L;
    w->most = (size_t)cmd_integer(&a, "n");
    w->now = push_example(&a, m, x);
    add_input(w);
    for (int i = 0; i < m->n_layers; i++)
        pass(w, m->layer[i]);
    if (w->n_rows == 0)
        cell_raisef(L, ERR_STATE, "%s",
                    _("plot.activations: el modelo no tiene capas que mostrar"));
    const char *title = cmd_text(&a, "title");
    const struct viz_maps maps = {
        .title = title ? title : _("Activaciones: azul positivo, naranja negativo"),
        .rows = w->row,
        .n_rows = w->n_rows,
        .caption = cmd_text(&a, "caption"),
        .label = cmd_text(&a, "label")};
    struct err e = {0};
    if (viz_maps_bundle(cmd_figure_push(L), &maps, &e) < 0)
        cmd_raise(L, &e);
    cmd_show_now(L);
    return 1;
}

static const struct cell_help_param params[] = {
    {.name = "model",
     .types = CELL_MODEL,
     .flags = CELL_REQUIRED,
     .doc = N_("el modelo entrenado")},
    {.name = "x",
     .types = CELL_DATASET | CELL_TENSOR,
     .flags = CELL_REQUIRED | CELL_AUTO,
     .doc = N_("un ejemplo, varios, o un conjunto de datos (su parte de prueba)")},
    {.name = "index",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED | CELL_MIN,
     .min = 1,
     .fallback = "1",
     .doc = N_("cuál de los ejemplos, desde 1")},
    {.name = "n",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED | CELL_MIN | CELL_MAX,
     .min = 1,
     .max = VIZ_MAP_TILES_MAX,
     .fallback = "8",
     .doc = N_("cuántos mapas por capa como máximo")},
    CMD_TITLE,
    CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "plot.activations",
      .kind = CELL_FUNCTION,
      .params = params,
      .n_params = ARRAY_LEN(params),
      .returns = N_("la figura, que se muestra"),
      .doc = N_("Qué hace cada capa con una imagen: los mapas de las convoluciones, las "
                "capas densas como tiras, y cuántas unidades quedan en cero."),
      .example = "d = data.digits{n_train = 50, n_test = 10}; m = "
                 "nn.Sequential{nn.Conv2D{4, 3, activation = \"relu\"}, nn.Flatten(), "
                 "nn.Dense(10)}; m:compile{loss = \"sparse_categorical_crossentropy\"}; "
                 "m:fit{d, epochs = 1, verbose = 0}; plot.activations(m, d)",
      .see_also = "plot.weights plot.gradients"},
     plot_activations},
};

void cmd_plot_activations_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
