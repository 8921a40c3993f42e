/* test_conv.c: convolution and its gradients against the naive twin over awkward
 * geometries, on every instruction set and number of threads. */
#include "each_isa.h"

#include "nn/conv.h"

struct geometry {
    size_t n, h, w, c, kh, kw, oc, stride_h, stride_w, dilation_h, dilation_w;
    bool same;
};

static const struct geometry geometries[] = {
    {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, true},
    {2, 5, 7, 1, 3, 3, 10, 1, 1, 1, 1, true},
    {2, 7, 5, 3, 3, 3, 32, 1, 1, 1, 1, true},
    {3, 8, 8, 16, 3, 3, 17, 1, 1, 1, 1, true},
    {1, 9, 30, 33, 3, 3, 65, 1, 1, 1, 1, true},
    {2, 9, 8, 12, 2, 4, 7, 1, 1, 1, 1, true},
    {2, 11, 9, 5, 5, 3, 3, 1, 1, 1, 1, false},
    {9, 6, 6, 20, 1, 1, 40, 1, 1, 1, 1, false},
    {2, 9, 9, 3, 3, 3, 8, 2, 2, 1, 1, true},
    {2, 10, 11, 18, 3, 3, 9, 2, 3, 1, 1, true},
    {2, 10, 11, 18, 3, 3, 9, 3, 2, 1, 1, false},
    {1, 12, 13, 4, 3, 3, 5, 1, 1, 2, 3, true},
    {1, 14, 13, 19, 3, 3, 5, 2, 1, 2, 2, false},
    {1, 20, 20, 300, 3, 3, 6, 1, 1, 1, 1, true}, /* channels in several parts */
    {1, 12, 40, 300, 3, 3, 6, 1, 1, 1, 2, true},
    {1, 3, 4, 2, 3, 4, 3, 5, 5, 1, 1, false},
    {1, 2, 6000, 1, 3, 3, 2, 1, 1, 1, 1, true}, /* too wide for a strip */
};

struct arrays {
    struct nn_conv v;
    size_t nx, ny, nk;
    void *x, *dy, *kernel, *bias, *work;
};

static struct arrays new_arrays(const struct geometry *g, enum nn_dtype d) {
    struct arrays a = {.v = {.dtype = d,
                             .n = g->n,
                             .h = g->h,
                             .w = g->w,
                             .c = g->c,
                             .kh = g->kh,
                             .kw = g->kw,
                             .oc = g->oc,
                             .stride_h = g->stride_h,
                             .stride_w = g->stride_w,
                             .dilation_h = g->dilation_h,
                             .dilation_w = g->dilation_w}};
    assert_true(nn_conv_fit(&a.v, g->same));
    a.nx = g->n * g->h * g->w * g->c;
    a.ny = g->n * a.v.oh * a.v.ow * g->oc;
    a.nk = g->kh * g->kw * g->c * g->oc;
    a.x = random_array(d, a.nx, 1);
    a.dy = random_array(d, a.ny, 2);
    a.kernel = random_array(d, a.nk, 3);
    a.bias = random_array(d, g->oc, 4);
    size_t bytes = nn_conv_workspace(&a.v);
    assert_true(bytes >= a.nk * nn_dtype_size(d));
    a.work = random_array(d, bytes / nn_dtype_size(d), 5);
    return a;
}

static void free_arrays(struct arrays *a) {
    free(a->x);
    free(a->dy);
    free(a->kernel);
    free(a->bias);
    free(a->work);
}

enum pass { FORWARD, FORWARD_PLAIN, DATA, DATA_MASKED, KERNEL, KERNEL_ADDED, PASSES };

static void *new_result(const struct arrays *a, enum pass pass, size_t *n) {
    *n = pass <= FORWARD_PLAIN ? a->ny
         : pass <= DATA_MASKED ? a->nx
                               : a->nk + a->v.oc + 16;
    return random_array(a->v.dtype, *n, 6);
}

static void run(const struct arrays *a, enum pass pass, void *out) {
    const struct nn_conv *v = &a->v;
    char *bias = (char *)out + (a->nk + 16) * nn_dtype_size(v->dtype);
    switch (pass) {
    case FORWARD:
        nn_conv_forward(v, out, a->x, a->kernel, a->bias, true, a->work);
        break;
    case FORWARD_PLAIN:
        nn_conv_forward(v, out, a->x, a->kernel, NULL, false, NULL);
        break;
    case DATA:
        nn_conv_backward_data(v, out, a->dy, a->kernel, NULL, a->work);
        break;
    case DATA_MASKED:
        nn_conv_backward_data(v, out, a->dy, a->kernel, a->x, a->work);
        break;
    case KERNEL:
        nn_conv_backward_kernel(v, out, NULL, false, a->x, a->dy, a->work);
        break;
    default:
        nn_conv_backward_kernel(v, out, bias, true, a->x, a->dy, a->work);
    }
}

