/* test_layers_image.c: the layers for images: shapes and counts as in Keras, misfits as
 * sentences, a plan that fuses them against the eager graph, short memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "../fail_alloc.h"
#include "nn/layer.h"
#include "nn/plan.h"
#include "nn/rng.h"

static struct err e;

#define S(...) ((size_t[]){__VA_ARGS__})

static void must(int rc) {
    if (rc < 0)
        fail_msg("%s", e.msg);
}

static void says(int rc, int code, const char *part) {
    assert_int_equal(rc, code);
    if (!strstr(e.msg, part))
        fail_msg("«%s» sin «%s»", e.msg, part);
}

/* "name=value|name=value": numbers, pairs "3,5", words, and the truths "si" and "no". */
static struct nn_layer *layer(const char *type, const char *options) {
    struct nn_layer *l;
    char text[256];
    must(nn_layer_new(&l, type, &e));
    snprintf(text, sizeof text, "%s", options);
    for (char *rest = text, *one; (one = strtok_r(rest, "|", &rest));) {
        char *value = strchr(one, '='), *end;
        *value++ = '\0';
        double v = strtod(value, &end);
        if (*end == ',') /* a pair */
            must(nn_options_set_shape(&l->options, one, 2,
                                      S((size_t)v, (size_t)strtod(end + 1, NULL)), &e));
        else if (end != value)
            must(nn_options_set_number(&l->options, one, v, &e));
        else if (strcmp(value, "si") == 0 || strcmp(value, "no") == 0)
            must(nn_options_set_bool(&l->options, one, *value == 's', &e));
        else
            must(nn_options_set_text(&l->options, one, value, &e));
    }
    return l;
}

static int build(struct nn_layer *l, int ndim, const size_t *shape) {
    struct nn_rng r;
    nn_rng_seed(&r, 4);
    return nn_layer_build(l, ndim, shape, &r, &e);
}

/* Numbers of Keras 3.15's summary() for these arguments and an input of (h, w, c). */
static void shapes_and_counts_are_those_of_keras(void **state) {
    (void)state;
    static const struct {
        const char *type, *options;
        size_t in[3], out[3], params;
    } rows[] = {
        {"Conv2D", "filters=32|kernel_size=3", {28, 28, 1}, {26, 26, 32}, 320},
        {"Conv2D", "filters=8|kernel_size=3,5|padding=same", {9, 7, 3}, {9, 7, 8}, 368},
        {"Conv2D",
         "filters=6|kernel_size=2|strides=2,3|padding=same|use_bias=no",
         {9, 7, 3},
         {5, 3, 6},
         72},
        {"Conv2D",
         "filters=6|kernel_size=3|dilation_rate=2|groups=3",
         {9, 8, 3},
         {5, 4, 6},
         60},
        {"DepthwiseConv2D", "kernel_size=3|depth_multiplier=2", {9, 8, 3}, {7, 6, 6}, 60},
        {"SeparableConv2D", "filters=5|kernel_size=3", {9, 8, 4}, {7, 6, 5}, 61},
        {"MaxPooling2D", "", {9, 8, 4}, {4, 4, 4}, 0},
        {"MaxPooling2D", "pool_size=3|strides=2|padding=same", {9, 8, 4}, {5, 4, 4}, 0},
        {"AveragePooling2D", "pool_size=2,3", {9, 8, 4}, {4, 2, 4}, 0},
        {"GlobalAveragePooling2D", "keepdims=si", {9, 8, 4}, {1, 1, 4}, 0},
        {"GlobalMaxPooling2D", "", {9, 8, 4}, {4, 0, 0}, 0},
        {"ZeroPadding2D", "padding=1,2", {9, 8, 4}, {11, 12, 4}, 0},
        {"Reshape", "target_shape=12,24", {9, 8, 4}, {12, 24, 0}, 0},
        {"BatchNormalization", "", {9, 8, 4}, {9, 8, 4}, 8},
        {"BatchNormalization", "center=no", {9, 8, 4}, {9, 8, 4}, 4},
        {"LayerNormalization", "", {9, 8, 4}, {9, 8, 4}, 8},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct nn_layer *l = layer(rows[i].type, rows[i].options);
        must(build(l, 3, rows[i].in));
        for (int k = 0; k < l->out_ndim; k++)
            assert_int_equal(l->out_shape[k], rows[i].out[k]);
        assert_int_equal(l->out_ndim, 1 + !!rows[i].out[1] + !!rows[i].out[2]);
        assert_int_equal(nn_layer_count_params(l, true), rows[i].params);
        nn_layer_free(l);
    }
}

