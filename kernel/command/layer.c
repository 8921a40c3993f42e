/* layer.c: what a student does with a layer: look at its fields, call it, set its
 * weights, freeze it. */
#include "objects.h"
#include "register.h"
#include "tensor.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "nn/rng.h"
#include "nn/seed.h"

void cmd_layer_push(lua_State *L, struct nn_layer *l) {
    struct nn_layer **slot = (struct nn_layer **)cmd_box_push(L, CMD_LAYER);
    *slot = nn_layer_retain(l);
}

void cmd_layer_list_push(lua_State *L, int n, struct nn_layer *const layer[]) {
    lua_createtable(L, n, 0);
    for (int i = 0; i < n; i++) {
        cmd_layer_push(L, layer[i]);
        lua_rawseti(L, -2, i + 1);
    }
}

bool cmd_trainable_flag(lua_State *L, int idx) {
    if (!lua_isboolean(L, idx))
        cell_raisef(L, ERR_ARG, _("trainable es true o false y llegó %s"),
                    cmd_value_text(L, idx));
    return lua_toboolean(L, idx);
}

/* ---- fields */

static void push_shape_table(lua_State *L, int ndim, const size_t *shape) {
    lua_createtable(L, ndim, 0);
    for (int k = 0; k < ndim; k++) {
        lua_pushinteger(L, (lua_Integer)shape[k]);
        lua_rawseti(L, -2, k + 1);
    }
}

static bool push_option(lua_State *L, const struct nn_layer *l, const char *key) {
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
        push_shape_table(L, v->ndim, v->shape);
        break;
    default:
        lua_pushnumber(L, v->number);
    }
    return true;
}

/* layer.kernel: its own parameter of that name. A layer that will have one says when. */
static bool push_param(lua_State *L, const struct nn_layer *l, const char *key) {
    char option[64];
    for (int i = 0; i < l->n_params; i++) {
        const char *slash = strrchr(l->param[i].var->name, '/');
        if (!slash || strcmp(slash + 1, key) != 0)
            continue;
        struct nn_var **slot = cmd_var_push(L);
        *slot = nn_var_retain(l->param[i].var);
        return true;
    }
    (void)snprintf(option, sizeof option, "%.40s_initializer", key);
    if (l->built || nn_options_index(&l->options, option) < 0)
        return false;
    cell_raisef(L, ERR_STATE,
                _("%s aún no tiene pesos: se crean con la forma de la entrada, por "
                  "ejemplo con m:build{…} o al llamarla con datos"),
                l->name);
    return true;
}

static bool push_state(lua_State *L, struct nn_layer *l, const char *key) {
    if (strcmp(key, "name") == 0)
        lua_pushstring(L, l->name);
    else if (strcmp(key, "type") == 0)
        lua_pushstring(L, l->type->name);
    else if (strcmp(key, "trainable") == 0)
        lua_pushboolean(L, l->trainable);
    else if (strcmp(key, "built") == 0)
        lua_pushboolean(L, l->built);
    else if (strcmp(key, "n_params") == 0)
        lua_pushinteger(L, (lua_Integer)nn_layer_count_params(l, false));
    else if (strcmp(key, "input_shape") == 0 && l->built)
        push_shape_table(L, l->in_ndim, l->in_shape);
    else if (strcmp(key, "output_shape") == 0 && l->built)
        push_shape_table(L, l->out_ndim, l->out_shape);
    else if (strcmp(key, "input_shape") == 0 || strcmp(key, "output_shape") == 0)
        lua_pushnil(L);
    else if (strcmp(key, "layers") == 0)
        cmd_layer_list_push(L, l->n_children, l->child);
    else
        return false;
    return true;
}

static bool layer_field(lua_State *L, const char *key) {
    struct nn_layer *l = cmd_self(L, CMD_LAYER);
    return push_state(L, l, key) || push_option(L, l, key) || push_param(L, l, key);
}

