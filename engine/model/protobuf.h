/* protobuf.h: the few parts of protobuf's wire format that ONNX needs, written into a buf.
 *
 *     pb_text(&b, 2, "nabla");                        field 2: a string
 *     pb_message(&b, 7, &graph);                      field 7: a message already written
 *
 * Source: protobuf.dev, "Encoding". A field is (number << 3 | wire type) and its value; wire
 * type 0 is a varint, 2 a length and bytes, 5 four bytes. */
#ifndef ENGINE_MODEL_PROTOBUF_H
#define ENGINE_MODEL_PROTOBUF_H

#include "base/buf.h"

#include <stdint.h>

static inline void pb_varint(struct buf *b, uint64_t v) {
    for (; v >= 0x80; v >>= 7)
        buf_putc(b, (char)(v | 0x80));
    buf_putc(b, (char)v);
}

static inline void pb_int(struct buf *b, unsigned field, int64_t v) {
    pb_varint(b, (uint64_t)field << 3);
    pb_varint(b, (uint64_t)v);
}

static inline void pb_float(struct buf *b, unsigned field, float v) {
    pb_varint(b, (uint64_t)field << 3 | 5);
    buf_add(b, &v, sizeof v); /* little endian, as the processors that Nabla runs on */
}

/* The head of a field of n bytes; they follow. */
static inline void pb_head(struct buf *b, unsigned field, size_t n) {
    pb_varint(b, (uint64_t)field << 3 | 2);
    pb_varint(b, n);
}

static inline void pb_text(struct buf *b, unsigned field, const char *s) {
    pb_head(b, field, strlen(s));
    buf_puts(b, s);
}

static inline void pb_message(struct buf *b, unsigned field, const struct buf *inner) {
    pb_head(b, field, inner->len);
    buf_add(b, inner->data, inner->len);
    b->failed = b->failed || inner->failed;
}

#endif
