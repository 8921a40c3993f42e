/* test_csv.c: separators, headers, labels, and errors that name the line. */
#include "data_files.h"

#include "../fail_alloc.h"
#include "nn/csv.h"

#include <math.h>

static struct err e;

static struct nn_dataset *parse(const char *text, const struct nn_csv_opts *o) {
    struct nn_dataset *d;
    if (nn_csv_parse(&d, text, strlen(text), "dir/t.csv", o, &e) < 0)
        fail_msg("%s", e.msg);
    return d;
}

static void assert_refused(const char *text, const struct nn_csv_opts *o, int code,
                           const char *says) {
    struct nn_dataset *d;
    assert_int_equal(nn_csv_parse(&d, text, strlen(text), "t.csv", o, &e), code);
    assert_null(d);
    assert_string_equal(e.msg, says);
}

static void assert_x(const struct nn_dataset *d, size_t rows, size_t cols,
                     const float *want) {
    assert_int_equal(d->x_train->shape[0], rows);
    assert_int_equal(d->x_train->shape[1], cols);
    assert_memory_equal(d->x_train->data, want, rows * cols * sizeof *want);
}

static void reads_numbers_without_header(void **state) {
    (void)state;
    struct nn_dataset *d = parse("1,2.5,0\n\n# nota\n-3e2, 4 ,1\r\n5,6,0", NULL);
    assert_string_equal(d->name, "t.csv");
    assert_x(d, 3, 2, (float[]){1, 2.5f, -300, 4, 5, 6});
    const int32_t y[] = {0, 1, 0};
    assert_memory_equal(d->y_train->data, y, sizeof y);
    assert_int_equal(d->n_classes, 2);
    assert_string_equal(d->classes[1], "1");
    assert_string_equal(d->features[1], "x2");
    assert_null(d->notes);
    assert_null(d->y_test);
    assert_true(d->input.scale == 1.0f);
    nn_dataset_release(d);
}

static void reads_header_words_and_quotes(void **state) {
    (void)state;
    const char *text = "\xef\xbb\xbf"
                       "largo;\"ancho; total\";especie\n"
                       "1,5;2;\"rosa \"\"fina\"\"\"\n"
                       "3;4,25;árbol\n"
                       "5;6;rosa \"fina\"\n";
    struct nn_dataset *d = parse(text, NULL);
    assert_x(d, 3, 2, (float[]){1.5f, 2, 3, 4.25f, 5, 6});
    assert_string_equal(d->features[1], "ancho; total");
    assert_int_equal(d->n_classes, 2);
    assert_string_equal(d->classes[0], "rosa \"fina\"");
    assert_string_equal(d->classes[1], "árbol");
    const int32_t y[] = {0, 1, 0};
    assert_memory_equal(d->y_train->data, y, sizeof y);
    assert_string_equal(d->notes,
                        "Las etiquetas pasan a ser clases 0..1 en orden ascendente: la "
                        "clase 0 es «rosa \"fina\"» y la clase 1 es «árbol».");
    nn_dataset_release(d);
}

/* Years as names look like data, and data of words like names, until somebody says. */
static void the_header_can_be_told(void **state) {
    (void)state;
    const char *years = "2019,2020,clase\n1,2,0\n3,4,1\n";
    struct nn_dataset *d =
        parse("2019,2020,1\n1,2,0\n3,4,1\n",
              &(struct nn_csv_opts){.header = NN_CSV_HEADER_YES, .label = "2"});
    assert_x(d, 2, 2, (float[]){1, 0, 3, 1});
    assert_string_equal(d->features[0], "2019");
    nn_dataset_release(d);
    assert_refused(years, &(struct nn_csv_opts){.header = NN_CSV_HEADER_NO, .label = "1"},
                   ERR_FORMAT, "t.csv, línea 1, columna 3: «clase» no es un número");
}

