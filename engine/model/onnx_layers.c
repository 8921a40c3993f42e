/* onnx_layers.c: activations and the layers on plain vectors as ONNX nodes. */
#include "onnxs.h"

/* ---- activations: most are one node */

struct activation {
    const char *name, *op;
    const char *attr[2]; /* with these values; NULL: none */
    double value[2];
    bool last; /* works along the channels, which must be the last axis */
    void (*write)(struct nn_onnx *g, struct nn_onnx_value *v); /* when it is several */
};

/* The name of v as it is now: several nodes read it. */
struct input {
    char name[NN_ONNX_NAME];
};

static struct input input_of(const struct nn_onnx_value *v) {
    struct input in;
    memcpy(in.name, v->name, sizeof in.name);
    return in;
}

/* x sigmoid(x) */
static void write_silu(struct nn_onnx *g, struct nn_onnx_value *v) {
    struct input x = input_of(v);
    nn_onnx_add(g, "Sigmoid", v);
    nn_onnx_input(nn_onnx_add(g, "Mul", v), x.name);
}

/* x (1 + erf(x / sqrt 2)) / 2 */
static void write_gelu(struct nn_onnx *g, struct nn_onnx_value *v) {
    struct input x = input_of(v);
    nn_onnx_scalar(g, "Mul", v, 0.70710678f);
    nn_onnx_add(g, "Erf", v);
    nn_onnx_scalar(g, "Add", v, 1);
    nn_onnx_input(nn_onnx_add(g, "Mul", v), x.name);
    nn_onnx_scalar(g, "Mul", v, 0.5f);
}

static const struct activation activations[] = {
    {.name = "relu", .op = "Relu"},
    {.name = "sigmoid", .op = "Sigmoid"},
    {.name = "tanh", .op = "Tanh"},
    {.name = "softmax", .op = "Softmax", .last = true},
    {.name = "log_softmax", .op = "LogSoftmax", .last = true},
    {.name = "leaky_relu", .op = "LeakyRelu", .attr = {"alpha"}, .value = {0.2}},
    {.name = "elu", .op = "Elu"},
    {.name = "selu", .op = "Selu"},
    {.name = "gelu", .write = write_gelu},
    {.name = "silu", .write = write_silu},
    {.name = "swish", .write = write_silu},
    {.name = "softplus", .op = "Softplus"},
    {.name = "softsign", .op = "Softsign"},
    {.name = "exp", .op = "Exp"},
    {.name = "exponential", .op = "Exp"},
};

int nn_onnx_activation(struct nn_onnx *g, struct nn_onnx_value *v, const char *activation,
                       struct err *e) {
    if (!activation[0] || strcmp(activation, "linear") == 0)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(activations); i++) {
        const struct activation *a = &activations[i];
        if (strcmp(a->name, activation) != 0)
            continue;
        if (a->write) {
            a->write(g, v);
            return 0;
        }
        if (a->last)
            nn_onnx_last(g, v);
        struct nn_onnx_node *n = nn_onnx_add(g, a->op, v);
        for (int k = 0; k < 2 && a->attr[k]; k++)
            nn_onnx_float(n, a->attr[k], a->value[k]);
        if (a->last)
            nn_onnx_int(n, "axis", -1);
        return 0;
    }
    return err_set(e, ERR_ARG,
                   _("export_onnx: la activación «%s» no se puede escribir en ONNX"),
                   activation);
}

/* ---- layers */

const struct nn_var *nn_onnx_param(const struct nn_layer *l, const char *name) {
    for (int i = 0; i < l->n_params; i++) {
        const char *slash = strrchr(l->param[i].var->name, '/');
        if (slash && strcmp(slash + 1, name) == 0)
            return l->param[i].var;
    }
    return NULL;
}

/* y = x W + b: one Gemm for rows of vectors, a product and a sum for more axes. */
static int write_dense(struct nn_onnx *g, struct nn_onnx_value *v,
                       const struct nn_layer *l, struct err *e) {
    const struct nn_var *kernel = nn_onnx_param(l, "kernel"),
                        *bias = nn_onnx_param(l, "bias");
    nn_onnx_last(g, v);
    bool rows = v->ndim == 1;
    nn_onnx_tensor(g, kernel->name, kernel->value);
    if (bias)
        nn_onnx_tensor(g, bias->name, bias->value);
    struct nn_onnx_node *n = nn_onnx_add(g, rows ? "Gemm" : "MatMul", v);
    nn_onnx_input(n, kernel->name);
    nn_onnx_reshaped(n, v, l->out_ndim, l->out_shape);
    if (bias && !rows)
        n = nn_onnx_add(g, "Add", v);
    if (bias)
        nn_onnx_input(n, bias->name);
    return nn_onnx_activation(g, v, nn_option_text(&l->options, "activation"), e);
}

