/* layers_image.c: convolution and pooling of images (h, w, c) as compositions of ops. */
#include "layers.h"

/* ---- what the layers have in common */

#define PAIR_ROW(option, must, usual, text_)                                             \
    {                                                                                    \
        .name = option, .kind = NN_OPT_PAIR, .required = must, .number = usual,          \
        .min = 1, .max = 1e4, .help = text_                                              \
    }
#define STRIDES_ROW(usual) PAIR_ROW("strides", false, usual, N_("paso de la ventana"))
#define KERNEL_SIZE_ROW                                                                  \
    PAIR_ROW("kernel_size", true, 0, N_("alto y ancho de los filtros"))
#define DILATION_ROW                                                                     \
    PAIR_ROW("dilation_rate", false, 1, N_("separación de los puntos del filtro"))
#define PADDING_ROW                                                                      \
    {                                                                                    \
        .name = "padding", .kind = NN_OPT_TEXT, .text = "valid",                         \
        .choices = "valid|same",                                                         \
        .help = N_("valid: solo ventanas completas; same: con ceros alrededor")          \
    }
#define COUNT_ROW(option, must, usual, text_)                                            \
    {                                                                                    \
        .name = option, .kind = NN_OPT_INT, .required = must, .number = usual, .min = 1, \
        .max = 1e6, .help = text_                                                        \
    }

static void copy_pair(size_t to[2], const struct nn_layer *l, const char *option) {
    memcpy(to, nn_option_get(&l->options, option)->shape, 2 * sizeof *to);
}

static int check_images(const struct nn_layer *l, struct err *e) {
    char text[NN_SHAPE_TEXT];
    nn_shape_text(text, l->in_ndim, l->in_shape);
    if (l->in_ndim == 2)
        return err_set(e, ERR_SHAPE,
                       _("%s: cada ejemplo es una imagen (alto, ancho, canales) y aquí "
                         "tiene forma %s; dale un canal con reshape"),
                       l->name, text);
    if (l->in_ndim != 3)
        return err_set(e, ERR_SHAPE,
                       _("%s: cada ejemplo es una imagen (alto, ancho, canales) y aquí "
                         "tiene forma %s"),
                       l->name, text);
    return 0;
}

/* The output shape by the op's own rule, for one image and these further inputs. */
static int infer(struct nn_layer *l, const char *op, const struct nn_attrs *attrs,
                 const size_t *kernel, struct err *e) {
    struct nn_call c = {.op = nn_op_find(op), .attrs = attrs, .n_in = kernel ? 2 : 1};
    c.in_ndim[0] = l->in_ndim + 1;
    c.in_shape[0][0] = 1;
    memcpy(c.in_shape[0] + 1, l->in_shape, (size_t)l->in_ndim * sizeof(size_t));
    if (kernel) {
        c.in_ndim[1] = 4;
        memcpy(c.in_shape[1], kernel, 4 * sizeof *kernel);
    }
    int rc = nn_op_infer(&c, e);
    if (rc < 0)
        return rc;
    l->out_ndim = c.out_ndim - 1;
    memcpy(l->out_shape, c.out_shape + 1, (size_t)l->out_ndim * sizeof(size_t));
    return 0;
}

static bool pads(const struct nn_layer *l) {
    return strcmp(nn_option_text(&l->options, "padding"), "same") == 0;
}

static struct nn_attrs conv_attrs(const struct nn_layer *l, size_t groups) {
    struct nn_attrs a = {.groups = groups, .same = pads(l)};
    copy_pair(a.stride, l, "strides");
    copy_pair(a.dilation, l, "dilation_rate");
    return a;
}

/* ---- Conv2D: kernel (kh, kw, c / groups, filters) */

static const struct nn_option_row conv_rows[] = {
    COUNT_ROW("filters", true, 0, N_("número de filtros: canales de la salida")),
    KERNEL_SIZE_ROW,
    STRIDES_ROW(1),
    PADDING_ROW,
    NN_ACTIVATION_ROW(false),
    DILATION_ROW,
    COUNT_ROW("groups", false, 1, N_("grupos de canales que no se ven entre sí")),
    NN_USE_BIAS_ROW,
    NN_KERNEL_INITIALIZER_ROW("kernel_initializer"),
    NN_BIAS_INITIALIZER_ROW,
    NN_KERNEL_REGULARIZER_ROW("kernel_regularizer"),
    NN_BIAS_REGULARIZER_ROW,
};

static int add_bias(struct nn_layer *l, size_t n, struct nn_rng *r, struct err *e) {
    if (!nn_option_bool(&l->options, "use_bias"))
        return 0;
    return nn_layer_add_param(l, "bias", nn_option_text(&l->options, "bias_initializer"),
                              1, &n, n, n, r, e);
}

