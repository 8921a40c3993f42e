/* test_norm.c: normalisation per channel against the naive twin over odd shapes, moments
 * far from zero, and the same bits on any number of threads. */
#include "each_isa.h"

#include "nn/norm.h"

static const size_t sizes[][2] = {{1, 1},  {3, 1},    {7, 3},     {17, 16}, {63, 7},
                                  {65, 8}, {1000, 5}, {5000, 17}, {9, 100}, {2, 20000}};

/* Everything that one case computes. */
struct room {
    struct nn_norm o;
    size_t n;
    void *x, *dy, *mean, *scale, *shift, *slope, *offset, *y, *dx, *work;
    double *a, *b, *sum, *product;
};

static struct room room(size_t rows, size_t cols, enum nn_dtype d, bool relu) {
    size_t n = rows * cols;
    struct room r = {.n = n,
                     .x = random_array(d, n, 1),
                     .dy = random_array(d, n, 2),
                     .mean = random_array(d, cols, 3),
                     .scale = random_array(d, cols, 4),
                     .shift = random_array(d, cols, 5),
                     .slope = random_array(d, cols, 6),
                     .offset = random_array(d, cols, 7),
                     .y = random_array(d, n, 8),
                     .dx = random_array(d, n, 9),
                     .work = malloc(nn_norm_work(rows, cols)),
                     .a = random_array(NN_F64, cols, 10),
                     .b = random_array(NN_F64, cols, 11),
                     .sum = random_array(NN_F64, cols, 12),
                     .product = random_array(NN_F64, cols, 13)};
    assert_non_null(r.work);
    r.o = (struct nn_norm){.dtype = d,
                           .rows = rows,
                           .cols = cols,
                           .mean = r.mean,
                           .scale = r.scale,
                           .shift = r.shift,
                           .relu = relu};
    return r;
}

static void room_free(struct room *r) {
    void *all[] = {r->x, r->dy, r->mean, r->scale, r->shift, r->slope, r->offset,
                   r->y, r->dx, r->work, r->a,     r->b,     r->sum,   r->product};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        free(all[i]);
}

static void run(struct room *r, bool accumulate) {
    struct nn_norm_back b = {.dx = r->dx,
                             .dy = r->dy,
                             .x = r->x,
                             .slope = r->slope,
                             .offset = r->offset,
                             .accumulate = accumulate,
                             .mask = accumulate};
    nn_norm_moments(r->o.dtype, r->a, r->b, r->x, r->o.rows, r->o.cols, r->work);
    nn_norm_forward(&r->o, r->y, r->x);
    nn_norm_sums(&r->o, r->sum, r->product, r->dy, r->x, r->work);
    nn_norm_backward(&r->o, &b);
}

static void against_naive(void **state) {
    (void)state;
    for (size_t i = 0; i < 4 * ARRAY_LEN(sizes); i++) {
        enum nn_dtype d = i & 1 ? NN_F64 : NN_F32;
        size_t rows = sizes[i / 4][0], cols = sizes[i / 4][1];
        struct room want = room(rows, cols, d, i & 2);
        assert_true(nn_cpu_select(NN_ISA_NAIVE));
        run(&want, i & 2);
        EACH_ISA(isa) {
            struct room got = room(rows, cols, d, i & 2);
            double tolerance = 64 * epsilon(d) * sqrt((double)rows);
            assert_true(nn_cpu_select(isa));
            run(&got, i & 2);
            assert_close(NN_F64, got.a, want.a, cols + 1, 16 * epsilon(d));
            assert_close(NN_F64, got.b, want.b, cols + 1, 16 * epsilon(d));
            assert_close(d, got.y, want.y, got.n + 1, 4 * epsilon(d));
            assert_close(NN_F64, got.sum, want.sum, cols + 1, tolerance);
            assert_close(NN_F64, got.product, want.product, cols + 1, tolerance);
            assert_close(d, got.dx, want.dx, got.n + 1, 8 * epsilon(d));
            room_free(&got);
        }
        room_free(&want);
    }
}

/* Deviation 1 around 1000: E[x^2] - E[x]^2 would have lost it in float. */
static void moments_far_from_zero(void **state) {
    (void)state;
    enum { ROWS = 4096 };
    static float x[3 * ROWS + 16];
    for (size_t i = 0; i < (size_t)3 * ROWS; i++)
        x[i] = 1000 + (i / 3 % 2 ? 1.0F : -1.0F);
    EACH_ISA(isa) {
        double mean[3], variance[3];
        void *work = malloc(nn_norm_work(ROWS, 3));
        assert_non_null(work);
        assert_true(nn_cpu_select(isa));
        nn_norm_moments(NN_F32, mean, variance, x, ROWS, 3, work);
        for (int k = 0; k < 3; k++)
            assert_true(fabs(mean[k] - 1000) < 1e-3 && fabs(variance[k] - 1) < 1e-3);
        free(work);
    }
}

static void the_same_bits_on_any_number_of_threads(void **state) {
    (void)state;
    struct room want = room(5000, 17, NN_F32, true);
    nn_pool_set_threads(1);
    run(&want, false);
    for (int threads = 2; threads <= 8; threads *= 2) {
        struct room got = room(5000, 17, NN_F32, true);
        nn_pool_set_threads(threads);
        run(&got, false);
        assert_memory_equal(got.a, want.a, 17 * sizeof(double));
        assert_memory_equal(got.b, want.b, 17 * sizeof(double));
        assert_memory_equal(got.product, want.product, 17 * sizeof(double));
        assert_memory_equal(got.dx, want.dx, got.n * sizeof(float));
        room_free(&got);
    }
    room_free(&want);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_naive),
        cmocka_unit_test(moments_far_from_zero),
        cmocka_unit_test(the_same_bits_on_any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
