/* test_suggest.c: the nearest name; strict globals, modules and objects. */
#include "fixture.h"

#include "commands.h"

static const char *nearest(const char *want_name, const char *const *names,
                           struct cell_nearest *n) {
    cell_nearest_init(n, want_name, strlen(want_name));
    for (; *names; names++)
        cell_nearest_offer(n, *names, strlen(*names));
    const char *best = cell_nearest_best(n);
    return best ? best : "";
}

static void test_nearest(void **state) {
    (void)state;
    static const char *const names[] = {"epochs",        "batch_size", "validation_split",
                                        "Dense",         "x",          "lr",
                                        "learning_rate", "SGD",        NULL};
    struct cell_nearest n;
    assert_string_equal(nearest("epoch", names, &n), "epochs");
    assert_string_equal(nearest("epohcs", names, &n), "epochs");
    assert_string_equal(nearest("batchsize", names, &n), "batch_size");
    assert_string_equal(nearest("BatchSize", names, &n), "batch_size");
    assert_string_equal(nearest("dense", names, &n), "Dense");
    assert_string_equal(nearest("Dens", names, &n), "Dense");
    assert_string_equal(nearest("sgd", names, &n), "SGD"); /* only the case differs */
    assert_string_equal(nearest("learning_rat", names, &n), "learning_rate");
    assert_string_equal(nearest("y", names, &n), "");
    assert_string_equal(nearest("epochs", names, &n), ""); /* itself is no suggestion */
    assert_string_equal(nearest("zapato", names, &n), "");
    assert_string_equal(nearest("", names, &n), "");
    char big[200];
    memset(big, 'a', sizeof big);
    cell_nearest_init(&n, big, sizeof big);
    cell_nearest_offer(&n, big, sizeof big);
    assert_null(cell_nearest_best(&n));
}

static void test_globals(void **state) {
    (void)state;
    want_error("prnt(1)", "NameError", "¿Querías decir «print»?");
    want_error("Dense(3)", "NameError", "¿Querías decir «nn.Dense»?");
    want_error("zapato", "NameError", "la variable «zapato» no existe");
    want_error("local t = {} t.x = zapato", "NameError", "zapato");
    want_error("function f() return zapato end f()", "NameError", "zapato");
    want("_G[5] == nil", "true");
    want_error("_G.zapato", "NameError", "zapato");
    want("rawget(_G, 'zapato') == nil", "true");
    want("zapato = nil", "");
    want("zapato == nil", "true");
    want("zapato = 3 zapato = nil zapato == nil", "true");
    want("pcall(function() return otra end)",
         "false\tcelda 1, línea 1: la variable «otra» no existe. ¿Ya ejecutaste la "
         "celda que le da un valor?");
    want("local ok = pcall(load('return cosa')) ok", "false");
}

static void test_locals(void **state) {
    (void)state;
    struct interp_result out = recorder_run_n(cell, "local pesos = 1", 15, 7);
    interp_result_release(&out);
    want_error("pesos", "NameError", "era «local» en la celda 7");
    want("local dentro = 1 dentro", "1");
    want_error("do local escondida = 1 end escondida", "NameError", "no existe");
}

static void test_modules(void **state) {
    (void)state;
    want_error("nn.Dens(3)", "NotFoundError", "¿Querías decir «nn.Dense»?");
    want_error("nn.zapato", "NotFoundError", "«nn.zapato» no existe");
    want_error("nn[5]", "NotFoundError", "clave");
    want_error("nn.Dense2 = 5", "ValueError", "no se puede escribir en nn");
    want("nn.Dense ~= nil", "true");
    want_error("m:fitt()", "NotFoundError",
               "«Model» no tiene «fitt». ¿Querías decir «fit»?");
    want_error("m.los", "NotFoundError", "¿Querías decir «loss»?");
    want_error("m[5]", "NotFoundError", "clave");
}

int main(void) {
    fixture_open = open_commands;
    const struct CMUnitTest tests[] = {TEST(test_nearest), TEST(test_globals),
                                       TEST(test_locals), TEST(test_modules)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
