/* test_batch.c: order, contents, views and short last batches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fail_alloc.h"
#include "nn/batch.h"
#include "nn/pool.h"

#include <math.h>

static struct err e;

/* n examples (n, 3): bytes 3i, 3i + 1, 3i + 2 mod 256; label i. */
static void make(struct nn_tensor **x, struct nn_tensor **y, size_t n) {
    assert_int_equal(nn_tensor_new(x, NN_U8, 2, (size_t[]){n, 3}, &e), 0);
    assert_int_equal(nn_tensor_new(y, NN_I32, 1, &n, &e), 0);
    for (size_t i = 0; i < 3 * n; i++)
        nn_tensor_u8(*x)[i] = (unsigned char)i;
    for (size_t i = 0; i < n; i++)
        nn_tensor_i32(*y)[i] = (int32_t)i;
}

static void assert_batch(const struct nn_batch *t, float scale, float offset) {
    assert_int_equal(t->x->shape[0], t->n);
    assert_int_equal(t->y->n, t->n);
    for (size_t r = 0; r < t->n; r++) {
        assert_int_equal(nn_tensor_i32(t->y)[r], t->rows[r]);
        for (size_t j = 0; j < 3; j++) {
            double want =
                (double)((3 * t->rows[r] + j) % 256) * (double)scale + (double)offset;
            assert_true(fabs(nn_tensor_get(t->x, 3 * r + j) - want) < 1e-6);
        }
    }
}

static void walks_an_epoch(void **state) {
    (void)state;
    struct nn_tensor *x, *y;
    make(&x, &y, 100);
    for (int dtype = NN_F32; dtype <= NN_F64; dtype++) {
        struct nn_batches *b;
        struct nn_batches_opts o = {.batch_size = 16,
                                    .dtype = (enum nn_dtype)dtype,
                                    .scale = 1 / 255.0f,
                                    .offset = -0.5f,
                                    .shuffle = true,
                                    .seed = 3};
        assert_int_equal(nn_batches_new(&b, x, y, NULL, 0, &o, &e), 0);
        assert_int_equal(nn_batches_count(b), 7);
        for (uint64_t epoch = 0; epoch < 3; epoch++) {
            struct nn_batch t;
            bool seen[100] = {false};
            size_t n = 0;
            nn_batches_start(b, epoch);
            while (nn_batches_next(b, &t)) {
                assert_int_equal(t.index, n++);
                assert_int_equal(t.n, n == 7 ? 4 : 16);
                assert_batch(&t, o.scale, o.offset);
                for (size_t r = 0; r < t.n; r++) {
                    assert_false(seen[t.rows[r]]);
                    seen[t.rows[r]] = true;
                }
            }
            assert_int_equal(n, 7);
            assert_false(nn_batches_next(b, &t));
        }
        nn_batches_free(b);
    }
    nn_tensor_release(x);
    nn_tensor_release(y);
}

