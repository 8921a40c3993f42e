/* interrupt.h: stopping the running cell, from a signal or from a message.
 *
 * The rule: an interrupt concerns the request that is being executed when it is handled,
 * and nothing else. When nothing runs it does nothing, and nothing of it stays for the
 * next cell.
 *
 *     idle --begin--> starting --enter--> running --leave--> idle
 *
 * starting: busy has been said, the language is not in the cell yet. An interrupt is noted
 * and enter() answers false: the cell ends before its first step. running: it is handed to
 * interp->interrupt(). A message is handled under the lock that begin, enter and leave
 * take, so that it cannot reach a later cell. SIGINT is handled in the thread that runs
 * cells itself (the others block it), where the state cannot change meanwhile.
 *
 * Every interrupt also wakes whoever waits for input() and changes count. */
#ifndef JUP_INTERRUPT_H
#define JUP_INTERRUPT_H

#include "base/err.h"
#include "jupyter/interp.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

struct jup_interrupt {
    pthread_mutex_t lock;
    atomic_int state;
    atomic_bool noted;
    atomic_uint count;
    int wake_fd; /* eventfd that ends the wait of input() */
    int term_fd; /* eventfd: SIGTERM came */
    int done_fd; /* eventfd: an answer of the debugger waits for control */
    const struct interp *interp;
    struct sigaction old_int, old_term, old_pipe, old_size;
};

int jup_interrupt_init(struct jup_interrupt *x, struct err *e);
void jup_interrupt_release(struct jup_interrupt *x);

/* A request may begin inside of another one: leave takes what begin gave. */
int jup_interrupt_begin(struct jup_interrupt *x);
/* false: an interrupt came between begin and here. */
bool jup_interrupt_enter(struct jup_interrupt *x);
void jup_interrupt_leave(struct jup_interrupt *x, int before);

/* Interrupts what runs. Any thread. */
void jup_interrupt_now(struct jup_interrupt *x);

/* SIGINT interrupts, SIGTERM writes to term_fd, SIGPIPE and SIGXFSZ (a file
 * at its limit) are ignored: the write fails, and says so. One kernel per process
 * at a time; call from the thread that runs cells. */
void jup_interrupt_install(struct jup_interrupt *x);
void jup_interrupt_uninstall(struct jup_interrupt *x);

#endif
