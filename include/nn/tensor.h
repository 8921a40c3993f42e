/* tensor.h: a dense block of numbers with a shape.
 *
 *     struct nn_tensor *x;
 *     if (nn_tensor_new(&x, NN_F32, 2, (size_t[]){64, 784}, e) < 0) return e->code;
 *     float *v = nn_tensor_f32(x);         row-major: the last axis is contiguous
 *     nn_tensor_release(x);
 *
 * Shapes: ndim 0 (a scalar) to NN_MAX_DIMS axes, each at least 0 long; axes are counted
 * from 0 here (the cell language counts from 1). Images are (n, h, w, c), channels last.
 * Memory: always contiguous, row-major, aligned to NN_ALIGN bytes, with NN_ALIGN more bytes
 * that may be read (not written) after the end, so that vector loads need not stop short. A view (nn_tensor_reshape, nn_tensor_rows)
 * shares its owner's memory and keeps it alive. Ownership: reference-counted; `struct
 * nn_tensor **out` gives you one reference, release drops it. Threads: the counter is
 * atomic; the contents are not guarded. Errors: ERR_NOMEM also when the size exceeds
 * nn_memory_limit(); the sentence names the shape and the bytes. *out is NULL on failure.
 */
#ifndef NN_TENSOR_H
#define NN_TENSOR_H

#include "base/buf.h"
#include "base/err.h"
#include "base/util.h"

#include <stdatomic.h>

#define NN_MAX_DIMS 6
#define NN_ALIGN    64

/* float32 for networks, float64 for the labs and gradient checks; bytes and int32 for
 * data sets (pixels 0..255, class labels): the ops refuse them, nn_tensor_cast converts.
 */
enum nn_dtype { NN_F32, NN_F64, NN_U8, NN_I32 };

struct nn_storage; /* the memory behind one or more tensors */

struct nn_tensor {
    atomic_int refs;
    enum nn_dtype dtype;
    int ndim;
    size_t shape[NN_MAX_DIMS];
    size_t n; /* product of shape: 1 for a scalar */
    void *data;
    struct nn_storage *storage;
};

/* Bytes of one element; "float32", "float64", "uint8", "int32". */
size_t nn_dtype_size(enum nn_dtype d);
const char *nn_dtype_name(enum nn_dtype d);

/* Zeroed. ERR_NOMEM, ERR_ARG (ndim), ERR_RANGE (the product does not fit). */
int nn_tensor_new(struct nn_tensor **out, enum nn_dtype d, int ndim, const size_t *shape,
                  struct err *e);
/* Same dtype and shape as t; zeroed. */
int nn_tensor_like(struct nn_tensor **out, const struct nn_tensor *t, struct err *e);
/* A scalar (ndim 0) holding v; d is NN_F32 or NN_F64. */
int nn_tensor_scalar(struct nn_tensor **out, enum nn_dtype d, double v, struct err *e);
/* A deep copy. */
int nn_tensor_copy(struct nn_tensor **out, const struct nn_tensor *t, struct err *e);
/* A copy of another dtype; numbers to u8 or i32 are truncated after a range check
 * (ERR_RANGE). */
int nn_tensor_cast(struct nn_tensor **out, const struct nn_tensor *t, enum nn_dtype d,
                   struct err *e);

/* A view with another shape; ERR_SHAPE when the number of elements differs. */
int nn_tensor_reshape(struct nn_tensor **out, struct nn_tensor *t, int ndim,
                      const size_t *shape, struct err *e);
/* A view of rows first..first+count-1 of axis 0; ERR_RANGE outside. */
int nn_tensor_rows(struct nn_tensor **out, struct nn_tensor *t, size_t first,
                   size_t count, struct err *e);

struct nn_tensor *nn_tensor_retain(struct nn_tensor *t); /* returns t; NULL is allowed */
void nn_tensor_release(struct nn_tensor *t);             /* NULL is allowed */

/* Elements as C arrays; the dtype must be the one named. */
static inline float *nn_tensor_f32(const struct nn_tensor *t) {
    return t->data;
}
static inline double *nn_tensor_f64(const struct nn_tensor *t) {
    return t->data;
}
static inline unsigned char *nn_tensor_u8(const struct nn_tensor *t) {
    return t->data;
}
static inline int32_t *nn_tensor_i32(const struct nn_tensor *t) {
    return t->data;
}

/* Element i in row-major order as a double, whatever the dtype; i < t->n. */
double nn_tensor_get(const struct nn_tensor *t, size_t i);
void nn_tensor_set(struct nn_tensor *t, size_t i, double v);
void nn_tensor_fill(struct nn_tensor *t, double v);

bool nn_tensor_same_shape(const struct nn_tensor *a, const struct nn_tensor *b);

/* "(64, 784)", "()" for a scalar, "(3,)" for one axis; as NumPy writes it. Into a
 * caller's buffer, which is returned, so that it can stand in an err_set call. */
#define NN_SHAPE_TEXT 160
char *nn_shape_text(char text[NN_SHAPE_TEXT], int ndim, const size_t *shape);

/* The most bytes that one tensor, and all tensors together, may take. Default: 3/4 of the
 * machine's memory at start. In use: the total of live storages. */
size_t nn_memory_limit(void);
void nn_memory_set_limit(size_t bytes);
size_t nn_memory_in_use(void);

#endif
