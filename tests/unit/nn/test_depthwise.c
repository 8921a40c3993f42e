/* test_depthwise.c: depthwise convolution against the naive twin and against the plain
 * convolution of every channel by itself. */
#include "each_isa.h"

#include "nn/depthwise.h"

static const struct {
    struct nn_conv v;
    bool same;
} cases[] = {
    {{.n = 1, .h = 3, .w = 3, .c = 1, .kh = 3, .kw = 3}, false},
    {{.n = 2, .h = 9, .w = 8, .c = 17, .kh = 3, .kw = 3}, true},
    {{.n = 3, .h = 7, .w = 10, .c = 32, .kh = 2, .kw = 3}, false},
    {{.n = 2, .h = 9, .w = 8, .c = 5, .kh = 3, .kw = 5, .stride_h = 2, .stride_w = 3},
     true},
    {{.n = 2,
      .h = 9,
      .w = 11,
      .c = 7,
      .kh = 3,
      .kw = 2,
      .dilation_h = 2,
      .dilation_w = 4},
     true},
    {{.n = 1, .h = 2, .w = 2, .c = 3, .kh = 7, .kw = 5, .dilation_h = 2}, true},
    {{.n = 1, .h = 5, .w = 6, .c = 9, .kh = 1, .kw = 1, .stride_h = 2, .stride_w = 2},
     false},
};

struct room {
    struct nn_conv v;
    size_t nx, ny, nk;
    void *x, *k, *b, *dy, *y, *dx, *dk, *work;
};

static struct room room(size_t i, enum nn_dtype d) {
    struct room r = {.v = cases[i].v};
    struct nn_conv *v = &r.v;
    v->dtype = d;
    v->oc = v->c;
    assert_true(nn_conv_fit(v, cases[i].same));
    r.nx = v->n * v->h * v->w * v->c;
    r.ny = v->n * v->oh * v->ow * v->c;
    r.nk = v->kh * v->kw * v->c;
    r.x = random_array(d, r.nx, 1);
    r.k = random_array(d, r.nk, 2);
    r.b = random_array(d, v->c, 3);
    r.dy = random_array(d, r.ny, 4);
    r.y = random_array(d, r.ny, 5);
    r.dx = random_array(d, r.nx, 6);
    r.dk = random_array(d, r.nk, 7);
    r.work = random_array(d, nn_depthwise_work(v), 8);
    return r;
}

static void room_free(struct room *r) {
    void *all[] = {r->x, r->k, r->b, r->dy, r->y, r->dx, r->dk, r->work};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        free(all[i]);
}

static void run(struct room *r, bool more) {
    nn_depthwise_forward(&r->v, r->y, r->x, r->k, more ? r->b : NULL, more);
    nn_depthwise_backward_data(&r->v, r->dx, more, r->dy, r->k);
    nn_depthwise_backward_kernel(&r->v, r->dk, more, r->x, r->dy, r->work);
}

static void against_naive(void **state) {
    (void)state;
    for (size_t i = 0; i < 4 * ARRAY_LEN(cases); i++) {
        enum nn_dtype d = i & 1 ? NN_F64 : NN_F32;
        struct room want = room(i / 4, d);
        assert_true(nn_cpu_select(NN_ISA_NAIVE));
        run(&want, i & 2);
        EACH_ISA(isa) {
            struct room got = room(i / 4, d);
            nn_pool_set_threads((int)i % 3 + 1);
            assert_true(nn_cpu_select(isa));
            run(&got, i & 2);
            assert_close(d, got.y, want.y, got.ny + 1, 32 * epsilon(d));
            assert_close(d, got.dx, want.dx, got.nx + 1, 32 * epsilon(d));
            assert_close(d, got.dk, want.dk, got.nk + 1, 128 * epsilon(d));
            room_free(&got);
        }
        room_free(&want);
    }
}

/* Channel k of n pixels of c channels. */
static double *channel(const double *from, size_t n, size_t c, size_t k) {
    double *to = calloc(n + 16, sizeof *to);
    assert_non_null(to);
    for (size_t i = 0; i < n; i++)
        to[i] = from[i * c + k];
    return to;
}

static void every_channel_is_a_convolution(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct room r = room(i, NN_F64);
        run(&r, false);
        for (size_t k = 0; k < r.v.c; k++) {
            struct nn_conv one = r.v;
            size_t c = r.v.c, nx = r.nx / c, ny = r.ny / c, nk = r.nk / c;
            one.c = one.oc = 1;
            double *x = channel(r.x, nx, c, k), *w = channel(r.k, nk, c, k);
            double *dy = channel(r.dy, ny, c, k), *y = channel(r.y, ny, c, k);
            double *dx = channel(r.dx, nx, c, k), *dk = channel(r.dk, nk, c, k);
            double *got = calloc(nx + ny + nk + 16, sizeof *got);
            void *work = malloc(nn_conv_workspace(&one));
            assert_non_null(got);
            assert_non_null(work);
            nn_conv_forward(&one, got, x, w, NULL, false, work);
            assert_close(NN_F64, y, got, ny, 1e-13);
            nn_conv_backward_data(&one, got, dy, w, NULL, work);
            assert_close(NN_F64, dx, got, nx, 1e-13);
            nn_conv_backward_kernel(&one, got, NULL, false, x, dy, work);
            assert_close(NN_F64, dk, got, nk, 1e-13);
            void *all[] = {x, w, dy, y, dx, dk, got, work};
            for (size_t f = 0; f < ARRAY_LEN(all); f++)
                free(all[f]);
        }
        room_free(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_naive),
        cmocka_unit_test(every_channel_is_a_convolution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
