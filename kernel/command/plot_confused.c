/* plot_confused.c: plot.confused: the pairs of classes that a model confuses most, a row of
 * pictures for each. */
#include "pictures.h"
#include "plot.h"

#include "register.h"
#include "show.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "nn/confusion.h"
#include "viz/style.h"

#define COUNTS_HOLD "nabla.confused"

enum { PAIRS_MAX = 20, ROW_MAX = 12 };

/* One example of a pair and how sure the model was of the wrong class. */
struct example {
    size_t row;
    double chance;
};

static int by_chance(const void *a, const void *b) {
    const struct example *p = a, *q = b;
    if (p->chance != q->chance)
        return p->chance > q->chance ? -1 : 1;
    return p->row < q->row ? -1 : 1;
}

static size_t top_pairs(lua_State *L, const struct cmd_outcome *o,
                        struct nn_confused *pair, size_t max) {
    struct err e = {0};
    struct nn_confusion **c = (struct nn_confusion **)cmd_box_push(L, COUNTS_HOLD);
    if (nn_confusion_new(c, nn_tensor_i32(o->part.y), nn_tensor_i32(o->predicted), o->n,
                         o->classes, &e) < 0)
        cmd_raise(L, &e);
    return nn_confusion_top(*c, pair, max);
}

/* "camisa →\ncamiseta: 87" */
static const char *row_title(lua_State *L, const struct cmd_outcome *o,
                             const struct nn_confused *p) {
    if (o->names)
        return lua_pushfstring(L, "%s →\n%s: %d", o->names[p->truth],
                               o->names[p->predicted], (int)p->count);
    return lua_pushfstring(L, "%d →\n%d: %d", (int)p->truth, (int)p->predicted,
                           (int)p->count);
}

/* The row of a pair: its name, then its surest examples; the rest stays empty. */
static void fill_row(lua_State *L, const struct cmd_outcome *o,
                     const struct cmd_pictures *pictures, const struct nn_confused *p,
                     struct viz_tile *tile, size_t columns) {
    struct example *found = cmd_scratch(L, p->count, sizeof *found);
    size_t n = 0;
    for (size_t i = 0; i < o->n && n < p->count; i++)
        if ((size_t)nn_tensor_i32(o->part.y)[i] == p->truth &&
            (size_t)nn_tensor_i32(o->predicted)[i] == p->predicted)
            found[n++] = (struct example){i, o->chance[i * o->classes + p->predicted]};
    qsort(found, n, sizeof *found, by_chance);
    tile[0] = (struct viz_tile){.title = row_title(L, o, p), .color = VIZ_BAD};
    for (size_t k = 1; k < columns; k++) {
        tile[k] = (struct viz_tile){0};
        if (k > n)
            continue;
        char chance[32];
        (void)snprintf(chance, sizeof chance, "(%.2f)", found[k - 1].chance);
        tile[k] = cmd_pictures_tile(L, pictures, found[k - 1].row);
        tile[k].title = lua_pushfstring(L, "\n%s", chance);
    }
}

static int plot_confused(lua_State *L) {
    struct cmd_args a;
    struct cmd_outcome o;
    struct cmd_pictures pictures;
    struct nn_confused pair[PAIRS_MAX];
    cmd_args_read(&a, L, 1);
    cmd_outcome_read(&a, true, &o);
    cmd_pictures_read(&a, o.part.x, &pictures);
    size_t n = top_pairs(L, &o, pair, (size_t)cmd_integer(&a, "pairs"));
    size_t columns = (size_t)cmd_integer(&a, "n") + 1;
    if (n == 0) {
        lua_pushfstring(L, _("Sin errores: acertó los %d ejemplos."), (int)o.n);
        return 1;
    }
    luaL_checkstack(L, (int)(n * columns) * 4 + 40, NULL);
    struct viz_tile *tile = cmd_scratch(L, n * columns, sizeof *tile);
    for (size_t i = 0; i < n; i++)
        fill_row(L, &o, &pictures, &pair[i], tile + i * columns, columns);
    struct viz_grid g = {
        .tiles = tile,
        .n = n * columns,
        .columns = columns,
        .tile = 84,
        .title = _("Lo que más se confunde: verdadera → predicha, y con qué seguridad")};
    return cmd_grid_show(&a, &g);
}

static const struct cell_help_param p_confused[] = {
    CMD_MODEL_XY,
    {.name = "pairs",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED | CELL_MIN | CELL_MAX,
     .min = 1,
     .max = PAIRS_MAX,
     .fallback = "3",
     .doc = N_("cuántos pares de clases")},
    {.name = "n",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED | CELL_MIN | CELL_MAX,
     .min = 1,
     .max = ROW_MAX,
     .fallback = "5",
     .doc = N_("cuántas imágenes por par como máximo")},
    CMD_TITLE,
    CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "plot.confused",
      .kind = CELL_FUNCTION,
      .params = p_confused,
      .n_params = ARRAY_LEN(p_confused),
      .returns = N_("la figura, que se muestra"),
      .doc = N_("Los pares de clases que un modelo más confunde, con imágenes: una fila "
                "por par, primero los errores más seguros."),
      .example =
          "d = data.digits{n_train = 100, n_test = 50}; m = nn.Sequential{nn.Flatten(), "
          "nn.Dense(10)}; m:compile{loss = \"sparse_categorical_crossentropy\"}; "
          "m:fit{d, epochs = 1, verbose = 0}; plot.confused(m, d)",
      .see_also = "plot.confusion plot.errors metrics.confusion_matrix"},
     plot_confused}};

static void free_counts(void *c) {
    nn_confusion_free(c);
}

void cmd_plot_confused_open(lua_State *L) {
    cmd_box_type(L, COUNTS_HOLD, free_counts);
    lua_pop(L, 1);
    cmd_register(L, commands, ARRAY_LEN(commands));
}
