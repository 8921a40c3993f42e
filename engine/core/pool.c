/* pool.c: the threads that share out loops. One job at a time: its chunks lie in an
 * atomic counter, from which the caller and the workers draw. A worker enters a job
 * through `inside`, then looks whether the job is still `open`; the caller closes the job
 * first and then waits until nobody is inside, so that a late worker never touches the
 * next job. */
#include "nn/pool.h"

#include "base/util.h"
#include "nn/cpu.h"
#include "pool_os.h"

#include <pthread.h>

#define SPIN_SECONDS 400e-6 /* how long a worker waits awake for the next job */

static struct {
    nn_pool_fn *fn;
    void *ctx;
    size_t n, grain;
    atomic_size_t next; /* first item that nobody has taken */
    atomic_uint open;   /* number of the job that may be entered, 0: none */
    atomic_int inside;  /* workers that may be looking at the job */
    atomic_uint ticket; /* number of the last job: workers wait for it to change */
    atomic_int sleepers;
    atomic_bool busy; /* one caller owns the pool */
    atomic_bool stop;
} job;

static pthread_t workers[NN_POOL_MAX];
static int n_workers;        /* threads that run; guarded by job.busy */
static atomic_int n_threads; /* what was asked for, the caller counted; 0: default */
static _Thread_local int in_job;
static double spin_seconds;

static void work(void) {
    size_t n = job.n, grain = job.grain;
    for (;;) {
        size_t first = atomic_fetch_add_explicit(&job.next, grain, memory_order_relaxed);
        if (first >= n)
            return;
        job.fn(job.ctx, first, MIN_OF(first + grain, n));
    }
}

/* Waits until the ticket is no longer seen: awake for a moment, then asleep. */
static unsigned await_ticket(unsigned seen) {
    double until = 0;
    for (int i = 0;; i++) {
        unsigned now = atomic_load(&job.ticket);
        if (now != seen)
            return now;
        nn_os_pause();
        if (i % 64)
            continue;
        double t = clock_seconds();
        if (until == 0)
            until = t + spin_seconds;
        if (t < until)
            continue;
        atomic_fetch_add(&job.sleepers, 1);
        nn_os_wait(&job.ticket, seen);
        atomic_fetch_sub(&job.sleepers, 1);
    }
}

static void *worker_main(void *arg) {
    nn_os_pin((int)(intptr_t)arg);
    (void)nn_fp_enter();
    in_job = 1;
    unsigned seen = 0;
    while (!atomic_load(&job.stop)) {
        seen = await_ticket(seen);
        atomic_fetch_add(&job.inside, 1);
        if (atomic_load(&job.open) == seen)
            work();
        atomic_fetch_sub(&job.inside, 1);
    }
    return NULL;
}

static unsigned new_ticket(void) {
    unsigned t = atomic_load(&job.ticket) + 1;
    return t ? t : 1; /* 0 means that no job is open */
}

/* Starts what is missing of n - 1 workers; fewer when the system refuses. */
static void start_workers(int n) {
    if (n_workers >= n - 1)
        return;
    if (n_workers == 0)
        spin_seconds = n > nn_os_cpus() ? 0 : SPIN_SECONDS;
    while (n_workers < n - 1) {
        void *place = (void *)(intptr_t)n_workers;
        if (!nn_os_thread(&workers[n_workers], worker_main, place)) {
            atomic_store(&n_threads, n_workers + 1); /* what the system allows */
            return;
        }
        n_workers++;
    }
}

static void stop_workers(void) {
    atomic_store(&job.stop, true);
    atomic_store(&job.ticket, new_ticket());
    nn_os_wake(&job.ticket);
    while (n_workers > 0)
        pthread_join(workers[--n_workers], NULL);
    atomic_store(&job.stop, false);
}

static void run_shared(nn_pool_fn *fn, void *ctx, size_t n, size_t grain) {
    job.fn = fn;
    job.ctx = ctx;
    job.n = n;
    job.grain = grain;
    atomic_store_explicit(&job.next, 0, memory_order_relaxed);
    unsigned t = new_ticket();
    atomic_store(&job.open, t);
    atomic_store(&job.ticket, t);
    if (atomic_load(&job.sleepers) > 0)
        nn_os_wake(&job.ticket);
    in_job++;
    work();
    in_job--;
    atomic_store(&job.open, 0);
    for (int i = 0; atomic_load(&job.inside) > 0; i++) {
        if (i < 4000)
            nn_os_pause();
        else
            nn_os_yield(); /* the worker lost its processor, perhaps to us */
    }
}

static void run_alone(nn_pool_fn *fn, void *ctx, size_t n, size_t grain) {
    for (size_t first = 0; first < n; first += MIN_OF(grain, n - first))
        fn(ctx, first, first + MIN_OF(grain, n - first));
}

void nn_pool_run(nn_pool_fn *fn, void *ctx, size_t n, size_t grain) {
    if (n == 0)
        return;
    grain = MAX_OF(grain, (size_t)1);
    unsigned long mode = nn_fp_enter();
    bool share = !in_job && n > grain && nn_pool_threads() > 1;
    if (share && !atomic_exchange(&job.busy, true)) {
        start_workers(nn_pool_threads());
        run_shared(fn, ctx, n, grain);
        atomic_store(&job.busy, false);
    } else {
        run_alone(fn, ctx, n, grain);
    }
    nn_fp_leave(mode);
}

void nn_pool_stay_alone(void) {
    in_job++;
}

static int default_threads(void) {
    const char *wanted = getenv("NABLA_THREADS");
    long n = wanted ? strtol(wanted, NULL, 10) : 0;
    return (int)(n > 0 ? MIN_OF(n, (long)NN_POOL_MAX)
                       : MIN_OF(nn_os_cpus(), NN_POOL_MAX));
}

int nn_pool_threads(void) {
    int n = atomic_load_explicit(&n_threads, memory_order_relaxed);
    if (n == 0) {
        n = default_threads();
        atomic_store(&n_threads, n);
    }
    return n;
}

void nn_pool_set_threads(int n) {
    while (atomic_exchange(&job.busy, true))
        nn_os_yield();
    stop_workers();
    atomic_store(&n_threads, MIN_OF(MAX_OF(n, 1), NN_POOL_MAX));
    atomic_store(&job.busy, false);
}
