/* pubtext.h: text joining an item of the publish queue: cleaned, counted, capped. */
#ifndef JUP_PUBTEXT_H
#define JUP_PUBTEXT_H

#include "message.h"

/* Adds the text to p, or at the end of a cell (finish) what the cleaner still holds.
 * When the cell passes cap bytes (as JSON; 0: no cap), says so once and marks the origin
 * as capped. */
void jup_pubtext_add(struct jup_pub *p, struct jup_origin *origin, const char *text,
                     size_t n, bool finish, size_t cap);

#endif
