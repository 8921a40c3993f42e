/* test_feed.c: order, contents, augmented rows and short last batches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fail_alloc.h"
#include "nn/feed.h"
#include "nn/pool.h"

#include <math.h>

static struct err e;

/* n examples (n, 3): bytes 3i, 3i + 1, 3i + 2 mod 256; label i. */
static void make(struct nn_tensor **x, struct nn_tensor **y, enum nn_dtype dtype,
                 size_t n) {
    assert_int_equal(nn_tensor_new(x, dtype, 2, (size_t[]){n, 3}, &e), 0);
    assert_int_equal(nn_tensor_new(y, NN_I32, 1, &n, &e), 0);
    for (size_t i = 0; i < 3 * n; i++)
        nn_tensor_set(*x, i, (double)(i % 256));
    for (size_t i = 0; i < n; i++)
        nn_tensor_i32(*y)[i] = (int32_t)i;
}

/* Every row of the batch is the one that its label names, normalised. */
static void assert_batch(const struct nn_tensor *x, const struct nn_tensor *y,
                         const struct nn_normalise *input) {
    assert_int_equal(x->dtype, NN_F32);
    assert_int_equal(x->shape[0], y->shape[0]);
    for (size_t r = 0; r < y->n; r++)
        for (size_t j = 0; j < 3; j++) {
            float scale, offset;
            nn_normalise_get(input, NN_F32, input->channels ? j : 0, &scale, &offset);
            double raw = (double)((3 * (size_t)nn_tensor_i32(y)[r] + j) % 256);
            double want = raw * (double)scale + (double)offset;
            assert_true(fabs(nn_tensor_get(x, 3 * r + j) - want) < 1e-5);
        }
}

static const struct nn_normalise whole = {.scale = 1 / 255.0f, .offset = -0.5f};
static const struct nn_normalise each = {
    .channels = 3, .channel_scale = {0.01f, 0.02f, 0.5f}, .channel_offset = {-1, 0, 3}};