static void refuse(const char *type, const char *options, int ndim, const size_t *shape,
                   int code, const char *part) {
    struct nn_layer *l = layer(type, options);
    says(build(l, ndim, shape), code, part);
    assert_int_equal(l->n_params, 0);
    nn_layer_free(l);
}

static void misfits_are_sentences(void **state) {
    (void)state;
    const char *conv = "filters=4|kernel_size=3";
    refuse("Conv2D", conv, 2, S(28, 28), ERR_SHAPE, "(28, 28); dale un canal");
    refuse("Conv2D", conv, 1, S(784), ERR_SHAPE, "tiene forma (784,)");
    refuse("Conv2D", conv, 4, S(2, 28, 28, 3), ERR_SHAPE, "(2, 28, 28, 3)");
    refuse("Conv2D", conv, 3, S(2, 9, 1), ERR_SHAPE, "abarca 3×3 y la imagen mide 2×9");
    refuse("Conv2D", conv, 3, S(9, 9, 0), ERR_SHAPE, "vacíos");
    refuse("Conv2D", "filters=4|kernel_size=3|groups=2", 3, S(9, 9, 3), ERR_SHAPE,
           "2 grupos no reparten por igual 3 canales");
    refuse("Conv2D", "filters=4", 3, S(9, 9, 3), ERR_ARG, "falta «kernel_size»");
    refuse("MaxPooling2D", "pool_size=4", 3, S(3, 9, 3), ERR_SHAPE,
           "ventana de 4×4 no cabe en una imagen de 3×9");
    refuse("MaxPooling2D", "pool_size=16", 3, S(20, 20, 3), ERR_RANGE, "254 lugares");
    refuse("Reshape", "target_shape=3,4", 1, S(13), ERR_SHAPE,
           "(13,) no puede tomar la forma (3, 4)");
    refuse("BatchNormalization", "", 2, S(3, 0), ERR_SHAPE, "(3, 0) no tiene canales");
    refuse("GlobalMaxPooling2D", "", 1, S(3), ERR_SHAPE, "(3,)");
    struct nn_layer *l = layer("Conv2D", conv);
    struct nn_options *o = &l->options;
    says(nn_options_set_shape(o, "kernel_size", 3, S(3, 3, 3), &e), ERR_ARG,
         "espera un entero o dos y recibió (3, 3, 3)");
    says(nn_options_set_number(o, "kernel_size", 0, &e), ERR_RANGE, "entre 1 y");
    says(nn_options_set_number(o, "strides", 1.5, &e), ERR_ARG, "un entero o dos");
    assert_int_equal(nn_option_get(o, "kernel_size")->shape[1], 3);
    assert_int_equal(nn_option_get(o, "strides")->shape[1], 1);
    nn_layer_free(l);
}

/* ---- BatchNormalization: which statistics, and what becomes of the moving ones */

static struct nn_var *call(struct nn_layer *l, bool training) {
    static const double data[6] = {1, 10, 2, 20, 6, 60}; /* (3, 2) */
    struct nn_call_mode mode = {.training = training};
    struct nn_tensor *t;
    struct nn_var *x, *y;
    must(nn_tensor_new(&t, NN_F32, 2, S(3, 2), &e));
    for (size_t i = 0; i < 6; i++)
        nn_tensor_set(t, i, data[i]);
    must(nn_var_new(&x, t, &e));
    must(nn_layer_call(l, &y, x, &mode, &e));
    nn_var_release(x);
    nn_tensor_release(t);
    return y;
}

static void near(const struct nn_var *v, size_t i, double want) {
    double got = nn_tensor_get(v->value, i);
    if (fabs(got - want) > 1e-5 * (1 + fabs(want)))
        fail_msg("%zu: %g y no %g", i, got, want);
}

/* mean (3, 30), variance (14/3, 1400/3): worked out by hand. */
static void statistics_move_while_training(void **state) {
    (void)state;
    struct nn_layer *l = layer("BatchNormalization", "momentum=0.75|epsilon=0.5");
    must(build(l, 1, S(2)));
    assert_int_equal(nn_layer_count_params(l, false), 8);
    assert_int_equal(nn_layer_count_params(l, true), 4);
    struct nn_var *y = call(l, true);
    near(y, 0, -2 / sqrt(14.0 / 3 + 0.5));
    near(y, 5, 30 / sqrt(1400.0 / 3 + 0.5));
    nn_var_release(y);
    struct nn_var *mean = l->param[2].var, *variance = l->param[3].var;
    assert_string_equal(mean->name, "batch_normalization/moving_mean");
    near(mean, 0, 0.25 * 3);
    near(mean, 1, 0.25 * 30);
    near(variance, 0, 0.75 + 0.25 * 14 / 3);
    near(variance, 1, 0.75 + 0.25 * 1400 / 3);
    for (int frozen = 0; frozen < 2; frozen++) { /* both leave the statistics alone */
        l->trainable = !frozen;
        y = call(l, frozen);
        near(y, 0, (1 - 0.75) / sqrt(0.75 + 0.25 * 14 / 3 + 0.5));
        near(y, 5, (60 - 7.5) / sqrt(0.75 + 0.25 * 1400 / 3 + 0.5));
        nn_var_release(y);
        near(mean, 0, 0.25 * 3);
    }
    nn_layer_free(l);
}

