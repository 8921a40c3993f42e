/* table.h: a table of strings as HTML, LaTeX (booktabs tabular) and aligned text.
 *
 *     const struct viz_column cols[] = {{"Clase", VIZ_LEFT}, {"F1", VIZ_RIGHT}};
 *     const char *const cells[] = {"camiseta", "0.84", "pantalón", "0.98"};
 *     viz_table_bundle(&b, &(struct viz_table){.columns = cols, .n_columns = 2,
 *                      .cells = cells, .n_rows = 2, .caption = "...",
 *                      .label = "tab:informe"}, e);
 *
 * Cells are plain UTF-8 text: each backend escapes what it has to, so that any student
 * string is safe. The LaTeX is the tabular alone: the report puts it into a table
 * environment with the caption of the metadata. Ownership: all borrowed. */
#ifndef VIZ_TABLE_H
#define VIZ_TABLE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/mime.h"

#include <stdbool.h>
#include <stddef.h>

enum { VIZ_COLUMNS_MAX = 256, VIZ_ROWS_MAX = 100000, VIZ_TABLE_BYTES_MAX = 16 << 20 };

/* CSS for a colour "00875F" that is readable on a light and on a dark page. */
#define VIZ_HTML_INK "color-mix(in srgb, #%s 70%%, currentColor)"

enum viz_align { VIZ_LEFT, VIZ_RIGHT, VIZ_CENTERED };

/* What a cell's colour says in HTML and LaTeX; the text says it in words. */
enum viz_tone { VIZ_TONE_NONE, VIZ_TONE_GOOD, VIZ_TONE_DOUBT, VIZ_TONE_BAD };

struct viz_column {
    const char *header; /* NULL or "": none; no header at all drops the header row */
    enum viz_align align;
};

struct viz_table {
    const struct viz_column *columns;
    size_t n_columns;         /* 1..VIZ_COLUMNS_MAX */
    const char *const *cells; /* n_rows * n_columns, row by row; NULL: empty */
    size_t n_rows;
    const bool *bold;          /* n_rows flags, or NULL: none */
    const bool *rule_after;    /* n_rows flags: a thin line below that row, or NULL */
    const enum viz_tone *tone; /* n_rows * n_columns, or NULL: none */
    size_t wrap;               /* left-aligned cells wider than this many columns of text
                                  go on in the next line; 0: never */
    const char *note;          /* a line below the table in HTML and text; NULL: none */
    const char *caption, *label;
};

/* ERR_ARG outside the limits, ERR_NOMEM. */
int viz_table_bundle(struct mime_bundle *out, const struct viz_table *t, struct err *e);
int viz_table_html(struct buf *out, const struct viz_table *t, struct err *e);
int viz_table_latex(struct buf *out, const struct viz_table *t, struct err *e);
int viz_table_text(struct buf *out, const struct viz_table *t, struct err *e);

#endif
