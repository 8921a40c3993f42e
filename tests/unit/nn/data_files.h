/* data_files.h: temporary folders, small IDX and gzip files, and where the real data is.
 * For test programs of the data part; every failure here ends the test. */
#ifndef TESTS_DATA_FILES_H
#define TESTS_DATA_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define FILES_PATH 512

static char files_folder[FILES_PATH]; /* of this test program */

__attribute__((unused)) static int files_setup(void **state) {
    (void)state;
    (void)snprintf(files_folder, sizeof files_folder, "%s/nabla-test-XXXXXX",
                   getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    return mkdtemp(files_folder) ? 0 : -1;
}

static inline int files_remove_one(const char *path, const struct stat *st, int type,
                                   struct FTW *at) {
    (void)st, (void)type, (void)at;
    return remove(path);
}

/* rm -r */
static inline void files_remove(const char *path) {
    (void)nftw(path, files_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

__attribute__((unused)) static int files_teardown(void **state) {
    (void)state;
    files_remove(files_folder);
    return 0;
}

/* folder/name below the temporary folder, in a static buffer that the next but three call
 * reuses. */
__attribute__((unused)) static const char *files_path(const char *name) {
    static char path[4][FILES_PATH * 2];
    static int at;
    at = (at + 1) % 4;
    (void)snprintf(path[at], sizeof path[at], "%s/%s", files_folder, name);
    return path[at];
}

__attribute__((unused)) static void files_write(const char *path, const void *bytes,
                                                size_t n) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

__attribute__((unused)) static unsigned char *files_read(const char *path, size_t *n) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    *n = (size_t)ftell(f);
    rewind(f);
    unsigned char *bytes = malloc(*n + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *n, f), *n);
    (void)fclose(f);
    return bytes;
}

/* bytes as one gzip member; yours to free. */
__attribute__((unused)) static unsigned char *files_gzip(const void *bytes, size_t n,
                                                         size_t *packed) {
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    size_t room = deflateBound(&z, n) + 64;
    unsigned char *out = malloc(room);
    assert_non_null(out);
    z.next_in = (unsigned char *)(uintptr_t)bytes;
    z.avail_in = (uInt)n;
    z.next_out = out;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    *packed = z.total_out;
    (void)deflateEnd(&z);
    return out;
}

static inline void files_big_endian(unsigned char *to, uint32_t v) {
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(v >> (24 - 8 * i));
}

/* An IDX file of n images of rows x cols, pixel i holding i % 251. Yours to free. */
__attribute__((unused)) static unsigned char *
files_idx_images(uint32_t n, uint32_t rows, uint32_t cols, size_t *len) {
    size_t pixels = (size_t)n * rows * cols;
    unsigned char *b = malloc(16 + pixels);
    assert_non_null(b);
    files_big_endian(b, 0x803);
    files_big_endian(b + 4, n);
    files_big_endian(b + 8, rows);
    files_big_endian(b + 12, cols);
    for (size_t i = 0; i < pixels; i++)
        b[16 + i] = (unsigned char)(i % 251);
    *len = 16 + pixels;
    return b;
}

/* n labels i % 10. */
__attribute__((unused)) static unsigned char *files_idx_labels(uint32_t n, size_t *len) {
    unsigned char *b = malloc(8 + (size_t)n);
    assert_non_null(b);
    files_big_endian(b, 0x801);
    files_big_endian(b + 4, n);
    for (size_t i = 0; i < n; i++)
        b[8 + i] = (unsigned char)(i % 10);
    *len = 8 + n;
    return b;
}

/* The folder with the real data: $NABLA_DATA, else ../shared/data beside the checkout.
 * NULL, and a line that says what is left out, when set/file is not there. */
__attribute__((unused)) static const char *files_real(const char *test, const char *set,
                                                      const char *file) {
    static char folder[FILES_PATH];
    const char *own = getenv("NABLA_DATA");
    char path[FILES_PATH * 2];
    (void)snprintf(folder, sizeof folder, "%s", own && own[0] ? own : "../shared/data");
    (void)snprintf(path, sizeof path, "%s/%s/%s", folder, set, file);
    if (access(path, R_OK) == 0)
        return folder;
    print_message("left out: %s: no file %s (set NABLA_DATA)\n", test, path);
    return NULL;
}

#endif
