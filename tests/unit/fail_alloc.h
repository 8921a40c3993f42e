/* fail_alloc.h: makes the nth allocation of a test program fail, so that every path for
 * short memory is walked. Include it in exactly one .c of a test program.
 *
 *     for (long n = 0;; n++) {
 *         fail_alloc_after(n);                  the allocation number n (from 0) and all
 * later fail int rc = thing_new(&t, &e); bool failed = fail_alloc_stop();      true when
 * the limit was reached if (!failed) { assert_int_equal(rc, 0); thing_free(t); break; }
 *         assert_int_equal(rc, ERR_NOMEM); assert_null(t);
 *     }
 *
 * It interposes malloc, calloc, realloc and aligned_alloc for the calling thread alone,
 * over glibc's own __libc_ functions. Sanitizers bring their own allocator: there
 * fail_alloc_supported() is false and the loop has to be left out. */
#ifndef TESTS_FAIL_ALLOC_H
#define TESTS_FAIL_ALLOC_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FAIL_ALLOC_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FAIL_ALLOC_SANITIZED 1
#endif
#endif

static _Thread_local long fail_alloc_left =
    -1; /* allocations that still succeed; -1: all */
static _Thread_local bool fail_alloc_hit;

/* Callers whose allocations always succeed, by return address: libraries that do not live
 * through short memory themselves. NULL: none. */
static bool (*fail_alloc_spares)(const void *caller);

static inline void fail_alloc_after(long n) {
    fail_alloc_hit = false;
    fail_alloc_left = n;
}

static inline bool fail_alloc_stop(void) {
    fail_alloc_left = -1;
    return fail_alloc_hit;
}

#ifdef FAIL_ALLOC_SANITIZED
/* fontconfig keeps its patterns for the life of the process behind pointers that the leak
 * checker cannot follow. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libfontconfig\n";
}

static inline bool fail_alloc_supported(void) {
    (void)fail_alloc_spares;
    return false;
}
#else
static inline bool fail_alloc_supported(void) {
    (void)fail_alloc_spares;
    return true;
}

static inline bool fail_alloc_now(const void *caller) {
    if (fail_alloc_left < 0 || (fail_alloc_spares && fail_alloc_spares(caller)))
        return false;
    if (fail_alloc_left > 0) {
        fail_alloc_left--;
        return false;
    }
    fail_alloc_hit = true;
    errno = ENOMEM;
    return true;
}

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t align, size_t n);

void *malloc(size_t n) {
    return fail_alloc_now(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size) {
    return fail_alloc_now(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n) {
    return fail_alloc_now(__builtin_return_address(0)) ? NULL : __libc_realloc(p, n);
}

void *aligned_alloc(size_t align, size_t n) {
    return fail_alloc_now(__builtin_return_address(0)) ? NULL : __libc_memalign(align, n);
}

int posix_memalign(void **out, size_t align, size_t n) {
    void *p =
        fail_alloc_now(__builtin_return_address(0)) ? NULL : __libc_memalign(align, n);
    if (!p)
        return ENOMEM;
    *out = p;
    return 0;
}
#endif

#endif
