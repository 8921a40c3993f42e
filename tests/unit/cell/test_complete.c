/* test_complete.c: what Tab offers, and where it puts it. */
#include "fixture.h"

#include "commands.h"

#include <stdlib.h>
#include <unistd.h>

/* The matches joined by spaces; the cursor is at the | of the text. */
static void offers(const char *text, const char *expected, size_t start, size_t end) {
    const struct interp *in = cell_interp(cell);
    struct interp_completion out;
    char code[512], got[2048] = "";
    const char *bar = strchr(text, '|');
    assert_non_null(bar);
    size_t at = (size_t)(bar - text), points = 0;
    snprintf(code, sizeof code, "%.*s%s", (int)at, text, bar + 1);
    for (size_t i = 0; i < at; i++)
        points += ((unsigned char)text[i] & 0xC0) != 0x80;
    in->complete(in->self, code, strlen(code), points, &out);
    for (size_t i = 0; i < out.n && i < 12; i++) {
        strcat(got, i ? " " : "");
        strcat(got, out.match[i].text);
    }
    assert_string_equal(got, expected);
    assert_int_equal(out.start, start);
    assert_int_equal(out.end, end);
    interp_completion_release(&out);
}

static void test_names(void **state) {
    (void)state;
    offers("tostr|", "tostring", 0, 5);
    offers("print(tonu|)", "tonumber", 6, 10);
    offers("whi|", "while", 0, 3);
    offers("local contador = 1\nconta|", "contador", 19, 24);
    offers("function f(primero) return prim| end", "primero", 27, 31);
    want("mi_dato = {uno = 1, dos = {tres = 3}}", "");
    offers("mi_d|", "mi_dato", 0, 4);
    offers("-- tostr|", "", 8, 8);
    offers("\"tostr|", "", 1, 6);
    offers("123|", "", 3, 3);
    offers("zzz|", "", 0, 3);
    offers("?tostr|", "tostring", 1, 6);
}

static void test_fields(void **state) {
    (void)state;
    offers("string.gs|", "gsub", 7, 9);
    offers("string.gs|ub", "gsub", 7, 9);
    offers("('x'):re|", "rep reverse", 6, 8);
    offers("'x':re|", "rep reverse", 4, 6);
    want("mi_dato = {uno = 1, dos = {tres = 3}} t = 'x'", "");
    offers("mi_dato.|", "dos uno", 8, 8);
    offers("mi_dato.dos.t|", "tres", 12, 13);
    offers("mi_dato.nada.t|", "", 13, 14);
    offers("t:up|", "upper", 2, 4);
    offers("x = 'ñ😀' .. mi_dato.u|", "uno", 20, 21);
    offers("io.std|", "stderr stdin stdout", 3, 6);
    offers("nn.De|", "Dense", 3, 5);
    offers("m:|", "compile fit", 2, 2);
    offers("m.|", "compile fit loss val_loss", 2, 2);
    offers("desconocido():fi|", "fit", 14, 16);
}

static void test_no_code_runs(void **state) {
    (void)state;
    want("cuenta = 0 local f = function() cuenta = cuenta + 1 return 'x' end "
         "raro = setmetatable({}, {__index = f, __tostring = f, __pairs = f, __display = "
         "f})",
         "");
    offers("raro.|", "", 5, 5);
    offers("raro.x.y|", "", 7, 8);
    struct mime_bundle b = {0};
    const struct interp *in = cell_interp(cell);
    in->inspect(in->self, "raro", 4, 4, 1, &b);
    assert_true(b.n > 0);
    mime_release(&b);
    want("cuenta", "0");
}

static void test_options(void **state) {
    (void)state;
    offers("m:fit{epo|", "epochs=", 6, 9);
    offers("m:fit{d, |}", "d= epochs= validation_split=", 9, 9);
    offers("m:fit{d, epochs = 5, |", "d= validation_split=", 21, 21);
    offers("otro:fit{epo|", "epochs=", 9, 12);
    offers("nn.Dense{128, act|", "activation=", 14, 17);
    offers("nn.Sequential{nn.Dense{128, act|", "activation=", 28, 31);
    offers("nn.Dense({act|", "activation=", 10, 13);
    offers("nn.Dense{128, activation = |}", "\"linear\" \"relu\" \"tanh\"", 27, 27);
    offers("nn.Dense{128, activation = \"re|", "relu", 28, 30);
    offers("nn.Dense{128, activation = 're|", "relu", 28, 30);
    offers("{epo|", "", 1, 4);
}

