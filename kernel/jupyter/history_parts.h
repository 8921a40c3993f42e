/* history_parts.h: what the files of the history share. */
#ifndef JUP_HISTORY_PARTS_H
#define JUP_HISTORY_PARTS_H

#include "history.h"

#include "base/util.h"

#include <stdlib.h>
#include <string.h>

enum { JUP_HISTORY_PATTERN = 1000 }; /* bytes of a glob */

/* All of these with the lock held. */

/* Opens the database if it is not; false when not even memory can be had. */
bool jup_history_ready(struct jup_history *h);
/* Goes on in memory. */
bool jup_history_fall_back(struct jup_history *h);
/* Cells are written in the order in which they ran. */
void jup_history_write_pending(struct jup_history *h);

/* Without the lock: ends the thread; nothing is pending afterwards. */
void jup_history_end_writing(struct jup_history *h);

#endif
