/* test_idx.c: good IDX files, and one sentence for each bad one. */
#include "data_files.h"

#include "../fail_alloc.h"
#include "nn/idx.h"

static struct err e;

static void assert_refused(int rc, int code, struct nn_tensor *const *t,
                           const char *part) {
    assert_int_equal(rc, code);
    assert_null(*t);
    if (!strstr(e.msg, part))
        fail_msg("\"%s\" lacks \"%s\"", e.msg, part);
    assert_null(strchr(e.msg, '\n'));
}

/* The images file of n x rows x cols changed by hand, gzipped or not, parsed. */
static int parse_images(struct nn_tensor **t, const unsigned char *b, size_t n,
                        bool gzip) {
    if (!gzip)
        return nn_idx_parse_images(t, b, n, "f", &e);
    size_t packed;
    unsigned char *z = files_gzip(b, n, &packed);
    int rc = nn_idx_parse_images(t, z, packed, "f", &e);
    free(z);
    return rc;
}

static void reads_plain_and_gzip(void **state) {
    (void)state;
    size_t n;
    unsigned char *b = files_idx_images(5, 7, 3, &n);
    for (int gzip = 0; gzip < 2; gzip++) {
        struct nn_tensor *t;
        assert_int_equal(parse_images(&t, b, n, gzip), 0);
        assert_int_equal(t->dtype, NN_U8);
        assert_int_equal(t->ndim, 4);
        const size_t shape[4] = {5, 7, 3, 1};
        assert_memory_equal(t->shape, shape, sizeof shape);
        assert_memory_equal(t->data, b + 16, 105);
        nn_tensor_release(t);
    }
    free(b);
    b = files_idx_labels(25, &n);
    struct nn_tensor *t;
    assert_int_equal(nn_idx_parse_labels(&t, b, n, 10, "f", &e), 0);
    assert_int_equal(t->dtype, NN_I32);
    assert_int_equal(t->n, 25);
    assert_int_equal(nn_tensor_i32(t)[17], 7);
    nn_tensor_release(t);
    free(b);
}

/* Two gzip members in a row are one stream, as gzip(1) has it. */
static void reads_two_members(void **state) {
    (void)state;
    size_t n, a, b;
    unsigned char *idx = files_idx_images(4, 5, 5, &n);
    unsigned char *one = files_gzip(idx, 40, &a), *two = files_gzip(idx + 40, n - 40, &b);
    unsigned char *both = malloc(a + b);
    assert_non_null(both);
    memcpy(both, one, a);
    memcpy(both + a, two, b);
    struct nn_tensor *t;
    assert_int_equal(nn_idx_parse_images(&t, both, a + b, "f", &e), 0);
    assert_memory_equal(t->data, idx + 16, 100);
    nn_tensor_release(t);
    free(idx), free(one), free(two), free(both);
}

static void refuses_wrong_magic(void **state) {
    (void)state;
    struct nn_tensor *t;
    size_t n;
    unsigned char *b = files_idx_labels(25, &n);
    assert_refused(nn_idx_parse_images(&t, b, n, "f", &e), ERR_FORMAT, &t,
                   "0x00000801 (es un archivo de etiquetas); se esperaba 0x00000803");
    free(b);
    b = files_idx_images(2, 2, 2, &n);
    assert_refused(nn_idx_parse_labels(&t, b, n, 10, "f", &e), ERR_FORMAT, &t,
                   "0x00000803 (es un archivo de imágenes); se esperaba 0x00000801");
    b[2] = 0x0d;
    assert_refused(nn_idx_parse_images(&t, b, n, "f", &e), ERR_FORMAT, &t, "0x00000d03");
    free(b);
}

static void refuses_other_lengths(void **state) {
    (void)state;
    struct nn_tensor *t;
    size_t n;
    unsigned char *b = files_idx_images(5, 7, 3, &n);
    for (int gzip = 0; gzip < 2; gzip++) {
        assert_refused(parse_images(&t, b, n - 1, gzip), ERR_FORMAT, &t,
                       "truncado: tiene 104 de los 105 bytes");
        assert_refused(parse_images(&t, b, 10, gzip), ERR_FORMAT, &t,
                       "de los 12 bytes de la cabecera");
        assert_refused(parse_images(&t, b, 2, gzip), ERR_FORMAT, &t, "cabecera");
        files_big_endian(b + 4, 4); /* 21 bytes too many */
        assert_refused(parse_images(&t, b, n, gzip), ERR_FORMAT, &t, "sobran bytes");
        files_big_endian(b + 4, 5);
    }
    assert_refused(nn_idx_parse_images(&t, b, 0, "f", &e), ERR_FORMAT, &t, "truncado");
    free(b);
    b = files_idx_labels(25, &n);
    assert_refused(nn_idx_parse_labels(&t, b, n - 5, 10, "f", &e), ERR_FORMAT, &t,
                   "tiene 20 de las 25 etiquetas");
    files_big_endian(b + 4, 24);
    assert_refused(nn_idx_parse_labels(&t, b, n, 10, "f", &e), ERR_FORMAT, &t,
                   "sobran bytes");
    free(b);
}

