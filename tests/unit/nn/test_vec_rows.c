/* test_vec_rows.c: reductions, softmax, transpose and batches against the naive twin, on
 * every instruction set. */
#include "each_isa.h"

#include "nn/vec.h"

static const size_t shapes[][2] = {{1, 1},   {3, 7},   {64, 10}, {17, 16}, {5, 33},
                                   {63, 65}, {2, 257}, {129, 3}, {1, 4100}};

#define EACH_SHAPE(i)   for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
#define EACH_DTYPE(d)   for (enum nn_dtype d = NN_F32; d <= NN_F64; d++)
#define TOLERANCE(d, n) (epsilon(d) * (8 + (double)(n) / 8))

/* A matrix x, results of the naive set and of another. */
struct matrix {
    enum nn_dtype d;
    size_t rows, cols, n;
    void *x, *y, *got, *want, *got2, *want2;
    int32_t *labels;
};

static struct matrix new_matrix(enum nn_dtype d, const size_t shape[2]) {
    struct matrix m = {.d = d, .rows = shape[0], .cols = shape[1]};
    m.n = m.rows * m.cols;
    m.x = random_array(d, m.n, 1);
    m.y = random_array(d, m.n, 2);
    m.got = random_array(d, m.n, 3);
    m.want = random_array(d, m.n, 3);
    m.got2 = random_array(d, m.n, 4);
    m.want2 = random_array(d, m.n, 4);
    m.labels = malloc(m.rows * sizeof *m.labels);
    assert_non_null(m.labels);
    for (size_t i = 0; i < m.rows; i++)
        m.labels[i] = (int32_t)(i * 7 % m.cols);
    return m;
}

static void free_matrix(struct matrix *m) {
    free(m->x);
    free(m->y);
    free(m->got);
    free(m->want);
    free(m->got2);
    free(m->want2);
    free(m->labels);
}

/* Runs f with the naive set, then with every other; all of the output is compared, what
 * lies behind it included. */
static void compare(void (*f)(struct matrix *m, void *to, void *to2)) {
    EACH_DTYPE(d) {
        EACH_SHAPE(i) {
            struct matrix m = new_matrix(d, shapes[i]);
            assert_true(nn_cpu_select(NN_ISA_NAIVE));
            f(&m, m.want, m.want2);
            EACH_ISA(isa) {
                assert_true(nn_cpu_select(isa));
                f(&m, m.got, m.got2);
                assert_close(d, m.got, m.want, m.n + 1, TOLERANCE(d, m.rows + m.cols));
                assert_close(d, m.got2, m.want2, m.n + 1, TOLERANCE(d, m.rows + m.cols));
            }
            free_matrix(&m);
        }
    }
}

static void do_softmax(struct matrix *m, void *to, void *to2) {
    nn_vec_softmax_rows(m->d, to, m->x, m->rows, m->cols);
    nn_vec_log_softmax_rows(m->d, to2, m->x, m->rows, m->cols);
}

static void do_softmax_backward(struct matrix *m, void *to, void *to2) {
    nn_vec_softmax_rows(m->d, to2, m->x, m->rows, m->cols);
    nn_vec_softmax_backward(m->d, to, to2, m->y, m->rows, m->cols);
}

static void do_xent(struct matrix *m, void *to, void *to2) {
    nn_vec_softmax_xent(m->d, to, to2, m->x, m->labels, m->rows, m->cols);
}

static void do_xent_backward(struct matrix *m, void *to, void *to2) {
    (void)to2;
    nn_vec_softmax_xent_backward(m->d, to, m->x, m->labels, 0.5, m->rows, m->cols);
}

static void do_bias(struct matrix *m, void *to, void *to2) {
    nn_vec_add_bias(m->d, to, m->x, m->y, m->rows, m->cols);
    nn_vec_sum_rows(m->d, to2, false, m->x, m->rows, m->cols);
}

static void do_transpose(struct matrix *m, void *to, void *to2) {
    nn_vec_transpose(m->d, to, m->x, m->rows, m->cols);
    nn_vec_transpose(m->d, to2, to, m->cols, m->rows);
    assert_memory_equal(to2, m->x, m->n * nn_dtype_size(m->d));
}

