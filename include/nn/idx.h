/* idx.h: the files of MNIST and Fashion-MNIST: big-endian header, then bytes; usually
 * gzipped. Source of the format: yann.lecun.com/exdb/mnist, "File formats".
 *
 *     struct nn_tensor *x;
 *     if (nn_idx_load_images(&x, "train-images-idx3-ubyte.gz", NULL, e) < 0) return
 * e->code;
 *
 * Images: magic 0x00000803, count, rows, columns, then count * rows * columns pixels.
 * Labels: magic 0x00000801, count, then count bytes. Gzip is recognised by its first two
 * bytes, not by the name. Ceilings: NN_IDX_MAX_COUNT examples of at most NN_IDX_MAX_SIDE
 * pixels a side; memory is taken only after the header was proved. Failures: ERR_IO
 * (cannot be opened or read), ERR_FORMAT (damaged or truncated gzip, wrong magic, fewer
 * or more bytes than the header says), ERR_RANGE (sizes, labels), ERR_NOMEM; one sentence
 * with file, value and limit. Threads: any. */
#ifndef NN_IDX_H
#define NN_IDX_H

#include "nn/tensor.h"

#define NN_IDX_MAX_COUNT 10000000u
#define NN_IDX_MAX_SIDE  4096u
#define NN_SHA256_TEXT   65 /* 64 hexadecimal digits and NUL */

/* u8 (n, rows, columns, 1). sha256 may be NULL; else it receives the sum of the file as
 * it lies on the disk, in lower case. */
int nn_idx_load_images(struct nn_tensor **out, const char *path,
                       char sha256[NN_SHA256_TEXT], struct err *e);
/* i32 (n); a label of n_classes or more is refused with its position. */
int nn_idx_load_labels(struct nn_tensor **out, const char *path, size_t n_classes,
                       char sha256[NN_SHA256_TEXT], struct err *e);

/* The same from memory; name stands in the messages. */
int nn_idx_parse_images(struct nn_tensor **out, const void *bytes, size_t n,
                        const char *name, struct err *e);
int nn_idx_parse_labels(struct nn_tensor **out, const void *bytes, size_t n,
                        size_t n_classes, const char *name, struct err *e);

#endif