/* A kernel with Keras' idea of connections: its third and fourth axes times its area. */
static int add_kernel(struct nn_layer *l, const char *name, const char *initializer,
                      const size_t *shape, struct nn_rng *r, struct err *e) {
    size_t area = shape[0] * shape[1], in, out;
    if (!mul_size(&in, area, shape[2]) || !mul_size(&out, area, shape[3]))
        return err_set(e, ERR_RANGE, _("%s: el parámetro %s es demasiado grande"),
                       l->name, name);
    return nn_layer_add_param(l, name, nn_option_text(&l->options, initializer), 4, shape,
                              in, out, r, e);
}

static int conv_build(struct nn_layer *l, struct nn_rng *r, struct err *e) {
    size_t groups = (size_t)nn_option_number(&l->options, "groups");
    size_t filters = (size_t)nn_option_number(&l->options, "filters");
    int rc = check_images(l, e);
    if (rc < 0)
        return rc;
    size_t kernel[4] = {0, 0, l->in_shape[2] / groups, filters};
    copy_pair(kernel, l, "kernel_size");
    if (l->in_shape[2] % groups || filters % groups)
        return err_set(
            e, ERR_SHAPE,
            _("%s: %zu grupos no reparten por igual %zu canales y %zu filtros"), l->name,
            groups, l->in_shape[2], filters);
    struct nn_attrs a = conv_attrs(l, groups);
    rc = infer(l, "conv2d", &a, kernel, e);
    if (rc == 0)
        rc = add_kernel(l, "kernel", "kernel_initializer", kernel, r, e);
    return rc < 0 ? rc : add_bias(l, filters, r, e);
}

/* y = conv2d(x, kernel [, bias]); bias may be NULL. */
static int convolve(struct nn_var **out, struct nn_var *x, struct nn_var *kernel,
                    struct nn_var *bias, const struct nn_attrs *a, struct err *e) {
    struct nn_var *in[3] = {x, kernel, bias};
    return nn_var_apply(out, nn_op_find("conv2d"), a, bias ? 3 : 2, in, e);
}

static int conv_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                     const struct nn_call_mode *m, struct err *e) {
    struct nn_attrs a = conv_attrs(l, (size_t)nn_option_number(&l->options, "groups"));
    struct nn_var *y = NULL;
    *out = NULL;
    int rc = convolve(&y, x, l->param[0].var, l->n_params == 2 ? l->param[1].var : NULL,
                      &a, e);
    if (rc == 0)
        rc = nn_layer_activate(l, out, y, m, e);
    nn_var_release(y);
    return rc;
}

/* ---- DepthwiseConv2D: each channel has filters of its own, kernel (kh, kw, c, m) */

#define DEPTH_ROW                                                                        \
    COUNT_ROW("depth_multiplier", false, 1, N_("filtros por cada canal de la entrada"))
static const struct nn_option_row depthwise_rows[] = {
    KERNEL_SIZE_ROW,
    STRIDES_ROW(1),
    PADDING_ROW,
    DEPTH_ROW,
    NN_ACTIVATION_ROW(false),
    DILATION_ROW,
    NN_USE_BIAS_ROW,
    NN_KERNEL_INITIALIZER_ROW("depthwise_initializer"),
    NN_BIAS_INITIALIZER_ROW,
    NN_KERNEL_REGULARIZER_ROW("depthwise_regularizer"),
    NN_BIAS_REGULARIZER_ROW,
};

/* The depthwise kernel as conv2d wants it, (kh, kw, 1, c m), and its output shape. */
static int depthwise_build_kernel(struct nn_layer *l, const char *name, struct nn_rng *r,
                                  struct err *e) {
    int rc = check_images(l, e);
    if (rc < 0)
        return rc;
    size_t m = (size_t)nn_option_number(&l->options, "depth_multiplier");
    size_t kernel[4] = {0, 0, l->in_shape[2], m};
    copy_pair(kernel, l, "kernel_size");
    size_t grouped[4] = {kernel[0], kernel[1], 1, 0};
    if (!mul_size(&grouped[3], kernel[2], m))
        return err_set(e, ERR_RANGE, _("%s: el parámetro %s es demasiado grande"),
                       l->name, name);
    struct nn_attrs a = conv_attrs(l, l->in_shape[2]);
    rc = infer(l, "conv2d", &a, grouped, e);
    return rc < 0 ? rc : add_kernel(l, name, "depthwise_initializer", kernel, r, e);
}

static int depthwise_build(struct nn_layer *l, struct nn_rng *r, struct err *e) {
    int rc = depthwise_build_kernel(l, "kernel", r, e);
    return rc < 0 ? rc : add_bias(l, l->out_shape[2], r, e);
}

