/* train.h: small data and networks for the tests of training. */
#ifndef TESTS_NN_TRAIN_H
#define TESTS_NN_TRAIN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "nn/fit.h"
#include "nn/rng.h"

static struct err e;

#define S(...) ((size_t[]){__VA_ARGS__})

static inline void must(int rc) {
    if (rc < 0)
        fail_msg("%s", e.msg);
}

/* n points of three classes around three centres, 4 columns. */
static inline void points(struct nn_tensor **x, struct nn_tensor **y, size_t n) {
    struct nn_rng r;
    nn_rng_seed(&r, 3);
    must(nn_tensor_new(x, NN_F32, 2, S(n, 4), &e));
    must(nn_tensor_new(y, NN_I32, 1, S(n), &e));
    for (size_t i = 0; i < n; i++) {
        size_t c = nn_rng_below(&r, 3);
        nn_tensor_set(*y, i, (double)c);
        for (size_t k = 0; k < 4; k++)
            nn_tensor_set(*x, 4 * i + k, (k == c ? 2.0 : 0.0) + 0.5 * nn_rng_normal(&r));
    }
}

static inline struct nn_layer *add_layer(struct nn_model *m, const char *type,
                                         const char *option, double number,
                                         const char *activation) {
    struct nn_layer *l;
    must(nn_layer_new(&l, type, &e));
    if (option)
        must(nn_options_set_number(&l->options, option, number, &e));
    if (activation)
        must(nn_options_set_text(&l->options, "activation", activation, &e));
    must(nn_model_add(m, l, &e));
    return l;
}

static inline void compile(struct nn_model *m, const char *optim, double rate,
                           const char *loss) {
    struct nn_optim *o;
    static const char *const metrics[] = {"accuracy"};
    must(nn_optim_new(&o, optim, &e));
    must(nn_options_set_number(&o->options, "learning_rate", rate, &e));
    must(nn_model_compile(m, o, loss, 1, metrics, &e));
}

/* Dense 16 with the activation, dropout, Dense 3 with softmax; seed 5. */
static inline struct nn_model *network(const char *activation, const char *optim,
                                       double rate) {
    struct nn_model *m;
    must(nn_model_new(&m, &e));
    nn_model_set_seed(m, 5);
    add_layer(m, "Dense", "units", 16, activation);
    add_layer(m, "Dropout", "rate", 0.1, NULL);
    add_layer(m, "Dense", "units", 3, "softmax");
    compile(m, optim, rate, "sparse_categorical_crossentropy");
    return m;
}

static inline int fit(struct nn_model *m, struct nn_tensor *x, struct nn_tensor *y,
                      const struct nn_fit_options *o) {
    struct nn_fit_data d = {.x = x, .y = y};
    return nn_fit(m, &d, o, &e);
}

static inline void same_weights(const struct nn_model *a, const struct nn_model *b,
                                bool same) {
    bool equal = true;
    for (int i = 0; i < nn_model_count(a); i++) {
        const struct nn_tensor *s = nn_model_param(a, i, NULL)->value;
        const struct nn_tensor *t = nn_model_param(b, i, NULL)->value;
        equal = equal && memcmp(s->data, t->data, s->n * sizeof(float)) == 0;
    }
    assert_int_equal(equal, same);
}

#endif
