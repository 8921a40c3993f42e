/* test_synthetic.c: the geometry of the four clouds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fail_alloc.h"
#include "nn/synthetic.h"

#include <math.h>

static struct err e;

static struct nn_dataset *make(enum nn_synthetic kind, size_t n, double noise,
                               uint64_t seed) {
    struct nn_dataset *d;
    struct nn_synthetic_opts o = {.n = n, .noise = noise, .seed = seed};
    if (nn_synthetic_new(&d, kind, &o, &e) < 0)
        fail_msg("%s", e.msg);
    return d;
}

/* Share of points, of both parts, for which ok(x, y, label) holds. */
static double share(const struct nn_dataset *d, bool (*ok)(double, double, int)) {
    size_t hits = 0, n = 0;
    for (int part = 0; part < 2; part++) {
        const struct nn_tensor *x = part ? d->x_test : d->x_train;
        const struct nn_tensor *y = part ? d->y_test : d->y_train;
        for (size_t i = 0; i < y->n; i++, n++)
            hits += ok((double)nn_tensor_f32(x)[2 * i],
                       (double)nn_tensor_f32(x)[2 * i + 1], nn_tensor_i32(y)[i]);
    }
    return (double)hits / (double)n;
}

static bool in_circle(double x, double y, int label) {
    double r = hypot(x, y);
    return label ? r <= 2.5001 : r >= 3.4999 && r <= 5.0001;
}

static bool in_xor(double x, double y, int label) {
    return fabs(x) >= 0.2999 && fabs(y) >= 0.2999 && fabs(x) < 5.31 &&
           (x * y > 0) == label;
}

static bool on_own_side(double x, double y, int label) {
    return (x + y > 0) == label;
}

/* Radius 5k, angle 2 pi 1.75 k from straight up, plus half a turn for class 0. */
static bool on_spiral(double x, double y, int label) {
    double k = hypot(x, y) / 5, t = 1.75 * k * 2 * M_PI + (label ? 0 : M_PI);
    return k < 1 && fabs(x - 5 * k * sin(t)) < 1e-4 && fabs(y - 5 * k * cos(t)) < 1e-4;
}

static bool is_blue(double x, double y, int label) {
    (void)x, (void)y;
    return label == 1;
}

static void has_the_playgrounds_geometry(void **state) {
    (void)state;
    bool (*const ok[])(double, double, int) = {in_circle, in_xor, on_own_side, on_spiral};
    for (int k = NN_CIRCLE; k <= NN_SPIRAL; k++) {
        struct nn_dataset *d = make((enum nn_synthetic)k, 400, 0, 1);
        assert_string_equal(d->name, nn_synthetic_name((enum nn_synthetic)k));
        assert_int_equal(d->y_train->n, 300);
        assert_int_equal(d->y_test->n, 100);
        assert_int_equal(nn_dataset_check(d, &e), 0);
        assert_true(share(d, ok[k]) > (k == NN_GAUSS ? 0.99 : 0.9999));
        double blue = share(d, is_blue);
        assert_true(k == NN_XOR ? blue > 0.4 && blue < 0.6 : blue == 0.5);
        assert_string_equal(d->classes[1], "azul");
        assert_string_equal(d->features[0], "x1");
        nn_dataset_release(d);
    }
}

static void noise_blurs_every_kind(void **state) {
    (void)state;
    bool (*const ok[])(double, double, int) = {in_circle, in_xor, on_own_side, on_spiral};
    for (int k = NN_CIRCLE; k <= NN_SPIRAL; k++) {
        struct nn_dataset *d = make((enum nn_synthetic)k, 2000, 0.5, 1);
        double right = share(d, ok[k]);
        assert_true(right < 0.95);
        assert_true(k == NN_SPIRAL || right > 0.6);
        nn_dataset_release(d);
    }
}

static void follows_its_seed(void **state) {
    (void)state;
    struct nn_dataset *a = make(NN_SPIRAL, 100, 0.1, 1);
    struct nn_dataset *b = make(NN_SPIRAL, 100, 0.1, 1);
    struct nn_dataset *c = make(NN_SPIRAL, 100, 0.1, 2);
    assert_memory_equal(a->x_train->data, b->x_train->data, 75 * 2 * sizeof(float));
    assert_memory_not_equal(a->x_train->data, c->x_train->data, 75 * 2 * sizeof(float));
    nn_dataset_release(a);
    nn_dataset_release(b);
    nn_dataset_release(c);
}

static void has_defaults_and_limits(void **state) {
    (void)state;
    struct nn_dataset *d;
    assert_int_equal(nn_synthetic_new(&d, NN_XOR, NULL, &e), 0);
    assert_int_equal(d->y_train->n + d->y_test->n, 500);
    nn_dataset_release(d);
    const struct nn_synthetic_opts bad[] = {
        {.n = 3},       {.n = 1000001}, {.noise = -0.1}, {.noise = 0.51},
        {.noise = NAN}, {.test = 1},    {.test = -0.25}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(nn_synthetic_new(&d, NN_XOR, &bad[i], &e), ERR_RANGE);
        assert_null(d);
        if (i == 3)
            assert_string_equal(e.msg, "xor: noise = 0.51; se admite de 0 a 0.5");
    }
    assert_int_equal(nn_synthetic_new(&d, (enum nn_synthetic)9, NULL, &e), ERR_ARG);
    assert_string_equal(nn_synthetic_name((enum nn_synthetic)9), "?");
}

static void survives_short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        return;
    for (long k = 0;; k++) {
        struct nn_dataset *d;
        fail_alloc_after(k);
        int rc = nn_synthetic_new(&d, NN_CIRCLE, NULL, &e);
        if (!fail_alloc_stop()) {
            assert_int_equal(rc, 0);
            nn_dataset_release(d);
            break;
        }
        assert_int_equal(rc, ERR_NOMEM);
        assert_null(d);
    }
    assert_int_equal(nn_memory_in_use(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_playgrounds_geometry),
        cmocka_unit_test(noise_blurs_every_kind),
        cmocka_unit_test(follows_its_seed),
        cmocka_unit_test(has_defaults_and_limits),
        cmocka_unit_test(survives_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
