/* test_gemm.c: matrix products of awkward sizes against the naive twin, on every
 * instruction set and number of threads. */
#include "each_isa.h"

#include "nn/gemm.h"
#include "nn/vec.h"

static const size_t sizes[][3] = {
    {1, 1, 1},     {1, 10, 7},     {3, 5, 2},    {7, 17, 63},   {17, 7, 65},
    {63, 33, 1},   {64, 10, 128},  {65, 31, 15}, {13, 128, 70}, {128, 32, 257},
    {31, 65, 300}, {100, 48, 513}, {14, 16, 8},  {6, 16, 256},  {2, 15, 0},
};

#define EACH_SIZE(i) for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)

/* A product with its own arrays, rows 3 elements longer than needed. */
struct product {
    struct nn_gemm g;
    void *a, *b, *c, *start, *bias, *mask;
    size_t c_elements;
};

static struct product new_product(enum nn_dtype d, const size_t size[3], bool trans_a,
                                  bool trans_b) {
    size_t m = size[0], n = size[1], k = size[2];
    struct product p = {.g = {.dtype = d,
                              .m = m,
                              .n = n,
                              .k = k,
                              .trans_a = trans_a,
                              .trans_b = trans_b,
                              .lda = (trans_a ? m : k) + 3,
                              .ldb = (trans_b ? k : n) + 3,
                              .ldc = n + 3,
                              .ldmask = n + 3}};
    p.c_elements = m * p.g.ldc;
    p.a = random_array(d, (trans_a ? k : m) * p.g.lda, 1);
    p.b = random_array(d, (trans_b ? n : k) * p.g.ldb, 2);
    p.c = random_array(d, p.c_elements, 3);
    p.start = random_array(d, p.c_elements, 3);
    p.bias = random_array(d, n, 4);
    p.mask = random_array(d, p.c_elements, 5);
    p.g.a = p.a;
    p.g.b = p.b;
    p.g.c = p.c;
    return p;
}

static void free_product(struct product *p) {
    free(p->a);
    free(p->b);
    free(p->c);
    free(p->start);
    free(p->bias);
    free(p->mask);
}

static void run(struct product *p, enum nn_isa isa, void *to) {
    assert_true(nn_cpu_select(isa));
    memcpy(to, p->start, p->c_elements * nn_dtype_size(p->g.dtype));
    p->g.c = to;
    nn_gemm(&p->g);
}

/* Every set against the naive one, the elements between the rows of C included. */
static void compare(struct product *p) {
    size_t bytes = p->c_elements * nn_dtype_size(p->g.dtype) + 64;
    void *want = aligned_alloc(64, (bytes + 63) / 64 * 64);
    run(p, NN_ISA_NAIVE, want);
    double tolerance = epsilon(p->g.dtype) * (4 + (double)p->g.k / 2);
    EACH_ISA(isa) {
        run(p, isa, p->c);
        assert_close(p->g.dtype, p->c, want, p->c_elements, tolerance);
    }
    free(want);
}

static void all_transposes(void **state) {
    (void)state;
    EACH_SIZE(i) {
        for (int bits = 0; bits < 16; bits++) {
            struct product p =
                new_product(bits & 8 ? NN_F64 : NN_F32, sizes[i], bits & 1, bits & 2);
            p.g.accumulate = bits & 4;
            compare(&p);
            free_product(&p);
        }
    }
}

static void epilogues(void **state) {
    (void)state;
    EACH_SIZE(i) {
        for (int bits = 0; bits < 32; bits++) {
            struct product p =
                new_product(bits & 1 ? NN_F64 : NN_F32, sizes[i], false, bits & 2);
            p.g.bias = bits & 2 ? p.bias : NULL;
            p.g.act = (enum nn_act)(bits >> 3);
            p.g.mask = bits & 4 && p.g.act <= NN_ACT_RELU ? p.mask : NULL;
            compare(&p);
            free_product(&p);
        }
    }
}

/* C -= rate A B: as the naive twin, and bit for bit as the product and a plain step of SGD
 * after it. */
static void steps_in_place(void **state) {
    (void)state;
    struct nn_sgd how = {.learning_rate = 0.3};
    EACH_SIZE(i) {
        for (int bits = 0; bits < 8 && sizes[i][2] <= NN_GEMM_RUN; bits++) {
            struct product p =
                new_product(bits & 4 ? NN_F64 : NN_F32, sizes[i], bits & 1, bits & 2);
            p.g.rate = how.learning_rate;
            compare(&p);
            EACH_ISA(isa) {
                void *w = random_array(p.g.dtype, p.c_elements, 3);
                p.g.rate = 0;
                run(&p, isa, p.c);
                size_t row = nn_dtype_size(p.g.dtype) * p.g.ldc;
                for (size_t r = 0; r < p.g.m; r++)
                    nn_vec_sgd(p.g.dtype, (char *)w + r * row, (char *)p.c + r * row,
                               NULL, &how, p.g.n);
                p.g.rate = how.learning_rate;
                run(&p, isa, p.c);
                assert_memory_equal(p.c, w, p.g.m * row);
                free(w);
            }
            free_product(&p);
        }
    }
}

