/* test_optim.c: ten steps of every optimizer and the schedules against tables that Keras
 * wrote (tests/numeric/reference/make_optim_steps.py); clipping, refusals, state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "../../numeric/reference/optim_steps.h"
#include "../fail_alloc.h"
#include "nn/optim.h"

#define CLOSE  1e-5 /* Keras computed in float32, 1 - beta_2^t too */
#define S(...) ((size_t[]){__VA_ARGS__})

static struct err e;
static const size_t sizes[2] = {7, 3};

static void must(int rc) {
    if (rc < 0)
        fail_msg("%s", e.msg);
}

struct option {
    const char *name;
    double value;
};

static struct nn_optim *optimizer(const char *type, double rate,
                                  const struct option *more) {
    struct nn_optim *o;
    must(nn_optim_new(&o, type, &e));
    must(nn_options_set_number(&o->options, "learning_rate", rate, &e));
    for (; more && more->name; more++) {
        const struct nn_options *p = &o->options;
        if (p->row[nn_options_index(p, more->name)].kind == NN_OPT_BOOL)
            must(nn_options_set_bool(&o->options, more->name, more->value != 0, &e));
        else
            must(nn_options_set_number(&o->options, more->name, more->value, &e));
    }
    return o;
}

static void start(struct nn_var *w[2], enum nn_dtype d) {
    for (size_t k = 0; k < 2; k++) {
        struct nn_tensor *t;
        must(nn_tensor_new(&t, d, 1, &sizes[k], &e));
        for (size_t i = 0; i < sizes[k]; i++)
            nn_tensor_set(t, i, 0.4 * cos(1.3 * (double)i + (double)k));
        must(nn_var_new(&w[k], t, &e));
        nn_tensor_release(t);
        must(nn_var_set_requires_grad(w[k], true, &e));
        must(nn_tensor_like(&w[k]->grad, w[k]->value, &e));
    }
}

static void set_gradient(struct nn_var *w[2], int step) {
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < sizes[k]; i++) {
            double v = nn_tensor_get(w[k]->value, i);
            nn_tensor_set(w[k]->grad, i,
                          sin(3 * v + 0.7 * (double)i + (double)k) + 0.1 * step * cos(v));
        }
}

static void release(struct nn_var *w[2]) {
    nn_var_release(w[0]);
    nn_var_release(w[1]);
}

static void compare(const double table[10], struct nn_optim *o) {
    for (enum nn_dtype d = NN_F32; d <= NN_F64; d++) {
        struct nn_var *w[2];
        start(w, d);
        must(nn_optim_attach(o, 2, w, &e));
        for (int t = 0; t < 10; t++) {
            set_gradient(w, t);
            must(nn_optim_step(o, &e));
        }
        for (size_t i = 0; i < 10; i++) {
            double got = nn_tensor_get(w[i / 7]->value, i % 7);
            if (!(fabs(got - table[i]) < CLOSE))
                fail_msg("%s: weight %zu is %.9g, Keras has %.9g", o->type->name, i, got,
                         table[i]);
        }
        release(w);
    }
    nn_optim_free(o);
}

#define WITH(...) ((const struct option[]){__VA_ARGS__, {0}})

static void ten_steps_are_those_of_keras(void **state) {
    (void)state;
    compare(steps_sgd, optimizer("SGD", 0.05, NULL));
    compare(steps_sgd_momentum_decay,
            optimizer("SGD", 0.05, WITH({"momentum", 0.9}, {"weight_decay", 0.1})));
    compare(steps_sgd_nesterov,
            optimizer("SGD", 0.05, WITH({"momentum", 0.8}, {"nesterov", 1})));
    compare(steps_adam, optimizer("Adam", 0.02, WITH({"epsilon", 1e-3})));
    compare(steps_adam_amsgrad,
            optimizer("Adam", 0.02,
                      WITH({"beta_2", 0.6}, {"amsgrad", 1}, {"weight_decay", 0.05})));
    compare(steps_adamw, optimizer("AdamW", 0.02, NULL));
    compare(steps_rmsprop, optimizer("RMSprop", 0.01, WITH({"epsilon", 1e-3})));
    compare(steps_rmsprop_momentum_centered,
            optimizer("RMSprop", 0.01,
                      WITH({"rho", 0.8}, {"momentum", 0.5}, {"centered", 1},
                           {"weight_decay", 0.1})));
    compare(steps_adagrad, optimizer("Adagrad", 0.05, WITH({"epsilon", 1e-3})));
}

