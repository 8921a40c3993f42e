/* table_latex.c: a table as a booktabs tabular, no vertical rules. The report puts it
 * into its table environment with caption and label. */
#include "table_parts.h"

#include "viz/escape.h"

static char column_letter(enum viz_align a) {
    return a == VIZ_RIGHT ? 'r' : a == VIZ_CENTERED ? 'c' : 'l';
}

static void put_header(struct buf *out, const struct viz_table *t) {
    for (size_t c = 0; c < t->n_columns; c++) {
        buf_puts(out, c ? " & " : "");
        viz_escape_latex(out, viz_table_header(t, c));
    }
    buf_puts(out, " \\\\\n\\midrule\n");
}

/* A sentence beside other columns would push the table off the page, or shrink it until
 * nobody reads it. */
static bool wraps_here(const struct viz_table *t, size_t c, const char *cell) {
    enum { BESIDE = 3, SENTENCE = 48 };
    return viz_table_wraps(t, c, cell) ||
           (t->n_columns > BESIDE && t->columns[c].align == VIZ_LEFT &&
            viz_text_columns(cell) > SENTENCE);
}

static void put_row(struct buf *out, const struct viz_table *t, size_t row) {
    for (size_t c = 0; c < t->n_columns; c++) {
        const char *cell = viz_table_cell(t, row, c);
        bool bold = viz_table_is_bold(t, row) && *cell;
        buf_puts(out, c ? " & " : "");
        const char *color = *cell ? viz_table_color(t, row, c) : NULL;
        bool wraps = wraps_here(t, c, cell);
        buf_puts(out, wraps ? "\\parbox[t]{0.5\\linewidth}{\\raggedright " : "");
        buf_puts(out, bold ? "\\textbf{" : "");
        if (color)
            buf_printf(out, "\\textcolor[HTML]{%s}{", color);
        viz_escape_latex(out, cell);
        buf_puts(out, color ? "}" : "");
        buf_puts(out, bold ? "}" : "");
        buf_puts(out, wraps ? "\\strut}" : "");
    }
    buf_puts(out, " \\\\\n");
    if (viz_table_rule_after(t, row))
        buf_puts(out, "\\midrule\n");
}

int viz_table_latex(struct buf *out, const struct viz_table *t, struct err *e) {
    int rc = viz_table_check(t, e);
    if (rc)
        return rc;
    buf_puts(out, "\\begin{tabular}{");
    for (size_t c = 0; c < t->n_columns; c++)
        buf_putc(out, column_letter(t->columns[c].align));
    buf_puts(out, "}\n\\toprule\n");
    if (viz_table_has_header(t))
        put_header(out, t);
    for (size_t r = 0; r < t->n_rows; r++)
        put_row(out, t, r);
    buf_puts(out, "\\bottomrule\n\\end{tabular}\n");
    return viz_table_done(out, e);
}
