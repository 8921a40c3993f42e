/* test_plan.c: a plan computes what the eager graph computes, fuses what can be fused and
 * leaves out what nobody asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "../fail_alloc.h"
#include "nn/plan.h"
#include "nn/rng.h"
#include "nn/vec.h"

static struct err e;

#define S(...) ((size_t[]){__VA_ARGS__})

static void must(int rc) {
    if (rc < 0)
        fail_msg("%s", e.msg);
}

static struct nn_tensor *numbers(uint64_t seed, int ndim, const size_t *shape) {
    struct nn_tensor *t;
    struct nn_rng r;
    must(nn_tensor_new(&t, NN_F32, ndim, shape, &e));
    nn_rng_seed(&r, seed);
    nn_rng_fill_normal(&r, t, 0, 0.5);
    return t;
}

static struct nn_var *param(uint64_t seed, int ndim, const size_t *shape) {
    struct nn_tensor *t = numbers(seed, ndim, shape);
    struct nn_var *v;
    must(nn_var_new(&v, t, &e));
    must(nn_var_set_requires_grad(v, true, &e));
    nn_tensor_release(t);
    return v;
}

/* Two dense layers, the input flattened first, and the mean squared error. */
struct network {
    struct nn_var *w1, *b1, *w2, *b2;
};

static struct network network(void) {
    return (struct network){param(1, 2, S(6, 5)), param(2, 1, S(5)), param(3, 2, S(5, 3)),
                            param(4, 1, S(3))};
}

static void network_release(struct network *n) {
    nn_var_release(n->w1);
    nn_var_release(n->b1);
    nn_var_release(n->w2);
    nn_var_release(n->b2);
}

/* Takes over its argument. */
static struct nn_var *then(const char *op, struct nn_var *a, struct nn_var *b) {
    struct nn_var *y;
    must(nn_apply(&y, op, NULL, a, b, &e));
    nn_var_release(a);
    return y;
}

static struct nn_var *forward(const struct network *n, struct nn_var *x,
                              const char *activation) {
    struct nn_attrs flat = {.ndim = 2, .shape = {x->shape[0], 6}};
    struct nn_var *y;
    must(nn_apply(&y, "reshape", &flat, x, NULL, &e));
    y = then(activation, then("add", then("matmul", y, n->w1), n->b1), NULL);
    return then("add", then("matmul", y, n->w2), n->b2);
}

static void same(const struct nn_tensor *a, const struct nn_tensor *b) {
    assert_true(nn_tensor_same_shape(a, b));
    for (size_t i = 0; i < a->n; i++)
        assert_true(fabs(nn_tensor_get(a, i) - nn_tensor_get(b, i)) < 1e-6);
}

static struct nn_plan *plan_of(const struct network *n, const char *activation,
                               struct nn_var **x_out, struct nn_var **out) {
    struct nn_var *in[2], *y, *loss;
    struct nn_plan *p;
    must(nn_var_deferred(&in[0], NN_F32, 3, S(4, 2, 3), &e));
    must(nn_var_deferred(&in[1], NN_F32, 2, S(4, 3), &e));
    y = forward(n, in[0], activation);
    assert_null(y->value);
    must(nn_apply(&loss, "mse", NULL, y, in[1], &e));
    must(nn_plan_new(&p, loss, 2, in, 1, &y, NN_PLAN_TRAIN, &e));
    nn_var_release(loss);
    nn_var_release(in[1]);
    *x_out = in[0];
    *out = y;
    return p;
}

