/* test_regularizer.c: L1 and L2 as part of the loss that fit and evaluate report and of
 * its gradient: against the closed form and finite differences; frozen and nested layers;
 * spellings; saved and loaded. (The op alone is in the op table's gradient checks.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "../fail_alloc.h"
#include "nn/fit.h"
#include "nn/pool.h"
#include "nn/rng.h"
#include "nn/store.h"

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

static struct nn_layer *dense(size_t units, const char *kernel, const char *bias) {
    struct nn_layer *l;
    must(nn_layer_new(&l, "Dense", &e));
    must(nn_options_set_number(&l->options, "units", (double)units, &e));
    must(nn_options_set_text(&l->options, "bias_initializer", "constant(-0.5)", &e));
    if (kernel)
        must(nn_options_set_text(&l->options, "kernel_regularizer", kernel, &e));
    if (bias)
        must(nn_options_set_text(&l->options, "bias_regularizer", bias, &e));
    return l;
}

/* 3 -> dense 4 (l2 on the kernel, l1 on the bias) -> residual(dense 4 l1_l2) -> dense 1 */
static struct nn_model *network(void) {
    struct nn_model *m;
    struct nn_layer *r;
    must(nn_model_new(&m, &e));
    nn_model_set_seed(m, 7);
    must(nn_model_add(m, dense(4, "l2(0.1)", "L1(0.05)"), &e));
    must(nn_layer_new(&r, "Residual", &e));
    must(nn_layer_add_child(r, dense(4, "L1L2(0.02, 0.03)", NULL), &e));
    must(nn_model_add(m, r, &e));
    must(nn_model_add(m, dense(1, NULL, NULL), &e));
    must(nn_model_build(m, 1, S(3), &e));
    return m;
}

static void compile(struct nn_model *m, double rate) {
    struct nn_optim *o;
    must(nn_optim_new(&o, "sgd", &e));
    must(nn_options_set_number(&o->options, "learning_rate", rate, &e));
    must(nn_model_compile(m, o, "mse", 0, NULL, &e));
}

static struct nn_tensor *normal(size_t rows, size_t cols, uint64_t seed) {
    struct nn_tensor *t;
    struct nn_rng r;
    nn_rng_seed(&r, seed);
    must(nn_tensor_new(&t, NN_F32, 2, S(rows, cols), &e));
    nn_rng_fill_normal(&r, t, 0, 1);
    return t;
}

static double sum(const struct nn_model *m, int param, bool squares) {
    const struct nn_tensor *t = nn_model_param(m, param, NULL)->value;
    double s = 0;
    for (size_t i = 0; i < t->n; i++) {
        double v = nn_tensor_get(t, i);
        s += squares ? v * v : fabs(v);
    }
    return s;
}

static double closed_form(const struct nn_model *m) {
    return 0.1 * sum(m, 0, true) + 0.05 * sum(m, 1, false) + 0.02 * sum(m, 2, false) +
           0.03 * sum(m, 2, true);
}

/* The mean squared error without any penalty, from the outputs. */
static double plain_loss(struct nn_model *m, struct nn_tensor *x, struct nn_tensor *y) {
    struct nn_tensor *p;
    double s = 0;
    must(nn_model_predict(&p, m, x, 0, &e));
    for (size_t i = 0; i < p->n; i++)
        s += pow(nn_tensor_get(p, i) - nn_tensor_get(y, i), 2);
    s /= (double)p->n;
    nn_tensor_release(p);
    return s;
}

static void the_loss_contains_the_penalty(void **state) {
    (void)state;
    struct nn_model *m = network();
    struct nn_tensor *x = normal(20, 3, 1), *y = normal(20, 1, 2);
    struct nn_scores s;
    compile(m, 1e-30);
    double penalty = closed_form(m), plain = plain_loss(m, x, y);
    assert_true(penalty > 0.3); /* it matters */
    assert_true(fabs(nn_model_penalty(m) - penalty) < 1e-6);
    must(nn_model_evaluate(&s, m, x, y, 0, &e));
    assert_true(fabs(s.loss - plain - penalty) < 1e-5);
    struct nn_fit_data d = {.x = x, .y = y, .x_val = x, .y_val = y};
    must(nn_fit(m, &d, &(struct nn_fit_options){.epochs = 1, .batch_size = 7}, &e));
    assert_true(fabs(m->history->loss[0] - plain - penalty) < 1e-5);
    assert_true(fabs(m->history->val_loss[0] - plain - penalty) < 1e-5);
    /* a frozen layer adds nothing */
    nn_layer_set_trainable(m->layer[1], false);
    penalty = 0.1 * sum(m, 0, true) + 0.05 * sum(m, 1, false);
    assert_true(fabs(nn_model_penalty(m) - penalty) < 1e-6);
    must(nn_fit(m, &d, &(struct nn_fit_options){.epochs = 1, .batch_size = 20}, &e));
    assert_true(fabs(m->history->loss[0] - plain - penalty) < 1e-5);
    nn_tensor_release(x);
    nn_tensor_release(y);
    nn_model_free(m);
}

