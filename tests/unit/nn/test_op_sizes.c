/* test_op_sizes.c: every op, forward and backward, on every instruction set against the
 * naive twin, over odd sizes: each row's samples with their lengths exchanged for lengths
 * that no vector and no tile divides; and on 1, 2, 4 and 8 threads, bit for bit. */
#include "each_isa.h"

#include "nn/gradcheck.h"

static struct err e;
static const size_t lengths[] = {1, 3, 7, 17, 63, 65};

/* Equal lengths stay equal, different ones different: the k-th that occurs becomes
 * lengths[turn + 2 k]. */
static struct nn_op_sample resized(const struct nn_op_sample *s, size_t turn) {
    struct nn_op_sample r = *s;
    size_t seen[16], n_seen = 0;
    r.gap = 0;
    for (int i = 0; i < s->n_in; i++)
        for (int k = 0; k < s->ndim[i]; k++) {
            size_t j = 0;
            if (s->shape[i][k] == 1)
                continue;
            while (j < n_seen && seen[j] != s->shape[i][k])
                j++;
            if (j == n_seen)
                seen[n_seen++] = s->shape[i][k];
            r.shape[i][k] = lengths[(turn + 2 * j) % ARRAY_LEN(lengths)];
        }
    return r;
}

/* What is too much work for the naive twin, or does not fit the row's attributes. */
static bool worth_a_try(const struct nn_op *op, const struct nn_op_sample *s) {
    struct nn_call c = {.op = op, .attrs = &s->attrs, .n_in = s->n_in};
    size_t total = 0;
    for (int i = 0; i < s->n_in; i++) {
        size_t n = 1;
        c.in_ndim[i] = s->ndim[i];
        for (int k = 0; k < s->ndim[i]; k++)
            n *= c.in_shape[i][k] = s->shape[i][k];
        bool sparse = i == 1 && (op->flags & NN_OP_LABELS) && s->ndim[1] < s->ndim[0];
        c.in_dtype[i] = sparse ? NN_I32 : NN_F32;
        total += n;
    }
    struct err ignored;
    return total < 100000 && nn_op_infer(&c, &ignored) == 0;
}

/* Value, then the gradients of all inputs that have one, for one instruction set. */
struct result {
    int n, n_in;
    struct nn_tensor *t[NN_OP_MAX_IN + 1];
};

static struct result compute(const struct nn_op *op, const struct nn_op_sample *s,
                             enum nn_dtype d) {
    struct nn_var *in[NN_OP_MAX_IN], *y;
    struct nn_tensor *seed;
    struct nn_rng r;
    struct result out = {0};
    nn_rng_seed(&r, 3);
    assert_int_equal(nn_op_draw_inputs(in, &out.n_in, op, s, d, 11, &e), 0);
    assert_int_equal(nn_var_apply(&y, op, &s->attrs, out.n_in, in, &e), 0);
    out.t[out.n++] = nn_tensor_retain(y->value);
    if (!(op->flags & NN_OP_NO_GRAD)) {
        assert_int_equal(nn_tensor_new(&seed, d, y->ndim, y->shape, &e), 0);
        nn_rng_fill_uniform(&r, seed, 0.5, 1.5);
        assert_int_equal(nn_var_backward(y, seed, false, &e), 0);
        nn_tensor_release(seed);
    }
    for (int i = 0; i < out.n_in; i++) {
        if (in[i]->grad)
            out.t[out.n++] = nn_tensor_retain(in[i]->grad);
        nn_var_release(in[i]);
    }
    nn_var_release(y);
    return out;
}

static double largest(const struct nn_tensor *t) {
    double most = 1;
    for (size_t i = 0; i < t->n; i++)
        most = fmax(most, fabs(nn_tensor_get(t, i)));
    return most;
}

