/* specs.c: initializers.HeNormal(), regularizers.L2(0.01) ...: Keras' objects, which here
 * are the texts that a layer's options keep. */
#include "objects.h"
#include "register.h"

#include "base/i18n.h"
#include "nn/layer.h"

/* "random_normal(0,0.1)": the row's name with its numbers, as the engine spells it. */
static int spec_new(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct err e = {0};
    char text[NN_OPTION_TEXT];
    struct buf *b = cmd_buf(L);
    buf_puts(b, strchr(a.row->name, '.') + 1);
    for (size_t i = 0; i < a.row->n_params; i++)
        buf_printf(b, "%s%.17g", i ? "," : "(", cmd_number(&a, a.row->params[i].name));
    if (a.row->n_params)
        buf_putc(b, ')');
    if (b->failed)
        cmd_raise_nomem(L);
    bool regularizer = a.row->name[0] == 'r';
    int rc = regularizer ? nn_regularizer_check(text, b->data, &e)
                         : nn_initializer_check(text, b->data, &e);
    if (rc < 0)
        cmd_raise(L, &e);
    lua_pushstring(L, text);
    return 1;
}

#define NUMBER(title, usual, text)                                                       \
    { .name = title, .types = CELL_NUMBER, .fallback = usual, .doc = text }
#define FACTOR(title, usual, text)                                                       \
    {                                                                                    \
        .name = title, .types = CELL_NUMBER, .flags = CELL_MIN, .min = 0,                \
        .fallback = usual, .doc = text                                                   \
    }

static const struct cell_help_param p_constant[] = {
    NUMBER("value", "0", N_("el valor de todos los pesos"))};
static const struct cell_help_param p_uniform[] = {
    NUMBER("minval", "-0.05", N_("el menor valor")),
    NUMBER("maxval", "0.05", N_("el mayor valor"))};
static const struct cell_help_param p_normal[] = {
    NUMBER("mean", "0", N_("la media")),
    FACTOR("stddev", "0.05", N_("la desviación estándar"))};
static const struct cell_help_param p_orthogonal[] = {
    NUMBER("gain", "1", N_("factor de la matriz ortogonal"))};
static const struct cell_help_param p_l1[] = {
    FACTOR("l1", "0.01", N_("factor de la suma de valores absolutos"))};
static const struct cell_help_param p_l2[] = {
    FACTOR("l2", "0.01", N_("factor de la suma de cuadrados"))};
static const struct cell_help_param p_l1l2[] = {
    FACTOR("l1", "0", N_("factor de la suma de valores absolutos")),
    FACTOR("l2", "0", N_("factor de la suma de cuadrados"))};

#define INITIALIZER(class, text)                                                         \
    {                                                                                    \
        {.name = "initializers." class,                                                  \
         .kind = CELL_FUNCTION,                                                          \
         .returns = N_("un texto para kernel_initializer"),                              \
         .doc = text,                                                                    \
         .example = "nn.Dense{8, kernel_initializer = initializers." class "()}"},       \
            spec_new                                                                     \
    }
#define WITH(module, class, list, back, text, form, ex)                                  \
    {                                                                                    \
        {.name = module "." class,                                                       \
         .kind = CELL_FUNCTION,                                                          \
         .params = list,                                                                 \
         .n_params = ARRAY_LEN(list),                                                    \
         .returns = back,                                                                \
         .doc = text,                                                                    \
         .formula = form,                                                                \
         .example = ex},                                                                 \
            spec_new                                                                     \
    }
#define TO_KERNEL  N_("un texto para kernel_initializer")
#define TO_PENALTY N_("un texto para kernel_regularizer")

static const struct cmd_command commands[] = {
    {{.name = "initializers",
      .kind = CELL_MODULE,
      .doc = N_("Valores iniciales de los pesos, con los nombres de Keras. También valen "
                "como texto: kernel_initializer = \"he_normal\"."),
      .see_also = "nn.Dense initializers.HeNormal"},
     NULL},
    INITIALIZER("GlorotUniform",
                N_("Uniforme de varianza 2/(entradas + salidas): para tanh y sigmoid.")),
    INITIALIZER("GlorotNormal",
                N_("Normal truncada de varianza 2/(entradas + salidas).")),
    INITIALIZER("HeUniform", N_("Uniforme de varianza 2/entradas: para relu.")),
    INITIALIZER("HeNormal", N_("Normal truncada de varianza 2/entradas: para relu.")),
    INITIALIZER("LecunUniform", N_("Uniforme de varianza 1/entradas.")),
    INITIALIZER("LecunNormal", N_("Normal truncada de varianza 1/entradas.")),
    INITIALIZER("Zeros", N_("Todos los pesos en 0.")),
    INITIALIZER("Ones", N_("Todos los pesos en 1.")),
    WITH("initializers", "Constant", p_constant, TO_KERNEL,
         N_("Todos los pesos con el mismo valor."), NULL, "initializers.Constant(0.1)"),
    WITH("initializers", "RandomUniform", p_uniform, TO_KERNEL,
         N_("Uniforme entre dos números."), NULL,
         "initializers.RandomUniform{minval = -1, maxval = 1}"),
    WITH("initializers", "RandomNormal", p_normal, TO_KERNEL,
         N_("Normal con esa media y desviación."), NULL,
         "initializers.RandomNormal{stddev = 0.1}"),
    WITH("initializers", "TruncatedNormal", p_normal, TO_KERNEL,
         N_("Normal cuyos valores a más de dos desviaciones se sortean de nuevo."), NULL,
         "initializers.TruncatedNormal{stddev = 0.1}"),
    WITH("initializers", "Orthogonal", p_orthogonal, TO_KERNEL,
         N_("Matriz de filas o columnas ortogonales."), NULL,
         "initializers.Orthogonal()"),
    {{.name = "regularizers",
      .kind = CELL_MODULE,
      .doc = N_("Castigos a los pesos grandes que se suman a la pérdida, con los nombres "
                "de Keras. También valen como texto: kernel_regularizer = \"l2\"."),
      .see_also = "nn.Dense regularizers.L2 Model:penalty"},
     NULL},
    WITH("regularizers", "L1", p_l1, TO_PENALTY,
         N_("Suma a la pérdida los valores absolutos: lleva pesos a cero."),
         "L + \\lambda \\sum |w|",
         "nn.Dense{8, kernel_regularizer = regularizers.L1(0.001)}"),
    WITH("regularizers", "L2", p_l2, TO_PENALTY,
         N_("Suma a la pérdida los cuadrados: mantiene pequeños los pesos."),
         "L + \\lambda \\sum w^2",
         "nn.Dense{8, kernel_regularizer = regularizers.L2(0.001)}"),
    WITH("regularizers", "L1L2", p_l1l2, TO_PENALTY, N_("Las dos cosas."),
         "L + \\lambda_1 \\sum |w| + \\lambda_2 \\sum w^2",
         "regularizers.L1L2{l1 = 0.001, l2 = 0.01}"),
};

void cmd_specs_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
