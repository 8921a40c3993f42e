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
    struct jup_thread thread;
};

int jup_control_start(struct jup_control *c, struct err *e);

#endif