/* Items of a list, and options in the tables of a command that hands them on. */
static void test_tables_inside(void **state) {
    (void)state;
    offers("m:compile{loss = \"|", "mae mse", 18, 18);
    offers("m:compile{loss = |}", "\"mae\" \"mse\"", 17, 17);
    offers("m:compile{metrics = \"a|", "accuracy", 21, 22);
    offers("m:compile{metrics = {\"|", "accuracy mae mse", 22, 22);
    offers("m:compile{loss = 'mse', metrics = {\"accuracy\", \"m|\"}}", "mae mse", 48,
           49);
    offers("m:compile{metrics = {x = \"|", "", 26, 26);
    offers("m:compile{metrics = f{\"|", "", 23, 23);
    offers("lab.experiments{uno = {loss = \"m|", "mae mse", 31, 32);
    offers("lab.experiments{uno = {los|", "loss=", 23, 26);
    offers("lab.experiments{{epochs = 3, val|", "validation_split=", 29, 32);
    offers("lab.experiments{uno = {otra = {los|", "", 31, 34);
    offers("lab.experiments{uno = {'l|", "", 24, 25);
    offers("{{{'|", "", 4, 4);
    offers("help(\"nn.D|", "nn.Dense", 6, 10);
    offers("help 'Model.|", "Model.loss", 6, 12);
}

static void test_types(void **state) {
    (void)state;
    const struct interp *in = cell_interp(cell);
    struct interp_completion out;
    in->complete(in->self, "m:fit{epo", 9, 9, &out);
    assert_int_equal(out.n, 1);
    assert_string_equal(out.match[0].type, "option");
    assert_non_null(strstr(out.match[0].signature, "por defecto 10"));
    interp_completion_release(&out);
    in->complete(in->self, "nn.Den", 6, 6, &out);
    assert_string_equal(out.match[0].type, "function");
    assert_string_equal(out.match[0].signature,
                        "nn.Dense{units, activation = \"linear\"}");
    interp_completion_release(&out);
}

/* Paths and choices inside of strings, by name and by place. */
static void test_texts(void **state) {
    (void)state;
    char folder[] = "/tmp/nabla_complete_XXXXXX", before[4096], command[200];
    assert_non_null(mkdtemp(folder));
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(system("mkdir datos; touch casas.csv datos/ñu.csv .oculto"), 0);
    offers("io.open('ca|", "casas.csv", 9, 11);
    offers("io.open(\"|\")", "casas.csv datos/", 9, 9);
    offers("dofile('datos/|", "datos/ñu.csv", 8, 14);
    offers("dofile('datos/ñ|", "datos/ñu.csv", 8, 15);
    offers("dofile('.|", ".oculto", 8, 9);
    offers("dofile 'da|", "datos/", 8, 10);
    offers("dofile('nada/|", "", 8, 13);
    offers("print('ca|", "", 7, 9);
    offers("nn.load('ca|", "casas.csv", 9, 11);
    offers("nn.load{path = 'd|", "datos/", 16, 17);
    offers("nn.Dense{128, 're|", "relu", 15, 17);
    offers("nn.Dense{'re|", "", 10, 12);
    assert_int_equal(chdir(before), 0);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

static void test_live_values(void **state) {
    (void)state;
    const struct interp *in = cell_interp(cell);
    struct interp_completion out;
    want("mio = {numero = 3, si = true, tabla = {}}", "");
    in->complete(in->self, "mio.", 4, 4, &out);
    assert_int_equal(out.n, 3);
    assert_string_equal(out.match[0].signature, "3");
    assert_string_equal(out.match[1].signature, "true");
    assert_null(out.match[2].signature);
    interp_completion_release(&out);
    in->complete(in->self, "io.stdou", 8, 8, &out);
    assert_int_equal(out.n, 1);
    interp_completion_release(&out);
}

static void test_any_bytes(void **state) {
    (void)state;
    const struct interp *in = cell_interp(cell);
    char junk[600];
    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = (char)(i * 37 + i / 256);
    for (size_t at = 0; at < 620; at += 13) {
        struct interp_completion out;
        in->complete(in->self, junk, sizeof junk, at, &out);
        assert_true(out.start <= out.end);
        interp_completion_release(&out);
    }
    struct interp_completion out;
    in->complete(in->self, NULL, 0, 5, &out);
    interp_completion_release(&out);
}

int main(void) {
    fixture_open = open_commands;
    const struct CMUnitTest tests[] = {
        TEST(test_names),   TEST(test_fields),      TEST(test_no_code_runs),
        TEST(test_options), TEST(test_types),       TEST(test_any_bytes),
        TEST(test_texts),   TEST(test_live_values), TEST(test_tables_inside)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
