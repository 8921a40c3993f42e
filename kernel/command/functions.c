/* functions.c: the differentiable functions of elements by name: relu, exp, matmul ... One
 * C function serves a family: the row's name is the name of the op. Numbers in, a number
 * out. */
#include "functions.h"
#include "autograd.h"

int cmd_finish(lua_State *L, bool plain) {
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
    return cmd_finish(L, plain);
}

/* A number beside x: the slope of leaky_relu, the alpha of elu. */
static int shaped(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    bool plain = !cmd_var_test(L, a.base);
    struct nn_attrs at = {.value = cmd_number(&a, a.row->params[1].name)};
    struct nn_var *x = cmd_tensor(&a, "x");
    cmd_apply(L, a.row->name, &at, 1, &x);
    return cmd_finish(L, plain);
}

static int clip(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    bool plain = !cmd_var_test(L, a.base);
    struct nn_attrs at = {.value = cmd_number(&a, "min"), .upper = cmd_number(&a, "max")};
    struct nn_var *x = cmd_tensor(&a, "x");
    cmd_apply(L, "clip", &at, 1, &x);
    return cmd_finish(L, plain);
}

static int where(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    bool plain = true;
    struct nn_var *in[3];
    for (int i = 0; i < 3; i++) {
        plain = plain && !cmd_var_test(L, a.base + i);
        in[i] = cmd_tensor(&a, a.row->params[i].name);
    }
    cmd_apply(L, "where", NULL, 3, in);
    return cmd_finish(L, plain);
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
    return cmd_finish(L, plain);
}

#define X(text)                                                                          \
    {                                                                                    \
        .name = "x", .types = CELL_TENSOR | CELL_NUMBER,                                 \
        .flags = CELL_REQUIRED | CELL_AUTO, .doc = text                                  \
    }
static const struct cell_help_param p_x[] = {X(N_("un número, un tensor o una lista"))};
static const struct cell_help_param p_elu[] = {X(N_("un número, un tensor o una lista")),
                                               {.name = "alpha",
                                                .types = CELL_NUMBER,
                                                .fallback = "1",
                                                .doc = N_("hasta dónde baja: -alpha")}};
static const struct cell_help_param p_clip[] = {
    X(N_("un número, un tensor o una lista")),
    {.name = "min",
     .types = CELL_NUMBER,
     .flags = CELL_REQUIRED,
     .doc = N_("lo que está debajo sube hasta aquí")},
    {.name = "max",
     .types = CELL_NUMBER,
     .flags = CELL_REQUIRED,
     .doc = N_("lo que está encima baja hasta aquí")}};
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
static const struct cell_help_param p_pair[] = {
    CMD_PAIR("a", N_("un número o un tensor"), "b", N_("un número o un tensor"))};

static const struct cell_help_param p_where[] = {
    {.name = "condition",
     .types = CELL_TENSOR | CELL_NUMBER,
     .flags = CELL_REQUIRED | CELL_AUTO,
     .doc = N_("1 donde se toma a, 0 donde se toma b")},
    CMD_PAIR("a", N_("un número o un tensor"), "b", N_("un número o un tensor"))};

