/* gemm_avx512.c: matrix-product kernels for AVX-512; 32 registers, tiles of 14 x 2 vectors. */
#include "kernels.h"
#include "repeat.h"

#ifdef __AVX512F__
#include <immintrin.h>

#define BYTES 64
#define ROWS  14

#define T       float
#define I       int32_t
#define U       uint32_t
#define LANES   16
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
#define LANES   8
#define NAME(x) x##_f64
#include "gemm_tile.inc.h"
static const struct nn_gemm_kernels table_f64 = GEMM_TABLE;
#undef T
#undef I
#undef U
#undef LANES
#undef NAME

const struct nn_gemm_kernels *const nn_gemm_avx512[2] = {&table_f32, &table_f64};
#endif
