/* each_isa.h: what the tests of the compute core share: every instruction set that this
 * machine has, numbers to compute with, and the comparison of two arrays. */
#ifndef TESTS_NN_EACH_ISA_H
#define TESTS_NN_EACH_ISA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "nn/cpu.h"
#include "nn/pool.h"
#include "nn/rng.h"

/* The vectorised sets, best first; the naive one is what they are compared with. */
#define EACH_ISA(isa)                                                                    \
    for (enum nn_isa isa = NN_ISA_AVX512; isa > NN_ISA_NAIVE; isa--)                     \
        if (nn_cpu_has(isa))

/* n random numbers in [-1, 1) of type d and 8 more after them, to see that nothing is written
 * there; yours to free. */
static inline void *random_array(enum nn_dtype d, size_t n, uint64_t seed) {
    struct nn_rng r;
    nn_rng_seed(&r, seed);
    char *p = aligned_alloc(64, (n * nn_dtype_size(d) + 127) / 64 * 64);
    assert_non_null(p);
    for (size_t i = 0; i < n + 8; i++) {
        double v = 2 * nn_rng_uniform(&r) - 1;
        if (d == NN_F32)
            ((float *)(void *)p)[i] = (float)v;
        else
            ((double *)(void *)p)[i] = v;
    }
    return p;
}

static inline double at(enum nn_dtype d, const void *p, size_t i) {
    return d == NN_F32 ? (double)((const float *)p)[i] : ((const double *)p)[i];
}

/* |got - want| <= tolerance (1 + |want|), and NaN where NaN is wanted. */
static inline void assert_close(enum nn_dtype d, const void *got, const void *want,
                                size_t n, double tolerance) {
    for (size_t i = 0; i < n; i++) {
        double g = at(d, got, i), w = at(d, want, i);
        if (isnan(w) ? isnan(g) : g == w || fabs(g - w) <= tolerance * (1 + fabs(w)))
            continue;
        fail_msg("element %zu of %zu is %.17g, not %.17g (%s)", i, n, g, w,
                 nn_cpu_name());
    }
}

static inline double epsilon(enum nn_dtype d) {
    return d == NN_F32 ? 0x1p-23 : 0x1p-52;
}

#endif
