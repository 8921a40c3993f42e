/* model.c: the methods of a model but fit, its layers, summary and files. */
#include "fit.h"
#include "history.h"
#include "objects.h"
#include "register.h"
#include "show.h"
#include "tensor.h"
#include "test_use.h"

#include "base/i18n.h"
#include "cell/error.h"

static int m_build(lua_State *L) {
    struct nn_model *m = cmd_self(L, CMD_MODEL);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    size_t shape[NN_MAX_DIMS];
    struct err e = {0};
    int ndim = cmd_to_shape(L, cmd_slot(&a, "input_shape"), shape, "input_shape");
    if (nn_model_build(m, ndim, shape, &e) < 0)
        cmd_raise(L, &e);
    return 0;
}

/* A new optimizer by name, or the given one: shared with the model, so that setting its
 * rate is seen there; a copy when it already serves somebody else. */
static void make_optim(lua_State *L, int slot, const struct nn_model *m,
                       struct nn_optim **out) {
    struct err e = {0};
    struct nn_optim *given = cmd_box_test(L, slot, CMD_OPTIMIZER);
    int rc = 0;
    if (!given)
        rc = nn_optim_new(out, lua_tostring(L, slot), &e);
    else if (given == m->optim || (given->refs == 1 && !given->slot))
        *out = nn_optim_retain(given);
    else
        rc = nn_optim_new_like(out, given, &e);
    if (rc < 0)
        cmd_raise(L, &e);
}

static int m_compile(lua_State *L) {
    struct nn_model *m = cmd_self(L, CMD_MODEL);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    lua_getiuservalue(L, 1, 1);
    if (lua_toboolean(L, -1))
        return cell_raisef(L, ERR_STATE, "%s",
                           _("compile: el modelo se está entrenando"));
    const char *metrics[NN_MODEL_MAX_METRICS + 1];
    int list = cmd_slot(&a, "metrics"), n = 0;
    if (lua_type(L, list) == LUA_TSTRING)
        metrics[n++] = lua_tostring(L, list);
    luaL_checkstack(L, NN_MODEL_MAX_METRICS + 8, NULL);
    for (lua_Integer i = 1; lua_istable(L, list) && n <= NN_MODEL_MAX_METRICS; i++, n++) {
        lua_rawgeti(L, list, i); /* stays on the stack while the pointer is used */
        if (lua_isnil(L, -1))
            break;
        metrics[n] = lua_tostring(L, -1);
    }
    if (lua_isnil(L, list))
        metrics[n++] = "accuracy";
    struct nn_optim **optim = (struct nn_optim **)cmd_box_push(L, CMD_OPTIMIZER);
    make_optim(L, cmd_slot(&a, "optimizer"), m, optim);
    struct err e = {0};
    const struct cmd_loss *given = cmd_box_test(L, cmd_slot(&a, "loss"), CMD_LOSS);
    const char *name = given ? given->type->name : cmd_text(&a, "loss");
    const struct nn_loss_type *loss = nn_loss_find(name);
    if (lua_isnil(L, list) && loss && !loss->classes)
        n = 0; /* accuracy by default belongs to classifiers */
    if (nn_model_compile(m, *optim, name, n, metrics, &e) < 0)
        cmd_raise(L, &e);
    *optim = NULL; /* the model's now */
    if (given && nn_model_set_loss_value(m, given->value, &e) < 0)
        cmd_raise(L, &e);
    return 0;
}

static int m_evaluate(lua_State *L) {
    struct nn_model *m = cmd_self(L, CMD_MODEL);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    struct cmd_part part;
    cmd_read_part(&a, "x", "y", true, true, &part);
    struct nn_scores s;
    struct err e = {0};
    if (nn_model_evaluate(&s, m, part.x, part.y, (size_t)cmd_integer(&a, "batch_size"),
                          &e) < 0)
        cmd_raise(L, &e);
    int uses =
        part.data && part.x == part.data->x_test ? cmd_test_use(L, part.data, m) : 0;
    static const char *const headers[] = {N_("medida"), N_("valor")};
    struct cmd_table *t = cmd_table_push(L, 2, headers, "lr", "Scores");
    if (uses > 0) {
        lua_pushinteger(L, uses);
        lua_setfield(L, -2, "test_uses");
    }
    cmd_table_caption(L, t, &a);
    cmd_table_cell(L, t, "%s", _("pérdida"));
    cmd_table_cell(L, t, "%.4f", s.loss);
    lua_pushnumber(L, s.loss);
    lua_setfield(L, -2, "loss");
    for (int i = 0; i < m->n_metrics; i++) {
        cmd_table_cell(L, t, "%s",
                       strcmp(m->metric[i], "accuracy") == 0 ? _("exactitud")
                                                             : m->metric[i]);
        cmd_table_cell(L, t, "%.4f", s.metric[i]);
        lua_pushnumber(L, s.metric[i]);
        lua_setfield(L, -2, m->metric[i]);
    }
    return 1;
}

