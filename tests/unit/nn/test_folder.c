/* test_folder.c: sub-folders of pictures as a data set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fail_alloc.h"
#include "nn/folder.h"
#include "nn/pool.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "png_samples.h"

static struct err e;
static char root[64];

static int make_root(void **state) {
    (void)state;
    (void)snprintf(root, sizeof root, "/tmp/nabla-folder-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *at) {
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static int drop_root(void **state) {
    (void)state;
    return nftw(root, drop, 16, FTW_DEPTH | FTW_PHYS);
}

static const struct sample *sample(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        if (strcmp(good[i].name, name) == 0)
            return &good[i];
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (strcmp(bad[i].name, name) == 0)
            return &bad[i];
    fail_msg("%s", name);
    return NULL;
}

/* root/path holds the sample's bytes; the folders on the way are made. */
static void put(const char *path, const char *name) {
    char full[256];
    const struct sample *s = sample(name);
    (void)snprintf(full, sizeof full, "%s/%s", root, path);
    for (char *p = full + strlen(root) + 1; *p; p++)
        if (*p == '/') {
            *p = '\0';
            (void)mkdir(full, 0700);
            *p = '/';
        }
    FILE *f = fopen(full, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(s->bytes, 1, s->n, f), s->n);
    assert_int_equal(fclose(f), 0);
}

static int load(struct nn_dataset **d, const char *path,
                const struct nn_folder_opts *opts) {
    char full[256];
    (void)snprintf(full, sizeof full, "%s/%s", root, path);
    return nn_folder_load(d, full, opts, &e);
}

static struct nn_dataset *loaded(const char *path, const struct nn_folder_opts *opts) {
    struct nn_dataset *d;
    if (load(&d, path, opts) < 0)
        fail_msg("%s", e.msg);
    return d;
}

/* Classes by number, then by name; files by name; what is hidden or no PNG stays out. */
static void classes_and_files_are_in_order(void **state) {
    (void)state;
    put("a/10/x.png", "rgb");
    put("a/2/b.png", "grey");
    put("a/2/a.PNG", "palette");
    put("a/2/notes.txt", "text");
    put("a/2/.hidden.png", "text");
    put("a/rosa/x.png", "rgb_16");
    put("a/.git/x.png", "text");
    put("a/readme.txt", "text");
    for (int threads = 1; threads <= 4; threads *= 4) {
        nn_pool_set_threads(threads);
        struct nn_dataset *d = loaded("a//", NULL);
        assert_string_equal(d->name, "a");
        assert_int_equal(d->n_classes, 3);
        assert_string_equal(d->classes[0], "2");
        assert_string_equal(d->classes[1], "10");
        assert_string_equal(d->classes_en[2], "rosa");
        const size_t shape[4] = {4, 3, 5, 3};
        assert_memory_equal(d->x_train->shape, shape, sizeof shape);
        const int32_t labels[4] = {0, 0, 1, 2};
        assert_memory_equal(nn_tensor_i32(d->y_train), labels, sizeof labels);
        const unsigned char *p = nn_tensor_u8(d->x_train) + 3; /* pixel (1, 0) of each */
        const unsigned char color[3] = {37, 218, 111}, grey[3] = {37, 37, 37};
        assert_memory_equal(p, color, 3);
        assert_memory_equal(p + 45, grey, 3);
        assert_memory_equal(p + 90, color, 3);
        assert_null(d->x_test);
        assert_string_equal(d->notes, "a: se omitieron 1 archivos que no son .png.");
        assert_true(d->input.scale == 1 / 255.0f);
        nn_dataset_release(d);
    }
}

static void grey_stays_grey(void **state) {
    (void)state;
    put("g/0/a.png", "grey");
    put("g/1/b.png", "grey_16");
    struct nn_dataset *d = loaded("g", NULL);
    assert_int_equal(d->x_train->shape[3], 1);
    assert_int_equal(nn_tensor_u8(d->x_train)[1], 37);
    assert_int_equal(nn_tensor_u8(d->x_train)[16], 37);
    assert_null(d->notes);
    nn_dataset_release(d);
    d = loaded("a", &(struct nn_folder_opts){.gray = true});
    assert_int_equal(d->x_train->shape[3], 1);
    nn_dataset_release(d);
}

static void sizes_are_made_equal_when_asked(void **state) {
    (void)state;
    struct nn_dataset *d =
        loaded("a", &(struct nn_folder_opts){.height = 6, .width = 10});
    const size_t shape[4] = {4, 6, 10, 3};
    assert_memory_equal(d->x_train->shape, shape, sizeof shape);
    nn_dataset_release(d);
}