static void clipping_is_that_of_keras(void **state) {
    (void)state;
    compare(steps_sgd_clipnorm, optimizer("SGD", 0.05, WITH({"clipnorm", 0.7})));
    compare(steps_sgd_global_clipnorm,
            optimizer("SGD", 0.05, WITH({"global_clipnorm", 0.7})));
    compare(steps_sgd_clipvalue, optimizer("SGD", 0.05, WITH({"clipvalue", 0.3})));
}

static struct nn_schedule schedule(const char *type, const struct option *o) {
    struct nn_schedule s;
    must(nn_schedule_init(&s, type, &e));
    for (; o->name; o++)
        if (s.type->row[nn_options_index(&s.options, o->name)].kind == NN_OPT_BOOL)
            must(nn_options_set_bool(&s.options, o->name, o->value != 0, &e));
        else
            must(nn_options_set_number(&s.options, o->name, o->value, &e));
    return s;
}

static void same_rates(const double *table, const struct nn_schedule *s) {
    must(nn_schedule_check(s, &e));
    for (size_t i = 0; i < ARRAY_LEN(rate_at); i++) {
        double got = nn_schedule_rate(s, (uint64_t)rate_at[i]);
        if (!(fabs(got - table[i]) < 1e-7))
            fail_msg("%s: step %g has %.9g, Keras has %.9g", s->type->name, rate_at[i],
                     got, table[i]);
    }
}

#define DECAY                                                                            \
    {"initial_learning_rate", 0.1}, {"decay_steps", 5}, {                                \
        "decay_rate", 0.5                                                                \
    }

static void schedules_are_those_of_keras(void **state) {
    (void)state;
    struct nn_schedule s = schedule("ExponentialDecay", WITH(DECAY));
    same_rates(rate_exponential, &s);
    s = schedule("ExponentialDecay", WITH(DECAY, {"staircase", 1}));
    same_rates(rate_stairs, &s);
    s = schedule("StepDecay", WITH(DECAY));
    same_rates(rate_stairs, &s);
    s = schedule("CosineDecay", WITH({"initial_learning_rate", 0.1}, {"decay_steps", 20},
                                     {"alpha", 0.1}));
    same_rates(rate_cosine, &s);
    s = schedule("CosineDecay",
                 WITH({"initial_learning_rate", 1e-12}, {"decay_steps", 15},
                      {"alpha", 0.1}, {"warmup_target", 0.2}, {"warmup_steps", 5}));
    same_rates(rate_cosine_warmup, &s);
    must(nn_schedule_init(&s, "PiecewiseConstant", &e));
    must(nn_schedule_set_pieces(&s, 2, (double[]){5, 14}, (double[]){0.1, 0.02, 0.003},
                                &e));
    same_rates(rate_piecewise, &s);
}

/* Up to the maximum at the end of pct_start, then down to almost nothing. */
static void one_cycle_has_its_three_corners(void **state) {
    (void)state;
    struct nn_schedule s =
        schedule("OneCycle", WITH({"max_learning_rate", 1}, {"total_steps", 100}));
    assert_true(fabs(nn_schedule_rate(&s, 0) - 1.0 / 25) < 1e-12);
    assert_true(fabs(nn_schedule_rate(&s, 29) - 1) < 1e-12);
    assert_true(fabs(nn_schedule_rate(&s, 99) - 1.0 / 25e4) < 1e-12);
    for (uint64_t t = 1; t < 100; t++)
        assert_true((nn_schedule_rate(&s, t) > nn_schedule_rate(&s, t - 1)) == (t <= 29));
}

