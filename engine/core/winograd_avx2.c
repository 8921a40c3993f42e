/* winograd_avx2.c: the transforms of Winograd's convolution for AVX2 with FMA. */
#include "kernels.h"
#include "repeat.h"

#ifdef __AVX2__
#include <immintrin.h>

#define BYTES   32
#define LANES   8
#define T       float
#define I       int32_t
#define U       uint32_t
#define NAME(x) x##_f32
#include "simd.inc.h"

#include "winograd.inc.h"

const struct nn_winograd_kernels nn_winograd_avx2 = WINOGRAD_TABLE;
#endif
