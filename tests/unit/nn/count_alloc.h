/* count_alloc.h: counts the calling thread's allocations while `counting` is on, by
 * interposing the malloc family over glibc's own. Sanitizers bring their allocator: there
 * count_alloc_supported() is false. */
#ifndef TESTS_NN_COUNT_ALLOC_H
#define TESTS_NN_COUNT_ALLOC_H

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNT_ALLOC_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define COUNT_ALLOC_SANITIZED 1
#endif
#endif

#ifdef COUNT_ALLOC_SANITIZED
static inline bool count_alloc_supported(void) {
    return false;
}
#else
static inline bool count_alloc_supported(void) {
    return true;
}

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t align, size_t n);

void *malloc(size_t n) {
    taken += counting;
    return __libc_malloc(n);
}

void *calloc(size_t n, size_t size) {
    taken += counting;
    return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n) {
    taken += counting;
    return __libc_realloc(p, n);
}

void *aligned_alloc(size_t align, size_t n) {
    taken += counting;
    return __libc_memalign(align, n);
}

int posix_memalign(void **out, size_t align, size_t n) {
    taken += counting;
    *out = __libc_memalign(align, n);
    return *out ? 0 : ENOMEM;
}
#endif

#endif
