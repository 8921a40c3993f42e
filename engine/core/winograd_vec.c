/* winograd_vec.c: the transforms of Winograd's convolution for any processor: vectors of 16 bytes. */
#include "kernels.h"
#include "repeat.h"

#define BYTES   16
#define LANES   4
#define T       float
#define I       int32_t
#define U       uint32_t
#define NAME(x) x##_f32
#include "simd.inc.h"

#include "winograd.inc.h"

const struct nn_winograd_kernels nn_winograd_vec = WINOGRAD_TABLE;