static void an_optimizer_follows_its_schedule(void **state) {
    (void)state;
    struct nn_optim *o = optimizer("SGD", 0.1, NULL), *twin;
    struct nn_schedule s =
        schedule("ExponentialDecay", WITH({"initial_learning_rate", 0.1},
                                          {"decay_steps", 4}, {"decay_rate", 0.5}));
    must(nn_optim_set_schedule(o, &s, &e));
    assert_int_equal(nn_optim_set_learning_rate(o, 0.1, &e), ERR_STATE);
    must(nn_optim_new_like(&twin, o, &e));
    compare(steps_sgd_schedule, o);
    compare(steps_sgd_schedule, twin);
}

static void the_rate_can_be_set_and_lasts(void **state) {
    (void)state;
    struct nn_optim *o = optimizer("Adam", 0.1, NULL);
    struct nn_var *w[2];
    start(w, NN_F32);
    must(nn_optim_attach(o, 2, w, &e));
    must(nn_optim_set_learning_rate(o, 0.025, &e));
    must(nn_optim_step(o, &e));
    assert_true(o->learning_rate == 0.025);
    must(nn_optim_attach(o, 2, w, &e));
    assert_true(o->learning_rate == 0.025);
    assert_int_equal(nn_optim_set_learning_rate(o, 0, &e), ERR_RANGE);
    assert_true(o->learning_rate == 0.025);
    nn_optim_free(o);
    release(w);
}

/* SGD alone, with nothing added, is w -= rate grad; the rate is the next step's. */
static void plain_descent_is_known(void **state) {
    (void)state;
    static const char *const more[] = {"momentum", "weight_decay", "clipnorm",
                                       "clipvalue", "global_clipnorm"};
    struct nn_optim *o = optimizer("SGD", 0.25, NULL);
    must(nn_optim_set_learning_rate(o, 0.5, &e));
    assert_true(nn_optim_plain_rate(o) == 0.5);
    for (size_t i = 0; i < ARRAY_LEN(more); i++) {
        must(nn_options_set_number(&o->options, more[i], 0.5, &e));
        assert_true(nn_optim_plain_rate(o) == 0);
        must(nn_options_set_number(&o->options, more[i], 0, &e));
    }
    nn_optim_free(o);
    o = optimizer("Adam", 0.25, NULL);
    assert_true(nn_optim_plain_rate(o) == 0);
    nn_optim_free(o);
}

/* What was saved continues as if nothing was. */
static void state_moves_to_another_optimizer(void **state) {
    (void)state;
    for (int i = 0; nn_optim_type_row(i); i++) {
        struct nn_optim *a = optimizer(nn_optim_type_row(i)->name, 0.05, NULL), *b;
        struct nn_var *wa[2], *wb[2];
        must(nn_optim_new_like(&b, a, &e));
        start(wa, NN_F32);
        start(wb, NN_F32);
        must(nn_optim_attach(a, 2, wa, &e));
        must(nn_optim_attach(b, 2, wb, &e));
        for (int t = 0; t < 6; t++) {
            if (t == 3)
                for (int k = 0; k < 2; k++) {
                    memcpy(wb[k]->value->data, wa[k]->value->data, 4 * sizes[k]);
                    for (int j = 0; nn_optim_state_name(a, j); j++)
                        if (nn_optim_state(a, k, j))
                            memcpy(nn_optim_state(b, k, j)->data,
                                   nn_optim_state(a, k, j)->data, 4 * sizes[k]);
                    nn_optim_resume(b, a->steps, a->learning_rate);
                }
            set_gradient(wa, t);
            must(nn_optim_step(a, &e));
            set_gradient(wb, t);
            if (t >= 3)
                must(nn_optim_step(b, &e));
        }
        for (int k = 0; k < 2; k++)
            assert_memory_equal(wa[k]->value->data, wb[k]->value->data, 4 * sizes[k]);
        nn_optim_free(a);
        nn_optim_free(b);
        release(wa);
        release(wb);
    }
}

