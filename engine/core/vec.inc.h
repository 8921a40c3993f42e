/* vec.inc.h: all loops over arrays of one element type and instruction set, in the order in
 * which they build on one another. The includer sets the macros of simd.inc.h. */
/* clang-format off */
#include "simd.inc.h"
#include "transpose.inc.h"
#include "math.inc.h"
#include "vec_map.inc.h"
#include "vec_act.inc.h"
#include "vec_sum.inc.h"
#include "vec_step.inc.h"
#include "vec_pool.inc.h"
#include "vec_norm.inc.h"
#include "vec_depth.inc.h"
/* clang-format on */
