/* loss_functions.c: the losses as functions, each one number. */
#include "functions.h"

/* y_true and y_pred in Keras' order: the op wants the prediction first. */
static int distance(lua_State *L) {
    struct cmd_args a;
    struct nn_attrs at = {0};
    cmd_args_read(&a, L, 1);
    bool plain = !cmd_var_test(L, a.base) && !cmd_var_test(L, a.base + 1);
    struct nn_var *t = cmd_tensor(&a, "y_true"), *p = cmd_tensor(&a, "y_pred");
    if (a.row->n_params > 2)
        at.value = cmd_number(&a, a.row->params[2].name);
    cmd_apply(L, a.row->name, &at, 2, (struct nn_var *[]){p, t});
    return cmd_finish(L, plain);
}

static int chance(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    bool plain = !cmd_var_test(L, a.base) && !cmd_var_test(L, a.base + 1);
    struct nn_attrs at = {.value = cmd_number(&a, "label_smoothing")};
    struct nn_var *p = cmd_tensor(&a, "y_pred"), *t = cmd_tensor(&a, "y_true");
    cmd_apply(L, a.row->name, &at, 2, (struct nn_var *[]){p, t});
    return cmd_finish(L, plain);
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
    struct nn_attrs at = {.value = cmd_number(&a, "label_smoothing")};
    cmd_apply(L, "softmax_cross_entropy", &at, 2, (struct nn_var *[]){logits, labels});
    return cmd_finish(L, plain);
}

#define SMOOTHING                                                                        \
    {                                                                                    \
        .name = "label_smoothing", .types = CELL_NUMBER,                                 \
        .flags = CELL_NAMED | CELL_MIN | CELL_MAX_OPEN, .min = 0, .max = 1,              \
        .fallback = "0",                                                                 \
        .doc = N_("parte de cada objetivo que se reparte entre todas las clases")        \
    }
#define TRUE_AND_PRED                                                                    \
    CMD_PAIR("y_true", N_("lo esperado"), "y_pred", N_("lo que calculó la red"))
static const struct cell_help_param p_loss[] = {TRUE_AND_PRED};
static const struct cell_help_param p_huber[] = {
    TRUE_AND_PRED,
    {.name = "delta",
     .types = CELL_NUMBER,
     .flags = CELL_MIN_OPEN,
     .min = 0,
     .fallback = "1",
     .doc = N_("error desde el que la pérdida crece en línea recta")}};
static const struct cell_help_param p_hinge[] = {
    CMD_PAIR("y_true", N_("-1 o 1 (o bien 0 o 1)"), "y_pred",
             N_("lo que calculó la red, sin activación"))};
static const struct cell_help_param p_chance[] = {
    CMD_PAIR("y_pred", N_("probabilidades entre 0 y 1 (o logits)"), "y_true",
             N_("lo esperado: 0 o 1")),
    SMOOTHING};
static const struct cell_help_param p_xent[] = {
    {.name = "logits",
     .types = CELL_TENSOR,
     .flags = CELL_REQUIRED | CELL_AUTO,
     .doc = N_("salidas de la red antes de softmax, una fila por ejemplo")},
    {.name = "labels",
     .types = CELL_TENSOR,
     .flags = CELL_REQUIRED | CELL_AUTO,
     .doc = N_("clases 0..C-1, o filas con probabilidades")},
    SMOOTHING};

static const struct cmd_command commands[] = {
    {{CMD_FUNCTION("mse", p_loss, N_("Error cuadrático medio."),
                   "\\frac{1}{n}\\sum_i (y_i - \\hat y_i)^2", "mse({1, 0}, {0.8, 0.3})")},
     distance},
    {{CMD_FUNCTION("mae", p_loss, N_("Error absoluto medio."),
                   "\\frac{1}{n}\\sum_i |y_i - \\hat y_i|", "mae({1, 0}, {0.8, 0.3})")},
     distance},
    {{CMD_FUNCTION(
         "huber", p_huber,
         N_("Cuadrática cerca de 0 y recta lejos: un dato raro pesa menos que en mse."),
         "\\frac{1}{n}\\sum_i \\begin{cases} e_i^2/2 & |e_i| \\le \\delta \\\\ "
         "\\delta(|e_i| - \\delta/2) & |e_i| > \\delta \\end{cases}",
         "huber({1, 0}, {0.8, 4})")},
     distance},
    {{CMD_FUNCTION(
         "hinge", p_hinge,
         N_("Pérdida de margen: 0 cuando la respuesta es correcta con holgura."),
         "\\frac{1}{n}\\sum_i \\max(0, 1 - y_i \\hat y_i)", "hinge({1, -1}, {0.3, -2})")},
     distance},
    {{CMD_FUNCTION("binary_cross_entropy", p_chance,
                   N_("Entropía cruzada de dos clases, con probabilidades."),
                   "-\\frac{1}{n}\\sum_i y_i\\ln\\hat y_i + (1 - y_i)\\ln(1 - \\hat y_i)",
                   "binary_cross_entropy({0.8, 0.3}, {1, 0})")},
     chance},
    {{CMD_FUNCTION(
         "sigmoid_cross_entropy", p_chance,
         N_("Entropía cruzada de dos clases, con los números antes de la sigmoide."),
         "\\frac{1}{n}\\sum_i \\ln(1 + e^{z_i}) - y_i z_i",
         "sigmoid_cross_entropy({1.4, -0.8}, {1, 0})")},
     chance},
    {{CMD_FUNCTION(
         "cross_entropy", p_xent,
         N_("Entropía cruzada de varias clases, con los números antes de softmax."),
         "-\\frac{1}{n}\\sum_i \\ln\\operatorname{softmax}(z_i)_{y_i}",
         "cross_entropy({{2, 1, 0}, {0, 3, 0}}, {0, 1})")},
     cross_entropy},
};

void cmd_loss_functions_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
