/* test_tape.c: vars and backpropagation: the numbers of the neuron labs, sharing,
 * accumulation, modes, counters, deep graphs, short memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "../fail_alloc.h"
#include "nn/tape.h"

static struct err e;

static void must(int rc) {
    if (rc < 0)
        fail_msg("%s", e.msg);
}

static struct nn_var *number(double v, const char *name) {
    struct nn_var *x;
    must(nn_var_scalar(&x, v, &e));
    if (name) {
        must(nn_var_set_name(x, name, &e));
        must(nn_var_set_requires_grad(x, true, &e));
    }
    return x;
}

static struct nn_var *op(const char *name, struct nn_var *a, struct nn_var *b) {
    struct nn_var *y;
    must(nn_apply(&y, name, NULL, a, b, &e));
    return y;
}

static double value(const struct nn_var *v) {
    return nn_tensor_get(v->value, 0);
}

static double grad(const struct nn_var *v) {
    assert_non_null(v->grad);
    return nn_tensor_get(v->grad, 0);
}

static void near(double a, double b) {
    if (fabs(a - b) > 5e-7)
        fail_msg("%.9f y %.9f", a, b);
}

/* Layer L-1 (x=1, w=0.4, b=-0.4) feeds layer L (w=0.8, b=0.2); y = 1, C = (yh - y)^2. */
static void the_neuron_of_the_labs(void **state) {
    (void)state;
    struct nn_var *x = number(1, NULL), *w1 = number(0.4, "w1"), *b1 = number(-0.4, "b1"),
                  *w2 = number(0.8, "w2"), *b2 = number(0.2, "b2"), *y = number(1, NULL);
    struct nn_var *p1 = op("mul", w1, x), *z1 = op("add", p1, b1),
                  *a1 = op("sigmoid", z1, NULL), *p2 = op("mul", w2, a1),
                  *z2 = op("add", p2, b2), *yh = op("sigmoid", z2, NULL),
                  *c = op("mse", yh, y);
    near(value(a1), 0.5);
    near(value(z2), 0.6);
    near(value(yh), 0.645656);
    near(value(c), 0.125559);
    must(nn_var_backward(c, NULL, false, &e));
    near(grad(yh), -0.708687);           /* dC/d sigma */
    near(grad(z2) / grad(yh), 0.228784); /* sigma' */
    near(grad(w2), -0.081068);
    near(grad(b2), -0.162137);
    near(grad(a1), -0.129709);
    near(grad(z1), -0.032427);
    near(grad(w1), -0.032427);
    near(grad(b1), -0.032427);
    assert_null(x->grad);
    struct nn_var *all[] = {x, w1, b1, w2, b2, y, p1, z1, a1, p2, z2, yh, c};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        nn_var_release(all[i]);
}

/* L(w) = (w - 3)^2 from w = 0: twenty steps at each learning rate of the lab. */
static void descent_on_the_parabola(void **state) {
    (void)state;
    static const double rate[] = {0.05, 0.5, 0.9, 1.0, 1.05};
    static const double end[] = {2.635, 3, 2.965, 0, -17.18};
    for (size_t k = 0; k < ARRAY_LEN(rate); k++) {
        struct nn_var *w = number(0, "w"), *three = number(3, NULL);
        for (int i = 0; i < 20; i++) {
            struct nn_var *d = op("sub", w, three), *l = op("square", d, NULL);
            must(nn_var_backward(l, NULL, false, &e));
            nn_tensor_set(w->value, 0, value(w) - rate[k] * grad(w));
            nn_var_zero_grad(w);
            nn_var_release(d);
            nn_var_release(l);
        }
        assert_true(fabs(value(w) - end[k]) < 5e-3);
        nn_var_release(w);
        nn_var_release(three);
    }
}

static void gradients_accumulate_until_zeroed(void **state) {
    (void)state;
    struct nn_var *x = number(3, "x");
    for (int i = 1; i <= 2; i++) {
        struct nn_var *y = op("mul", x, x); /* the same input twice */
        must(nn_var_backward(y, NULL, false, &e));
        near(grad(x), 6.0 * i);
        nn_var_release(y);
    }
    nn_var_zero_grad(x);
    assert_null(x->grad);
    nn_var_release(x);
}

static void a_second_backward_needs_keep(void **state) {
    (void)state;
    struct nn_var *x = number(2, "x"), *y = op("exp", x, NULL);
    must(nn_var_backward(y, NULL, true, &e));
    must(nn_var_backward(y, NULL, false, &e));
    near(grad(x), 2 * exp(2));
    near(grad(y), 1); /* a result starts anew */
    assert_int_equal(nn_var_backward(y, NULL, false, &e), ERR_STATE);
    assert_non_null(strstr(e.msg, "keep"));
    near(grad(x), 2 * exp(2));
    nn_var_release(x);
    nn_var_release(y);
}

static void what_cannot_be_walked_says_why(void **state) {
    (void)state;
    struct nn_var *x = number(2, NULL), *y = op("exp", x, NULL), *m;
    assert_null(y->op); /* nobody will ask for a gradient */
    assert_int_equal(nn_var_backward(y, NULL, false, &e), ERR_STATE);
    assert_non_null(strstr(e.msg, "var("));
    struct nn_tensor *t;
    must(nn_tensor_new(&t, NN_F64, 2, (size_t[]){2, 3}, &e));
    must(nn_var_new(&m, t, &e));
    must(nn_var_set_requires_grad(m, true, &e));
    struct nn_var *z = op("square", m, NULL);
    assert_int_equal(nn_var_backward(z, NULL, false, &e), ERR_SHAPE);
    assert_non_null(strstr(e.msg, "(2, 3)"));
    assert_int_equal(nn_var_set_requires_grad(z, false, &e), ERR_STATE);
    nn_tensor_fill(t, 2);
    struct nn_tensor *seed;
    must(nn_tensor_copy(&seed, t, &e));
    must(nn_var_backward(z, seed, false, &e));
    near(nn_tensor_get(m->grad, 5), 8);
    nn_tensor_release(seed);
    nn_tensor_release(t);
    nn_var_release(m);
    nn_var_release(z);
    nn_var_release(x);
    nn_var_release(y);
}

