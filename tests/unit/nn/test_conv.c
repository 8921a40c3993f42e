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
    {3, 9, 10, 1, 3, 3, 33, 1, 1, 2, 1, true}, /* kernel rows of three elements */
    {2, 18, 7, 3, 5, 1, 20, 2, 1, 1, 1, true},
    {1, 2, 6000, 1, 3, 3, 2, 1, 1, 1, 1, true}, /* too wide for a strip */
    /* What Winograd's method takes: one square, whole squares, rests of 1 to 3 rows and
     * columns, few and many channels, no padding, more squares than a block. */
    {1, 4, 4, 8, 3, 3, 8, 1, 1, 1, 1, true},
    {2, 8, 12, 16, 3, 3, 32, 1, 1, 1, 1, true},
    {5, 7, 17, 17, 3, 3, 9, 1, 1, 1, 1, true},
    {1, 17, 7, 33, 3, 3, 63, 1, 1, 1, 1, false},
    {3, 13, 14, 48, 3, 3, 65, 1, 1, 1, 1, true},
    {3, 6, 5, 64, 3, 3, 130, 1, 1, 1, 1, false},
    {1, 8, 8, 256, 3, 3, 40, 1, 1, 1, 1, true}, /* half a tile of squares */
    {1, 9, 11, 512, 3, 3, 10, 1, 1, 1, 1, true},
    {1, 5, 4, 513, 3, 3, 10, 1, 1, 1, 1, true}, /* too many channels for it */
    {40, 4, 3, 10, 3, 3, 20, 1, 1, 1, 1, true},
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

/* Float sums of some thousand terms, perhaps by Winograd's method: their error goes with
 * the largest values, about 30 here, not with each one. */
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
                assert_close(d, got, want, n + 1,
                             epsilon(d) * (d == NN_F32 ? 1200 : 400));
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

static const struct geometry course = {6, 16, 14, 32, 3, 3, 64, 1, 1, 1, 1, true};

/* The switch leads to other bits, and errors stay near those of the direct sum. */
static void winograd_error(void **state) {
    (void)state;
    struct arrays f = new_arrays(&course, NN_F32), d = new_arrays(&course, NN_F64);
    EACH_ISA(isa) {
        assert_true(nn_cpu_select(isa));
        for (enum pass pass = FORWARD; pass < PASSES; pass++) {
            size_t n;
            double most[2] = {0}, largest = 0;
            double *want = new_result(&d, pass, &n);
            float *got[2] = {new_result(&f, pass, &n), new_result(&f, pass, &n)};
            run(&d, pass, want);
            nn_conv_set_winograd(false);
            run(&f, pass, got[0]);
            nn_conv_set_winograd(true);
            run(&f, pass, got[1]);
            size_t results = pass < KERNEL ? n : f.nk;
            for (size_t i = 0; i < results; i++) {
                largest = fmax(largest, fabs(want[i]));
                for (int w = 0; w < 2; w++)
                    most[w] = fmax(most[w], fabs((double)got[w][i] - want[i]));
            }
            bool may = pass != FORWARD_PLAIN; /* it has no workspace */
            assert_int_equal(memcmp(got[0], got[1], results * sizeof(float)) != 0, may);
            assert_true(most[0] < 3e-6 * largest);
            assert_true(most[1] < 4e-6 * largest);
            free(want);
            free(got[0]);
            free(got[1]);
        }
    }
    free_arrays(&f);
    free_arrays(&d);
}

/* The outputs of an image do not depend on its batch. */
static void same_bits_in_any_batch(void **state) {
    (void)state;
    struct arrays a = new_arrays(&course, NN_F32);
    struct nn_conv one = a.v;
    one.n = 1;
    EACH_ISA(isa) {
        assert_true(nn_cpu_select(isa));
        size_t n, pixels = a.v.h * a.v.w;
        float *all = new_result(&a, FORWARD, &n), *alone = new_result(&a, FORWARD, &n);
        run(&a, FORWARD, all);
        for (size_t i = 0; i < a.v.n; i++)
            nn_conv_forward(&one, alone + i * pixels * a.v.oc,
                            (float *)a.x + i * pixels * a.v.c, a.kernel, a.bias, true,
                            a.work);
        assert_memory_equal(all, alone, n * sizeof(float));
        free(all);
        free(alone);
    }
    free_arrays(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_naive),  cmocka_unit_test(known_values),
        cmocka_unit_test(fitting),        cmocka_unit_test(same_bits_on_any_threads),
        cmocka_unit_test(winograd_error), cmocka_unit_test(same_bits_in_any_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
