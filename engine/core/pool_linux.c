/* pool_linux.c: processors, futexes and threads for the pool. */
#include "pool_os.h"

#include "base/util.h"

#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static size_t cpus[CPU_SETSIZE]; /* the mask as a list, the first caller's one last */
static int n_cpus;

/* The container's share of processor time as a number of processors, or INT_MAX. */
static int quota(void) {
    FILE *f = fopen("/sys/fs/cgroup/cpu.max", "re");
    long long most = 0, period = 0;
    if (!f)
        return INT_MAX;
    bool limited = fscanf(f, "%lld %lld", &most, &period) == 2;
    (void)fclose(f);
    if (!limited || most <= 0 || period <= 0)
        return INT_MAX;
    return (int)MIN_OF((most + period - 1) / period, (long long)INT_MAX);
}

static void list_cpus(void) {
    cpu_set_t mask;
    CPU_ZERO(&mask);
    int mine = sched_getcpu();
    if (sched_getaffinity(0, sizeof mask, &mask) == 0)
        for (size_t i = 0; i < CPU_SETSIZE; i++)
            if (CPU_ISSET(i, &mask) && (int)i != mine)
                cpus[n_cpus++] = i;
    if (mine >= 0)
        cpus[n_cpus++] = (size_t)mine;
    n_cpus = MAX_OF(n_cpus, 1);
}

int nn_os_cpus(void) {
    pthread_once(&once, list_cpus);
    return MIN_OF(n_cpus, quota());
}

bool nn_os_thread(pthread_t *out, void *(*run)(void *), void *arg) {
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    sigset_t all, old;
    sigfillset(&all);
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) /* whoever handles them sees them */
        sigdelset(&all, faults[i]);
    if (pthread_sigmask(SIG_SETMASK, &all, &old) != 0)
        return false;
    bool ok = pthread_create(out, NULL, run, arg) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    return ok;
}

void nn_os_pin(int place) {
    pthread_once(&once, list_cpus);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpus[place % n_cpus], &one);
    /* Refused means only that the scheduler may move the thread. */
    (void)pthread_setaffinity_np(pthread_self(), sizeof one, &one);
}

void nn_os_wait(atomic_uint *word, unsigned seen) {
    (void)syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
}

void nn_os_wake(atomic_uint *word) {
    (void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

void nn_os_yield(void) {
    (void)sched_yield();
}
