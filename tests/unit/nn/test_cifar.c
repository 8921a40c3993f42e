/* test_cifar.c: records, archives, folders; the real copy where it is at hand. */
#include "data_files.h"

#include "nn/cifar.h"

#include <math.h>

enum { RECORD = NN_CIFAR_RECORD };

static struct err e;
static const char *const names[6] = {"data_batch_1.bin", "data_batch_2.bin",
                                     "data_batch_3.bin", "data_batch_4.bin",
                                     "data_batch_5.bin", "test_batch.bin"};

/* n records; pixel k of plane p of record i holds i + 50 p + k % 7, label (first + i) %
 * 10. Yours to free. */
static unsigned char *records(size_t n, int first) {
    unsigned char *b = malloc(n * RECORD);
    assert_non_null(b);
    for (size_t i = 0; i < n; i++) {
        b[i * RECORD] = (unsigned char)(((size_t)first + i) % 10);
        for (size_t k = 0; k < 3072; k++)
            b[i * RECORD + 1 + k] = (unsigned char)(i + 50 * (k / 1024) + k % 1024 % 7);
    }
    return b;
}

static void unpacks_planes(void **state) {
    (void)state;
    struct nn_tensor *x, *y;
    unsigned char *b = records(3, 4);
    assert_int_equal(nn_cifar_parse_records(&x, &y, b, 3 * RECORD, "f", &e), 0);
    const size_t shape[4] = {3, 32, 32, 3};
    assert_memory_equal(x->shape, shape, sizeof shape);
    assert_int_equal(nn_tensor_i32(y)[2], 6);
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 1024; k++)
            for (size_t c = 0; c < 3; c++)
                assert_int_equal(nn_tensor_u8(x)[(i * 1024 + k) * 3 + c],
                                 i + 50 * c + k % 7);
    nn_tensor_release(x);
    nn_tensor_release(y);
    free(b);
}

static void refuses_bad_records(void **state) {
    (void)state;
    struct nn_tensor *x, *y;
    unsigned char *b = records(3, 0);
    assert_int_equal(nn_cifar_parse_records(&x, &y, b, 3 * RECORD - 1, "f", &e),
                     ERR_FORMAT);
    assert_string_equal(e.msg, "f: 9218 bytes no son registros enteros de 3073 bytes");
    assert_int_equal(nn_cifar_parse_records(&x, &y, b, 0, "f", &e), ERR_FORMAT);
    assert_int_equal(nn_cifar_parse_records(&x, &y, b, (size_t)100001 * RECORD, "f", &e),
                     ERR_RANGE);
    b[RECORD] = 10;
    assert_int_equal(nn_cifar_parse_records(&x, &y, b, 3 * RECORD, "f", &e), ERR_RANGE);
    assert_string_equal(e.msg, "f: la etiqueta 10 en la posición 2 está fuera de 0..9");
    assert_null(x);
    assert_null(y);
    free(b);
}

/* One entry of a ustar archive at *at: header, bytes, zeros up to whole blocks. */
static void add_entry(unsigned char **at, const char *name, const void *data, size_t n) {
    unsigned char *h = *at;
    unsigned sum = 0;
    memset(h, 0, 512);
    (void)snprintf((char *)h, 100, "cifar-10-batches-bin/%s", name);
    (void)snprintf((char *)h + 100, 8, "0000644");
    (void)snprintf((char *)h + 124, 12, "%011zo", n);
    memcpy(h + 148, "        ", 8); /* the sum's own field counts as blanks */
    h[156] = '0';
    memcpy(h + 257, "ustar\00000", 8);
    for (int i = 0; i < 512; i++)
        sum += h[i];
    (void)snprintf((char *)h + 148, 8, "%06o", sum);
    memcpy(h + 512, data, n);
    memset(h + 512 + n, 0, (512 - n % 512) % 512);
    *at = h + 512 + (n + 511) / 512 * 512;
}