static void parts_come_from_folders_or_a_share(void **state) {
    (void)state;
    put("p/train/si/1.png", "grey");
    put("p/train/no/1.png", "grey");
    put("p/test/no/1.png", "rgb");
    put("p/test/si/1.png", "grey");
    put("p/test/si/2.png", "grey");
    struct nn_dataset *d = loaded("p", NULL);
    assert_int_equal(d->y_train->n, 2);
    assert_int_equal(d->y_test->n, 3);
    assert_int_equal(d->x_train->shape[3], 3); /* one of them is in colour */
    assert_int_equal(nn_tensor_i32(d->y_test)[0], 0);
    assert_string_equal(d->classes[0], "no");
    nn_dataset_release(d);
    assert_int_equal(load(&d, "p", &(struct nn_folder_opts){.test = 0.5}), ERR_ARG);
    d = loaded("a", &(struct nn_folder_opts){.test = 0.5, .seed = 3});
    assert_int_equal(d->y_train->n, 2);
    assert_int_equal(d->y_test->n, 2);
    nn_dataset_release(d);
    put("p/test/otra/1.png", "grey");
    assert_int_equal(load(&d, "p", NULL), ERR_FORMAT);
    assert_non_null(strstr(e.msg, "la clase otra de test no está en train"));
}

static void refused(const char *path, const struct nn_folder_opts *o, int code,
                    const char *part) {
    struct nn_dataset *d;
    int rc = load(&d, path, o);
    if (rc != code || !strstr(e.msg, part))
        fail_msg("%s: %d, %s", path, rc, e.msg);
    assert_null(d);
}

static void wrong_folders_are_sentences(void **state) {
    (void)state;
    char path[128];
    refused("nada", NULL, ERR_IO, "no se puede abrir la carpeta");
    (void)snprintf(path, sizeof path, "%s/vacia", root);
    assert_int_equal(mkdir(path, 0700), 0);
    refused("vacia", NULL, ERR_NOTFOUND, "no hay subcarpetas");
    put("sin/a/1.jpg", "text");
    refused("sin", NULL, ERR_NOTFOUND, "sin/a: no hay imágenes PNG");
    put("malo/a/1.png", "grey");
    put("malo/a/2.png", "text");
    refused("malo", NULL, ERR_FORMAT, "malo/a/2.png: no es un archivo PNG");
    put("malo/a/2.png", "huge");
    refused("malo", NULL, ERR_RANGE, "1073741824×1073741824");
    put("malo/a/2.png", "damaged_data");
    put("malo/a/3.png", "cut");
    for (int k = 0; k < 5; k++) /* the first of them, whoever found it */
        refused("malo", NULL, ERR_FORMAT, "malo/a/2.png: el PNG está dañado");
    put("mide/a/1.png", "grey");
    put("mide/b/1.png", "bomb");
    refused("mide", NULL, ERR_SHAPE, "mide/b/1.png mide 4096×4096 píxeles y ");
    refused("mide", NULL, ERR_SHAPE, "mide/a/1.png 3×5; indica size");
    refused("a", &(struct nn_folder_opts){.height = 4}, ERR_RANGE, "4×0");
    refused("a", &(struct nn_folder_opts){.height = 4, .width = 5000}, ERR_RANGE, "5000");
    refused("a", &(struct nn_folder_opts){.test = 1}, ERR_RANGE, "test = 1");
    put("mal/a\tb/1.png", "grey");
    refused("mal", NULL, ERR_FORMAT, "caracteres de control");
    assert_int_equal(nn_memory_in_use(), 0);
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        return;
    nn_pool_set_threads(1); /* another thread's allocations never fail */
    for (long k = 0;; k++) {
        struct nn_dataset *d;
        fail_alloc_after(k);
        int rc =
            load(&d, "a", &(struct nn_folder_opts){.test = 0.5, .height = 2, .width = 2});
        bool failed = fail_alloc_stop();
        if (rc == 0) {
            nn_dataset_release(d);
            if (!failed)
                break;
            continue;
        }
        assert_null(d);
    }
    assert_int_equal(nn_memory_in_use(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_and_files_are_in_order),
        cmocka_unit_test(grey_stays_grey),
        cmocka_unit_test(sizes_are_made_equal_when_asked),
        cmocka_unit_test(parts_come_from_folders_or_a_share),
        cmocka_unit_test(wrong_folders_are_sentences),
        cmocka_unit_test(short_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
