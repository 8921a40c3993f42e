/* stream.h: bytes of a file or of memory, unpacked when they are gzip, with the SHA-256
 * of what lies on the disk computed in the same pass.
 *
 * Use: open, read as much as is expected, nn_stream_end (nothing may be left), free.
 * Gzip is recognised by its first two bytes; several members in a row are one stream.
 * Memory: two buffers of fixed size; nothing grows with the file. Threads: one at a time.
 */
#ifndef NN_DATA_STREAM_H
#define NN_DATA_STREAM_H

#include "base/err.h"
#include "base/util.h"
#include "sha256.h"

struct nn_stream;

/* hash: whether nn_stream_sha256 will be asked. ERR_IO, ERR_NOMEM. */
int nn_stream_open(struct nn_stream **out, const char *path, bool hash, struct err *e);
/* bytes and name stay the caller's and must outlive the stream. */
int nn_stream_open_memory(struct nn_stream **out, const void *bytes, size_t n,
                          const char *name, struct err *e);
void nn_stream_free(struct nn_stream *s); /* NULL is allowed */

/* Up to n bytes; *got < n only at the end. ERR_IO, ERR_FORMAT (damaged or cut gzip). */
int nn_stream_read(struct nn_stream *s, void *bytes, size_t n, size_t *got,
                   struct err *e);
/* Proves that nothing is left, checks the last gzip sum. ERR_FORMAT when bytes are left.
 */
int nn_stream_end(struct nn_stream *s, struct err *e);
/* After nn_stream_end of a stream opened with hash: 64 digits and NUL. ERR_STATE. */
int nn_stream_sha256(struct nn_stream *s, char text[NN_SHA256_DIGITS], struct err *e);

/* SHA-256 of a whole file, read in pieces. */
int nn_stream_file_sha256(const char *path, char text[NN_SHA256_DIGITS], struct err *e);

#endif