/* A tar.gz of the six files, file i with i + 1 records, without the file skip. */
static unsigned char *archive_of(int skip_file, size_t *n) {
    unsigned char *tar = calloc(1, 1 << 18), *at = tar;
    assert_non_null(tar);
    add_entry(&at, "batches.meta.txt", "airplane\n", 9);
    for (int i = 0; i < 6; i++) {
        unsigned char *b = records((size_t)i + 1, i);
        if (i != skip_file)
            add_entry(&at, names[i], b, (size_t)(i + 1) * RECORD);
        free(b);
    }
    unsigned char *packed = files_gzip(tar, (size_t)(at - tar) + 1024, n);
    free(tar);
    return packed;
}

static void assert_small(struct nn_dataset *d) {
    assert_int_equal(d->y_train->n, 15);
    assert_int_equal(d->y_test->n, 6);
    const int32_t want[6] = {0, 1, 2, 2, 3, 4};
    assert_memory_equal(d->y_train->data, want, sizeof want);
    assert_string_equal(d->classes[4], "venado");
    assert_string_equal(d->classes_en[9], "truck");
    assert_int_equal(nn_tensor_u8(d->x_test)[5 * 3072 + 2], 105);
    nn_dataset_release(d);
}

static void reads_an_archive(void **state) {
    (void)state;
    struct nn_dataset *d;
    size_t n;
    unsigned char *b = archive_of(-2, &n);
    assert_int_equal(nn_cifar_parse_archive(&d, b, n, "f", &e), 0);
    assert_null(d->notes);
    assert_small(d);
    const char *path = files_path("cifar-10-binary.tar.gz");
    files_write(path, b, n);
    assert_int_equal(nn_cifar_load_path(&d, path, &e), 0);
    assert_non_null(strstr(d->notes, "no es el archivo publicado: su SHA-256"));
    assert_non_null(strstr(d->notes, "c4a38c50a1bc5f3a"));
    assert_small(d);
    free(b);
}

static void refuses_bad_archives(void **state) {
    (void)state;
    struct nn_dataset *d;
    size_t n;
    unsigned char *b = archive_of(3, &n);
    assert_int_equal(nn_cifar_parse_archive(&d, b, n, "f", &e), ERR_FORMAT);
    assert_string_equal(e.msg, "f: falta el archivo data_batch_4.bin de CIFAR-10");
    free(b);
    b = archive_of(-2, &n);
    assert_int_equal(nn_cifar_parse_archive(&d, b, n / 2, "f", &e), ERR_FORMAT);
    assert_null(d);
    b[n / 2] ^= 0x55;
    b[n / 2 + 1] ^= 0x55;
    assert_int_equal(nn_cifar_parse_archive(&d, b, n, "f", &e), ERR_FORMAT);
    assert_int_equal(nn_cifar_parse_archive(&d, "no tar at all", 13, "f", &e),
                     ERR_FORMAT);
    assert_non_null(strstr(e.msg, "f: no es un archivo comprimido entero de CIFAR-10"));
    assert_int_equal(nn_cifar_parse_archive(&d, "", 0, "f", &e), ERR_FORMAT);
    assert_int_equal(nn_cifar_load_path(&d, files_path("none.tar.gz"), &e), ERR_IO);
    assert_null(d);
    free(b);
}