/* ---- a network of all kinds, in a plan and eagerly */

enum { N_LAYERS = 17, BATCH = 40 }; /* more than go through conv2d_maxpool2d at once */
static const size_t image[] = {22, 20, 3};

static void network(struct nn_layer *l[N_LAYERS]) {
    static const char *const rows[N_LAYERS][2] = {
        {"Conv2D", "filters=16|kernel_size=3|padding=same|activation=relu"},
        {"MaxPooling2D", ""},
        {"Conv2D", "filters=8|kernel_size=3|activation=relu"},
        {"BatchNormalization", "epsilon=0.1|momentum=0.5"},
        {"MaxPooling2D", "pool_size=2"},
        {"Conv2D", "filters=6|kernel_size=3|padding=same|activation=relu"},
        {"Conv2D", "filters=5|kernel_size=2|activation=tanh|use_bias=no"},
        {"DepthwiseConv2D", "kernel_size=2|depth_multiplier=2|activation=relu"},
        {"BatchNormalization", "scale=no"},
        {"Activation", "activation=relu"},
        {"LayerNormalization", "epsilon=0.1"},
        {"AveragePooling2D", "pool_size=2|strides=1"},
        {"Conv2D", "filters=4|kernel_size=1|activation=relu|groups=2"},
        {"SeparableConv2D", "filters=3|kernel_size=1|activation=relu"},
        {"Flatten", ""},
        {"Dense", "units=7|activation=relu"},
        {"Dense", "units=2"},
    };
    int ndim = 3;
    const size_t *shape = image;
    for (int i = 0; i < N_LAYERS; i++) {
        struct nn_rng r;
        l[i] = layer(rows[i][0], rows[i][1]);
        nn_rng_seed(&r, (uint64_t)i);
        must(nn_layer_build(l[i], ndim, shape, &r, &e));
        ndim = l[i]->out_ndim;
        shape = l[i]->out_shape;
    }
}

static struct nn_var *loss_of(struct nn_layer *const l[], struct nn_var *x,
                              struct nn_var *target) {
    struct nn_call_mode mode = {.training = true};
    struct nn_var *y = nn_var_retain(x), *next;
    for (int i = 0; i < N_LAYERS; i++) {
        must(nn_layer_call(l[i], &next, y, &mode, &e));
        nn_var_release(y);
        y = next;
    }
    must(nn_apply(&next, "mse", NULL, y, target, &e));
    nn_var_release(y);
    return next;
}

static struct nn_tensor *numbers(uint64_t seed, int ndim, const size_t *shape) {
    struct nn_tensor *t;
    struct nn_rng r;
    must(nn_tensor_new(&t, NN_F32, ndim, shape, &e));
    nn_rng_seed(&r, seed);
    nn_rng_fill_normal(&r, t, 0, 1);
    return t;
}

static void same(const struct nn_tensor *a, const struct nn_tensor *b) {
    assert_true(nn_tensor_same_shape(a, b));
    for (size_t i = 0; i < a->n; i++)
        assert_true(fabs(nn_tensor_get(a, i) - nn_tensor_get(b, i)) < 1e-5);
}

static struct nn_plan *plan_of(struct nn_layer *const l[]) {
    struct nn_var *in[2];
    struct nn_plan *p;
    must(nn_var_deferred(&in[0], NN_F32, 4, S(BATCH, image[0], image[1], image[2]), &e));
    must(nn_var_deferred(&in[1], NN_F32, 2, S(BATCH, 2), &e));
    struct nn_var *loss = loss_of(l, in[0], in[1]);
    must(nn_plan_new(&p, loss, 2, in, 0, NULL, NN_PLAN_TRAIN, &e));
    nn_var_release(loss);
    nn_var_release(in[0]);
    nn_var_release(in[1]);
    return p;
}

