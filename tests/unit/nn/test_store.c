/* test_store.c: models saved and loaded: the same numbers, the same further training;
 * files that are cut, changed or hostile are refused with a sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../fail_alloc.h"
#include "nn/fit.h"
#include "nn/rng.h"
#include "nn/store.h"

static struct err e;
static char folder[64], path[128];

#define S(...) ((size_t[]){__VA_ARGS__})

static int make_folder(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/nabla_store_XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/modelo.safetensors", folder);
    return 0;
}

static int drop_folder(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder); /* fails when a temporary file was left */
}

static void add(struct nn_model *m, const char *type, const char *option, double v,
                const char *activation) {
    struct nn_layer *l;
    assert_int_equal(nn_layer_new(&l, type, &e), 0);
    if (option)
        assert_int_equal(nn_options_set_number(&l->options, option, v, &e), 0);
    if (activation)
        assert_int_equal(nn_options_set_text(&l->options, "activation", activation, &e),
                         0);
    assert_int_equal(nn_model_add(m, l, &e), 0);
}

static void data(struct nn_tensor **x, struct nn_tensor **y) {
    struct nn_rng r;
    nn_rng_seed(&r, 9);
    assert_int_equal(nn_tensor_new(x, NN_F32, 3, S(40, 2, 3), &e), 0);
    assert_int_equal(nn_tensor_new(y, NN_I32, 1, S(40), &e), 0);
    nn_rng_fill_normal(&r, *x, 0, 1);
    for (size_t i = 0; i < 40; i++)
        nn_tensor_set(*y, i, (double)nn_rng_below(&r, 4));
}

static void train(struct nn_model *m, struct nn_tensor *x, struct nn_tensor *y,
                  int epochs) {
    struct nn_fit_data d = {.x = x, .y = y};
    struct nn_fit_options o = {
        .epochs = epochs, .batch_size = 12, .validation_split = 0.2};
    assert_int_equal(nn_fit(m, &d, &o, &e), 0);
}

static struct nn_model *compiled(const char *optim, const char *option, double v) {
    struct nn_model *m;
    struct nn_optim *o;
    static const char *const metrics[] = {"accuracy"};
    assert_int_equal(nn_model_new(&m, &e), 0);
    nn_model_set_seed(m, 0xfedcba9876543210u);
    add(m, "Flatten", NULL, 0, NULL);
    add(m, "Dense", "units", 8, "tanh");
    add(m, "Dropout", "rate", 0.25, NULL);
    add(m, "Dense", "units", 4, "softmax");
    assert_int_equal(nn_optim_new(&o, optim, &e), 0);
    if (option)
        assert_int_equal(nn_options_set_number(&o->options, option, v, &e), 0);
    assert_int_equal(nn_model_compile(m, o, "cross_entropy", 1, metrics, &e), 0);
    return m;
}

static struct nn_model *trained(struct nn_tensor *x, struct nn_tensor *y) {
    struct nn_model *m = compiled("adam", NULL, 0);
    train(m, x, y, 2);
    return m;
}

static void same_predictions(struct nn_model *a, struct nn_model *b,
                             struct nn_tensor *x) {
    struct nn_tensor *pa, *pb;
    assert_int_equal(nn_model_predict(&pa, a, x, 0, &e), 0);
    assert_int_equal(nn_model_predict(&pb, b, x, 0, &e), 0);
    assert_memory_equal(pa->data, pb->data, pa->n * sizeof(float));
    nn_tensor_release(pa);
    nn_tensor_release(pb);
}

static struct nn_model *loaded(void) {
    struct nn_model *m;
    if (nn_model_load(&m, path, &e) < 0)
        fail_msg("%s", e.msg);
    return m;
}

