/* fma_peak.h: what the processor can do at best: a loop of fused multiply-adds on registers
 * alone, of the widest kind that the chosen kernels use. The yardstick of the benchmarks,
 * run between their samples because the clock and the neighbours change from minute to
 * minute. */
#ifndef TESTS_BENCH_FMA_PEAK_H
#define TESTS_BENCH_FMA_PEAK_H

#include <stddef.h>

#include "nn/cpu.h"
#include "nn/pool.h"

#if defined(__x86_64__)
#define FMA_8(reg)                                                                       \
    "vfmadd231ps %%" reg "14, %%" reg "15, %%" reg "0\n"                                 \
    "vfmadd231ps %%" reg "14, %%" reg "15, %%" reg "1\n"                                 \
    "vfmadd231ps %%" reg "14, %%" reg "15, %%" reg "2\n"                                 \
    "vfmadd231ps %%" reg "14, %%" reg "15, %%" reg "3\n"                                 \
    "vfmadd231ps %%" reg "14, %%" reg "15, %%" reg "4\n"                                 \
    "vfmadd231ps %%" reg "14, %%" reg "15, %%" reg "5\n"                                 \
    "vfmadd231ps %%" reg "14, %%" reg "15, %%" reg "6\n"                                 \
    "vfmadd231ps %%" reg "14, %%" reg "15, %%" reg "7\n"                                 \
    "vfmadd231ps %%" reg "14, %%" reg "15, %%" reg "8\n"                                 \
    "vfmadd231ps %%" reg "14, %%" reg "15, %%" reg "9\n"                                 \
    "vfmadd231ps %%" reg "14, %%" reg "15, %%" reg "10\n"                                \
    "vfmadd231ps %%" reg "14, %%" reg "15, %%" reg "11\n"
#define CLEAR(reg, i) "vxorps %%" reg #i ", %%" reg #i ", %%" reg #i "\n"
/* clang-format off */
#define CLEAR_ALL(reg)                                                                   \
    CLEAR(reg, 0) CLEAR(reg, 1) CLEAR(reg, 2) CLEAR(reg, 3)                              \
    CLEAR(reg, 4) CLEAR(reg, 5) CLEAR(reg, 6) CLEAR(reg, 7)                              \
    CLEAR(reg, 8) CLEAR(reg, 9) CLEAR(reg, 10) CLEAR(reg, 11)                            \
    CLEAR(reg, 14) CLEAR(reg, 15)
/* clang-format on */
#define CLOBBERS                                                                         \
    "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",      \
        "xmm10", "xmm11", "xmm14", "xmm15"

static inline void fma_512(long n) {
    __asm__ volatile(CLEAR_ALL("ymm") "1:\n" FMA_8("zmm") "dec %0\n jnz 1b\n vzeroupper"
                     : "+r"(n)
                     :
                     : CLOBBERS, "cc");
}

static inline void fma_256(long n) {
    __asm__ volatile(CLEAR_ALL("ymm") "1:\n" FMA_8("ymm") "dec %0\n jnz 1b\n vzeroupper"
                     : "+r"(n)
                     :
                     : CLOBBERS, "cc");
}

/* Floating-point operations of one turn: 12 instructions, 2 per lane. */
static inline double fma_turns(long n) {
    if (nn_cpu_isa() == NN_ISA_AVX512) {
        fma_512(n);
        return 12.0 * 2 * 16 * (double)n;
    }
    if (!nn_cpu_has(NN_ISA_AVX2))
        return 0;
    fma_256(n);
    return 12.0 * 2 * 8 * (double)n;
}
#else
static inline double fma_turns(long n) {
    (void)n;
    return 0; /* no yardstick for this processor */
}
#endif

#define FMA_CHUNK_TURNS 2000

static inline void fma_chunks(void *ctx, size_t first, size_t last) {
    (void)ctx;
    for (size_t i = first; i < last; i++)
        (void)fma_turns(FMA_CHUNK_TURNS);
}

/* Runs on all threads of the pool; returns the floating-point operations done. */
static inline double fma_peak_run(size_t chunks) {
    nn_pool_run(fma_chunks, NULL, chunks, 1);
    return fma_turns(1) * FMA_CHUNK_TURNS * (double)chunks;
}

#endif
