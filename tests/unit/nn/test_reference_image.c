/* test_reference_image.c: convolution, pooling, normalisation and the losses of ten steps
 * of a convolutional network against a table computed by an independent implementation
 * (tests/numeric/reference). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "../../numeric/reference/image_ops.h"
#include "nn/fit.h"

static struct err e;

#define S(...) ((size_t[]){__VA_ARGS__})

static void must(int rc) {
    if (rc < 0)
        fail_msg("%s", e.msg);
}

/* scale sin(a i + b) + c */
static void wave(struct nn_tensor *t, double scale, double a, double b, double c) {
    for (size_t i = 0; i < t->n; i++)
        nn_tensor_set(t, i, scale * sin(a * (double)i + b) + c);
}

static struct nn_var *numbers(double a, double b, double c, int ndim,
                              const size_t *shape) {
    struct nn_tensor *t;
    struct nn_var *v;
    must(nn_tensor_new(&t, NN_F64, ndim, shape, &e));
    wave(t, 1, a, b, c);
    must(nn_var_new(&v, t, &e));
    nn_tensor_release(t);
    return v;
}

static void equals(const struct nn_tensor *t, const double *want, size_t n,
                   const char *what) {
    assert_int_equal(t->n, n);
    for (size_t i = 0; i < n; i++)
        if (fabs(nn_tensor_get(t, i) - want[i]) > 1e-12 * (1 + fabs(want[i])))
            fail_msg("%s, %zu: %.15g y no %.15g", what, i, nn_tensor_get(t, i), want[i]);
}

/* op on in[0..n-1] gives the table; releases the inputs after the image. */
static void gives(const char *op, struct nn_attrs a, int n, struct nn_var **in,
                  const double *want, size_t count) {
    struct nn_var *y;
    must(nn_var_apply(&y, nn_op_find(op), &a, n, in, &e));
    equals(y->value, want, count, op);
    nn_var_release(y);
    for (int i = 1; i < n; i++)
        nn_var_release(in[i]);
}

#define TABLE(name)   image_##name, ARRAY_LEN(image_##name)
#define IMAGE         numbers(0.7, 0.3, 0, 4, S(2, 7, 6, 4))
#define KERNEL(...)   numbers(1.1, 0.2, 0, 4, S(__VA_ARGS__))
#define CHANNELS(...) numbers(__VA_ARGS__, 1, S(4))
#define IN(...)       ((struct nn_var *[]){x, __VA_ARGS__})

static void convolutions(void **state) {
    (void)state;
    struct nn_var *x = IMAGE;
    gives("conv2d", (struct nn_attrs){0}, 3,
          IN(KERNEL(3, 2, 4, 3), numbers(0.9, 0.3, 0, 1, S(3))), TABLE(conv_valid));
    gives("conv2d", (struct nn_attrs){.same = true}, 2, IN(KERNEL(3, 2, 4, 3)),
          TABLE(conv_same));
    gives("conv2d", (struct nn_attrs){.same = true, .stride = {2, 3}}, 2,
          IN(KERNEL(3, 2, 4, 3)), TABLE(conv_stride));
    gives("conv2d", (struct nn_attrs){.dilation = {2, 3}}, 2, IN(KERNEL(3, 2, 4, 3)),
          TABLE(conv_dilated));
    gives("conv2d", (struct nn_attrs){.same = true, .stride = {1, 2}, .groups = 2}, 2,
          IN(KERNEL(3, 3, 2, 6)), TABLE(conv_groups));
    gives("conv2d", (struct nn_attrs){.groups = 4}, 2, IN(KERNEL(3, 3, 1, 8)),
          TABLE(conv_depthwise));
    nn_var_release(x);
}

static void poolings(void **state) {
    (void)state;
    struct nn_var *x = IMAGE;
    gives("maxpool2d",
          (struct nn_attrs){.window = {3, 2}, .stride = {2, 2}, .same = true}, 1, &x,
          TABLE(max_same));
    gives("avgpool2d",
          (struct nn_attrs){.window = {3, 4}, .stride = {2, 2}, .same = true}, 1, &x,
          TABLE(mean_same));
    gives("global_maxpool2d", (struct nn_attrs){0}, 1, &x, TABLE(global_max));
    gives("global_avgpool2d", (struct nn_attrs){0}, 1, &x, TABLE(global_mean));
    nn_var_release(x);
}

