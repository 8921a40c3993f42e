/* model_layers.c: nn.Sequential, and a model's layers: adding, taking off, finding. */
#include "objects.h"
#include "register.h"

#include "base/i18n.h"
#include "cell/error.h"

static int take_layer(void *owner, struct nn_layer *l, struct err *e) {
    return nn_model_add(owner, l, e);
}

/* A first nn.Input says the shape: the model is built at once, as in Keras. */
static int build_if_known(struct nn_model *m, struct err *e) {
    if (m->n_layers < 2 || strcmp(m->layer[0]->type->name, "Input") != 0)
        return 0;
    const struct nn_option_value *v = nn_option_get(&m->layer[0]->options, "shape");
    return nn_model_build(m, v->ndim, v->shape, e);
}

static int nn_sequential(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct err e = {0};
    struct nn_model **slot = (struct nn_model **)cmd_box_push(L, CMD_MODEL);
    if (nn_model_new(slot, &e) < 0)
        cmd_raise(L, &e);
    struct nn_model *m = *slot;
    if (cmd_given(&a, "seed"))
        nn_model_set_seed(m, (uint64_t)cmd_integer(&a, "seed"));
    int list = cmd_slot(&a, "layers"), box = lua_gettop(L);
    if (lua_istable(L, list) && lua_rawlen(L, list) == 1 &&
        lua_rawgeti(L, list, 1) == LUA_TTABLE) /* Sequential({...}, {...}) */
        lua_replace(L, list);
    int rc = cmd_given(&a, "name") ? nn_model_set_name(m, cmd_text(&a, "name"), &e) : 0;
    if (rc == 0)
        rc = cmd_give_layers(L, list, "nn.Sequential", take_layer, m, &e);
    if (rc == 0)
        rc = build_if_known(m, &e);
    if (rc < 0) {
        *slot = NULL; /* its layers are free again at once */
        nn_model_free(m);
        cmd_raise(L, &e);
    }
    lua_settop(L, box);
    return 1;
}

static int m_add(lua_State *L) {
    struct nn_model *m = cmd_self(L, CMD_MODEL);
    struct cmd_args a;
    struct err e = {0};
    cmd_args_read(&a, L, 2);
    if (cmd_give_layer(L, cmd_slot(&a, "layer"), "add", take_layer, m, &e) < 0)
        cmd_raise(L, &e);
    return 0;
}

static int m_pop(lua_State *L) {
    struct nn_model *m = cmd_self(L, CMD_MODEL);
    struct err e = {0};
    struct nn_layer **slot = (struct nn_layer **)cmd_box_push(L, CMD_LAYER);
    if (nn_model_pop(m, slot, &e) < 0)
        cmd_raise(L, &e);
    return 1;
}

/* "dense, dense_1": the layers of the model itself, for a sentence. */
static const char *all_names(lua_State *L, const struct nn_model *m) {
    struct buf *b = cmd_buf(L);
    for (int i = 0; i < m->n_layers && i < 40; i++)
        buf_printf(b, "%s%s", i ? ", " : "", m->layer[i]->name);
    return b->data ? b->data : "";
}

static int m_layer(lua_State *L) {
    struct nn_model *m = cmd_self(L, CMD_MODEL);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    int slot = cmd_slot(&a, "name");
    if (lua_type(L, slot) == LUA_TNUMBER) {
        lua_Integer i = lua_tointeger(L, slot);
        if (i < 1 || i > m->n_layers)
            return cmd_refuse(&a, "name", _("el modelo tiene %d capas y llegó %d"),
                              m->n_layers, (int)i);
        cmd_layer_push(L, m->layer[i - 1]);
        return 1;
    }
    struct nn_layer *l = nn_model_find_layer(m, lua_tostring(L, slot));
    if (!l)
        return cmd_refuse(&a, "name", _("no hay una capa «%.80s»; hay %.300s"),
                          lua_tostring(L, slot), all_names(L, m));
    cmd_layer_push(L, l);
    return 1;
}

/* What the regularizers add, as part of the graph: for a loss of the low road. */
static int m_penalty(lua_State *L) {
    const struct nn_model *m = cmd_self(L, CMD_MODEL);
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_scalar(hold, NN_F32, 0, &e) < 0)
        cmd_raise(L, &e);
    cmd_hold_finish(L);
    struct nn_var **slot = luaL_testudata(L, -1, CMD_TENSOR);
    if (nn_model_penalise(m, slot, &e) < 0)
        cmd_raise(L, &e);
    return 1;
}