static void a_plan_agrees_with_eager(void **state) {
    (void)state;
    struct nn_layer *l[N_LAYERS];
    network(l);
    struct nn_plan *p = plan_of(l);
    /* eight ReLUs, a pooling and two biases of dense layers disappear */
    assert_int_equal(nn_plan_get_info(p).fused, 11);
    assert_string_equal(nn_plan_step_name(p, 0), "conv2d_maxpool2d");
    for (uint64_t batch = 0; batch < 2; batch++) {
        struct nn_tensor *x = numbers(batch, 4, S(BATCH, image[0], image[1], image[2]));
        struct nn_tensor *t = numbers(batch + 9, 2, S(BATCH, 2));
        struct nn_var *vx, *vt;
        must(nn_plan_bind(p, 0, x, &e));
        must(nn_plan_bind(p, 1, t, &e));
        nn_plan_forward(p);
        nn_plan_backward(p);
        must(nn_var_new(&vx, x, &e));
        must(nn_var_new(&vt, t, &e));
        struct nn_var *loss = loss_of(l, vx, vt);
        same(loss->value, nn_plan_root(p));
        for (int i = 0; i < N_LAYERS; i++)
            for (int k = 0; k < l[i]->n_params; k++) {
                struct nn_tensor *g;
                if (!l[i]->param[k].trainable)
                    continue;
                must(nn_var_gradients(&g, loss, 1, &l[i]->param[k].var, true, &e));
                same(g, l[i]->param[k].var->grad);
                nn_tensor_release(g);
            }
        nn_var_release(vx);
        nn_var_release(vt);
        nn_var_release(loss);
        nn_tensor_release(x);
        nn_tensor_release(t);
    }
    nn_plan_free(p);
    for (int i = 0; i < N_LAYERS; i++)
        nn_layer_free(l[i]);
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    struct nn_layer *l[N_LAYERS];
    network(l);
    struct nn_var *in[2], *loss;
    must(nn_var_deferred(&in[0], NN_F32, 4, S(BATCH, image[0], image[1], image[2]), &e));
    must(nn_var_deferred(&in[1], NN_F32, 2, S(BATCH, 2), &e));
    loss = loss_of(l, in[0], in[1]);
    for (long k = 0;; k++) {
        struct nn_plan *p;
        fail_alloc_after(k);
        int rc = nn_plan_new(&p, loss, 2, in, 0, NULL, NN_PLAN_TRAIN, &e);
        if (!fail_alloc_stop()) {
            assert_int_equal(rc, 0);
            nn_plan_free(p);
            break;
        }
        assert_int_equal(rc, ERR_NOMEM);
        assert_null(p);
    }
    nn_var_release(in[0]);
    nn_var_release(in[1]);
    nn_var_release(loss);
    for (int i = 0; i < N_LAYERS; i++)
        nn_layer_free(l[i]);
}

/* Eagerly: conv2d asks for scratch memory in both directions. */
static int forward_and_back(struct nn_layer *l, struct nn_var *x) {
    struct nn_call_mode mode = {.training = true};
    struct nn_var *y = NULL, *loss = NULL;
    int rc = nn_layer_call(l, &y, x, &mode, &e);
    if (rc == 0)
        rc = nn_apply(&loss, "sum", NULL, y, NULL, &e);
    if (rc == 0)
        rc = nn_var_backward(loss, NULL, false, &e);
    nn_var_release(y);
    nn_var_release(loss);
    return rc;
}

static void short_memory_leaves_no_gradient(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    struct nn_layer *l = layer("Conv2D", "filters=4|kernel_size=3|activation=relu");
    struct nn_tensor *t = numbers(1, 4, S(2, image[0], image[1], image[2]));
    struct nn_var *x;
    must(build(l, 3, image));
    must(nn_var_new(&x, t, &e));
    for (long k = 0;; k++) {
        fail_alloc_after(k);
        int rc = forward_and_back(l, x);
        bool failed = fail_alloc_stop();
        assert_int_equal(rc, failed ? ERR_NOMEM : 0);
        if (!failed)
            break;
        assert_null(l->param[0].var->grad);
    }
    assert_non_null(l->param[0].var->grad);
    nn_var_release(x);
    nn_tensor_release(t);
    nn_layer_free(l);
}

static void a_layer_is_built_whole_or_not(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    for (long k = 0;; k++) {
        struct nn_layer *l = layer("SeparableConv2D", "filters=3|kernel_size=3");
        fail_alloc_after(k);
        int rc = build(l, 3, image);
        bool failed = fail_alloc_stop();
        assert_int_equal(rc, failed ? ERR_NOMEM : 0);
        assert_int_equal(l->n_params, failed ? 0 : 3);
        nn_layer_free(l);
        if (!failed)
            break;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_and_counts_are_those_of_keras),
        cmocka_unit_test(misfits_are_sentences),
        cmocka_unit_test(statistics_move_while_training),
        cmocka_unit_test(a_plan_agrees_with_eager),
        cmocka_unit_test(short_memory_is_an_error),
        cmocka_unit_test(short_memory_leaves_no_gradient),
        cmocka_unit_test(a_layer_is_built_whole_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