static void normalisations(void **state) {
    (void)state;
    struct nn_var *x = IMAGE;
    struct nn_var *gamma = CHANNELS(0.4, 0.1, 1), *beta = CHANNELS(0.4, 0.5, 0);
    struct nn_var *mean = CHANNELS(0.4, 0.9, 0), *variance = CHANNELS(0.4, 1.3, 2);
    struct nn_attrs a = {.scale = true, .center = true, .epsilon = 1e-3, .momentum = 0.9};
    struct nn_var *in[] = {x, mean, variance, gamma, beta};
    for (int i = 1; i < 5; i++)
        nn_var_retain(in[i]);
    gives("batch_norm", a, 5, in, TABLE(batch_infer));
    for (int i = 1; i < 5; i++)
        nn_var_retain(in[i]);
    a.training = true;
    gives("batch_norm", a, 5, in, TABLE(batch_train));
    equals(mean->value, TABLE(moving_mean), "moving_mean");
    equals(variance->value, TABLE(moving_variance), "moving_variance");
    gives("layer_norm", a, 3, IN(gamma, beta), TABLE(layer));
    nn_var_release(mean);
    nn_var_release(variance);
    nn_var_release(x);
}

/* ---- ten steps */

static void add(struct nn_model *m, const char *type, const char *const *text,
                const double *number) {
    static const char *const names[] = {"filters", "kernel_size", "units"};
    struct nn_layer *l;
    must(nn_layer_new(&l, type, &e));
    for (int i = 0; text && i < 2 && text[i]; i += 2)
        must(nn_options_set_text(&l->options, text[i], text[i + 1], &e));
    for (int i = 0; number && i < 3; i++)
        if (number[i] > 0)
            must(nn_options_set_number(&l->options, names[i], number[i], &e));
    must(nn_model_add(m, l, &e));
}

static struct nn_model *network(void) {
    static const char *const relu[] = {"activation", "relu"}, *const same[] = {"padding",
                                                                               "same"};
    struct nn_model *m;
    must(nn_model_new(&m, &e));
    add(m, "Conv2D", relu, (double[]){4, 3, 0});
    add(m, "MaxPooling2D", NULL, NULL);
    add(m, "Conv2D", same, (double[]){3, 2, 0});
    add(m, "BatchNormalization", NULL, NULL);
    add(m, "Activation", relu, NULL);
    add(m, "Flatten", NULL, NULL);
    add(m, "Dense", NULL, (double[]){0, 0, 5});
    struct nn_optim *o;
    must(nn_optim_new(&o, "SGD", &e));
    must(nn_options_set_number(&o->options, "learning_rate", 0.05, &e));
    must(nn_options_set_number(&o->options, "momentum", 0.9, &e));
    must(nn_model_compile(m, o, "sparse_categorical_crossentropy", 0, NULL, &e));
    must(nn_model_build(m, 3, S(8, 8, 2), &e));
    wave(nn_model_param(m, 0, NULL)->value, 0.4, 1.3, 0.3, 0);
    wave(nn_model_param(m, 2, NULL)->value, 0.4, 0.8, 0.3, 0);
    wave(nn_model_param(m, 8, NULL)->value, 0.4, 1.9, 0.3, 0);
    return m;
}

/* The convolution before a batch_norm gets a bias here, whose gradient is zero. */
static void ten_steps_of_a_network(void **state) {
    (void)state;
    struct nn_model *m = network();
    struct nn_tensor *x, *y;
    must(nn_tensor_new(&x, NN_F32, 4, S(6, 8, 8, 2), &e));
    wave(x, 1, 0.37, 0.3, 0);
    must(nn_tensor_new(&y, NN_I32, 1, S(6), &e));
    for (size_t i = 0; i < 6; i++)
        nn_tensor_set(y, i, (double)(i * 3 % 5));
    struct nn_fit_data d = {.x = x, .y = y};
    struct nn_fit_options o = {.epochs = 10, .batch_size = 6};
    must(nn_fit(m, &d, &o, &e));
    for (int i = 0; i < 10; i++)
        if (fabs(m->history->loss[i] - image_cnn_losses[i]) > 5e-6)
            fail_msg("paso %d: %.9g y no %.9g", i, m->history->loss[i],
                     image_cnn_losses[i]);
    nn_tensor_release(x);
    nn_tensor_release(y);
    nn_model_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions),
        cmocka_unit_test(poolings),
        cmocka_unit_test(normalisations),
        cmocka_unit_test(ten_steps_of_a_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
