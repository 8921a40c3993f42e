/* test_rng.c: the same numbers for the same seed, and the moments that they should have. */
#include "each_isa.h"

/* From the authors' splitmix64 and xoshiro256++, seed 42. */
static void known_stream(void **state) {
    (void)state;
    struct nn_rng r;
    nn_rng_seed(&r, 42);
    static const uint64_t want[] = {
        UINT64_C(15021278609987233951), UINT64_C(5881210131331364753),
        UINT64_C(18149643915985481100), UINT64_C(12933668939759105464)};
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_true(nn_rng_next(&r) == want[i]);
}

static void uniform(void **state) {
    (void)state;
    struct nn_rng r;
    nn_rng_seed(&r, 1);
    double sum = 0, squares = 0;
    for (int i = 0; i < 100000; i++) {
        double u = nn_rng_uniform(&r);
        assert_true(u >= 0 && u < 1);
        sum += u;
        squares += u * u;
    }
    assert_true(fabs(sum / 1e5 - 0.5) < 0.004);
    assert_true(fabs(squares / 1e5 - 1.0 / 3) < 0.004);
}

static void normal(void **state) {
    (void)state;
    struct nn_rng r;
    nn_rng_seed(&r, 1);
    double m1 = 0, m2 = 0, m4 = 0;
    for (int i = 0; i < 100000; i++) {
        double x = nn_rng_normal(&r), x2 = x * x;
        m1 += x;
        m2 += x2;
        m4 += x2 * x2;
    }
    assert_true(fabs(m1 / 1e5) < 0.012);
    assert_true(fabs(m2 / 1e5 - 1) < 0.018);
    assert_true(fabs(m4 / 1e5 - 3) < 0.13);
}

/* The last bits too: they come from no libm. */
static void normal_is_exact(void **state) {
    (void)state;
    struct nn_rng r;
    nn_rng_seed(&r, 42);
    assert_true(nn_rng_normal(&r) == 0x1.f679d98b6ab7bp-1);
    double x = 0;
    for (int i = 0; i < 1000; i++)
        x += nn_rng_normal(&r);
    assert_true(x == -0x1.6e4cd401bb565p+3);
}

static void below(void **state) {
    (void)state;
    struct nn_rng r;
    nn_rng_seed(&r, 9);
    int count[6] = {0};
    for (int i = 0; i < 60000; i++) {
        size_t v = nn_rng_below(&r, 6);
        assert_true(v < 6);
        count[v]++;
    }
    for (int i = 0; i < 6; i++)
        assert_true(abs(count[i] - 10000) < 400);
    /* Three quarters of the range: without drawing again the first third would take half. */
    size_t n = (size_t)3 << 62, low = 0;
    for (int i = 0; i < 30000; i++)
        low += nn_rng_below(&r, n) < n / 3;
    assert_true(low > 9500 && low < 10500);
    assert_int_equal(nn_rng_below(&r, 1), 0);
    assert_true(nn_rng_below(&r, SIZE_MAX) < SIZE_MAX);
}

static void permutation(void **state) {
    (void)state;
    struct nn_rng r;
    nn_rng_seed(&r, 5);
    size_t p[100], seen[100] = {0}, first[4] = {0};
    nn_rng_permutation(&r, p, 100);
    for (int i = 0; i < 100; i++) {
        assert_true(p[i] < 100);
        seen[p[i]]++;
    }
    for (int i = 0; i < 100; i++)
        assert_int_equal(seen[i], 1);
    for (int i = 0; i < 40000; i++) {
        nn_rng_permutation(&r, p, 4);
        first[p[0]]++;
    }
    for (int i = 0; i < 4; i++)
        assert_true(first[i] > 9600 && first[i] < 10400);
    nn_rng_permutation(&r, p, 0);
}

static void splits_differ(void **state) {
    (void)state;
    struct nn_rng r, copy;
    nn_rng_seed(&r, 5);
    copy = r;
    struct nn_rng a = nn_rng_split(&r, 1), b = nn_rng_split(&r, 2),
                  again = nn_rng_split(&r, 1);
    assert_memory_equal(&copy.s, &r.s, sizeof r.s);
    assert_memory_equal(&a.s, &again.s, sizeof a.s);
    uint64_t x = nn_rng_next(&a), y = nn_rng_next(&b), z = nn_rng_next(&r);
    assert_true(x != y && y != z && x != z);
}

static void fills(void **state) {
    (void)state;
    struct nn_tensor *f, *d;
    struct err e = {0};
    size_t shape[] = {1000, 10};
    assert_int_equal(nn_tensor_new(&f, NN_F32, 2, shape, &e), 0);
    assert_int_equal(nn_tensor_new(&d, NN_F64, 2, shape, &e), 0);
    struct nn_rng r, s;
    nn_rng_seed(&r, 3);
    nn_rng_seed(&s, 3);
    nn_rng_fill_uniform(&r, f, -2, 3);
    nn_rng_fill_uniform(&s, d, -2, 3);
    for (size_t i = 0; i < f->n; i++) {
        double v = nn_tensor_get(f, i);
        assert_true(v >= -2 && v < 3 && fabs(v - nn_tensor_get(d, i)) < 1e-6);
    }
    nn_rng_fill_uniform(&r, f, 1, nextafter(1, 2));
    for (size_t i = 0; i < f->n; i++)
        assert_true(nn_tensor_get(f, i) == 1);
    nn_rng_fill_normal(&r, f, 5, 0);
    assert_true(nn_tensor_get(f, 77) == 5);
    nn_tensor_release(f);
    nn_tensor_release(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_stream),  cmocka_unit_test(uniform),
        cmocka_unit_test(normal),        cmocka_unit_test(normal_is_exact),
        cmocka_unit_test(below),         cmocka_unit_test(permutation),
        cmocka_unit_test(splits_differ), cmocka_unit_test(fills),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