static int depthwise(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                     struct nn_var *bias, struct err *e) {
    const struct nn_var *k = l->param[0].var;
    struct nn_attrs a = conv_attrs(l, l->in_shape[2]);
    struct nn_attrs flat = {
        .ndim = 4, .shape = {k->shape[0], k->shape[1], 1, k->shape[2] * k->shape[3]}};
    struct nn_var *kernel = NULL;
    *out = NULL;
    int rc = nn_apply(&kernel, "reshape", &flat, l->param[0].var, NULL, e);
    if (rc == 0)
        rc = convolve(out, x, kernel, bias, &a, e);
    nn_var_release(kernel);
    return rc;
}

static int depthwise_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                          const struct nn_call_mode *m, struct err *e) {
    struct nn_var *y = NULL;
    *out = NULL;
    int rc = depthwise(l, &y, x, l->n_params == 2 ? l->param[1].var : NULL, e);
    if (rc == 0)
        rc = nn_layer_activate(l, out, y, m, e);
    nn_var_release(y);
    return rc;
}

/* ---- SeparableConv2D: depthwise, then 1 x 1 over the channels */

static const struct nn_option_row separable_rows[] = {
    COUNT_ROW("filters", true, 0, N_("número de filtros: canales de la salida")),
    KERNEL_SIZE_ROW,
    STRIDES_ROW(1),
    PADDING_ROW,
    NN_ACTIVATION_ROW(false),
    DILATION_ROW,
    DEPTH_ROW,
    NN_USE_BIAS_ROW,
    NN_KERNEL_INITIALIZER_ROW("depthwise_initializer"),
    NN_KERNEL_INITIALIZER_ROW("pointwise_initializer"),
    NN_BIAS_INITIALIZER_ROW,
    NN_KERNEL_REGULARIZER_ROW("depthwise_regularizer"),
    NN_KERNEL_REGULARIZER_ROW("pointwise_regularizer"),
    NN_BIAS_REGULARIZER_ROW,
};

static int separable_build(struct nn_layer *l, struct nn_rng *r, struct err *e) {
    size_t filters = (size_t)nn_option_number(&l->options, "filters");
    int rc = depthwise_build_kernel(l, "depthwise_kernel", r, e);
    if (rc < 0)
        return rc;
    size_t kernel[4] = {1, 1, l->out_shape[2], filters};
    rc = add_kernel(l, "pointwise_kernel", "pointwise_initializer", kernel, r, e);
    l->out_shape[2] = filters;
    return rc < 0 ? rc : add_bias(l, filters, r, e);
}

static int separable_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                          const struct nn_call_mode *m, struct err *e) {
    struct nn_var *deep = NULL, *y = NULL;
    struct nn_attrs a = {0};
    *out = NULL;
    int rc = depthwise(l, &deep, x, NULL, e);
    if (rc == 0)
        rc = convolve(&y, deep, l->param[1].var,
                      l->n_params == 3 ? l->param[2].var : NULL, &a, e);
    if (rc == 0)
        rc = nn_layer_activate(l, out, y, m, e);
    nn_var_release(deep);
    nn_var_release(y);
    return rc;
}

/* ---- pooling */

static const struct nn_option_row pool_rows[] = {
    PAIR_ROW("pool_size", false, 2, N_("alto y ancho de la ventana")),
    PAIR_ROW("strides", false, 0, N_("paso de la ventana; sin él, su tamaño")),
    PADDING_ROW,
};

static struct nn_attrs pool_attrs(const struct nn_layer *l) {
    struct nn_attrs a = {.same = pads(l)};
    copy_pair(a.window, l, "pool_size");
    copy_pair(a.stride, l, "strides"); /* not set: zeros, which mean the window */
    return a;
}

static int pool_build(struct nn_layer *l, const char *op, struct err *e) {
    struct nn_attrs a = pool_attrs(l);
    int rc = check_images(l, e);
    return rc < 0 ? rc : infer(l, op, &a, NULL, e);
}

static int max_build(struct nn_layer *l, struct nn_rng *r, struct err *e) {
    (void)r;
    return pool_build(l, "maxpool2d", e);
}

static int average_build(struct nn_layer *l, struct nn_rng *r, struct err *e) {
    (void)r;
    return pool_build(l, "avgpool2d", e);
}

static int max_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                    const struct nn_call_mode *m, struct err *e) {
    struct nn_attrs a = pool_attrs(l);
    (void)m;
    return nn_apply(out, "maxpool2d", &a, x, NULL, e);
}

static int average_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                        const struct nn_call_mode *m, struct err *e) {
    struct nn_attrs a = pool_attrs(l);
    (void)m;
    return nn_apply(out, "avgpool2d", &a, x, NULL, e);
}