static void against_naive(void **state) {
    (void)state;
    for (size_t g = 0; g < ARRAY_LEN(geometries); g++) {
        for (int i = 0; i < 2 * PASSES; i++) {
            enum nn_dtype d = i % 2 ? NN_F64 : NN_F32;
            enum pass pass = (enum pass)(i / 2);
            struct arrays a = new_arrays(&geometries[g], d);
            size_t n;
            void *want = new_result(&a, pass, &n);
            assert_true(nn_cpu_select(NN_ISA_NAIVE));
            run(&a, pass, want);
            EACH_ISA(isa) {
                void *got = new_result(&a, pass, &n);
                assert_true(nn_cpu_select(isa));
                run(&a, pass, got);
                assert_close(d, got, want, n + 1, epsilon(d) * 400);
                free(got);
            }
            free(want);
            free_arrays(&a);
        }
    }
}

/* By hand: x = 1..9 in a square, kernel 2 x 2 of 1 2 3 4. */
static void known_values(void **state) {
    (void)state;
    static const double x[9 + 8] = {1, 2, 3, 4, 5, 6, 7, 8, 9},
                              kernel[4 + 8] = {1, 2, 3, 4};
    static const double valid[4] = {37, 47, 67, 77};
    static const double same[9] = {37, 47, 21, 67, 77, 33, 23, 26, 9};
    struct nn_conv v = {
        .dtype = NN_F64, .n = 1, .h = 3, .w = 3, .c = 1, .kh = 2, .kw = 2, .oc = 1};
    for (enum nn_isa isa = NN_ISA_NAIVE; isa < NN_ISA_COUNT; isa++) {
        double y[9];
        if (!nn_cpu_select(isa))
            continue;
        assert_true(nn_conv_fit(&v, false));
        nn_conv_forward(&v, y, x, kernel, NULL, false, NULL);
        assert_memory_equal(y, valid, sizeof valid);
        assert_true(nn_conv_fit(&v, true));
        nn_conv_forward(&v, y, x, kernel, NULL, false, NULL);
        assert_memory_equal(y, same, sizeof same);
    }
}

static void fitting(void **state) {
    (void)state;
    struct nn_conv v = {.n = 1,
                        .h = 7,
                        .w = 8,
                        .c = 1,
                        .kh = 3,
                        .kw = 3,
                        .oc = 1,
                        .stride_h = 2,
                        .stride_w = 2};
    assert_true(nn_conv_fit(&v, true));
    assert_true(v.oh == 4 && v.ow == 4 && v.pad_top == 1 && v.pad_left == 0);
    assert_true(nn_conv_fit(&v, false));
    assert_true(v.oh == 3 && v.ow == 3 && v.pad_top == 0);
    v.kh = 8;
    assert_false(nn_conv_fit(&v, false));
    v.kh = SIZE_MAX / 8;
    v.oc = 16;
    assert_int_equal(nn_conv_workspace(&v), 0);
}

static void same_bits_on_any_threads(void **state) {
    (void)state;
    static const struct geometry g = {19, 14, 14, 32, 3, 3, 48, 1, 1, 1, 1, true};
    for (enum pass pass = FORWARD; pass < PASSES; pass++) {
        struct arrays a = new_arrays(&g, NN_F32);
        size_t n;
        EACH_ISA(isa) {
            assert_true(nn_cpu_select(isa));
            void *want = new_result(&a, pass, &n);
            nn_pool_set_threads(1);
            run(&a, pass, want);
            for (int threads = 2; threads <= 8; threads *= 2) {
                void *got = new_result(&a, pass, &n);
                nn_pool_set_threads(threads);
                run(&a, pass, got);
                assert_memory_equal(got, want, n * sizeof(float));
                free(got);
            }
            free(want);
        }
        free_arrays(&a);
    }
    nn_pool_set_threads(2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_naive),
        cmocka_unit_test(known_values),
        cmocka_unit_test(fitting),
        cmocka_unit_test(same_bits_on_any_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
