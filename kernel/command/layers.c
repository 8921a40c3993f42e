/* layers.c: nn.Dense, nn.Dropout ...: one command per row of the engine's layer table. */
#include "objects.h"
#include "options.h"
#include "register.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "nn/layer.h"

/* What the manual adds to a layer's own row. */
static const struct {
    const char *type, *example, *shapes, *formula;
} extras[] = {
    {"Dense", "nn.Dense{128, activation = \"relu\"}", "(n, d) → (n, units)",
     "y = f(x W + b)"},
    {"Flatten", "nn.Flatten()", "(n, h, w, c) → (n, h·w·c)", NULL},
    {"Dropout", "nn.Dropout(0.5)", "(n, …) → (n, …)", NULL},
    {"Activation", "nn.Activation(\"relu\")", "(n, …) → (n, …)", NULL},
    {"Input", "nn.Input{28, 28, 1}", "(n, …) → (n, …)", NULL},
    {"Conv2D", "nn.Conv2D{32, 3, activation = \"relu\"}",
     "(n, h, w, c) → (n, h', w', filters)", "y = f(x ∗ K + b)"},
    {"DepthwiseConv2D", "nn.DepthwiseConv2D{3, padding = \"same\"}",
     "(n, h, w, c) → (n, h', w', c·depth_multiplier)", NULL},
    {"SeparableConv2D", "nn.SeparableConv2D{64, 3, activation = \"relu\"}",
     "(n, h, w, c) → (n, h', w', filters)", NULL},
    {"MaxPooling2D", "nn.MaxPooling2D(2)", "(n, h, w, c) → (n, h/2, w/2, c)", NULL},
    {"AveragePooling2D", "nn.AveragePooling2D(2)", "(n, h, w, c) → (n, h/2, w/2, c)",
     NULL},
    {"GlobalMaxPooling2D", "nn.GlobalMaxPooling2D()", "(n, h, w, c) → (n, c)", NULL},
    {"GlobalAveragePooling2D", "nn.GlobalAveragePooling2D()", "(n, h, w, c) → (n, c)",
     NULL},
    {"BatchNormalization", "nn.BatchNormalization()", "(n, …) → (n, …)", NULL},
};

static int layer_new(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct err e = {0};
    struct nn_layer **slot = (struct nn_layer **)cmd_box_push(L, CMD_LAYER);
    if (nn_layer_new(slot, a.row->name + strlen("nn."), &e) < 0)
        cmd_raise(L, &e);
    cmd_options_fill(&a, &(*slot)->options);
    return 1;
}

static bool layer_field(lua_State *L, const char *key) {
    const struct nn_layer *l = cmd_self(L, CMD_LAYER);
    if (strcmp(key, "name") == 0) {
        lua_pushstring(L, l->name);
        return true;
    }
    if (strcmp(key, "type") == 0) {
        lua_pushstring(L, l->type->name);
        return true;
    }
    int i = nn_options_index(&l->options, key);
    if (i < 0)
        return false;
    const struct nn_option_value *v = &l->options.value[i];
    switch (l->options.row[i].kind) {
    case NN_OPT_TEXT:
        lua_pushstring(L, v->text);
        break;
    case NN_OPT_BOOL:
        lua_pushboolean(L, v->number != 0);
        break;
    case NN_OPT_SHAPE:
    case NN_OPT_PAIR:
        lua_createtable(L, v->ndim, 0);
        for (int k = 0; k < v->ndim; k++) {
            lua_pushinteger(L, (lua_Integer)v->shape[k]);
            lua_rawseti(L, -2, k + 1);
        }
        break;
    default:
        lua_pushnumber(L, v->number);
    }
    return true;
}

/* "nn.Dense{units = 128, activation = "relu"}": what the user chose. */
static int layer_tostring(lua_State *L) {
    const struct nn_layer *l = cmd_box_test(L, 1, CMD_LAYER);
    if (!l) {
        lua_pushstring(L, _("una capa que ya es parte de un modelo"));
        return 1;
    }
    struct buf *b = cmd_buf(L);
    buf_printf(b, "nn.%s{", l->type->name);
    bool first = true;
    for (int i = 0; i < l->options.n; i++) {
        const struct nn_option_value *v = &l->options.value[i];
        if (!v->set)
            continue;
        buf_printf(b, "%s%s = ", first ? "" : ", ", l->options.row[i].name);
        if (l->options.row[i].kind == NN_OPT_TEXT)
            buf_printf(b, "\"%s\"", v->text);
        else if (l->options.row[i].kind == NN_OPT_BOOL)
            buf_puts(b, v->number != 0 ? "true" : "false");
        else if (v->ndim)
            for (int k = 0; k < v->ndim; k++)
                buf_printf(b, "%s%zu%s", k ? ", " : "{", v->shape[k],
                           k + 1 == v->ndim ? "}" : "");
        else
            buf_printf(b, "%.10g", v->number);
        first = false;
    }
    buf_putc(b, '}');
    if (b->failed)
        cmd_raise_nomem(L);
    lua_pushlstring(L, b->data, b->len);
    return 1;
}

static void release_layer(void *l) {
    nn_layer_free(l);
}

static const struct cmd_command commands[] = {
    {{.name = "nn",
      .kind = CELL_MODULE,
      .doc = N_("Redes neuronales: capas y modelos, con los nombres de Keras."),
      .see_also = "nn.Sequential nn.Dense"},
     NULL},
    {{.name = "Layer",
      .kind = CELL_CLASS,
      .doc = N_("Una capa, que se entrega a nn.Sequential."),
      .see_also = "nn.Sequential"},
     NULL},
    {{.name = "Layer.name",
      .kind = CELL_FIELD,
      .returns = N_("un texto"),
      .doc = N_("El nombre de la capa."),
      .example = "nn.Dense(3).name"},
     NULL},
    {{.name = "Layer.type",
      .kind = CELL_FIELD,
      .returns = N_("un texto"),
      .doc = N_("La clase de la capa."),
      .example = "nn.Dense(3).type"},
     NULL},
};

void cmd_layers_open(lua_State *L) {
    cmd_class(L, CMD_LAYER, release_layer, layer_field);
    cmd_class_meta(L, CMD_LAYER, "__tostring", layer_tostring);
    cmd_register(L, commands, ARRAY_LEN(commands));
    const struct nn_layer_type *t;
    for (int i = 0; (t = nn_layer_type_row(i)); i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "nn.%s", t->name);
        struct cmd_option_rows r = {.name = name,
                                    .doc = t->help,
                                    .returns = N_("una capa"),
                                    .row = t->row,
                                    .n_rows = t->n_rows,
                                    .n_positional = t->n_positional,
                                    .see_also = "nn.Sequential"};
        for (size_t k = 0; k < ARRAY_LEN(extras); k++)
            if (strcmp(extras[k].type, t->name) == 0) {
                r.example = extras[k].example;
                r.shapes = extras[k].shapes;
                r.formula = extras[k].formula;
            }
        cmd_options_register(L, &r, layer_new);
    }
}
