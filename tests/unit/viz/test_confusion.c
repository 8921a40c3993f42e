/* test_confusion.c: the confusion matrix from 1 to 200 classes. */
#include "viz/confusion.h"
#include "viz/style.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"

static int64_t counts[VIZ_CLASSES_MAX * VIZ_CLASSES_MAX];

/* 90 of 100 right; the rest falls on the next class. */
static struct viz_confusion matrix(size_t n) {
    memset(counts, 0, sizeof counts);
    for (size_t t = 0; t < n; t++) {
        counts[t * n + t] = 90;
        counts[t * n + (t + 1) % n] += 10;
    }
    return (struct viz_confusion){.counts = counts, .n = n};
}

static char *dump(const struct viz_confusion *c) {
    struct viz_scene *s = NULL;
    struct err e = {0};
    struct buf b;
    buf_init(&b, 1 << 24);
    assert_int_equal(viz_confusion_scene(&s, c, &e), 0);
    assert_int_equal(viz_scene_dump(s, &b, &e), 0);
    viz_scene_free(s);
    return buf_take(&b, NULL);
}

static void test_counts_and_percentages(void **state) {
    (void)state;
    static const char *const names[] = {"gato", "perro"};
    struct viz_confusion c = matrix(2);
    c.names = names;
    char *text = dump(&c);
    assert_int_equal(occurrences(text, "\"90\""), 2);
    assert_int_equal(occurrences(text, "\"90.0 %\""), 2);
    assert_int_equal(occurrences(text, "\"10.0 %\""), 2);
    assert_int_equal(occurrences(text, "\"gato\""), 2); /* row and column */
    assert_has(text, "\"Clase verdadera\"");
    assert_has(text, "\"Clase predicha\"");
    free(text);
}

/* The picture names the three pairs with most mistakes; without mistakes, none. */
static void test_pairs_are_named(void **state) {
    (void)state;
    static const int64_t m[] = {9, 1, 4, 0, 9, 2, 3, 0, 9},
                         good[] = {5, 0, 0, 0, 5, 0, 0, 0, 5};
    struct viz_confusion c = {.counts = m, .n = 3};
    char *text = dump(&c);
    assert_has(text, "\"Más confundidas: 0 → 2 (4), 2 → 0 (3), 1 → 2 (2)\"");
    free(text);
    c.counts = good;
    text = dump(&c);
    assert_lacks(text, "Más confundidas");
    free(text);
}

/* Rows are true classes: the count of (true 0, predicted 1) stands right of the diagonal
 * in the first row. */
static void test_rows_are_true(void **state) {
    (void)state;
    static const int64_t m[] = {1, 7, 0, 3};
    struct viz_confusion c = {.counts = m, .n = 2};
    char *text = dump(&c);
    double x1, y1, x7, y7, x3, y3;
    const char *p;
    char *line = NULL;
    double *at[][2] = {{&x1, &y1}, {&x7, &y7}, {&x3, &y3}};
    static const char *const count[] = {"\"1\"", "\"7\"", "\"3\""};
    for (size_t i = 0; i < 3; i++) {
        for (p = text; (p = strstr(p, "\ntext ")) != NULL; p++) {
            size_t n = strcspn(p + 1, "\n");
            line = copy_bytes(p + 1, n);
            bool hit = strstr(line, count[i]) && strstr(line, "12.00");
            if (hit)
                assert_int_equal(sscanf(line, "text %lf,%lf", at[i][0], at[i][1]), 2);
            free(line);
            if (hit)
                break;
        }
        assert_non_null(p);
    }
    assert_true(x7 > x1 && fabs(y7 - y1) < 0.01);
    assert_true(y3 > y7 && fabs(x3 - x7) < 0.01);
    assert_has(text, "\"12.5 %\""); /* 1 of 8 */
    assert_has(text, "\"100 %\"");
    free(text);
}

static void test_text_reads_on_its_cell(void **state) {
    (void)state;
    struct viz_confusion c = matrix(10);
    char *text = dump(&c), colors[64];
    (void)snprintf(colors, sizeof colors, "%08x mc \"90.0 %%\"", (unsigned)VIZ_PAPER);
    assert_int_equal(occurrences(text, colors), 10); /* white on dark */
    (void)snprintf(colors, sizeof colors, "%08x mc \"10.0 %%\"", (unsigned)VIZ_INK);
    assert_int_equal(occurrences(text, colors), 10);
    assert_int_equal(occurrences(text, "mc \"0\""), 80); /* zeros, no percentage */
    free(text);
}