static void reads_a_folder(void **state) {
    (void)state;
    struct nn_dataset *d;
    const char *folder = files_path("batches");
    assert_int_equal(mkdir(folder, 0777), 0);
    for (size_t i = 0; i < 6; i++) {
        char path[FILES_PATH * 2 + 64];
        unsigned char *b = records(i + 1, (int)i);
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        if (i == 5) {
            assert_int_equal(nn_cifar_load_path(&d, folder, &e), ERR_FORMAT);
            assert_non_null(strstr(e.msg, "batches: falta el archivo test_batch.bin"));
        }
        files_write(path, b, (i + 1) * RECORD);
        free(b);
    }
    assert_int_equal(nn_cifar_load_path(&d, folder, &e), 0);
    assert_non_null(strstr(d->notes, "data_batch_1.bin no es el archivo publicado"));
    assert_small(d);
    /* the files themselves in the folder of the set */
    char root[FILES_PATH], set[FILES_PATH * 2];
    (void)snprintf(root, sizeof root, "%s", files_path("raíz"));
    (void)snprintf(set, sizeof set, "%s/cifar-10", root);
    assert_int_equal(mkdir(root, 0777), 0);
    assert_int_equal(rename(files_path("batches"), set), 0);
    assert_int_equal(setenv("NABLA_DATA", root, 1), 0);
    int rc = nn_cifar_load(&d, &(struct nn_download_opts){.offline = true}, &e);
    assert_int_equal(unsetenv("NABLA_DATA"), 0);
    if (rc < 0)
        fail_msg("%s", e.msg);
    assert_small(d);
}

static void reads_the_real_archive(void **state) {
    (void)state;
    const char *folder = files_real("test_cifar reads_the_real_archive", "cifar-10",
                                    "cifar-10-binary.tar.gz");
    if (!folder)
        skip();
    struct nn_dataset *d;
    size_t counts[10];
    assert_int_equal(setenv("NABLA_DATA", folder, 1), 0);
    double start = clock_seconds();
    if (nn_cifar_load(&d, &(struct nn_download_opts){.offline = true}, &e) < 0)
        fail_msg("%s", e.msg);
    print_message("cifar-10 read in %.2f s\n", clock_seconds() - start);
    const size_t shape[4] = {50000, 32, 32, 3};
    assert_memory_equal(d->x_train->shape, shape, sizeof shape);
    assert_int_equal(nn_dataset_class_counts(counts, 10, d->y_train, &e), 0);
    for (int k = 0; k < 10; k++)
        assert_int_equal(counts[k], 5000);
    assert_int_equal(nn_dataset_class_counts(counts, 10, d->y_test, &e), 0);
    for (int k = 0; k < 10; k++)
        assert_int_equal(counts[k], 1000);
    const int32_t first[10] = {6, 9, 9, 4, 1, 1, 2, 7, 8, 3};
    assert_memory_equal(d->y_train->data, first, sizeof first);
    const double want[3] = {0.4913, 0.4821, 0.4465}; /* of this copy */
    double sum[3] = {0};
    for (size_t i = 0; i < d->x_train->n; i++)
        sum[i % 3] += nn_tensor_u8(d->x_train)[i];
    for (int c = 0; c < 3; c++)
        assert_true(fabs(sum[c] / (255.0 * 50000 * 1024) - want[c]) < 1e-4);
    nn_dataset_release(d);
}

static void reads_the_exact_records(void **state) {
    (void)state;
    const char *folder = files_real("test_cifar reads_the_exact_records", "cifar-10",
                                    "cifar-10-first200-exact.bin");
    if (!folder)
        skip();
    char path[FILES_PATH * 2];
    size_t n;
    struct nn_tensor *x, *y;
    (void)snprintf(path, sizeof path, "%s/cifar-10/cifar-10-first200-exact.bin", folder);
    unsigned char *b = files_read(path, &n);
    assert_int_equal(nn_cifar_parse_records(&x, &y, b, n, path, &e), 0);
    assert_int_equal(y->n, 200);
    assert_memory_equal(x->data, ((unsigned char[]){59, 62, 63}), 3);
    nn_tensor_release(x);
    nn_tensor_release(y);
    free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unpacks_planes),
        cmocka_unit_test(refuses_bad_records),
        cmocka_unit_test(reads_an_archive),
        cmocka_unit_test(refuses_bad_archives),
        cmocka_unit_test(reads_a_folder),
        cmocka_unit_test(reads_the_real_archive),
        cmocka_unit_test(reads_the_exact_records),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