/* layer.trainable = false; layer.name = "..." before it is part of a model. */
static int layer_assign(lua_State *L) {
    struct nn_layer *l = cmd_self(L, CMD_LAYER);
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    struct err e = {0};
    if (strcmp(key, "trainable") == 0) {
        nn_layer_set_trainable(l, cmd_trainable_flag(L, 3));
        return 0;
    }
    if (strcmp(key, "name") == 0) {
        if (nn_layer_set_name(l, luaL_checkstring(L, 3), &e) < 0)
            cmd_raise(L, &e);
        return 0;
    }
    if (nn_options_index(&l->options, key) >= 0)
        return cell_raisef(L, ERR_ARG, _("%s: «%s» se elige al crear la capa"), l->name,
                           key);
    return cell_raisef(L, ERR_ARG,
                       _("de una capa se asignan trainable y name; los pesos se cambian "
                         "con set_weights y aquí llegó %s"),
                       cmd_value_text(L, 2));
}

/* ---- use */

/* layer(x): its output as part of the graph; the first call makes its parameters. */
static int layer_call(lua_State *L) {
    struct nn_layer *l = cmd_self(L, CMD_LAYER);
    lua_settop(L, 3);
    struct nn_var *x = cmd_to_var(L, 2, NN_F32, "layer(x)");
    struct nn_call_mode mode = {.step = &l->calls};
    if (lua_istable(L, 3)) {
        lua_getfield(L, 3, "training");
        mode.training = lua_toboolean(L, -1);
        lua_pop(L, 1);
    }
    struct err e = {0};
    if (x->ndim < 1)
        return cell_raisef(L, ERR_SHAPE, "%s",
                           _("una capa recibe un lote: el primer eje cuenta los "
                             "ejemplos, y llegó un número"));
    if (!x->requires_grad && x->dtype != NN_F32) {
        struct nn_tensor **hold = cmd_hold(L);
        if (nn_tensor_cast(hold, x->value, NN_F32, &e) < 0)
            cmd_raise(L, &e);
        cmd_hold_finish(L);
        lua_replace(L, 2);
        x = cmd_var_test(L, 2);
    }
    struct nn_rng r;
    nn_rng_seed(&r, l->built ? 0 : nn_seed_next());
    if (!l->built && nn_layer_build(l, x->ndim - 1, x->shape + 1, &r, &e) < 0)
        cmd_raise(L, &e);
    struct nn_var **slot = cmd_var_push(L);
    if (nn_layer_call(l, slot, x, &mode, &e) < 0)
        cmd_raise(L, &e);
    l->calls += mode.training;
    return 1;
}

static int layer_build(lua_State *L) {
    struct nn_layer *l = cmd_self(L, CMD_LAYER);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    size_t shape[NN_MAX_DIMS];
    struct err e = {0};
    struct nn_rng r;
    int ndim = cmd_to_shape(L, cmd_slot(&a, "input_shape"), shape, "input_shape");
    nn_rng_seed(&r, l->built ? 0 : nn_seed_next());
    if (nn_layer_build(l, ndim, shape, &r, &e) < 0)
        cmd_raise(L, &e);
    return 0;
}