static void agrees_with(const char *activation) {
    struct network n = network();
    struct nn_var *dx, *dy;
    struct nn_plan *p = plan_of(&n, activation, &dx, &dy);
    for (uint64_t batch = 0; batch < 3; batch++) {
        struct nn_tensor *x = numbers(10 + batch, 3, S(4, 2, 3)),
                         *t = numbers(20 + batch, 2, S(4, 3)), *g[4];
        struct nn_var *vx, *vt, *y, *loss, *w[] = {n.w1, n.b1, n.w2, n.b2};
        must(nn_plan_bind(p, 0, x, &e));
        must(nn_plan_bind(p, 1, t, &e));
        nn_plan_forward(p);
        nn_plan_backward(p);
        must(nn_var_new(&vx, x, &e));
        must(nn_var_new(&vt, t, &e));
        y = forward(&n, vx, activation);
        must(nn_apply(&loss, "mse", NULL, y, vt, &e));
        must(nn_var_gradients(g, loss, 4, w, false, &e));
        same(nn_plan_root(p), loss->value);
        same(nn_plan_kept(p, 0), y->value);
        for (int i = 0; i < 4; i++) {
            same(w[i]->grad, g[i]);
            nn_tensor_release(g[i]);
        }
        nn_var_release(vx);
        nn_var_release(vt);
        nn_var_release(y);
        nn_var_release(loss);
        nn_tensor_release(x);
        nn_tensor_release(t);
    }
    nn_plan_free(p);
    nn_var_release(dx);
    nn_var_release(dy);
    network_release(&n);
}

static void it_agrees_with_eager(void **state) {
    (void)state;
    agrees_with("relu");
    agrees_with("tanh");
    agrees_with("sigmoid");
    agrees_with("softplus"); /* cannot be fused */
}

static void layers_become_one_step(void **state) {
    (void)state;
    struct network n = network();
    struct nn_var *x, *y;
    struct nn_plan *p = plan_of(&n, "relu", &x, &y);
    static const char *const steps[] = {"reshape", "linear", "linear", "mse"};
    assert_int_equal(nn_plan_get_info(p).steps, 4);
    assert_int_equal(nn_plan_get_info(p).fused, 3);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(nn_plan_step_name(p, i), steps[i]);
    assert_null(nn_plan_step_name(p, 4));
    /* values: two layers and the loss; gradients: the same. None for x or its view. */
    assert_int_equal(nn_plan_get_info(p).buffers, 6);
    nn_plan_free(p);
    nn_var_release(x);
    nn_var_release(y);
    network_release(&n);
}

/* x x' + relu(x x'): the product is read twice, so it stays. */
static void what_others_read_is_not_fused(void **state) {
    (void)state;
    struct nn_var *x, *w = param(1, 2, S(3, 3)), *z, *r, *y, *loss;
    struct nn_plan *p;
    must(nn_var_deferred(&x, NN_F32, 2, S(2, 3), &e));
    must(nn_apply(&z, "matmul", NULL, x, w, &e));
    must(nn_apply(&r, "relu", NULL, z, NULL, &e));
    must(nn_apply(&y, "add", NULL, z, r, &e));
    must(nn_apply(&loss, "sum", NULL, y, NULL, &e));
    must(nn_plan_new(&p, loss, 1, &x, 0, NULL, NN_PLAN_TRAIN, &e));
    assert_int_equal(nn_plan_get_info(p).fused, 0);
    struct nn_tensor *t = numbers(5, 2, S(2, 3)), *g;
    must(nn_plan_bind(p, 0, t, &e));
    nn_plan_forward(p);
    nn_plan_backward(p);
    struct nn_var *v, *vz, *vr, *vy, *vl;
    must(nn_var_new(&v, t, &e));
    must(nn_apply(&vz, "matmul", NULL, v, w, &e));
    must(nn_apply(&vr, "relu", NULL, vz, NULL, &e));
    must(nn_apply(&vy, "add", NULL, vz, vr, &e));
    must(nn_apply(&vl, "sum", NULL, vy, NULL, &e));
    must(nn_var_gradients(&g, vl, 1, &w, false, &e));
    same(w->grad, g);
    struct nn_var *all[] = {x, w, z, r, y, loss, v, vz, vr, vy, vl};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        nn_var_release(all[i]);
    nn_tensor_release(t);
    nn_tensor_release(g);
    nn_plan_free(p);
}

