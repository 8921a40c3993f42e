/* crash.h: a fatal signal in the thread that runs cells, or in one that works for it, is
 * told to the front end before the process ends.
 *
 * The handler runs on a stack of its own, tells the control thread through fd, and holds
 * its thread for good: what that thread was about to do can not be trusted any more. The
 * control thread answers in its place (jup_crash_answer) and ends the process with the same
 * signal (jup_crash_die), so that whoever watches it sees what happened. Should that hang,
 * on a lock that the held thread has, the handler ends the process after
 * JUP_CRASH_SECONDS.
 *
 * A signal in another thread is passed on to the one that runs cells, so that nothing
 * moves when control is told. The kernel's own threads block these signals: a fault there
 * ends the process at once. Builds with a sanitizer leave the signals to it. */
#ifndef JUP_CRASH_H
#define JUP_CRASH_H

#include "base/err.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { JUP_CRASH_SIGNALS = 5, JUP_CRASH_SECONDS = 10 };

/* For what the language can say and save; it may hang or crash again. */
#define JUP_RESCUE_SECONDS 3.0

struct jup_kernel;

struct jup_crash {
    int fd;            /* eventfd: the thread that runs cells is held */
    atomic_int number; /* of the signal, 0: none came */
    pthread_t thread;  /* that runs cells */
    void *stack;
    bool installed;
    stack_t old_stack;
    struct sigaction old[JUP_CRASH_SIGNALS];
};

int jup_crash_init(struct jup_crash *x, struct err *e);
void jup_crash_release(struct jup_crash *x);

/* From the thread that runs cells. Without memory for the stack nothing is installed. */
void jup_crash_install(struct jup_crash *x);
void jup_crash_uninstall(struct jup_crash *x);

/* Unblocks the fatal signals in the calling thread: a fault there is seen. */
void jup_crash_unblock(void);

/* Ends the process by the signal that came. Does not return. */
void jup_crash_die(const struct jup_crash *x);

/* crash_answer.c: in the control thread: error, reply and idle of what ran, and a reply to
 * all that waits. */
void jup_crash_answer(struct jup_kernel *k);

#endif
