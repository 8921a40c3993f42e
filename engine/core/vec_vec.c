/* vec_vec.c: loops over arrays for any processor: vectors of 16 bytes. */
#include "kernels.h"
#include "repeat.h"

#include <math.h>

#define BYTES 16

#define T       float
#define I       int32_t
#define U       uint32_t
#define LANES   4
#define NAME(x) x##_f32
#include "vec.inc.h"
static const struct nn_vec_kernels table_f32 = VEC_TABLE;
#undef T
#undef I
#undef U
#undef LANES
#undef NAME

#define T       double
#define I       int64_t
#define U       uint64_t
#define LANES   2
#define NAME(x) x##_f64
#include "vec.inc.h"
static const struct nn_vec_kernels table_f64 = VEC_TABLE;
#undef T
#undef I
#undef U
#undef LANES
#undef NAME

const struct nn_vec_kernels *const nn_vec_vec[2] = {&table_f32, &table_f64};
