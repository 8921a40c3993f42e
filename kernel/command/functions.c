/* functions.c: the differentiable functions by name: relu, mse, matmul ... One C function
 * serves a family: the row's name is the name of the op. Numbers in, a number out. */
#include "autograd.h"
#include "register.h"
#include "tensor.h"

#include "base/i18n.h"
#include "cell/error.h"

/* When no input was a tensor, a result without axes is a Lua number. */
static int finish(lua_State *L, bool plain) {
    struct nn_var *y = cmd_var_test(L, -1);
    if (plain && y->ndim == 0)
        cmd_push_element(L, y->value, 0);
    return 1;
}

static int unary(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    bool plain = !cmd_var_test(L, a.base);
    struct nn_var *x = cmd_tensor(&a, "x");
    cmd_apply(L, a.row->name, NULL, 1, &x);
    return finish(L, plain);
}

static int leaky_relu(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    bool plain = !cmd_var_test(L, a.base);
    struct nn_attrs at = {.value = cmd_number(&a, "slope")};
    struct nn_var *x = cmd_tensor(&a, "x");
    cmd_apply(L, "leaky_relu", &at, 1, &x);
    return finish(L, plain);
}

static int along_axis(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_var *x = cmd_tensor(&a, "x");
    struct nn_attrs at = {.n_axes = 1};
    at.axis[0] = cmd_to_axis(L, cmd_slot(&a, "axis"), MAX_OF(x->ndim, 1), a.row->name);
    cmd_apply(L, a.row->name, &at, 1, &x);
    return 1;
}

static int binary(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    bool plain = !cmd_var_test(L, a.base) && !cmd_var_test(L, a.base + 1);
    cmd_apply_values(L, a.row->name, NULL, a.base, a.base + 1);
    return finish(L, plain);
}

/* Class numbers come as a list or a real tensor: the op wants whole numbers. */
static void labels_to_i32(lua_State *L, int slot) {
    struct nn_var *y = cmd_to_var(L, slot, NN_F64, "labels");
    struct err e = {0};
    if (y->value->ndim != 1 || y->dtype == NN_I32 || y->requires_grad)
        return;
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_cast(hold, y->value, NN_I32, &e) < 0)
        cmd_raise(L, &e);
    cmd_hold_finish(L);
    lua_replace(L, slot);
}

static int cross_entropy(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    bool plain = !cmd_var_test(L, a.base) && !cmd_var_test(L, a.base + 1);
    struct nn_var *logits = cmd_tensor(&a, "logits");
    if (logits->ndim == 2)
        labels_to_i32(L, cmd_slot(&a, "labels"));
    struct nn_var *labels = cmd_tensor(&a, "labels");
    cmd_apply(L, "softmax_cross_entropy", NULL, 2, (struct nn_var *[]){logits, labels});
    return finish(L, plain);
}

static int concat(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    int list = cmd_slot(&a, "tensors");
    size_t n = lua_isnil(L, list) ? 0 : lua_rawlen(L, list);
    struct nn_var *in[NN_OP_MAX_IN];
    if (n < 1 || n > NN_OP_MAX_IN)
        return cmd_refuse(&a, "tensors", _("van de 1 a %d tensores y llegaron %d"),
                          NN_OP_MAX_IN, (int)n);
    luaL_checkstack(L, (int)n + 4, NULL);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        in[i] = cmd_to_var(L, -1, NN_F64, "concat");
    }
    struct nn_attrs at = {.n_axes = 1};
    at.axis[0] = cmd_to_axis(L, cmd_slot(&a, "axis"), MAX_OF(in[0]->ndim, 1), "concat");
    cmd_apply(L, "concat", &at, (int)n, in);
    return 1;
}

#define X(text)                                                                          \
    {                                                                                    \
        .name = "x", .types = CELL_TENSOR | CELL_NUMBER,                                 \
        .flags = CELL_REQUIRED | CELL_AUTO, .doc = text                                  \
    }
static const struct cell_help_param p_x[] = {X(N_("un número, un tensor o una lista"))};
static const struct cell_help_param p_leaky[] = {
    X(N_("un número, un tensor o una lista")),
    {.name = "slope",
     .types = CELL_NUMBER,
     .fallback = "0.01",
     .doc = N_("pendiente para los negativos")}};
static const struct cell_help_param p_axis[] = {
    {.name = "x",
     .types = CELL_TENSOR,
     .flags = CELL_REQUIRED | CELL_AUTO,
     .doc = N_("un tensor o una lista")},
    {.name = "axis",
     .types = CELL_INTEGER,
     .fallback = "-1",
     .doc = N_("eje, desde 1 (negativo: desde el final)")}};
#define PAIR(first, first_doc, second, second_doc)                                       \
    {.name = first,                                                                      \
     .types = CELL_TENSOR | CELL_NUMBER,                                                 \
     .flags = CELL_REQUIRED | CELL_AUTO,                                                 \
     .doc = first_doc},                                                                  \
    {                                                                                    \
        .name = second, .types = CELL_TENSOR | CELL_NUMBER,                              \
        .flags = CELL_REQUIRED | CELL_AUTO, .doc = second_doc                            \
    }
static const struct cell_help_param p_pair[] = {
    PAIR("a", N_("un número o un tensor"), "b", N_("un número o un tensor"))};
static const struct cell_help_param p_loss[] = {
    PAIR("y_true", N_("lo esperado"), "y_pred", N_("lo que calculó la red"))};
static const struct cell_help_param p_chance[] = {
    PAIR("y_pred", N_("probabilidades entre 0 y 1 (o logits)"), "y_true",
         N_("lo esperado: 0 o 1"))};
