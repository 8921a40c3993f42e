/* test_augment.c: what changes do to pictures, one at a time and together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fail_alloc.h"
#include "nn/dataset.h"
#include "nn/pool.h"
#include "nn/rng.h"

#include <math.h>

static struct err e;

enum { H = 9, W = 11, SEEDS = 200 };

/* One random picture of c channels as a data set of one, prepared. */
struct scene {
    struct nn_augment a;
    size_t n;
    unsigned char from[H * W * 3], to[H * W * 3];
};

static void scene_init(struct scene *s, struct nn_augment a, size_t c) {
    struct nn_tensor *x;
    struct nn_rng r;
    nn_rng_seed(&r, c);
    s->n = H * W * c;
    for (size_t i = 0; i < s->n; i++)
        s->from[i] = (unsigned char)(nn_rng_below(&r, 255) + 1);
    assert_int_equal(nn_tensor_new(&x, NN_U8, 4, (size_t[]){1, H, W, c}, &e), 0);
    memcpy(nn_tensor_u8(x), s->from, s->n);
    s->a = a;
    assert_int_equal(nn_augment_prepare(&s->a, x, &e), 0);
    nn_tensor_release(x);
}

static void change(struct scene *s, uint64_t seed) {
    nn_augment_bytes(&s->a, s->to, s->from, seed);
}

/* Index i reflected into 0..n-1, by walking to and fro. */
static long walk(long i, long n) {
    long at = 0, step = 1;
    for (long k = 0; k < labs(i); k++) {
        if (at + step < 0 || at + step >= n)
            step = -step;
        at += n > 1 ? step : 0;
    }
    return at;
}

static bool is_moved(const struct scene *s, long dx, long dy, bool flip) {
    for (long y = 0; y < H; y++)
        for (long x = 0; x < W; x++)
            for (size_t k = 0; k < s->a.c; k++) {
                long sx = (flip ? W - 1 - x : x) - dx, sy = y - dy;
                bool out = sx < 0 || sx >= W || sy < 0 || sy >= H;
                /* past the far end: the same walk from there */
                long px = sx < W ? walk(sx, W) : W - 1 - walk(sx - W + 1, W);
                long py = sy < H ? walk(sy, H) : H - 1 - walk(sy - H + 1, H);
                unsigned char want = s->from[(size_t)(py * W + px) * s->a.c + k];
                if (out && !s->a.reflect)
                    want = 0;
                if (s->to[(size_t)(y * W + x) * s->a.c + k] != want)
                    return false;
            }
    return true;
}

/* Counts how often each movement occurs; every picture must be one of them. */
static void movements(struct scene *s, int count[2][9][9]) {
    int most = s->a.shift;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        int found = 0;
        change(s, seed);
        for (int flip = 0; flip <= s->a.flip; flip++)
            for (int dy = -most; dy <= most; dy++)
                for (int dx = -most; dx <= most; dx++)
                    if (is_moved(s, dx, dy, flip)) {
                        found++;
                        count[flip][dy + 4][dx + 4]++;
                    }
        assert_int_equal(found, 1);
    }
}

static void nothing_is_a_copy(void **state) {
    (void)state;
    struct scene s;
    scene_init(&s, (struct nn_augment){0}, 3);
    assert_false(nn_augment_any(&s.a));
    for (uint64_t seed = 0; seed < 20; seed++) {
        change(&s, seed);
        assert_memory_equal(s.to, s.from, s.n);
    }
}

static void flips_half_of_the_times(void **state) {
    (void)state;
    for (size_t c = 1; c <= 3; c++) {
        struct scene s;
        int count[2][9][9] = {0};
        scene_init(&s, (struct nn_augment){.flip = true}, c);
        assert_true(nn_augment_any(&s.a));
        movements(&s, count);
        assert_in_range(count[1][4][4], SEEDS * 2 / 5, SEEDS * 3 / 5);
    }
}

static void moves_in_every_direction(void **state) {
    (void)state;
    for (int reflect = 0; reflect < 2; reflect++)
        for (int flip = 0; flip < 2; flip++) {
            struct scene s;
            int count[2][9][9] = {0};
            scene_init(&s,
                       (struct nn_augment){.shift = 2, .reflect = reflect, .flip = flip},
                       reflect ? 3 : 1);
            movements(&s, count);
            for (int dy = 2; dy <= 6; dy++)
                for (int dx = 2; dx <= 6; dx++)
                    assert_true(count[0][dy][dx] + count[1][dy][dx] > 0);
        }
}

