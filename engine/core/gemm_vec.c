/* gemm_vec.c: matrix-product kernels for any processor: vectors of 16 bytes; tiles of 6 x 2 vectors. */
#include "kernels.h"
#include "repeat.h"

#define BYTES 16
#define ROWS  6

#define T       float
#define I       int32_t
#define U       uint32_t
#define LANES   4
#define NAME(x) x##_f32
#include "gemm_tile.inc.h"
static const struct nn_gemm_kernels table_f32 = GEMM_TABLE;
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
#include "gemm_tile.inc.h"
static const struct nn_gemm_kernels table_f64 = GEMM_TABLE;
#undef T
#undef I
#undef U
#undef LANES
#undef NAME

const struct nn_gemm_kernels *const nn_gemm_vec[2] = {&table_f32, &table_f64};
