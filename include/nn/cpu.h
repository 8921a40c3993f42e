/* cpu.h: which set of compute kernels runs on this machine.
 *
 *     printf("%s\n", nn_cpu_name());       "avx512", "avx2", "vec" or "naive"
 *
 * Chosen once, at the first question, by what the processor has; the environment variable
 * NABLA_CPU (naive, vec, avx2, avx512) asks for less. "vec" is plain C vectors of 16
 * bytes, which serve every processor; "naive" is the twin in plain loops that the others
 * are tested against. AVX2 and AVX-512 sum in the same order with fused multiply-adds and
 * give the same matrix products bit for bit; vec and naive differ in the last bits.
 * Threads: reading is safe from all; nn_cpu_select is for tests, while nothing runs.
 */
#ifndef NN_CPU_H
#define NN_CPU_H

#include <stdbool.h>

enum nn_isa { NN_ISA_NAIVE, NN_ISA_VEC, NN_ISA_AVX2, NN_ISA_AVX512 };
#define NN_ISA_COUNT 4

enum nn_isa nn_cpu_isa(void);
const char *nn_cpu_name(void);
const char *nn_isa_name(enum nn_isa isa);
/* Whether this processor (and this build) can run isa. */
bool nn_cpu_has(enum nn_isa isa);
/* Switches to isa; false, and no change, when the processor cannot. Packed matrices made
 * before the switch are void. */
bool nn_cpu_select(enum nn_isa isa);

/* Numbers below the smallest normal one are taken as zero between enter and leave (they
 * would slow the processor down and mean nothing here); leave restores the mode of the
 * caller, whose own arithmetic is not ours to change. The pool does this in each worker
 * and around each job; code that computes outside the pool calls it itself. Per thread;
 * pairs may nest. */
unsigned long nn_fp_enter(void);
void nn_fp_leave(unsigned long mode);

#endif