/* In the order of the model: channels last. */
static int write_flatten(struct nn_onnx *g, struct nn_onnx_value *v,
                         const struct nn_layer *l, struct err *e) {
    (void)e;
    bool either = v->ndim == 3 && (v->shape[2] == 1 || v->shape[0] * v->shape[1] == 1);
    if (!either) /* one channel or one pixel: both orders are one */
        nn_onnx_last(g, v);
    if (v->ndim == 1)
        return 0;
    struct nn_onnx_node *n = nn_onnx_add(g, "Flatten", v);
    v->first = false;
    nn_onnx_int(n, "axis", 1);
    nn_onnx_reshaped(n, v, l->out_ndim, l->out_shape);
    return 0;
}

/* Another shape of each example; -1 stands for their number. */
static int write_reshape(struct nn_onnx *g, struct nn_onnx_value *v,
                         const struct nn_layer *l, struct err *e) {
    int64_t shape[NN_MAX_DIMS + 1] = {-1};
    (void)e;
    nn_onnx_last(g, v);
    for (int k = 0; k < l->out_ndim; k++)
        shape[k + 1] = (int64_t)l->out_shape[k];
    struct nn_onnx_node *n = nn_onnx_add(g, "Reshape", v);
    nn_onnx_longs(g, n, "shape", l->out_ndim + 1, shape);
    nn_onnx_reshaped(n, v, l->out_ndim, l->out_shape);
    return 0;
}

static int write_activation(struct nn_onnx *g, struct nn_onnx_value *v,
                            const struct nn_layer *l, struct err *e) {
    return nn_onnx_activation(g, v, nn_option_text(&l->options, "activation"), e);
}

/* Layers that only do something while training. */
static int write_nothing(struct nn_onnx *g, struct nn_onnx_value *v,
                         const struct nn_layer *l, struct err *e) {
    (void)g;
    (void)v;
    (void)l;
    (void)e;
    return 0;
}

/* The product of each pair: two lists of columns, one by the other. */
static void write_products(struct nn_onnx *g, struct nn_onnx_value *v, size_t d) {
    enum { PAIRS_MAX = 32 * 31 / 2 };
    int64_t one[PAIRS_MAX], other[PAIRS_MAX];
    struct nn_onnx_value second = *v;
    int n = 0;
    for (size_t i = 0; i < d; i++)
        for (size_t k = i + 1; k < d && n < PAIRS_MAX; k++, n++) {
            one[n] = (int64_t)i;
            other[n] = (int64_t)k;
        }
    const size_t shape = (size_t)n;
    struct nn_onnx_node *node = nn_onnx_add(g, "Gather", v);
    nn_onnx_longs(g, node, "first", n, one);
    nn_onnx_int(node, "axis", 1);
    nn_onnx_reshaped(node, v, 1, &shape);
    node = nn_onnx_add(g, "Gather", &second);
    nn_onnx_longs(g, node, "second", n, other);
    nn_onnx_int(node, "axis", 1);
    nn_onnx_reshaped(node, &second, 1, &shape);
    nn_onnx_input(nn_onnx_add(g, "Mul", v), second.name);
}

/* [x, x^2, products, sin x] */
static int write_features(struct nn_onnx *g, struct nn_onnx_value *v,
                          const struct nn_layer *l, struct err *e) {
    struct nn_onnx_value part[4] = {*v};
    int n = 1;
    (void)e;
    if (nn_option_bool(&l->options, "squares")) {
        part[n] = *v;
        nn_onnx_input(nn_onnx_add(g, "Mul", &part[n++]), v->name);
    }
    if (nn_option_bool(&l->options, "products") && l->in_shape[0] > 1) {
        part[n] = *v;
        write_products(g, &part[n++], l->in_shape[0]);
    }
    if (nn_option_bool(&l->options, "sines")) {
        part[n] = *v;
        (void)nn_onnx_add(g, "Sin", &part[n++]);
    }
    if (n == 1)
        return 0;
    struct nn_onnx_node *node = nn_onnx_add(g, "Concat", v);
    for (int i = 1; i < n; i++)
        nn_onnx_input(node, part[i].name);
    nn_onnx_int(node, "axis", 1);
    nn_onnx_reshaped(node, v, l->out_ndim, l->out_shape);
    return 0;
}

const struct nn_onnx_row nn_onnx_basic[] = {
    {"Features", write_features}, {"Dense", write_dense},
    {"Flatten", write_flatten},   {"Reshape", write_reshape},
    {"Dropout", write_nothing},   {"Activation", write_activation},
    {"Input", write_nothing},     {0}};
