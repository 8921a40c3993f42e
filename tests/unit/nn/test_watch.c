/* test_watch.c: what an op says of itself while it runs and after. */
#include "nn/plan.h"
#include "nn/watch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct nn_var *leaf(double a, double b) {
    struct nn_tensor *t;
    struct nn_var *v;
    struct err e = {0};
    size_t shape[1] = {2};
    assert_int_equal(nn_tensor_new(&t, NN_F64, 1, shape, &e), 0);
    nn_tensor_set(t, 0, a);
    nn_tensor_set(t, 1, b);
    assert_int_equal(nn_var_new(&v, t, &e), 0);
    nn_tensor_release(t);
    v->requires_grad = true;
    return v;
}

static struct nn_var *apply(const char *op, int n, struct nn_var *const in[]) {
    struct nn_var *y;
    struct err e = {0};
    assert_int_equal(nn_var_apply(&y, nn_op_find(op), NULL, n, in, &e), 0);
    return y;
}

/* ---- what is running */

static char seen[200];

static int same_shape(struct nn_call *c, struct err *e) {
    (void)e;
    c->out_dtype = c->in_dtype[0];
    c->out_ndim = c->in_ndim[0];
    memcpy(c->out_shape, c->in_shape[0], sizeof c->out_shape);
    return 0;
}

static void ask_forward(struct nn_call *c) {
    memcpy(c->out->data, c->in[0]->data, c->out->n * sizeof(double));
    assert_true(nn_running_text(seen, sizeof seen));
}

static void ask_backward(struct nn_call *c) {
    (void)c;
    assert_true(nn_running_text(seen, sizeof seen));
}

static void an_op_is_named_while_it_runs(void **state) {
    (void)state;
    static const struct nn_op op = {.name = "curiosa",
                                    .min_in = 1,
                                    .max_in = 1,
                                    .shape = same_shape,
                                    .forward = ask_forward,
                                    .backward = ask_backward};
    struct nn_var *x = leaf(1, 2), *y, *s;
    struct err e = {0};
    assert_false(nn_running_text(seen, sizeof seen));
    assert_string_equal(seen, "");
    assert_int_equal(nn_var_apply(&y, &op, NULL, 1, (struct nn_var *[]){x}, &e), 0);
    assert_string_equal(seen, "curiosa: (2,) → (2,)");
    s = apply("sum", 1, (struct nn_var *[]){y});
    assert_int_equal(nn_var_backward(s, NULL, false, &e), 0);
    assert_string_equal(seen, "curiosa hacia atrás: (2,) → (2,)");
    assert_false(nn_running_text(seen, sizeof seen));
    nn_var_release(s);
    nn_var_release(y);
    nn_var_release(x);
}

static void a_short_text_is_cut(void **state) {
    (void)state;
    struct nn_op op = {.name = "matmul"};
    struct nn_call c = {.op = &op, .n_in = 2, .in_ndim = {2, 2}, .out_ndim = 2};
    char text[12];
    nn_call_text(&c, false, text, sizeof text);
    assert_string_equal(text, "matmul: (0,");
}

/* ---- results that are no numbers */

struct found {
    int looks, bad, first;
    char text[700];
};

static void look(void *ctx, const struct nn_call *c, bool backward) {
    struct found *f = ctx;
    bool first;
    f->looks++;
    if (!nn_call_not_finite(c, backward, f->bad ? (char[700]){0} : f->text, 700, &first))
        return;
    f->bad++;
    f->first += first;
}

static void the_op_where_it_began_is_named(void **state) {
    (void)state;
    struct found f = {0};
    struct nn_watch watch = {look, &f};
    struct err e = {0};
    struct nn_var *x = leaf(1, 0);
    nn_watch_set(&watch);
    struct nn_var *y = apply("log", 1, (struct nn_var *[]){x});
    struct nn_var *z = apply("exp", 1, (struct nn_var *[]){y}); /* exp(-inf) = 0 */
    struct nn_var *s = apply("sum", 1, (struct nn_var *[]){y});
    assert_int_equal(f.looks, 3);
    assert_int_equal(f.bad, 2);
    assert_int_equal(f.first, 1);
    assert_non_null(strstr(f.text, "-inf"));
    assert_non_null(strstr(f.text, "elemento 2 de 2"));
    assert_non_null(strstr(f.text, "era finito"));
    assert_non_null(strstr(f.text, "log: (2,) → (2,)"));
    f = (struct found){0};
    assert_int_equal(nn_var_backward(s, NULL, false, &e), 0); /* 1 / 0 */
    assert_int_equal(f.looks, 2);
    assert_int_equal(f.bad, 1);
    assert_int_equal(f.first, 1);
    assert_non_null(strstr(f.text, "gradiente de la entrada 1"));
    assert_non_null(strstr(f.text, "log hacia atrás"));
    nn_watch_set(NULL);
    nn_var_release(apply("log", 1, (struct nn_var *[]){x}));
    assert_int_equal(f.looks, 2);
    nn_var_release(s);
    nn_var_release(z);
    nn_var_release(y);
    nn_var_release(x);
}

static void integers_are_numbers(void **state) {
    (void)state;
    struct nn_op op = {.name = "argmax"};
    struct nn_tensor t = {.dtype = NN_I32, .n = 1, .data = (int32_t[1]){-1}};
    struct nn_call c = {.op = &op, .out = &t};
    bool first;
    char text[100];
    assert_false(nn_call_not_finite(&c, false, text, sizeof text, &first));
}

/* The weights of a plan that steps in place: the step itself is looked at. */
static void a_step_in_place_is_looked_at(void **state) {
    (void)state;
    static const struct nn_op op = {.name = "linear", .flags = NN_OP_USES_IN};
    float x[1] = {1}, w[1] = {INFINITY}, dy[1] = {1};
    struct nn_tensor tx = {.dtype = NN_F32, .n = 1, .data = x},
                     tw = {.dtype = NN_F32, .n = 1, .data = w},
                     td = {.dtype = NN_F32, .n = 1, .data = dy};
    struct nn_call c = {
        .op = &op, .n_in = 2, .in = {&tx, &tw}, .d_out = &td, .d_in = {NULL, NULL}};
    bool first;
    char text[400];
    assert_false(nn_call_not_finite(&c, true, text, sizeof text, &first));
    c.rate = 0.1;
    assert_true(nn_call_not_finite(&c, true, text, sizeof text, &first));
    assert_true(first);
    assert_non_null(strstr(text, "entrada 2"));
    dy[0] = NAN;
    assert_true(nn_call_not_finite(&c, true, text, sizeof text, &first));
    assert_false(first);
    assert_non_null(strstr(text, "ya no era finito"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_op_is_named_while_it_runs),
                                       cmocka_unit_test(a_short_text_is_cut),
                                       cmocka_unit_test(the_op_where_it_began_is_named),
                                       cmocka_unit_test(integers_are_numbers),
                                       cmocka_unit_test(a_step_in_place_is_looked_at)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