static void walk(enum nn_dtype dtype, const struct nn_normalise *input) {
    struct nn_tensor *x, *y, *bx, *by;
    struct nn_feed *f;
    struct nn_feed_options o = {.batch = 16, .input = *input, .shuffle = true, .seed = 3};
    make(&x, &y, dtype, 100);
    assert_int_equal(nn_feed_new(&f, x, y, &o, &e), 0);
    assert_int_equal(nn_feed_batches(f), 7);
    for (uint64_t epoch = 0; epoch < 3; epoch++) {
        bool seen[100] = {false};
        size_t n = 0;
        nn_feed_start(f, epoch);
        while (nn_feed_next(f, &bx, &by)) {
            assert_int_equal(by->n, ++n == 7 ? 4 : 16);
            assert_batch(bx, by, input);
            for (size_t r = 0; r < by->n; r++) {
                assert_false(seen[nn_tensor_i32(by)[r]]);
                seen[nn_tensor_i32(by)[r]] = true;
            }
        }
        assert_int_equal(n, 7);
        assert_false(nn_feed_next(f, &bx, &by));
    }
    struct nn_feed_stats s = nn_feed_stats(f);
    assert_true(s.batches == 21 && s.rows == 300 && s.seconds > 0);
    nn_feed_free(f);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

static void walks_an_epoch(void **state) {
    (void)state;
    const enum nn_dtype dtypes[] = {NN_U8, NN_F32};
    for (int i = 0; i < 2; i++) {
        walk(dtypes[i], &whole);
        walk(dtypes[i], &each);
    }
    walk(NN_F32, &(struct nn_normalise){0});
}

/* Bytes without a word about them are divided by 255. */
static void the_usual_is_a_255th(void **state) {
    (void)state;
    struct nn_tensor *x, *y, *bx, *by;
    struct nn_feed *f;
    make(&x, &y, NN_U8, 10);
    assert_int_equal(
        nn_feed_new(&f, x, NULL, &(struct nn_feed_options){.batch = 100}, &e), 0);
    nn_feed_start(f, 0);
    assert_true(nn_feed_next(f, &bx, &by));
    assert_null(by);
    for (size_t i = 0; i < 30; i++)
        assert_true(nn_tensor_f32(bx)[i] == (float)i * (float)(1.0 / 255));
    nn_feed_free(f);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

/* Adds the seed's low bits: what an example became tells which seed it had. */
static void add_seed(const void *ctx, void *to, const void *from, uint64_t seed) {
    size_t size = *(const size_t *)ctx;
    memcpy(to, from, 3 * size);
    for (size_t i = 0; i < 3 && size == 1; i++)
        ((unsigned char *)to)[i] = (unsigned char)(seed >> (8 * i));
    for (size_t i = 0; i < 3 && size == 4; i++)
        ((float *)to)[i] = (float)((seed >> (8 * i)) & 255);
}

/* 64 examples in the order in which they came: labels, then numbers. */
static void run(float *to, enum nn_dtype dtype, uint64_t seed, uint64_t epoch,
                bool augment, size_t batch) {
    struct nn_tensor *x, *y, *bx, *by;
    struct nn_feed *f;
    size_t size = nn_dtype_size(dtype), n = 0;
    make(&x, &y, dtype, 64);
    struct nn_feed_options o = {.batch = batch,
                                .shuffle = true,
                                .seed = seed,
                                .augment = augment ? add_seed : NULL,
                                .augment_ctx = &size};
    assert_int_equal(nn_feed_new(&f, x, y, &o, &e), 0);
    nn_feed_start(f, epoch);
    while (nn_feed_next(f, &bx, &by)) {
        for (size_t i = 0; i < by->n; i++)
            to[n + i] = (float)nn_tensor_i32(by)[i];
        memcpy(to + 64 + 3 * n, bx->data, 3 * by->n * sizeof *to);
        n += by->n;
    }
    assert_int_equal(n, 64);
    nn_feed_free(f);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

/* Order and changes come from seed, epoch and row: not from the threads, the size of the
 * batches, nor from what ran before. */
static void depends_on_seed_and_epoch_alone(void **state) {
    (void)state;
    float a[256], b[256];
    const enum nn_dtype dtypes[] = {NN_U8, NN_F32};
    for (int i = 0; i < 4; i++) {
        enum nn_dtype d = dtypes[i % 2];
        bool augment = i / 2;
        run(a, d, 1, 4, augment, 8);
        for (int threads = 1; threads <= 4; threads *= 4) {
            nn_pool_set_threads(threads);
            run(b, d, 1, 4, augment, threads == 1 ? 8 : 13);
            assert_memory_equal(a, b, sizeof a);
        }
        run(b, d, 1, 5, augment, 8);
        assert_memory_not_equal(a, b, sizeof a);
        run(b, d, 2, 4, augment, 8);
        assert_memory_not_equal(a, b, sizeof a);
    }
}

static void every_example_has_its_own_seed(void **state) {
    (void)state;
    float a[2][256];
    for (uint64_t epoch = 0; epoch < 2; epoch++)
        run(a[epoch], NN_U8, 1, epoch, true, 16);
    const float *first = a[0] + 64, *second = a[1] + 64;
    for (size_t i = 0; i < 64; i++) {
        for (size_t j = 0; j < 64; j++) {
            assert_true(i == j || memcmp(first + 3 * i, first + 3 * j, 12) != 0);
            assert_memory_not_equal(first + 3 * i, second + 3 * j, 12);
        }
    }
}

static void refuses_what_does_not_fit(void **state) {
    (void)state;
    struct nn_tensor *x, *y, *short_y, *wide;
    struct nn_feed *f;
    make(&x, &y, NN_U8, 10);
    assert_int_equal(nn_tensor_rows(&short_y, y, 0, 9, &e), 0);
    struct nn_feed_options o = {.batch = 4};
    assert_int_equal(nn_feed_new(&f, x, short_y, &o, &e), ERR_SHAPE);
    assert_string_equal(e.msg, "hay 10 ejemplos y 9 etiquetas; deben coincidir");
    assert_int_equal(nn_tensor_new(&wide, NN_F64, 2, (size_t[]){4, 3}, &e), 0);
    assert_int_equal(nn_feed_new(&f, wide, NULL, &o, &e), ERR_DTYPE);
    o.input.channels = 2;
    assert_int_equal(nn_feed_new(&f, x, y, &o, &e), ERR_SHAPE);
    assert_non_null(strstr(e.msg, "2 canales y los ejemplos tienen forma (3,)"));
    o = (struct nn_feed_options){0};
    assert_int_equal(nn_feed_new(&f, x, y, &o, &e), ERR_RANGE);
    assert_null(f);
    nn_feed_free(f);
    nn_tensor_release(wide);
    nn_tensor_release(short_y);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

static void survives_short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        return;
    struct nn_tensor *x, *y;
    size_t size = 1;
    make(&x, &y, NN_U8, 10);
    for (long k = 0;; k++) {
        struct nn_feed *f;
        struct nn_feed_options o = {
            .batch = 4, .shuffle = true, .augment = add_seed, .augment_ctx = &size};
        fail_alloc_after(k);
        int rc = nn_feed_new(&f, x, y, &o, &e);
        if (!fail_alloc_stop()) {
            assert_int_equal(rc, 0);
            nn_feed_free(f);
            break;
        }
        assert_int_equal(rc, ERR_NOMEM);
        assert_null(f);
    }
    nn_tensor_release(x);
    nn_tensor_release(y);
    assert_int_equal(nn_memory_in_use(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_an_epoch),
        cmocka_unit_test(the_usual_is_a_255th),
        cmocka_unit_test(depends_on_seed_and_epoch_alone),
        cmocka_unit_test(every_example_has_its_own_seed),
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(survives_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
