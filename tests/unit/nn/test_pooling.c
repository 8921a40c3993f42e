/* test_pooling.c: pooling against the naive twin, with overlapping and partial windows. */
#include "each_isa.h"

#include "nn/pooling.h"

static const struct {
    struct nn_pooling p;
    bool same;
} cases[] = {
    {{.n = 1, .h = 2, .w = 2, .c = 1, .kh = 2, .kw = 2}, false},
    {{.n = 3, .h = 28, .w = 28, .c = 32, .kh = 2, .kw = 2, .masked = true}, false},
    {{.n = 2, .h = 7, .w = 9, .c = 17, .kh = 2, .kw = 2}, false},
    {{.n = 2, .h = 7, .w = 9, .c = 17, .kh = 2, .kw = 2}, true},
    {{.n = 2, .h = 8, .w = 9, .c = 5, .kh = 3, .kw = 2, .stride_h = 2, .stride_w = 1},
     false},
    {{.n = 2, .h = 8, .w = 9, .c = 5, .kh = 3, .kw = 2, .stride_h = 2, .stride_w = 1},
     true},
    {{.n = 9, .h = 5, .w = 5, .c = 40, .kh = 3, .kw = 3, .stride_h = 1, .stride_w = 1},
     true},
    {{.n = 1, .h = 6, .w = 9, .c = 3, .kh = 3, .kw = 3}, false},
    {{.n = 1, .h = 20, .w = 20, .c = 3, .kh = 14, .kw = 17, .masked = true}, false},
    {{.n = 1, .h = 2, .w = 3, .c = 3, .kh = 7, .kw = 5, .stride_h = 1, .stride_w = 2},
     true},
    {{.n = 1, .h = 5, .w = 5, .c = 3, .kh = 1, .kw = 1, .stride_h = 3, .stride_w = 3},
     false},
};

/* Arrays of one case. */
struct room {
    struct nn_pooling p;
    size_t nx, ny;
    void *x, *dy, *y, *dx;
    unsigned char *where;
};

static struct room room(size_t i, enum nn_dtype d) {
    struct room r = {.p = cases[i].p};
    r.p.dtype = d;
    assert_true(nn_pooling_fit(&r.p, cases[i].same));
    r.nx = r.p.n * r.p.h * r.p.w * r.p.c;
    r.ny = r.p.n * r.p.oh * r.p.ow * r.p.c;
    r.x = random_array(d, r.nx, 1);
    r.dy = random_array(d, r.ny, 2);
    r.y = random_array(d, r.ny, 3);
    r.dx = random_array(d, r.nx, 4);
    r.where = calloc(r.ny + 1, 1);
    assert_non_null(r.where);
    return r;
}

static void room_free(struct room *r) {
    free(r->x);
    free(r->dy);
    free(r->y);
    free(r->dx);
    free(r->where);
}

static void run(struct room *r, bool mean, bool accumulate) {
    if (mean) {
        nn_avgpool_forward(&r->p, r->y, r->x);
        nn_avgpool_backward(&r->p, r->dx, accumulate, r->dy);
    } else {
        nn_maxpool_forward(&r->p, r->y, r->where, r->x);
        nn_maxpool_backward(&r->p, r->dx, accumulate, r->dy, r->where);
    }
}

static void against_naive(void **state) {
    (void)state;
    for (size_t i = 0; i < 8 * ARRAY_LEN(cases); i++) {
        enum nn_dtype d = i & 1 ? NN_F64 : NN_F32;
        bool mean = i & 2, accumulate = i & 4;
        EACH_ISA(isa) {
            struct room want = room(i / 8, d), got = room(i / 8, d);
            nn_pool_set_threads((int)i % 3 + 1);
            assert_true(nn_cpu_select(NN_ISA_NAIVE));
            run(&want, mean, accumulate);
            assert_true(nn_cpu_select(isa));
            run(&got, mean, accumulate);
            assert_close(d, got.y, want.y, got.ny + 1, mean ? 16 * epsilon(d) : 0);
            assert_memory_equal(got.where, want.where, got.ny + 1);
            assert_close(d, got.dx, want.dx, got.nx + 1, 16 * epsilon(d));
            room_free(&want);
            room_free(&got);
        }
    }
}

/* The element of x under place t of output o; false outside. */
static bool element(const struct nn_pooling *p, size_t o, size_t t, size_t *at) {
    size_t k = o % p->c, j = o / p->c % p->ow, r = o / p->c / p->ow;
    size_t row = r % p->oh * p->stride_h + t / p->kw - p->pad_top;
    size_t col = j * p->stride_w + t % p->kw - p->pad_left;
    *at = ((r / p->oh * p->h + row) * p->w + col) * p->c + k;
    return row < p->h && col < p->w;
}

/* Element by element from the definition, the gradients taken away again. */
static void from_the_definition(void **state) {
    (void)state;
    for (size_t i = 0; i < 2 * ARRAY_LEN(cases); i++) {
        struct room r = room(i / 2, NN_F32);
        const float *x = r.x, *y = r.y, *dy = r.dy;
        float *dx = r.dx;
        bool mean = i % 2;
        run(&r, mean, false);
        for (size_t o = 0; o < r.ny; o++) {
            double best = -INFINITY, sum = 0, places = 0;
            size_t from = 0, at;
            for (size_t t = 0; t < r.p.kh * r.p.kw; t++) {
                if (!element(&r.p, o, t, &at))
                    continue;
                from = (double)x[at] > best ? at : from;
                best = fmax(best, (double)x[at]);
                sum += (double)x[at];
                places++;
            }
            assert_true(fabs((double)y[o] - (mean ? sum / places : best)) < 1e-5);
            if (!mean && (!r.p.masked || best > 0))
                dx[from] -= dy[o];
            for (size_t t = 0; mean && t < r.p.kh * r.p.kw; t++)
                if (element(&r.p, o, t, &at))
                    dx[at] -= (float)((double)dy[o] / places);
        }
        for (size_t o = 0; o < r.nx; o++)
            assert_true(fabsf(dx[o]) < 1e-5F);
        room_free(&r);
    }
}

static void ties_and_nan(void **state) {
    (void)state;
    static const float x[8] = {1, NAN, 3, 2, 3, NAN, 3, 5}; /* 2 x 2 x 2 channels */
    struct nn_pooling p = {.n = 1, .h = 2, .w = 2, .c = 2, .kh = 2, .kw = 2};
    assert_true(nn_pooling_fit(&p, false));
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
    struct nn_pooling p = {.n = 1, .h = 20, .w = 20, .c = 1, .kh = 21, .kw = 2};
    assert_false(nn_pooling_fit(&p, false));
    assert_true(nn_pooling_fit(&p, true));
    assert_true(p.oh == 1 && p.ow == 10 && p.pad_top == 0 && p.pad_left == 0);
    p.kw = 0;
    assert_false(nn_pooling_fit(&p, true));
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
