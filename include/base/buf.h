/* buf.h: a growing run of bytes with a ceiling.
 *
 *     struct buf b;
 *     buf_init(&b, 1 << 20);               at most 1 MiB
 *     buf_printf(&b, "%d cells", n);
 *     if (b.failed) return err_set(e, ERR_NOMEM, ...);     one check at the end is enough
 *     use(b.data, b.len);                  always NUL-terminated once something was added
 *     buf_release(&b);
 *
 * A failed append leaves what was there and sets failed; later appends do nothing.
 * Ownership: the buffer owns data until buf_take. Threads: one at a time. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct buf {
    char *data;
    size_t len, cap, max;
    bool failed; /* memory was short or the ceiling was reached */
};

static inline void buf_init(struct buf *b, size_t max) {
    *b = (struct buf){.max = max};
}

static inline void buf_release(struct buf *b) {
    free(b->data);
    *b = (struct buf){.max = b->max};
}

/* Makes room for n more bytes and the NUL. */
static inline bool buf_reserve(struct buf *b, size_t n) {
    if (b->failed || n > b->max || b->len > b->max - n) {
        b->failed = true;
        return false;
    }
    size_t need = b->len + n + 1;
    if (need <= b->cap)
        return true;
    size_t cap = b->cap ? b->cap : 64;
    while (cap < need)
        cap *= 2;
    char *data = realloc(b->data, cap);
    if (!data) {
        b->failed = true;
        return false;
    }
    b->data = data;
    b->cap = cap;
    return true;
}

static inline void buf_add(struct buf *b, const void *bytes, size_t n) {
    if (!buf_reserve(b, n) || !b->data)
        return;
    if (n)
        memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = '\0';
}

static inline void buf_puts(struct buf *b, const char *s) {
    buf_add(b, s, strlen(s));
}

static inline void buf_putc(struct buf *b, char c) {
    buf_add(b, &c, 1);
}

__attribute__((format(printf, 2, 0))) static inline void
buf_vprintf(struct buf *b, const char *fmt, va_list ap) {
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    if (n >= 0 && buf_reserve(b, (size_t)n)) {
        (void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
        b->len += (size_t)n;
    }
    va_end(again);
}

__attribute__((format(printf, 2, 3))) static inline void
buf_printf(struct buf *b, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(b, fmt, ap);
    va_end(ap);
}

/* Empties it and keeps the memory. */
static inline void buf_clear(struct buf *b) {
    b->len = 0;
    b->failed = false;
    if (b->data)
        b->data[0] = '\0';
}

/* Hands the bytes over: yours to free; the buffer is empty again. NULL when nothing was
 * added. */
static inline char *buf_take(struct buf *b, size_t *len) {
    char *data = b->data;
    if (len)
        *len = b->len;
    *b = (struct buf){.max = b->max};
    return data;
}

#endif
