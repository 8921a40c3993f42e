/* onnx_image.c: convolution, pooling and padding as ONNX nodes. The first two work on
 * channels first. */
#include "onnxs.h"

static const size_t *pair(const struct nn_layer *l, const char *option) {
    return nn_option_get(&l->options, option)->shape;
}

/* What "same" adds on one axis: before it the smaller half, as the ops do. */
static void pad_axis(size_t *begin, size_t *end, size_t in, size_t out, size_t window,
                     size_t stride) {
    size_t need = (out - 1) * stride + window, total = need > in ? need - in : 0;
    *begin = total / 2;
    *end = total - *begin;
}

/* strides and pads of a window of `window` pixels, dilated ones counted in full. */
static void window_attrs(struct nn_onnx_node *n, const struct nn_layer *l,
                         const size_t window[2], const size_t stride[2]) {
    size_t pads[4] = {0}; /* top, left, bottom, right */
    if (strcmp(nn_option_text(&l->options, "padding"), "same") == 0)
        for (int k = 0; k < 2; k++) {
            /* the rows and columns that come out, whatever happens to the channels */
            size_t out = (l->in_shape[k] + stride[k] - 1) / stride[k];
            pad_axis(&pads[k], &pads[k + 2], l->in_shape[k], out, window[k], stride[k]);
        }
    nn_onnx_ints(n, "strides", 2, stride);
    nn_onnx_ints(n, "pads", 4, pads);
}

/* ---- convolution */

/* (kh, kw, in, out) as (out, in, kh, kw). */
static void kernel_add(struct nn_onnx *g, const char *name, const float *k,
                       const size_t s[4]) {
    size_t area = s[0] * s[1];
    unsigned char *at = nn_onnx_weight(g, name, 4, (size_t[]){s[3], s[2], s[0], s[1]});
    for (size_t o = 0; at && o < s[3]; o++)
        for (size_t c = 0; c < s[2]; c++)
            for (size_t p = 0; p < area; p++)
                nn_onnx_put(at, (o * s[2] + c) * area + p, k[(p * s[2] + c) * s[3] + o]);
}

struct convolution {
    const struct nn_var *kernel, *bias; /* bias may be NULL */
    size_t shape[4];                    /* of the kernel: (kh, kw, in of a group, out) */
    size_t groups;
    bool windows; /* with the layer's strides, dilation and padding */
};

static void convolve(struct nn_onnx *g, struct nn_onnx_value *v, const struct nn_layer *l,
                     const struct convolution *c) {
    struct nn_onnx_node *n = nn_onnx_add(g, "Conv", v);
    nn_onnx_input(n, c->kernel->name);
    kernel_add(g, c->kernel->name, nn_tensor_f32(c->kernel->value), c->shape);
    if (c->bias) {
        nn_onnx_input(n, c->bias->name);
        nn_onnx_tensor(g, c->bias->name, c->bias->value);
    }
    nn_onnx_ints(n, "kernel_shape", 2, c->shape);
    nn_onnx_int(n, "group", (int64_t)c->groups);
    if (c->windows) {
        const size_t *dilation = pair(l, "dilation_rate");
        size_t window[2] = {(c->shape[0] - 1) * dilation[0] + 1,
                            (c->shape[1] - 1) * dilation[1] + 1};
        nn_onnx_ints(n, "dilations", 2, dilation);
        window_attrs(n, l, window, pair(l, "strides"));
    }
    size_t out[3] = {l->out_shape[0], l->out_shape[1], c->shape[3]};
    nn_onnx_reshaped(n, v, 3, out);
}

static int write_conv(struct nn_onnx *g, struct nn_onnx_value *v,
                      const struct nn_layer *l, struct err *e) {
    struct convolution c = {.kernel = nn_onnx_param(l, "kernel"),
                            .bias = nn_onnx_param(l, "bias"),
                            .groups = (size_t)nn_option_number(&l->options, "groups"),
                            .windows = true};
    memcpy(c.shape, c.kernel->value->shape, sizeof c.shape);
    nn_onnx_first(g, v);
    convolve(g, v, l, &c);
    return nn_onnx_activation(g, v, nn_option_text(&l->options, "activation"), e);
}

/* Kernel (kh, kw, c, m): a group for each channel, with m filters. */
static struct convolution by_depth(const struct nn_layer *l, const char *name) {
    struct convolution c = {.kernel = nn_onnx_param(l, name), .windows = true};
    const size_t *s = c.kernel->value->shape;
    memcpy(c.shape, (size_t[]){s[0], s[1], 1, s[2] * s[3]}, sizeof c.shape);
    c.groups = s[2];
    return c;
}