static const struct cmd_command commands[] = {
    {{CMD_FUNCTION("relu", p_x, N_("Rectificador: deja pasar lo positivo."),
                   "\\max(0, x)", "relu{-2, 0, 3}")},
     unary},
    {{CMD_FUNCTION("sigmoid", p_x, N_("Sigmoide: lleva cualquier número a (0, 1)."),
                   "\\sigma(x) = \\frac{1}{1 + e^{-x}}", "sigmoid(0.6)")},
     unary},
    {{CMD_FUNCTION("tanh", p_x,
                   N_("Tangente hiperbólica: lleva cualquier número a (-1, 1)."),
                   "\\tanh x", "tanh(0.5)")},
     unary},
    {{CMD_FUNCTION("softplus", p_x, N_("Rectificador suave."), "\\ln(1 + e^{x})",
                   "softplus(1)")},
     unary},
    {{CMD_FUNCTION("exp", p_x, N_("Exponencial."), "e^{x}", "exp(1)")}, unary},
    {{CMD_FUNCTION("log", p_x, N_("Logaritmo natural."), "\\ln x", "log(10)")}, unary},
    {{CMD_FUNCTION("sqrt", p_x, N_("Raíz cuadrada."), "\\sqrt{x}", "sqrt{4, 9}")}, unary},
    {{CMD_FUNCTION("square", p_x, N_("Cuadrado."), "x^2", "square(3)")}, unary},
    {{CMD_FUNCTION("abs", p_x, N_("Valor absoluto."), "|x|", "abs(-3)")}, unary},
    {{CMD_FUNCTION("sin", p_x, N_("Seno, en radianes."), "\\sin x", "sin(1)")}, unary},
    {{CMD_FUNCTION("cos", p_x, N_("Coseno, en radianes."), "\\cos x", "cos(1)")}, unary},
    {{CMD_FUNCTION("leaky_relu", p_leaky,
                   N_("Rectificador que deja pasar un poco de lo negativo."),
                   "\\max(a x, x)", "leaky_relu(-2, 0.1)")},
     shaped},
    {{CMD_FUNCTION("elu", p_elu, N_("Rectificador que abajo se dobla hacia -alpha."),
                   "\\max(0, x) + \\alpha (e^{\\min(0, x)} - 1)", "elu{-2, 0, 3}")},
     shaped},
    {{CMD_FUNCTION(
         "selu", p_x, N_("ELU con las constantes que conservan media 0 y varianza 1."),
         "1.0507\\,(\\max(0, x) + 1.6733 (e^{\\min(0, x)} - 1))", "selu{-2, 0, 3}")},
     unary},
    {{CMD_FUNCTION("gelu", p_x,
                   N_("x por la probabilidad de que una normal quede bajo x."),
                   "x\\,\\Phi(x)", "gelu{-2, 0, 3}")},
     unary},
    {{CMD_FUNCTION("silu", p_x, N_("x por su sigmoide (swish)."), "x\\,\\sigma(x)",
                   "silu{-2, 0, 3}")},
     unary},
    {{CMD_FUNCTION("softsign", p_x, N_("Se acerca a -1 y a 1 más despacio que tanh."),
                   "\\frac{x}{1 + |x|}", "softsign{-2, 0, 3}")},
     unary},
    {{CMD_FUNCTION("clip", p_clip, N_("Recorta los números a un intervalo."),
                   "\\min(\\max(x, min), max)", "clip({-2, 0.5, 3}, 0, 1)")},
     clip},
    {{CMD_FUNCTION("softmax", p_axis,
                   N_("Convierte números en probabilidades que suman 1."),
                   "\\frac{e^{x_i}}{\\sum_j e^{x_j}}", "softmax{1, 2, 3}")},
     along_axis},
    {{CMD_FUNCTION("log_softmax", p_axis,
                   N_("Logaritmo de softmax, sin perder precisión numérica."),
                   "x_i - \\ln\\sum_j e^{x_j}", "log_softmax{1, 2, 3}")},
     along_axis},
    {{CMD_FUNCTION("maximum", p_pair, N_("El mayor de dos, elemento a elemento."),
                   "\\max(a, b)", "maximum({1, 5}, {3, 2})")},
     binary},
    {{CMD_FUNCTION("minimum", p_pair, N_("El menor de dos, elemento a elemento."),
                   "\\min(a, b)", "minimum({1, 5}, {3, 2})")},
     binary},
    {{CMD_FUNCTION("pow", p_pair, N_("Potencia, elemento a elemento."), "a^b",
                   "pow({1, 2, 3}, 2)")},
     binary},
    {{CMD_FUNCTION("where", p_where,
                   N_("De cada par, el primero donde se cumple la condición."), NULL,
                   "x = tensor{-1, 2}; where(greater(x, 0), x, 0)")},
     where},
    {{CMD_FUNCTION("greater", p_pair, N_("1 donde a es mayor que b, 0 donde no."),
                   "[a > b]", "greater({1, 5}, {3, 2})")},
     binary},
    {{CMD_FUNCTION("greater_equal", p_pair,
                   N_("1 donde a es mayor o igual que b, 0 donde no."), "[a \\ge b]",
                   "greater_equal({1, 5}, {3, 5})")},
     binary},
    {{CMD_FUNCTION("less", p_pair, N_("1 donde a es menor que b, 0 donde no."), "[a < b]",
                   "less({1, 5}, {3, 2})")},
     binary},
    {{CMD_FUNCTION("less_equal", p_pair,
                   N_("1 donde a es menor o igual que b, 0 donde no."), "[a \\le b]",
                   "less_equal({1, 5}, {3, 5})")},
     binary},
    {{CMD_FUNCTION("equal", p_pair, N_("1 donde a y b son iguales, 0 donde no."),
                   "[a = b]", "equal({1, 5}, {3, 5})")},
     binary},
    {{CMD_FUNCTION("not_equal", p_pair, N_("1 donde a y b son distintos, 0 donde no."),
                   "[a \\ne b]", "not_equal({1, 5}, {3, 5})")},
     binary},
    {{CMD_FUNCTION("matmul", p_pair, N_("Producto de matrices."),
                   "C_{ij} = \\sum_k A_{ik} B_{kj}",
                   "matmul({{1, 2}, {3, 4}}, {{1}, {1}})")},
     binary},
};

void cmd_functions_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
    cmd_loss_functions_open(L);
    cmd_joins_open(L);
}
