/* clean.h: makes text fit for a notebook, also when it arrives in pieces.
 *
 *     struct jup_clean c = {0};
 *     jup_clean_feed(&c, bytes, n, &out);     as often as needed; out grows
 *     jup_clean_finish(&c, &out);             what was left half
 *
 * What goes through: valid UTF-8, newline, tab, carriage return, and colours (ESC [ ... m,
 * "SGR"). What does not: other control bytes (C0, DEL and C1) and other escape sequences,
 * because they break the LaTeX of an exported notebook. Invalid UTF-8 becomes U+FFFD, one
 * for each maximal subpart (Unicode 15, section 3.9, table 3-8). Sequences that are split
 * between two pieces are put together. */
#ifndef JUP_CLEAN_H
#define JUP_CLEAN_H

#include "base/buf.h"

enum { JUP_CLEAN_HELD = 64 };

struct jup_clean {
    unsigned char state, n;
    unsigned char lo, hi; /* UTF-8: limits of the next continuation byte */
    unsigned char left;   /* UTF-8: continuation bytes still to come */
    unsigned skipped;     /* bytes of a string sequence that were dropped */
    char held[JUP_CLEAN_HELD];
};

void jup_clean_feed(struct jup_clean *c, const char *text, size_t n, struct buf *out);
void jup_clean_finish(struct jup_clean *c, struct buf *out);

/* Whole text at once. */
void jup_clean_text(const char *text, size_t n, struct buf *out);

#endif
