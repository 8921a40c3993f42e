/* test_pool.c: every item once, on any number of threads, nested, from several callers;
 * tasks beside the caller; denormals. */
#include "each_isa.h"

#include <pthread.h>

#define N 10000

static atomic_int times[N];

static void count(void *ctx, size_t first, size_t last) {
    (void)ctx;
    for (size_t i = first; i < last; i++)
        atomic_fetch_add(&times[i], 1);
}

static void expect(size_t n, int want) {
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(atomic_load(&times[i]), i < n ? want : 0);
        atomic_store(&times[i], 0);
    }
}

static void every_item_once(void **state) {
    (void)state;
    static const size_t grains[] = {0, 1, 7, 64, N, 2 * N};
    for (int threads = 1; threads <= 8; threads *= 2) {
        nn_pool_set_threads(threads);
        assert_int_equal(nn_pool_threads(), threads);
        for (size_t g = 0; g < ARRAY_LEN(grains); g++) {
            nn_pool_run(count, NULL, N, grains[g]);
            expect(N, 1);
            nn_pool_run(count, NULL, 3, grains[g]);
            expect(3, 1);
            nn_pool_run(count, NULL, 0, grains[g]);
            expect(0, 1);
        }
    }
}

static void many_short_jobs(void **state) {
    (void)state;
    nn_pool_set_threads(4);
    for (int i = 0; i < 3000; i++)
        nn_pool_run(count, NULL, 10, 1);
    expect(10, 3000);
}

static void after_a_sleep(void **state) {
    (void)state;
    nn_pool_set_threads(3);
    for (int i = 0; i < 5; i++) {
        nn_pool_run(count, NULL, 100, 1);
        struct timespec pause = {0, 3000000}; /* longer than the workers stay awake */
        nanosleep(&pause, NULL);
    }
    expect(100, 5);
}

static void nested(void *ctx, size_t first, size_t last) {
    for (size_t i = first; i < last; i++)
        nn_pool_run(count, ctx, 100, 10);
}

static void nested_runs_inline(void **state) {
    (void)state;
    nn_pool_set_threads(4);
    nn_pool_run(nested, NULL, 50, 1);
    expect(100, 50);
}

static void *caller(void *arg) {
    (void)arg;
    for (int i = 0; i < 200; i++)
        nn_pool_run(count, NULL, 100, 3);
    return NULL;
}

static void several_callers(void **state) {
    (void)state;
    nn_pool_set_threads(2);
    pthread_t other[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&other[i], NULL, caller, NULL), 0);
    caller(NULL);
    for (int i = 0; i < 3; i++)
        pthread_join(other[i], NULL);
    expect(100, 800);
}

static void clamped(void **state) {
    (void)state;
    nn_pool_set_threads(0);
    assert_int_equal(nn_pool_threads(), 1);
    nn_pool_set_threads(1000);
    assert_int_equal(nn_pool_threads(), NN_POOL_MAX);
    nn_pool_set_threads(2);
}

static void add_one(void *ctx) {
    nn_pool_run(count, NULL, 100, 1);
    atomic_fetch_add((atomic_int *)ctx, 1);
}

static void tasks(void **state) {
    (void)state;
    for (int threads = 1; threads <= 2; threads++) {
        nn_pool_set_threads(threads);
        atomic_int done = 0;
        for (int i = 0; i < 200; i++) {
            struct nn_task a = {0}, b = {0}, c = {0};
            nn_pool_async(&a, add_one, &done);
            nn_pool_async(&b, add_one, &done);
            nn_pool_run(count, NULL, 100, 1);
            nn_pool_wait(&b);
            nn_pool_wait(&a);
            nn_pool_wait(&a);
            nn_pool_wait(&c);
            assert_int_equal(atomic_load(&done), 2 * (i + 1));
        }
        expect(100, 600);
    }
}

/* The product of two numbers whose result is denormal: 0 inside the engine only. */
static void multiply(void *ctx, size_t first, size_t last) {
    volatile float *x = ctx;
    for (size_t i = first; i < last; i++)
        x[i] = x[i] * 1e-20F;
}

static void denormals(void **state) {
    (void)state;
#if defined(__x86_64__) || defined(__aarch64__)
    volatile float tiny = 1e-20F;
    for (int threads = 1; threads <= 2; threads++) {
        nn_pool_set_threads(threads);
        float x[64];
        for (int i = 0; i < 64; i++)
            x[i] = 1e-20F;
        nn_pool_run(multiply, x, 64, 1);
        for (int i = 0; i < 64; i++)
            assert_true(x[i] == 0);
        assert_true(tiny * 1e-20F > 0);
    }
    unsigned long mode = nn_fp_enter(), again = nn_fp_enter();
    assert_true(tiny * 1e-20F == 0);
    nn_fp_leave(again);
    assert_true(tiny * 1e-20F == 0);
    nn_fp_leave(mode);
    assert_true(tiny * 1e-20F > 0);
#endif
}

static void isa_names(void **state) {
    (void)state;
    assert_true(nn_cpu_has(NN_ISA_NAIVE) && nn_cpu_has(NN_ISA_VEC));
    enum nn_isa before = nn_cpu_isa();
    for (enum nn_isa isa = NN_ISA_NAIVE; isa < NN_ISA_COUNT; isa++) {
        assert_int_equal(nn_cpu_select(isa), nn_cpu_has(isa));
        if (nn_cpu_has(isa))
            assert_string_equal(nn_cpu_name(), nn_isa_name(isa));
    }
    assert_true(nn_cpu_select(before));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_once), cmocka_unit_test(many_short_jobs),
        cmocka_unit_test(after_a_sleep),   cmocka_unit_test(nested_runs_inline),
        cmocka_unit_test(several_callers), cmocka_unit_test(clamped),
        cmocka_unit_test(tasks),           cmocka_unit_test(denormals),
        cmocka_unit_test(isa_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
