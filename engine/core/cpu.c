/* cpu.c: the choice of kernels, and the floating-point mode that they run in. */
#include "nn/cpu.h"

#include "base/util.h"
#include "kernels.h"

#include <stdatomic.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static const char *const names[] = {"naive", "vec", "avx2", "avx512"};

/* The table in use; NULL until the first question. Every thread that asks first comes to
 * the same answer, so that a race is harmless. */
static _Atomic(const struct nn_kernels *) chosen;

static const struct nn_kernels tables[NN_ISA_COUNT] = {
    [NN_ISA_NAIVE] = {NN_ISA_NAIVE, NULL, NULL, nn_vec_naive},
    [NN_ISA_VEC] = {NN_ISA_VEC, nn_gemm_vec, &nn_winograd_vec, nn_vec_vec},
#if defined(__x86_64__)
    [NN_ISA_AVX2] = {NN_ISA_AVX2, nn_gemm_avx2, &nn_winograd_avx2, nn_vec_avx2},
    [NN_ISA_AVX512] = {NN_ISA_AVX512, nn_gemm_avx512, &nn_winograd_avx512, nn_vec_avx512},
#endif
};

const char *nn_isa_name(enum nn_isa isa) {
    return names[isa];
}

bool nn_cpu_has(enum nn_isa isa) {
#if defined(__x86_64__)
    if (isa == NN_ISA_AVX2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (isa == NN_ISA_AVX512)
        return nn_cpu_has(NN_ISA_AVX2) && __builtin_cpu_supports("avx512f") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw");
#endif
    return isa == NN_ISA_NAIVE || isa == NN_ISA_VEC;
}

/* The best that the processor has, but not more than NABLA_CPU names. */
static enum nn_isa best_isa(void) {
    const char *wanted = getenv("NABLA_CPU");
    int most = NN_ISA_COUNT - 1;
    for (int i = 0; wanted && i < NN_ISA_COUNT; i++)
        if (strcmp(wanted, names[i]) == 0)
            most = i;
    while (!nn_cpu_has((enum nn_isa)most))
        most--;
    return (enum nn_isa)most;
}

const struct nn_kernels *nn_kernels_get(void) {
    const struct nn_kernels *k = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (!k) {
        k = &tables[best_isa()];
        atomic_store_explicit(&chosen, k, memory_order_relaxed);
    }
    return k;
}

enum nn_isa nn_cpu_isa(void) {
    return nn_kernels_get()->isa;
}

const char *nn_cpu_name(void) {
    return names[nn_cpu_isa()];
}

bool nn_cpu_select(enum nn_isa isa) {
    if (!nn_cpu_has(isa))
        return false;
    atomic_store_explicit(&chosen, &tables[isa], memory_order_relaxed);
    return true;
}

#if defined(__x86_64__)
#define FLUSH 0x8040u /* MXCSR: results (bit 15) and operands (bit 6) to zero */

unsigned long nn_fp_enter(void) {
    unsigned mode = _mm_getcsr();
    if ((mode & FLUSH) != FLUSH)
        _mm_setcsr(mode | FLUSH);
    return mode;
}

/* The exception flags that the engine's arithmetic raised go too: they are the caller's.
 */
void nn_fp_leave(unsigned long mode) {
    _mm_setcsr((unsigned)mode);
}
#elif defined(__aarch64__)
#define FLUSH (1ul << 24) /* FPCR.FZ */

unsigned long nn_fp_enter(void) {
    unsigned long mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    __asm__ volatile("msr fpcr, %0" : : "r"(mode | FLUSH));
    return mode;
}

void nn_fp_leave(unsigned long mode) {
    __asm__ volatile("msr fpcr, %0" : : "r"(mode));
}
#else
unsigned long nn_fp_enter(void) {
    return 0;
}

void nn_fp_leave(unsigned long mode) {
    (void)mode;
}
#endif