static void do_reduce_rows(struct matrix *m, void *to, void *to2) {
    nn_vec_reduce(NN_SUM, m->d, to, m->x, m->rows, m->cols, 1);
    nn_vec_reduce(NN_REDUCE_MAX, m->d, to2, m->x, m->rows, m->cols, 1);
}

static void do_reduce_columns(struct matrix *m, void *to, void *to2) {
    nn_vec_reduce(NN_MEAN, m->d, to, m->x, 1, m->rows, m->cols);
    nn_vec_reduce(NN_REDUCE_MIN, m->d, to2, m->x, 1, m->rows, m->cols);
}

static void do_reduce_all(struct matrix *m, void *to, void *to2) {
    nn_vec_reduce(NN_MEAN, m->d, to, m->x, 1, m->n, 1);
    nn_vec_reduce(NN_REDUCE_MIN, m->d, to2, m->x, 1, m->n, 1);
}

#define COMPARING(name)                                                                  \
    static void name(void **state) {                                                     \
        (void)state;                                                                     \
        compare(do_##name);                                                              \
    }
COMPARING(softmax)
COMPARING(softmax_backward)
COMPARING(xent)
COMPARING(xent_backward)
COMPARING(bias)
COMPARING(transpose)
COMPARING(reduce_rows)
COMPARING(reduce_columns)
COMPARING(reduce_all)

static void accumulated_rows(void **state) {
    (void)state;
    static const float x[] = {1, 2, 3, 4, 5, 6};
    for (enum nn_isa isa = NN_ISA_NAIVE; isa < NN_ISA_COUNT; isa++) {
        if (!nn_cpu_select(isa))
            continue;
        float out[4] = {10, 20, 30, 40};
        nn_vec_sum_rows(NN_F32, out, true, x, 2, 3);
        assert_memory_equal(out, ((float[]){15, 27, 39, 40}), sizeof out);
    }
}

/* Every single axis of a tensor of three, from the definition. */
static void reduce_any_axis(void **state) {
    (void)state;
    enum { OUTER = 3, AXIS = 4, INNER = 300 };
    double *x = random_array(NN_F64, OUTER * AXIS * INNER, 1), out[OUTER * INNER];
    for (enum nn_isa isa = NN_ISA_NAIVE; isa < NN_ISA_COUNT; isa++) {
        if (!nn_cpu_select(isa))
            continue;
        for (enum nn_reduce op = NN_SUM; op <= NN_REDUCE_MIN; op++) {
            nn_vec_reduce(op, NN_F64, out, x, OUTER, AXIS, INNER);
            for (size_t i = 0; i < OUTER * INNER; i++) {
                const double *v = x + i / INNER * AXIS * INNER + i % INNER;
                double sum = 0, high = v[0], low = v[0];
                for (size_t a = 0; a < AXIS; a++) {
                    sum += v[a * INNER];
                    high = fmax(high, v[a * INNER]);
                    low = fmin(low, v[a * INNER]);
                }
                double want = op == NN_SUM    ? sum
                              : op == NN_MEAN ? sum / AXIS
                                              : (op == NN_REDUCE_MAX ? high : low);
                assert_true(fabs(out[i] - want) < 1e-14);
            }
        }
    }
    free(x);
}

static void softmax_by_hand(void **state) {
    (void)state;
    static const double x[4] = {0, 1.0986122886681098, 5, 5}, dp[4] = {1, 2, 3, 5};
    for (enum nn_isa isa = NN_ISA_NAIVE; isa < NN_ISA_COUNT; isa++) {
        double p[4], l[4], loss[2], dx[4];
        if (!nn_cpu_select(isa))
            continue;
        nn_vec_softmax_rows(NN_F64, p, x, 2, 2);
        assert_close(NN_F64, p, (double[]){0.25, 0.75, 0.5, 0.5}, 4, 1e-15);
        nn_vec_softmax_backward(NN_F64, dx, p, dp, 2, 2);
        assert_close(NN_F64, dx, (double[]){-0.1875, 0.1875, -0.5, 0.5}, 4, 1e-15);
        nn_vec_log_softmax_rows(NN_F64, l, x, 2, 2);
        nn_vec_softmax_xent(NN_F64, p, loss, x, (int32_t[]){1, 0}, 2, 2);
        assert_close(NN_F64, loss, (double[]){-l[1], -l[2]}, 2, 1e-15);
        assert_close(NN_F64, loss, (double[]){0.28768207245178096, 0.69314718055994529},
                     2, 1e-15);
        nn_vec_softmax_xent_backward(NN_F64, dx, p, (int32_t[]){1, 0}, 2, 2, 2);
        assert_close(NN_F64, dx, (double[]){0.5, -0.5, -1, 1}, 4, 1e-15);
    }
}

static void softmax_of_extremes(void **state) {
    (void)state;
    EACH_ISA(isa) {
        assert_true(nn_cpu_select(isa));
        float x[] = {1000, 0, -1000, 1000}, p[4], loss[1];
        nn_vec_softmax_rows(NN_F32, p, x, 1, 4);
        assert_memory_equal(p, ((float[]){0.5F, 0, 0, 0.5F}), sizeof p);
        nn_vec_softmax_xent(NN_F32, p, loss, x, (int32_t[]){2}, 1, 4);
        assert_true(fabsf(loss[0] - 2000.6931F) < 1e-3F);
        x[1] = NAN;
        nn_vec_softmax_rows(NN_F32, p, x, 1, 4);
        assert_true(isnan(p[0]) && isnan(p[3]));
    }
}

static void argmax(void **state) {
    (void)state;
    static const float x[] = {1, 3, 3, -1, NAN, 5, NAN, 1, -INFINITY, -INFINITY, -7, -7};
    for (enum nn_isa isa = NN_ISA_NAIVE; isa < NN_ISA_COUNT; isa++) {
        if (!nn_cpu_select(isa))
            continue;
        int32_t got[3];
        nn_vec_argmax_rows(NN_F32, got, x, 3, 4);
        assert_int_equal(got[0], 1);
        assert_int_equal(got[1], 0);
        assert_int_equal(got[2], 2);
    }
}

static void batches(void **state) {
    (void)state;
    unsigned char src[5 * 66];
    for (size_t i = 0; i < sizeof src; i++)
        src[i] = (unsigned char)(i * 37);
    static const size_t index[] = {4, 0, 4, 2};
    static const double mean[] = {10, 20.5, 30}, scale[] = {0.5, 0.25, 2};
    EACH_DTYPE(d) {
        for (size_t channels = 1; channels <= 3; channels += 2) {
            for (enum nn_isa isa = NN_ISA_NAIVE; isa < NN_ISA_COUNT; isa++) {
                if (!nn_cpu_select(isa))
                    continue;
                double room[4 * 66];
                nn_vec_gather_u8(d, room, src, index, 4, 66, mean, scale, channels);
                for (size_t i = 0; i < 4 * 66; i++) {
                    double want =
                        (src[index[i / 66] * 66 + i % 66] - mean[i % channels]) *
                        scale[i % channels];
                    assert_true(fabs(at(d, room, i) - want) <= epsilon(d) * fabs(want));
                }
            }
        }
    }
    unsigned char rows[4 * 66];
    nn_vec_gather(rows, src, index, 4, 66);
    for (size_t i = 0; i < 4; i++)
        assert_memory_equal(rows + i * 66, src + index[i] * 66, 66);
}

static void many_channels(void **state) {
    (void)state;
    unsigned char src[40];
    double mean[20], scale[20], out[40];
    for (int i = 0; i < 40; i++)
        src[i] = (unsigned char)(i * 5);
    for (int i = 0; i < 20; i++) {
        mean[i] = i;
        scale[i] = i + 1;
    }
    nn_vec_gather_u8(NN_F64, out, src, (size_t[]){0}, 1, 40, mean, scale, 20);
    for (int i = 0; i < 40; i++)
        assert_true(out[i] == (i * 5 - i % 20) * (i % 20 + 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(softmax),
        cmocka_unit_test(softmax_backward),
        cmocka_unit_test(xent),
        cmocka_unit_test(xent_backward),
        cmocka_unit_test(bias),
        cmocka_unit_test(transpose),
        cmocka_unit_test(reduce_rows),
        cmocka_unit_test(reduce_columns),
        cmocka_unit_test(reduce_all),
        cmocka_unit_test(reduce_any_axis),
        cmocka_unit_test(softmax_by_hand),
        cmocka_unit_test(accumulated_rows),
        cmocka_unit_test(softmax_of_extremes),
        cmocka_unit_test(argmax),
        cmocka_unit_test(batches),
        cmocka_unit_test(many_channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
