/* test_zip.c: files packed for handing in: what lies in the archive, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nn/zip.h"

#include "base/util.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct err e;
static char root[64], zip[96], one[96], two[96];

static void write_text(const char *path, const char *text) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int make_root(void **state) {
    (void)state;
    (void)snprintf(root, sizeof root, "/tmp/nabla-zip-XXXXXX");
    if (!mkdtemp(root))
        return -1;
    (void)snprintf(zip, sizeof zip, "%s/entrega.zip", root);
    (void)snprintf(one, sizeof one, "%s/informe.pdf", root);
    (void)snprintf(two, sizeof two, "%s/red ñ.txt", root);
    return 0;
}

static int drop_root(void **state) {
    (void)state;
    const char *const left[] = {zip, one, two};
    for (size_t i = 0; i < ARRAY_LEN(left); i++)
        (void)unlink(left[i]);
    return rmdir(root); /* fails when anything else was left there */
}

static bool holds(const char *path, const char *bytes, size_t n) {
    char text[4096];
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t len = fread(text, 1, sizeof text, f);
    (void)fclose(f);
    for (size_t i = 0; i + n <= len; i++)
        if (memcmp(text + i, bytes, n) == 0)
            return true;
    return false;
}

static void names_are_the_last_ones(void **state) {
    (void)state;
    write_text(one, "%PDF-1.4 prueba");
    write_text(two, "");
    const char *const files[] = {one, two};
    assert_int_equal(nn_zip_write(zip, files, 2, &e), ERR_OK);
    assert_true(holds(zip, "PK\003\004", 4));
    assert_true(holds(zip, "informe.pdf", 11));
    assert_true(holds(zip, "red ñ.txt", 10));
    assert_false(holds(zip, "nabla-zip-", 10));
}

static void what_cannot_be_read_is_named(void **state) {
    (void)state;
    char missing[96];
    (void)snprintf(missing, sizeof missing, "%s/no_esta", root);
    write_text(zip, "anterior");
    const char *const files[] = {one, missing};
    assert_int_equal(nn_zip_write(zip, files, 2, &e), ERR_IO);
    assert_non_null(strstr(e.msg, "no_esta"));
    assert_true(holds(zip, "anterior", 8));
    const char *const folder[] = {root};
    assert_int_equal(nn_zip_write(zip, folder, 1, &e), ERR_IO);
    const char *const twice[] = {one, one};
    assert_int_equal(nn_zip_write(zip, twice, 2, &e), ERR_ARG);
    assert_non_null(strstr(e.msg, "informe.pdf"));
    assert_int_equal(nn_zip_write(zip, files, NN_ZIP_FILES_MAX + 1, &e), ERR_ARG);
    assert_int_equal(nn_zip_write("/no_existe/x.zip", (const char *const[]){one}, 1, &e),
                     ERR_IO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_the_last_ones),
        cmocka_unit_test(what_cannot_be_read_is_named),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
