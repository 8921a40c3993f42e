/* table_text.c: a table as text in columns, with rules of '-' that every font has. */
#include "table_parts.h"

#include "base/util.h"
#include "viz/escape.h"

#include <string.h>

/* A piece of a cell: the bytes of one line of it. */
struct piece {
    const char *start;
    size_t len, columns;
};

/* The next line of *s, at most `most` columns wide (0: all of it); it breaks at a blank,
 * and inside of a word that is too long. *s goes behind it. */
static struct piece next_piece(const char **s, size_t most) {
    struct piece line = {.start = *s}, blank = {0};
    const char *p = *s, *after_blank = NULL;
    while (*p) {
        const char *at = p;
        uint32_t c = viz_utf8_next(&p);
        char one[8] = {0};
        memcpy(one, at, MIN_OF((size_t)(p - at), sizeof one - 1));
        size_t w = viz_text_columns(one);
        if (c == ' ') {
            blank = line;
            after_blank = p;
        }
        if (most && line.columns + w > most && line.len) {
            *s = after_blank ? after_blank : at;
            return after_blank ? blank : line;
        }
        line.len = (size_t)(p - line.start);
        line.columns += w;
    }
    *s = p;
    return line;
}

static size_t wrap_of(const struct viz_table *t, size_t column) {
    return t->columns[column].align == VIZ_LEFT ? t->wrap : 0;
}

static size_t column_width(const struct viz_table *t, size_t column) {
    size_t width = viz_text_columns(viz_table_header(t, column));
    for (size_t r = 0; r < t->n_rows; r++) {
        const char *s = viz_table_cell(t, r, column);
        while (*s) {
            struct piece line = next_piece(&s, wrap_of(t, column));
            width = MAX_OF(width, line.columns);
        }
    }
    return width;
}

static void put_spaces(struct buf *out, size_t n) {
    while (n-- > 0 && !out->failed)
        buf_putc(out, ' ');
}

/* The last column is not padded on its right: no line ends in blanks. */
static void put_piece(struct buf *out, struct piece line, size_t width, enum viz_align a,
                      bool last) {
    size_t pad = width > line.columns ? width - line.columns : 0;
    size_t left = a == VIZ_RIGHT ? pad : a == VIZ_CENTERED ? pad / 2 : 0;
    put_spaces(out, left);
    viz_escape_text_n(out, line.start, line.len);
    if (!last)
        put_spaces(out, pad - left + 2);
}

static void put_header(struct buf *out, const struct viz_table *t, size_t column,
                       size_t width) {
    const char *s = viz_table_header(t, column);
    put_piece(out, next_piece(&s, 0), width, t->columns[column].align,
              column + 1 == t->n_columns);
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

/* One row in as many lines as its longest cell needs. */
static void put_row(struct buf *out, const struct viz_table *t, size_t row,
                    const size_t *width) {
    const char *rest[VIZ_COLUMNS_MAX];
    bool more = true;
    for (size_t c = 0; c < t->n_columns; c++)
        rest[c] = viz_table_cell(t, row, c);
    while (more && !out->failed) {
        more = false;
        for (size_t c = 0; c < t->n_columns; c++) {
            put_piece(out, next_piece(&rest[c], wrap_of(t, c)), width[c],
                      t->columns[c].align, c + 1 == t->n_columns);
            more = more || *rest[c];
        }
        trim_line(out);
    }
}

static void put_rows(struct buf *out, const struct viz_table *t, const size_t *width) {
    for (size_t r = 0; r < t->n_rows && !out->failed; r++) {
        put_row(out, t, r, width);
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
            put_header(out, t, c, width[c]);
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
