/* pool_async.c: the helper thread that prepares things beside the caller's work. Tasks
 * stand in a list; whoever waits for one that has not begun takes it out and runs it. */
#include "nn/pool.h"

#include "nn/cpu.h"
#include "pool_os.h"

enum { TASK_NONE, TASK_QUEUED, TASK_RUNNING, TASK_DONE };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER; /* a task came or was done */
static struct nn_task *queue;                             /* oldest first */
static enum { HELPER_NONE, HELPER_RUNS, HELPER_REFUSED } helper;

/* Outside the lock; the state goes to done under it. */
static void run(struct nn_task *t) {
    unsigned long mode = nn_fp_enter();
    t->fn(t->ctx);
    nn_fp_leave(mode);
    pthread_mutex_lock(&lock);
    atomic_store(&t->state, TASK_DONE);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void *helper_main(void *arg) {
    (void)arg;
    nn_pool_stay_alone();
    for (;;) {
        pthread_mutex_lock(&lock);
        while (!queue)
            pthread_cond_wait(&changed, &lock);
        struct nn_task *t = queue;
        queue = t->next;
        atomic_store(&t->state, TASK_RUNNING);
        pthread_mutex_unlock(&lock);
        run(t);
    }
    return NULL;
}

/* With the lock held. */
static void start_helper(void) {
    pthread_t thread;
    if (helper != HELPER_NONE || nn_pool_threads() == 1)
        return;
    helper = HELPER_REFUSED;
    if (!nn_os_thread(&thread, helper_main, NULL))
        return;
    helper = HELPER_RUNS;
    (void)pthread_detach(thread);
}

void nn_pool_async(struct nn_task *t, void (*fn)(void *ctx), void *ctx) {
    t->fn = fn;
    t->ctx = ctx;
    t->next = NULL;
    pthread_mutex_lock(&lock);
    start_helper();
    atomic_store(&t->state, TASK_QUEUED);
    if (helper == HELPER_RUNS && nn_pool_threads() > 1) {
        struct nn_task **end = &queue;
        while (*end)
            end = &(*end)->next;
        *end = t;
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&lock);
}

/* With the lock held; a task that no helper was given stands in no list. */
static void take_out(struct nn_task *t) {
    for (struct nn_task **at = &queue; *at; at = &(*at)->next) {
        if (*at == t) {
            *at = t->next;
            return;
        }
    }
}

void nn_pool_wait(struct nn_task *t) {
    pthread_mutex_lock(&lock);
    bool mine = atomic_load(&t->state) == TASK_QUEUED;
    if (mine) {
        take_out(t);
        atomic_store(&t->state, TASK_RUNNING);
        pthread_mutex_unlock(&lock);
        run(t);
        pthread_mutex_lock(&lock);
    }
    while (atomic_load(&t->state) == TASK_RUNNING)
        pthread_cond_wait(&changed, &lock);
    atomic_store(&t->state, TASK_NONE);
    pthread_mutex_unlock(&lock);
}
