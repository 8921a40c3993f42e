/* test_png.c: every kind of PNG, damaged and hostile ones, other sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fail_alloc.h"
#include "nn/png.h"

#include <math.h>

#include "png_samples.h"

static struct err e;

enum { W = 5, H = 3 };

static int value(int x, int y) {
    return (37 * x + 71 * y) % 256;
}

/* What v is with so many bits: the upper ones, stretched to 0..255. */
static int with_bits(int v, int bits) {
    int top = (1 << bits) - 1;
    return bits < 8 ? ((v >> (8 - bits)) * 255 + top / 2) / top : v;
}

static void assert_pixels(const struct sample *s, const struct nn_tensor *t, bool gray) {
    int bits = strstr(s->name, "_1") && !strstr(s->name, "_16") ? 1 : 8;
    bits = strcmp(s->name, "grey_4") == 0 ? 4 : bits;
    bool was_gray = strstr(s->name, "grey") != NULL;
    bool hole = strstr(s->name, "alpha") || strstr(s->name, "transparent") ||
                strstr(s->name, "rgba");
    assert_int_equal(t->dtype, NN_U8);
    assert_int_equal(t->shape[0], H);
    assert_int_equal(t->shape[1], W);
    assert_int_equal(t->shape[2], gray ? 1 : 3);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            int v = value(x, y), g = with_bits(v, bits);
            int rgb[3] = {v, 255 - v, 3 * v % 256};
            const unsigned char *p = nn_tensor_u8(t) + (y * W + x) * (gray ? 1 : 3);
            for (int k = 0; k < 3; k++) {
                if (was_gray)
                    rgb[k] = g;
                if (hole && x == 1 && y == 1)
                    rgb[k] = 255;
            }
            double luma = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
            for (int k = 0; k < (gray ? 1 : 3); k++)
                if (fabs(p[k] - (gray ? luma : rgb[k])) > (gray ? 0.51 : 0))
                    fail_msg("%s (%d, %d): %d", s->name, x, y, p[k]);
        }
}

static void every_kind_is_read(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        for (int gray = 0; gray < 2; gray++) {
            struct nn_tensor *t;
            struct nn_png_info info;
            const struct sample *s = &good[i];
            if (nn_png_decode(&t, s->bytes, s->n, gray, s->name, &e) < 0)
                fail_msg("%s", e.msg);
            assert_pixels(s, t, gray);
            assert_int_equal(nn_png_header(&info, s->bytes, s->n, s->name, &e), 0);
            assert_int_equal(info.w, W);
            assert_int_equal(info.h, H);
            assert_int_equal(info.color, strstr(s->name, "grey") == NULL);
            nn_tensor_release(t);
        }
}

static void damaged_ones_are_refused_by_name(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct nn_tensor *t;
        const struct sample *s = &bad[i];
        int rc = nn_png_decode(&t, s->bytes, s->n, false, s->name, &e);
        bool size = strcmp(s->name, "huge") == 0 || strcmp(s->name, "wide") == 0 ||
                    strcmp(s->name, "empty") == 0;
        if (rc != (size ? ERR_RANGE : ERR_FORMAT))
            fail_msg("%s: %d", s->name, rc);
        assert_null(t);
        assert_ptr_equal(strstr(e.msg, s->name), e.msg);
    }
    assert_int_equal(nn_memory_in_use(), 0);
}

/* Cut anywhere, no file is taken for whole (the end mark alone may be missing). */
static void no_part_is_taken_for_the_whole(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        for (size_t n = 0; n + 12 < good[i].n; n++) {
            struct nn_tensor *t;
            unsigned char *part = malloc(n ? n : 1);
            memcpy(part, good[i].bytes, n);
            int rc = nn_png_decode(&t, part, n, false, "corte", &e);
            if (n + 20 < good[i].n)
                assert_int_equal(rc, ERR_FORMAT);
            nn_tensor_release(t);
            free(part);
        }
}