typedef int output_fn(struct nn_tensor **out, struct nn_model *m, struct nn_tensor *x,
                      size_t batch_size, struct err *e);

static int output(lua_State *L, output_fn *f) {
    struct nn_model *m = cmd_self(L, CMD_MODEL);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    const struct nn_dataset *d = cmd_box_test(L, cmd_slot(&a, "x"), CMD_DATASET);
    struct nn_tensor *x = d ? (d->x_test ? d->x_test : d->x_train)
                            : cmd_model_input(L, cmd_slot(&a, "x"), "x");
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L);
    if (f(hold, m, x, (size_t)cmd_integer(&a, "batch_size"), &e) < 0)
        cmd_raise(L, &e);
    cmd_hold_finish(L);
    return 1;
}

static int m_predict(lua_State *L) {
    return output(L, nn_model_predict);
}

static int m_classify(lua_State *L) {
    return output(L, nn_model_classify);
}

/* x as float32 at stack index 2; bytes are scaled as the training data was. */
static struct nn_var *model_floats(lua_State *L, const struct nn_model *m,
                                   const struct nn_var *x) {
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_cast(hold, x->value, NN_F32, &e) < 0)
        cmd_raise(L, &e);
    float *v = nn_tensor_f32(*hold), scale, offset;
    size_t channels = nn_normalise_count(&m->input);
    for (size_t i = 0; x->dtype == NN_U8 && i < (*hold)->n; i++) {
        nn_normalise_get(&m->input, NN_U8, i % channels, &scale, &offset);
        v[i] = v[i] * scale + offset;
    }
    cmd_hold_finish(L);
    lua_replace(L, 2);
    return cmd_var_test(L, 2);
}

/* m(x): an eager graph, for the low road. */
static int m_call(lua_State *L) {
    struct nn_model *m = cmd_self(L, CMD_MODEL);
    lua_settop(L, 3);
    struct nn_var *x = cmd_to_var(L, 2, NN_F32, "m(x)");
    bool training = false;
    if (lua_istable(L, 3)) {
        lua_getfield(L, 3, "training");
        training = lua_toboolean(L, -1);
        lua_pop(L, 1);
    }
    if (!x->requires_grad && x->dtype != NN_F32)
        x = model_floats(L, m, x);
    struct err e = {0};
    struct nn_var **slot = cmd_var_push(L);
    if (nn_model_call(m, slot, x, training, &e) < 0)
        cmd_raise(L, &e);
    return 1;
}

static int m_parameters(lua_State *L) {
    struct nn_model *m = cmd_self(L, CMD_MODEL);
    if (!m->built)
        return cell_raisef(L, ERR_STATE, "%s",
                           _("parameters: el modelo aún no conoce su entrada; usa "
                             "m:build{28, 28, 1} o m(x) antes"));
    int n = nn_model_count(m), k = 0;
    lua_createtable(L, n, 0);
    for (int i = 0; i < n; i++) {
        bool trainable;
        struct nn_var *v = nn_model_param(m, i, &trainable);
        if (!trainable)
            continue;
        struct nn_var **slot = cmd_var_push(L);
        *slot = nn_var_retain(v);
        lua_rawseti(L, -2, ++k);
    }
    return 1;
}

static int model_tostring(lua_State *L) {
    const struct nn_model *m = cmd_self(L, CMD_MODEL);
    struct buf *b = cmd_buf(L);
    buf_printf(b, ngettext_("modelo de %d capa", "modelo de %d capas", m->n_layers),
               m->n_layers);
    if (m->built)
        buf_printf(b, _(", %zu parámetros"), nn_model_count_params(m, false));
    lua_pushlstring(L, b->data ? b->data : "", b->len);
    return 1;
}

/* Shared with the model: setting its learning_rate changes the training. */
static void push_optimizer(lua_State *L, struct nn_optim *o) {
    if (o)
        *(struct nn_optim **)cmd_box_push(L, CMD_OPTIMIZER) = nn_optim_retain(o);
    else
        lua_pushnil(L);
}

