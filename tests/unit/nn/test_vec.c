/* test_vec.c: loops over single elements against the naive twin, on every instruction set:
 * odd lengths, values at the edges of their domains, and equal bits on any number of
 * threads. */
#include "each_isa.h"

#include <float.h>

#include "nn/vec.h"

static const size_t lengths[] = {0, 1, 3, 7, 15, 16, 17, 33, 63, 64, 65, 257, 1000};

#define EACH_LENGTH(n)                                                                   \
    for (size_t i_ = 0, n; i_ < ARRAY_LEN(lengths) && (n = lengths[i_], true); i_++)
#define EACH_DTYPE(d) for (enum nn_dtype d = NN_F32; d <= NN_F64; d++)

/* Runs the statement with the naive set into want and with every other into got. */
#define COMPARE(d, n, tolerance, got, want, statement)                                   \
    do {                                                                                 \
        void *to = want;                                                                 \
        assert_true(nn_cpu_select(NN_ISA_NAIVE));                                        \
        statement;                                                                       \
        EACH_ISA(isa) {                                                                  \
            assert_true(nn_cpu_select(isa));                                             \
            to = got;                                                                    \
            statement;                                                                   \
            assert_close(d, got, want, n, tolerance);                                    \
        }                                                                                \
    } while (0)

static void positive(enum nn_dtype d, void *x, size_t n) {
    nn_vec_unary(NN_ABS, d, x, x, n);
    nn_vec_binary_scalar(NN_ADD, d, x, x, 0.01, n);
}

static void unary(void **state) {
    (void)state;
    EACH_DTYPE(d) {
        EACH_LENGTH(n) {
            void *x = random_array(d, n, 1), *got = random_array(d, n, 2),
                 *want = random_array(d, n, 2);
            nn_vec_scale(d, x, x, 5, n);
            for (enum nn_unary op = 0; op < NN_UNARY_COUNT; op++) {
                if (op == NN_SQRT)
                    positive(d, x, n);
                COMPARE(d, n + 1, 4 * epsilon(d), got, want,
                        nn_vec_unary(op, d, to, x, n));
            }
            free(x);
            free(got);
            free(want);
        }
    }
}

static void binary(void **state) {
    (void)state;
    EACH_DTYPE(d) {
        EACH_LENGTH(n) {
            void *x = random_array(d, n, 1), *y = random_array(d, n, 3),
                 *got = random_array(d, n, 2), *want = random_array(d, n, 2);
            for (enum nn_binary op = 0; op < NN_BINARY_COUNT; op++) {
                COMPARE(d, n + 1, 4 * epsilon(d), got, want,
                        nn_vec_binary(op, d, to, x, y, n));
                COMPARE(d, n + 1, 4 * epsilon(d), got, want,
                        nn_vec_binary_scalar(op, d, to, x, 1.25, n));
                COMPARE(d, n + 1, 4 * epsilon(d), got, want,
                        nn_vec_scalar_binary(op, d, to, 0.75, y, n));
            }
            free(x);
            free(y);
            free(got);
            free(want);
        }
    }
}

static void the_rest(void **state) {
    (void)state;
    unsigned char keep[1000];
    for (size_t i = 0; i < sizeof keep; i++)
        keep[i] = i % 3 != 0;
    EACH_DTYPE(d) {
        EACH_LENGTH(n) {
            void *x = random_array(d, n, 1), *got = random_array(d, n, 2),
                 *want = random_array(d, n, 2);
            COMPARE(d, n + 1, 0, got, want, nn_vec_fill(d, to, 0.5, n));
            COMPARE(d, n + 1, 4 * epsilon(d), got, want, nn_vec_scale(d, to, x, 3, n));
            COMPARE(d, n + 1, 4 * epsilon(d), got, want,
                    nn_vec_mask(d, to, x, keep, 2, n));
            free(x);
            free(got);
            free(want);
        }
    }
}

/* y += k x and y += a b, which change what they are given. */
static void adding_up(void **state) {
    (void)state;
    EACH_DTYPE(d) {
        EACH_LENGTH(n) {
            void *a = random_array(d, n, 1), *b = random_array(d, n, 3),
                 *start = random_array(d, n, 2);
            EACH_ISA(isa) {
                void *y = random_array(d, n, 2), *z = random_array(d, n, 2);
                assert_true(nn_cpu_select(isa));
                nn_vec_axpy(d, y, 0.5, a, n);
                nn_vec_add_mul(d, z, a, b, n);
                for (size_t i = 0; i <= n; i++) {
                    double ai = i < n ? at(d, a, i) : 0, s = at(d, start, i);
                    assert_true(fabs(at(d, y, i) - (s + 0.5 * ai)) <= 2 * epsilon(d));
                    assert_true(fabs(at(d, z, i) - (s + ai * at(d, b, i))) <=
                                2 * epsilon(d));
                }
                free(y);
                free(z);
            }
            free(a);
            free(b);
            free(start);
        }
    }
}