/* m.trainable = false: of all its layers. */
static int model_assign(lua_State *L) {
    struct nn_model *m = cmd_self(L, CMD_MODEL);
    if (lua_type(L, 2) != LUA_TSTRING || strcmp(lua_tostring(L, 2), "trainable") != 0)
        return cell_raisef(L, ERR_ARG,
                           _("de un modelo solo se asigna trainable y aquí llegó %s"),
                           cmd_value_text(L, 2));
    nn_model_set_trainable(m, cmd_trainable_flag(L, 3));
    return 0;
}

static const struct cell_help_param p_sequential[] = {
    {.name = "layers",
     .types = CELL_LAYER | CELL_MODEL,
     .flags = CELL_REST,
     .doc = N_("las capas, en orden; un modelo vale como una capa")},
    {.name = "seed",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED,
     .doc = N_("semilla de los pesos iniciales; sin ella, la de lab.seed")},
    {.name = "name",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("su nombre cuando es una capa de otro modelo")}};
static const struct cell_help_param p_add[] = {{.name = "layer",
                                                .types = CELL_LAYER | CELL_MODEL,
                                                .flags = CELL_REQUIRED,
                                                .doc = N_("la capa que sigue")}};
static const struct cell_help_param p_layer[] = {
    {.name = "name",
     .types = CELL_STRING | CELL_INTEGER,
     .flags = CELL_REQUIRED,
     .doc = N_("su nombre, como \"dense_1\" o \"residual/dense\", o su número")}};

static const struct cmd_command commands[] = {
    {{.name = "nn.Sequential",
      .kind = CELL_FUNCTION,
      .params = p_sequential,
      .n_params = ARRAY_LEN(p_sequential),
      .returns = N_("un modelo"),
      .doc = N_("Una red con las capas una detrás de otra."),
      .example = "nn.Sequential{nn.Flatten(), nn.Dense{64, activation = \"relu\"}, "
                 "nn.Dense(10)}",
      .see_also = "nn.Dense nn.Residual nn.Concatenate Model:compile Model:fit"},
     nn_sequential},
    {{.name = "Model:add",
      .kind = CELL_METHOD,
      .params = p_add,
      .n_params = ARRAY_LEN(p_add),
      .doc = N_("Agrega una capa al final."),
      .example = "m = nn.Sequential{nn.Flatten()}; m:add(nn.Dense(10)); m.n_layers",
      .see_also = "Model:pop"},
     m_add},
    {{.name = "Model:pop",
      .kind = CELL_METHOD,
      .returns = N_("la capa"),
      .doc = N_("Quita la última capa de un modelo que aún no tiene pesos."),
      .example = "m = nn.Sequential{nn.Dense(3), nn.Dense(2)}; m:pop(); m.n_layers",
      .see_also = "Model:add"},
     m_pop},
    {{.name = "Model:layer",
      .kind = CELL_METHOD,
      .params = p_layer,
      .n_params = ARRAY_LEN(p_layer),
      .returns = N_("una capa"),
      .doc = N_("La capa de ese nombre o número."),
      .example = "m = nn.Sequential{nn.Dense(3), nn.Dense(2)}; m:build(4); "
                 "m:layer(\"dense_1\").kernel.shape",
      .see_also = "Layer Model.layers"},
     m_layer},
    {{.name = "Model:penalty",
      .kind = CELL_METHOD,
      .returns = N_("un número del grafo"),
      .doc = N_("Lo que suman los regularizadores. fit y evaluate ya lo incluyen; con el "
                "modelo llamado a mano se suma a la pérdida."),
      .example = "m = nn.Sequential{nn.Dense{2, kernel_regularizer = \"l2\"}}; "
                 "m:build(3); m:penalty()",
      .see_also = "regularizers.L2"},
     m_penalty},
    {{.name = "Model.layers",
      .kind = CELL_FIELD,
      .returns = N_("una lista de capas"),
      .doc = N_("Sus capas, en orden."),
      .example = "nn.Sequential{nn.Dense(3), nn.Dense(2)}.layers[2].name"},
     NULL},
    {{.name = "Model.trainable",
      .kind = CELL_FIELD,
      .returns = N_("un booleano"),
      .doc =
          N_("Si alguna capa se entrena. Se puede asignar: false congela todas, y vale "
             "desde el próximo compile o fit."),
      .example = "m = nn.Sequential{nn.Dense(3)}; m.trainable = false; m.trainable"},
     NULL}};

void cmd_model_layers_open(lua_State *L) {
    cmd_class_meta(L, CMD_MODEL, "__newindex", model_assign);
    cmd_register(L, commands, ARRAY_LEN(commands));
}