static void finds_the_separator_outside_quotes(void **state) {
    (void)state;
    struct nn_dataset *d = parse("\"x;y\",clase\n1,0\n2,1\n", NULL);
    assert_x(d, 2, 1, (float[]){1, 2});
    assert_string_equal(d->features[0], "x;y");
    nn_dataset_release(d);
}

static void finds_the_label_column(void **state) {
    (void)state;
    const char *text = "clase\ta\tb\n2\t10\t20\n3\t30\t40\n";
    struct nn_dataset *d = parse(text, &(struct nn_csv_opts){.label = "clase"});
    assert_x(d, 2, 2, (float[]){10, 20, 30, 40});
    assert_string_equal(d->features[0], "a");
    assert_string_equal(d->classes[0], "2");
    nn_dataset_release(d);
    d = parse(text, &(struct nn_csv_opts){.label = "2", .regression = true});
    assert_x(d, 2, 2, (float[]){2, 20, 3, 40});
    assert_int_equal(d->n_classes, 0);
    assert_true(nn_tensor_f32(d->y_train)[1] == 30);
    nn_dataset_release(d);
    d = parse("x,sí\ny,3\n", &(struct nn_csv_opts){.label = "1"});
    assert_string_equal(d->features[0], "sí");
    nn_dataset_release(d);
}

static void tells_classes_from_targets(void **state) {
    (void)state;
    struct nn_dataset *d = parse("1,0.5\n2,3\n", NULL);
    assert_int_equal(d->n_classes, 0);
    assert_int_equal(d->y_train->dtype, NN_F32);
    nn_dataset_release(d);
    char many[8000] = "";
    size_t at = 0;
    for (int i = 0; i < 300; i++)
        at += (size_t)snprintf(many + at, sizeof many - at, "1,%d\n", 10 * i + 7);
    d = parse(many, NULL);
    assert_int_equal(d->n_classes, 0);
    nn_dataset_release(d);
    d = parse("1,10\n1,9\n1,-3\n", NULL); /* by value, not by text */
    assert_string_equal(d->classes[0], "-3");
    assert_string_equal(d->classes[2], "10");
    nn_dataset_release(d);
}