/* The largest error in units in the last place against libm in double, over [low, high].
 */
static double worst(enum nn_unary op, double (*f)(double), float low, float high) {
    enum { N = 200000 };
    float *x = malloc(N * sizeof *x), *y = malloc(N * sizeof *y);
    assert_non_null(x);
    assert_non_null(y);
    double most = 0;
    for (int i = 0; i < N; i++)
        x[i] = low + (high - low) * (float)i / (float)(N - 1);
    nn_vec_unary(op, NN_F32, y, x, N);
    for (int i = 0; i < N; i++) {
        double want = f((double)x[i]);
        float size = fabsf((float)want);
        double unit = (double)(nextafterf(size, INFINITY) - size);
        if ((double)size >= FLT_MIN)
            most = fmax(most, fabs((double)y[i] - want) / unit);
    }
    free(x);
    free(y);
    return most;
}

static double logistic(double x) {
    return 1 / (1 + exp(-x));
}

static void units_in_the_last_place(void **state) {
    (void)state;
    EACH_ISA(isa) {
        assert_true(nn_cpu_select(isa));
        double e = worst(NN_EXP, exp, -87.3F, 88.7F), l = worst(NN_LOG, log, 1e-6F, 3),
               l2 = worst(NN_LOG, log, 1, 1e30F), t = worst(NN_TANH, tanh, -10, 10),
               t2 = worst(NN_TANH, tanh, -0.1F, 0.1F),
               s = worst(NN_SIGMOID, logistic, -80, 80);
        print_message("%s: exp %.2f log %.2f %.2f tanh %.2f %.2f sigmoid %.2f ulp\n",
                      nn_cpu_name(), e, l, l2, t, t2, s);
        assert_true(e <= 3 && l <= 3 && l2 <= 3 && t <= 3 && t2 <= 3 && s <= 3);
    }
}

static void edges_of_the_domain(void **state) {
    (void)state;
    static const double x[] = {NAN,   INFINITY, -INFINITY, 0,   -0.0, 1,
                               -1,    88.8,     -104,      720, -760, 1e-300,
                               3e-39, 1e300,    -1e30,     30};
    enum { N = ARRAY_LEN(x) };
    static const enum nn_unary ops[] = {NN_NEG,     NN_ABS,  NN_RECIPROCAL,
                                        NN_EXP,     NN_LOG,  NN_RELU,
                                        NN_SIGMOID, NN_TANH, NN_GELU};
    EACH_DTYPE(d) {
        float xf[N];
        double got[N], want[N];
        for (int i = 0; i < N; i++)
            xf[i] = (float)x[i];
        const void *from = d == NN_F32 ? (const void *)xf : (const void *)x;
        for (size_t i = 0; i < ARRAY_LEN(ops); i++)
            COMPARE(d, N, 1e-37 + 4 * epsilon(d), got, want,
                    nn_vec_unary(ops[i], d, to, from, N));
        for (enum nn_binary op = NN_MAX; op <= NN_MIN; op++) {
            COMPARE(d, N, 1e-37, got, want, nn_vec_binary_scalar(op, d, to, from, 2, N));
            COMPARE(d, N, 1e-37, got, want,
                    nn_vec_scalar_binary(op, d, to, NAN, from, N));
        }
    }
}

/* A NaN stays one whatever its other bits say. */
static void nan_with_a_payload(void **state) {
    (void)state;
    static const enum nn_unary ops[] = {NN_EXP,  NN_LOG,  NN_SIGMOID, NN_TANH,
                                        NN_GELU, NN_SILU, NN_SOFTPLUS};
    EACH_ISA(isa) {
        assert_true(nn_cpu_select(isa));
        for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
            float f = __builtin_nanf("7");
            double d = __builtin_nan("7");
            nn_vec_unary(ops[i], NN_F32, &f, &f, 1);
            nn_vec_unary(ops[i], NN_F64, &d, &d, 1);
            assert_true(isnan(f) && isnan(d));
        }
    }
}

static void all_finite(void **state) {
    (void)state;
    static const double bad[] = {NAN, INFINITY, -INFINITY};
    for (enum nn_isa isa = NN_ISA_NAIVE; isa < NN_ISA_COUNT; isa++) {
        if (!nn_cpu_select(isa))
            continue;
        EACH_DTYPE(d) {
            EACH_LENGTH(n) {
                void *x = random_array(d, n, 1);
                assert_true(nn_vec_all_finite(d, x, n));
                for (size_t i = 0; n > 0 && i < 3; i++) {
                    size_t where = i == 0 ? 0 : i == 1 ? n / 2 : n - 1;
                    nn_vec_fill(d, x, 1, n);
                    nn_vec_fill(d, (char *)x + where * nn_dtype_size(d), bad[i], 1);
                    assert_false(nn_vec_all_finite(d, x, n));
                }
                free(x);
            }
        }
    }
}

