/* test_vec_broadcast.c: operands of different shapes, and the sums that take the gradient
 * back to them, against an index-by-index walk. */
#include "each_isa.h"

#include "nn/vec.h"

struct spread_case {
    int ndim, a_ndim, b_ndim;
    size_t shape[4], a[4], b[4];
};

static const struct spread_case cases[] = {
    {2, 2, 2, {3, 5}, {3, 5}, {3, 5}},
    {2, 2, 1, {3, 17}, {3, 17}, {17}},
    {2, 2, 2, {3, 17}, {3, 17}, {3, 1}},
    {2, 2, 2, {4, 6}, {4, 1}, {1, 6}},
    {2, 0, 2, {4, 6}, {0}, {4, 6}},
    {2, 2, 0, {4, 6}, {4, 6}, {0}},
    {4, 4, 3, {2, 3, 4, 5}, {2, 3, 4, 5}, {3, 1, 5}},
    {4, 4, 4, {2, 3, 4, 5}, {2, 1, 4, 1}, {1, 3, 1, 5}},
    {4, 1, 4, {2, 3, 4, 5}, {5}, {2, 3, 4, 1}},
    {3, 3, 3, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}},
    {0, 0, 0, {0}, {0}, {0}},
    {2, 2, 2, {0, 5}, {0, 5}, {1, 5}},
    {3, 3, 1, {40, 50, 60}, {40, 50, 60}, {60}},
    {3, 3, 3, {40, 50, 60}, {40, 50, 60}, {40, 1, 1}},
};

static size_t product(int ndim, const size_t *shape) {
    size_t n = 1;
    for (int i = 0; i < ndim; i++)
        n *= shape[i];
    return n;
}

/* Where element i of the result lies in an operand. */
static size_t place(size_t i, int ndim, const size_t *shape, int own_ndim,
                    const size_t *own) {
    size_t at = 0, step = 1;
    for (int axis = ndim - 1; axis >= ndim - own_ndim; axis--) {
        size_t n = own[axis - (ndim - own_ndim)], index = i % shape[axis];
        at += (n == 1 ? 0 : index) * step;
        step *= n;
        i /= shape[axis];
    }
    return at;
}

#define EACH_CASE(c)                                                                     \
    for (const struct spread_case *c = cases; c < cases + ARRAY_LEN(cases); c++)

static void broadcast(void **state) {
    (void)state;
    EACH_CASE(c) {
        size_t n = product(c->ndim, c->shape);
        double *a = random_array(NN_F64, product(c->a_ndim, c->a), 1);
        double *b = random_array(NN_F64, product(c->b_ndim, c->b), 2);
        double *out = random_array(NN_F64, n, 3), behind = out[n];
        struct nn_operand left = {a, c->a_ndim, c->a}, right = {b, c->b_ndim, c->b};
        EACH_ISA(isa) {
            assert_true(nn_cpu_select(isa));
            nn_vec_broadcast(NN_SUB, NN_F64, out, c->ndim, c->shape, &left, &right);
            for (size_t i = 0; i < n; i++)
                assert_true(out[i] ==
                            a[place(i, c->ndim, c->shape, c->a_ndim, c->a)] -
                                b[place(i, c->ndim, c->shape, c->b_ndim, c->b)]);
            assert_true(out[n] == behind);
        }
        free(a);
        free(b);
        free(out);
    }
}

static void check_sum_to(const struct spread_case *c, int ndim, const size_t *shape,
                         bool accumulate) {
    size_t n = product(c->ndim, c->shape), kept = product(ndim, shape);
    double *x = random_array(NN_F64, n, 1);
    double *got = random_array(NN_F64, kept, 2), *want = random_array(NN_F64, kept, 2);
    for (size_t i = 0; !accumulate && i < kept; i++)
        want[i] = 0;
    for (size_t i = 0; i < n; i++)
        want[place(i, c->ndim, c->shape, ndim, shape)] += x[i];
    nn_vec_sum_to(NN_F64, got, ndim, shape, accumulate, x, c->ndim, c->shape);
    assert_close(NN_F64, got, want, kept + 1, 1e-12);
    free(x);
    free(got);
    free(want);
}

static void sum_to(void **state) {
    (void)state;
    EACH_CASE(c) {
        for (enum nn_isa isa = NN_ISA_NAIVE; isa < NN_ISA_COUNT; isa++) {
            if (!nn_cpu_select(isa))
                continue;
            for (int accumulate = 0; accumulate < 2; accumulate++) {
                check_sum_to(c, c->a_ndim, c->a, accumulate);
                check_sum_to(c, c->b_ndim, c->b, accumulate);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broadcast),
        cmocka_unit_test(sum_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
