/* pool.h: a few threads that share out loops.
 *
 *     static void scale(void *ctx, size_t first, size_t last);   items first..last-1
 *     nn_pool_run(scale, &job, n, 4096);
 *
 * The items are cut into chunks of grain (the last may be shorter), never by the number
 * of threads; caller and workers take them one by one until none is left, and the call
 * returns when all are done. So a result is the same on any number of threads as long as
 * chunks write to different places and nobody sums across chunks in order of arrival.
 *
 * Threads: workers start with the first job that can use them, are pinned to their own
 * processor of the mask that the process had, spin for a moment between jobs and then
 * sleep. A call from inside a job, or while another thread's job is running, does its
 * items itself, in order: never a deadlock, never two jobs at once. fn must not fail: it
 * reports through ctx. After fork() the child has no workers and must not use the pool.
 * Denormals are flushed inside fn (nn/cpu.h).
 */
#ifndef NN_POOL_H
#define NN_POOL_H

#include <stdatomic.h>
#include <stddef.h>

#define NN_POOL_MAX 64

typedef void nn_pool_fn(void *ctx, size_t first, size_t last);

/* n may be 0; grain 0 counts as 1. */
void nn_pool_run(nn_pool_fn *fn, void *ctx, size_t n, size_t grain);

/* How many threads work on a job, the caller among them. At start: the processors that
 * the process may use (mask and container quota), or NABLA_THREADS. Setting it, clamped
 * to 1..NN_POOL_MAX, stops the present workers; call it while no job runs. */
int nn_pool_threads(void);
void nn_pool_set_threads(int n);

/* A task that may run beside the caller's own work, to prepare the next batch while the
 * step computes. One helper thread takes tasks in order; with one thread, or when none
 * can be made, the task runs inside nn_pool_wait. Start with {0}; the struct must live
 * until wait returns, and every started task must be waited for. */
struct nn_task {
    void (*fn)(void *ctx);
    void *ctx;
    struct nn_task *next;
    atomic_int state;
};

void nn_pool_async(struct nn_task *t, void (*fn)(void *ctx), void *ctx);
/* Returns when t has run; does nothing for a task that was not started. */
void nn_pool_wait(struct nn_task *t);

#endif
