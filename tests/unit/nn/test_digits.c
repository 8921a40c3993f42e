/* test_digits.c: the built-in digits: balanced, the same everywhere, learnable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fail_alloc.h"
#include "nn/digits.h"
#include "nn/pool.h"

#include <math.h>

enum { PIXELS = 28 * 28 };

static struct err e;

static uint64_t fnv(const void *bytes, size_t n) {
    const unsigned char *p = bytes;
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 1099511628211u;
    return h;
}

static void has_the_shape_of_mnist(void **state) {
    (void)state;
    struct nn_dataset *d;
    size_t counts[10];
    assert_int_equal(nn_digits_new(&d, NULL, &e), 0);
    const size_t train[4] = {6000, 28, 28, 1}, tests[4] = {1000, 28, 28, 1};
    assert_memory_equal(d->x_train->shape, train, sizeof train);
    assert_memory_equal(d->x_test->shape, tests, sizeof tests);
    assert_int_equal(nn_dataset_check(d, &e), 0);
    assert_int_equal(nn_dataset_class_counts(counts, 10, d->y_train, &e), 0);
    for (int k = 0; k < 10; k++)
        assert_int_equal(counts[k], 600);
    assert_string_equal(d->classes[7], "7");
    assert_null(d->notes);
    double mean, std;
    nn_dataset_mean_std(&mean, &std, d->x_train, d->input.scale, d->input.offset);
    assert_true(mean > 0.09 && mean < 0.15); /* MNIST: 0.131, 0.308 */
    assert_true(std > 0.22 && std < 0.33);
    nn_dataset_release(d);
}

/* The bytes were pinned when the digits were drawn first: notebooks print numbers that
 * depend on them. */
static void draws_the_same_bytes_everywhere(void **state) {
    (void)state;
    struct nn_dataset *a, *b;
    struct nn_digits_opts small = {.n_train = 503, .n_test = 100};
    assert_int_equal(nn_digits_new(&a, NULL, &e), 0);
    assert_int_equal(fnv(a->x_train->data, a->x_train->n), 0x24d016f44c969163u);
    assert_int_equal(fnv(a->x_test->data, a->x_test->n), 0xdfdbbcc6e9f87934u);
    for (int threads = 1; threads <= 2; threads++) {
        nn_pool_set_threads(threads);
        assert_int_equal(nn_digits_new(&b, &small, &e), 0);
        assert_memory_equal(a->x_train->data, b->x_train->data, 503 * PIXELS);
        assert_memory_equal(a->y_test->data, b->y_test->data, 100 * sizeof(int32_t));
        nn_dataset_release(b);
    }
    small.seed = 2;
    assert_int_equal(nn_digits_new(&b, &small, &e), 0);
    assert_memory_not_equal(a->x_train->data, b->x_train->data, 503 * PIXELS);
    nn_dataset_release(a);
    nn_dataset_release(b);
}

/* Every image has ink, none touches all sides, none repeats another. */
static void draws_each_image_anew(void **state) {
    (void)state;
    struct nn_dataset *d;
    assert_int_equal(nn_digits_new(&d, NULL, &e), 0);
    uint64_t *seen = calloc(7000, sizeof *seen);
    assert_non_null(seen);
    for (size_t i = 0; i < 7000; i++) {
        const unsigned char *p = i < 6000 ? nn_tensor_u8(d->x_train) + i * PIXELS
                                          : nn_tensor_u8(d->x_test) + (i - 6000) * PIXELS;
        size_t ink = 0;
        for (int k = 0; k < PIXELS; k++)
            ink += p[k] > 100;
        assert_true(ink >= 15 && ink <= 350);
        seen[i] = fnv(p, PIXELS);
        for (size_t j = i > 200 ? i - 200 : 0; j < i; j++)
            assert_true(seen[j] != seen[i]);
    }
    free(seen);
    nn_dataset_release(d);
}

/* The nearest class mean is a weak classifier: right for most, wrong for many. */
static void is_neither_trivial_nor_impossible(void **state) {
    (void)state;
    struct nn_dataset *d;
    assert_int_equal(nn_digits_new(&d, NULL, &e), 0);
    double(*mean)[PIXELS] = calloc(10, sizeof *mean);
    assert_non_null(mean);
    for (size_t i = 0; i < 6000; i++)
        for (int k = 0; k < PIXELS; k++)
            mean[nn_tensor_i32(d->y_train)[i]][k] +=
                nn_tensor_u8(d->x_train)[i * PIXELS + (size_t)k] / 600.0;
    int right = 0;
    for (size_t i = 0; i < 1000; i++) {
        int best = -1;
        double least = INFINITY;
        for (int c = 0; c < 10; c++) {
            double dist = 0;
            for (int k = 0; k < PIXELS; k++) {
                double v = nn_tensor_u8(d->x_test)[i * PIXELS + (size_t)k] - mean[c][k];
                dist += v * v;
            }
            if (dist < least) {
                least = dist;
                best = c;
            }
        }
        right += best == nn_tensor_i32(d->y_test)[i];
    }
    print_message("nearest class mean: %d of 1000\n", right);
    assert_true(right > 700 && right < 900);
    free(mean);
    nn_dataset_release(d);
}

static void refuses_too_many(void **state) {
    (void)state;
    struct nn_dataset *d;
    struct nn_digits_opts o = {.n_test = NN_DIGITS_MAX + 1};
    assert_int_equal(nn_digits_new(&d, &o, &e), ERR_RANGE);
    assert_string_equal(e.msg, "digits: n = 1000001; se admite de 1 a 1000000");
    assert_null(d);
}

static void survives_short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        return;
    for (long k = 0;; k++) {
        struct nn_dataset *d;
        fail_alloc_after(k);
        int rc =
            nn_digits_new(&d, &(struct nn_digits_opts){.n_train = 9, .n_test = 9}, &e);
        bool failed = fail_alloc_stop();
        if (!failed) {
            assert_int_equal(rc, 0);
            nn_dataset_release(d);
            break;
        }
        assert_int_equal(rc, ERR_NOMEM);
        assert_null(d);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_shape_of_mnist),
        cmocka_unit_test(draws_the_same_bytes_everywhere),
        cmocka_unit_test(draws_each_image_anew),
        cmocka_unit_test(is_neither_trivial_nor_impossible),
        cmocka_unit_test(refuses_too_many),
        cmocka_unit_test(survives_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