static void misuse_is_a_sentence(void **state) {
    (void)state;
    struct network n = network();
    struct nn_var *x, *y, *free_one, *sum;
    struct nn_plan *p = plan_of(&n, "relu", &x, &y), *none;
    struct nn_tensor *t = numbers(1, 2, S(4, 6));
    assert_int_equal(nn_plan_bind(p, 0, t, &e), ERR_SHAPE);
    assert_non_null(strstr(e.msg, "(4, 2, 3)"));
    assert_non_null(strstr(e.msg, "(4, 6)"));
    must(nn_var_deferred(&free_one, NN_F32, 2, S(4, 3), &e));
    must(nn_apply(&sum, "mse", NULL, y, free_one, &e));
    assert_int_equal(nn_plan_new(&none, sum, 1, &x, 0, NULL, NN_PLAN_TRAIN, &e), ERR_ARG);
    assert_null(none);
    assert_int_equal(nn_plan_new(&none, y, 1, &x, 0, NULL, NN_PLAN_TRAIN, &e), ERR_ARG);
    nn_tensor_release(t);
    nn_plan_free(p);
    nn_var_release(free_one);
    nn_var_release(sum);
    nn_var_release(x);
    nn_var_release(y);
    network_release(&n);
}

/* A value kept beside the loss, as a metric wants it, costs no backward step. */
static void what_is_kept_gets_no_gradient(void **state) {
    (void)state;
    struct nn_var *x, *w = param(1, 2, S(3, 3)), *z, *soft, *loss;
    struct nn_plan *p;
    must(nn_var_deferred(&x, NN_F32, 2, S(2, 3), &e));
    must(nn_apply(&z, "matmul", NULL, x, w, &e));
    must(nn_apply(&soft, "softmax", NULL, z, NULL, &e));
    must(nn_apply(&loss, "sum", NULL, z, NULL, &e));
    must(nn_plan_new(&p, loss, 1, &x, 1, &soft, NN_PLAN_TRAIN, &e));
    assert_int_equal(nn_plan_get_info(p).steps, 3);
    assert_int_equal(nn_plan_get_info(p).buffers, 3 + 2);
    struct nn_var *all[] = {x, w, z, soft, loss};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        nn_var_release(all[i]);
    nn_plan_free(p);
}

/* A gradient dropped by zero_grad comes back with the next pass. */
static void leaves_get_their_gradient_back(void **state) {
    (void)state;
    struct network n = network();
    struct nn_var *x, *y;
    struct nn_plan *p = plan_of(&n, "relu", &x, &y);
    struct nn_tensor *tx = numbers(1, 3, S(4, 2, 3)), *ty = numbers(2, 2, S(4, 3));
    must(nn_plan_bind(p, 0, tx, &e));
    must(nn_plan_bind(p, 1, ty, &e));
    nn_plan_forward(p);
    nn_plan_backward(p);
    double before = nn_tensor_get(n.w1->grad, 3);
    nn_var_zero_grad(n.w1);
    nn_plan_forward(p);
    nn_plan_backward(p);
    assert_true(nn_tensor_get(n.w1->grad, 3) == before);
    nn_plan_free(p);
    assert_true(nn_tensor_get(n.w1->grad, 3) == before);
    nn_tensor_release(tx);
    nn_tensor_release(ty);
    nn_var_release(x);
    nn_var_release(y);
    network_release(&n);
}

static void plain_step(struct nn_var *w) {
    struct nn_sgd how = {.learning_rate = 0.1};
    if (w->grad)
        nn_vec_sgd(NN_F32, w->value->data, w->grad->data, NULL, &how, w->value->n);
}

