/* winograd_avx512.c: the transforms of Winograd's convolution for AVX-512. */
#include "kernels.h"
#include "repeat.h"

#ifdef __AVX512F__
#include <immintrin.h>

#define BYTES   64
#define LANES   16
#define T       float
#define I       int32_t
#define U       uint32_t
#define NAME(x) x##_f32
#include "simd.inc.h"

#include "winograd.inc.h"

const struct nn_winograd_kernels nn_winograd_avx512 = WINOGRAD_TABLE;
#endif