/* Of the last fit, also of one before the model was saved. */
static void push_history(lua_State *L, const struct nn_history *h) {
    double seconds = 0;
    for (int i = 0; h && i < h->n; i++)
        seconds += h->seconds[i];
    if (h)
        cmd_history_push(L, h, seconds);
    else
        lua_pushnil(L);
}

static bool model_field(lua_State *L, const char *key) {
    const struct nn_model *m = cmd_self(L, CMD_MODEL);
    if (strcmp(key, "built") == 0)
        lua_pushboolean(L, m->built);
    else if (strcmp(key, "n_params") == 0)
        lua_pushinteger(L, (lua_Integer)nn_model_count_params(m, false));
    else if (strcmp(key, "n_layers") == 0)
        lua_pushinteger(L, m->n_layers);
    else if (strcmp(key, "layers") == 0)
        cmd_layer_list_push(L, m->n_layers, m->layer);
    else if (strcmp(key, "trainable") == 0)
        lua_pushboolean(L, nn_model_trainable(m));
    else if (strcmp(key, "history") == 0)
        push_history(L, m->history);
    else if (strcmp(key, "loss") == 0)
        lua_pushstring(L, m->loss ? m->loss->name : NULL);
    else if (strcmp(key, "optimizer") == 0)
        push_optimizer(L, m->optim);
    else if (strcmp(key, "seed") == 0 && m->has_seed)
        lua_pushinteger(L, (lua_Integer)m->seed);
    else if (strcmp(key, "seed") == 0)
        lua_pushnil(L);
    else
        return false;
    return true;
}

static void release_model(void *m) {
    nn_model_free(m);
}

#define DATA_XY                                                                          \
    {.name = "x",                                                                        \
     .types = CELL_DATASET | CELL_TENSOR,                                                \
     .flags = CELL_REQUIRED | CELL_AUTO,                                                 \
     .doc = N_("un conjunto de datos, o los ejemplos en un tensor")},                    \
    {                                                                                    \
        .name = "y", .types = CELL_TENSOR, .flags = CELL_AUTO,                           \
        .doc = N_("las etiquetas, cuando x es un tensor")                                \
    }
#define BATCH                                                                            \
    {                                                                                    \
        .name = "batch_size", .types = CELL_INTEGER, .flags = CELL_MIN, .min = 1,        \
        .fallback = "256", .doc = N_("ejemplos por lote")                                \
    }

static const struct cell_help_param p_build[] = {
    {.name = "input_shape",
     .types = CELL_LIST_NUMBER | CELL_INTEGER,
     .flags = CELL_REQUIRED | CELL_MIN,
     .min = 1,
     .doc = N_("forma de un ejemplo, sin el eje del lote")}};
/* The names as Tab offers them; each is one of the engine's (see test_rows.c). */
static const char *const optimizers[] = {"adagrad", "adam", "adamw",
                                         "rmsprop", "sgd",  NULL};
static const char *const losses[] = {"binary_crossentropy",
                                     "categorical_crossentropy",
                                     "hinge",
                                     "huber",
                                     "mae",
                                     "mean_absolute_error",
                                     "mse",
                                     "mean_squared_error",
                                     "sparse_categorical_crossentropy",
                                     NULL};
static const char *const metrics[] = {"accuracy",
                                      "binary_accuracy",
                                      "mae",
                                      "mse",
                                      "sparse_top_k_categorical_accuracy",
                                      "top_k_categorical_accuracy",
                                      NULL};

static const struct cell_help_param p_compile[] = {
    {.name = "optimizer",
     .types = CELL_STRING | CELL_OPTIMIZER,
     .flags = CELL_OPEN,
     .fallback = "\"adam\"",
     .choices = optimizers,
     .doc = N_("un nombre, como \"sgd\", o un objeto, como optim.SGD{...}")},
    {.name = "loss",
     .types = CELL_STRING | CELL_LOSS,
     .flags = CELL_REQUIRED | CELL_OPEN,
     .choices = losses,
     .doc = N_("un nombre de Keras, como \"mse\", o un objeto, como losses.Huber{...}")},
    {.name = "metrics",
     .types = CELL_LIST_STRING | CELL_STRING,
     .flags = CELL_OPEN,
     .choices = metrics,
     .doc = N_("qué se mide además; sin ella, accuracy en clasificación")}};
static const struct cell_help_param p_evaluate[] = {DATA_XY, BATCH, CMD_CAPTION};
static const struct cell_help_param p_output[] = {
    {.name = "x",
     .types = CELL_DATASET | CELL_TENSOR,
     .flags = CELL_REQUIRED | CELL_AUTO,
     .doc = N_("los ejemplos; de un conjunto de datos, los de prueba")},
    BATCH};