static void test_what_fits(void **state) {
    (void)state;
    static const struct {
        size_t n;
        bool counts, percent, bar;
    } row[] = {{1, true, true, false},    {2, true, true, false},
               {10, true, true, false},   {30, true, false, false},
               {100, false, false, true}, {200, false, false, true}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct viz_confusion c = matrix(row[i].n);
        if (row[i].n == 1)
            counts[0] = 90;
        char *text = dump(&c);
        assert_int_equal(strstr(text, "b ff") && strstr(text, "\"90\""), row[i].counts);
        assert_int_equal(occurrences(text, ".0 %\"") + occurrences(text, "100 %\"") >
                             (row[i].bar ? 1U : 0U),
                         row[i].percent);
        assert_int_equal(strstr(text, "\"50 %\"") != NULL, row[i].bar);
        assert_int_equal(strstr(text, "image") != NULL, row[i].bar);
        free(text);
    }
}

static void test_long_names(void **state) {
    (void)state;
    static char text[10][300];
    static const char *names[10];
    struct viz_confusion c = matrix(10);
    for (size_t i = 0; i < 10; i++) {
        memset(text[i], 'W', sizeof text[i] - 1);
        names[i] = text[i];
    }
    names[3] = NULL; /* falls back to its number */
    c.names = names;
    c.title = text[0];
    char *d = dump(&c);
    assert_has(d, "W…\"");
    assert_has(d, "angle=-45.0");
    assert_has(d, "\"3\"");
    double w = 0;
    assert_int_equal(sscanf(d, "scene %lfx", &w), 1);
    assert_true(w <= VIZ_WIDTH);
    free(d);
}

static void test_text(void **state) {
    (void)state;
    static const char *const names[] = {"gato", "perro"};
    struct viz_confusion c = matrix(2);
    struct buf b;
    c.names = names;
    counts[1] = 20;
    buf_init(&b, 10000);
    assert_int_equal(viz_confusion_text(&b, &c, NULL), 0);
    assert_string_equal(
        b.data, "Matriz de confusión: 210 ejemplos, exactitud 85.71 %\n"
                "verdadera \\ predicha  gato  perro\n"
                "--------------------  ----  -----\n"
                "gato                    90     20\n"
                "perro                   10     90\n"
                "Lo que más se confunde (verdadera → predicha): gato → perro (20), "
                "perro → gato (10)\n");
    buf_clear(&b);
    c = matrix(30);
    counts[5 * 30 + 7] = 44;
    assert_int_equal(viz_confusion_text(&b, &c, NULL), 0);
    assert_lacks(b.data, "----");
    assert_has(b.data, ": 5 → 7 (44), 0 → 1 (10), ");
    buf_clear(&b);
    memset(counts, 0, sizeof counts);
    assert_int_equal(viz_confusion_text(&b, &c, NULL), 0);
    assert_string_equal(b.data, "Matriz de confusión: 0 ejemplos, exactitud 0.00 %\n");
    buf_release(&b);
}

static void test_no_examples(void **state) {
    (void)state;
    struct viz_confusion c = matrix(3);
    memset(counts, 0, sizeof counts);
    char *text = dump(&c);
    assert_lacks(text, "nan");
    assert_lacks(text, "%");
    free(text);
}

static void test_refused(void **state) {
    (void)state;
    struct mime_bundle b;
    struct err e = {0};
    struct viz_confusion c = matrix(3);
    counts[5] = -2;
    assert_int_equal(viz_confusion_bundle(&b, &c, &e), ERR_RANGE);
    assert_has(e.msg, "-2 en la fila 1, columna 2");
    c.n = 0;
    assert_int_equal(viz_confusion_bundle(&b, &c, &e), ERR_ARG);
    c.n = VIZ_CLASSES_MAX + 1;
    assert_int_equal(viz_confusion_bundle(&b, &c, &e), ERR_ARG);
    assert_int_equal(b.n, 0);
}

static int make(struct mime_bundle *out, struct err *e) {
    struct viz_confusion c = matrix(3);
    c.title = "Título";
    return viz_confusion_bundle(out, &c, e);
}

static int make_large(struct mime_bundle *out, struct err *e) {
    struct viz_confusion c = matrix(60);
    return viz_confusion_bundle(out, &c, e);
}

static void test_short_memory(void **state) {
    (void)state;
    check_short_memory(make, 1);
    check_short_memory(make_large, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_and_percentages),
        cmocka_unit_test(test_pairs_are_named),
        cmocka_unit_test(test_rows_are_true),
        cmocka_unit_test(test_text_reads_on_its_cell),
        cmocka_unit_test(test_what_fits),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_no_examples),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