static int layer_weights(lua_State *L) {
    const struct nn_layer *l = cmd_self(L, CMD_LAYER);
    int n = nn_layer_n_params(l);
    lua_createtable(L, n, 0);
    for (int i = 0; i < n; i++) {
        struct nn_var **slot = cmd_var_push(L);
        *slot = nn_var_retain(nn_layer_param_at(l, i, NULL));
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

/* The item as numbers of the parameter's shape; replaces the value at idx. */
static struct nn_tensor *check_weight(lua_State *L, int idx, const struct nn_var *p) {
    struct nn_var *v = cmd_to_var(L, idx, NN_F32, "set_weights");
    char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];
    if (v->ndim != p->ndim ||
        memcmp(v->shape, p->shape, (size_t)p->ndim * sizeof *p->shape) != 0)
        cell_raisef(L, ERR_SHAPE, _("set_weights: «%s» tiene forma %s y llegó %s"),
                    p->name, nn_shape_text(a, p->ndim, p->shape),
                    nn_shape_text(b, v->ndim, v->shape));
    return v->value;
}

static int layer_set_weights(lua_State *L) {
    struct nn_layer *l = cmd_self(L, CMD_LAYER);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    int list = cmd_slot(&a, "weights"), n = nn_layer_n_params(l);
    int given = lua_istable(L, list) ? (int)lua_rawlen(L, list) : 0;
    if (given != n)
        return cell_raisef(L, ERR_ARG,
                           _("set_weights: %s tiene %d parámetros y llegaron %d, en el "
                             "orden de weights()"),
                           l->name, n, given);
    luaL_checkstack(L, n + 8, NULL);
    int first = lua_gettop(L) + 1;
    for (int i = 0; i < n; i++) { /* all are looked at before the first changes */
        lua_rawgeti(L, list, i + 1);
        check_weight(L, first + i, nn_layer_param_at(l, i, NULL));
    }
    for (int i = 0; i < n; i++) {
        const struct nn_tensor *from = cmd_var_test(L, first + i)->value;
        struct nn_tensor *to = nn_layer_param_at(l, i, NULL)->value;
        for (size_t k = 0; k < to->n; k++)
            nn_tensor_set(to, k, nn_tensor_get(from, k));
    }
    return 0;
}

/* ---- as text */

static void option_text(struct buf *b, const struct nn_option_row *row,
                        const struct nn_option_value *v) {
    buf_printf(b, "%s = ", row->name);
    if (row->kind == NN_OPT_TEXT)
        buf_printf(b, "\"%s\"", v->text);
    else if (row->kind == NN_OPT_BOOL)
        buf_puts(b, v->number != 0 ? "true" : "false");
    else if (v->ndim)
        for (int k = 0; k < v->ndim; k++)
            buf_printf(b, "%s%zu%s", k ? ", " : "{", v->shape[k],
                       k + 1 == v->ndim ? "}" : "");
    else
        buf_printf(b, "%.10g", v->number);
}

/* nn.Dense{units = 128, activation = "relu"}: what the user chose. */
static void layer_text(struct buf *b, const struct nn_layer *l) {
    const char *comma = "";
    buf_printf(b, "nn.%s{", l->type->name);
    for (int i = 0; i < l->n_children; i++) {
        bool last = l->has_shortcut && i == l->n_children - 1;
        buf_printf(b, "%s%s", comma, last ? "shortcut = " : "");
        layer_text(b, l->child[i]);
        comma = ", ";
    }
    for (int i = 0; i < l->options.n; i++) {
        if (!l->options.value[i].set)
            continue;
        buf_puts(b, comma);
        option_text(b, &l->options.row[i], &l->options.value[i]);
        comma = ", ";
    }
    if (l->named && strcmp(l->name, "shortcut") != 0)
        buf_printf(b, "%sname = \"%s\"", comma, l->name);
    buf_putc(b, '}');
}

static int layer_tostring(lua_State *L) {
    const struct nn_layer *l = cmd_self(L, CMD_LAYER);
    struct buf *b = cmd_buf(L);
    layer_text(b, l);
    if (b->failed)
        cmd_raise_nomem(L);
    lua_pushlstring(L, b->data, b->len);
    return 1;
}

/* The fields that its class alone does not tell: options and parameters of its own. */
static int layer_complete(lua_State *L) {
    const struct nn_layer *l = cmd_self(L, CMD_LAYER);
    lua_Integer n = 0;
    lua_createtable(L, l->options.n + l->n_params, 0);
    for (int i = 0; i < l->options.n; i++) {
        lua_pushstring(L, l->options.row[i].name);
        lua_rawseti(L, -2, ++n);
    }
    for (int i = 0; i < l->n_params; i++) {
        const char *slash = strrchr(l->param[i].var->name, '/');
        lua_pushstring(L, slash ? slash + 1 : l->param[i].var->name);
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

static int layer_equal(lua_State *L) {
    const void *a = cmd_box_test(L, 1, CMD_LAYER), *b = cmd_box_test(L, 2, CMD_LAYER);
    lua_pushboolean(L, a && a == b);
    return 1;
}

static void release_layer(void *l) {
    nn_layer_free(l);
}

/* ---- rows */

static const struct cell_help_param p_build[] = {
    {.name = "input_shape",
     .types = CELL_LIST_NUMBER | CELL_INTEGER,
     .flags = CELL_REQUIRED | CELL_MIN,
     .min = 1,
     .doc = N_("forma de un ejemplo, sin el eje del lote")}};
static const struct cell_help_param p_weights[] = {
    {.name = "weights",
     .types = CELL_TABLE,
     .flags = CELL_REST,
     .doc = N_("un tensor o lista por parámetro, en el orden de weights()")}};

#define FIELD(title, back, text, ex)                                                     \
    .name = title, .kind = CELL_FIELD, .returns = back, .doc = text, .example = ex
#define BUILT "l = nn.Dense(2); l:build(3); "

static const struct cmd_command commands[] = {
    {{.name = "Layer",
      .kind = CELL_CLASS,
      .doc =
          N_("Una capa, que se entrega a nn.Sequential. También sola: layer(x) calcula "
             "su salida y recuerda cómo, para backward()."),
      .see_also = "nn.Sequential Layer:weights"},
     NULL},
    {{.name = "Layer:build",
      .kind = CELL_METHOD,
      .params = p_build,
      .n_params = ARRAY_LEN(p_build),
      .doc = N_("Crea los parámetros para esa forma de entrada."),
      .example = BUILT "l.kernel.shape"},
     layer_build},
    {{.name = "Layer:weights",
      .kind = CELL_METHOD,
      .returns = N_("una lista de variables"),
      .doc = N_("Todos los parámetros de la capa y de las que contiene."),
      .example = BUILT "#l:weights()",
      .see_also = "Layer:set_weights"},
     layer_weights},
    {{.name = "Layer:set_weights",
      .kind = CELL_METHOD,
      .params = p_weights,
      .n_params = ARRAY_LEN(p_weights),
      .doc = N_("Cambia los valores de los parámetros."),
      .example = BUILT "l:set_weights{{{1, 0}, {0, 1}, {1, 1}}, {0, 0}}",
      .see_also = "Layer:weights"},
     layer_set_weights},
    {{FIELD("Layer.name", N_("un texto"), N_("El nombre de la capa."),
            "nn.Dense(3).name")},
     NULL},
    {{FIELD("Layer.type", N_("un texto"), N_("La clase de la capa."),
            "nn.Dense(3).type")},
     NULL},
    {{FIELD("Layer.kernel", N_("una variable"), N_("Los pesos de la capa."),
            BUILT "l.kernel")},
     NULL},
    {{FIELD("Layer.bias", N_("una variable"), N_("Los sesgos de la capa."),
            BUILT "l.bias")},
     NULL},
    {{FIELD("Layer.trainable", N_("un booleano"),
            N_("Si sus parámetros cambian al entrenar. Se puede asignar; vale desde el "
               "próximo compile o fit."),
            "l = nn.Dense(3); l.trainable = false; l.trainable")},
     NULL},
    {{FIELD("Layer.built", N_("un booleano"), N_("Si ya tiene sus parámetros."),
            "nn.Dense(3).built")},
     NULL},
    {{FIELD("Layer.n_params", N_("un entero"), N_("Cuántos parámetros tiene."),
            BUILT "l.n_params")},
     NULL},
    {{FIELD("Layer.input_shape", N_("una lista o nil"),
            N_("La forma de un ejemplo que entra."), BUILT "l.input_shape")},
     NULL},
    {{FIELD("Layer.output_shape", N_("una lista o nil"),
            N_("La forma de un ejemplo que sale."), BUILT "l.output_shape")},
     NULL},
    {{FIELD("Layer.layers", N_("una lista de capas"), N_("Las capas que contiene."),
            "nn.Residual{nn.Dense(3)}.layers[1].name")},
     NULL},
};

void cmd_layer_open(lua_State *L) {
    cmd_class(L, CMD_LAYER, release_layer, layer_field);
    cmd_class_meta(L, CMD_LAYER, "__tostring", layer_tostring);
    cmd_class_meta(L, CMD_LAYER, "__newindex", layer_assign);
    cmd_class_meta(L, CMD_LAYER, "__call", layer_call);
    cmd_class_meta(L, CMD_LAYER, "__eq", layer_equal);
    cmd_class_meta(L, CMD_LAYER, "__complete", layer_complete);
    cmd_register(L, commands, ARRAY_LEN(commands));
}
