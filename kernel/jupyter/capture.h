/* capture.h: what the process itself writes to its standard output and error (a library's
 * printf, a child without pipes of its own) becomes output of the cell, and reaches the
 * former descriptors as well.
 *
 *     jup_capture_start(&c, &e);      after this, c.real[1] is where a log line goes
 *     jup_capture_drain(&c);          at the end of a cell: all that it wrote is published
 *     jup_capture_stop(&c);           the descriptors are as before
 *
 * One process has one pair of descriptors: one capture at a time. Threads: start, drain and
 * stop belong to the thread that runs cells. */
#ifndef JUP_CAPTURE_H
#define JUP_CAPTURE_H

#include "origins.h"
#include "pubqueue.h"
#include "thread.h"

struct jup_capture {
    struct jup_pubqueue *pub;
    struct jup_origins *origins;
    bool running; /* for the owner alone */
    pthread_mutex_t lock;
    int real[2]; /* copies of descriptors 1 and 2, or -1 */
    int pipe[2]; /* the ends that are read */
    int stop_fd;
    struct jup_thread thread;
};

void jup_capture_init(struct jup_capture *c);
/* ERR_IO when the system has no more descriptors; then nothing is changed. */
int jup_capture_start(struct jup_capture *c, struct err *e);
void jup_capture_drain(struct jup_capture *c);
/* What is in the pipes, without what C's streams hold: after a crash, from any thread. */
void jup_capture_pipes(struct jup_capture *c);
void jup_capture_stop(struct jup_capture *c);
void jup_capture_release(struct jup_capture *c);

#endif