/* One step of plain descent moves every weight by rate times the gradient: that of the
 * reported loss by central differences. */
static void the_step_follows_its_gradient(void **state) {
    (void)state;
    struct nn_model *m = network(), *twin = network();
    struct nn_tensor *x = normal(16, 3, 1), *y = normal(16, 1, 2);
    struct nn_fit_data d = {.x = x, .y = y};
    compile(m, 1e-2);
    compile(twin, 1e-30);
    must(nn_fit(m, &d, &(struct nn_fit_options){.epochs = 1, .batch_size = 16}, &e));
    for (int i = 0; i < nn_model_count(m); i++) {
        struct nn_tensor *w = nn_model_param(twin, i, NULL)->value;
        const struct nn_tensor *after = nn_model_param(m, i, NULL)->value;
        for (size_t k = 0; k < w->n; k++) {
            struct nn_scores up, down;
            double was = nn_tensor_get(w, k), h = 1e-2;
            nn_tensor_set(w, k, was + h);
            must(nn_model_evaluate(&up, twin, x, y, 0, &e));
            nn_tensor_set(w, k, was - h);
            must(nn_model_evaluate(&down, twin, x, y, 0, &e));
            nn_tensor_set(w, k, was);
            double slope = (up.loss - down.loss) / (2 * h);
            double moved = (was - nn_tensor_get(after, k)) / 1e-2;
            if (fabs(was) > h && fabs(slope - moved) > 2e-4 * (1 + fabs(slope)))
                fail_msg("%s[%zu]: %g y %g", nn_model_param(m, i, NULL)->name, k, slope,
                         moved);
        }
    }
    nn_tensor_release(x);
    nn_tensor_release(y);
    nn_model_free(m);
    nn_model_free(twin);
}

/* Without data that pulls, descent on l2 shrinks a weight by 1 - 2 rate l2 a step. */
static void decay_has_its_closed_form(void **state) {
    (void)state;
    struct nn_model *m;
    must(nn_model_new(&m, &e));
    nn_model_set_seed(m, 1);
    must(nn_model_add(m, dense(1, "l2(0.25)", "l1(0.5)"), &e));
    must(nn_model_build(m, 1, S(2), &e));
    compile(m, 0.1);
    struct nn_tensor *x, *y;
    must(nn_tensor_new(&x, NN_F32, 2, S(4, 2), &e)); /* zeros: only the bias matters */
    must(nn_tensor_new(&y, NN_F32, 2, S(4, 1), &e));
    double w = nn_tensor_get(nn_model_param(m, 0, NULL)->value, 0), b = -0.5;
    struct nn_fit_data d = {.x = x, .y = y};
    must(nn_fit(m, &d, &(struct nn_fit_options){.epochs = 3, .batch_size = 4}, &e));
    for (int i = 0; i < 3; i++)
        b -= 0.1 * (2 * b + 0.5 * (b > 0 ? 1 : -1));
    assert_true(fabs(nn_tensor_get(nn_model_param(m, 0, NULL)->value, 0) -
                     w * pow(0.95, 3)) < 1e-6);
    assert_true(fabs(nn_tensor_get(nn_model_param(m, 1, NULL)->value, 0) - b) < 1e-6);
    nn_tensor_release(x);
    nn_tensor_release(y);
    nn_model_free(m);
}