/* The ceilings hold before any memory is asked for. */
static void refuses_absurd_sizes(void **state) {
    (void)state;
    struct nn_tensor *t;
    size_t n;
    unsigned char *b = files_idx_images(1, 1, 1, &n);
    const struct {
        uint32_t n, rows, cols;
        const char *says;
    } bad[] = {{0, 28, 28, "la cabecera dice 0 ejemplos; se admiten de 1 a 10000000"},
               {0xffffffff, 28, 28, "4294967295 ejemplos"},
               {10, 0, 28, "0×28 píxeles"},
               {10, 28, 5000, "28×5000 píxeles; cada lado admite de 1 a 4096"}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        files_big_endian(b + 4, bad[i].n);
        files_big_endian(b + 8, bad[i].rows);
        files_big_endian(b + 12, bad[i].cols);
        assert_refused(nn_idx_parse_images(&t, b, n, "f", &e), ERR_RANGE, &t,
                       bad[i].says);
    }
    files_big_endian(b + 4, 10000000);
    files_big_endian(b + 8, 4096);
    files_big_endian(b + 12, 4096);
    assert_refused(nn_idx_parse_images(&t, b, n, "f", &e), ERR_NOMEM, &t, "");
    free(b);
    assert_refused(nn_idx_parse_labels(&t, "", 0, 0, "f", &e), ERR_RANGE, &t, "0 clases");
    assert_refused(nn_idx_parse_labels(&t, "", 0, 257, "f", &e), ERR_RANGE, &t,
                   "257 clases; un archivo IDX admite de 1 a 256");
}

static void refuses_labels_outside(void **state) {
    (void)state;
    struct nn_tensor *t;
    size_t n;
    unsigned char *b = files_idx_labels(40000, &n); /* more than one chunk */
    b[8 + 33333] = 10;
    assert_refused(nn_idx_parse_labels(&t, b, n, 10, "f", &e), ERR_RANGE, &t,
                   "la etiqueta 10 en la posición 33334 está fuera de 0..9");
    free(b);
}

static void refuses_bad_gzip(void **state) {
    (void)state;
    struct nn_tensor *t;
    size_t n, packed;
    unsigned char *b = files_idx_images(50, 28, 28, &n);
    unsigned char *z = files_gzip(b, n, &packed);
    assert_refused(nn_idx_parse_images(&t, z, packed / 2, "f", &e), ERR_FORMAT, &t,
                   "el gzip está truncado: termina tras");
    assert_refused(nn_idx_parse_images(&t, z, packed - 4, "f", &e), ERR_FORMAT, &t,
                   "el gzip está truncado");
    z[packed - 6] ^= 1; /* its own sum */
    assert_refused(nn_idx_parse_images(&t, z, packed, "f", &e), ERR_FORMAT, &t,
                   "el gzip está dañado");
    z[packed - 6] ^= 1;
    for (size_t i = 0; i < 16; i++) /* the compressed bytes */
        z[packed / 2 + i] ^= 0x5a;
    int rc = nn_idx_parse_images(&t, z, packed, "f", &e);
    assert_int_equal(rc, ERR_FORMAT);
    assert_null(t);
    free(z);
    z = files_gzip(b, n, &packed);
    z = realloc(z, packed + 3);
    assert_non_null(z);
    memcpy(z + packed, "xyz", 3);
    assert_refused(nn_idx_parse_images(&t, z, packed + 3, "f", &e), ERR_FORMAT, &t,
                   "sobran bytes después del final del gzip");
    free(z);
    free(b);
}

static void reads_files_and_sums_them(void **state) {
    (void)state;
    struct nn_tensor *t;
    char sum[NN_SHA256_TEXT];
    const char *path = files_path("labels");
    /* sha256sum of this very file */
    files_write(path, "\0\0\x08\x01\0\0\0\x03\x01\x02\x03", 11);
    assert_int_equal(nn_idx_load_labels(&t, path, 10, sum, &e), 0);
    assert_int_equal(nn_tensor_i32(t)[2], 3);
    assert_string_equal(
        sum, "398a8a7fbd9531f1d9aa2ae368533e137cb53c202c3665f25affcf1ca88844ab");
    nn_tensor_release(t);
    assert_refused(nn_idx_load_images(&t, files_path("none"), NULL, &e), ERR_IO, &t,
                   "none: no se puede abrir: ");
    assert_refused(nn_idx_load_images(&t, files_folder, NULL, &e), ERR_IO, &t,
                   "no se puede leer: ");
}

static void survives_short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        return;
    size_t n, packed;
    unsigned char *b = files_idx_images(5, 7, 3, &n), *z = files_gzip(b, n, &packed);
    const char *path = files_path("images.gz");
    files_write(path, z, packed);
    for (long k = 0;; k++) {
        struct nn_tensor *t;
        char sum[NN_SHA256_TEXT];
        fail_alloc_after(k);
        int rc = nn_idx_load_images(&t, path, sum, &e);
        if (!fail_alloc_stop()) {
            assert_int_equal(rc, 0);
            nn_tensor_release(t);
            break;
        }
        assert_int_equal(rc, ERR_NOMEM);
        assert_null(t);
    }
    assert_int_equal(nn_memory_in_use(), 0);
    free(b);
    free(z);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_plain_and_gzip),
        cmocka_unit_test(reads_two_members),
        cmocka_unit_test(refuses_wrong_magic),
        cmocka_unit_test(refuses_other_lengths),
        cmocka_unit_test(refuses_absurd_sizes),
        cmocka_unit_test(refuses_labels_outside),
        cmocka_unit_test(refuses_bad_gzip),
        cmocka_unit_test(reads_files_and_sums_them),
        cmocka_unit_test(survives_short_memory),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
