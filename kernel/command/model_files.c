/* model_files.c: models to files and back: nn.load, m:save, m:load_weights,
 * m:export_onnx. */
#include "objects.h"
#include "register.h"

#include "base/i18n.h"
#include "nn/onnx.h"
#include "nn/store.h"

static int nn_load(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct err e = {0};
    struct nn_model **slot = (struct nn_model **)cmd_box_push(L, CMD_MODEL);
    if (nn_model_load(slot, cmd_text(&a, "path"), &e) < 0)
        cmd_raise(L, &e);
    return 1;
}

static int m_save(lua_State *L) {
    struct nn_model *m = cmd_self(L, CMD_MODEL);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    struct err e = {0};
    struct nn_save_options o = {.no_optimizer = !cmd_boolean(&a, "optimizer")};
    if (nn_model_save_as(m, cmd_text(&a, "path"), &o, &e) < 0)
        cmd_raise(L, &e);
    return 0;
}

static int m_export_onnx(lua_State *L) {
    struct nn_model *m = cmd_self(L, CMD_MODEL);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    struct err e = {0};
    struct nn_onnx_options o = {.normalise = cmd_boolean(&a, "normalise")};
    if (nn_onnx_export(m, cmd_text(&a, "path"), &o, &e) < 0)
        cmd_raise(L, &e);
    return 0;
}

/* The list of strings at slot; its strings stay in the table. */
static const char *const *read_modules(const struct cmd_args *a, size_t *n) {
    lua_State *L = a->L;
    int slot = cmd_slot(a, "modules");
    if (lua_isnil(L, slot))
        return NULL;
    *n = lua_rawlen(L, slot);
    const char **v = cmd_scratch(L, *n + 1, sizeof *v);
    for (size_t i = 0; i < *n; i++) {
        lua_rawgeti(L, slot, (lua_Integer)i + 1);
        v[i] = lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    return v;
}

static int m_load_weights(lua_State *L) {
    struct nn_model *m = cmd_self(L, CMD_MODEL);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    struct err e = {0};
    struct nn_weights_options o = {0};
    if (strcmp(cmd_text(&a, "layout"), "pytorch") == 0)
        o.layout = NN_WEIGHTS_PYTORCH;
    o.module = read_modules(&a, &o.n_modules);
    if (o.module && o.layout != NN_WEIGHTS_PYTORCH)
        cmd_refuse(&a, "modules", "%s", _("va solo con layout = \"pytorch\""));
    if (nn_model_load_weights(m, cmd_text(&a, "path"), &o, &e) < 0)
        cmd_raise(L, &e);
    return 0;
}

#define PATH(text)                                                                       \
    { .name = "path", .types = CELL_STRING, .flags = CELL_REQUIRED, .doc = text }

static const struct cell_help_param p_load[] = {PATH(N_("archivo .safetensors"))};
static const struct cell_help_param p_save[] = {
    PATH(N_("archivo .safetensors")),
    {.name = "optimizer",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "true",
     .doc = N_("guarda también el estado del optimizador, para seguir entrenando como si "
               "nada")}};
static const struct cell_help_param p_onnx[] = {
    PATH(N_("archivo .onnx")),
    {.name = "normalise",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("la red empieza por normalizar: recibe los números como están guardados, "
               "bytes de 0 a 255 en las imágenes")}};
static const char *const layouts[] = {"nabla", "pytorch", NULL};
static const struct cell_help_param p_weights[] = {
    PATH(N_("archivo .safetensors")),
    {.name = "layout",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .fallback = "\"nabla\"",
     .choices = layouts,
     .doc = N_("de quién son los nombres y el orden de los ejes")},
    {.name = "modules",
     .types = CELL_LIST_STRING,
     .flags = CELL_NAMED,
     .doc = N_("los módulos de PyTorch en el orden de las capas; sin ella, por su "
               "nombre")}};

#define ROW(title, how, list, back, text)                                                \
    .name = title, .kind = how, .params = list, .n_params = ARRAY_LEN(list),             \
    .returns = back, .doc = text

static const struct cmd_command commands[] = {
    {{ROW("nn.load", CELL_FUNCTION, p_load, N_("un modelo"),
          N_("Lee un modelo que guardó m:save; m:fit sigue como si no se hubiera "
             "guardado.")),
      .example = "m = nn.Sequential{nn.Dense(2)}; m:build(3); path = os.tmpname(); "
                 "m:save(path)\nm2 = nn.load(path); os.remove(path)\nreturn m2.n_params",
      .see_also = "Model:save"},
     nn_load},
    {{ROW("Model:save", CELL_METHOD, p_save, NULL,
          N_("Guarda pesos, arquitectura y entrenamiento en un archivo safetensors.")),
      .example =
          "m = nn.Sequential{nn.Dense(2)}; m:build(3); path = os.tmpname(); "
          "m:save{path, optimizer = false}; nn.load(path).n_params, os.remove(path)",
      .see_also = "nn.load Model:load_weights Model:export_onnx"},
     m_save},
    {{ROW("Model:load_weights", CELL_METHOD, p_weights, NULL,
          N_("Toma los pesos de un archivo safetensors, por nombre o en su orden, cuando "
             "todas las formas coinciden; también los de PyTorch.")),
      .example = "m = nn.Sequential{nn.Dense(2)}; m:build(3); path = os.tmpname(); "
                 "m:save(path); m:load_weights(path); os.remove(path)",
      .see_also = "nn.load Model:save"},
     m_load_weights},
    {{ROW("Model:export_onnx", CELL_METHOD, p_onnx, NULL,
          N_("Escribe el modelo en formato ONNX, que leen onnxruntime y Netron. La "
             "entrada se llama input y la salida output.")),
      .example = "m = nn.Sequential{nn.Dense(2)}; m:build(3); "
                 "path = os.tmpname(); m:export_onnx(path); os.remove(path)",
      .see_also = "Model:save"},
     m_export_onnx},
};

void cmd_model_files_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
