/* table.c: a table as one output. */
#include "table_parts.h"

#include "base/i18n.h"
#include "bundle.h"
#include "viz/escape.h"
#include "viz/table.h"

const char *viz_table_cell(const struct viz_table *t, size_t row, size_t column) {
    const char *cell = t->cells[row * t->n_columns + column];
    return cell ? cell : "";
}

const char *viz_table_color(const struct viz_table *t, size_t row, size_t column) {
    static const char *const color[] = {[VIZ_TONE_NONE] = NULL,
                                        [VIZ_TONE_GOOD] = "00875F",
                                        [VIZ_TONE_DOUBT] = "9A6A00",
                                        [VIZ_TONE_BAD] = "CC4E00"};
    return t->tone ? color[t->tone[row * t->n_columns + column]] : NULL;
}

bool viz_table_is_bold(const struct viz_table *t, size_t row) {
    return t->bold && t->bold[row];
}

bool viz_table_rule_after(const struct viz_table *t, size_t row) {
    return t->rule_after && t->rule_after[row] && row + 1 < t->n_rows;
}

bool viz_table_has_header(const struct viz_table *t) {
    for (size_t i = 0; i < t->n_columns; i++)
        if (t->columns[i].header && *t->columns[i].header)
            return true;
    return false;
}

const char *viz_table_header(const struct viz_table *t, size_t column) {
    return t->columns[column].header ? t->columns[column].header : "";
}

bool viz_table_wraps(const struct viz_table *t, size_t column, const char *text) {
    return t->wrap && t->columns[column].align == VIZ_LEFT &&
           viz_text_columns(text) > t->wrap;
}

int viz_table_check(const struct viz_table *t, struct err *e) {
    if (t->n_columns < 1 || t->n_columns > VIZ_COLUMNS_MAX)
        return err_set(e, ERR_ARG, _("una tabla tiene de 1 a %d columnas, no %zu"),
                       VIZ_COLUMNS_MAX, t->n_columns);
    if (t->n_rows > VIZ_ROWS_MAX)
        return err_set(e, ERR_ARG, _("una tabla tiene hasta %d filas, no %zu"),
                       VIZ_ROWS_MAX, t->n_rows);
    return 0;
}

int viz_table_done(const struct buf *out, struct err *e) {
    if (!out->failed)
        return 0;
    return err_set(e, ERR_NOMEM, _("no queda memoria para escribir la tabla"));
}

typedef int table_writer(struct buf *, const struct viz_table *, struct err *);

static int add_backend(struct mime_bundle *out, const char *type, table_writer *write,
                       const struct viz_table *t, struct err *e) {
    struct buf b;
    buf_init(&b, VIZ_TABLE_BYTES_MAX);
    int rc = write(&b, t, e);
    if (rc == 0 && !mime_add(out, type, b.data, b.len)) {
        b.failed = true;
        rc = viz_table_done(&b, e);
    }
    buf_release(&b);
    return rc;
}

int viz_table_bundle(struct mime_bundle *out, const struct viz_table *t, struct err *e) {
    *out = (struct mime_bundle){0};
    int rc = add_backend(out, "text/html", viz_table_html, t, e);
    if (rc == 0)
        rc = add_backend(out, "text/latex", viz_table_latex, t, e);
    if (rc == 0)
        rc = add_backend(out, "text/plain", viz_table_text, t, e);
    if (rc == 0)
        rc = viz_bundle_metadata(out, t->caption, t->label, 0, 0, e);
    if (rc)
        mime_release(out);
    return rc;
}
