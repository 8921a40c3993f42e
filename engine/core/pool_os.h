/* pool_os.h: what the thread pool asks of the operating system. pool_linux.c answers. */
#ifndef NN_POOL_OS_H
#define NN_POOL_OS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Processors that the process may use: its mask when first asked, and no more than the
 * container's quota of processor time. At least 1. */
int nn_os_cpus(void);
/* A thread that takes no signals (they belong to the program's own threads). */
bool nn_os_thread(pthread_t *out, void *(*main)(void *), void *arg);
/* Binds the calling thread to the processor number place of the mask, leaving out, as
 * long as there are others, the one on which the pool's first caller ran. */
void nn_os_pin(int place);

/* Sleeps while *word is seen (it may also wake for no reason); wakes all that sleep. */
void nn_os_wait(atomic_uint *word, unsigned seen);
void nn_os_wake(atomic_uint *word);
void nn_os_yield(void);

/* In pool.c: from now on the calling thread runs its loops alone, so that a helper's never
 * keep the caller's from the workers. */
void nn_pool_stay_alone(void);

static inline void nn_os_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#endif
