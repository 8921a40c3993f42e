/* test_onnx.c: exports that cannot be are refused and leave what was there; what is written
 * does not depend on chance. What other programs read in it is tested in tests/numeric. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../fail_alloc.h"
#include "nn/onnx.h"

static struct err e;
static char folder[64], path[128];

#define S(...) ((size_t[]){__VA_ARGS__})

static int make_folder(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/nabla_onnx_XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/modelo.onnx", folder);
    return 0;
}

static int drop_folder(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder); /* fails when a temporary file was left */
}

static struct nn_model *model(void) {
    struct nn_model *m;
    assert_int_equal(nn_model_new(&m, &e), 0);
    nn_model_set_seed(m, 5);
    for (int i = 0; i < 4; i++) {
        static const char *const type[] = {"Flatten", "Dense", "Dropout", "Dense"};
        struct nn_layer *l;
        assert_int_equal(nn_layer_new(&l, type[i], &e), 0);
        if (i % 2)
            assert_int_equal(nn_options_set_number(&l->options, "units", 3, &e), 0);
        if (i == 2)
            assert_int_equal(nn_options_set_number(&l->options, "rate", 0.5, &e), 0);
        if (i == 3)
            assert_int_equal(
                nn_options_set_text(&l->options, "activation", "softmax", &e), 0);
        assert_int_equal(nn_model_add(m, l, &e), 0);
    }
    assert_int_equal(nn_model_build(m, 2, S(2, 3), &e), 0);
    m->n_classes = 1;
    m->class_name = calloc(1, sizeof(char *));
    m->class_name[0] = copy_text("suéter");
    return m;
}

static int export(struct nn_model *m) {
    err_clear(&e);
    return nn_onnx_export(m, path, &(struct nn_onnx_options){.normalise = true}, &e);
}

/* The file's bytes; yours to free. */
static char *content(size_t *n) {
    FILE *f = fopen(path, "rb");
    char *bytes = calloc(1, 1 << 16);
    assert_non_null(f);
    *n = fread(bytes, 1, 1 << 16, f);
    fclose(f);
    return bytes;
}

static void assert_content(const char *want, size_t n) {
    size_t got;
    char *bytes = content(&got);
    assert_int_equal(got, n);
    assert_memory_equal(bytes, want, n);
    free(bytes);
}

static bool holds(const char *bytes, size_t n, const char *part) {
    return memmem(bytes, n, part, strlen(part)) != NULL;
}

static void names_stand_in_the_file(void **state) {
    (void)state;
    struct nn_model *m = model();
    assert_int_equal(export(m), 0);
    size_t n;
    char *bytes = content(&n);
    static const char *const parts[] = {
        "nabla",        NABLA_VERSION,     "input",        "output",
        "dense/kernel", "dense_1/Softmax", "[\"suéter\"]", "\"applied\":true"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (!holds(bytes, n, parts[i]))
            fail_msg("sin «%s»", parts[i]);
    assert_false(holds(bytes, n, "ropout"));
    assert_int_equal(export(m), 0);
    assert_content(bytes, n);
    free(bytes);
    nn_model_free(m);
}

static void refused(struct nn_model *m, int code, const char *part) {
    assert_int_equal(export(m), code);
    if (!strstr(e.msg, part))
        fail_msg("«%s» sin «%s»", e.msg, part);
}

static void what_has_no_row_is_refused(void **state) {
    (void)state;
    struct nn_model *m = model();
    const struct nn_layer_type *was = m->layer[0]->type;
    struct nn_layer_type strange = *was;
    strange.name = "Rara";
    m->layer[0]->type = &strange;
    refused(m, ERR_ARG, "la capa flatten es de tipo Rara");
    m->layer[0]->type = was;
    char *activation = m->layer[3]->options.value[1].text;
    assert_string_equal(activation, "softmax");
    strcpy(activation, "rara");
    refused(m, ERR_ARG, "«rara»");
    strcpy(activation, "softmax");
    m->input = (struct nn_normalise){.channels = 2, .channel_scale = {1, 2}};
    refused(m, ERR_ARG, "2 canales y el último eje de la entrada mide 3");
    nn_model_free(m);
    assert_int_equal(nn_model_new(&m, &e), 0);
    refused(m, ERR_STATE, "pesos");
    nn_model_free(m);
}

/* The sizes alone are changed: no byte of the two gibibytes is looked at. */
static void more_than_the_format_holds_is_refused(void **state) {
    (void)state;
    struct nn_model *m = model();
    struct nn_tensor *t = nn_model_param(m, 0, NULL)->value, was = *t;
    t->shape[0] = 1 << 16;
    t->shape[1] = 1 << 13;
    t->n = t->shape[0] * t->shape[1];
    refused(m, ERR_RANGE, "2047");
    memcpy(t->shape, was.shape, sizeof t->shape);
    t->n = was.n;
    nn_model_free(m);
}

static void a_full_disk_keeps_the_old_file(void **state) {
    (void)state;
    struct nn_model *m = model();
    size_t n;
    assert_int_equal(export(m), 0);
    char *bytes = content(&n);
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = n / 2;
    void (*was)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int rc = export(m);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, was);
    assert_int_equal(rc, ERR_IO);
    assert_non_null(strstr(e.msg, path));
    assert_content(bytes, n);
    free(bytes);
    nn_model_free(m);
}

static void short_memory_never_writes_a_part(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    struct nn_model *m = model();
    size_t n;
    assert_int_equal(export(m), 0);
    char *bytes = content(&n);
    bool failed = true;
    for (long k = 0; failed; k++) {
        unlink(path);
        fail_alloc_after(k);
        int rc = export(m);
        failed = fail_alloc_stop();
        assert_int_equal(access(path, F_OK), rc == 0 ? 0 : -1);
        if (rc == 0)
            assert_content(bytes, n);
        else
            assert_int_equal(rc, ERR_NOMEM);
    }
    free(bytes);
    nn_model_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_stand_in_the_file),
        cmocka_unit_test(what_has_no_row_is_refused),
        cmocka_unit_test(more_than_the_format_holds_is_refused),
        cmocka_unit_test(a_full_disk_keeps_the_old_file),
        cmocka_unit_test(short_memory_never_writes_a_part),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
