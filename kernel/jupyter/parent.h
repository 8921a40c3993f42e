/* parent.h: the process whose death ends the kernel. */
#ifndef JUP_PARENT_H
#define JUP_PARENT_H

#include "log.h"

/* A pidfd of the process that JPY_PARENT_PID names (jupyter_client sets it): readable when
 * that process is gone. -1: there is none to watch. Process 1 is not watched: in a
 * container it is the launcher. */
int jup_parent_open(const struct jup_log *log);

#endif
