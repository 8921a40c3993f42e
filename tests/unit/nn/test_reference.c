/* test_reference.c: losses of ten steps of small networks against a table computed by an
 * independent implementation (tests/numeric/reference). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "../../numeric/reference/mlp_losses.h"
#include "nn/fit.h"

#define N      12
#define IN     20
#define HIDDEN 16
#define OUT    10

static struct err e;

#define S(...) ((size_t[]){__VA_ARGS__})

static void must(int rc) {
    if (rc < 0)
        fail_msg("%s", e.msg);
}

static struct nn_tensor *inputs(void) {
    struct nn_tensor *x;
    must(nn_tensor_new(&x, NN_F32, 2, S(N, IN), &e));
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < IN; j++)
            nn_tensor_set(x, i * IN + j, sin(0.7 * (double)i + 1.3 * (double)j));
    return x;
}

static struct nn_tensor *labels(bool one_hot) {
    struct nn_tensor *y;
    must(nn_tensor_new(&y, one_hot ? NN_F32 : NN_I32, one_hot ? 2 : 1, S(N, OUT), &e));
    for (size_t i = 0; i < N; i++) {
        size_t c = (i * 7 + 3) % OUT;
        if (one_hot)
            nn_tensor_set(y, i * OUT + c, 1);
        else
            nn_tensor_set(y, i, (double)c);
    }
    return y;
}

static void fill(struct nn_tensor *w, double a, double b, double phase) {
    for (size_t i = 0; i < w->shape[0]; i++)
        for (size_t j = 0; j < w->shape[1]; j++)
            nn_tensor_set(w, i * w->shape[1] + j,
                          0.3 * cos(a * (double)i + b * (double)j + phase));
}

static void add_dense(struct nn_model *m, double units, const char *activation) {
    struct nn_layer *l;
    must(nn_layer_new(&l, "Dense", &e));
    must(nn_options_set_number(&l->options, "units", units, &e));
    must(nn_options_set_text(&l->options, "activation", activation, &e));
    must(nn_model_add(m, l, &e));
}

static struct nn_optim *optimizer(const char *type, double rate, double momentum,
                                  bool nesterov) {
    struct nn_optim *o;
    must(nn_optim_new(&o, type, &e));
    must(nn_options_set_number(&o->options, "learning_rate", rate, &e));
    if (momentum > 0)
        must(nn_options_set_number(&o->options, "momentum", momentum, &e));
    if (nesterov)
        must(nn_options_set_bool(&o->options, "nesterov", true, &e));
    return o;
}

static void compare(const double table[10], const char *activation, const char *loss,
                    struct nn_optim *o) {
    struct nn_model *m;
    bool dense = strcmp(loss, "mse") == 0;
    struct nn_fit_data d = {.x = inputs(), .y = labels(dense)};
    must(nn_model_new(&m, &e));
    add_dense(m, HIDDEN, activation);
    add_dense(m, OUT, "linear");
    must(nn_model_build(m, 1, S(IN), &e));
    fill(nn_model_param(m, 0, NULL)->value, 1.1, 0.5, 0.2);
    fill(nn_model_param(m, 2, NULL)->value, 0.9, 1.7, 0.4);
    must(nn_model_compile(m, o, loss, 0, NULL, &e));
    must(nn_fit(
        m, &d,
        &(struct nn_fit_options){.epochs = 10, .batch_size = N, .no_shuffle = true}, &e));
    for (int i = 0; i < 10; i++)
        if (fabs(m->history->loss[i] - table[i]) > 2e-6 * table[i])
            fail_msg("paso %d: %.9g y %.9g", i + 1, m->history->loss[i], table[i]);
    nn_model_free(m);
    nn_tensor_release(d.x);
    nn_tensor_release(d.y);
}

static void losses_follow_the_table(void **state) {
    (void)state;
    const char *xent = "sparse_categorical_crossentropy";
    compare(relu_xent_sgd, "relu", xent, optimizer("SGD", 0.1, 0, false));
    compare(relu_xent_momentum, "relu", xent, optimizer("SGD", 0.05, 0.9, false));
    compare(tanh_xent_nesterov, "tanh", xent, optimizer("SGD", 0.05, 0.9, true));
    compare(relu_xent_adam, "relu", xent, optimizer("Adam", 0.01, 0, false));
    compare(sigmoid_mse_adam, "sigmoid", "mse", optimizer("Adam", 0.02, 0, false));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(losses_follow_the_table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
