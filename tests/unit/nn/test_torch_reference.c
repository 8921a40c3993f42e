/* test_torch_reference.c: ten full-batch steps of three networks against PyTorch's losses
 * (tests/numeric/reference/make_torch_losses.py): dense layers with momentum and label
 * smoothing, convolutions with Adam, a regression with gelu, Huber's loss and RMSprop.
 * Keras and PyTorch add epsilon at different places; here it is too small to tell. */
#include "../../numeric/reference/torch_losses.h"
#include "train.h"

/* scale f(phase + sum of w[k] times index k) over t, as the script's wave(). */
static void wave(struct nn_tensor *t, const double w[4], double scale, double phase,
                 double (*f)(double)) {
    for (size_t i = 0; i < t->n; i++) {
        double at = phase;
        size_t left = i;
        for (int k = t->ndim - 1; k >= 0; k--) {
            at += w[k] * (double)(left % t->shape[k]);
            left /= t->shape[k];
        }
        nn_tensor_set(t, i, scale * f(at));
    }
}

#define W(...) ((const double[4]){__VA_ARGS__})

static struct nn_tensor *data(int ndim, const size_t *shape, const double w[4],
                              double scale) {
    struct nn_tensor *t;
    must(nn_tensor_new(&t, NN_F32, ndim, shape, &e));
    wave(t, w, scale, 0, sin);
    return t;
}

static struct nn_tensor *labels(size_t n) {
    struct nn_tensor *t;
    must(nn_tensor_new(&t, NN_I32, 1, &n, &e));
    for (size_t i = 0; i < n; i++)
        nn_tensor_set(t, i, (double)((i * 7 + 3) % 10));
    return t;
}

/* Parameter i, a kernel; the bias after it is 0 already. */
static void kernel(struct nn_model *m, int i, const double w[4], double scale,
                   double phase) {
    wave(nn_model_param(m, i, NULL)->value, w, scale, phase, cos);
}

static struct nn_optim *optimizer(const char *type, double rate, const char *option,
                                  double value) {
    struct nn_optim *o;
    must(nn_optim_new(&o, type, &e));
    must(nn_options_set_number(&o->options, "learning_rate", rate, &e));
    must(nn_options_set_number(&o->options, option, value, &e));
    return o;
}

/* Trains and compares; takes m, x and y. */
static void follow(const double table[10], struct nn_model *m, struct nn_optim *o,
                   const char *loss, double value, struct nn_tensor *x,
                   struct nn_tensor *y) {
    struct nn_fit_data d = {.x = x, .y = y};
    must(nn_model_compile(m, o, loss, 0, NULL, &e));
    must(nn_model_set_loss_value(m, value, &e));
    must(nn_fit(m, &d,
                &(struct nn_fit_options){
                    .epochs = 10, .batch_size = x->shape[0], .no_shuffle = true},
                &e));
    for (int i = 0; i < 10; i++)
        if (!(fabs(m->history->loss[i] - table[i]) <= 2e-6 * table[i]))
            fail_msg("%s, paso %d: %.9g y %.9g", loss, i + 1, m->history->loss[i],
                     table[i]);
    nn_model_free(m);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

static void mlp(const double table[10], double smoothing) {
    struct nn_model *m;
    must(nn_model_new(&m, &e));
    add_layer(m, "Dense", "units", 16, "relu");
    add_layer(m, "Dense", "units", 10, NULL);
    must(nn_model_build(m, 1, S(20), &e));
    kernel(m, 0, W(1.1, 0.5), 0.3, 0.2);
    kernel(m, 2, W(0.9, 1.7), 0.3, 0.4);
    follow(table, m, optimizer("SGD", 0.05, "momentum", 0.9),
           "sparse_categorical_crossentropy", smoothing,
           data(2, S(12, 20), W(0.7, 1.3), 1), labels(12));
}

static void dense_layers_with_momentum(void **state) {
    (void)state;
    mlp(torch_mlp_momentum, 0);
    mlp(torch_mlp_smoothed, 0.1);
}

static void add_conv(struct nn_model *m, double filters, const char *padding) {
    struct nn_layer *l;
    must(nn_layer_new(&l, "Conv2D", &e));
    must(nn_options_set_number(&l->options, "filters", filters, &e));
    must(nn_options_set_number(&l->options, "kernel_size", 3, &e));
    must(nn_options_set_text(&l->options, "padding", padding, &e));
    must(nn_options_set_text(&l->options, "activation", "relu", &e));
    must(nn_model_add(m, l, &e));
}

static void convolutions_with_adam(void **state) {
    (void)state;
    struct nn_model *m;
    must(nn_model_new(&m, &e));
    add_conv(m, 6, "same");
    add_layer(m, "MaxPooling2D", NULL, 0, NULL);
    add_conv(m, 5, "valid");
    add_layer(m, "Flatten", NULL, 0, NULL);
    add_layer(m, "Dense", "units", 10, NULL);
    must(nn_model_build(m, 3, S(11, 11, 2), &e));
    kernel(m, 0, W(0.8, 1.9, 0.6, 1.3), 0.3, 0.1);
    kernel(m, 2, W(1.2, 0.7, 0.9, 2.1), 0.2, 0.3);
    kernel(m, 4, W(0.37, 1.1), 0.2, 0.2);
    follow(torch_cnn_adam, m, optimizer("Adam", 0.01, "epsilon", 1e-12),
           "sparse_categorical_crossentropy", 0,
           data(4, S(6, 11, 11, 2), W(0.7, 1.3, 0.9, 2.3), 1), labels(6));
}

static void regression_with_rmsprop(void **state) {
    (void)state;
    struct nn_model *m;
    must(nn_model_new(&m, &e));
    add_layer(m, "Dense", "units", 12, "gelu");
    add_layer(m, "Dense", "units", 8, "gelu");
    add_layer(m, "Dense", "units", 1, NULL);
    must(nn_model_build(m, 1, S(6), &e));
    kernel(m, 0, W(1.1, 0.5), 0.5, 0.2);
    kernel(m, 2, W(0.9, 1.7), 0.4, 0.4);
    kernel(m, 4, W(0.6, 1.0), 0.5, 0.1);
    follow(torch_regression_rmsprop, m, optimizer("RMSprop", 0.003, "epsilon", 1e-30),
           "huber", 0.5, data(2, S(15, 6), W(0.7, 1.3), 1),
           data(2, S(15, 1), W(0.9, 1.0), 1.5));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dense_layers_with_momentum),
        cmocka_unit_test(convolutions_with_adam),
        cmocka_unit_test(regression_with_rmsprop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