/* The largest movement that is allowed, whose mirror image is as wide as the picture. */
static void the_largest_movement_stays_inside(void **state) {
    (void)state;
    struct scene s;
    int count[2][9][9] = {0};
    scene_init(&s, (struct nn_augment){.shift = 4, .reflect = true, .flip = true}, 3);
    movements(&s, count);
}

/* Turned by next to nothing: the slow way gives what the fast way gives. */
static void turning_by_nothing_moves_alike(void **state) {
    (void)state;
    for (int reflect = 0; reflect < 2; reflect++) {
        struct scene fast, slow;
        struct nn_augment a = {.shift = 3, .flip = true, .reflect = reflect};
        scene_init(&fast, a, 3);
        a.rotate = 1e-9;
        scene_init(&slow, a, 3);
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            change(&fast, seed);
            change(&slow, seed);
            assert_memory_equal(fast.to, slow.to, fast.n);
        }
    }
}

/* A slope of `gx` a pixel across and `gy` down, as bytes about 128; its own at the centre
 * of what came out. */
static void slope(struct scene *s, double gx, double gy) {
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            s->from[y * W + x] = (unsigned char)lround(128 + gx * (x - (W - 1) / 2.0) +
                                                       gy * (y - (H - 1) / 2.0));
}

/* A turned slope is as steep as before, and its direction says by how much it turned. */
static void turns_about_the_centre(void **state) {
    (void)state;
    struct scene s;
    double least = 0, most = 0;
    scene_init(&s, (struct nn_augment){.rotate = 30}, 1);
    slope(&s, 8, 0);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        change(&s, seed);
        const unsigned char *p = s.to + H / 2 * W + W / 2;
        double gx = (p[2] - p[-2]) / 4.0, gy = (p[2 * W] - p[-2 * W]) / 4.0;
        double angle = atan2(gy, gx) * 180 / M_PI;
        assert_true(fabs(hypot(gx, gy) - 8) < 0.5);
        assert_in_range(p[0], 127, 129);
        assert_true(fabs(angle) < 32);
        least = fmin(least, angle);
        most = fmax(most, angle);
    }
    assert_true(least < -25 && most > 25);
}

static void cuts_a_square_of_the_mean(void **state) {
    (void)state;
    struct scene s;
    size_t largest = 0;
    scene_init(&s, (struct nn_augment){.cutout = 4}, 3);
    for (size_t k = 0; k < 3; k++) {
        double sum = 0;
        for (size_t i = k; i < s.n; i += 3)
            sum += s.from[i];
        assert_int_equal(s.a.fill[k], lround(sum / (H * W)));
    }
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        long left = W, right = -1, top = H, low = -1;
        size_t n = 0;
        change(&s, seed);
        for (long i = 0; i < H * W; i++) {
            if (memcmp(s.to + 3 * i, s.from + 3 * i, 3) == 0)
                continue;
            assert_memory_equal(s.to + 3 * i, s.a.fill, 3);
            left = MIN_OF(left, i % W);
            right = MAX_OF(right, i % W);
            top = MIN_OF(top, i / W);
            low = MAX_OF(low, i / W);
            n++;
        }
        assert_int_equal(n, (right - left + 1) * (low - top + 1));
        assert_in_range(n, 4, 16);
        largest = MAX_OF(largest, n);
    }
    assert_int_equal(largest, 16);
}

/* out = clamp(v f): one factor explains all bytes. */
static void brightness_is_one_factor(void **state) {
    (void)state;
    struct scene s;
    double least = 1, most = 1;
    scene_init(&s, (struct nn_augment){.brightness = 0.3}, 1);
    for (size_t i = 0; i < s.n; i++)
        s.from[i] = (unsigned char)(i * 2);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        change(&s, seed);
        double f = s.to[90] / 180.0;
        assert_true(f > 0.69 && f < 1.31);
        for (size_t i = 0; i < s.n; i++)
            assert_true(fabs(s.to[i] - fmin(s.from[i] * f, 255)) < 1.2);
        least = fmin(least, f);
        most = fmax(most, f);
    }
    assert_true(least < 0.75 && most > 1.25);
}

/* out = mean + (v - mean) f: the mean stays, the distances shrink or grow. */
static void contrast_keeps_the_mean(void **state) {
    (void)state;
    struct scene s;
    double least = 1, most = 1;
    scene_init(&s, (struct nn_augment){.contrast = 0.5}, 1);
    slope(&s, 4, 2);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        change(&s, seed);
        double f = ((int)s.to[s.n - 1] - s.to[0]) / (double)(s.from[s.n - 1] - s.from[0]);
        assert_true(f > 0.48 && f < 1.52);
        for (size_t i = 0; i < s.n; i++)
            assert_true(fabs(s.to[i] - (128 + (s.from[i] - 128) * f)) < 1.2);
        least = fmin(least, f);
        most = fmax(most, f);
    }
    assert_true(least < 0.6 && most > 1.4);
}

