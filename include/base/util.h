/* util.h: the few helpers that every layer needs: checked sizes, a monotonic clock,
 * lengths. */
#ifndef BASE_UTIL_H
#define BASE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MIN_OF(a, b) ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b) ((a) > (b) ? (a) : (b))

/* *out = a * b; false (and *out = 0) when the product does not fit in a size_t.
 * Sizes multiply only through this function. */
static inline bool mul_size(size_t *out, size_t a, size_t b) {
    if (__builtin_mul_overflow(a, b, out)) {
        *out = 0;
        return false;
    }
    return true;
}

/* Same for sums. */
static inline bool add_size(size_t *out, size_t a, size_t b) {
    if (__builtin_add_overflow(a, b, out)) {
        *out = 0;
        return false;
    }
    return true;
}

/* Seconds on a clock that never goes back; only differences mean anything. */
static inline double clock_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* A copy of n bytes with a terminating NUL; NULL when memory is short. Yours to free. */
static inline char *copy_bytes(const char *s, size_t n) {
    char *p = n < SIZE_MAX ? malloc(n + 1) : NULL;
    if (!p)
        return NULL;
    if (n)
        memcpy(p, s, n);
    p[n] = '\0';
    return p;
}

static inline char *copy_text(const char *s) {
    return copy_bytes(s, strlen(s));
}

/* Whether the word is one of a list like "mse|mae"; list may be NULL. */
static inline bool text_in_list(const char *word, const char *list) {
    size_t len = strlen(word);
    while (list && *list) {
        size_t n = strcspn(list, "|");
        if (n == len && memcmp(list, word, n) == 0)
            return true;
        list += n + (list[n] == '|');
    }
    return false;
}

#endif
