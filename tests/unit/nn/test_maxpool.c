/* test_maxpool.c: pooling against the naive twin, with overlapping and partial windows. */
#include "each_isa.h"

#include "nn/maxpool.h"

static const struct nn_maxpool cases[] = {
    {.n = 1, .h = 2, .w = 2, .c = 1, .kh = 2, .kw = 2},
    {.n = 3, .h = 28, .w = 28, .c = 32, .kh = 2, .kw = 2},
    {.n = 2, .h = 7, .w = 9, .c = 17, .kh = 2, .kw = 2},
    {.n = 2, .h = 8, .w = 9, .c = 5, .kh = 3, .kw = 2, .stride_h = 2, .stride_w = 1},
    {.n = 9, .h = 5, .w = 5, .c = 40, .kh = 3, .kw = 3, .stride_h = 1, .stride_w = 1},
    {.n = 1, .h = 20, .w = 20, .c = 3, .kh = 15, .kw = 17},
    {.n = 1, .h = 5, .w = 5, .c = 3, .kh = 1, .kw = 1, .stride_h = 3, .stride_w = 3},
};

static void against_naive(void **state) {
    (void)state;
    for (size_t i = 0; i < 2 * ARRAY_LEN(cases); i++) {
        struct nn_maxpool p = cases[i / 2];
        p.dtype = i % 2 ? NN_F64 : NN_F32;
        assert_true(nn_maxpool_fit(&p));
        size_t nx = p.n * p.h * p.w * p.c, ny = p.n * p.oh * p.ow * p.c;
        void *x = random_array(p.dtype, nx, 1), *dy = random_array(p.dtype, ny, 2);
        void *y = random_array(p.dtype, ny, 3), *want_y = random_array(p.dtype, ny, 3);
        void *dx = random_array(p.dtype, nx, 4), *want_dx = random_array(p.dtype, nx, 4);
        unsigned char *where = calloc(ny + 1, 1), *want_where = calloc(ny + 1, 1);
        assert_non_null(where);
        assert_non_null(want_where);
        nn_pool_set_threads((int)i % 3 + 1);
        assert_true(nn_cpu_select(NN_ISA_NAIVE));
        nn_maxpool_forward(&p, want_y, want_where, x);
        nn_maxpool_backward(&p, want_dx, dy, want_where);
        EACH_ISA(isa) {
            assert_true(nn_cpu_select(isa));
            nn_maxpool_forward(&p, y, where, x);
            nn_maxpool_backward(&p, dx, dy, where);
            assert_close(p.dtype, y, want_y, ny + 1, 0);
            assert_memory_equal(where, want_where, ny + 1);
            assert_close(p.dtype, dx, want_dx, nx + 1, 4 * epsilon(p.dtype));
        }
        free(x);
        free(dy);
        free(y);
        free(want_y);
        free(dx);
        free(want_dx);
        free(where);
        free(want_where);
    }
}

/* Element by element from the definition. */
static void from_the_definition(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct nn_maxpool p = cases[i];
        assert_true(nn_maxpool_fit(&p));
        size_t ny = p.n * p.oh * p.ow * p.c, nx = p.n * p.h * p.w * p.c;
        float *x = random_array(NN_F32, nx, 1), *y = random_array(NN_F32, ny, 2);
        float *dx = random_array(NN_F32, nx, 1);
        unsigned char *where = calloc(ny, 1);
        assert_non_null(where);
        nn_maxpool_forward(&p, y, where, x);
        nn_maxpool_backward(&p, dx, y, where);
        for (size_t o = 0; o < ny; o++) {
            size_t k = o % p.c, j = o / p.c % p.ow, r = o / p.c / p.ow;
            size_t image = r / p.oh, row = r % p.oh * p.stride_h, col = j * p.stride_w;
            float best = -INFINITY;
            size_t from = 0;
            for (size_t u = 0; u < p.kh * p.kw; u++) {
                size_t at = (image * p.h + row + u / p.kw) * p.w + col + u % p.kw;
                from = x[at * p.c + k] > best ? at * p.c + k : from;
                best = fmaxf(best, x[at * p.c + k]);
            }
            assert_true(y[o] == best);
            dx[from] -= y[o];
        }
        for (size_t o = 0; o < nx; o++)
            assert_true(fabsf(dx[o]) < 1e-5F);
        free(x);
        free(y);
        free(dx);
        free(where);
    }
}

static void ties_and_nan(void **state) {
    (void)state;
    static const float x[8] = {1, NAN, 3, 2, 3, NAN, 3, 5}; /* 2 x 2 x 2 channels */
    struct nn_maxpool p = {.n = 1, .h = 2, .w = 2, .c = 2, .kh = 2, .kw = 2};
    assert_true(nn_maxpool_fit(&p));
    for (enum nn_isa isa = NN_ISA_NAIVE; isa < NN_ISA_COUNT; isa++) {
        float y[2];
        unsigned char where[2];
        if (!nn_cpu_select(isa))
            continue;
        nn_maxpool_forward(&p, y, where, x);
        assert_true(y[0] == 3 && where[0] == 1);
        assert_true(isnan(y[1]) && where[1] == 0);
    }
}

static void windows_that_do_not_fit(void **state) {
    (void)state;
    struct nn_maxpool p = {.n = 1, .h = 20, .w = 20, .c = 1, .kh = 21, .kw = 2};
    assert_false(nn_maxpool_fit(&p));
    p.kh = 16;
    p.kw = 16;
    assert_false(nn_maxpool_fit(&p));
    p.kw = 0;
    assert_false(nn_maxpool_fit(&p));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_naive),
        cmocka_unit_test(from_the_definition),
        cmocka_unit_test(ties_and_nan),
        cmocka_unit_test(windows_that_do_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