static void no_grad_forgets(void **state) {
    (void)state;
    struct nn_var *x = number(2, "x");
    assert_true(nn_grad_set_enabled(false));
    struct nn_var *y = op("exp", x, NULL);
    assert_false(nn_grad_set_enabled(true));
    assert_true(nn_grad_enabled());
    assert_false(y->requires_grad);
    assert_int_equal(y->n_in, 0);
    struct nn_var *z = op("exp", x, NULL), *d;
    must(nn_var_detach(&d, z, &e));
    assert_false(d->requires_grad);
    nn_var_release(d);
    nn_var_release(x);
    nn_var_release(y);
    nn_var_release(z);
}

static void gradients_without_touching_grad(void **state) {
    (void)state;
    struct nn_var *x = number(2, "x"), *w = number(5, "w"), *other = number(1, "o");
    struct nn_var *h = op("square", x, NULL), *y = op("mul", h, w);
    struct nn_var *of[] = {x, h};
    struct nn_tensor *g[2];
    must(nn_var_gradients(g, y, 2, of, true, &e));
    near(nn_tensor_get(g[0], 0), 20);
    near(nn_tensor_get(g[1], 0), 5);
    assert_null(x->grad);
    nn_tensor_release(g[0]);
    nn_tensor_release(g[1]);
    assert_int_equal(nn_var_gradients(g, y, 1, &other, true, &e), ERR_ARG);
    assert_null(g[0]);
    assert_non_null(strstr(e.msg, "«o»"));
    struct nn_var *all[] = {x, w, other, h, y};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        nn_var_release(all[i]);
}

static void passes_are_counted(void **state) {
    (void)state;
    nn_passes_set((struct nn_passes){0});
    struct nn_var *x = number(2, "x"), *t = number(1, NULL);
    struct nn_var *l = op("mse", x, t), *s = op("square", x, NULL);
    must(nn_var_backward(l, NULL, false, &e));
    must(nn_var_backward(s, NULL, false, &e)); /* a loss made by hand */
    assert_int_equal(nn_passes_get().forward, 2);
    assert_int_equal(nn_passes_get().backward, 2);
    nn_var_release(x);
    nn_var_release(t);
    nn_var_release(l);
    nn_var_release(s);
}

static void graphs_may_be_deep(void **state) {
    (void)state;
    struct nn_var *x = number(0, "x"), *one = number(1, NULL), *y = nn_var_retain(x);
    for (int i = 0; i < 200000; i++) {
        struct nn_var *next = op("add", y, one);
        nn_var_release(y);
        y = next;
    }
    near(value(y), 200000);
    must(nn_var_backward(y, NULL, false, &e));
    near(grad(x), 1);
    nn_var_release(y);
    nn_var_release(x);
    nn_var_release(one);
}

static void a_number_takes_its_neighbours_dtype(void **state) {
    (void)state;
    struct nn_tensor *t;
    struct nn_var *m, *two = number(2, NULL);
    must(nn_tensor_new(&t, NN_F32, 1, (size_t[]){3}, &e));
    must(nn_var_new(&m, t, &e));
    struct nn_var *y = op("mul", m, two);
    assert_int_equal(y->dtype, NN_F32);
    nn_tensor_release(t);
    nn_var_release(m);
    nn_var_release(two);
    nn_var_release(y);
}

/* A small graph and its backward with the allocation number k failing. */
static int attempt(struct nn_var *w) {
    struct nn_var *a = NULL, *b = NULL, *l = NULL;
    int rc = nn_apply(&a, "sigmoid", NULL, w, NULL, &e);
    if (rc == 0)
        rc = nn_apply(&b, "mul", NULL, a, w, &e);
    if (rc == 0)
        rc = nn_apply(&l, "mean", NULL, b, NULL, &e);
    if (rc == 0)
        rc = nn_var_backward(l, NULL, false, &e);
    nn_var_release(a);
    nn_var_release(b);
    nn_var_release(l);
    return rc;
}

static void short_memory_changes_nothing(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    struct nn_var *w = number(0.5, "w");
    for (long k = 0;; k++) {
        fail_alloc_after(k);
        int rc = attempt(w);
        if (!fail_alloc_stop()) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(rc, ERR_NOMEM);
        assert_null(w->grad);
    }
    assert_non_null(w->grad);
    nn_var_release(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_neuron_of_the_labs),
        cmocka_unit_test(descent_on_the_parabola),
        cmocka_unit_test(gradients_accumulate_until_zeroed),
        cmocka_unit_test(a_second_backward_needs_keep),
        cmocka_unit_test(what_cannot_be_walked_says_why),
        cmocka_unit_test(no_grad_forgets),
        cmocka_unit_test(gradients_without_touching_grad),
        cmocka_unit_test(passes_are_counted),
        cmocka_unit_test(graphs_may_be_deep),
        cmocka_unit_test(a_number_takes_its_neighbours_dtype),
        cmocka_unit_test(short_memory_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