#define ROW(title, how, list, back, text, form, ex)                                      \
    .name = title, .kind = how, .params = list, .n_params = ARRAY_LEN(list),             \
    .returns = back, .doc = text, .shapes = form, .example = ex
#define FIELD(title, back, text)                                                         \
    .name = title, .kind = CELL_FIELD, .returns = back, .doc = text

static const struct cmd_command commands[] = {
    {{.name = "Model",
      .kind = CELL_CLASS,
      .doc = N_("Una red neuronal: se compila, se entrena y se usa. m(x) calcula sus "
                "salidas y recuerda cómo, para backward()."),
      .see_also = "nn.Sequential Model:compile Model:fit Model:evaluate"},
     NULL},
    {{ROW("Model:build", CELL_METHOD, p_build, NULL,
          N_("Crea los parámetros para esa forma de entrada."), NULL,
          "m = nn.Sequential{nn.Dense(10)}; m:build{784}; m.n_params")},
     m_build},
    {{ROW("Model:compile", CELL_METHOD, p_compile, NULL,
          N_("Elige optimizador, pérdida y métricas para entrenar."), NULL,
          "m = nn.Sequential{nn.Dense(2)}; m:compile{optimizer = \"sgd\", loss = "
          "\"sparse_categorical_crossentropy\"}; m.loss"),
      .see_also = "optim losses Model:fit"},
     m_compile},
    {{ROW("Model:evaluate", CELL_METHOD, p_evaluate,
          N_("una tabla con loss y las métricas"),
          N_("Mide el modelo con datos: de un conjunto, la parte de prueba."), NULL,
          "d = data.gauss{n = 80}; m = nn.Sequential{nn.Dense(2)}; m:compile{loss = "
          "\"sparse_categorical_crossentropy\"}; m:fit{d, epochs = 1, verbose = 0}; "
          "m:evaluate(d)")},
     m_evaluate},
    {{ROW("Model:predict", CELL_METHOD, p_output, N_("un tensor"),
          N_("Las salidas de la red para cada ejemplo."), N_("(n, …) → (n, salidas)"),
          "m = nn.Sequential{nn.Dense(2)}; m:build(3); m:predict{{1, 2, 3}, {4, 5, "
          "6}}.shape")},
     m_predict},
    {{ROW("Model:classify", CELL_METHOD, p_output, N_("un tensor de clases, desde 0"),
          N_("La clase más probable de cada ejemplo."), "(n, …) → (n,)",
          "m = nn.Sequential{nn.Dense(2)}; m:build(3); #m:classify{{1, 2, 3}, {4, 5, "
          "6}}")},
     m_classify},
    {{.name = "Model:parameters",
      .kind = CELL_METHOD,
      .returns = N_("una lista de variables"),
      .doc = N_("Los parámetros que se entrenan."),
      .example = "m = nn.Sequential{nn.Dense(10)}; m:build(784); #m:parameters()"},
     m_parameters},
    {{FIELD("Model.built", N_("un booleano"), N_("Si ya tiene sus parámetros."))}, NULL},
    {{FIELD("Model.n_params", N_("un entero"), N_("Cuántos parámetros tiene."))}, NULL},
    {{FIELD("Model.n_layers", N_("un entero"), N_("Cuántas capas tiene."))}, NULL},
    {{FIELD("Model.loss", N_("un texto o nil"), N_("La pérdida que puso compile."))},
     NULL},
    {{FIELD("Model.optimizer", N_("un optimizador o nil"),
            N_("El que puso compile; su learning_rate se puede cambiar."))},
     NULL},
    {{FIELD("Model.history", N_("un historial o nil"),
            N_("El historial del último entrenamiento; se guarda con el modelo."))},
     NULL},
    {{FIELD("Model.seed", N_("un entero o nil"), N_("La semilla de sus pesos."))}, NULL},
};

void cmd_model_open(lua_State *L) {
    cmd_class(L, CMD_MODEL, release_model, model_field);
    cmd_class_meta(L, CMD_MODEL, "__call", m_call);
    cmd_class_meta(L, CMD_MODEL, "__tostring", model_tostring);
    cmd_register(L, commands, ARRAY_LEN(commands));
    cmd_model_layers_open(L);
    cmd_summary_open(L);
    cmd_model_files_open(L);
    cmd_fit_open(L);
}