static int write_depthwise(struct nn_onnx *g, struct nn_onnx_value *v,
                           const struct nn_layer *l, struct err *e) {
    struct convolution c = by_depth(l, "kernel");
    c.bias = nn_onnx_param(l, "bias");
    nn_onnx_first(g, v);
    convolve(g, v, l, &c);
    return nn_onnx_activation(g, v, nn_option_text(&l->options, "activation"), e);
}

static int write_separable(struct nn_onnx *g, struct nn_onnx_value *v,
                           const struct nn_layer *l, struct err *e) {
    struct convolution deep = by_depth(l, "depthwise_kernel");
    struct convolution point = {.kernel = nn_onnx_param(l, "pointwise_kernel"),
                                .bias = nn_onnx_param(l, "bias"),
                                .groups = 1};
    memcpy(point.shape, point.kernel->value->shape, sizeof point.shape);
    nn_onnx_first(g, v);
    convolve(g, v, l, &deep);
    convolve(g, v, l, &point);
    return nn_onnx_activation(g, v, nn_option_text(&l->options, "activation"), e);
}

/* ---- pooling */

static struct nn_onnx_node *pool(struct nn_onnx *g, struct nn_onnx_value *v,
                                 const struct nn_layer *l, const char *op) {
    const size_t *window = pair(l, "pool_size"), *stride = pair(l, "strides");
    nn_onnx_first(g, v);
    struct nn_onnx_node *n = nn_onnx_add(g, op, v);
    nn_onnx_ints(n, "kernel_shape", 2, window);
    window_attrs(n, l, window, stride[0] ? stride : window);
    nn_onnx_reshaped(n, v, l->out_ndim, l->out_shape);
    return n;
}

static int write_max(struct nn_onnx *g, struct nn_onnx_value *v, const struct nn_layer *l,
                     struct err *e) {
    (void)e;
    pool(g, v, l, "MaxPool");
    return 0;
}

/* The mean of the pixels that there are: padding is not counted. */
static int write_average(struct nn_onnx *g, struct nn_onnx_value *v,
                         const struct nn_layer *l, struct err *e) {
    (void)e;
    nn_onnx_int(pool(g, v, l, "AveragePool"), "count_include_pad", 0);
    return 0;
}

/* (N, c, 1, 1), and (N, c) unless the axes are kept. */
static int global(struct nn_onnx *g, struct nn_onnx_value *v, const struct nn_layer *l,
                  const char *op) {
    nn_onnx_first(g, v);
    struct nn_onnx_node *n = nn_onnx_add(g, op, v);
    nn_onnx_reshaped(n, v, 3, (size_t[]){1, 1, l->in_shape[2]});
    if (l->out_ndim == 3)
        return 0;
    n = nn_onnx_add(g, "Flatten", v);
    v->first = false;
    nn_onnx_int(n, "axis", 1);
    nn_onnx_reshaped(n, v, 1, &l->in_shape[2]);
    return 0;
}

static int write_global_max(struct nn_onnx *g, struct nn_onnx_value *v,
                            const struct nn_layer *l, struct err *e) {
    (void)e;
    return global(g, v, l, "GlobalMaxPool");
}

static int write_global_average(struct nn_onnx *g, struct nn_onnx_value *v,
                                const struct nn_layer *l, struct err *e) {
    (void)e;
    return global(g, v, l, "GlobalAveragePool");
}

/* Zeros around, in either layout. */
static int write_padding(struct nn_onnx *g, struct nn_onnx_value *v,
                         const struct nn_layer *l, struct err *e) {
    const size_t *border = pair(l, "padding");
    int h = v->first ? 2 : 1;
    int64_t pads[8] = {0}; /* before every axis, then behind */
    (void)e;
    for (int k = 0; k < 2; k++)
        pads[h + k] = pads[4 + h + k] = (int64_t)border[k];
    struct nn_onnx_node *n = nn_onnx_add(g, "Pad", v);
    nn_onnx_longs(g, n, "pads", 8, pads);
    nn_onnx_reshaped(n, v, l->out_ndim, l->out_shape);
    return 0;
}

const struct nn_onnx_row nn_onnx_image[] = {
    {"Conv2D", write_conv},
    {"DepthwiseConv2D", write_depthwise},
    {"SeparableConv2D", write_separable},
    {"MaxPooling2D", write_max},
    {"AveragePooling2D", write_average},
    {"GlobalMaxPooling2D", write_global_max},
    {"GlobalAveragePooling2D", write_global_average},
    {"ZeroPadding2D", write_padding},
    {0}};