/* The hole does not change where the picture moves, nor the seed another's. */
static void the_seed_decides(void **state) {
    (void)state;
    struct scene plain, both;
    struct nn_augment a = {.shift = 3, .flip = true};
    unsigned char first[sizeof plain.to];
    int others = 0;
    scene_init(&plain, a, 3);
    a.cutout = 2;
    scene_init(&both, a, 3);
    for (uint64_t seed = 0; seed < 50; seed++) {
        size_t differ = 0;
        change(&plain, seed);
        change(&both, seed);
        for (size_t i = 0; i < plain.n; i++)
            differ += plain.to[i] != both.to[i];
        assert_in_range(differ, 1, 12);
        memcpy(first, both.to, both.n);
        change(&both, seed);
        assert_memory_equal(first, both.to, both.n);
        change(&both, seed + 1);
        others += memcmp(first, both.to, both.n) != 0;
    }
    assert_in_range(others, 48, 50); /* two seeds may choose alike */
}

static void refused(struct nn_augment a, const struct nn_tensor *x, int code,
                    const char *part) {
    assert_int_equal(nn_augment_prepare(&a, x, &e), code);
    if (!strstr(e.msg, part))
        fail_msg("%s", e.msg);
}

static void refuses_what_does_not_fit(void **state) {
    (void)state;
    struct nn_tensor *x, *flat, *many, *real;
    assert_int_equal(nn_tensor_new(&x, NN_U8, 4, (size_t[]){2, 8, 6, 1}, &e), 0);
    assert_int_equal(nn_tensor_new(&flat, NN_U8, 2, (size_t[]){2, 48}, &e), 0);
    assert_int_equal(nn_tensor_new(&many, NN_U8, 4, (size_t[]){2, 8, 6, 5}, &e), 0);
    assert_int_equal(nn_tensor_new(&real, NN_F32, 4, (size_t[]){2, 8, 6, 1}, &e), 0);
    struct nn_augment flip = {.flip = true};
    refused(flip, flat, ERR_SHAPE, "(2, 48)");
    refused(flip, many, ERR_SHAPE, "(2, 8, 6, 5)");
    refused(flip, real, ERR_DTYPE, "float32");
    refused((struct nn_augment){.shift = 4}, x, ERR_RANGE, "shift es 4");
    refused((struct nn_augment){.shift = -1}, x, ERR_RANGE, "de 0 a 3");
    refused((struct nn_augment){.cutout = 7}, x, ERR_RANGE, "cutout es 7");
    refused((struct nn_augment){.rotate = 181}, x, ERR_RANGE, "rotate es 181");
    refused((struct nn_augment){.rotate = NAN}, x, ERR_RANGE, "rotate");
    refused((struct nn_augment){.brightness = 1.5}, x, ERR_RANGE, "brightness es 1.5");
    refused((struct nn_augment){.contrast = -0.5}, x, ERR_RANGE, "contrast es -0.5");
    nn_tensor_release(x);
    nn_tensor_release(flat);
    nn_tensor_release(many);
    nn_tensor_release(real);
}

/* ---- data sets */

static struct nn_dataset *pictures(enum nn_dtype dtype) {
    struct nn_dataset *d;
    struct nn_rng r;
    const char *names[] = {"a", "b"};
    nn_rng_seed(&r, 5);
    assert_int_equal(nn_dataset_new(&d, "fotos", &e), 0);
    assert_int_equal(nn_dataset_set_classes(d, 2, names, NULL, &e), 0);
    for (int part = 0; part < 2; part++) {
        struct nn_tensor **x = part ? &d->x_test : &d->x_train;
        struct nn_tensor **y = part ? &d->y_test : &d->y_train;
        size_t n = 20;
        assert_int_equal(nn_tensor_new(x, dtype, 4, (size_t[]){n, 6, 6, 3}, &e), 0);
        assert_int_equal(nn_tensor_new(y, NN_I32, 1, &n, &e), 0);
        for (size_t i = 0; i < (*x)->n; i++)
            nn_tensor_set(*x, i, (double)nn_rng_below(&r, 80 * (i % 3) + 16) + 8);
        for (size_t i = 0; i < n; i++)
            nn_tensor_i32(*y)[i] = (int32_t)(i % 2);
    }
    return d;
}