static void what_was_saved_comes_back(void **state) {
    (void)state;
    struct nn_tensor *x, *y;
    data(&x, &y);
    struct nn_model *m = trained(x, y);
    m->n_classes = 1;
    m->class_name = calloc(1, sizeof(char *));
    m->class_name[0] = copy_text("suéter");
    m->input = (struct nn_normalise){.scale = 0.5f, .offset = -0.25f};
    assert_int_equal(nn_model_save(m, path, &e), 0);
    assert_int_equal(nn_model_save(m, path, &e), 0); /* over the first */
    struct nn_model *back = loaded();
    assert_int_equal(back->n_layers, 4);
    assert_string_equal(back->layer[3]->name, "dense_1");
    assert_string_equal(back->class_name[0], "suéter");
    assert_true(back->seed == 0xfedcba9876543210u);
    assert_true(back->input.scale == 0.5f && back->input.offset == -0.25f);
    same_predictions(m, back, x);
    const struct nn_history *h = m->history, *hb = back->history;
    assert_true(hb->n == 2 && hb->epochs == 2 && hb->has_val && !hb->stopped);
    assert_true(hb->best == h->best && h->best > 0);
    assert_true(hb->samples == h->samples && hb->batches == h->batches &&
                hb->batch_size == 12);
    assert_true(hb->loss[1] == h->loss[1] && hb->val_loss[0] == h->val_loss[0]);
    assert_true(nn_history_column(hb, "val_accuracy")[1] ==
                nn_history_column(h, "val_accuracy")[1]);
    nn_model_free(m);
    nn_model_free(back);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

/* Four epochs at once, and two, a file, two: not a bit differs. Takes both models. */
static void goes_on_as_if(struct nn_model *whole, struct nn_model *m) {
    struct nn_tensor *x, *y;
    data(&x, &y);
    train(whole, x, y, 4);
    train(m, x, y, 2);
    assert_int_equal(nn_model_save(m, path, &e), 0);
    struct nn_model *back = loaded();
    assert_true(back->optim->steps == m->optim->steps && back->steps == m->steps);
    assert_true(back->optim->learning_rate == m->optim->learning_rate);
    train(back, x, y, 2);
    assert_true(back->history->loss[1] == whole->history->loss[3]);
    assert_true(back->history->val_loss[1] == whole->history->val_loss[3]);
    assert_true(back->history->learning_rate[1] == whole->history->learning_rate[3]);
    same_predictions(whole, back, x);
    nn_model_free(whole);
    nn_model_free(m);
    nn_model_free(back);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

static void training_goes_on_as_if_never_saved(void **state) {
    (void)state;
    for (int i = 0; nn_optim_type_row(i); i++) {
        const char *name = nn_optim_type_row(i)->name;
        goes_on_as_if(compiled(name, "learning_rate", 0.03),
                      compiled(name, "learning_rate", 0.03));
    }
    goes_on_as_if(compiled("SGD", "momentum", 0.9), compiled("SGD", "momentum", 0.9));
}

static struct nn_model *scheduled(const char *type, bool warm) {
    struct nn_model *m = compiled("SGD", "momentum", 0.5);
    struct nn_schedule s;
    assert_int_equal(nn_schedule_init(&s, type, &e), 0);
    if (s.type->pieces) {
        double boundary[] = {3, 8}, value[] = {0.1, 0.03, 0.01};
        assert_int_equal(nn_schedule_set_pieces(&s, 2, boundary, value, &e), 0);
    }
    for (int i = 0; i < s.options.n; i++) {
        const struct nn_option_row *r = &s.options.row[i];
        if (r->required)
            assert_int_equal(nn_options_set_number(&s.options, r->name,
                                                   r->kind == NN_OPT_INT ? 7 : 0.25, &e),
                             0);
    }
    if (warm) {
        assert_int_equal(nn_options_set_number(&s.options, "warmup_target", 0.4, &e), 0);
        assert_int_equal(nn_options_set_number(&s.options, "warmup_steps", 5, &e), 0);
    }
    assert_int_equal(nn_optim_set_schedule(m->optim, &s, &e), 0);
    return m;
}

static void the_rate_goes_on_by_its_schedule(void **state) {
    (void)state;
    const struct nn_schedule_type *t;
    for (int i = 0; (t = nn_schedule_type_row(i)); i++)
        goes_on_as_if(scheduled(t->name, false), scheduled(t->name, false));
    goes_on_as_if(scheduled("CosineDecay", true), scheduled("CosineDecay", true));
}

/* Dropout that was built elsewhere, inside a Residual and as its shortcut. */
static struct nn_model *with_parts(void) {
    struct nn_model *m;
    struct nn_optim *o;
    struct nn_layer *l, *drop[2];
    struct nn_rng r;
    nn_rng_seed(&r, 77);
    assert_int_equal(nn_model_new(&m, &e), 0);
    nn_model_set_seed(m, 3);
    add(m, "Flatten", NULL, 0, NULL);
    assert_int_equal(nn_layer_new(&l, "Residual", &e), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(nn_layer_new(&drop[i], "Dropout", &e), 0);
        assert_int_equal(nn_options_set_number(&drop[i]->options, "rate", 0.5, &e), 0);
        assert_int_equal(nn_layer_build(drop[i], 1, S(6), &r, &e), 0);
    }
    assert_int_equal(nn_layer_add_child(l, drop[0], &e), 0);
    assert_int_equal(nn_layer_set_shortcut(l, drop[1], &e), 0);
    assert_int_equal(nn_model_add(m, l, &e), 0);
    add(m, "Dense", "units", 4, "softmax");
    assert_int_equal(nn_optim_new(&o, "Adam", &e), 0);
    assert_int_equal(nn_model_compile(m, o, "cross_entropy", 0, NULL, &e), 0);
    return m;
}

static void masks_of_parts_go_on(void **state) {
    (void)state;
    goes_on_as_if(with_parts(), with_parts());
}

static void without_the_optimizer_training_starts_afresh(void **state) {
    (void)state;
    struct nn_tensor *x, *y;
    data(&x, &y);
    struct nn_model *m = trained(x, y);
    struct nn_save_options o = {.no_optimizer = true};
    assert_int_equal(nn_model_save(m, path, &e), 0);
    FILE *f = fopen(path, "rb");
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    long whole = ftell(f);
    assert_int_equal(nn_model_save_as(m, path, &o, &e), 0);
    fclose(f);
    f = fopen(path, "rb");
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    assert_true(ftell(f) < whole);
    fclose(f);
    struct nn_model *back = loaded();
    same_predictions(m, back, x);
    assert_true(back->optim->steps == 0 && back->optim->n == 4);
    assert_true(nn_tensor_get(back->optim->slot[0].state[0], 0) == 0);
    train(back, x, y, 1);
    nn_model_free(m);
    nn_model_free(back);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

static unsigned char *saved(size_t *n) {
    struct nn_tensor *x, *y;
    data(&x, &y);
    struct nn_model *m = trained(x, y);
    assert_int_equal(nn_model_save(m, path, &e), 0);
    nn_model_free(m);
    nn_tensor_release(x);
    nn_tensor_release(y);
    FILE *f = fopen(path, "rb");
    unsigned char *bytes = malloc(1 << 16);
    *n = fread(bytes, 1, 1 << 16, f);
    fclose(f);
    return bytes;
}

/* How bytes become input goes with the weights, channel by channel. */
static void the_normalisation_is_kept(void **state) {
    (void)state;
    struct nn_tensor *x, *y, *bytes;
    struct nn_model *m, *back;
    data(&x, &y);
    m = trained(x, y);
    m->input = (struct nn_normalise){.channels = 3,
                                     .channel_scale = {0.25f, 1 / 3.0f, 2},
                                     .channel_offset = {-1, 0.5f, 1e-3f}};
    assert_int_equal(nn_model_save(m, path, &e), 0);
    assert_int_equal(nn_model_load(&back, path, &e), 0);
    assert_memory_equal(&m->input, &back->input, sizeof m->input);
    nn_model_free(back);
    m->input.channels = 4; /* the examples are of 3 numbers a pixel */
    assert_int_equal(nn_tensor_new(&bytes, NN_U8, 3, S(4, 2, 3), &e), 0);
    struct nn_tensor *none;
    assert_int_equal(nn_model_predict(&none, m, bytes, 0, &e), ERR_SHAPE);
    assert_null(none);
    nn_model_free(m);
    nn_tensor_release(bytes);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

static void cut_files_are_refused(void **state) {
    (void)state;
    size_t n;
    unsigned char *bytes = saved(&n);
    struct nn_model *m;
    assert_true(n % 4 == 0);
    for (size_t len = 0; len < n; len += len < 64 ? 1 : 13) {
        err_clear(&e);
        assert_int_equal(nn_model_parse(&m, bytes, len, &e), ERR_FORMAT);
        assert_null(m);
        assert_true(e.msg[0] != '\0');
    }
    assert_int_equal(nn_model_parse(&m, bytes, n, &e), 0);
    nn_model_free(m);
    free(bytes);
}

static void one_changed_byte_never_crashes(void **state) {
    (void)state;
    size_t n, header;
    unsigned char *bytes = saved(&n);
    header = bytes[0] | (size_t)bytes[1] << 8;
    for (size_t at = 0; at < header + 8; at++) {
        unsigned char was = bytes[at];
        struct nn_model *m;
        bytes[at] = (unsigned char)(was ^ 0x11);
        int rc = nn_model_parse(&m, bytes, n, &e);
        assert_true(rc == 0 || rc == ERR_FORMAT || rc == ERR_NOMEM);
        nn_model_free(m);
        bytes[at] = was;
    }
    free(bytes);
}

static void refused(const char *header, size_t data_bytes, const char *part) {
    unsigned char file[4096] = {0};
    struct nn_model *m;
    size_t len = strlen(header);
    file[0] = (unsigned char)len;
    file[1] = (unsigned char)(len >> 8);
    memcpy(file + 8, header, len);
    err_clear(&e);
    assert_int_equal(nn_model_parse(&m, file, 8 + len + data_bytes, &e), ERR_FORMAT);
    if (!strstr(e.msg, part))
        fail_msg("«%s» sin «%s»", e.msg, part);
}

#define ROW(name, shape, from, to)                                                       \
    "\"" name "\":{\"dtype\":\"F32\",\"shape\":[" shape "],\"data_offsets\":[" from      \
    "," to "]}"
#define MODEL(text) "{\"__metadata__\":{\"nabla.model\":\"" text "\"}}"

static void hostile_headers_are_refused(void **state) {
    (void)state;
    refused("[]", 0, "objeto");
    refused("{", 0, "JSON");
    refused("{" ROW("a", "2", "0", "8") "}", 4, "fuera del archivo");
    refused("{" ROW("a", "2", "8", "0") "}", 8, "fuera del archivo");
    refused("{" ROW("a", "3", "0", "8") "}", 8, "no mide");
    refused("{" ROW("a", "-1", "0", "8") "}", 8, "forma");
    refused("{" ROW("a", "4611686018427387904,4611686018427387904", "0", "0") "}", 0,
            "forma");
    refused("{" ROW("a", "2", "0", "8") "," ROW("b", "1", "4", "8") "}", 8,
            "se superpone");
    refused("{" ROW("a", "1", "0", "4") "," ROW("b", "1", "8", "12") "}", 12, "hueco");
    refused("{" ROW("a", "1", "0", "4") "}", 8, "sobran");
    refused("{" ROW("a", "1", "0", "4") "," ROW("a", "1", "0", "4") "}", 4, "repite");
    refused("{\"a\":{\"dtype\":\"F99\",\"shape\":[],\"data_offsets\":[0,4]}}", 4,
            "desconocido");
    refused("{" ROW("a", "1,1,1,1,1,1,1", "0", "4") "}", 4, "forma");
    refused(MODEL("{\\\"version\\\":2}"), 0, "más nueva");
    refused(MODEL("{"), 0, "JSON");
    refused("{" ROW("a", "1", "0", "4") "}", 4, "arquitectura");
    refused(MODEL("{}"), 0, "capas");
    refused(MODEL("{\\\"channels\\\":[]}"), 0, "canales");
    refused(MODEL("{\\\"channels\\\":[1,1,1,1,1]}"), 0, "canales");
    refused(MODEL("{\\\"layers\\\":[{\\\"type\\\":\\\"Dens\\\",\\\"name\\\":\\\"a\\\","
                  "\\\"options\\\":{}}],\\\"input_shape\\\":[1]}"),
            0, "Dense");
    refused(MODEL("{\\\"layers\\\":[{\\\"type\\\":\\\"Flatten\\\",\\\"name\\\":"
                  "\\\"a\\\",\\\"options\\\":{}}],\\\"input_shape\\\":[0]}"),
            0, "forma");
    /* asks for 10^14 numbers in a file of a few bytes */
    refused(MODEL("{\\\"layers\\\":[{\\\"type\\\":\\\"Dense\\\",\\\"name\\\":\\\"a\\\","
                  "\\\"options\\\":{\\\"units\\\":10000000}}],\\\"input_shape\\\":"
                  "[10000000]}"),
            0, "demasiado grande");
}

static void deep_and_crowded_headers_are_refused(void **state) {
    (void)state;
    char text[4000];
    for (const char *const *open = (const char *[]){"[", "{\"a\":", NULL}; *open;
         open++) {
        text[0] = '\0';
        for (size_t n = 0; n < 80; n++)
            strcat(text, *open);
        refused(text, 0, "niveles");
    }
    /* as many lists as fit into the largest header */
    size_t len = NN_STORE_HEADER_MAX;
    unsigned char *file = malloc(len + 8);
    struct nn_model *m;
    for (size_t i = 0; i < 8; i++)
        file[i] = (unsigned char)((uint64_t)len >> (8 * i));
    memset(file + 8, ' ', len);
    for (size_t i = 0; i + 3 < len; i += 3)
        memcpy(file + 8 + i, i ? "[]," : "[[]", 3);
    assert_int_equal(nn_model_parse(&m, file, len + 8, &e), ERR_FORMAT);
    assert_non_null(strstr(e.msg, "demasiados datos"));
    free(file);
}

static void a_missing_tensor_is_named(void **state) {
    (void)state;
    struct nn_tensor *x, *y;
    data(&x, &y);
    struct nn_model *m = trained(x, y), *back;
    char *name = m->optim->slot[3].var->name;
    name[0] = 'x'; /* the file calls the tensor otherwise */
    assert_int_equal(nn_model_save(m, path, &e), 0);
    name[0] = 'd';
    assert_int_equal(nn_model_load(&back, path, &e), ERR_FORMAT);
    assert_non_null(strstr(e.msg, "dense_1/bias"));
    nn_model_free(m);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

static void one_name_twice_is_not_saved(void **state) {
    (void)state;
    struct nn_tensor *x, *y;
    data(&x, &y);
    struct nn_model *m = trained(x, y);
    assert_int_equal(nn_var_set_name(nn_model_param(m, 1, NULL), "dense/kernel", &e), 0);
    assert_int_equal(nn_model_save(m, path, &e), ERR_STATE);
    assert_non_null(strstr(e.msg, "dense/kernel"));
    nn_model_free(m);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

/* A disk that fills up in the middle: the sentence says so, and the old file is whole. */
static void a_full_disk_keeps_the_old_file(void **state) {
    (void)state;
    struct nn_tensor *x, *y;
    data(&x, &y);
    struct nn_model *m = trained(x, y);
    assert_int_equal(nn_model_save(m, path, &e), 0);
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 2000;
    void (*was)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    err_clear(&e);
    int rc = nn_model_save(m, path, &e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, was);
    assert_int_equal(rc, ERR_IO);
    assert_non_null(strstr(e.msg, path));
    assert_non_null(strstr(e.msg, "demasiado grande"));
    struct nn_model *back = loaded();
    same_predictions(m, back, x);
    nn_model_free(back);
    nn_model_free(m);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

static void files_that_cannot_be_are_sentences(void **state) {
    (void)state;
    struct nn_model *m;
    assert_int_equal(nn_model_load(&m, "/no/hay/nada", &e), ERR_NOTFOUND);
    assert_non_null(strstr(e.msg, "/no/hay/nada"));
    assert_int_equal(nn_model_load(&m, folder, &e), ERR_IO);
    assert_int_equal(nn_model_new(&m, &e), 0);
    assert_int_equal(nn_model_save(m, path, &e), ERR_STATE);
    add(m, "Dense", "units", 2, NULL);
    assert_int_equal(nn_model_build(m, 1, S(3), &e), 0);
    assert_int_equal(nn_model_save(m, "/no/hay/nada", &e), ERR_IO);
    nn_model_free(m);
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    size_t n;
    unsigned char *bytes = saved(&n);
    for (long k = 0;; k++) {
        struct nn_model *m;
        fail_alloc_after(k);
        int rc = nn_model_parse(&m, bytes, n, &e);
        bool failed = fail_alloc_stop();
        if (!failed) {
            assert_int_equal(rc, 0);
            nn_model_free(m);
            break;
        }
        assert_true(rc < 0);
        assert_null(m);
    }
    free(bytes);
}

/* Whatever allocation fails, a save that reports success has saved everything. */
static void short_memory_never_saves_a_part(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    struct nn_tensor *x, *y;
    data(&x, &y);
    struct nn_model *m = trained(x, y);
    bool failed = true;
    for (long k = 0; failed; k++) {
        unlink(path);
        fail_alloc_after(k);
        int rc = nn_model_save(m, path, &e);
        failed = fail_alloc_stop();
        assert_true(rc == 0 || rc == ERR_NOMEM);
        assert_int_equal(access(path, F_OK), rc == 0 ? 0 : -1);
        if (rc < 0)
            continue;
        struct nn_model *back = loaded();
        same_predictions(m, back, x);
        assert_true(back->history->val_loss[1] == m->history->val_loss[1]);
        assert_true(back->optim->steps == m->optim->steps && back->n_metrics == 1);
        nn_model_free(back);
    }
    nn_model_free(m);
    nn_tensor_release(x);
    nn_tensor_release(y);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_saved_comes_back),
        cmocka_unit_test(training_goes_on_as_if_never_saved),
        cmocka_unit_test(the_rate_goes_on_by_its_schedule),
        cmocka_unit_test(masks_of_parts_go_on),
        cmocka_unit_test(without_the_optimizer_training_starts_afresh),
        cmocka_unit_test(the_normalisation_is_kept),
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(one_changed_byte_never_crashes),
        cmocka_unit_test(hostile_headers_are_refused),
        cmocka_unit_test(deep_and_crowded_headers_are_refused),
        cmocka_unit_test(a_missing_tensor_is_named),
        cmocka_unit_test(one_name_twice_is_not_saved),
        cmocka_unit_test(a_full_disk_keeps_the_old_file),
        cmocka_unit_test(files_that_cannot_be_are_sentences),
        cmocka_unit_test(short_memory_is_an_error),
        cmocka_unit_test(short_memory_never_saves_a_part),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
