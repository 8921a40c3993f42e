/* layers.c: nn.Dense, nn.Dropout ...: one command per row of the engine's layer table, and
 * how a layer is handed to what it becomes part of. */
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
    {"Reshape", "nn.Reshape{7, 7, 32}", "(n, …) → (n, target_shape)", NULL},
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
    {"Residual",
     "nn.Residual{nn.Dense{8, activation = \"relu\"}, nn.Dense(4), activation = "
     "\"relu\"}",
     "(n, …) → (n, …)", "y = f(x + F(x))"},
    {"Concatenate",
     "nn.Concatenate{nn.Dense(8), nn.Sequential{nn.Dense(4), nn.Dense(2)}}",
     "(n, …, a) → (n, …, b + c)", NULL},
    {"Features", "nn.Features{squares = true, products = true}", "(n, d) → (n, d + …)",
     "(x_1, x_2) → (x_1, x_2, x_1^2, x_2^2, x_1 x_2)"},
    {"ZeroPadding2D", "nn.ZeroPadding2D(1)", "(n, h, w, c) → (n, h+2, w+2, c)", NULL},
    {"BatchNormalization", "nn.BatchNormalization()", "(n, …) → (n, …)",
     "y = γ (x − μ) / √(σ² + ε) + β"},
    {"LayerNormalization", "nn.LayerNormalization()", "(n, …) → (n, …)",
     "y = γ (x − μ) / √(σ² + ε) + β"},
};

/* ---- from values to layers */

/* NULL and a sentence when the value cannot become part of another. */
static bool is_free(lua_State *L, int idx, const char *what, struct err *e) {
    void **slot = luaL_testudata(L, idx, CMD_LAYER);
    const struct nn_layer *l = slot ? *slot : NULL;
    if (slot && (!l || l->adopted)) {
        (void)err_set(e, ERR_STATE, _("%s: la capa ya es parte de un modelo; crea otra"),
                      what);
        return false;
    }
    if (slot)
        return true;
    slot = luaL_testudata(L, idx, CMD_MODEL);
    if (!slot) {
        (void)err_set(e, ERR_ARG,
                      _("%s: se esperaba una capa, como nn.Dense(10), y llegó %s"), what,
                      cmd_value_text(L, idx));
        return false;
    }
    if (!*slot) {
        (void)err_set(e, ERR_STATE,
                      _("%s: el modelo ya es parte de otro; crea uno nuevo"), what);
        return false;
    }
    lua_getiuservalue(L, idx, 1);
    bool busy = lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (busy)
        (void)err_set(e, ERR_STATE, _("%s: el modelo se está entrenando"), what);
    return !busy;
}

int cmd_give_layer(lua_State *L, int idx, const char *what, cmd_take_fn *take,
                   void *owner, struct err *e) {
    idx = lua_absindex(L, idx);
    if (!is_free(L, idx, what, e))
        return e->code;
    struct nn_layer *l = cmd_box_test(L, idx, CMD_LAYER);
    if (l) {
        int rc = take(owner, nn_layer_retain(l), e);
        if (rc < 0)
            nn_layer_free(l);
        return rc;
    }
    void **slot = luaL_testudata(L, idx, CMD_MODEL);
    struct nn_model *m = *slot;
    if ((void *)m == owner)
        return err_set(e, ERR_ARG, _("%s: un modelo no puede ser parte de sí mismo"),
                       what);
    int rc = nn_model_to_layer(&l, m, e);
    if (rc == 0 && (rc = take(owner, l, e)) < 0)
        nn_model_take_back(m, l);
    if (rc < 0)
        return rc;
    nn_model_free(m);
    *slot = NULL;
    return 0;
}

int cmd_give_layers(lua_State *L, int idx, const char *what, cmd_take_fn *take,
                    void *owner, struct err *e) {
    lua_Integer n = lua_istable(L, idx) ? (lua_Integer)lua_rawlen(L, idx) : 0;
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, idx, i);
        bool fine = is_free(L, lua_gettop(L), what, e);
        lua_pop(L, 1);
        if (!fine)
            return e->code;
    }
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, idx, i);
        int rc = cmd_give_layer(L, -1, what, take, owner, e);
        lua_pop(L, 1);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* ---- making one */

