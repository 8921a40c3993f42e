/* check.h: what the tests of pictures and tables share. Include it last, in the one .c of
 * a test program. */
#ifndef TESTS_VIZ_CHECK_H
#define TESTS_VIZ_CHECK_H

#include "../fail_alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mime.h"

#include "base/util.h"

#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static inline void assert_has(const char *text, const char *part) {
    if (!strstr(text, part))
        fail_msg("«%s» is not in:\n%s", part, text);
}

static inline void assert_lacks(const char *text, const char *part) {
    if (strstr(text, part))
        fail_msg("«%s» is in:\n%s", part, text);
}

/* How often part occurs. */
static inline size_t occurrences(const char *text, const char *part) {
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, part)) != NULL; p += strlen(part))
        n++;
    return n;
}

/* The code of this program, of jansson and of zlib: where allocations may fail. Cairo and
 * the font libraries are spared: Cairo 1.16 itself reads freed memory when an allocation
 * fails inside a vector surface. */
struct code_range {
    uintptr_t from, to;
};
static struct code_range ours[8];
static size_t n_ours;

static inline int note_range(struct dl_phdr_info *info, size_t size, void *data) {
    (void)size;
    (void)data;
    const char *name = info->dlpi_name;
    if (*name && !strstr(name, "libjansson") && !strstr(name, "libz.so"))
        return 0;
    for (size_t i = 0; i < info->dlpi_phnum && n_ours < ARRAY_LEN(ours); i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        if (h->p_type == PT_LOAD && (h->p_flags & PF_X)) {
            uintptr_t from = info->dlpi_addr + h->p_vaddr;
            ours[n_ours++] = (struct code_range){from, from + h->p_memsz};
        }
    }
    return 0;
}

static inline bool not_ours(const void *caller) {
    for (size_t i = 0; i < n_ours; i++)
        if ((uintptr_t)caller >= ours[i].from && (uintptr_t)caller < ours[i].to)
            return false;
    return true;
}

/* Fails allocation 0, 1, 2, ... of make until it succeeds: each failure is ERR_NOMEM with
 * a sentence and an empty bundle. step leaves some numbers out of long runs. */
static inline void check_short_memory(int (*make)(struct mime_bundle *, struct err *),
                                      long step) {
    struct mime_bundle b = {0};
    struct err e = {0};
    assert_int_equal(make(&b, &e), 0);
    mime_release(&b);
    if (!fail_alloc_supported())
        skip();
    if (n_ours == 0)
        (void)dl_iterate_phdr(note_range, NULL);
    fail_alloc_spares = not_ours;
    for (long n = 0;; n += step) {
        assert_true(n < 200000);
        err_clear(&e);
        fail_alloc_after(n);
        int rc = make(&b, &e);
        bool failed = fail_alloc_stop();
        if (rc == 0 && !failed)
            break;
        assert_int_equal(rc, ERR_NOMEM);
        assert_true(e.msg[0] != '\0');
        assert_int_equal(b.n, 0);
        assert_null(b.metadata);
    }
    mime_release(&b);
}

#endif