/* Rows a multiple of 4 KB apart, several panels to an item, several runs of k. */
static void rows_far_apart(void **state) {
    (void)state;
    static const size_t far[][3] = {
        {130, 300, 300}, {257, 70, 64}, {40, 520, 33}, {1024, 130, 20}};
    for (size_t i = 0; i < ARRAY_LEN(far); i++) {
        for (int bits = 0; bits < 8; bits++) {
            struct product p =
                new_product(bits & 4 ? NN_F64 : NN_F32, far[i], bits & 1, bits & 2);
            size_t rows = bits & 1 ? p.g.k : p.g.m;
            free(p.a);
            p.g.lda = 1024;
            p.g.a = p.a = random_array(p.g.dtype, rows * 1024, 1);
            p.g.bias = p.bias;
            p.g.act = NN_ACT_SIGMOID;
            compare(&p);
            free_product(&p);
        }
    }
}

static void nan_passes_relu(void **state) {
    (void)state;
    EACH_ISA(isa) {
        struct product p = new_product(NN_F32, (size_t[]){5, 20, 3}, false, false);
        ((float *)p.a)[0] = NAN;
        p.g.act = NN_ACT_RELU;
        run(&p, isa, p.c);
        assert_true(isnan(((float *)p.c)[19]));
        free_product(&p);
    }
}

static void *packed_copy(const struct nn_gemm *g) {
    size_t bytes = nn_gemm_packed_size(g->dtype, g->n, g->k);
    void *packed = aligned_alloc(64, (bytes + 63) / 64 * 64);
    assert_non_null(packed);
    nn_gemm_pack(packed, g->dtype, g->n, g->k, g->b, g->ldb, g->trans_b);
    return packed;
}

/* Packed or not is the same product, bit for bit. */
static void packed(void **state) {
    (void)state;
    EACH_SIZE(i) {
        for (int bits = 0; bits < 4; bits++) {
            EACH_ISA(isa) {
                struct product p =
                    new_product(bits & 1 ? NN_F64 : NN_F32, sizes[i], false, bits & 2);
                size_t bytes = p.c_elements * nn_dtype_size(p.g.dtype);
                void *want = random_array(p.g.dtype, p.c_elements, 3);
                run(&p, isa, want);
                void *b = packed_copy(&p.g);
                p.g.packed = b;
                p.g.b = NULL;
                run(&p, isa, p.c);
                assert_memory_equal(p.c, want, bytes);
                free(b);
                free(want);
                free_product(&p);
            }
        }
    }
}

static void packed_naive(void **state) {
    (void)state;
    assert_true(nn_cpu_select(NN_ISA_NAIVE));
    struct product p = new_product(NN_F32, (size_t[]){3, 5, 7}, false, true);
    void *want = random_array(NN_F32, p.c_elements, 3);
    run(&p, NN_ISA_NAIVE, want);
    void *b = packed_copy(&p.g);
    p.g.packed = b;
    run(&p, NN_ISA_NAIVE, p.c);
    assert_memory_equal(p.c, want, p.c_elements * sizeof(float));
    free(b);
    free(want);
    free_product(&p);
}

static void too_large_to_pack(void **state) {
    (void)state;
    assert_int_equal(nn_gemm_packed_size(NN_F32, SIZE_MAX / 4, 3), 0);
    assert_int_equal(nn_gemm_packed_size(NN_F32, SIZE_MAX, 1), 0);
}

/* The same bits on 1, 2, 4 and 8 threads, and from AVX2 and AVX-512. */
static void bit_equal(void **state) {
    (void)state;
    static const size_t large[][3] = {{64, 128, 784}, {784, 128, 64}, {301, 77, 515}};
    for (size_t i = 0; i < 6; i++) {
        struct product p =
            new_product(i % 2 ? NN_F64 : NN_F32, large[i / 2], i / 2 == 1, i / 2 == 2);
        void *want = random_array(p.g.dtype, p.c_elements, 3);
        size_t bytes = p.c_elements * nn_dtype_size(p.g.dtype);
        EACH_ISA(isa) {
            nn_pool_set_threads(1);
            if (isa == NN_ISA_VEC || !nn_cpu_has(NN_ISA_AVX512) || isa == NN_ISA_AVX512)
                run(&p, isa, want);
            for (int threads = 1; threads <= 8; threads *= 2) {
                nn_pool_set_threads(threads);
                run(&p, isa, p.c);
                assert_memory_equal(p.c, want, bytes);
            }
        }
        free(want);
        free_product(&p);
    }
    nn_pool_set_threads(2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_transposes),
        cmocka_unit_test(steps_in_place),
        cmocka_unit_test(epilogues),
        cmocka_unit_test(nan_passes_relu),
        cmocka_unit_test(packed),
        cmocka_unit_test(packed_naive),
        cmocka_unit_test(too_large_to_pack),
        cmocka_unit_test(bit_equal),
        cmocka_unit_test(rows_far_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
