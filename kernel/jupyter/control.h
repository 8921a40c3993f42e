/* control.h: the thread that owns the control socket, and that watches over the end.
 *
 * It answers while a cell runs, sees SIGTERM and the death of the parent process, and when
 * the end was asked for it interrupts the cell again and again and, after
 * JUP_CLOSE_SECONDS, leaves without it. */
#ifndef JUP_CONTROL_H
#define JUP_CONTROL_H

#include "thread.h"
#include "wire.h"

#include <stdatomic.h>

#define JUP_CLOSE_SECONDS 1.5

struct jup_kernel;

struct jup_control {
    struct jup_wire wire;
    struct jup_kernel *kernel;
    int parent_fd;                /* pidfd of the parent process, or -1 */
    double usage_time, usage_cpu; /* of the last usage_request, seconds */
    atomic_bool stopped;
    pthread_mutex_t lock; /* of the list of answered debug requests */
    struct jup_message *done, *last_done;
    struct jup_thread thread;
};

void jup_control_init(struct jup_control *c);
void jup_control_release(struct jup_control *c);

/* From the thread that runs cells: the control thread sends m's reply and frees m. */
void jup_control_done(struct jup_control *c, struct jup_message *m);

int jup_control_start(struct jup_control *c, struct err *e);

#endif
