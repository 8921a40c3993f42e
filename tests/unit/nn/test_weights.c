/* test_weights.c: weights of other files: all of them or none, and what hostile files get. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "../fail_alloc.h"
#include "nn/store.h"

static struct err e;

#define S(...) ((size_t[]){__VA_ARGS__})

/* Dense 2 -> 3, kernel of ones and bias of twos. */
static struct nn_model *model(bool built) {
    struct nn_model *m;
    struct nn_layer *l;
    assert_int_equal(nn_model_new(&m, &e), 0);
    assert_int_equal(nn_layer_new(&l, "Dense", &e), 0);
    assert_int_equal(nn_options_set_number(&l->options, "units", 3, &e), 0);
    assert_int_equal(nn_model_add(m, l, &e), 0);
    if (!built)
        return m;
    assert_int_equal(nn_model_build(m, 1, S(2), &e), 0);
    nn_tensor_fill(nn_model_param(m, 0, NULL)->value, 1);
    nn_tensor_fill(nn_model_param(m, 1, NULL)->value, 2);
    return m;
}

struct file {
    unsigned char bytes[1024];
    size_t n;
};

/* Numbers 10, 11, ... as float32 behind the header. */
static void make(struct file *f, const char *header, size_t numbers) {
    size_t len = strlen(header);
    memset(f, 0, sizeof *f);
    f->bytes[0] = (unsigned char)len;
    f->bytes[1] = (unsigned char)(len >> 8);
    memcpy(f->bytes + 8, header, len);
    for (size_t i = 0; i < numbers; i++) {
        float v = (float)(10 + i);
        memcpy(f->bytes + 8 + len + 4 * i, &v, sizeof v);
    }
    f->n = 8 + len + 4 * numbers;
}

#define ROW(name, type, shape, from, to)                                                 \
    "\"" name "\":{\"dtype\":\"" type "\",\"shape\":[" shape "],\"data_offsets\":[" from \
    "," to "]}"
#define OURS                                                                             \
    "{" ROW("dense/kernel", "F32", "2,3", "0", "24") "," ROW("dense/bias", "F32", "3",   \
                                                             "24", "36") "}"
#define TORCH                                                                            \
    "{" ROW("0.weight", "F32", "3,2", "0", "24") "," ROW("0.bias", "F32", "3", "24",     \
                                                         "36") "}"

static int parse(struct nn_model *m, const struct file *f,
                 enum nn_weights_layout layout) {
    struct nn_weights_options o = {.layout = layout};
    err_clear(&e);
    return nn_model_parse_weights(m, f->bytes, f->n, &o, &e);
}

static void assert_kernel(struct nn_model *m, const float want[6]) {
    assert_memory_equal(nn_model_param(m, 0, NULL)->value->data, want, 6 * sizeof *want);
}

static const float untouched[6] = {1, 1, 1, 1, 1, 1};

static void kernels_are_turned_as_the_layout_says(void **state) {
    (void)state;
    struct nn_model *m = model(true);
    struct file f;
    make(&f, OURS, 9);
    assert_int_equal(parse(m, &f, NN_WEIGHTS_OURS), 0);
    assert_kernel(m, (const float[]){10, 11, 12, 13, 14, 15});
    make(&f, TORCH, 9);
    assert_int_equal(parse(m, &f, NN_WEIGHTS_PYTORCH), 0);
    assert_kernel(m, (const float[]){10, 12, 14, 11, 13, 15});
    assert_true(nn_tensor_f32(nn_model_param(m, 1, NULL)->value)[2] == 18);
    nn_model_free(m);
}

static void refused(const char *header, size_t numbers, enum nn_weights_layout layout,
                    int code, const char *part) {
    struct nn_model *m = model(true);
    struct file f;
    make(&f, header, numbers);
    assert_int_equal(parse(m, &f, layout), code);
    if (!strstr(e.msg, part))
        fail_msg("«%s» sin «%s»", e.msg, part);
    assert_kernel(m, untouched);
    nn_model_free(m);
}

static void what_does_not_fit_changes_nothing(void **state) {
    (void)state;
    refused(TORCH, 9, NN_WEIGHTS_OURS, ERR_SHAPE, "layout = \"pytorch\"");
    refused(OURS, 9, NN_WEIGHTS_PYTORCH, ERR_SHAPE, "0 módulos");
    refused("{" ROW("dense/kernel", "F32", "2,3", "0", "24") "}", 6, NN_WEIGHTS_OURS,
            ERR_NOTFOUND, "dense/bias");
    refused("{" ROW("dense/kernel", "I64", "3", "0", "24") "," ROW("dense/bias", "F32",
                                                                   "3", "24", "36") "}",
            9, NN_WEIGHTS_OURS, ERR_DTYPE, "I64");
    refused("{" ROW("a", "I32", "6", "0", "24") "," ROW("b", "F32", "3", "24", "36") "}",
            9, NN_WEIGHTS_OURS, ERR_SHAPE, "1 tensores");
    refused("{" ROW("dense/kernel", "F32", "2,3", "0",
                    "24") "," ROW("dense/bias", "F32", "2", "24",
                                  "32") "," ROW("x", "F32", "1", "32", "36") "}",
            9, NN_WEIGHTS_OURS, ERR_NOTFOUND, "«x»");
    refused("{", 0, NN_WEIGHTS_OURS, ERR_FORMAT, "JSON");
    struct nn_model *m = model(false);
    struct file f;
    make(&f, OURS, 9);
    assert_int_equal(parse(m, &f, NN_WEIGHTS_OURS), ERR_STATE);
    nn_model_free(m);
    struct nn_weights_options o = {0};
    m = model(true);
    assert_int_equal(nn_model_load_weights(m, "/no/hay/nada", &o, &e), ERR_NOTFOUND);
    nn_model_free(m);
}

static void short_memory_changes_nothing(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    static const char *const header[] = {OURS, TORCH};
    for (int layout = 0; layout < 2; layout++) {
        struct nn_model *m = model(true);
        struct file f;
        make(&f, header[layout], 9);
        bool failed = true;
        for (long k = 0; failed; k++) {
            fail_alloc_after(k);
            int rc = parse(m, &f, (enum nn_weights_layout)layout);
            failed = fail_alloc_stop();
            assert_true(failed ? rc < 0 : rc == 0);
            if (failed)
                assert_kernel(m, untouched);
        }
        nn_model_free(m);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_are_turned_as_the_layout_says),
        cmocka_unit_test(what_does_not_fit_changes_nothing),
        cmocka_unit_test(short_memory_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