static int take_child(void *owner, struct nn_layer *l, struct err *e) {
    return nn_layer_add_child(owner, l, e);
}

static int take_shortcut(void *owner, struct nn_layer *l, struct err *e) {
    return nn_layer_set_shortcut(owner, l, e);
}

static int take_parts(const struct cmd_args *a, struct nn_layer *l, struct err *e) {
    if (l->type->parts == NN_PARTS_NONE)
        return 0;
    lua_State *L = a->L;
    int rc = cmd_give_layers(L, cmd_slot(a, "layers"), a->row->name, take_child, l, e);
    if (rc == 0 && l->type->takes_shortcut && cmd_given(a, "shortcut"))
        rc =
            cmd_give_layer(L, cmd_slot(a, "shortcut"), a->row->name, take_shortcut, l, e);
    return rc;
}

static int layer_new(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct err e = {0};
    struct nn_layer **slot = (struct nn_layer **)cmd_box_push(L, CMD_LAYER);
    if (nn_layer_new(slot, a.row->name + strlen("nn."), &e) < 0)
        cmd_raise(L, &e);
    struct nn_layer *l = *slot;
    cmd_options_fill(&a, &l->options);
    if (cmd_given(&a, "name") && nn_layer_set_name(l, cmd_text(&a, "name"), &e) < 0)
        cmd_raise(L, &e);
    if (take_parts(&a, l, &e) < 0) {
        *slot = NULL; /* its parts are free again at once */
        nn_layer_free(l);
        cmd_raise(L, &e);
    }
    if (!cmd_boolean(&a, "trainable"))
        nn_layer_set_trainable(l, false);
    return 1;
}

static const struct cell_help_param p_parts = {
    .name = "layers",
    .types = CELL_LAYER | CELL_MODEL,
    .flags = CELL_REST,
    .doc = N_("las capas de dentro, en orden; nn.Sequential reúne varias en una")};
static const struct cell_help_param p_more[] = {
    {.name = "name",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("nombre de la capa; sin él, el de su clase y un número")},
    {.name = "trainable",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "true",
     .doc = N_("false la congela: sus parámetros no cambian al entrenar")},
    {.name = "shortcut",
     .types = CELL_LAYER | CELL_MODEL,
     .flags = CELL_NAMED,
     .doc = N_("capa que lleva la entrada a la forma de la rama; sin ella, la entrada "
               "misma")}};

static const struct cmd_command commands[] = {
    {{.name = "nn",
      .kind = CELL_MODULE,
      .doc = N_("Redes neuronales: capas y modelos, con los nombres de Keras."),
      .see_also = "nn.Sequential nn.Dense"},
     NULL},
};

static void register_type(lua_State *L, const struct nn_layer_type *t) {
    char name[64];
    (void)snprintf(name, sizeof name, "nn.%s", t->name);
    struct cmd_option_rows r = {.name = name,
                                .doc = t->help,
                                .returns = N_("una capa"),
                                .row = t->row,
                                .n_rows = t->n_rows,
                                .n_positional = t->n_positional,
                                .first = t->parts == NN_PARTS_NONE ? NULL : &p_parts,
                                .more = p_more,
                                .n_more = ARRAY_LEN(p_more) - !t->takes_shortcut,
                                .see_also = "nn.Sequential"};
    for (size_t k = 0; k < ARRAY_LEN(extras); k++)
        if (strcmp(extras[k].type, t->name) == 0) {
            r.example = extras[k].example;
            r.shapes = extras[k].shapes;
            r.formula = extras[k].formula;
        }
    cmd_options_register(L, &r, layer_new);
}

void cmd_layers_open(lua_State *L) {
    cmd_layer_open(L);
    cmd_specs_open(L);
    cmd_register(L, commands, ARRAY_LEN(commands));
    const struct nn_layer_type *t;
    for (int i = 0; (t = nn_layer_type_row(i)); i++)
        if (strcmp(t->name, "Sequential") != 0) /* a model, until it is put into one */
            register_type(L, t);
}