/* After x * scale + offset the training part has mean 0 and deviation 1. */
static void channels_are_normalised(void **state) {
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 4) {
        struct nn_dataset *d = pictures(NN_U8), *s, *part;
        double sum[3] = {0}, squares[3] = {0};
        nn_pool_set_threads(threads);
        struct nn_augment a = {.flip = true};
        assert_int_equal(nn_dataset_augment(&s, d, &a, true, &e), 0);
        assert_int_equal(s->input.channels, 3);
        assert_int_equal(d->input.channels, 0);
        assert_ptr_equal(s->x_train, d->x_train);
        assert_ptr_equal(s->x_test, d->x_test);
        for (size_t i = 0; i < s->x_train->n; i++) {
            float scale, offset;
            nn_normalise_get(&s->input, NN_U8, i % 3, &scale, &offset);
            double v = nn_tensor_get(s->x_train, i) * (double)scale + (double)offset;
            sum[i % 3] += v;
            squares[i % 3] += v * v;
        }
        for (int k = 0; k < 3; k++) {
            assert_true(fabs(sum[k]) / 720 < 1e-5);
            assert_true(fabs(squares[k] / 720 - 1) < 1e-5);
        }
        assert_int_equal(nn_dataset_split(&part, s, 0.5, 1, &e), 0);
        assert_true(nn_augment_any(&part->augment));
        assert_memory_equal(&part->input, &s->input, sizeof s->input);
        nn_dataset_release(part);
        nn_dataset_release(d);
        nn_dataset_release(s);
    }
}

static void columns_are_normalised(void **state) {
    (void)state;
    struct nn_dataset *d, *s;
    size_t n = 4, m = 2;
    const float train[] = {1, 5, 3, 5, 5, 5, 7, 5}, test[] = {4, 6, 9, 5};
    assert_int_equal(nn_dataset_new(&d, "tabla", &e), 0);
    assert_int_equal(nn_tensor_new(&d->x_train, NN_F32, 2, (size_t[]){n, 2}, &e), 0);
    assert_int_equal(nn_tensor_new(&d->x_test, NN_F32, 2, (size_t[]){m, 2}, &e), 0);
    assert_int_equal(nn_tensor_new(&d->y_train, NN_F32, 1, &n, &e), 0);
    assert_int_equal(nn_tensor_new(&d->y_test, NN_F32, 1, &m, &e), 0);
    memcpy(nn_tensor_f32(d->x_train), train, sizeof train);
    memcpy(nn_tensor_f32(d->x_test), test, sizeof test);
    assert_int_equal(nn_dataset_augment(&s, d, &(struct nn_augment){0}, true, &e), 0);
    const double sd = sqrt(5); /* of 1 3 5 7 about 4; the second column never changes */
    for (size_t i = 0; i < n; i++) {
        assert_true(fabs(nn_tensor_get(s->x_train, 2 * i) -
                         ((double)train[2 * i] - 4) / sd) < 1e-6);
        assert_true(nn_tensor_get(s->x_train, 2 * i + 1) == 0);
    }
    assert_true(fabs(nn_tensor_get(s->x_test, 2) - 5 / sd) < 1e-6);
    assert_true(nn_tensor_get(s->x_test, 1) == 1);
    assert_memory_equal(nn_tensor_f32(d->x_train), train, sizeof train);
    nn_dataset_release(s);
    assert_int_equal(
        nn_dataset_augment(&s, d, &(struct nn_augment){.shift = 1}, true, &e), ERR_DTYPE);
    assert_null(s);
    nn_dataset_release(d);
}

static void survives_short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        return;
    for (int real = 0; real < 2; real++) {
        struct nn_dataset *d = pictures(real ? NN_F32 : NN_U8), *s;
        struct nn_augment a = {.flip = !real};
        for (long k = 0;; k++) {
            fail_alloc_after(k);
            int rc = nn_dataset_augment(&s, d, &a, true, &e);
            bool failed = fail_alloc_stop();
            if (rc == 0) {
                nn_dataset_release(s);
                if (!failed)
                    break;
                continue;
            }
            assert_int_equal(rc, ERR_NOMEM);
            assert_null(s);
        }
        nn_dataset_release(d);
    }
    assert_int_equal(nn_memory_in_use(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_a_copy),
        cmocka_unit_test(flips_half_of_the_times),
        cmocka_unit_test(moves_in_every_direction),
        cmocka_unit_test(the_largest_movement_stays_inside),
        cmocka_unit_test(turning_by_nothing_moves_alike),
        cmocka_unit_test(turns_about_the_centre),
        cmocka_unit_test(cuts_a_square_of_the_mean),
        cmocka_unit_test(brightness_is_one_factor),
        cmocka_unit_test(contrast_keeps_the_mean),
        cmocka_unit_test(the_seed_decides),
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(channels_are_normalised),
        cmocka_unit_test(columns_are_normalised),
        cmocka_unit_test(survives_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
