/* table_html.c: a table as HTML.
 *
 * JupyterLab cleans the HTML of a notebook that is not trusted: style elements go, a few
 * inline properties and plain elements stay. So the table carries its alignment and rules
 * inline, takes its colours from the page (light or dark), and marks bold rows with
 * <strong>. */
#include "table_parts.h"

#include "viz/escape.h"

static const char *align_name(enum viz_align a) {
    return a == VIZ_RIGHT ? "right" : a == VIZ_CENTERED ? "center" : "left";
}

struct cell {
    const char *tag, *text, *color; /* color NULL: the page's */
    bool bold, rule;
};

static void put_cell(struct buf *out, const struct viz_table *t, size_t column,
                     struct cell c) {
    buf_printf(out, "<%s style=\"text-align: %s%s", c.tag,
               align_name(t->columns[column].align),
               c.rule ? "; border-bottom: 1px solid" : "");
    if (c.color) { /* a quarter of the page's ink: paler on dark paper, deeper on white */
        buf_printf(out, "; color: #%s; color: " VIZ_HTML_INK, c.color, c.color);
    }
    buf_puts(out, "\">");
    if (c.bold)
        buf_puts(out, "<strong>");
    viz_escape_html(out, c.text);
    buf_printf(out, "%s</%s>", c.bold ? "</strong>" : "", c.tag);
}

static void put_header(struct buf *out, const struct viz_table *t) {
    buf_puts(out, "<thead><tr>");
    for (size_t c = 0; c < t->n_columns; c++)
        put_cell(
            out, t, c,
            (struct cell){.tag = "th", .text = viz_table_header(t, c), .rule = true});
    buf_puts(out, "</tr></thead>\n");
}

static void put_row(struct buf *out, const struct viz_table *t, size_t row) {
    buf_puts(out, "<tr>");
    for (size_t c = 0; c < t->n_columns; c++)
        put_cell(
            out, t, c,
            (struct cell){.tag = "td",
                          .text = viz_table_cell(t, row, c),
                          .color = viz_table_color(t, row, c),
                          .bold = viz_table_is_bold(t, row) || viz_table_color(t, row, c),
                          .rule = viz_table_rule_after(t, row)});
    buf_puts(out, "</tr>\n");
}

int viz_table_html(struct buf *out, const struct viz_table *t, struct err *e) {
    int rc = viz_table_check(t, e);
    if (rc)
        return rc;
    buf_puts(out, "<table class=\"nabla-table\">\n");
    if (t->caption) {
        buf_puts(out, "<caption>");
        viz_escape_html(out, t->caption);
        buf_puts(out, "</caption>\n");
    }
    if (viz_table_has_header(t))
        put_header(out, t);
    buf_puts(out, "<tbody>\n");
    for (size_t r = 0; r < t->n_rows; r++)
        put_row(out, t, r);
    buf_puts(out, "</tbody>\n</table>\n");
    if (t->note) {
        buf_puts(out, "<p><small>");
        viz_escape_html(out, t->note);
        buf_puts(out, "</small></p>\n");
    }
    return viz_table_done(out, e);
}
