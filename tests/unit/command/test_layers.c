/* test_layers.c: layers as objects of the language: what Tab offers on one, the indented
 * summary in each form, and nothing kept when they are dropped or refused. */
#include "session.h"

#include "nn/tensor.h"

/* The words that Tab offers after code, joined by spaces, contain each of want. */
static void offers(struct session *s, const char *code, const char *const want[]) {
    const struct interp *in = cell_interp(s->cell);
    struct interp_completion out;
    in->complete(in->self, code, strlen(code), strlen(code), &out);
    for (size_t k = 0; want[k]; k++) {
        bool found = false;
        for (size_t i = 0; i < out.n; i++)
            found |= strncmp(out.match[i].text, want[k], strlen(want[k])) == 0;
        if (!found)
            fail_msg("%s: falta %s", code, want[k]);
    }
    interp_completion_release(&out);
}

static void tab_knows_a_layer(void **state) {
    struct session *s = *state;
    session_do(s, "l = nn.Dense(3) l:build(2) b = nn.BatchNormalization() b:build(4)");
    offers(s, "l.",
           (const char *const[]){"kernel", "bias", "units", "activation", "name",
                                 "trainable", "output_shape", NULL});
    offers(s, "l:", (const char *const[]){"weights", "set_weights", "build", NULL});
    offers(s, "b.", (const char *const[]){"gamma", "moving_mean", "momentum", NULL});
    session_do(s, "m = nn.Sequential{nn.Residual{nn.Dense(2)}}");
    offers(s, "m.", (const char *const[]){"layers", "trainable", "loss", NULL});
    offers(s, "m:", (const char *const[]){"layer", "pop", "add", "penalty", NULL});
    offers(s, "nn.",
           (const char *const[]){"Residual", "Concatenate", "Sequential", NULL});
    offers(s, "nn.Residual{sho", (const char *const[]){"shortcut", NULL});
    offers(s, "nn.Dense{kernel_r", (const char *const[]){"kernel_regularizer", NULL});
    offers(s, "regularizers.", (const char *const[]){"L1", "L2", "L1L2", NULL});
}

static void holds(const struct mime_bundle *b, const char *type, const char *part) {
    const struct mime_item *item = mime_get(b, type);
    assert_non_null(item);
    if (!strstr(item->data, part))
        fail_msg("%s: falta «%s» en\n%s", type, part, item->data);
}

static void the_summary_is_indented(void **state) {
    struct session *s = *state;
    struct interp_result out;
    session_run(s,
                "m = nn.Sequential{nn.Residual{nn.Dense{2, name = \"uno\"}, trainable = "
                "false}} m:build(2) return m",
                &out);
    holds(&out.value, "text/plain", "\u00a0\u00a0uno (Dense, congelada)");
    holds(&out.value, "text/html", "\u00a0\u00a0uno (Dense, congelada)");
    holds(&out.value, "text/latex", "~~uno (Dense, congelada)");
    interp_result_release(&out);
}

static void refusals_leave_nothing_behind(void **state) {
    struct session *s = *state;
    static const char *const bad[] = {
        "nn.Residual{nn.Dense(3), 4}",
        "nn.Residual{nn.Dense{3, name = \"a\"}, nn.Dense{3, name = \"a\"}}",
        "nn.Residual{nn.Dense(3), shortcut = 5}",
        "nn.Sequential{nn.Input{4}, nn.Residual{nn.Dense(3)}}",
        "nn.Sequential{nn.Input{4}, nn.Dense(3), nn.Concatenate{nn.Dense(3), nn.Dense{2, "
        "kernel_initializer = \"orthogonal(1,2)\"}}}",
        "local l = nn.Dense(30); l(tensor.ones(2, 3)); l(tensor.ones(2, 4))",
        "local l = nn.Dense(30); l:build(40); l:set_weights{1, 2}",
        "local m = nn.Sequential{nn.Dense(3)}; m:build(3); nn.Sequential{m, m}",
        "nn.Dense{3, kernel_regularizer = regularizers.L2(-1)}"};
    session_do(s, "m, l, b = nil; collectgarbage() collectgarbage()");
    size_t before = nn_memory_in_use();
    for (int round = 0; round < 5; round++)
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            struct interp_result out = recorder_run(s->cell, bad[i]);
            if (out.ok)
                fail_msg("%s no falló", bad[i]);
            interp_result_release(&out);
        }
    session_do(s, "collectgarbage() collectgarbage()");
    assert_int_equal(nn_memory_in_use(), before);
}

static void a_layer_keeps_itself_alone(void **state) {
    struct session *s = *state;
    session_do(s, "collectgarbage()");
    size_t before = nn_memory_in_use();
    session_do(
        s, "m = nn.Sequential{nn.Dense(100), nn.Residual{nn.Dense(100)}} m:build(100) "
           "l = m:layer(\"residual/dense\") m = nil collectgarbage() collectgarbage() "
           "assert(l.n_params == 10100 and l(tensor.ones(1, 100)).shape[2] == 100)");
    assert_true(nn_memory_in_use() > before);
    session_do(s, "l = nil collectgarbage() collectgarbage()");
    assert_int_equal(nn_memory_in_use(), before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tab_knows_a_layer, session_open, session_close),
        cmocka_unit_test_setup_teardown(the_summary_is_indented, session_open,
                                        session_close),
        cmocka_unit_test_setup_teardown(refusals_leave_nothing_behind, session_open,
                                        session_close),
        cmocka_unit_test_setup_teardown(a_layer_keeps_itself_alone, session_open,
                                        session_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
