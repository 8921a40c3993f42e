/* escape.h: text made safe for HTML, LaTeX and terminals, and its width in columns.
 *
 * All take UTF-8; bytes that are not become U+FFFD. Control bytes become a space. */
#ifndef VIZ_ESCAPE_H
#define VIZ_ESCAPE_H

#include "base/buf.h"

#include <stdint.h>

/* Reads one code point at *s and moves *s behind it; U+FFFD (and one byte) for an invalid
 * sequence; 0 at the end, where *s stays. */
uint32_t viz_utf8_next(const char **s);

/* Appends a code point as UTF-8. */
void viz_utf8_put(struct buf *out, uint32_t c);

/* Columns that a text takes in a terminal: 0 for combining marks, 2 for East Asian wide
 * characters and emoji, 1 for the rest. */
size_t viz_text_columns(const char *s);

void viz_escape_html(struct buf *out, const char *s);
void viz_escape_latex(struct buf *out, const char *s);
void viz_escape_text(struct buf *out, const char *s); /* valid UTF-8, no control bytes */
void viz_escape_text_n(struct buf *out, const char *s, size_t n); /* its first n bytes */

#endif
