/* naive_vec.c: the plain twin of the loops over arrays, which the kernels are tested
 * against. */
#include "kernels.h"

#include <math.h>

#define T       float
#define NAME(x) x##_f32
#include "naive_vec.inc.h"
static const struct nn_vec_kernels table_f32 = NAIVE_TABLE;
#undef T
#undef NAME

#define T       double
#define NAME(x) x##_f64
#include "naive_vec.inc.h"
static const struct nn_vec_kernels table_f64 = NAIVE_TABLE;

const struct nn_vec_kernels *const nn_vec_naive[2] = {&table_f32, &table_f64};
