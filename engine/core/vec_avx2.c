/* vec_avx2.c: loops over arrays for AVX2 with FMA. */
#include "kernels.h"
#include "repeat.h"

#include <math.h>

#ifdef __AVX2__
#include <immintrin.h>

#define BYTES 32

#define T       float
#define I       int32_t
#define U       uint32_t
#define LANES   8
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
#define LANES   4
#define NAME(x) x##_f64
#include "vec.inc.h"
static const struct nn_vec_kernels table_f64 = VEC_TABLE;
#undef T
#undef I
#undef U
#undef LANES
#undef NAME

const struct nn_vec_kernels *const nn_vec_avx2[2] = {&table_f32, &table_f64};
#endif