static void cuts_a_test_part(void **state) {
    (void)state;
    char text[4000] = "";
    size_t at = 0;
    for (int i = 0; i < 100; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%d,%d\n", i, i % 2);
    struct nn_dataset *d = parse(text, &(struct nn_csv_opts){.test = 0.2, .seed = 3});
    assert_int_equal(d->y_train->n, 80);
    assert_int_equal(d->y_test->n, 20);
    size_t counts[2];
    assert_int_equal(nn_dataset_class_counts(counts, 2, d->y_test, &e), 0);
    assert_int_equal(counts[0], 10);
    nn_dataset_release(d);
}

static void names_the_line_of_an_error(void **state) {
    (void)state;
    const struct nn_csv_opts none = {0};
    assert_refused("a,b\n1,0\n\nx,0\n", NULL, ERR_FORMAT,
                   "t.csv, línea 4, columna 1: «x» no es un número");
    assert_refused("1,0\n,1\n", NULL, ERR_FORMAT,
                   "t.csv, línea 2, columna 1: «» no es un número");
    assert_refused("1,0\nnan,1\n", NULL, ERR_FORMAT,
                   "t.csv, línea 2, columna 1: «nan» no es un número");
    assert_refused("1,0\n1e39,1\n", NULL, ERR_FORMAT,
                   "t.csv, línea 2, columna 1: «1e39» no es un número");
    assert_refused("1,2,0\n1,2\n", NULL, ERR_FORMAT,
                   "t.csv, línea 2: tiene 2 campos y se esperaban 3");
    assert_refused("1,2,0\n1,\"2,0\n", NULL, ERR_FORMAT,
                   "t.csv, línea 2: unas comillas no se cierran");
    assert_refused("\"1,2\n", NULL, ERR_FORMAT,
                   "t.csv, línea 1: unas comillas no se cierran");
    assert_refused("1\n2\n", &none, ERR_FORMAT,
                   "t.csv, línea 1: tiene 1 columnas; se admiten de 2 a 16384 separadas "
                   "por coma, punto y coma o tabulador");
    assert_refused("", NULL, ERR_FORMAT, "t.csv: no contiene ninguna línea de datos");
    assert_refused("a,b\n", NULL, ERR_FORMAT,
                   "t.csv: no contiene ninguna línea de datos");
    assert_refused("1,2\n3,a\xf1o\n", NULL, ERR_FORMAT,
                   "t.csv, línea 2: el byte 0xf1 no es texto UTF-8; guarda el archivo "
                   "como «CSV UTF-8»");
    assert_refused("a,b\n1,2\nxxñandú ñandú ñandú ñandú ñandú ñandú,2\n", NULL,
                   ERR_FORMAT,
                   "t.csv, línea 3, columna 1: «xxñandú ñandú ñandú ñandú ñand…» no es "
                   "un número");
    struct nn_dataset *d;
    assert_int_equal(nn_csv_parse(&d, "1,2\n\0", 5, "t.csv", NULL, &e), ERR_FORMAT);
}

static void refuses_bad_options(void **state) {
    (void)state;
    const char *text = "a,b\n1,0\n2,1\n";
    assert_refused(text, &(struct nn_csv_opts){.label = "c"}, ERR_NOTFOUND,
                   "t.csv: ninguna columna se llama «c»");
    assert_refused("1,0\n", &(struct nn_csv_opts){.label = "c"}, ERR_NOTFOUND,
                   "t.csv: no tiene encabezado, y ninguna columna se llama «c»");
    assert_refused(text, &(struct nn_csv_opts){.label = "3"}, ERR_NOTFOUND,
                   "t.csv: no hay columna 3; las columnas van de 1 a 2");
    assert_refused(text, &(struct nn_csv_opts){.test = 1}, ERR_RANGE,
                   "t.csv: test = 1; debe ser al menos 0 y menor que 1");
    assert_refused("a,b\n1,x\n", &(struct nn_csv_opts){.regression = true}, ERR_FORMAT,
                   "t.csv, línea 2, columna 2: «x» no es un número");
}

static void reads_files(void **state) {
    (void)state;
    struct nn_dataset *d;
    const char *path = files_path("puntos.csv");
    files_write(path, "1,2,0\n3,4,1\n", 12);
    assert_int_equal(nn_csv_load(&d, path, NULL, &e), 0);
    assert_string_equal(d->name, "puntos.csv");
    nn_dataset_release(d);
    assert_int_equal(nn_csv_load(&d, files_path("none.csv"), NULL, &e), ERR_IO);
    assert_null(d);
}

static void survives_short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        return;
    const char *path = files_path("memoria.csv");
    const char *text = "a,b,c\n1,2,uno\n3,4,dos\n5,6,uno\n7,8,dos\n";
    files_write(path, text, strlen(text));
    for (long k = 0;; k++) {
        struct nn_dataset *d;
        fail_alloc_after(k);
        int rc = nn_csv_load(&d, path, &(struct nn_csv_opts){.test = 0.5}, &e);
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
        cmocka_unit_test(reads_numbers_without_header),
        cmocka_unit_test(reads_header_words_and_quotes),
        cmocka_unit_test(the_header_can_be_told),
        cmocka_unit_test(finds_the_separator_outside_quotes),
        cmocka_unit_test(finds_the_label_column),
        cmocka_unit_test(tells_classes_from_targets),
        cmocka_unit_test(cuts_a_test_part),
        cmocka_unit_test(names_the_line_of_an_error),
        cmocka_unit_test(refuses_bad_options),
        cmocka_unit_test(reads_files),
        cmocka_unit_test(survives_short_memory),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