static const struct cell_help_param p_xent[] = {
    {.name = "logits",
     .types = CELL_TENSOR,
     .flags = CELL_REQUIRED | CELL_AUTO,
     .doc = N_("salidas de la red antes de softmax, una fila por ejemplo")},
    {.name = "labels",
     .types = CELL_TENSOR,
     .flags = CELL_REQUIRED | CELL_AUTO,
     .doc = N_("clases 0..C-1, o filas con probabilidades")}};
static const struct cell_help_param p_concat[] = {
    {.name = "tensors",
     .types = CELL_TENSOR,
     .flags = CELL_REST,
     .doc = N_("los tensores, en orden")},
    {.name = "axis",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED,
     .fallback = "-1",
     .doc = N_("eje por el que se unen, desde 1 (negativo: desde el final)")}};

#define F(title, list, text, tex, ex)                                                    \
    .name = title, .kind = CELL_FUNCTION, .params = list, .n_params = ARRAY_LEN(list),   \
    .returns = N_("un número si recibe números; si no, un tensor"), .doc = text,         \
    .formula = tex, .example = ex

static const struct cmd_command commands[] = {
    {{F("relu", p_x, N_("Rectificador: deja pasar lo positivo."), "\\max(0, x)",
        "relu{-2, 0, 3}")},
     unary},
    {{F("sigmoid", p_x, N_("Sigmoide: lleva cualquier número a (0, 1)."),
        "\\sigma(x) = \\frac{1}{1 + e^{-x}}", "sigmoid(0.6)")},
     unary},
    {{F("tanh", p_x, N_("Tangente hiperbólica: lleva cualquier número a (-1, 1)."),
        "\\tanh x", "tanh(0.5)")},
     unary},
    {{F("softplus", p_x, N_("Rectificador suave."), "\\ln(1 + e^{x})", "softplus(1)")},
     unary},
    {{F("exp", p_x, N_("Exponencial."), "e^{x}", "exp(1)")}, unary},
    {{F("log", p_x, N_("Logaritmo natural."), "\\ln x", "log(10)")}, unary},
    {{F("sqrt", p_x, N_("Raíz cuadrada."), "\\sqrt{x}", "sqrt{4, 9}")}, unary},
    {{F("square", p_x, N_("Cuadrado."), "x^2", "square(3)")}, unary},
    {{F("abs", p_x, N_("Valor absoluto."), "|x|", "abs(-3)")}, unary},
    {{F("sin", p_x, N_("Seno, en radianes."), "\\sin x", "sin(1)")}, unary},
    {{F("cos", p_x, N_("Coseno, en radianes."), "\\cos x", "cos(1)")}, unary},
    {{F("leaky_relu", p_leaky, N_("Rectificador que deja pasar un poco de lo negativo."),
        "\\max(a x, x)", "leaky_relu(-2, 0.1)")},
     leaky_relu},
    {{F("softmax", p_axis, N_("Convierte números en probabilidades que suman 1."),
        "\\frac{e^{x_i}}{\\sum_j e^{x_j}}", "softmax{1, 2, 3}")},
     along_axis},
    {{F("log_softmax", p_axis, N_("Logaritmo de softmax, sin perder precisión numérica."),
        "x_i - \\ln\\sum_j e^{x_j}", "log_softmax{1, 2, 3}")},
     along_axis},
    {{F("mse", p_loss, N_("Error cuadrático medio."),
        "\\frac{1}{n}\\sum_i (y_i - \\hat y_i)^2", "mse({1, 0}, {0.8, 0.3})")},
     binary},
    {{F("mae", p_loss, N_("Error absoluto medio."),
        "\\frac{1}{n}\\sum_i |y_i - \\hat y_i|", "mae({1, 0}, {0.8, 0.3})")},
     binary},
    {{F("binary_cross_entropy", p_chance,
        N_("Entropía cruzada de dos clases, con probabilidades."),
        "-\\frac{1}{n}\\sum_i y_i\\ln\\hat y_i + (1 - y_i)\\ln(1 - \\hat y_i)",
        "binary_cross_entropy({0.8, 0.3}, {1, 0})")},
     binary},
    {{F("sigmoid_cross_entropy", p_chance,
        N_("Entropía cruzada de dos clases, con los números antes de la sigmoide."),
        "\\frac{1}{n}\\sum_i \\ln(1 + e^{z_i}) - y_i z_i",
        "sigmoid_cross_entropy({1.4, -0.8}, {1, 0})")},
     binary},
    {{F("cross_entropy", p_xent,
        N_("Entropía cruzada de varias clases, con los números antes de softmax."),
        "-\\frac{1}{n}\\sum_i \\ln\\operatorname{softmax}(z_i)_{y_i}",
        "cross_entropy({{2, 1, 0}, {0, 3, 0}}, {0, 1})")},
     cross_entropy},
    {{F("maximum", p_pair, N_("El mayor de dos, elemento a elemento."), "\\max(a, b)",
        "maximum({1, 5}, {3, 2})")},
     binary},
    {{F("minimum", p_pair, N_("El menor de dos, elemento a elemento."), "\\min(a, b)",
        "minimum({1, 5}, {3, 2})")},
     binary},
    {{F("matmul", p_pair, N_("Producto de matrices."), "C_{ij} = \\sum_k A_{ik} B_{kj}",
        "matmul({{1, 2}, {3, 4}}, {{1}, {1}})")},
     binary},
    {{F("concat", p_concat, N_("Une tensores por un eje."), NULL,
        "concat{tensor{{1}, {2}}, tensor{{3}, {4}}}")},
     concat},
};

void cmd_functions_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
