/* png.h: a PNG picture as bytes of pixels, and pictures brought to another size.
 *
 *     struct nn_tensor *t;
 *     if (nn_png_decode(&t, bytes, n, true, "gato.png", e) < 0) return e->code;
 *
 * Every kind that the format knows is read: grey, colour, palette, 1 to 16 bits, interlaced;
 * what is transparent lies on white; colour becomes grey as 0.299 R + 0.587 G + 0.114 B
 * (ITU-R BT.601, as in Pillow). libpng does it, loaded with the first picture.
 * Limits: NN_PNG_MAX_SIDE pixels a side, NN_PNG_MAX_BYTES of file, checked before anything
 * is unpacked. Threads: any. Source of the format: W3C, Portable Network Graphics. */
#ifndef NN_PNG_H
#define NN_PNG_H

#include "nn/tensor.h"

#define NN_PNG_MAX_SIDE  4096
#define NN_PNG_MAX_BYTES ((size_t)64 << 20)
#define NN_PNG_HEADER    33 /* bytes that nn_png_header looks at */

struct nn_png_info {
    size_t h, w;
    bool color; /* colour or palette */
};

/* What the first NN_PNG_HEADER bytes say; name stands in the messages. ERR_FORMAT (no PNG,
 * cut), ERR_RANGE (a side of 0 or above the limit). */
int nn_png_header(struct nn_png_info *info, const void *bytes, size_t n, const char *name,
                  struct err *e);
/* *out is u8 (h, w, 3), or (h, w, 1) when gray. Besides the failures of the header:
 * ERR_FORMAT (damaged), ERR_RANGE (too long), ERR_NOTFOUND (libpng is missing),
 * ERR_NOMEM. */
int nn_png_decode(struct nn_tensor **out, const void *bytes, size_t n, bool gray,
                  const char *name, struct err *e);

/* from (h, w, c) bytes as to (to_h, to_w, c): an axis that shrinks is averaged over the
 * area that a pixel covers, one that grows is interpolated linearly between the centres.
 * ERR_NOMEM. */
int nn_resize_bytes(unsigned char *to, size_t to_h, size_t to_w,
                    const unsigned char *from, size_t h, size_t w, size_t c,
                    struct err *e);

#endif