static void spellings(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"l1", "l1(0.01)"},
        {"l2", "l2(0.01)"},
        {"L2", "l2(0.01)"},
        {"l1_l2", "l1_l2(0.01,0.01)"},
        {"L1L2(0.1)", "l1(0.1)"},
        {"l1_l2(0,0.2)", "l2(0.2)"},
        {"l1l2(0.1,0.2)", "l1_l2(0.1,0.2)"},
        {"l2(1e-05)", "l2(1e-05)"},
        {"l2(0)", "l2(0)"},
    };
    char text[NN_OPTION_TEXT];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        must(nn_regularizer_check(text, rows[i][0], &e));
        assert_string_equal(text, rows[i][1]);
    }
    says(nn_regularizer_check(text, "l3", &e), ERR_NOTFOUND, "«l3»");
    says(nn_regularizer_check(text, "l2(0.1,0.2)", &e), ERR_NOTFOUND, "l2(0.1,0.2)");
    says(nn_regularizer_check(text, "l2(-1)", &e), ERR_RANGE, "-1");
    says(nn_regularizer_check(text, "l1_l2(1,1e9)", &e), ERR_RANGE, "1e+09");
    struct nn_layer *l;
    must(nn_layer_new(&l, "SeparableConv2D", &e));
    struct nn_rng r;
    nn_rng_seed(&r, 1);
    must(nn_options_set_number(&l->options, "filters", 2, &e));
    must(nn_options_set_number(&l->options, "kernel_size", 2, &e));
    must(nn_options_set_text(&l->options, "depthwise_regularizer", "l1", &e));
    must(nn_options_set_text(&l->options, "pointwise_regularizer", "l2(0.5)", &e));
    must(nn_layer_build(l, 3, S(4, 4, 2), &r, &e));
    assert_true(l->param[0].penalty.l1 == 0.01 && l->param[1].penalty.l2 == 0.5);
    nn_layer_free(l);
    must(nn_layer_new(&l, "DepthwiseConv2D", &e));
    must(nn_options_set_number(&l->options, "kernel_size", 2, &e));
    must(nn_options_set_text(&l->options, "depthwise_regularizer", "l2", &e));
    must(nn_layer_build(l, 3, S(4, 4, 2), &r, &e));
    assert_true(l->param[0].penalty.l2 == 0.01 && l->param[1].penalty.l2 == 0);
    nn_layer_free(l);
}

static void saved_and_the_same_on_any_number_of_threads(void **state) {
    (void)state;
    char path[] = "/tmp/nabla_regularizer_XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    struct nn_tensor *x = normal(40, 3, 1), *y = normal(40, 1, 2);
    struct nn_fit_data d = {.x = x, .y = y};
    struct nn_fit_options o = {.epochs = 2};
    double loss[3];
    for (int threads = 1; threads <= 2; threads++) {
        struct nn_model *m = network(), *back;
        nn_pool_set_threads(threads);
        compile(m, 0.05);
        must(nn_fit(m, &d, &o, &e));
        must(nn_model_save(m, path, &e));
        must(nn_fit(m, &d, &o, &e));
        loss[threads] = m->history->loss[1];
        must(nn_model_load(&back, path, &e));
        must(nn_fit(back, &d, &o, &e));
        assert_true(back->history->loss[back->history->n - 1] == loss[threads]);
        nn_model_free(m);
        nn_model_free(back);
    }
    assert_true(loss[1] == loss[2]);
    nn_tensor_release(x);
    nn_tensor_release(y);
    unlink(path);
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    struct nn_model *m = network();
    for (long k = 0;; k++) {
        struct nn_var *loss;
        must(nn_var_scalar(&loss, 0, &e));
        loss->requires_grad = false;
        struct nn_tensor *f32;
        must(nn_tensor_cast(&f32, loss->value, NN_F32, &e));
        nn_var_release(loss);
        must(nn_var_new(&loss, f32, &e));
        nn_tensor_release(f32);
        fail_alloc_after(k);
        int rc = nn_model_penalise(m, &loss, &e);
        bool failed = fail_alloc_stop();
        if (rc == 0)
            assert_true(fabs(nn_tensor_get(loss->value, 0) - closed_form(m)) < 1e-5);
        nn_var_release(loss);
        if (!failed) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(rc, ERR_NOMEM);
    }
    nn_model_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loss_contains_the_penalty),
        cmocka_unit_test(the_step_follows_its_gradient),
        cmocka_unit_test(decay_has_its_closed_form),
        cmocka_unit_test(spellings),
        cmocka_unit_test(saved_and_the_same_on_any_number_of_threads),
        cmocka_unit_test(short_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