static void order(int32_t *to, uint64_t seed, uint64_t epoch) {
    struct nn_tensor *x, *y;
    struct nn_batches *b;
    struct nn_batch t;
    make(&x, &y, 64);
    assert_int_equal(nn_batches_new(&b, x, y, NULL, 0,
                                    &(struct nn_batches_opts){
                                        .batch_size = 8, .shuffle = true, .seed = seed},
                                    &e),
                     0);
    nn_batches_start(b, epoch);
    for (size_t i = 0; nn_batches_next(b, &t); i += 8)
        memcpy(to + i, t.y->data, 8 * sizeof *to);
    nn_batches_free(b);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

/* The order comes from seed and epoch, not from the threads, nor from what ran before. */
static void order_depends_on_seed_and_epoch(void **state) {
    (void)state;
    int32_t a[64], b[64];
    order(a, 1, 4);
    nn_pool_set_threads(1);
    order(b, 1, 4);
    nn_pool_set_threads(2);
    assert_memory_equal(a, b, sizeof a);
    order(b, 1, 5);
    assert_memory_not_equal(a, b, sizeof a);
    order(b, 2, 4);
    assert_memory_not_equal(a, b, sizeof a);
}

static void takes_given_rows_in_order(void **state) {
    (void)state;
    struct nn_tensor *x, *y;
    struct nn_batches *b;
    struct nn_batch t;
    const size_t rows[] = {9, 2, 2, 7, 0};
    make(&x, &y, 10);
    struct nn_batches_opts o = {.batch_size = 100};
    assert_int_equal(nn_batches_new(&b, x, y, rows, 5, &o, &e), 0);
    assert_int_equal(nn_batches_count(b), 1);
    assert_true(nn_batches_next(b, &t));
    assert_int_equal(t.n, 5);
    assert_memory_equal(t.rows, rows, sizeof rows);
    assert_batch(&t, 1, 0);
    nn_batches_free(b);
    assert_int_equal(nn_batches_new(&b, x, NULL, rows, 5, &o, &e), 0);
    assert_true(nn_batches_next(b, &t));
    assert_null(t.y);
    nn_batches_free(b);
    assert_int_equal(nn_batches_new(&b, x, y, rows, 0, &o, &e), 0);
    assert_int_equal(nn_batches_count(b), 0);
    assert_false(nn_batches_next(b, &t));
    nn_batches_free(b);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

static void gathers_any_dtype(void **state) {
    (void)state;
    struct nn_tensor *x;
    const size_t rows[] = {2, 0};
    const enum nn_dtype from[] = {NN_F32, NN_F64, NN_U8, NN_I32};
    for (size_t k = 0; k < 4; k++) {
        assert_int_equal(nn_tensor_new(&x, from[k], 2, (size_t[]){3, 2}, &e), 0);
        for (size_t i = 0; i < 6; i++)
            nn_tensor_set(x, i, (double)i);
        float f[4];
        double d[4];
        nn_batch_gather(f, NN_F32, x, rows, 2, 0, 0);
        nn_batch_gather(d, NN_F64, x, rows, 2, 0.5f, 1);
        const double want[4] = {4, 5, 0, 1};
        for (int i = 0; i < 4; i++) {
            assert_true((double)f[i] == want[i]);
            assert_true(fabs(d[i] - (want[i] * 0.5 + 1)) < 1e-15);
        }
        nn_tensor_release(x);
    }
}

/* Runs on the helper thread: it notes, the test judges. */
struct seeds {
    size_t n;
    uint64_t seed[8];
};

static void mark(void *ctx, struct nn_tensor *x, uint64_t seed) {
    struct seeds *s = ctx;
    s->seed[s->n++ % 8] = seed;
    nn_tensor_fill(x, -1);
}

static void augments_each_batch_with_its_own_seed(void **state) {
    (void)state;
    struct nn_tensor *x, *y;
    struct nn_batches *b;
    struct nn_batch t;
    struct seeds s = {0};
    make(&x, &y, 10);
    struct nn_batches_opts o = {
        .batch_size = 4, .seed = 1, .augment = mark, .augment_ctx = &s};
    assert_int_equal(nn_batches_new(&b, x, y, NULL, 0, &o, &e), 0);
    for (uint64_t epoch = 0; epoch < 2; epoch++) {
        while (nn_batches_next(b, &t))
            for (size_t i = 0; i < t.x->n; i++)
                assert_true(nn_tensor_get(t.x, i) == -1);
        if (epoch == 0)
            nn_batches_start(b, 1);
    }
    nn_batches_free(b);
    assert_int_equal(s.n, 6);
    for (size_t i = 0; i < s.n; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(s.seed[i] != s.seed[j]);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

static void refuses_what_does_not_fit(void **state) {
    (void)state;
    struct nn_tensor *x, *y, *short_y;
    struct nn_batches *b;
    const size_t rows[] = {0, 10};
    make(&x, &y, 10);
    assert_int_equal(nn_tensor_rows(&short_y, y, 0, 9, &e), 0);
    struct nn_batches_opts o = {.batch_size = 4};
    assert_int_equal(nn_batches_new(&b, x, short_y, NULL, 0, &o, &e), ERR_SHAPE);
    assert_string_equal(e.msg, "hay 10 ejemplos y 9 etiquetas; deben coincidir");
    assert_int_equal(nn_batches_new(&b, x, y, rows, 2, &o, &e), ERR_RANGE);
    assert_string_equal(e.msg, "la fila 11 está fuera de 1..10");
    o.dtype = NN_U8;
    assert_int_equal(nn_batches_new(&b, x, y, NULL, 0, &o, &e), ERR_DTYPE);
    o = (struct nn_batches_opts){0};
    assert_int_equal(nn_batches_new(&b, x, y, NULL, 0, &o, &e), ERR_RANGE);
    assert_null(b);
    nn_batches_free(b);
    nn_tensor_release(short_y);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

static void survives_short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        return;
    struct nn_tensor *x, *y;
    make(&x, &y, 10);
    for (long k = 0;; k++) {
        struct nn_batches *b;
        struct nn_batches_opts o = {.batch_size = 4, .shuffle = true};
        fail_alloc_after(k);
        int rc = nn_batches_new(&b, x, y, NULL, 0, &o, &e);
        bool failed = fail_alloc_stop();
        if (rc == 0) { /* a helper thread that cannot be made is no failure */
            nn_batches_free(b);
            if (!failed)
                break;
            continue;
        }
        assert_int_equal(rc, ERR_NOMEM);
        assert_null(b);
    }
    nn_tensor_release(x);
    nn_tensor_release(y);
    assert_int_equal(nn_memory_in_use(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_an_epoch),
        cmocka_unit_test(order_depends_on_seed_and_epoch),
        cmocka_unit_test(takes_given_rows_in_order),
        cmocka_unit_test(gathers_any_dtype),
        cmocka_unit_test(augments_each_batch_with_its_own_seed),
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(survives_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