/* A velocity that decays ends at 0 and not among the denormals, which are slow. */
static void denormals_are_flushed(void **state) {
    (void)state;
    struct nn_optim *o = optimizer("SGD", 0.1, WITH({"momentum", 0.5}));
    struct nn_var *w[2];
    start(w, NN_F32);
    must(nn_optim_attach(o, 2, w, &e));
    nn_tensor_fill(nn_optim_state(o, 0, 0), 2e-38);
    must(nn_optim_step(o, &e)); /* gradients are 0: 1e-38 would be a denormal */
    for (size_t i = 0; i < sizes[0]; i++)
        assert_true(nn_tensor_f32(nn_optim_state(o, 0, 0))[i] == 0);
    nn_optim_free(o);
    release(w);
}

static void refused(struct nn_optim *o, int code, const char *word) {
    e = (struct err){0};
    assert_int_equal(nn_optim_check(o, &e), code);
    if (code < 0 && !strstr(e.msg, word))
        fail_msg("no «%s» in: %s", word, e.msg);
    nn_optim_free(o);
}

static void bad_options_are_a_sentence(void **state) {
    (void)state;
    struct nn_optim *o = optimizer("RMSprop", 0.1, NULL);
    struct nn_schedule s;
    assert_int_equal(nn_options_set_number(&o->options, "learning_rate", -1, &e),
                     ERR_RANGE);
    assert_int_equal(nn_options_set_number(&o->options, "learning_rate", 0, &e),
                     ERR_RANGE);
    assert_int_equal(nn_options_set_number(&o->options, "rho", 1, &e), ERR_RANGE);
    assert_int_equal(nn_options_set_number(&o->options, "rhoo", 0.5, &e), ERR_NOTFOUND);
    nn_optim_free(o);
    refused(optimizer("SGD", 0.1, WITH({"clipnorm", 1}, {"clipvalue", 1})), ERR_ARG,
            "clipvalue");
    refused(optimizer("Adam", 0.1, WITH({"clipnorm", 1})), 0, "");
    assert_int_equal(nn_schedule_init(&s, "Coseno", &e), ERR_NOTFOUND);
    must(nn_schedule_init(&s, "CosineDecay", &e));
    assert_int_equal(nn_schedule_check(&s, &e), ERR_ARG);
    must(nn_schedule_init(&s, "PiecewiseConstant", &e));
    assert_int_equal(nn_schedule_check(&s, &e), ERR_ARG);
    assert_int_equal(
        nn_schedule_set_pieces(&s, 2, (double[]){5, 5}, (double[]){1, 1, 1}, &e),
        ERR_RANGE);
    assert_int_equal(nn_schedule_set_pieces(&s, 1, (double[]){5}, (double[]){1, 0}, &e),
                     ERR_RANGE);
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    struct nn_var *w[2];
    if (!fail_alloc_supported())
        skip();
    start(w, NN_F32);
    for (long n = 0;; n++) {
        struct nn_optim *o;
        fail_alloc_after(n);
        int rc = nn_optim_new(&o, "Adam", &e);
        if (rc == 0)
            rc = nn_optim_attach(o, 2, w, &e);
        bool failed = fail_alloc_stop();
        nn_optim_free(o);
        assert_int_equal(rc, failed ? ERR_NOMEM : 0);
        if (!failed)
            break;
    }
    release(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_steps_are_those_of_keras),
        cmocka_unit_test(clipping_is_that_of_keras),
        cmocka_unit_test(schedules_are_those_of_keras),
        cmocka_unit_test(one_cycle_has_its_three_corners),
        cmocka_unit_test(an_optimizer_follows_its_schedule),
        cmocka_unit_test(the_rate_can_be_set_and_lasts),
        cmocka_unit_test(plain_descent_is_known),
        cmocka_unit_test(state_moves_to_another_optimizer),
        cmocka_unit_test(denormals_are_flushed),
        cmocka_unit_test(bad_options_are_a_sentence),
        cmocka_unit_test(short_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
