/* test_fault.c: each mistake in a gradient written by hand is named, from a graph of two
 * layers; right ones are left alone, misuse and short memory are errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "../fail_alloc.h"

#include "nn/fault.h"
#include "nn/rng.h"

#define N      5
#define S(...) ((size_t[]){__VA_ARGS__})

static struct err e;

static void must(int rc) {
    if (rc < 0)
        fail_msg("%s", e.msg);
}

/* mean((f(x W + b) v - y)^2), W (3, 4), v (4, 1) */
struct net {
    struct nn_var *x, *w, *b, *v, *y, *z, *a, *loss;
    struct nn_tensor *g[3]; /* of w, b, v */
};

static struct nn_var *leaf(enum nn_dtype d, int ndim, const size_t *shape, uint64_t seed,
                           const char *name) {
    struct nn_tensor *t;
    struct nn_var *v;
    struct nn_rng r;
    must(nn_tensor_new(&t, d, ndim, shape, &e));
    nn_rng_seed(&r, seed);
    nn_rng_fill_uniform(&r, t, -1, 1);
    must(nn_var_new(&v, t, &e));
    nn_tensor_release(t);
    if (name) {
        must(nn_var_set_name(v, name, &e));
        must(nn_var_set_requires_grad(v, true, &e));
    }
    return v;
}

static void apply(struct nn_var **out, const char *op, struct nn_var *a,
                  struct nn_var *b) {
    must(nn_apply(out, op, NULL, a, b, &e));
}

static void build(struct net *n, const char *activation, enum nn_dtype d) {
    struct nn_var *p, *q, *o, *s;
    *n = (struct net){.x = leaf(d, 2, S(N, 3), 1, NULL),
                      .w = leaf(d, 2, S(3, 4), 2, "w"),
                      .b = leaf(d, 1, S(4), 3, "b"),
                      .v = leaf(d, 2, S(4, 1), 4, "v"),
                      .y = leaf(d, 2, S(N, 1), 5, NULL)};
    apply(&p, "matmul", n->x, n->w);
    apply(&n->z, "add", p, n->b);
    apply(&n->a, activation, n->z, NULL);
    apply(&q, "matmul", n->a, n->v);
    apply(&o, "sub", q, n->y);
    apply(&s, "square", o, NULL);
    apply(&n->loss, "mean", s, NULL);
    must(nn_var_gradients(n->g, n->loss, 3, (struct nn_var *[]){n->w, n->b, n->v}, true,
                          &e));
    nn_var_release(p);
    nn_var_release(q);
    nn_var_release(o);
    nn_var_release(s);
}

static void drop(struct net *n) {
    struct nn_var *all[] = {n->x, n->w, n->b, n->v, n->y, n->z, n->a, n->loss};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        nn_var_release(all[i]);
    for (int i = 0; i < 3; i++)
        nn_tensor_release(n->g[i]);
}

static void diagnose(struct nn_finding d[3], struct net *n) {
    must(nn_fault_find(d, 3, n->loss, (struct nn_var *[]){n->w, n->b, n->v}, n->g, &e));
}

static void times(struct nn_tensor *t, double k) {
    for (size_t i = 0; i < t->n; i++)
        nn_tensor_set(t, i, k * nn_tensor_get(t, i));
}

static void right_ones_are_left_alone(void **state) {
    (void)state;
    static const char *const activations[] = {"sigmoid", "tanh", "relu", "gelu"};
    for (size_t i = 0; i < ARRAY_LEN(activations); i++) {
        struct net n;
        struct nn_finding d[3];
        build(&n, activations[i], i % 2 ? NN_F32 : NN_F64);
        diagnose(d, &n);
        for (int p = 0; p < 3; p++)
            assert_int_equal(d[p].fault, NN_FAULT_NONE);
        assert_null(n.w->grad);
        must(nn_var_backward(n.loss, NULL, false, &e)); /* the graph is still fresh */
        drop(&n);
    }
}

