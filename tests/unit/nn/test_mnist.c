/* test_mnist.c: the four files together; the real ones where they are at hand. */
#include "data_files.h"

#include "../fail_alloc.h"
#include "nn/mnist.h"

#include <math.h>

static struct err e;

/* Small files under the usual names; n test labels may differ from the test images. */
static void write_small(uint32_t test_labels) {
    const char *names[4] = {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte",
                            "t10k-images.idx3-ubyte", "t10k-labels-idx1-ubyte.gz"};
    size_t n[4];
    unsigned char *b[4] = {files_idx_images(30, 6, 5, &n[0]), files_idx_labels(30, &n[1]),
                           files_idx_images(20, 6, 5, &n[2]),
                           files_idx_labels(test_labels, &n[3])};
    for (int i = 0; i < 4; i++) {
        if (strstr(names[i], ".gz")) {
            size_t packed;
            unsigned char *z = files_gzip(b[i], n[i], &packed);
            free(b[i]);
            b[i] = z;
            n[i] = packed;
        }
        files_write(files_path(names[i]), b[i], n[i]);
        free(b[i]);
    }
}

/* Files of the user's own, packed or not, under any of the names: accepted with notes. */
static void takes_own_files_with_a_note(void **state) {
    (void)state;
    struct nn_dataset *d;
    write_small(20);
    assert_int_equal(nn_mnist_load_folder(&d, files_folder, true, &e), 0);
    assert_string_equal(d->name, "fashion-mnist");
    assert_string_equal(d->classes[9], "botín");
    assert_string_equal(d->classes_en[9], "Ankle boot");
    assert_int_equal(d->y_train->n, 30);
    assert_int_equal(d->x_test->shape[0], 20);
    assert_true(d->input.scale == 1.0f / 255.0f && d->input.offset == 0.0f);
    size_t lines = 1;
    for (const char *p = d->notes; (p = strchr(p, '\n')); p++)
        lines++;
    assert_int_equal(lines, 4);
    assert_non_null(
        strstr(d->notes, "no es el archivo publicado: su SHA-256 empieza por"));
    nn_dataset_release(d);
}

static void refuses_pairs_that_differ(void **state) {
    (void)state;
    struct nn_dataset *d;
    write_small(19);
    assert_int_equal(nn_mnist_load_folder(&d, files_folder, false, &e), ERR_FORMAT);
    assert_null(d);
    assert_non_null(strstr(e.msg, "tiene 20 imágenes y "));
    assert_non_null(strstr(e.msg, "t10k-labels-idx1-ubyte.gz 19 etiquetas"));
    assert_int_equal(remove(files_path("t10k-images.idx3-ubyte")), 0);
    assert_int_equal(nn_mnist_load_folder(&d, files_folder, false, &e), ERR_NOTFOUND);
    assert_non_null(strstr(e.msg, "falta el archivo t10k-images-idx3-ubyte.gz"));
}

static void says_which_file_is_bad(void **state) {
    (void)state;
    struct nn_dataset *d;
    write_small(20);
    files_write(files_path("train-labels-idx1-ubyte"), "\0\0\x08\x01", 4);
    assert_int_equal(nn_mnist_load_folder(&d, files_folder, false, &e), ERR_FORMAT);
    assert_null(d);
    assert_non_null(strstr(e.msg, "train-labels-idx1-ubyte: el archivo está truncado"));
}

/* The helper thread does not count: the loop walks this thread's allocations. */
static void survives_short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        return;
    write_small(20);
    for (long k = 0;; k++) {
        struct nn_dataset *d;
        fail_alloc_after(k);
        int rc = nn_mnist_load_folder(&d, files_folder, false, &e);
        bool failed = fail_alloc_stop();
        if (rc == 0) {
            nn_dataset_release(d);
            if (!failed)
                break;
            continue;
        }
        assert_int_equal(rc, ERR_NOMEM);
        assert_null(d);
    }
    assert_int_equal(nn_memory_in_use(), 0);
}

static void assert_counts(const struct nn_tensor *y, const size_t want[10]) {
    size_t counts[10];
    assert_int_equal(nn_dataset_class_counts(counts, 10, y, &e), 0);
    assert_memory_equal(counts, want, sizeof counts);
}

static void load_real(struct nn_dataset **d, const char *test, const char *set,
                      int (*load)(struct nn_dataset **, const struct nn_download_opts *,
                                  struct err *)) {
    const char *folder = files_real(test, set, "train-images-idx3-ubyte.gz");
    *d = NULL;
    if (!folder)
        skip();
    assert_int_equal(setenv("NABLA_DATA", folder, 1), 0);
    double start = clock_seconds();
    if (load(d, &(struct nn_download_opts){.offline = true}, &e) < 0)
        fail_msg("%s", e.msg);
    print_message("%s read in %.2f s\n", set, clock_seconds() - start);
    assert_null((*d)->notes);
    const size_t train[4] = {60000, 28, 28, 1}, tests[4] = {10000, 28, 28, 1};
    assert_memory_equal((*d)->x_train->shape, train, sizeof train);
    assert_memory_equal((*d)->x_test->shape, tests, sizeof tests);
}

static void reads_the_real_mnist(void **state) {
    (void)state;
    struct nn_dataset *d;
    load_real(&d, "test_mnist reads_the_real_mnist", "mnist", nn_mnist_load);
    assert_counts(d->y_train,
                  (size_t[]){5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949});
    assert_counts(d->y_test,
                  (size_t[]){980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009});
    const int32_t first[10] = {5, 0, 4, 1, 9, 2, 1, 3, 1, 4};
    assert_memory_equal(d->y_train->data, first, sizeof first);
    double mean, std;
    nn_dataset_mean_std(&mean, &std, d->x_train, d->input.scale, d->input.offset);
    assert_true(fabs(mean - 0.130660) < 1e-6 && fabs(std - 0.308108) < 1e-6);
    nn_dataset_release(d);
}

static void reads_the_real_fashion_mnist(void **state) {
    (void)state;
    struct nn_dataset *d;
    load_real(&d, "test_mnist reads_the_real_fashion_mnist", "fashion-mnist",
              nn_mnist_load_fashion);
    size_t all[10];
    for (int k = 0; k < 10; k++)
        all[k] = 6000;
    assert_counts(d->y_train, all);
    const int32_t first[10] = {9, 2, 1, 1, 6, 1, 4, 6, 5, 7};
    assert_memory_equal(d->y_test->data, first, sizeof first);
    double mean, std;
    nn_dataset_mean_std(&mean, &std, d->x_train, d->input.scale, d->input.offset);
    assert_true(fabs(mean - 0.286041) < 1e-6 && fabs(std - 0.353024) < 1e-6);
    nn_dataset_release(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_own_files_with_a_note),
        cmocka_unit_test(refuses_pairs_that_differ),
        cmocka_unit_test(says_which_file_is_bad),
        cmocka_unit_test(survives_short_memory),
        cmocka_unit_test(reads_the_real_mnist),
        cmocka_unit_test(reads_the_real_fashion_mnist),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
