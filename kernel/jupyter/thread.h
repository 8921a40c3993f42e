/* thread.h: service threads: small stacks, all signals blocked. */
#ifndef JUP_THREAD_H
#define JUP_THREAD_H

#include "base/err.h"

#include <pthread.h>
#include <stdbool.h>

struct jup_thread {
    pthread_t id;
    bool running;
};

/* Signals are left to the thread that runs cells. name: at most 15 bytes, for ps and
 * debuggers. ERR_IO. */
int jup_thread_start(struct jup_thread *t, const char *name, void *(*body)(void *),
                     void *arg, struct err *e);

/* Waits for its end. Nothing when it was never started. */
void jup_thread_join(struct jup_thread *t);

#endif