/* Weights that the products moved themselves are where SGD would have put them. */
static void descending_is_backward_and_a_step(void **state) {
    (void)state;
    struct network n[2] = {network(), network()};
    struct nn_tensor *tx = numbers(1, 3, S(4, 2, 3)), *ty = numbers(2, 2, S(4, 3));
    for (int i = 0; i < 2; i++) {
        struct nn_var *x, *y, *w[] = {n[i].w1, n[i].b1, n[i].w2, n[i].b2};
        struct nn_plan *p = plan_of(&n[i], "relu", &x, &y);
        must(nn_plan_bind(p, 0, tx, &e));
        must(nn_plan_bind(p, 1, ty, &e));
        for (int step = 0; step < 3; step++) {
            nn_plan_forward(p);
            if (i == 0)
                nn_plan_backward(p);
            else
                nn_plan_descend(p, 0.1);
            assert_true(!w[0]->grad == (i == 1) && !w[2]->grad == (i == 1));
            for (int k = 0; k < 4; k++)
                plain_step(w[k]);
        }
        nn_plan_free(p);
        nn_var_release(x);
        nn_var_release(y);
    }
    assert_memory_equal(n[0].w1->value->data, n[1].w1->value->data,
                        4 * n[0].w1->value->n);
    assert_memory_equal(n[0].b1->value->data, n[1].b1->value->data,
                        4 * n[0].b1->value->n);
    assert_memory_equal(n[0].w2->value->data, n[1].w2->value->data,
                        4 * n[0].w2->value->n);
    network_release(&n[0]);
    network_release(&n[1]);
    nn_tensor_release(tx);
    nn_tensor_release(ty);
}

/* Weights that something else reads too (a penalty) wait for the whole gradient. */
static void what_others_read_is_not_moved(void **state) {
    (void)state;
    struct nn_var *x, *w = param(1, 2, S(3, 3)), *b = param(2, 1, S(3)), *y, *s, *r,
                      *loss;
    struct nn_plan *p;
    must(nn_var_deferred(&x, NN_F32, 2, S(2, 3), &e));
    must(nn_apply(&y, "matmul", NULL, x, w, &e));
    y = then("add", y, b);
    must(nn_apply(&s, "sum", NULL, y, NULL, &e));
    must(nn_apply(&r, "sum", NULL, w, NULL, &e));
    must(nn_apply(&loss, "add", NULL, s, r, &e));
    must(nn_plan_new(&p, loss, 1, &x, 0, NULL, NN_PLAN_TRAIN, &e));
    struct nn_tensor *t = numbers(5, 2, S(2, 3));
    must(nn_plan_bind(p, 0, t, &e));
    double before = nn_tensor_get(w->value, 0);
    nn_plan_forward(p);
    nn_plan_descend(p, 0.5);
    double sum = nn_tensor_get(t, 0) + nn_tensor_get(t, 3);
    assert_true(nn_tensor_get(w->value, 0) == before);
    assert_true(fabs(nn_tensor_get(w->grad, 0) - (sum + 1)) < 1e-6);
    struct nn_var *all[] = {x, w, b, y, s, r, loss};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        nn_var_release(all[i]);
    nn_tensor_release(t);
    nn_plan_free(p);
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    struct network n = network();
    struct nn_var *in[2], *y, *loss;
    must(nn_var_deferred(&in[0], NN_F32, 3, S(4, 2, 3), &e));
    must(nn_var_deferred(&in[1], NN_F32, 2, S(4, 3), &e));
    y = forward(&n, in[0], "relu");
    must(nn_apply(&loss, "mse", NULL, y, in[1], &e));
    for (long k = 0;; k++) {
        struct nn_plan *p;
        fail_alloc_after(k);
        int rc = nn_plan_new(&p, loss, 2, in, 1, &y, NN_PLAN_TRAIN, &e);
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
    nn_var_release(y);
    nn_var_release(loss);
    network_release(&n);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_agrees_with_eager),
        cmocka_unit_test(layers_become_one_step),
        cmocka_unit_test(what_others_read_is_not_fused),
        cmocka_unit_test(what_is_kept_gets_no_gradient),
        cmocka_unit_test(misuse_is_a_sentence),
        cmocka_unit_test(leaves_get_their_gradient_back),
        cmocka_unit_test(descending_is_backward_and_a_step),
        cmocka_unit_test(what_others_read_is_not_moved),
        cmocka_unit_test(short_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