/* ---- sizes */

static void resize(unsigned char *to, size_t h, size_t w, const unsigned char *from,
                   size_t from_h, size_t from_w, size_t c) {
    assert_int_equal(nn_resize_bytes(to, h, w, from, from_h, from_w, c, &e), 0);
}

static void shrinking_averages_areas(void **state) {
    (void)state;
    const unsigned char from[4 * 6] = {0,   10,  20,  30,  40,  50,  2,   12,
                                       22,  32,  42,  52,  100, 110, 120, 130,
                                       140, 150, 104, 114, 124, 134, 144, 154};
    unsigned char to[24];
    resize(to, 2, 2, from, 4, 6, 1);
    const unsigned char blocks[4] = {11, 41, 112, 142};
    assert_memory_equal(to, blocks, 4);
    resize(to, 1, 1, from, 4, 6, 1);
    assert_in_range(to[0], 76, 77); /* the mean is 76.5 */
    /* 3 to 2: a pixel covers one and a half */
    const unsigned char three[] = {0, 90, 240};
    resize(to, 1, 2, three, 1, 3, 1);
    assert_int_equal(to[0], 30);  /* (0 + 90 / 2) / 1.5 */
    assert_int_equal(to[1], 190); /* (90 / 2 + 240) / 1.5 */
}

static void growing_goes_straight_between_centres(void **state) {
    (void)state;
    const unsigned char from[] = {0, 200, 100, 40};
    unsigned char to[16];
    resize(to, 1, 4, from, 1, 2, 1);
    const unsigned char row[4] = {0, 50, 150, 200};
    assert_memory_equal(to, row, 4);
    resize(to, 4, 1, from, 2, 1, 1);
    assert_memory_equal(to, row, 4);
    resize(to, 2, 2, from, 1, 1, 4); /* channels stay apart */
    for (int i = 0; i < 4; i++)
        assert_memory_equal(to + 4 * (size_t)i, from, 4);
}

static void the_same_size_is_a_copy_and_flat_stays_flat(void **state) {
    (void)state;
    unsigned char from[7 * 5 * 3], to[64 * 64 * 3];
    for (size_t i = 0; i < sizeof from; i++)
        from[i] = (unsigned char)(i * 7);
    resize(to, 7, 5, from, 7, 5, 3);
    assert_memory_equal(to, from, sizeof from);
    memset(from, 201, sizeof from);
    for (size_t h = 1; h < 64; h += 5)
        for (size_t w = 1; w < 64; w += 3) {
            memset(to, 0, sizeof to);
            resize(to, h, w, from, 7, 5, 3);
            for (size_t i = 0; i < h * w * 3; i++)
                assert_int_equal(to[i], 201);
        }
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        return;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        for (long k = 0;; k++) {
            struct nn_tensor *t;
            fail_alloc_after(k);
            int rc = nn_png_decode(&t, good[i].bytes, good[i].n, true, "x", &e);
            if (!fail_alloc_stop()) {
                assert_int_equal(rc, 0);
                nn_tensor_release(t);
                break;
            }
            if (rc == 0) /* libpng does without what it wanted */
                nn_tensor_release(t);
            else
                assert_null(t);
        }
    unsigned char to[4], from[9] = {0};
    for (long k = 0;; k++) {
        fail_alloc_after(k);
        int rc = nn_resize_bytes(to, 2, 2, from, 3, 3, 1, &e);
        if (!fail_alloc_stop()) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(rc, ERR_NOMEM);
    }
    assert_int_equal(nn_memory_in_use(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_read),
        cmocka_unit_test(damaged_ones_are_refused_by_name),
        cmocka_unit_test(no_part_is_taken_for_the_whole),
        cmocka_unit_test(shrinking_averages_areas),
        cmocka_unit_test(growing_goes_straight_between_centres),
        cmocka_unit_test(the_same_size_is_a_copy_and_flat_stays_flat),
        cmocka_unit_test(short_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