static void steps(void **state) {
    (void)state;
    EACH_DTYPE(d) {
        EACH_LENGTH(n) {
            for (int variant = 0; variant < 8; variant++) {
                void *first = NULL;
                for (int isa = 0; isa < NN_ISA_COUNT; isa++) {
                    if (!nn_cpu_select((enum nn_isa)isa))
                        continue;
                    void *w = random_array(d, n, 1), *g = random_array(d, n, 2),
                         *m = random_array(d, n, 3), *v = random_array(d, n, 4);
                    nn_vec_unary(NN_ABS, d, v, v, n);
                    struct nn_sgd sgd = {0.1, variant & 1 ? 0.9 : 0,
                                         variant & 2 ? 0.01 : 0, variant & 4};
                    struct nn_adam adam = {0.01, 0.9, 0.999, 1e-7, 0.02, variant & 2, 3};
                    struct nn_rmsprop rms = {0.01, 0.9, 0.8, 0.1, 0.02};
                    struct nn_adagrad ada = {0.01, 1e-7, variant & 2 ? 0.02 : 0};
                    void *most = random_array(d, n, 5), *sum = random_array(d, n, 6);
                    nn_vec_unary(NN_ABS, d, sum, sum, n);
                    if (variant & 1)
                        nn_vec_adam(d, w, g, m, v, variant & 4 ? most : NULL, &adam, n);
                    nn_vec_rmsprop(d, w, g, v, variant & 1 ? m : NULL,
                                   variant & 2 ? most : NULL, &rms, n);
                    nn_vec_adagrad(d, w, g, sum, &ada, n);
                    nn_vec_sgd(d, w, g, variant & 1 ? v : NULL, &sgd, n);
                    if (!first)
                        first = random_array(d, 5 * n, 0);
                    char *want = first;
                    size_t bytes = n * nn_dtype_size(d);
                    const void *all[] = {w, m, v, most, sum};
                    for (int i = 0; i < 5 && bytes > 0; i++) {
                        if (isa == NN_ISA_NAIVE)
                            memcpy(want + (size_t)i * bytes, all[i], bytes);
                        assert_close(d, all[i], want + (size_t)i * bytes, n,
                                     8 * epsilon(d));
                    }
                    free(w);
                    free(g);
                    free(m);
                    free(v);
                    free(most);
                    free(sum);
                }
                free(first);
            }
        }
    }
}

/* Three steps of Adam by hand: lr 0.1, gradients 1, 2, -1 from w = 0. */
static void adam_by_hand(void **state) {
    (void)state;
    assert_true(nn_cpu_select(NN_ISA_VEC));
    static const double gradient[] = {1, 2, -1};
    double w = 0, m = 0, v = 0, m2 = 0, v2 = 0, want = 0;
    for (int t = 1; t <= 3; t++) {
        double g = gradient[t - 1];
        struct nn_adam o = {0.1, 0.9, 0.999, 1e-8, 0, false, (uint64_t)t};
        nn_vec_adam(NN_F64, &w, &g, &m, &v, NULL, &o, 1);
        m2 = 0.9 * m2 + 0.1 * g;
        v2 = 0.999 * v2 + 0.001 * g * g;
        want -=
            0.1 * sqrt(1 - pow(0.999, t)) / (1 - pow(0.9, t)) * m2 / (sqrt(v2) + 1e-8);
        assert_true(fabs(w - want) < 1e-12);
    }
}

static void same_bits_on_any_threads(void **state) {
    (void)state;
    enum { N = 100003 };
    EACH_ISA(isa) {
        assert_true(nn_cpu_select(isa));
        float *x = random_array(NN_F32, N, 1), *want = random_array(NN_F32, N, 2),
              *got = random_array(NN_F32, N, 2);
        double sum = 0, dot = 0;
        for (int threads = 1; threads <= 8; threads *= 2) {
            nn_pool_set_threads(threads);
            nn_vec_unary(NN_EXP, NN_F32, threads == 1 ? want : got, x, N);
            if (threads == 1) {
                sum = nn_vec_sum(NN_F32, x, N);
                dot = nn_vec_dot(NN_F32, x, x, N);
                continue;
            }
            assert_memory_equal(got, want, N * sizeof *x);
            assert_true(sum == nn_vec_sum(NN_F32, x, N));
            assert_true(dot == nn_vec_dot(NN_F32, x, x, N));
        }
        free(x);
        free(want);
        free(got);
    }
    nn_pool_set_threads(2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unary),
        cmocka_unit_test(binary),
        cmocka_unit_test(the_rest),
        cmocka_unit_test(adding_up),
        cmocka_unit_test(units_in_the_last_place),
        cmocka_unit_test(edges_of_the_domain),
        cmocka_unit_test(nan_with_a_payload),
        cmocka_unit_test(all_finite),
        cmocka_unit_test(steps),
        cmocka_unit_test(adam_by_hand),
        cmocka_unit_test(same_bits_on_any_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
