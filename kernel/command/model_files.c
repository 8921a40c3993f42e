/* model_files.c: models to files and back: nn.load, m:save, m:export_onnx. */
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

#define ROW(title, how, list, back, text)                                                \
    .name = title, .kind = how, .params = list, .n_params = ARRAY_LEN(list),             \
    .returns = back, .doc = text

static const struct cmd_command commands[] = {
    {{ROW("nn.load", CELL_FUNCTION, p_load, N_("un modelo"),
          N_("Lee un modelo que guardó m:save; m:fit sigue como si no se hubiera "
             "guardado.")),
      .see_also = "Model:save"},
     nn_load},
    {{ROW("Model:save", CELL_METHOD, p_save, NULL,
          N_("Guarda pesos, arquitectura y entrenamiento en un archivo safetensors.")),
      .example =
          "m = nn.Sequential{nn.Dense(2)}; m:build(3); path = os.tmpname(); "
          "m:save{path, optimizer = false}; nn.load(path).n_params, os.remove(path)",
      .see_also = "nn.load Model:export_onnx"},
     m_save},
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