static void compare(const struct nn_op *op, const struct nn_op_sample *s,
                    const struct result *got, const struct result *want,
                    enum nn_dtype d) {
    char text[NN_SHAPE_TEXT];
    assert_int_equal(got->n, want->n);
    for (int k = 0; k < want->n; k++) {
        double limit = (d == NN_F32 ? 2e-5 : 1e-12) * largest(want->t[k]);
        for (size_t i = 0; i < want->t[k]->n; i++) {
            double a = nn_tensor_get(got->t[k], i), b = nn_tensor_get(want->t[k], i);
            if (!(fabs(a - b) <= limit))
                fail_msg("%s %s, %s, parte %d, elemento %zu: %.17g y %.17g (%s)",
                         op->name, nn_shape_text(text, s->ndim[0], s->shape[0]),
                         nn_dtype_name(d), k, i, a, b, nn_cpu_name());
        }
    }
}

static void release(struct result *r) {
    for (int k = 0; k < r->n; k++)
        nn_tensor_release(r->t[k]);
}

static void try_sizes(const struct nn_op *op, const struct nn_op_sample *s,
                      enum nn_dtype d) {
    assert_true(nn_cpu_select(NN_ISA_NAIVE));
    struct result want = compute(op, s, d);
    EACH_ISA(isa) {
        assert_true(nn_cpu_select(isa));
        struct result got = compute(op, s, d);
        compare(op, s, &got, &want, d);
        release(&got);
    }
    release(&want);
}

static void fast_agrees_with_naive(void **state) {
    (void)state;
    const struct nn_op *op;
    for (int i = 0; (op = nn_op_row(i)); i++) {
        int tried = 0;
        for (const struct nn_op_sample *s = op->sample; s->n_in; s++)
            for (size_t turn = 0; turn <= ARRAY_LEN(lengths); turn++) {
                /* the last turn is the sample as it is */
                struct nn_op_sample r = *s;
                if (turn < ARRAY_LEN(lengths))
                    r = resized(s, turn);
                if (!worth_a_try(op, &r))
                    continue;
                for (enum nn_dtype d = NN_F32; d <= NN_F64; d++)
                    try_sizes(op, &r, d);
                tried++;
            }
        assert_true(tried > 0);
    }
}

/* The sample with its largest length stretched, so that there are chunks to share out. */
static struct nn_op_sample stretched(const struct nn_op_sample *s) {
    struct nn_op_sample r = *s;
    size_t longest = 1;
    r.gap = 0;
    for (int i = 0; i < s->n_in; i++)
        for (int k = 0; k < s->ndim[i]; k++)
            longest = MAX_OF(longest, s->shape[i][k]);
    for (int i = 0; i < s->n_in; i++)
        for (int k = 0; k < s->ndim[i]; k++)
            if (s->shape[i][k] == longest && longest > 1)
                r.shape[i][k] = 7001;
    return r;
}

static void same_bits(const struct nn_op *op, const struct result *got,
                      const struct result *want, int threads) {
    assert_int_equal(got->n, want->n);
    for (int k = 0; k < want->n; k++)
        if (memcmp(got->t[k]->data, want->t[k]->data,
                   want->t[k]->n * nn_dtype_size(want->t[k]->dtype)) != 0)
            fail_msg("%s, parte %d: otros bits con %d hilos", op->name, k, threads);
}

/* Every sample of every row on so many threads; against what is in `all` already, or kept
 * there. */
static void run_all(struct result *all, size_t room, int threads) {
    const struct nn_op *op;
    size_t at = 0;
    nn_pool_set_threads(threads);
    for (int i = 0; (op = nn_op_row(i)); i++)
        for (const struct nn_op_sample *s = op->sample; s->n_in; s++, at++) {
            struct nn_op_sample r = stretched(s);
            if (!worth_a_try(op, &r))
                r = *s;
            assert_true(at < room);
            struct result got = compute(op, &r, NN_F32);
            if (threads == 1) {
                all[at] = got;
                continue;
            }
            same_bits(op, &got, &all[at], threads);
            release(&got);
        }
}

static void threads_do_not_change_a_bit(void **state) {
    (void)state;
    static struct result all[512];
    int before = nn_pool_threads();
    EACH_ISA(isa) { /* the best set alone */
        assert_true(nn_cpu_select(isa));
        break;
    }
    for (int threads = 1; threads <= 8; threads *= 2)
        run_all(all, ARRAY_LEN(all), threads);
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        release(&all[i]);
    nn_pool_set_threads(before);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(fast_agrees_with_naive),
                                       cmocka_unit_test(threads_do_not_change_a_bit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