static void multiples(void **state) {
    (void)state;
    static const struct {
        double k;
        enum nn_fault fault;
        bool sign;
        size_t n;
    } rows[] = {
        {-1, NN_FAULT_SIGN, false, 0},    {N, NN_FAULT_MEAN, false, N},
        {-N, NN_FAULT_MEAN, true, N},     {1.0 / N, NN_FAULT_MEAN_TWICE, false, N},
        {2, NN_FAULT_FACTOR, false, 0},   {0.5, NN_FAULT_FACTOR, false, 0},
        {3.7, NN_FAULT_FACTOR, false, 0}, {-2, NN_FAULT_FACTOR, true, 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct net n;
        struct nn_finding d[3];
        build(&n, "sigmoid", NN_F64);
        times(n.g[0], rows[i].k);
        diagnose(d, &n);
        assert_int_equal(d[0].fault, rows[i].fault);
        assert_int_equal(d[0].sign, rows[i].sign);
        assert_int_equal(d[0].n, rows[i].n);
        assert_int_equal(d[1].fault, NN_FAULT_NONE);
        drop(&n);
    }
}

/* delta (N, 4) at z, with the factors that are asked for. */
static struct nn_tensor *delta(const struct net *n, bool slope, bool weights, bool at_y) {
    struct nn_tensor *t;
    must(nn_tensor_new(&t, NN_F64, 2, S(N, 4), &e));
    for (size_t i = 0; i < N; i++) {
        double out = 0;
        for (size_t j = 0; j < 4; j++)
            out += nn_tensor_get(n->a->value, i * 4 + j) * nn_tensor_get(n->v->value, j);
        double top = 2 * (out - nn_tensor_get(n->y->value, i)) / N;
        for (size_t j = 0; j < 4; j++) {
            double a = nn_tensor_get(n->a->value, i * 4 + j);
            if (at_y)
                a = 1 / (1 + exp(-a));
            nn_tensor_set(t, i * 4 + j,
                          top * (slope ? a * (1 - a) : 1) *
                              (weights ? nn_tensor_get(n->v->value, j) : 1));
        }
    }
    return t;
}

/* g of w and b from delta. */
static void use_delta(struct net *n, struct nn_tensor *d) {
    for (size_t j = 0; j < 4; j++) {
        double sum = 0;
        for (size_t i = 0; i < N; i++)
            sum += nn_tensor_get(d, i * 4 + j);
        nn_tensor_set(n->g[1], j, sum);
        for (size_t k = 0; k < 3; k++) {
            double dot = 0;
            for (size_t i = 0; i < N; i++)
                dot +=
                    nn_tensor_get(n->x->value, i * 3 + k) * nn_tensor_get(d, i * 4 + j);
            nn_tensor_set(n->g[0], k * 4 + j, dot);
        }
    }
}

static void a_factor_of_the_chain(void **state) {
    (void)state;
    static const struct {
        bool slope, weights, at_y;
        enum nn_fault fault;
        const char *op;
    } rows[] = {{true, true, false, NN_FAULT_NONE, NULL},
                {false, true, false, NN_FAULT_SLOPE, "sigmoid"},
                {true, false, false, NN_FAULT_WEIGHT, "matmul"},
                {true, true, true, NN_FAULT_SLOPE_AT_Y, "sigmoid"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct net n;
        struct nn_finding d[3];
        build(&n, "sigmoid", NN_F64);
        struct nn_tensor *t = delta(&n, rows[i].slope, rows[i].weights, rows[i].at_y);
        use_delta(&n, t);
        diagnose(d, &n);
        for (int p = 0; p < 2; p++) {
            assert_int_equal(d[p].fault, rows[i].fault);
            if (rows[i].op)
                assert_string_equal(d[p].op->name, rows[i].op);
        }
        if (rows[i].fault == NN_FAULT_WEIGHT)
            assert_string_equal(d[0].name, "v");
        assert_int_equal(d[2].fault, NN_FAULT_NONE);
        nn_tensor_release(t);
        drop(&n);
    }
}

static void replace(struct net *n, int p, struct nn_tensor *t) {
    nn_tensor_release(n->g[p]);
    n->g[p] = t;
}

static void shapes_tell(void **state) {
    (void)state;
    struct net n;
    struct nn_finding d[3];
    build(&n, "sigmoid", NN_F64);
    replace(&n, 0, delta(&n, true, true, false));
    replace(&n, 1, delta(&n, true, true, false));
    diagnose(d, &n);
    assert_int_equal(d[0].fault, NN_FAULT_INPUT); /* dL/dz in place of x' dL/dz */
    assert_int_equal(d[1].fault, NN_FAULT_NOT_SUMMED);
    assert_int_equal(d[1].n, N);
    struct nn_tensor *t;
    must(nn_tensor_new(&t, NN_F64, 2, S(2, 2), &e));
    replace(&n, 1, t);
    replace(&n, 0, NULL);
    diagnose(d, &n);
    assert_int_equal(d[0].fault, NN_FAULT_NONE); /* not asked */
    assert_int_equal(d[1].fault, NN_FAULT_SHAPE);
    drop(&n);
}

static void transposed(void **state) {
    (void)state;
    struct net n;
    struct nn_finding d[3];
    struct nn_tensor *t;
    build(&n, "tanh", NN_F64);
    must(nn_tensor_new(&t, NN_F64, 2, S(4, 3), &e));
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 3; j++)
            nn_tensor_set(t, i * 3 + j, -N * nn_tensor_get(n.g[0], j * 4 + i));
    replace(&n, 0, t);
    diagnose(d, &n);
    assert_int_equal(d[0].fault, NN_FAULT_TRANSPOSED);
    assert_true(d[0].sign && fabs(d[0].factor - N) < 1e-3);
    drop(&n);
}

static void noise_is_unknown(void **state) {
    (void)state;
    struct net n;
    struct nn_finding d[3];
    build(&n, "sigmoid", NN_F64);
    nn_tensor_set(n.g[0], 5, 7);
    nn_tensor_fill(n.g[2], 0);
    diagnose(d, &n);
    assert_int_equal(d[0].fault, NN_FAULT_UNKNOWN);
    assert_int_equal(d[2].fault, NN_FAULT_UNKNOWN);
    drop(&n);
}

static void misuse(void **state) {
    (void)state;
    struct net n, other;
    struct nn_finding d[NN_FAULT_PARAMS + 1];
    struct nn_var *many[NN_FAULT_PARAMS + 1];
    build(&n, "sigmoid", NN_F64);
    build(&other, "sigmoid", NN_F64);
    assert_int_equal(nn_fault_find(d, 1, n.loss, &other.w, n.g, &e), ERR_ARG);
    assert_non_null(strstr(e.msg, "«w»"));
    for (int i = 0; i <= NN_FAULT_PARAMS; i++)
        many[i] = n.w;
    assert_int_equal(nn_fault_find(d, NN_FAULT_PARAMS + 1, n.loss, many, n.g, &e),
                     ERR_RANGE);
    drop(&n);
    drop(&other);
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    struct net n;
    struct nn_finding d[3];
    if (!fail_alloc_supported())
        return;
    build(&n, "sigmoid", NN_F64);
    times(n.g[0], 4.5);
    for (long k = 0;; k++) {
        err_clear(&e);
        fail_alloc_after(k);
        int rc = nn_fault_find(d, 3, n.loss, (struct nn_var *[]){n.w, n.b, n.v}, n.g, &e);
        if (!fail_alloc_stop()) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(rc, ERR_NOMEM);
    }
    drop(&n);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_ones_are_left_alone),
        cmocka_unit_test(multiples),
        cmocka_unit_test(a_factor_of_the_chain),
        cmocka_unit_test(shapes_tell),
        cmocka_unit_test(transposed),
        cmocka_unit_test(noise_is_unknown),
        cmocka_unit_test(misuse),
        cmocka_unit_test(short_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
