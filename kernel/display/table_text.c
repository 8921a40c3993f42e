/* table_text.c: a table as text in columns, with rules of '-' that every font has. */
#include "table_parts.h"

#include "base/util.h"
#include "viz/escape.h"

static size_t column_width(const struct viz_table *t, size_t column) {
    size_t width = viz_text_columns(viz_table_header(t, column));
    for (size_t r = 0; r < t->n_rows; r++) {
        size_t w = viz_text_columns(viz_table_cell(t, r, column));
        width = MAX_OF(width, w);
    }
    return width;
}

static void put_spaces(struct buf *out, size_t n) {
    while (n-- > 0 && !out->failed)
        buf_putc(out, ' ');
}

/* The last column is not padded on its right: no line ends in blanks. */
static void put_cell(struct buf *out, const char *text, size_t width, enum viz_align a,
                     bool last) {
    size_t w = viz_text_columns(text), pad = width > w ? width - w : 0;
    size_t left = a == VIZ_RIGHT ? pad : a == VIZ_CENTERED ? pad / 2 : 0;
    put_spaces(out, left);
    viz_escape_text(out, text);
    if (!last)
        put_spaces(out, pad - left + 2);
}

static void put_rule(struct buf *out, const size_t *width, size_t n) {
    for (size_t c = 0; c < n; c++) {
        for (size_t i = 0; i < width[c]; i++)
            buf_putc(out, '-');
        buf_puts(out, c + 1 < n ? "  " : "\n");
    }
}

static void trim_line(struct buf *out) {
    while (!out->failed && out->len && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
    buf_putc(out, '\n');
}

static void put_rows(struct buf *out, const struct viz_table *t, const size_t *width) {
    for (size_t r = 0; r < t->n_rows && !out->failed; r++) {
        for (size_t c = 0; c < t->n_columns; c++)
            put_cell(out, viz_table_cell(t, r, c), width[c], t->columns[c].align,
                     c + 1 == t->n_columns);
        trim_line(out);
        if (viz_table_rule_after(t, r))
            put_rule(out, width, t->n_columns);
    }
}

int viz_table_text(struct buf *out, const struct viz_table *t, struct err *e) {
    size_t width[VIZ_COLUMNS_MAX];
    int rc = viz_table_check(t, e);
    if (rc)
        return rc;
    for (size_t c = 0; c < t->n_columns; c++)
        width[c] = column_width(t, c);
    if (viz_table_has_header(t)) {
        for (size_t c = 0; c < t->n_columns; c++)
            put_cell(out, viz_table_header(t, c), width[c], t->columns[c].align,
                     c + 1 == t->n_columns);
        trim_line(out);
        put_rule(out, width, t->n_columns);
    }
    put_rows(out, t, width);
    if (t->note) {
        viz_escape_text(out, t->note);
        buf_putc(out, '\n');
    }
    buf_puts(out, "");
    return viz_table_done(out, e);
}