/* ---- pooling of whole images: (h, w, c) to (c), or (1, 1, c) */

static const struct nn_option_row global_rows[] = {
    {.name = "keepdims",
     .kind = NN_OPT_BOOL,
     .help = N_("conserva los ejes de alto y ancho, de tamaño 1")},
};

static int global_build(struct nn_layer *l, struct nn_rng *r, struct err *e) {
    struct nn_attrs a = {0};
    (void)r;
    int rc = check_images(l, e);
    if (rc == 0)
        rc = infer(l, "global_avgpool2d", &a, NULL, e);
    if (rc < 0 || !nn_option_bool(&l->options, "keepdims"))
        return rc;
    l->out_ndim = 3;
    memcpy(l->out_shape, (size_t[]){1, 1, l->in_shape[2]}, 3 * sizeof(size_t));
    return 0;
}

static int global_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                       const char *op, struct err *e) {
    struct nn_var *y = NULL;
    struct nn_attrs shape = {.ndim = 4, .shape = {x->shape[0], 1, 1, x->shape[3]}};
    if (!nn_option_bool(&l->options, "keepdims"))
        return nn_apply(out, op, NULL, x, NULL, e);
    *out = NULL;
    int rc = nn_apply(&y, op, NULL, x, NULL, e);
    if (rc == 0)
        rc = nn_apply(out, "reshape", &shape, y, NULL, e);
    nn_var_release(y);
    return rc;
}

static int global_max_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                           const struct nn_call_mode *m, struct err *e) {
    (void)m;
    return global_call(l, out, x, "global_maxpool2d", e);
}

static int global_average_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                               const struct nn_call_mode *m, struct err *e) {
    (void)m;
    return global_call(l, out, x, "global_avgpool2d", e);
}

/* ---- ZeroPadding2D */

static const struct nn_option_row padding_rows[] = {
    {.name = "padding",
     .kind = NN_OPT_PAIR,
     .number = 1,
     .min = 0,
     .max = 1e4,
     .help = N_("filas de ceros arriba y abajo, columnas a los lados")},
};

static struct nn_attrs padding_attrs(const struct nn_layer *l) {
    size_t border[2];
    copy_pair(border, l, "padding");
    return (struct nn_attrs){.ndim = 3,
                             .start = {0, border[0], border[1]},
                             .count = {0, border[0], border[1]}};
}

static int padding_build(struct nn_layer *l, struct nn_rng *r, struct err *e) {
    struct nn_attrs a = padding_attrs(l);
    (void)r;
    int rc = check_images(l, e);
    return rc < 0 ? rc : infer(l, "pad", &a, NULL, e);
}

static int padding_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                        const struct nn_call_mode *m, struct err *e) {
    struct nn_attrs a = padding_attrs(l);
    (void)m;
    return nn_apply(out, "pad", &a, x, NULL, e);
}

#define ROW(class, file, text_, rows, positional, make, run)                             \
    {                                                                                    \
        .name = class, .stem = file, .help = text_, .row = rows,                         \
        .n_rows = ARRAY_LEN(rows), .n_positional = positional, .build = make,            \
        .call = run                                                                      \
    }
const struct nn_layer_type nn_layers_image[] = {
    ROW("Conv2D", "conv2d",
        N_("Capa convolucional: filtros que recorren la imagen con los mismos pesos."),
        conv_rows, 4, conv_build, conv_call),
    ROW("DepthwiseConv2D", "depthwise_conv2d",
        N_("Convolución en profundidad: cada canal tiene sus propios filtros."),
        depthwise_rows, 3, depthwise_build, depthwise_call),
    ROW("SeparableConv2D", "separable_conv2d",
        N_("Convolución separable: en profundidad y después de 1×1 entre canales."),
        separable_rows, 4, separable_build, separable_call),
    ROW("MaxPooling2D", "max_pooling2d",
        N_("Submuestreo: el mayor valor de cada ventana, por canal."), pool_rows, 3,
        max_build, max_call),
    ROW("AveragePooling2D", "average_pooling2d",
        N_("Submuestreo: la media de cada ventana, por canal."), pool_rows, 3,
        average_build, average_call),
    ROW("GlobalMaxPooling2D", "global_max_pooling2d",
        N_("El mayor valor de cada canal en toda la imagen."), global_rows, 0,
        global_build, global_max_call),
    ROW("GlobalAveragePooling2D", "global_average_pooling2d",
        N_("La media de cada canal en toda la imagen."), global_rows, 0, global_build,
        global_average_call),
    ROW("ZeroPadding2D", "zero_padding2d", N_("Rodea la imagen de ceros."), padding_rows,
        1, padding_build, padding_call),
    {0}};
